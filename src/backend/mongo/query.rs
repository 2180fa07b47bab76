//! Reads: select.

use super::{
    checkout::Checkout,
    condition::{nothing, stages},
    lists::{self, Parts},
    schema::collection,
    value::decode,
};
use crate::{
    Error, Result,
    backend::{
        Filter, Nulls, Order, Outcome, Row, Rows, Select,
        normalise::{compare::compare, identity::identity},
        value::is_null,
    },
    schema::{Kind, Name, Table},
};
use mongodb::bson::{Bson, Document, bson, doc};
use std::{cmp::Ordering, collections::HashSet};

/// Documents that the first batch of an answer holds at most; the later ones are bounded by their bytes.
const BATCH: i32 = 1_000;

pub(super) async fn select(checkout: &mut Checkout, select: Select) -> Result<Outcome> {
    if select.limit == Some(0) || select.filter.as_ref().is_some_and(Filter::matches_nothing) {
        return Ok(Outcome::Rows(Rows::default()));
    }
    let Some((parts, key)) = parts(&select) else {
        return read(checkout, &select).await.map(|rows| Outcome::Rows(rows.into()));
    };
    // Together they see one state.
    let own = !checkout.is_open() && checkout.shared().transactions;
    if own {
        checkout.begin().await?;
    }
    let (mut rows, mut seen) = (Vec::new(), HashSet::new());
    for filter in parts {
        let mut found = read(checkout, &Select { filter: Some(filter), ..select.clone() }).await?;
        if let Some(key) = &key {
            found.retain(|row| seen.insert(identity(key.iter().map(|&at| &row[at]))));
        }
        rows.append(&mut found);
    }
    if own {
        checkout.commit().await?;
    }
    let order = select.order.iter().map(|one| Ok((at(&select, &one.column).unwrap_or_default(), one)));
    let order = order.collect::<Result<Vec<_>>>()?;
    rows.sort_by(|a, b| by(&order, a, b));
    Ok(Outcome::Rows(rows.into()))
}

async fn read(checkout: &mut Checkout, select: &Select) -> Result<Vec<Row>> {
    let answer = answer(select)?;
    let found = checkout.documents(aggregate(&select.table, pipeline(select)?), &select.table).await?;
    found.iter().map(|document| row(&select.table, &answer, document)).collect()
}

/// A column's position in the answer.
fn at(select: &Select, column: &str) -> Option<usize> {
    columns(select).position(|name| name == column)
}

/// The order of two rows of the answer.
fn by(order: &[(usize, &Order)], a: &Row, b: &Row) -> Ordering {
    let mut columns = order.iter().map(|&(at, one)| {
        let (a, b) = (&a[at], &b[at]);
        let (ordering, null_last) = (compare(a, b), is_null(a).cmp(&is_null(b)));
        match one.nulls {
            Nulls::First if null_last.is_ne() => null_last.reverse(),
            Nulls::Last if null_last.is_ne() => null_last,
            _ if one.descending => ordering.reverse(),
            _ => ordering,
        }
    });
    columns.find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
}

/// A read's filter in parts, where the rows can be put into their order here; with the columns by which a row is told from every other
/// where two parts may find it.
fn parts(select: &Select) -> Option<(Vec<Filter>, Option<Vec<usize>>)> {
    let ordered = select.order.iter().all(|one| at(select, &one.column).is_some());
    if select.limit.is_some() || select.offset > 0 || select.distinct || !ordered {
        return None;
    }
    let Parts { filters, disjoint } = lists::parts(select.filter.as_ref()?)?;
    if disjoint {
        return Some((filters, None));
    }
    let key = select.table.key.iter().map(|&position| at(select, &select.table.columns[position].name));
    let key = key.collect::<Option<Vec<_>>>().filter(|key| !key.is_empty())?;
    Some((filters, Some(key)))
}

/// The command that runs a pipeline on a table's collection.
pub(super) fn aggregate(table: &Table, pipeline: Vec<Document>) -> Document {
    doc! { "aggregate": collection(table), "pipeline": pipeline, "cursor": { "batchSize": BATCH }, "allowDiskUse": true }
}

