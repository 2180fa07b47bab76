//! Upserts on one named key (law W4).
//!
//! SQLite and PostgreSQL say which key they mean: `ON CONFLICT (key) DO UPDATE`. MySQL's `ON DUPLICATE KEY UPDATE` reacts to
//! whichever unique key is met, and would change a row that nobody named; there it takes steps: an UPDATE by the key, an INSERT
//! where that finds nothing, and the UPDATE again where another insert of this key was faster.

use super::{
    checkout::Checkout,
    condition::filtered,
    statement::Statement,
    write::{insert_chunk, insert_into, of_sum, sum, update},
};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Change, ChangeTo, Comparison, Filter, Must, OnConflict, Operation, Outcome, Row, Rows, Update,
        normalise::{
            identity::identity,
            upsert::{key_positions, sought},
        },
        value::{compared, is_null},
    },
    schema::{Flavor, Kind, Name, Table},
};
use sea_orm::Value;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How often an upsert is tried that loses a deadlock, or that others overtake.
const TRIES: u32 = 10;

/// What an insert that met a row says in place of the key made last.
const MET: i64 = i64::MAX;

/// A new row.
type New = Vec<Option<Value>>;

/// Two that lost to each other wait unlike times, or they would meet again.
pub(super) async fn wait(tries_left: u32) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_micros());
    let most = 5_000 * (TRIES.saturating_sub(tries_left)).max(1);
    tokio::time::sleep(Duration::from_micros(u64::from(now % most))).await;
}

/// How often an operation by itself is tried that loses a deadlock: rows of an upsert are locked in the order in which they are
/// given, and two callers may give them in unlike orders.
pub(super) fn tries(operation: &Operation) -> u32 {
    if matches!(operation, Operation::Insert(insert) if insert.on_conflict.is_some()) { TRIES } else { 1 }
}

/// Whether these rows, all or none, may meet a row by the key.
pub(super) fn meets(table: &Table, on_conflict: &OnConflict, rows: &[New]) -> Result<bool> {
    let key = key_positions(table, &on_conflict.key)?;
    Ok(rows.first().is_some_and(|row| sought(&key, row).is_some()))
}

/// Writes rows that all have a key, none of them the same; answers them in order.
pub(super) async fn chunk(
    checkout: &mut Checkout,
    table: &Arc<Table>,
    on_conflict: &OnConflict,
    rows: Vec<New>,
) -> Result<Vec<Row>> {
    let upsert = Upsert { table, on_conflict, key: key_positions(table, &on_conflict.key)? };
    if checkout.flavor().is_mysql() {
        upsert.in_steps(checkout, rows).await
    } else {
        upsert.at_once(checkout, rows).await
    }
}

struct Upsert<'u> {
    table: &'u Arc<Table>,
    on_conflict: &'u OnConflict,
    key: Vec<usize>,
}

