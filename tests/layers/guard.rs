//! The guard refuses what no backend may meet, and answers what needs no question.

use crate::support::{Answer, Scripted, insert, row, rows, select, thing};
use sea_orm::Value;
use seabed::{
    Capability, Context, Error, ErrorKind, Isolation, Result,
    backend::{
        Aggregate, Backend, Begin, Change, ChangeTo, Comparison, Delete, Figure, Filter, Insert, Lock, Match, Nulls,
        Operation, Order, Outcome, Select, Update,
    },
    layer::{GuardLayer, Layer},
};
use std::sync::Arc;

fn guarded(scripted: &Scripted) -> Arc<dyn Backend> {
    GuardLayer::default().layer(scripted.backend())
}

fn compare(column: &'static str, value: impl Into<Value>) -> Filter {
    Filter::Compare(column.into(), Comparison::Eq, value.into())
}

fn update(column: &'static str, to: ChangeTo, filter: Option<Filter>) -> Operation {
    let changes = vec![Change { column: column.into(), to }];
    Operation::Update(Update { filter, ..Update::all(thing(), changes) })
}

fn ordered(column: &'static str) -> Operation {
    let order = vec![Order { column: column.into(), descending: true, nulls: Nulls::Lowest }];
    Operation::Select(Select { order, ..Select::all(thing()) })
}

/// Refused by the backend and inside a transaction, with entity and field, and never asked.
async fn refused(operation: Operation, kind: ErrorKind, field: &str) -> Error {
    let scripted = Scripted::new([]);
    let (backend, context) = (guarded(&scripted), Context::default());
    let mut session = backend.begin(&context, Begin::default()).await.expect("begun");
    let inside = session.run(&context, operation.clone()).await;
    let outside = backend.run(&context, operation).await;
    assert_eq!(scripted.asked(), ["begin"], "the inner backend was asked");
    let [inside, outside] = [inside, outside].map(|answer| answer.expect_err("it is refused"));
    for error in [&inside, &outside] {
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!((error.entity_name(), error.fields()), (Some("thing"), &[field.to_owned()][..]), "{error}");
    }
    outside
}

#[tokio::test]
async fn an_unknown_column_is_refused_by_name() {
    for operation in [
        select(Some(compare("colour", 1))),
        select(Some(Filter::Not(Box::new(Filter::IsNull("colour".into()))))),
        select(Some(Filter::Or(vec![compare("id", 1), Filter::In("colour".into(), vec![1.into()])]))),
        ordered("colour"),
        update("colour", ChangeTo::Value(1.into()), None),
        Operation::Delete(Delete { filter: Some(compare("colour", 1)), ..Delete::all(thing()) }),
    ] {
        refused(operation, ErrorKind::InvalidQuery, "colour").await;
    }
}

#[tokio::test]
async fn a_column_meets_its_own_type_alone() {
    for operation in [
        select(Some(compare("size", "two"))),
        select(Some(Filter::Between("size".into(), 1.into(), "two".into()))),
        select(Some(Filter::NotIn("size".into(), vec![1.into(), "two".into()]))),
        select(Some(Filter::Text("size".into(), Match::Contains, "2".into()))),
        update("size", ChangeTo::Value("two".into()), None),
    ] {
        refused(operation, ErrorKind::InvalidQuery, "size").await;
    }
    refused(select(Some(compare("name", 1))), ErrorKind::InvalidQuery, "name").await;
    refused(update("name", ChangeTo::Increment(1.into()), None), ErrorKind::InvalidQuery, "name").await;
    refused(select(Some(compare("extra", sea_orm::prelude::Json::Null))), ErrorKind::InvalidQuery, "extra").await;
    refused(ordered("extra"), ErrorKind::InvalidQuery, "extra").await;
}