/// What a read asks of its collection.
fn pipeline(select: &Select) -> Result<Vec<Document>> {
    let table = &*select.table;
    let mut pipeline = match &select.filter {
        Some(filter) => stages(table, filter)?,
        None => Vec::new(),
    };
    if select.distinct {
        pipeline.extend(distinct(table, select)?);
    }
    ordered(&mut pipeline, table, &select.order)?;
    window(&mut pipeline, select.limit, select.offset);
    // A distinct row has its columns and nothing else. A whole document has little else, and costs no work to show; what has no key
    // is a part of a table.
    let whole = select.columns.is_none() && !table.key.is_empty();
    if !select.distinct && !whole {
        let mut shown = doc! { "_id": 0 };
        shown.extend(columns(select).map(|column| (column.to_string(), Bson::Int32(1))));
        pipeline.push(doc! { "$project": shown });
    }
    Ok(pipeline)
}

fn columns(select: &Select) -> Box<dyn Iterator<Item = &Name> + '_> {
    match &select.columns {
        Some(columns) => Box::new(columns.iter()),
        None => Box::new(select.table.columns.iter().map(|column| &column.name)),
    }
}

/// The answer's columns, in its order.
fn answer(select: &Select) -> Result<Vec<(&str, &Kind)>> {
    columns(select).map(|name| Ok((&**name, &select.table.column(name)?.kind))).collect()
}

/// The row that a document is. What is missing is null: a document may be older than its column.
///
/// # Errors
/// `CorruptData` with entity and field for what is no value of its column.
fn row(table: &Table, answer: &[(&str, &Kind)], document: &Document) -> Result<Row> {
    let cell = |(name, kind): &(&str, &Kind)| match document.get(name) {
        None => Ok(kind.null()),
        Some(bson) => decode(kind, bson).map_err(|error: Error| error.entity(&table.name).field(*name)),
    };
    answer.iter().map(cell).collect()
}

/// One document for each combination of the columns' values, with these alone.
fn distinct(table: &Table, select: &Select) -> Result<[Document; 2]> {
    let mut group = Document::new();
    for name in columns(select) {
        group.insert(&**name, value_of(table, name)?);
    }
    Ok([doc! { "$group": { "_id": group } }, doc! { "$replaceRoot": { "newRoot": "$_id" } }])
}

/// A column's value in an expression. Groups tell what is missing from null, and the laws do not.
pub(super) fn value_of(table: &Table, name: &str) -> Result<Bson> {
    let field = format!("${name}");
    Ok(if table.column(name)?.nullable { bson!({ "$ifNull": [field, null] }) } else { Bson::String(field) })
}

/// Appends an order. Null sorts lowest, as in MongoDB; where it is to stand elsewhere, a field of ours says which rows have one.
fn ordered(pipeline: &mut Vec<Document>, table: &Table, order: &[Order]) -> Result<()> {
    if order.is_empty() {
        return Ok(());
    }
    let (mut by, mut marks) = (Document::new(), Document::new());
    for (at, one) in order.iter().enumerate() {
        let first = match one.nulls {
            Nulls::Lowest => !one.descending,
            Nulls::First => true,
            Nulls::Last => false,
        };
        if one.descending == first && table.column(&one.column)?.nullable {
            let mark = format!("null {at}");
            marks.insert(&mark, bson!({ "$eq": [{ "$ifNull": [format!("${}", one.column), null] }, null] }));
            by.insert(mark, direction(first));
        }
        by.insert(&*one.column, direction(one.descending));
    }
    if !marks.is_empty() {
        pipeline.push(doc! { "$set": marks });
    }
    pipeline.push(doc! { "$sort": by });
    Ok(())
}

/// Down, or up.
pub(super) fn direction(descending: bool) -> i32 {
    if descending { -1 } else { 1 }
}

