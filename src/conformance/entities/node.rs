//! A tree in one table: the entity is its own parent. In SeaORM's compact format.

use sea_orm::{Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "node")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub parent_id: Option<i32>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "Entity", from = "Column::ParentId", to = "Column::Id", on_delete = "Cascade")]
    Parent,
}

impl ActiveModelBehavior for ActiveModel {}

/// A node under this parent.
pub fn row(id: i32, parent: Option<i32>) -> ActiveModel {
    ActiveModel { id: Set(id), parent_id: Set(parent) }
}
