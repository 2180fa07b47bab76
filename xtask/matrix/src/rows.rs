//! Rows through the repository of a version, as values by column.

use anyhow::Result;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ActiveModelTrait, IdenStatic, Iterable, ModelTrait, Value};
use seabed::{
    Database, Entity,
    repository::{EntityInfo, all, codec},
    schema::{Column, Kind},
};
use std::{collections::BTreeMap, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

/// The values of a row.
pub type Row = BTreeMap<String, Value>;
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// One entity, whichever it is.
pub trait Rows {
    /// What it wants of a table.
    fn info(&self) -> EntityInfo;
    /// Inserts the row of this number, as `value` says it of each column but a made key.
    fn insert<'a>(&'a self, db: &'a Database, value: &'a dyn Fn(&Column) -> Value) -> Answer<'a, Row>;
    /// All rows, by their key.
    fn read<'a>(&'a self, db: &'a Database) -> Answer<'a, Vec<Row>>;
}

/// The rows of an entity.
pub fn of<E: Entity>() -> Arc<dyn Rows> {
    Arc::new(Of::<E>(PhantomData))
}

struct Of<E>(PhantomData<fn() -> E>);

impl<E: Entity> Rows for Of<E> {
    fn info(&self) -> EntityInfo {
        EntityInfo::of::<E>()
    }

    fn insert<'a>(&'a self, db: &'a Database, value: &'a dyn Fn(&Column) -> Value) -> Answer<'a, Row> {
        Box::pin(async move {
            let table = self.info().table()?;
            let mut row = <E::ActiveModel as ActiveModelTrait>::default();
            for column in E::Column::iter() {
                let described = table.column(column.as_str())?;
                if !described.auto_increment {
                    row.set(column, codec::loaded(&E::Model::get_value_type(column), value(described))?);
                }
            }
            Ok(told::<E>(&db.repository::<E>().insert(row).await?))
        })
    }

    fn read<'a>(&'a self, db: &'a Database) -> Answer<'a, Vec<Row>> {
        Box::pin(async move {
            let mut rows: Vec<Row> = db.repository::<E>().find(all()).await?.iter().map(told::<E>).collect();
            rows.sort_by_key(|row| format!("{:?}", row.get("id")));
            Ok(rows)
        })
    }
}

fn told<E: Entity>(model: &E::Model) -> Row {
    E::Column::iter().map(|column| (column.as_str().to_owned(), model.get(column))).collect()
}

/// What a column called so has in the row of this number, in the type that it has in this version.
pub fn sample(name: &str, column: &Column, k: i64) -> Value {
    let number = match name {
        "n32" => k * 10,
        "n64" => k * 1000,
        "owner_id" => 1,
        _ => k,
    };
    let text = match name {
        "n32" | "n64" | "id" => number.to_string(),
        "kind" => "A".to_owned(),
        "opt_s" if k % 2 == 0 && column.nullable => return column.kind.null(),
        other => format!("{other}{k}"),
    };
    let day = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap_or_default();
    let moment =
        NaiveDateTime::new(day, NaiveTime::from_num_seconds_from_midnight_opt(3_723, 456_000_000).unwrap_or_default());
    match &column.kind {
        Kind::Bool => (k % 2 == 0).into(),
        Kind::Int16 => i16::try_from(number).unwrap_or_default().into(),
        Kind::Int32 => i32::try_from(number).unwrap_or_default().into(),
        Kind::Double => f64::from(u8::try_from(k).unwrap_or_default()).mul_add(1.0, 0.5).into(),
        Kind::Decimal { .. } => Decimal::new(k * 100 + 25, 2).into(),
        Kind::Text { .. } => text.into(),
        Kind::Enum { .. } => "open".into(),
        Kind::Bytes => vec![u8::try_from(k).unwrap_or_default(); 3].into(),
        Kind::Json => serde_json::json!({ "k": k }).into(),
        Kind::Uuid => uuid::Uuid::from_u128(u128::try_from(k).unwrap_or_default()).into(),
        Kind::Instant => DateTime::<Utc>::from_naive_utc_and_offset(moment, Utc).into(),
        Kind::DateTime => moment.into(),
        Kind::Date => day.into(),
        Kind::Time => moment.time().into(),
        _ => number.into(),
    }
}

/// The same in the variant that the model's field takes is told by reading it back: values are compared as text.
pub fn same(read: &Value, expected: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::Decimal(Some(it)) => it.normalize().to_string(),
        Value::Enum(sea_orm::sea_query::OptionEnum::Some(it)) => format!("{:?}", Value::from(it.value.to_string())),
        Value::Enum(_) => format!("{:?}", Value::String(None)),
        other => format!("{other:?}"),
    };
    text(read) == text(expected)
}
