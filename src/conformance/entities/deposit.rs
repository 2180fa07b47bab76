//! Writes that a service looks at before they happen.

use crate::{
    Error, Result,
    schema::rules::{Proposal, Proposed, Write},
};
use sea_orm::{Set, Value, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deposit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub amount: u32,
    pub holder: String,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::rules!(Entity { created_at: CreatedAt, validate: looked_at });

/// The holder whose deposits are never deleted, because a delete is looked at once and not row by row.
pub const KEPT: &str = "nobody deletes deposits";

fn looked_at(proposal: &Proposal<'_>) -> Result<()> {
    // The other rules and the normalisation come before: a number is the field's, a time is there.
    if proposal.write == Write::Insert && proposal.get::<DateTimeUtc>(Column::CreatedAt).is_none() {
        return Err(Error::rejected("a new row has its times by now"));
    }
    if proposal.get::<u32>(Column::Amount).is_some_and(|amount| amount > 1_000) {
        return Err(Error::rejected("a deposit is at most 1,000").field("amount"));
    }
    if let Some(Proposed::Increment(by)) = proposal.proposed(Column::Amount)
        && *by != Value::from(1_i64)
    {
        return Err(Error::rejected("a deposit grows by one").field("amount"));
    }
    if proposal.sets(Column::Holder) && proposal.get::<String>(Column::Holder).is_none_or(|name| name.is_empty()) {
        return Err(Error::rejected("a deposit has a holder").field("holder"));
    }
    if proposal.write == Write::Delete {
        return Err(Error::rejected(KEPT));
    }
    Ok(())
}

/// A deposit.
pub fn row(id: i32, amount: u32, holder: &str) -> ActiveModel {
    ActiveModel { id: Set(id), amount: Set(amount), holder: Set(holder.into()), ..Default::default() }
}