#[tokio::test]
async fn a_number_that_is_none_is_refused_everywhere() {
    for none in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for operation in [
            insert(row(none)),
            select(Some(compare("weight", none))),
            update("weight", ChangeTo::Value(none.into()), None),
            update("weight", ChangeTo::Increment(none.into()), None),
        ] {
            refused(operation, ErrorKind::InvalidValue, "weight").await;
        }
    }
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused() {
    refused(update("name", ChangeTo::Value("äöüäöü".into()), None), ErrorKind::InvalidValue, "name").await;
    refused(update("name", ChangeTo::Value("a\0".into()), None), ErrorKind::InvalidValue, "name").await;
    refused(update("size", ChangeTo::Value(i64::MAX.into()), None), ErrorKind::InvalidValue, "size").await;
    refused(update("name", ChangeTo::Value(Value::String(None)), None), ErrorKind::NotNullViolation, "name").await;
    refused(update("id", ChangeTo::Value(2_i64.into()), None), ErrorKind::InvalidQuery, "id").await;
    refused(select(Some(compare("weight", Value::Double(None)))), ErrorKind::InvalidQuery, "weight").await;
}

#[tokio::test]
async fn a_capability_that_is_missing_is_refused_by_name() {
    let options = Begin::default().isolation(Isolation::Serializable);
    let without = Scripted::with_capabilities([Capability::Durable], []);
    let error = guarded(&without).begin(&Context::default(), options).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("Scripted") && error.message().contains("`serializable`"), "{error}");
    assert!(without.asked().is_empty(), "the inner backend was asked");
    guarded(&without).begin(&Context::default(), Begin::default()).await.expect("every backend has it");
    let with = Scripted::with_capabilities([Capability::Serializable], []);
    guarded(&with).begin(&Context::default(), options).await.expect("it has it");
}

#[tokio::test]
async fn a_write_in_a_read_only_transaction_is_refused_without_asking() {
    let scripted = Scripted::new([]);
    let (backend, context) = (guarded(&scripted), Context::default());
    let mut session = backend.begin(&context, Begin::default().read_only()).await.expect("begun");
    for write in
        [insert(row(1.0)), update("size", ChangeTo::Value(1.into()), None), Operation::Delete(Delete::all(thing()))]
    {
        let error = session.run(&context, write).await.expect_err("a write");
        assert_eq!((error.kind(), error.entity_name()), (ErrorKind::ReadOnly, Some("thing")));
    }
    session.run(&context, select(None)).await.expect("a read");
    assert_eq!(scripted.asked(), ["begin", "select"]);
}

/// Answered by the guard, inside a transaction and outside.
async fn answered(operation: Operation) -> Result<Outcome> {
    let scripted = Scripted::new([]);
    let (backend, context) = (guarded(&scripted), Context::default());
    let mut session = backend.begin(&context, Begin::default()).await?;
    let inside = session.run(&context, operation.clone()).await?;
    let outside = backend.run(&context, operation).await?;
    assert_eq!(scripted.asked(), ["begin"], "the inner backend was asked");
    assert_eq!(format!("{inside:?}"), format!("{outside:?}"));
    Ok(outside)
}

#[tokio::test]
async fn what_can_match_nothing_is_answered_without_asking() -> Result<()> {
    let none = || Filter::In("id".into(), Vec::new());
    let nothing = || Some(Filter::And(vec![compare("size", 1), none()]));
    let table = thing;
    let limit_zero = Select { limit: Some(0), ..Select::all(table()) };
    assert!(answered(Operation::Select(limit_zero)).await?.is_empty());
    assert!(answered(select(Some(none()))).await?.is_empty());
    assert!(answered(select(nothing())).await?.is_empty());
    assert!(answered(select(Some(Filter::Or(vec![none(), none()])))).await?.is_empty());
    assert!(answered(Operation::Insert(Insert::of(table(), Vec::new()))).await?.is_empty());
    assert!(answered(update("size", ChangeTo::Value(1.into()), nothing())).await?.is_empty());
    assert!(answered(Operation::Delete(Delete { filter: nothing(), ..Delete::all(table()) })).await?.is_empty());
    let figures = vec![Figure::Count, Figure::Exists];
    let figures =
        answered(Operation::Aggregate(Aggregate { filter: nothing(), ..Aggregate::of(table(), figures) })).await?;
    let Outcome::Rows(figures) = figures else { panic!("an aggregate answers with a row") };
    assert_eq!(figures.into_vec(), [vec![Value::from(0_i64), Value::from(false)]]);
    Ok(())
}

