//! Writes: insert, update, delete. Each is all or nothing; one that needs several statements runs in a transaction.

use super::{
    checkout::Checkout,
    condition::{filtered, filtered_write, gathered},
    statement::{Statement, parameters, size},
    upsert,
};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Change, ChangeTo, Delete, Filter, Insert, Operation, Outcome, Row, Rows, Select, Update,
        normalise::{
            key_of, restricts_itself,
            sequence::Sequence,
            upsert::{key_positions, sought},
        },
        progress::Counter,
    },
    schema::{Flavor, ForeignKey, Kind, Name, OnDelete, Table},
};
use sea_orm::Value;
use std::sync::Arc;

/// Rows that one INSERT carries at most; larger statements are not faster.
const ROWS: usize = 500;
/// Bytes that one INSERT carries, roughly: well below the 16 MiB that MariaDB takes by default.
const BYTES: usize = 4 << 20;

/// Whether the operation takes more than one statement, and so a transaction of its own.
pub(super) fn needs_transaction(flavor: Flavor, operation: &Operation) -> bool {
    match operation {
        Operation::Insert(insert) => {
            let auto = insert.table.auto_key();
            let explicit = auto.is_some_and(|key| insert.rows.iter().any(|row| row[key].is_some()));
            let steps = insert.on_conflict.as_ref().is_some_and(|it| flavor.is_mysql() || !it.only.is_empty());
            steps
                || (explicit && flavor == Flavor::Postgres)
                || (auto.is_some() && flavor == Flavor::MySql && insert.rows.len() > 1)
                || chunks(flavor, insert).len() > 1
        }
        Operation::Update(update) => update.returning && flavor.is_mysql(),
        _ => false,
    }
}

pub(super) async fn insert(checkout: &mut Checkout, mut insert: Insert) -> Result<Outcome> {
    let (flavor, table) = (checkout.flavor(), Arc::clone(&insert.table));
    let mut counter = Counter::new(insert.progress.take(), insert.rows.len());
    let mut answers: Vec<Option<Row>> = insert.rows.iter().map(|_| None).collect();
    let given = table.auto_key().filter(|_| flavor == Flavor::Postgres);
    let mut highest = 0;
    for chunk in chunks(flavor, &insert) {
        let rows: Vec<Vec<Option<Value>>> = chunk.iter().map(|&row| std::mem::take(&mut insert.rows[row])).collect();
        let explicit = given.filter(|&key| rows.iter().any(|row| row[key].is_some()));
        if let (Some(key), None, 1..) = (given, explicit, highest) {
            // Keys that are made now are above those that were given before, as on the other servers.
            advance(checkout, &table, key, std::mem::take(&mut highest)).await?;
        }
        let answered = match &insert.on_conflict {
            Some(on_conflict) if upsert::meets(&table, on_conflict, &rows)? => {
                upsert::chunk(checkout, &table, on_conflict, rows).await?
            }
            _ => insert_chunk(checkout, &table, rows).await?,
        };
        if let Some(key) = explicit {
            highest = answered.iter().map(|row| integer(&row[key])).fold(highest, i64::max);
        }
        counter.add(answered.len());
        for (row, answer) in chunk.into_iter().zip(answered) {
            answers[row] = Some(answer);
        }
    }
    if let Some(key) = given.filter(|_| highest > 0) {
        advance(checkout, &table, key, highest).await?;
    }
    Ok(Outcome::Rows(answers.into_iter().flatten().collect()))
}

