//! A filter as a document that MongoDB matches rows with.
//!
//! MongoDB's own logic has two values, and its `$ne` matches null. So each part is written twice over: for where it is true and for
//! where it is false, and what is neither is unknown (law Q1). `Not` swaps the two on its way down, and no `$not` is ever written.
//! Where a row of another table is asked for, a `$lookup` goes before, and the condition looks at what it found.

use super::{json, related, text, value::operand};
use crate::{
    Error, ErrorKind, Result,
    backend::{Comparison, Filter, Match, filter::after, value::is_null},
    schema::{Kind, Table},
};
use mongodb::bson::{Bson, Document, bson, doc};
use sea_orm::Value;

/// How deep documents may stand in each other: the server takes 200, and a stage, a leaf and a relation are some of it.
const DEPTH: usize = 160;

/// The first stages of a pipeline: they leave the rows for which the filter is true. One `$match` where no other table is
/// looked at.
///
/// # Errors
/// `InvalidQuery` with entity for a filter that is nested too deep.
pub(super) fn stages(table: &Table, filter: &Filter) -> Result<Vec<Document>> {
    nested(table, filter, 0)
}

/// The same inside of so many documents.
pub(super) fn nested(table: &Table, filter: &Filter, depth: usize) -> Result<Vec<Document>> {
    let mut parts = Vec::new();
    flat(filter, true, true, &mut parts);
    // What needs no other table goes first: the others are looked up for the rows that are left.
    let (far, near): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(part, _)| looks_elsewhere(part));
    let mut stages = Vec::new();
    for parts in [near, far] {
        let mut writer = Writer { table, lookups: Vec::new() };
        let condition = writer.all(parts, depth + 4)?;
        let found: Vec<String> = (0..writer.lookups.len()).map(related::found).collect();
        stages.append(&mut writer.lookups);
        if !condition.is_empty() {
            stages.push(doc! { "$match": condition });
        }
        if !found.is_empty() {
            stages.push(doc! { "$unset": found });
        }
    }
    Ok(stages)
}

/// The parts of which all must hold, or, not `all`, one: `And` within `And` is one list, as is what `Not` makes of `Or`.
fn flat<'f>(filter: &'f Filter, wanted: bool, all: bool, parts: &mut Vec<(&'f Filter, bool)>) {
    match filter {
        Filter::Not(inner) => flat(inner, !wanted, all, parts),
        Filter::And(list) if wanted == all => list.iter().for_each(|one| flat(one, wanted, all, parts)),
        Filter::Or(list) if wanted != all => list.iter().for_each(|one| flat(one, wanted, all, parts)),
        _ => parts.push((filter, wanted)),
    }
}

fn looks_elsewhere(filter: &Filter) -> bool {
    match filter {
        Filter::Related(_) => true,
        Filter::Not(inner) => looks_elsewhere(inner),
        Filter::And(list) | Filter::Or(list) => list.iter().any(looks_elsewhere),
        _ => false,
    }
}

/// What no row matches; the server does not look at any.
pub(super) fn nothing() -> Document {
    doc! { "_id": { "$in": [] } }
}

/// Conditions of which all must hold, in one document where that can say them: a server need not look into lists of conditions for
/// one that an index serves.
pub(super) fn together(mut conditions: Vec<Document>) -> Document {
    if conditions.len() == 1 {
        return conditions.remove(0);
    }
    let mut whole = Document::new();
    for (field, condition) in conditions.iter().flatten() {
        match (whole.get_mut(field), condition) {
            (None, _) => drop(whole.insert(field.clone(), condition.clone())),
            // The two ends of a range.
            (Some(Bson::Document(one)), Bson::Document(other)) if bounds(one) && bounds(other) => {
                if other.keys().any(|operator| one.contains_key(operator)) {
                    return doc! { "$and": conditions };
                }
                one.extend(other.clone());
            }
            _ => return doc! { "$and": conditions },
        }
    }
    whole
}

fn bounds(condition: &Document) -> bool {
    condition.keys().all(|operator| ["$gt", "$gte", "$lt", "$lte"].contains(&operator.as_str()))
}

struct Writer<'t> {
    table: &'t Table,
    lookups: Vec<Document>,
}

