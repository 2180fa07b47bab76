//! A filter as a document that MongoDB matches rows with.
//!
//! MongoDB's own logic has two values, and its `$ne` matches null. So each part is written twice over: for where it is true and for
//! where it is false, and what is neither is unknown (law Q1). `Not` swaps the two on its way down, and no `$not` is ever written.
//! Where a row of another table is asked for, a `$lookup` goes before, and the condition looks at what it found.

use super::{constraint::LISTED, json, related, text, value::operand};
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

struct Writer<'t> {
    table: &'t Table,
    lookups: Vec<Document>,
}

impl Writer<'_> {
    fn all(&mut self, parts: Vec<(&Filter, bool)>, depth: usize) -> Result<Document> {
        let mut written = self.each(parts, depth)?;
        written.retain(|part| !part.is_empty());
        Ok(match written.len() {
            0 => Document::new(),
            1 => written.remove(0),
            _ => doc! { "$and": written },
        })
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
                    doc! { "$and": [low, high] }
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
        return among(column, values);
    }
    values.push(Bson::Null);
    doc! { column: { "$nin": values } }
}

/// A long list in parts with bounds of their own: a server that goes through a list from its beginning, for each row that has an
/// index of it, does so in one part alone.
fn among(column: &str, mut values: Vec<Bson>) -> Document {
    if values.len() <= LISTED || values.iter().any(|value| place(value).is_none()) {
        return doc! { column: { "$in": values } };
    }
    values.sort_by(|a, b| place(a).cmp(&place(b)));
    let part = |part: &[Bson]| {
        let (low, high) = (part.first().cloned(), part.last().cloned());
        doc! { column: { "$gte": low, "$lte": high, "$in": part } }
    };
    doc! { "$or": values.chunks(LISTED).map(part).collect::<Vec<_>>() }
}