/// The rows' positions, in groups that one statement can carry: rows of a group give a value for the same columns, and of an
/// upsert all of them may meet a row or none. Where order matters, a group ends where the next row is of another.
fn chunks(flavor: Flavor, insert: &Insert) -> Vec<Vec<usize>> {
    if insert.rows.len() == 1 {
        return vec![vec![0]];
    }
    let auto = insert.table.auto_key();
    let key = insert.on_conflict.as_ref().and_then(|it| key_positions(&insert.table, &it.key).ok());
    let group = |row: &[Option<Value>]| {
        (auto.is_some_and(|at| row[at].is_none()), key.as_ref().is_some_and(|key| sought(key, row).is_none()))
    };
    let mut sequence = Sequence::of(insert);
    if !sequence.related && insert.on_conflict.is_none() {
        sequence.order.sort_by_key(|&row| group(&insert.rows[row]));
    }
    let limit = if sequence.singly || (flavor == Flavor::MySql && auto.is_some()) { 1 } else { ROWS };
    let limit = limit.min(parameters(flavor) / insert.table.columns.len().max(1)).max(1);
    let mut chunks: Vec<Vec<usize>> = Vec::new();
    let (mut of, mut bytes) = ((false, false), 0_usize);
    for index in sequence.order {
        let row = &insert.rows[index];
        let (group, size) = (group(row), row.iter().flatten().map(size).sum());
        match chunks.last_mut() {
            Some(chunk) if group == of && chunk.len() < limit && bytes.saturating_add(size) <= BYTES => {
                bytes += size;
                chunk.push(index);
            }
            _ => {
                (of, bytes) = (group, size);
                chunks.push(vec![index]);
            }
        }
    }
    chunks
}

/// `INSERT INTO … VALUES …`, rows that give a value for the same columns; the table is called `alias` after it, where that is not
/// empty.
pub(super) fn insert_into(flavor: Flavor, table: &Table, alias: &str, rows: &mut [Vec<Option<Value>>]) -> Statement {
    let made = made(rows);
    let auto = table.auto_key();
    let mut s = Statement::new(flavor, "INSERT INTO ");
    s.table(table).push(alias).push(" (");
    let given = table.columns.iter().enumerate().filter(|(position, _)| !(made && auto == Some(*position)));
    s.list(", ", given, |s, (_, column)| {
        s.name(&column.name);
    });
    s.push(") VALUES ");
    s.list(", ", rows.iter_mut(), |s, row| {
        s.push("(");
        s.list(", ", row.iter_mut().filter_map(Option::take), |s, value| {
            s.bind(value);
        });
        s.push(")");
    });
    s
}

/// Whether the database makes the keys of these rows.
fn made(rows: &[Vec<Option<Value>>]) -> bool {
    rows.first().is_some_and(|row| row.iter().any(Option::is_none))
}

pub(super) async fn insert_chunk(
    checkout: &mut Checkout,
    table: &Table,
    mut rows: Vec<Vec<Option<Value>>>,
) -> Result<Vec<Row>> {
    let flavor = checkout.flavor();
    let made = made(&rows);
    // Kept only where the answer must be put into its order, or made of it.
    let keep = !made && (rows.len() > 1 || flavor == Flavor::MySql);
    let sent: Vec<Row> =
        if keep { rows.iter().map(|row| row.iter().flatten().cloned().collect()).collect() } else { Vec::new() };
    let mut s = insert_into(flavor, table, "", &mut rows);
    if flavor == Flavor::MySql {
        return without_returning(checkout, table, s, rows, sent).await;
    }
    s.push(" RETURNING ").columns(table);
    let kinds: Vec<&Kind> = table.columns.iter().map(|column| &column.kind).collect();
    let mut answers = checkout.fetch(s, &kinds, table).await?.into_vec();
    match table.auto_key() {
        // Keys grow in the order of the rows; a server may answer in another.
        Some(key) if made => answers.sort_by_key(|row| integer(&row[key])),
        _ => in_order(table, &sent, &mut answers),
    }
    Ok(answers)
}

/// MySQL has no RETURNING: what was sent is what is stored, for values were normalised, and a made key is told.
async fn without_returning(
    checkout: &mut Checkout,
    table: &Table,
    s: Statement,
    mut rows: Vec<Vec<Option<Value>>>,
    sent: Vec<Row>,
) -> Result<Vec<Row>> {
    let copy: Vec<Value> = s.values.clone();
    let (_, last) = checkout.execute(s, table).await?;
    let (Some(key), Some(_), true) = (table.auto_key(), rows.pop(), sent.is_empty()) else { return Ok(sent) };
    let mut row = copy;
    row.insert(key, crate::backend::value::stored(&table.columns[key].kind, Value::from(last))?);
    Ok(vec![row])
}