impl Writer<'_> {
    fn all(&mut self, parts: Vec<(&Filter, bool)>, depth: usize) -> Result<Document> {
        let mut written = self.each(parts, depth)?;
        written.retain(|part| !part.is_empty());
        Ok(together(written))
    }

    fn any(&mut self, parts: Vec<(&Filter, bool)>, depth: usize) -> Result<Document> {
        let mut written = self.each(parts, depth)?;
        // One that is always true is an empty document.
        if written.iter().any(Document::is_empty) {
            return Ok(Document::new());
        }
        Ok(match written.len() {
            0 => nothing(),
            1 => written.remove(0),
            _ => doc! { "$or": written },
        })
    }

    fn each(&mut self, parts: Vec<(&Filter, bool)>, depth: usize) -> Result<Vec<Document>> {
        if depth > DEPTH {
            let why = "MongoDB takes no filter in which `and` and `or` stand in each other this deep";
            return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&self.table.name));
        }
        parts.into_iter().map(|(part, wanted)| self.when(part, wanted, depth)).collect()
    }

    /// Matches where the filter is true, or, not `wanted`, where it is false.
    fn when(&mut self, filter: &Filter, wanted: bool, depth: usize) -> Result<Document> {
        Ok(match filter {
            Filter::Compare(column, how, value) => compare(column, *how, value, wanted),
            Filter::DistinctFrom(column, value) => distinct(column, value, wanted),
            Filter::In(column, values) => list(column, values, wanted),
            Filter::NotIn(column, values) => list(column, values, !wanted),
            Filter::Between(column, low, high) => {
                let low = compare(column, Comparison::Gte, low, wanted);
                let high = compare(column, Comparison::Lte, high, wanted);
                if wanted {
                    together(vec![low, high])
                } else {
                    doc! { "$or": [low, high] }
                }
            }
            Filter::IsNull(column) => null(self.table, column, wanted),
            Filter::IsNotNull(column) => null(self.table, column, !wanted),
            Filter::Text(column, how, needle) => text(column, *how, needle, wanted),
            Filter::Folded(..) => return Err(Error::unsupported("a folded filter that the guard did not see")),
            Filter::Json(column, path, test) => doc! { "$expr": json::condition(column, path, test, wanted) },
            Filter::Related(one) => {
                let at = self.lookups.len();
                self.lookups.push(related::lookup(one, at, depth)?);
                related::condition(self.table, one, at, wanted)?
            }
            Filter::Not(inner) => self.when(inner, !wanted, depth)?,
            Filter::And(_) | Filter::Or(_) => {
                let all = matches!(filter, Filter::And(_)) == wanted;
                let mut parts = Vec::new();
                flat(filter, wanted, all, &mut parts);
                if all { self.all(parts, depth + 2)? } else { self.any(parts, depth + 2)? }
            }
        })
    }
}

/// No ordered comparison matches null, for MongoDB compares values of one type alone; only `$ne` must be told.
fn compare(column: &str, how: Comparison, value: &Value, wanted: bool) -> Document {
    let how = if wanted { how } else { opposite(how) };
    let (value, exact) = operand(value);
    let (operator, value) = match (how, exact) {
        (Comparison::Eq, true) => ("$eq", value),
        (Comparison::Eq, false) => return nothing(),
        (Comparison::Ne, true) => ("$nin", Bson::Array(vec![value, Bson::Null])),
        (Comparison::Ne, false) => ("$ne", Bson::Null),
        (Comparison::Lt, true) => ("$lt", value),
        // What is compared lies between two values that the column can hold, and this is the one below.
        (Comparison::Lt, false) | (Comparison::Lte, _) => ("$lte", value),
        (Comparison::Gt, _) | (Comparison::Gte, false) => ("$gt", value),
        (Comparison::Gte, true) => ("$gte", value),
    };
    doc! { column: { operator: value } }
}

/// Never unknown: what MongoDB means by `$ne`.
fn distinct(column: &str, value: &Value, wanted: bool) -> Document {
    match operand(value) {
        (value, true) if wanted => doc! { column: { "$ne": value } },
        (value, true) => doc! { column: { "$eq": value } },
        (_, false) if wanted => Document::new(),
        (_, false) => nothing(),
    }
}

fn list(column: &str, values: &[Value], wanted: bool) -> Document {
    let values = values.iter().filter(|value| !is_null(value)).map(operand);
    let mut values: Vec<Bson> = values.filter_map(|(value, exact)| exact.then_some(value)).collect();
    if wanted {
        return doc! { column: { "$in": values } };
    }
    values.push(Bson::Null);
    doc! { column: { "$nin": values } }
}

/// In JSON a comparison with null would go through the items of an array.
fn null(table: &Table, column: &str, wanted: bool) -> Document {
    let operator = if wanted { "$eq" } else { "$ne" };
    // A filter that a rule made may name a column that a part of a table leaves out.
    if table.column(column).is_ok_and(|column| column.kind == Kind::Json) {
        doc! { "$expr": { operator: [{ "$ifNull": [format!("${column}"), null] }, null] } }
    } else {
        doc! { column: { operator: null } }
    }
}

fn opposite(how: Comparison) -> Comparison {
    match how {
        Comparison::Eq => Comparison::Ne,
        Comparison::Ne => Comparison::Eq,
        Comparison::Lt => Comparison::Gte,
        Comparison::Lte => Comparison::Gt,
        Comparison::Gt => Comparison::Lte,
        Comparison::Gte => Comparison::Lt,
    }
}

/// A beginning is a range, which an index serves.
fn text(column: &str, how: Match, needle: &str, wanted: bool) -> Document {
    let holds = match (how, needle) {
        (_, "") if wanted => return doc! { column: { "$ne": null } },
        (_, "") => return nothing(),
        (Match::StartsWith, needle) => match (after(needle), wanted) {
            (Some(after), true) => return doc! { column: { "$gte": needle, "$lt": after } },
            (Some(after), false) => {
                return doc! { "$or": [{ column: { "$lt": needle } }, { column: { "$gte": after } }] };
            }
            (None, true) => return doc! { column: { "$gte": needle } },
            (None, false) => return doc! { column: { "$lt": needle } },
        },
        _ => text::holds(bson!({ "$ifNull": [format!("${column}"), ""] }), how, needle),
    };
    if wanted {
        doc! { "$expr": holds }
    } else {
        doc! { column: { "$ne": null }, "$expr": { "$not": [holds] } }
    }
}

#[cfg(test)]
mod tests;
