//! Reads: figures over rows.
//!
//! A sum is asked for in decimals of 34 digits, which no sum of whole numbers overflows or rounds, and put together in Rust. Where the
//! numbers of a wide decimal are so many that their sum could be rounded on its way, their absolute values are added up beside.

use super::{
    checkout::Checkout,
    condition::stages,
    constraint::matched,
    query::{self, direction, value_of, window},
    schema::collection,
    value::{corrupt, decode, units},
};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Aggregate, Figure, Outcome, Row,
        figure::{self, Total},
    },
    schema::{Kind, Table},
};
use mongodb::bson::{Bson, Document, bson, doc};
use sea_orm::Value;

/// The digits of a Decimal128.
const DIGITS: u32 = 34;
/// Decimals of so many digits fewer are not added up as often as would round their sum: that takes more rows than there are.
const ROWS: u32 = 12;

pub(super) async fn aggregate(checkout: &mut Checkout, asked: Aggregate) -> Result<Outcome> {
    let table = &asked.table;
    if let (None, [Figure::Estimate], false) = (&asked.filter, asked.figures.as_slice(), checkout.is_open()) {
        // The server keeps this count. In a transaction it does not tell.
        let told = checkout.command(doc! { "count": collection(table) }, table).await?;
        return Ok(one(vec![Value::from(i64::try_from(matched(&told)).unwrap_or(i64::MAX))]));
    }
    let documents = checkout.documents(query::aggregate(table, pipeline(&asked)?), table).await?;
    answer(&asked, &documents)
}

/// What figures ask of their collection.
fn pipeline(asked: &Aggregate) -> Result<Vec<Document>> {
    let table = &*asked.table;
    let mut pipeline = match &asked.filter {
        Some(filter) => stages(table, filter)?,
        None => Vec::new(),
    };
    match asked.figures.as_slice() {
        // Stops at the first row.
        [Figure::Exists] => {
            pipeline.push(doc! { "$limit": 1 });
            pipeline.push(doc! { "$project": { "_id": 1 } });
        }
        // No list of all the different values.
        [Figure::CountDistinct(column)] if asked.group.is_empty() => {
            pipeline.push(doc! { "$match": { &**column: { "$ne": null } } });
            pipeline.push(doc! { "$group": { "_id": format!("${column}") } });
            pipeline.push(doc! { "$count": "f0" });
        }
        _ => pipeline.extend(grouped(table, asked)?),
    }
    Ok(pipeline)
}

fn grouped(table: &Table, asked: &Aggregate) -> Result<Vec<Document>> {
    let (mut key, mut shown) = (Document::new(), doc! { "_id": 0 });
    for (at, name) in asked.group.iter().enumerate() {
        key.insert(format!("g{at}"), value_of(table, name)?);
        shown.insert(format!("g{at}"), format!("$_id.g{at}"));
    }
    let mut group = doc! { "_id": if key.is_empty() { Bson::Null } else { Bson::Document(key) } };
    for (at, figure) in asked.figures.iter().enumerate() {
        parts(table, figure, at, &mut group, &mut shown)?;
    }
    let mut stages = vec![doc! { "$group": group }, doc! { "$project": shown }];
    if !asked.group.is_empty() {
        let mut by = Document::new();
        for order in &asked.order {
            let name = match order.position.checked_sub(asked.group.len()) {
                None => format!("g{}", order.position),
                Some(figure) => format!("f{figure}"),
            };
            by.insert(name, direction(order.descending));
        }
        if !by.is_empty() {
            stages.push(doc! { "$sort": by });
        }
        window(&mut stages, asked.limit, asked.offset);
    }
    Ok(stages)
}

/// Adds what a figure is made of: itself as `f`, how many values a sum has as `n`, and how much there is of them as `a`.
fn parts(table: &Table, figure: &Figure, at: usize, group: &mut Document, shown: &mut Document) -> Result<()> {
    let (f, n, a) = (format!("f{at}"), format!("n{at}"), format!("a{at}"));
    let Some(column) = figure.column() else {
        group.insert(&f, doc! { "$sum": 1_i64 });
        shown.insert(f, 1);
        return Ok(());
    };
    let field = format!("${column}");
    match figure {
        Figure::CountDistinct(_) => {
            group.insert(&f, doc! { "$addToSet": field });
            shown.insert(&f, doc! { "$size": { "$setDifference": [format!("${f}"), [null]] } });
        }
        Figure::Min(_) => {
            group.insert(&f, doc! { "$min": field });
            shown.insert(f, 1);
        }
        Figure::Max(_) => {
            group.insert(&f, doc! { "$max": field });
            shown.insert(f, 1);
        }
        _ => {
            let kind = &table.column(column)?.kind;
            let number = if kind.is_whole() { bson!({ "$toDecimal": &field }) } else { Bson::from(&field) };
            group.insert(&f, doc! { "$sum": number });
            let one = bson!({ "$cond": [{ "$eq": [{ "$ifNull": [&field, null] }, null] }, 0_i64, 1_i64] });
            group.insert(&n, doc! { "$sum": one });
            // A sum of nothing is null, and sorts as null does.
            shown.insert(&f, doc! { "$cond": [{ "$gt": [format!("${n}"), 0] }, format!("${f}"), null] });
            shown.insert(n, 1);
            if wide(kind) {
                group.insert(&a, doc! { "$sum": { "$abs": field } });
                shown.insert(a, 1);
            }
        }
    }
    Ok(())
}