impl Upsert<'_> {
    /// One statement. A row that does not come back was there and is not as it must be.
    async fn at_once(&self, checkout: &mut Checkout, mut rows: Vec<New>) -> Result<Vec<Row>> {
        let wanted: Vec<String> = rows.iter().map(|row| self.identity_of_new(row)).collect();
        let new = if self.on_conflict.only.is_empty() { Vec::new() } else { rows.clone() };
        let mut s = insert_into(checkout.flavor(), self.table, " AS was", &mut rows);
        s.push(" ON CONFLICT (");
        s.list(", ", &self.on_conflict.key, |s, column| {
            s.name(column);
        });
        s.push(") DO UPDATE SET ");
        self.changes(&mut s);
        self.conditions(&mut s);
        s.push(" RETURNING ").columns(self.table);
        let kinds: Vec<&Kind> = self.table.columns.iter().map(|column| &column.kind).collect();
        let sum = sum(self.table, &self.on_conflict.changes);
        let found = checkout.fetch(s, &kinds, self.table).await.map_err(|error| of_sum(error, sum))?;
        let mut found = self.by_key(found.into_vec());
        let mut answers = Vec::with_capacity(wanted.len());
        for (index, wanted) in wanted.iter().enumerate() {
            match (found.remove(wanted), new.get(index)) {
                (Some(row), _) => answers.push(row),
                (None, Some(new)) => return Err(self.refused(checkout, new).await?),
                (None, None) => return Err(overtaken(self.table)),
            }
        }
        Ok(answers)
    }

    /// A column that no key has, where there is one: of a row that refers to itself SQLite counts a parent too many when the key
    /// is written again, and then misses one that is not there.
    fn unconcerned(&self) -> &Name {
        let table = self.table;
        let indexed = |at: usize| {
            let mut columns = table.indexes.iter().map(|index| &index.columns);
            table.key.contains(&at) || columns.any(|columns| columns.contains(&at))
        };
        let refers = |at: usize| table.foreign_keys.iter().any(|key| key.columns.contains(&at));
        let mut free = (0..table.columns.len()).filter(|&at| !indexed(at) && !refers(at));
        free.next().map_or(&self.on_conflict.key[0], |at| &table.columns[at].name)
    }

    fn changes(&self, s: &mut Statement) {
        let (take, changes) = (&self.on_conflict.take, &self.on_conflict.changes);
        if take.is_empty() && changes.is_empty() {
            // Only a row that is updated comes back.
            let column = self.unconcerned();
            s.name(column).push(" = was.").name(column);
            return;
        }
        s.list(", ", take, |s, column| {
            s.name(column).push(" = excluded.").name(column);
        });
        if !take.is_empty() && !changes.is_empty() {
            s.push(", ");
        }
        s.list(", ", changes, |s, change| {
            s.name(&change.column).push(" = ");
            match &change.to {
                ChangeTo::Value(value) => s.bind(value.clone()),
                ChangeTo::Increment(by) => s.push("was.").name(&change.column).push(" + ").bind(by.clone()),
            };
        });
    }

    fn conditions(&self, s: &mut Statement) {
        if self.on_conflict.only.is_empty() {
            return;
        }
        s.push(" WHERE ");
        let same = if s.flavor == Flavor::Sqlite { " IS " } else { " IS NOT DISTINCT FROM " };
        s.list(" AND ", &self.on_conflict.only, |s, only| {
            match &only.must {
                Must::Never => s.push("1 = 0"),
                Must::EqualNew => s.push("was.").name(&only.column).push(same).push("excluded.").name(&only.column),
                Must::Equal(value) if is_null(value) => s.push("was.").name(&only.column).push(" IS NULL"),
                Must::Equal(value) => s.push("was.").name(&only.column).push(" = ").bind(value.clone()),
            };
        });
    }

    /// The error for a row that is there and not as it must be. What was written before it is rolled back with it.
    async fn refused(&self, checkout: &mut Checkout, new: &New) -> Result<Error> {
        let there = self.locked(checkout, new).await?;
        let unmet = there.and_then(|there| self.on_conflict.unmet(self.table, new, &there));
        Ok(unmet.unwrap_or_else(|| overtaken(self.table)))
    }

    /// Writes row by row in their order; rows that nobody has are inserted together.
    async fn in_steps(&self, checkout: &mut Checkout, rows: Vec<New>) -> Result<Vec<Row>> {
        // All rows that are there are locked at once, in the key's order: so two callers do not wait for each other.
        let known = if rows.len() > 1 { Some(self.find(checkout, &rows, true).await?) } else { None };
        let missing = |row: &New| known.as_ref().is_some_and(|known| !known.contains_key(&self.identity_of_new(row)));
        let mut at = 0;
        while at < rows.len() {
            let end = at + rows[at..].iter().take_while(|row| missing(row)).count();
            if end > at + 1 {
                match insert_chunk(checkout, self.table, rows[at..end].to_vec()).await {
                    Ok(_) => {}
                    // Somebody was faster, or it is another key: step by step it comes out.
                    Err(error) if error.is(ErrorKind::UniqueViolation) => {
                        for row in &rows[at..end] {
                            self.step(checkout, row).await?;
                        }
                    }
                    Err(error) => return Err(error),
                }
                at = end;
            } else {
                self.step(checkout, &rows[at]).await?;
                at += 1;
            }
        }
        let mut written = self.find(checkout, &rows, false).await?;
        let answer = |row: &New| written.remove(&self.identity_of_new(row)).ok_or_else(|| overtaken(self.table));
        rows.iter().map(answer).collect()
    }

    /// One row: changes the one that has its key, or inserts it.
    async fn step(&self, checkout: &mut Checkout, new: &New) -> Result<()> {
        for _ in 0..TRIES {
            if self.change(checkout, new).await? {
                return Ok(());
            }
            if let Some(there) = self.locked(checkout, new).await? {
                match self.on_conflict.unmet(self.table, new, &there) {
                    Some(error) => return Err(error),
                    None if self.on_conflict.take.is_empty() && self.on_conflict.changes.is_empty() => return Ok(()),
                    // It came in between.
                    None => continue,
                }
            }
            if self.insert(checkout, new).await? {
                return Ok(());
            }
            if self.locked(checkout, new).await?.is_none() {
                // It met a row by another key: a plain insert says by which.
                return insert_chunk(checkout, self.table, vec![new.clone()]).await.map(drop);
            }
        }
        Err(overtaken(self.table))
    }

    /// Inserts a row unless one of its keys is taken, by whomever; whether it did.
    ///
    /// A plain insert that meets a row keeps a shared lock on it, and two of them would then wait for each other to change it. What
    /// stands after `ON DUPLICATE KEY UPDATE` makes that lock exclusive; it changes nothing, whichever key was met, and says that
    /// it was there in place of the last key made (MySQL 8.0, 12.15 and 15.7.3).
    async fn insert(&self, checkout: &mut Checkout, new: &New) -> Result<bool> {
        let mut s = insert_into(checkout.flavor(), self.table, "", &mut [new.clone()]);
        let key = &self.on_conflict.key[0];
        s.push(" ON DUPLICATE KEY UPDATE ")
            .name(key)
            .push(" = IF(LAST_INSERT_ID(")
            .bind(Value::from(MET))
            .push(") > 0, ");
        s.name(key).push(", ").name(key).push(")");
        checkout.execute(s, self.table).await.map(|(_, last)| last != MET)
    }

    /// Changes the row that has the new one's key and is as it must be; whether there is one.
    async fn change(&self, checkout: &mut Checkout, new: &New) -> Result<bool> {
        let take = self.on_conflict.take.iter().map(|column| {
            let value = new[self.table.position(column)?].clone().ok_or_else(|| overtaken(self.table))?;
            Ok(Change { column: column.clone(), to: ChangeTo::Value(value) })
        });
        let mut changes = take.collect::<Result<Vec<_>>>()?;
        changes.extend(self.on_conflict.changes.iter().cloned());
        if changes.is_empty() {
            return Ok(false);
        }
        let mut filter = vec![self.same_key(new)];
        for only in &self.on_conflict.only {
            let value = match &only.must {
                Must::Never => None,
                Must::Equal(value) => Some(value.clone()),
                Must::EqualNew => new[self.table.position(&only.column)?].clone(),
            };
            filter.push(match value {
                None => Filter::Or(Vec::new()),
                Some(value) if is_null(&value) => Filter::IsNull(only.column.clone()),
                Some(value) => Filter::Compare(only.column.clone(), Comparison::Eq, value),
            });
        }
        let update_there = Update { filter: Some(Filter::And(filter)), ..Update::all(Arc::clone(self.table), changes) };
        Ok(matches!(update(checkout, update_there).await?, Outcome::Affected(rows) if rows > 0))
    }

    /// The row that has the new one's key, held until the transaction ends.
    async fn locked(&self, checkout: &mut Checkout, new: &New) -> Result<Option<Row>> {
        Ok(self.rows(checkout, self.same_key(new), true).await?.pop())
    }

    /// The rows that have the key of one of these, by what their key is; locked in the key's order where that is asked.
    async fn find(&self, checkout: &mut Checkout, rows: &[New], lock: bool) -> Result<HashMap<String, Row>> {
        let filter = match self.key.as_slice() {
            [only] => {
                let values = rows.iter().filter_map(|row| self.sought(row, *only)).collect();
                Filter::In(self.table.columns[*only].name.clone(), values)
            }
            _ => Filter::Or(rows.iter().map(|row| self.same_key(row)).collect()),
        };
        self.rows(checkout, filter, lock).await.map(|rows| self.by_key(rows))
    }

    async fn rows(&self, checkout: &mut Checkout, filter: Filter, lock: bool) -> Result<Vec<Row>> {
        let mut s = Statement::new(checkout.flavor(), "SELECT ");
        s.columns(self.table).push(" FROM ").table(self.table);
        filtered(&mut s, self.table, Some(filter))?;
        if lock && checkout.flavor() != Flavor::Sqlite {
            s.push(" ORDER BY ");
            s.list(", ", &self.on_conflict.key, |s, column| {
                s.name(column);
            });
            s.push(" FOR UPDATE");
        }
        let kinds: Vec<&Kind> = self.table.columns.iter().map(|column| &column.kind).collect();
        checkout.fetch(s, &kinds, self.table).await.map(Rows::into_vec)
    }

    fn same_key(&self, new: &New) -> Filter {
        let part = |&position: &usize| {
            let value = self.sought(new, position)?;
            Some(Filter::Compare(self.table.columns[position].name.clone(), Comparison::Eq, value))
        };
        Filter::And(self.key.iter().filter_map(part).collect())
    }

    /// A value as filters carry it: what is stored is never more exact than what is compared.
    fn sought(&self, new: &New, position: usize) -> Option<Value> {
        compared(&self.table.columns[position].kind, new[position].clone()?).ok().map(|(value, _)| value)
    }

    fn by_key(&self, rows: Vec<Row>) -> HashMap<String, Row> {
        rows.into_iter().map(|row| (identity(self.key.iter().map(|&position| &row[position])), row)).collect()
    }

    fn identity_of_new(&self, row: &New) -> String {
        identity(self.key.iter().filter_map(|&position| row[position].as_ref()))
    }
}

/// Others wrote the same row between each two steps.
fn overtaken(table: &Table) -> Error {
    let why = "others wrote the row at the same time, again and again: run it again";
    Error::new(ErrorKind::Serialization, why).entity(&table.name)
}