#[tokio::test]
async fn what_may_match_is_asked() {
    let scripted = Scripted::new([]);
    let backend = guarded(&scripted);
    let none = || Filter::In("id".into(), Vec::new());
    for filter in [
        Filter::NotIn("id".into(), Vec::new()),
        Filter::Or(vec![none(), compare("size", 1)]),
        Filter::Not(Box::new(none())),
        Filter::And(Vec::new()),
    ] {
        backend.run(&Context::default(), select(Some(filter))).await.expect("asked");
    }
    assert_eq!(scripted.asked(), ["select"; 4]);
}

#[tokio::test]
async fn what_is_passed_on_is_normalised() {
    let scripted = Scripted::new([Answer::Ok(rows(1)), Answer::Ok(rows(1))]);
    let backend = guarded(&scripted);
    backend.run(&Context::default(), ordered("size")).await.expect("asked");
    let mut short = row(-0.0);
    short[2] = None;
    let table = thing();
    let both = Operation::Insert(Insert::of(table, vec![row(-0.0), short]));
    backend.run(&Context::default(), both).await.expect("asked");
    let operations = scripted.operations();
    let [Operation::Select(select), Operation::Insert(insert)] = operations.as_slice() else {
        panic!("a select and an insert: {operations:?}")
    };
    let order: Vec<_> = select.order.iter().map(|one| (&*one.column, one.descending)).collect();
    assert_eq!(order, [("size", true), ("id", false)], "the key breaks ties");
    let cut = sea_orm::prelude::ChronoDateTimeUtc::from_timestamp_millis(1_700_000_000_123).expect("an instant");
    assert_eq!(insert.rows[0][4], Some(cut.into()), "instants are cut");
    assert_eq!(format!("{:?}", insert.rows[0][2]), "Some(Double(Some(0.0)))", "there is one zero");
    assert_eq!(insert.rows[1][2], Some(Value::Double(None)), "what is not given is filled in");
}

#[tokio::test]
async fn figures_of_nothing_are_answered_by_their_types() -> Result<()> {
    let nothing = || Some(Filter::In("id".into(), Vec::new()));
    let size = || "size".into();
    let figures =
        vec![Figure::CountDistinct(size()), Figure::Sum(size()), Figure::Min(size()), Figure::Average(size())];
    let of_all = Aggregate { filter: nothing(), ..Aggregate::of(thing(), figures.clone()) };
    let Outcome::Rows(row) = answered(Operation::Aggregate(of_all)).await? else { panic!("a row") };
    let kinds = figures.iter().map(|figure| figure.kind(&thing())).collect::<Result<Vec<_>>>()?;
    let nulls: Vec<_> = kinds[1..].iter().map(seabed::schema::Kind::null).collect();
    assert_eq!(row.into_vec(), [[vec![Value::from(0_i64)], nulls].concat()]);
    let grouped = Aggregate { filter: nothing(), group: vec![size()], ..Aggregate::of(thing(), figures) };
    assert!(answered(Operation::Aggregate(grouped)).await?.is_empty(), "no row, no group");
    Ok(())
}

#[tokio::test]
async fn an_estimate_with_a_condition_is_a_count() {
    let scripted = Scripted::new([Answer::Ok(rows(1)), Answer::Ok(rows(1))]);
    let backend = guarded(&scripted);
    for filter in [None, Some(compare("size", 1))] {
        let estimate = Aggregate { filter, ..Aggregate::of(thing(), vec![Figure::Estimate]) };
        backend.run(&Context::default(), Operation::Aggregate(estimate)).await.expect("asked");
    }
    let operations = scripted.operations();
    let [Operation::Aggregate(all), Operation::Aggregate(some)] = operations.as_slice() else {
        panic!("{operations:?}")
    };
    assert!(matches!(all.figures.as_slice(), [Figure::Estimate]), "{all:?}");
    assert!(matches!(some.figures.as_slice(), [Figure::Count]), "{some:?}");
}

#[tokio::test]
async fn a_lock_outside_a_transaction_is_not_asked_for() {
    let scripted = Scripted::new([]);
    let locked = Select { lock: Some(Lock::Wait), ..Select::all(thing()) };
    let error = guarded(&scripted).run(&Context::default(), Operation::Select(locked)).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(scripted.asked().is_empty());
}