/// Whether a sum of such decimals could be rounded.
fn wide(kind: &Kind) -> bool {
    matches!(kind, Kind::Decimal { precision, .. } if *precision > DIGITS - ROWS)
}

/// The answer from what the pipeline gave.
///
/// # Errors
/// `InvalidValue` with entity and field for a sum that is out of range, `CorruptData` for what is no value of its column.
fn answer(asked: &Aggregate, documents: &[Document]) -> Result<Outcome> {
    let table = &*asked.table;
    if let [Figure::Exists] = asked.figures.as_slice() {
        return Ok(one(vec![Value::from(!documents.is_empty())]));
    }
    if documents.is_empty() && asked.group.is_empty() {
        return Ok(one(asked.figures.iter().map(|figure| figure.of_nothing(table)).collect::<Result<_>>()?));
    }
    documents.iter().map(|document| row(table, asked, document)).collect::<Result<_>>().map(Outcome::Rows)
}

fn one(row: Row) -> Outcome {
    Outcome::Rows(vec![row].into())
}

fn row(table: &Table, asked: &Aggregate, document: &Document) -> Result<Row> {
    let mut row = Row::with_capacity(asked.group.len() + asked.figures.len());
    for (at, name) in asked.group.iter().enumerate() {
        let bson = document.get(format!("g{at}")).unwrap_or(&Bson::Null);
        row.push(decode(&table.column(name)?.kind, bson).map_err(|error| error.entity(&table.name).field(&**name))?);
    }
    for (at, figure) in asked.figures.iter().enumerate() {
        row.push(value(table, figure, at, document).map_err(|error| about(error, table, figure))?);
    }
    Ok(row)
}

fn about(error: Error, table: &Table, figure: &Figure) -> Error {
    let error = error.entity(&table.name);
    match figure.column() {
        Some(column) => error.field(&**column),
        None => error,
    }
}

/// A figure from its parts.
fn value(table: &Table, figure: &Figure, at: usize, document: &Document) -> Result<Value> {
    let part = |letter: char| document.get(format!("{letter}{at}")).unwrap_or(&Bson::Null);
    let (Figure::Sum(column) | Figure::Average(column)) = figure else {
        return match (figure, decode(&figure.kind(table)?, part('f'))) {
            (Figure::Exists, _) => Ok(Value::from(decode(&Kind::Int64, part('f'))? != Value::from(0_i64))),
            (_, value) => value,
        };
    };
    let kind = &table.column(column)?.kind;
    let scale = if let Kind::Decimal { scale, .. } = kind { *scale } else { 0 };
    let total = match part('f') {
        Bson::Null => None,
        Bson::Double(sum) => Some(Total::Double(*sum)),
        Bson::Decimal128(sum) => Some(Total::Exact(units(*sum, scale).ok_or_else(out_of_range)?)),
        _ => return Err(corrupt()),
    };
    if let Bson::Decimal128(all) = part('a')
        && units(*all, scale).is_none_or(|all| all >= 10_i128.pow(DIGITS))
    {
        return Err(out_of_range());
    }
    let Value::BigInt(Some(count)) = decode(&Kind::Int64, part('n'))? else { return Err(corrupt()) };
    if matches!(figure, Figure::Sum(_)) { figure::sum(kind, total) } else { figure::average(kind, total, count) }
}

