//! How a `validate` rule asks what a write would do.

use super::codec;
use crate::schema::rules::{Proposal, Proposed};
use sea_orm::{IdenStatic, Value, sea_query::ValueType};

/// Columns are said as the entity has them: `proposal.get::<i64>(Column::Balance)`.
///
/// ```
/// mod account {
///     use sea_orm::entity::prelude::*;
///     use seabed::{Error, Result, schema::rules::Proposal};
///
///     #[sea_orm::model]
///     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
///     #[sea_orm(table_name = "account")]
///     pub struct Model {
///         #[sea_orm(primary_key)]
///         pub id: i64,
///         pub balance: i64,
///     }
///     impl ActiveModelBehavior for ActiveModel {}
///
///     seabed::rules!(Entity { validate: never_below_zero });
///
///     fn never_below_zero(proposal: &Proposal<'_>) -> Result<()> {
///         match proposal.get::<i64>(Column::Balance) {
///             Some(balance) if balance < 0 => Err(Error::rejected("an account is not overdrawn").field("balance")),
///             _ => Ok(()),
///         }
///     }
/// }
/// use seabed::prelude::*;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = Database::memory();
/// db.create_tables(&seabed::entities![account]).await?;
/// let accounts = db.repository::<account::Entity>();
/// let error = accounts.insert(account::ActiveModel { balance: Set(-1), ..Default::default() }).await.unwrap_err();
/// assert_eq!((error.kind(), error.entity_name()), (ErrorKind::Rejected, Some("account")));
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
impl Proposal<'_> {
    /// What the column becomes; none where it stays as it is.
    pub fn proposed(&self, column: impl IdenStatic) -> Option<Proposed<'_>> {
        let name = column.as_str();
        self.cells.iter().find(|(cell, _)| cell == name).map(|(_, proposed)| *proposed)
    }

    /// Whether the column gets a value, null included, or is added to. A new row sets every column but a key that the database
    /// makes.
    pub fn sets(&self, column: impl IdenStatic) -> bool {
        self.proposed(column).is_some()
    }

    /// The value that the column gets, as it is stored; none where it stays as it is, or is added to.
    pub fn value(&self, column: impl IdenStatic) -> Option<&Value> {
        match self.proposed(column)? {
            Proposed::Value(value) => Some(value),
            Proposed::Increment(_) => None,
        }
    }

    /// The same as the model's field has it. None also where it is null, and where it is no `T`.
    pub fn get<T: ValueType>(&self, column: impl IdenStatic) -> Option<T> {
        let value = codec::loaded(&T::array_type(), self.value(column)?.clone()).ok()?;
        T::try_from(value).ok()
    }
}