/// Where a value stands among those of its column, as the server orders them: keys are of these types.
fn place(value: &Bson) -> Option<(i64, &[u8])> {
    match value {
        Bson::Int64(v) => Some((*v, &[])),
        Bson::DateTime(v) => Some((v.timestamp_millis(), &[])),
        Bson::String(v) => Some((0, v.as_bytes())),
        Bson::Binary(v) => Some((0, &v.bytes)),
        _ => None,
    }
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
mod tests {
    use super::*;
    use crate::{
        backend::Related,
        schema::{Column, Rules},
    };
    use chrono::DateTime;
    use std::sync::Arc;

    fn table() -> Arc<Table> {
        let column = |(name, kind, nullable): (&'static str, Kind, bool)| Column {
            name: name.into(),
            kind,
            nullable,
            default: None,
            auto_increment: false,
            extra: crate::schema::ColumnExtra::default(),
        };
        let text = Kind::Text { max: None };
        let columns = [
            ("id", Kind::Int64, false),
            ("big", Kind::Int64, true),
            ("name", text, true),
            ("at", Kind::Instant, true),
            ("extra", Kind::Json, true),
        ];
        Arc::new(Table {
            schema: None,
            name: "maybe".into(),
            columns: columns.map(column).to_vec(),
            key: vec![0],
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            rules: Rules::default(),
            extra: crate::schema::TableExtra::default(),
        })
    }

    fn written(filter: &Filter) -> Document {
        match stages(&table(), filter).expect("a filter").as_slice() {
            [] => Document::new(),
            [only] => only.get_document("$match").expect("a match").clone(),
            more => panic!("{more:?}"),
        }
    }

    fn compare(how: Comparison, value: i64) -> Filter {
        Filter::Compare("big".into(), how, value.into())
    }

    #[test]
    fn what_is_true_and_what_is_false_leave_null_out() {
        use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
        for (how, yes, no) in [
            (Eq, doc! { "$eq": 5_i64 }, doc! { "$nin": [5_i64, null] }),
            (Ne, doc! { "$nin": [5_i64, null] }, doc! { "$eq": 5_i64 }),
            (Lt, doc! { "$lt": 5_i64 }, doc! { "$gte": 5_i64 }),
            (Lte, doc! { "$lte": 5_i64 }, doc! { "$gt": 5_i64 }),
            (Gt, doc! { "$gt": 5_i64 }, doc! { "$lte": 5_i64 }),
            (Gte, doc! { "$gte": 5_i64 }, doc! { "$lt": 5_i64 }),
        ] {
            assert_eq!(written(&compare(how, 5)), doc! { "big": yes });
            assert_eq!(written(&compare(how, 5).negated()), doc! { "big": no });
        }
        let list = |values: &[i64]| Filter::In("big".into(), values.iter().map(|&v| v.into()).collect());
        assert_eq!(written(&list(&[1, 2])), doc! { "big": { "$in": [1_i64, 2_i64] } });
        assert_eq!(written(&list(&[1, 2]).negated()), doc! { "big": { "$nin": [1_i64, 2_i64, null] } });
        assert_eq!(written(&list(&[])), doc! { "big": { "$in": [] } });
        assert_eq!(written(&list(&[]).negated()), doc! { "big": { "$nin": [null] } });
        assert_eq!(
            written(&Filter::NotIn("big".into(), vec![1_i64.into()])),
            doc! { "big": { "$nin": [1_i64, null] } }
        );
    }

    #[test]
    fn distinct_from_is_never_unknown() {
        let distinct = |value: Value| Filter::DistinctFrom("big".into(), value);
        assert_eq!(written(&distinct(5_i64.into())), doc! { "big": { "$ne": 5_i64 } });
        assert_eq!(written(&distinct(5_i64.into()).negated()), doc! { "big": { "$eq": 5_i64 } });
        assert_eq!(written(&distinct(Value::BigInt(None))), doc! { "big": { "$ne": null } });
        assert_eq!(written(&distinct(Value::BigInt(None)).negated()), doc! { "big": { "$eq": null } });
    }

    #[test]
    fn not_goes_down_to_the_comparisons() {
        let (one, two) = (compare(Comparison::Eq, 1), compare(Comparison::Lt, 2));
        let either = one.clone().or(two.clone());
        let (not_one, not_two) = (doc! { "big": { "$nin": [1_i64, null] } }, doc! { "big": { "$gte": 2_i64 } });
        assert_eq!(written(&either.clone().negated()), doc! { "$and": [not_one.clone(), not_two.clone()] });
        let both = Filter::And(vec![either.negated(), Filter::IsNull("name".into())]);
        assert_eq!(written(&both), doc! { "$and": [not_one, not_two, { "name": { "$eq": null } }] }, "one flat list");
        let both = one.and(two).negated();
        let any = doc! { "$or": [{ "big": { "$nin": [1_i64, null] } }, { "big": { "$gte": 2_i64 } }] };
        assert_eq!(written(&both), any);
    }

    #[test]
    fn empty_lists_of_conditions_are_true_and_false() {
        assert_eq!(stages(&table(), &Filter::And(Vec::new())).expect("a filter"), []);
        assert_eq!(written(&Filter::Or(Vec::new())), nothing());
        assert_eq!(written(&Filter::And(Vec::new()).negated()), nothing());
        let always = Filter::Or(vec![compare(Comparison::Eq, 1), Filter::And(Vec::new()).and(Filter::And(Vec::new()))]);
        assert_eq!(written(&always), doc! {});
    }

    #[test]
    fn between_two_milliseconds_nothing_is_equal() {
        use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
        let at = DateTime::from_timestamp_micros(-1).expect("an instant");
        let below = mongodb::bson::DateTime::from_millis(-1);
        for (how, expected) in [
            (Eq, nothing()),
            (Ne, doc! { "at": { "$ne": null } }),
            (Lt, doc! { "at": { "$lte": below } }),
            (Lte, doc! { "at": { "$lte": below } }),
            (Gt, doc! { "at": { "$gt": below } }),
            (Gte, doc! { "at": { "$gt": below } }),
        ] {
            assert_eq!(written(&Filter::Compare("at".into(), how, at.into())), expected, "{how:?}");
        }
        assert_eq!(written(&Filter::In("at".into(), vec![at.into()])), doc! { "at": { "$in": [] } });
        assert_eq!(written(&Filter::DistinctFrom("at".into(), at.into())), doc! {});
        assert_eq!(written(&Filter::DistinctFrom("at".into(), at.into()).negated()), nothing());
    }

    #[test]
    fn a_beginning_is_a_range_and_an_empty_needle_is_in_every_text() {
        let text = |how, needle: &str| Filter::Text("name".into(), how, needle.into());
        assert_eq!(written(&text(Match::StartsWith, "ab")), doc! { "name": { "$gte": "ab", "$lt": "ac" } });
        let outside = doc! { "$or": [{ "name": { "$lt": "ab" } }, { "name": { "$gte": "ac" } }] };
        assert_eq!(written(&text(Match::StartsWith, "ab").negated()), outside);
        for how in [Match::Contains, Match::StartsWith, Match::EndsWith] {
            assert_eq!(written(&text(how, "")), doc! { "name": { "$ne": null } });
            assert_eq!(written(&text(how, "").negated()), nothing());
        }
        let without = written(&text(Match::Contains, "%").negated());
        assert_eq!(without.get_document("name").expect("no null"), &doc! { "$ne": null });
    }

    #[test]
    fn a_column_of_json_is_null_only_itself() {
        let null = doc! { "$expr": { "$eq": [{ "$ifNull": ["$extra", null] }, null] } };
        assert_eq!(written(&Filter::IsNull("extra".into())), null);
    }

    #[test]
    fn other_tables_are_looked_at_last_and_left_behind() {
        let related = Related {
            columns: vec!["big".into(), "name".into()],
            table: table(),
            their_columns: vec!["id".into(), "name".into()],
            filter: Some(compare(Comparison::Gt, 1)),
        };
        let related = Filter::Related(Box::new(related));
        let near = compare(Comparison::Lt, 9);
        let lookup = doc! { "$lookup": {
            "from": "maybe", "localField": "big", "foreignField": "id", "let": { "v0": "$name" },
            "pipeline": [
                { "$match": { "$expr": { "$and": [{ "$eq": ["$name", "$$v0"] }] } } },
                { "$match": { "big": { "$gt": 1_i64 } } },
                { "$limit": 1 },
                { "$project": { "_id": 1 } },
            ],
            "as": "related 0",
        } };
        let there = doc! { "related 0": { "$ne": [] }, "big": { "$ne": null }, "name": { "$ne": null } };
        let gone = doc! { "$unset": ["related 0"] };
        let expected = [
            doc! { "$match": { "big": { "$lt": 9_i64 } } },
            lookup.clone(),
            doc! { "$match": there.clone() },
            gone.clone(),
        ];
        assert_eq!(stages(&table(), &related.clone().and(near.clone())).expect("a filter"), expected);
        let either = doc! { "$match": { "$or": [there, { "big": { "$lt": 9_i64 } }] } };
        assert_eq!(stages(&table(), &related.clone().or(near)).expect("a filter"), [lookup, either, gone]);
        let none = stages(&table(), &related.negated()).expect("a filter");
        let parts =
            [doc! { "big": { "$eq": null } }, doc! { "name": { "$eq": null } }, doc! { "related 0": { "$eq": [] } }];
        assert_eq!(none[1], doc! { "$match": { "$or": parts.as_slice() } }, "a null belongs to nothing");
    }

    #[test]
    fn what_the_server_cannot_nest_is_refused_by_name() {
        let fold = |levels: i64| {
            (0..levels).fold(compare(Comparison::Eq, 2), |inner, n| {
                let other = compare(Comparison::Gt, n);
                if n % 2 == 0 { Filter::And(vec![inner, other]) } else { Filter::Or(vec![inner, other]) }
            })
        };
        assert!(stages(&table(), &fold(70)).is_ok());
        let error = stages(&table(), &fold(100)).expect_err("too deep");
        assert_eq!((error.kind(), error.entity_name()), (ErrorKind::InvalidQuery, Some("maybe")));
    }

    #[test]
    fn a_long_list_is_parts_with_bounds() {
        let values: Vec<Value> = (0..1_000_i64).rev().map(Value::from).collect();
        let long = written(&Filter::In("big".into(), values.clone()));
        let parts = long.get_array("$or").expect("parts");
        assert_eq!(parts.len(), 3);
        let last = parts[2].as_document().and_then(|part| part.get_document("big").ok()).expect("a part");
        let kept: Vec<i64> = (800..1_000).collect();
        assert_eq!(last, &doc! { "$gte": 800_i64, "$lte": 999_i64, "$in": kept });
        let texts: Vec<Value> = (0..1_000).map(|n| Value::from(format!("t{n}"))).collect();
        assert!(written(&Filter::In("name".into(), texts)).contains_key("$or"));
        let without = written(&Filter::NotIn("big".into(), values));
        let list = without.get_document("big").and_then(|list| list.get_array("$nin")).expect("a list");
        assert_eq!(list.len(), 1_001);
    }
}
