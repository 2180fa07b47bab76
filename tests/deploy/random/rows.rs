//! Rows of tables that nobody has a model of, over the erased plane.

use super::{change::distinct, spec::Spec};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use seabed::{
    Context, Database, Result,
    backend::{Insert, Operation, Outcome, Row, Select},
    schema::{Column, Kind, Table},
    sea_orm::Value,
};
use std::sync::Arc;

/// How many rows each table has at first.
pub const ROWS: i64 = 3;

/// The value of this row; small, so that most values go over into most types.
fn value(spec: &Spec, column: &Column, k: i64) -> Value {
    let unique = spec.indexes.iter().any(|ix| ix.unique && ix.columns.iter().any(|it| *it == column.name));
    if column.nullable && k == 2 {
        return column.kind.null();
    }
    if spec.references.iter().any(|it| it.column == column.name) {
        return (1 + k % ROWS).into();
    }
    let k = if unique || distinct(&column.kind) { k } else { k % 2 };
    let narrow = |k: i64| i16::try_from(k).unwrap_or_default();
    let day = NaiveDate::from_ymd_opt(2026, 2, 28).and_then(|day| day.checked_add_days(Days::new(k.unsigned_abs())));
    let day = day.unwrap_or_default();
    let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(k).unwrap_or_default(), 456_000_000);
    let time = time.unwrap_or_default();
    match &column.kind {
        Kind::Bool => (k % 2 == 0).into(),
        Kind::Int8 | Kind::UInt8 | Kind::Int16 => narrow(k).into(),
        Kind::Int32 | Kind::UInt16 => i32::from(narrow(k)).into(),
        Kind::Double => f64::from(narrow(k)).into(),
        Kind::Decimal { scale, .. } => Decimal::new(k * 10_i64.pow(*scale), *scale).into(),
        Kind::Text { .. } => k.to_string().into(),
        Kind::Enum { variants } => variants[0].clone().into(),
        Kind::Bytes => vec![u8::try_from(k).unwrap_or_default(); 2].into(),
        Kind::Json => serde_json::json!({ "k": k }).into(),
        Kind::Uuid => uuid::Uuid::from_u128(u128::try_from(k).unwrap_or_default()).into(),
        Kind::Instant => DateTime::<Utc>::from_naive_utc_and_offset(day.and_time(time), Utc).into(),
        Kind::DateTime => day.and_time(time).into(),
        Kind::Date => day.into(),
        Kind::Time => time.into(),
        _ => k.into(),
    }
}

/// Inserts the row of this number.
pub async fn insert(db: &Database, spec: &Spec, table: &Arc<Table>, k: i64) -> Result<()> {
    let row = table.columns.iter().map(|column| (!column.auto_increment).then(|| value(spec, column, k))).collect();
    let insert = Operation::Insert(Insert::of(Arc::clone(table), vec![row]));
    db.backend().run(&Context::default(), insert).await.map(drop)
}

/// All rows, by their key.
pub async fn read(db: &Database, table: &Arc<Table>) -> Result<Vec<Row>> {
    let Outcome::Rows(rows) =
        db.backend().run(&Context::default(), Operation::Select(Select::all(Arc::clone(table)))).await?
    else {
        return Ok(Vec::new());
    };
    let mut rows = rows.into_vec();
    let key = table.position("id")?;
    rows.sort_by_key(|row| match row[key] {
        Value::BigInt(Some(id)) => id,
        _ => 0,
    });
    Ok(rows)
}