fn integer(value: &Value) -> i64 {
    match value {
        Value::SmallInt(Some(v)) => i64::from(*v),
        Value::Int(Some(v)) => i64::from(*v),
        Value::BigInt(Some(v)) => *v,
        _ => 0,
    }
}

/// Puts answers into the order of what was sent; nearly always they are in it.
fn in_order(table: &Table, sent: &[Row], answers: &mut [Row]) {
    let fits = |a: &Row, b: &Row| table.key.iter().all(|&key| a[key] == b[key]);
    for position in 0..sent.len().min(answers.len()) {
        if !fits(&sent[position], &answers[position])
            && let Some(other) = (position + 1..answers.len())
                .find(|&other| key_of(table, &answers[other]) == key_of(table, &sent[position]))
        {
            answers.swap(position, other);
        }
    }
}

/// An explicit key does not advance PostgreSQL's sequence, and a later made key would collide (law W7). Those who advance it do so
/// one after the other. Those who take keys do not wait, and the sequence must never go back over what they took: a short way
/// is gone key by key, and only one of more than a thousand at once.
async fn advance(checkout: &mut Checkout, table: &Table, key: usize, highest: i64) -> Result<()> {
    let mut name = String::new();
    Flavor::Postgres.table(&mut name, table);
    let mut s = Statement::new(Flavor::Postgres, "WITH q AS MATERIALIZED (SELECT pg_get_serial_sequence(");
    s.bind(Value::from(name)).push(", ").bind(Value::from(&*table.columns[key].name));
    s.push(") AS s), l AS MATERIALIZED (SELECT s, pg_advisory_xact_lock(hashtextextended(s, 0)) FROM q WHERE s IS NOT NULL), ");
    s.push("n AS MATERIALIZED (SELECT s, nextval(s) AS v FROM l) SELECT CASE WHEN v >= ").bind(Value::from(highest));
    s.push(" THEN v WHEN ").bind(Value::from(highest)).push(" - v > 1000 THEN setval(s, ").bind(Value::from(highest));
    s.push(") ELSE (SELECT max(nextval(s) + 0 * g) FROM generate_series(1, ")
        .bind(Value::from(highest))
        .push(" - v) AS g) END FROM n");
    checkout.fetch(s, &[&Kind::Int64], table).await.map(|_| ())
}

pub(super) async fn update(checkout: &mut Checkout, update: Update) -> Result<Outcome> {
    let sum = sum(&update.table, &update.changes);
    changed(checkout, update).await.map_err(|error| of_sum(error, sum))
}

/// The one column that is added to. A version is, where nothing else is.
pub(super) fn sum(table: &Table, changes: &[Change]) -> Option<Name> {
    let version = table.rules.version.map(|version| &table.columns[version].name);
    let added = |change: &&Change| matches!(change.to, ChangeTo::Increment(_));
    let mut sums = changes.iter().filter(added).map(|change| &change.column).filter(|column| Some(*column) != version);
    match (sums.next(), sums.next()) {
        (Some(only), None) => Some(only.clone()),
        (None, _) => changes.iter().find(added).map(|change| change.column.clone()),
        _ => None,
    }
}

/// Not every server names the column of a sum that is out of range; where one is added to, it is that.
pub(super) fn of_sum(error: Error, sum: Option<Name>) -> Error {
    match sum {
        Some(column) if error.is(ErrorKind::InvalidValue) && error.fields().is_empty() => error.field(column),
        _ => error,
    }
}

