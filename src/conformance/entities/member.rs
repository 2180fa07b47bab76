//! A primary key of two columns, one of them text.

use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub handle: String,
    pub role: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// A member with a role.
pub fn row(team: i32, handle: &str, role: &str) -> ActiveModel {
    ActiveModel { team_id: Set(team), handle: Set(handle.into()), role: Set(role.into()) }
}
