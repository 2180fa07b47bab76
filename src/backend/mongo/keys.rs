//! Integer keys (law W7): counted up in a document for each table, outside the transaction that takes them. So nobody waits for
//! another's transaction to get a key, and one that is rolled back leaves a gap.

use super::{checkout::Checkout, pool::Shared, schema::collection};
use crate::{Error, ErrorKind, Result, backend::value, schema::Table};
use mongodb::bson::{Bson, Document, doc};
use sea_orm::Value;
use std::sync::Arc;

/// The collection of counters.
pub(super) const COUNTERS: &str = "_seabed.counters";

/// Makes the integer keys that are not given (law W7); `ahead` where the given ones, wherever they stand, are below them.
pub(super) async fn give_keys(
    checkout: &Checkout,
    table: &Table,
    rows: &mut [Vec<Option<Value>>],
    order: &[usize],
    ahead: bool,
) -> Result<()> {
    let Some(auto) = table.auto_key() else { return Ok(()) };
    let shared = Arc::clone(checkout.shared());
    let at = |error: Error| error.entity(&table.name).field(&*table.columns[auto].name);
    if ahead {
        let given = order.iter().filter_map(|&row| value::whole_number(rows[row][auto].as_ref()?)).max();
        if let Some(given) = given {
            raise(&shared, table, given).await?;
        }
    }
    let mut next = 0;
    while next < order.len() {
        if let Some(value) = &rows[order[next]][auto] {
            if let Some(given) = value::whole_number(value).filter(|_| !ahead) {
                raise(&shared, table, given).await?;
            }
            next += 1;
            continue;
        }
        let missing = order[next..].iter();
        let run: Vec<usize> = if ahead {
            missing.filter(|&&row| rows[row][auto].is_none()).copied().collect()
        } else {
            missing.take_while(|&&row| rows[row][auto].is_none()).copied().collect()
        };
        let first = take(&shared, table, run.len()).await.map_err(at)?;
        for (key, row) in (first..).zip(run) {
            let key = value::stored(&table.columns[auto].kind, Value::from(key)).map_err(|_| at(used_up()))?;
            rows[row][auto] = Some(key);
        }
    }
    Ok(())
}

/// The first of `count` keys that nobody has had.
///
/// # Errors
/// `InvalidValue` where they are used up.
pub(super) async fn take(shared: &Arc<Shared>, table: &Table, count: usize) -> Result<i64> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    // A sum that does not fit is refused by the server, as a bad value.
    let last = move_up(shared, table, doc! { "$inc": { "last": count } })
        .await
        .map_err(|error| if error.is(ErrorKind::InvalidQuery) { used_up() } else { error })?;
    last.checked_sub(count).and_then(|before| before.checked_add(1)).ok_or_else(used_up)
}

/// That no key up to this one is made any more.
pub(super) async fn raise(shared: &Arc<Shared>, table: &Table, given: i64) -> Result<()> {
    move_up(shared, table, doc! { "$max": { "last": given } }).await.map(drop)
}

pub(super) fn used_up() -> Error {
    Error::new(ErrorKind::InvalidValue, "the integer keys are used up")
}

async fn move_up(shared: &Arc<Shared>, table: &Table, update: Document) -> Result<i64> {
    let name = collection(table);
    loop {
        let command = doc! {
            "findAndModify": COUNTERS, "query": { "_id": &name }, "update": update.clone(), "new": true,
            "writeConcern": { "w": "majority" },
        };
        let answer = shared.ask(command).await?;
        if let Ok(found) = answer.get_document("value") {
            return found.get_i64("last").map_err(|_| damaged());
        }
        begin(shared, table, &name).await?;
    }
}

/// A counter that is not there begins above the keys that are.
async fn begin(shared: &Arc<Shared>, table: &Table, name: &str) -> Result<()> {
    let column = table.auto_key().map_or("_id", |key| &table.columns[key].name);
    let find = doc! { "find": name, "sort": { column: -1 }, "limit": 1, "projection": { column: 1 } };
    let answer = shared.ask(find).await?;
    let rows = answer.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
    let highest = rows.ok().and_then(|rows| rows.first()?.as_document()?.get(column).cloned());
    let last = match highest {
        Some(Bson::Int32(key)) => i64::from(key),
        Some(Bson::Int64(key)) => key,
        _ => 0,
    };
    let insert = doc! {
        "insert": COUNTERS, "documents": [{ "_id": name, "last": last.max(0) }], "writeConcern": { "w": "majority" },
    };
    match shared.ask(insert).await {
        // Another began it at the same time.
        Err(error) if error.is(ErrorKind::UniqueViolation) => Ok(()),
        other => other.map(drop),
    }
}

fn damaged() -> Error {
    Error::new(ErrorKind::CorruptData, format!("a document of `{COUNTERS}` is none of ours"))
}
