//! A tree in one table whose rows keep their parents.

use sea_orm::{Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "branch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub parent_id: Option<i32>,
    #[sea_orm(unique)]
    pub place: Option<i32>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "Entity", from = "Column::ParentId", to = "Column::Id", on_delete = "Restrict")]
    Parent,
}

impl ActiveModelBehavior for ActiveModel {}

/// A branch under this one.
pub fn row(id: i32, parent: Option<i32>) -> ActiveModel {
    ActiveModel { id: Set(id), parent_id: Set(parent), place: Set(Some(id)) }
}
