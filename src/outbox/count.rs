//! One row that counts: made where it is not there, else counted up, in one operation.

use crate::{
    Context, Error, ErrorKind, Result, Transaction,
    backend::{Change, ChangeTo, Insert, OnConflict, Operation, Outcome, Row},
    repository::{Entity, describe::described},
    schema::Name,
};
use sea_orm::Value;
use std::sync::Arc;

/// A row that a column of counts how often.
pub(super) struct Counted {
    /// The row, where it is not there: a value per column.
    pub new: Vec<(&'static str, Value)>,
    /// The unique key by which it is found.
    pub key: [&'static str; 2],
    /// The column that counts; it is one more where the row is there.
    pub counts: &'static str,
    /// What else is changed then.
    pub changes: Vec<(&'static str, Value)>,
}

impl Counted {
    /// Counts, and holds the row until the transaction ends; the row as it is then. Who counts the same row in another transaction
    /// waits for this one's end. A row that is met is no error, so it dooms nothing.
    ///
    /// # Errors
    /// `InvalidValue` with entity and field for what does not fit; what the server says.
    pub async fn up<E: Entity>(self, tx: &Transaction) -> Result<Row> {
        let table = described::<E>()?;
        let mut row = vec![None; table.columns.len()];
        for (column, value) in self.new {
            row[table.position(column)?] = Some(value);
        }
        let one = Change { column: self.counts.into(), to: ChangeTo::Increment(Value::from(1_i64)) };
        let others = self.changes.into_iter();
        let others = others.map(|(column, value)| Change { column: column.into(), to: ChangeTo::Value(value) });
        let on_conflict = OnConflict {
            key: self.key.map(Name::Borrowed).into(),
            take: Vec::new(),
            changes: [one].into_iter().chain(others).collect(),
            only: Vec::new(),
        };
        let insert = Insert { on_conflict: Some(on_conflict), ..Insert::of(Arc::clone(&table), vec![row]) };
        let row = match tx.scope().run(&Context::current(), Operation::Insert(insert)).await? {
            Outcome::Rows(rows) => rows.into_vec().pop(),
            Outcome::Affected(_) => None,
        };
        row.ok_or_else(|| Error::new(ErrorKind::Other, "one row was asked for").entity(&table.name))
    }
}