/// Appends an offset and a limit. MongoDB knows no limit of none.
pub(super) fn window(pipeline: &mut Vec<Document>, limit: Option<u64>, offset: u64) {
    let bound = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    if limit == Some(0) {
        return pipeline.push(doc! { "$match": nothing() });
    }
    if offset > 0 {
        pipeline.push(doc! { "$skip": bound(offset) });
    }
    if let Some(limit) = limit {
        pipeline.push(doc! { "$limit": bound(limit) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ErrorKind,
        backend::Filter,
        schema::{Column, Rules},
    };
    use std::sync::Arc;

    fn all() -> Select {
        let column = |(name, nullable): (&'static str, bool)| Column {
            name: name.into(),
            kind: Kind::Int32,
            nullable,
            default: None,
            auto_increment: false,
            extra: crate::schema::ColumnExtra::default(),
        };
        Select::all(Arc::new(Table {
            schema: None,
            name: "t".into(),
            columns: [("id", false), ("a", true)].map(column).to_vec(),
            key: vec![0],
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            rules: Rules::default(),
            extra: crate::schema::TableExtra::default(),
        }))
    }

    fn by(column: &'static str, descending: bool, nulls: Nulls) -> Order {
        Order { column: column.into(), descending, nulls }
    }

    #[test]
    fn nulls_are_marked_only_where_they_do_not_stand_there_by_themselves() {
        let mark = doc! { "$set": { "null 0": { "$eq": [{ "$ifNull": ["$a", null] }, null] } } };
        for (descending, nulls, marked) in [
            (false, Nulls::Lowest, None),
            (true, Nulls::Lowest, None),
            (false, Nulls::First, None),
            (true, Nulls::Last, None),
            (true, Nulls::First, Some(-1)),
            (false, Nulls::Last, Some(1)),
        ] {
            let order = vec![by("a", descending, nulls), by("id", true, Nulls::First)];
            let written = pipeline(&Select { order, ..all() }).expect("a read");
            let mut sort = Document::new();
            if let Some(marked) = marked {
                sort.insert("null 0", marked);
            }
            sort.extend(doc! { "a": if descending { -1 } else { 1 }, "id": -1 });
            let mut expected = marked.map(|_| mark.clone()).into_iter().collect::<Vec<_>>();
            expected.push(doc! { "$sort": sort });
            assert_eq!(written, expected, "{descending} {nulls:?}");
        }
    }

    #[test]
    fn a_part_of_the_rows_is_cut_after_they_are_ordered() {
        let order = vec![by("id", false, Nulls::Lowest)];
        let filter = Some(Filter::IsNull("a".into()));
        let columns = Some(vec!["a".into()]);
        let select = Select { columns, order, filter, limit: Some(u64::MAX), offset: 3, ..all() };
        let stages = pipeline(&select).expect("a read");
        let names: Vec<_> = stages.iter().filter_map(|stage| stage.keys().next().map(String::as_str)).collect();
        assert_eq!(names, ["$match", "$sort", "$skip", "$limit", "$project"]);
        assert_eq!(stages[3..], [doc! { "$limit": i64::MAX }, doc! { "$project": { "_id": 0, "a": 1 } }]);
        let none = pipeline(&Select { limit: Some(0), ..all() }).expect("a read");
        assert_eq!(none[0], doc! { "$match": { "_id": { "$in": [] } } });
    }

    #[test]
    fn distinct_rows_are_groups() {
        let columns = Some(vec!["a".into(), "id".into()]);
        let order = vec![by("a", true, Nulls::Lowest)];
        let stages = pipeline(&Select { columns, distinct: true, order, ..all() }).expect("a read");
        let group = doc! { "$group": { "_id": { "a": { "$ifNull": ["$a", null] }, "id": "$id" } } };
        assert_eq!(stages, [group, doc! { "$replaceRoot": { "newRoot": "$_id" } }, doc! { "$sort": { "a": -1 } }]);
    }

    #[test]
    fn a_row_has_the_answers_order_and_what_is_missing_is_null() {
        let select = Select { columns: Some(vec!["a".into(), "id".into()]), ..all() };
        let answer = answer(&select).expect("columns");
        let of = |document: Document| row(&select.table, &answer, &document);
        assert_eq!(of(doc! { "id": 7_i64, "a": 8_i64 }).expect("a row"), [8.into(), 7.into()]);
        assert_eq!(of(doc! { "id": 7_i64 }).expect("a row"), [sea_orm::Value::Int(None), 7.into()]);
        let error = of(doc! { "id": "7", "a": 8_i64 }).expect_err("text");
        assert_eq!((error.kind(), error.entity_name()), (ErrorKind::CorruptData, Some("t")));
    }
}