fn out_of_range() -> Error {
    Error::new(ErrorKind::InvalidValue, "the sum is out of range")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        backend::{Filter, GroupOrder},
        schema::{Column, Rules},
    };
    use mongodb::bson::Decimal128;
    use std::sync::Arc;

    fn table() -> Arc<Table> {
        let column = |(name, kind): (&'static str, Kind)| Column {
            name: name.into(),
            kind,
            nullable: true,
            default: None,
            auto_increment: false,
            extra: crate::schema::ColumnExtra::default(),
        };
        let money = |precision| Kind::Decimal { precision, scale: 2 };
        let columns = [("n", Kind::Int64), ("d", money(18)), ("w", money(28)), ("f", Kind::Double)];
        Arc::new(Table {
            schema: None,
            name: "t".into(),
            columns: columns.map(column).to_vec(),
            key: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            rules: Rules::default(),
            extra: crate::schema::TableExtra::default(),
        })
    }

    fn of(figure: Figure) -> Aggregate {
        Aggregate::of(table(), vec![figure])
    }

    fn read(figure: Figure, document: Document) -> Result<Value> {
        answer(&of(figure), &[document]).map(|outcome| match outcome {
            Outcome::Rows(rows) => rows.into_vec().remove(0).remove(0),
            other => panic!("{other:?}"),
        })
    }

    fn decimal(text: &str) -> Decimal128 {
        text.parse().expect("a decimal")
    }

    #[test]
    fn a_sum_is_exact_or_an_error() {
        let sum = |text| read(Figure::Sum("n".into()), doc! { "f0": decimal(text), "n0": 2_i64 });
        assert_eq!(sum("9223372036854775807").expect("in range"), Value::from(i64::MAX));
        assert_eq!(sum("9.223372036854775807E+18").expect("in range"), Value::from(i64::MAX));
        for text in ["9223372036854775808", "1E+33", "NaN"] {
            let error = sum(text).expect_err("out of range");
            assert_eq!((error.kind(), error.entity_name()), (ErrorKind::InvalidValue, Some("t")), "{text}");
        }
        let average = read(Figure::Average("n".into()), doc! { "f0": decimal("18446744073709551614"), "n0": 2_i64 });
        #[expect(clippy::cast_precision_loss, reason = "the answer is a float")]
        let middle = i64::MAX as f64;
        assert_eq!(average.expect("a mean is in range where the sum is not"), Value::from(middle));
    }

    #[test]
    fn what_could_be_rounded_on_its_way_is_refused() {
        let part = |all| doc! { "f0": decimal("0.01"), "n0": 2_i32, "a0": decimal(all) };
        let sum = |all| read(Figure::Sum("w".into()), part(all));
        assert_eq!(sum("99999999999999999999999999999999.99").expect("exact").to_string(), "0.01");
        for all in ["100000000000000000000000000000000.00", "1E+40"] {
            assert_eq!(sum(all).expect_err("perhaps rounded").kind(), ErrorKind::InvalidValue, "{all}");
        }
        let group = |column: &'static str| pipeline(&of(Figure::Sum(column.into()))).expect("figures").remove(0);
        assert!(group("w").to_string().contains("$abs"));
        assert!(!group("d").to_string().contains("$abs"), "eighteen digits take more rows than there are");
    }

    #[test]
    fn a_sum_of_nothing_is_null_and_nothing_is_counted() {
        let empty = doc! { "f0": null, "n0": 0_i32 };
        assert_eq!(read(Figure::Sum("n".into()), empty.clone()).expect("null"), Value::BigInt(None));
        assert_eq!(read(Figure::Average("d".into()), empty.clone()).expect("null"), Value::Decimal(None));
        assert_eq!(read(Figure::Sum("f".into()), empty).expect("null"), Value::Double(None));
        let figures = vec![Figure::Count, Figure::Max("d".into()), Figure::CountDistinct("n".into())];
        let Outcome::Rows(rows) = answer(&Aggregate::of(table(), figures), &[]).expect("a row") else { panic!("rows") };
        assert_eq!(rows.into_vec(), [[0_i64.into(), Value::Decimal(None), 0_i64.into()]]);
    }

    #[test]
    fn whether_there_is_one_stops_at_the_first() {
        let asked = Aggregate { filter: Some(Filter::IsNull("n".into())), ..of(Figure::Exists) };
        let stages = pipeline(&asked).expect("figures");
        assert_eq!(stages[1], doc! { "$limit": 1 });
        for (documents, found) in [(vec![], false), (vec![doc! { "_id": 1 }], true)] {
            let Outcome::Rows(rows) = answer(&asked, &documents).expect("a row") else { panic!("rows") };
            assert_eq!(rows.into_vec(), [[found.into()]]);
        }
    }

    #[test]
    fn groups_are_ordered_by_what_is_answered() {
        let order = [(1, true), (0, false)].map(|(position, descending)| GroupOrder { position, descending });
        let asked = Aggregate {
            group: vec!["n".into()],
            order: order.to_vec(),
            limit: Some(2),
            offset: 1,
            ..of(Figure::Sum("d".into()))
        };
        let stages = pipeline(&asked).expect("figures");
        let key = stages[0].get_document("$group").and_then(|group| group.get_document("_id")).expect("a key");
        assert_eq!(key, &doc! { "g0": { "$ifNull": ["$n", null] } });
        assert_eq!(
            stages[2..],
            [doc! { "$sort": { "f0": -1, "g0": 1 } }, doc! { "$skip": 1_i64 }, doc! { "$limit": 2_i64 }]
        );
        let groups =
            [doc! { "g0": null, "f0": decimal("1.5"), "n0": 1_i32 }, doc! { "g0": 3_i64, "f0": null, "n0": 0_i32 }];
        let Outcome::Rows(rows) = answer(&asked, &groups).expect("rows") else { panic!("rows") };
        let expected = [[Value::BigInt(None), decimal_value("1.50")], [3_i64.into(), Value::Decimal(None)]];
        assert_eq!(rows.into_vec(), expected);
    }

    fn decimal_value(text: &str) -> Value {
        text.parse::<rust_decimal::Decimal>().expect("a decimal").into()
    }
}
