//! Found by a text without regard to case, and by a number that is there where none is given.

use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub email: String,
    #[sea_orm(unique)]
    pub email_folded: String,
    #[sea_orm(unique, default_value = 7)]
    pub slot: i32,
    pub logins: i32,
}

impl ActiveModelBehavior for ActiveModel {}

crate::rules!(Entity { folded: [Email => EmailFolded] });

/// An account.
pub fn row(email: &str, slot: i32, logins: i32) -> ActiveModel {
    ActiveModel { email: Set(email.into()), slot: Set(slot), logins: Set(logins), ..Default::default() }
}
