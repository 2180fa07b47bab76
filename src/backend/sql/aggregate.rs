//! Reads: figures over rows.

use super::{checkout::Checkout, condition::filtered, statement::Statement};
use crate::{
    Result,
    backend::{Aggregate, Figure, Outcome},
    schema::{Flavor, Kind},
};
use sea_orm::Value;

pub(super) async fn aggregate(checkout: &mut Checkout, aggregate: Aggregate) -> Result<Outcome> {
    let (table, figures) = (aggregate.table, aggregate.figures);
    // Existence alone stops at the first row; beside a count it is read off the count.
    let alone = figures.iter().all(|figure| matches!(figure, Figure::Exists));
    let mut s =
        Statement::new(checkout.flavor(), if alone { "SELECT EXISTS(SELECT 1 FROM " } else { "SELECT COUNT(*) FROM " });
    s.table(&table);
    filtered(&mut s, &table, aggregate.filter)?;
    if alone {
        s.push(")");
    }
    let kind = if alone && s.flavor == Flavor::Postgres { Kind::Bool } else { Kind::Int64 };
    let rows = checkout.fetch(s, &[&kind], &table).await?;
    let count = match rows.first().and_then(|row| row.first()) {
        Some(Value::BigInt(Some(count))) => *count,
        Some(Value::Bool(Some(found))) => i64::from(*found),
        _ => 0,
    };
    let row = figures
        .iter()
        .map(|figure| match figure {
            Figure::Count => Value::BigInt(Some(count)),
            Figure::Exists => Value::Bool(Some(count > 0)),
            _ => Value::BigInt(None),
        })
        .collect();
    Ok(Outcome::Rows(vec![row]))
}
