//! Stand-in until the pure half is merged.
use super::value::encode;
use crate::{
    Error, Result,
    backend::{Comparison, Filter},
    schema::Table,
};
use mongodb::bson::{Document, doc};

pub(super) fn stages(table: &Table, filter: &Filter) -> Result<Vec<Document>> {
    Ok(vec![doc! { "$match": matches(table, filter)? }])
}

fn matches(table: &Table, filter: &Filter) -> Result<Document> {
    Ok(match filter {
        Filter::Compare(name, Comparison::Eq, value) => doc! { &**name: encode(&table.column(name)?.kind, value) },
        Filter::And(all) if all.is_empty() => doc! {},
        Filter::And(all) => doc! { "$and": all.iter().map(|f| matches(table, f)).collect::<Result<Vec<_>>>()? },
        _ => return Err(Error::unsupported("stand-in")),
    })
}