async fn changed(checkout: &mut Checkout, update: Update) -> Result<Outcome> {
    let (flavor, table) = (checkout.flavor(), update.table);
    let mut s = Statement::new(flavor, "UPDATE ");
    s.table(&table).push(" SET ");
    s.list(", ", update.changes, |s, change| {
        s.name(&change.column).push(" = ");
        match change.to {
            ChangeTo::Value(value) => s.bind(value),
            ChangeTo::Increment(by) => s.name(&change.column).push(" + ").bind(by),
        };
    });
    if !update.returning {
        filtered_write(&mut s, &table, update.filter)?;
        return checkout.execute(s, &table).await.map(|(rows, _)| Outcome::Affected(rows));
    }
    if flavor.is_mysql() {
        // Neither MySQL nor MariaDB 10.11 has UPDATE … RETURNING. The filter is on the key, which does not change; what it says
        // beside the key may have changed.
        let filter = update.filter.as_ref().map(|filter| by_key(&table, filter));
        filtered_write(&mut s, &table, update.filter)?;
        if checkout.execute(s, &table).await?.0 == 0 {
            return Ok(Outcome::Rows(Rows::default()));
        }
        return super::query::select(checkout, Select { filter, ..Select::all(table) }).await;
    }
    filtered_write(&mut s, &table, update.filter)?;
    s.push(" RETURNING ").columns(&table);
    let kinds: Vec<&Kind> = table.columns.iter().map(|column| &column.kind).collect();
    checkout.fetch(s, &kinds, &table).await.map(Outcome::Rows)
}

/// What a filter says of the primary key.
fn by_key(table: &Table, filter: &Filter) -> Filter {
    let is_key = |name: &str| table.key.iter().any(|&key| table.columns[key].name == name);
    match filter {
        Filter::And(all) => Filter::And(all.iter().map(|part| by_key(table, part)).collect()),
        Filter::Compare(name, ..) if is_key(name) => filter.clone(),
        _ => Filter::And(Vec::new()),
    }
}

pub(super) async fn delete(checkout: &mut Checkout, delete: Delete) -> Result<Outcome> {
    for foreign_key in delete.table.foreign_keys.iter().filter(|key| restricts_itself(&delete.table, key)) {
        if is_referred_to(checkout, &delete, foreign_key).await? {
            let why = "rows of the same table refer to it: delete them before it";
            let error = Error::new(ErrorKind::ForeignKeyViolation, why).entity(&delete.table.name);
            return Err(error.constraint(&foreign_key.name));
        }
    }
    let table = &*delete.table;
    let mut s = Statement::new(checkout.flavor(), "DELETE FROM ");
    s.table(table);
    let forgets = |key: &ForeignKey| key.parent == table.name && key.on_delete == OnDelete::SetNull;
    match delete.filter {
        // A child whose reference became null meanwhile could begin to match.
        Some(filter) if s.flavor.is_mysql() && table.foreign_keys.iter().any(forgets) => {
            gathered(&mut s, table, filter)?;
        }
        filter => filtered_write(&mut s, table, filter)?,
    }
    checkout.execute(s, table).await.map(|(rows, _)| Outcome::Affected(rows))
}

/// Whether a row that would go is referred to. Where its child goes with the same call, PostgreSQL deletes both, SQLite and MySQL
/// only where they come to the child first, and MySQL never a row that refers to itself: so all refuse it.
async fn is_referred_to(checkout: &mut Checkout, delete: &Delete, foreign_key: &ForeignKey) -> Result<bool> {
    let table = &*delete.table;
    let mut s = Statement::new(checkout.flavor(), "SELECT 1 FROM ");
    s.table(table).push(" AS child WHERE (");
    s.list(", ", table.names(&foreign_key.columns), |s, column| {
        s.push("child.").name(column);
    });
    s.push(") IN (SELECT ");
    s.list(", ", &foreign_key.parent_columns, |s, column| {
        s.name(column);
    });
    s.push(" FROM ").table(table);
    filtered(&mut s, table, delete.filter.clone())?;
    s.push(") LIMIT 1");
    checkout.fetch(s, &[], table).await.map(|rows| !rows.is_empty())
}
