//! Idempotency keys: a transaction leaves its name behind, in the same commit as all that it does.

use super::Open;
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Insert, Operation},
    schema::{Table, build},
};
use chrono::{DateTime, Utc};
use sea_orm::Value;
use std::sync::{Arc, OnceLock};

/// The table of keys.
///
/// # Errors
/// None: its definition is a constant.
pub fn table() -> Result<Arc<Table>> {
    static TABLE: OnceLock<Arc<Table>> = OnceLock::new();
    if let Some(table) = TABLE.get() {
        return Ok(Arc::clone(table));
    }
    let table = build::table("seabed_transaction").text("id", 255).instant("done_at").primary_key(&["id"]);
    let table = Arc::new(table.index(&["done_at"]).build()?);
    Ok(Arc::clone(TABLE.get_or_init(|| table)))
}

/// Writes the key into the open transaction, before anything else.
///
/// # Errors
/// `AlreadyDone` where a committed transaction has it; what the server says.
pub(super) async fn write(open: &Open, key: &str, now: DateTime<Utc>) -> Result<()> {
    if key.is_empty() {
        return Err(Error::new(ErrorKind::InvalidValue, "an idempotency key has 1 to 255 characters"));
    }
    let row = vec![Some(Value::from(key)), Some(Value::from(now))];
    let insert = Insert::of(table()?, vec![row]);
    match open.run(&Context::current(), Operation::Insert(insert)).await {
        Ok(_) => Ok(()),
        Err(error) if error.is(ErrorKind::UniqueViolation) => {
            let why = "a transaction with this idempotency key was committed before";
            Err(Error::new(ErrorKind::AlreadyDone, why).with_source(error))
        }
        Err(error) => Err(error),
    }
}
