//! The guard applies the rules of tables: what reaches the backend, and what is asked beside it.

use crate::support::{Answer, Scripted, rows};
use sea_orm::{Value, prelude::ChronoDateTimeUtc};
use seabed::{
    Context, ErrorKind,
    backend::{
        Backend, Begin, Change, ChangeTo, Comparison, Delete, Deleted, Filter, FoldedMatch, Insert, Must, OnConflict,
        Only, Operation, Outcome, Related, Select, Update, rules,
    },
    key::Clock,
    layer::{GuardLayer, Layer},
    schema::{Folded, Rules, Table, build},
};
use std::sync::Arc;

#[derive(Debug)]
struct Stopped;

/// What the clock says, cut as every backend keeps it.
fn now() -> ChronoDateTimeUtc {
    ChronoDateTimeUtc::from_timestamp_millis(1_700_000_000_123).expect("an instant")
}

impl Clock for Stopped {
    fn now(&self) -> ChronoDateTimeUtc {
        now() + std::time::Duration::from_nanos(456_789)
    }
}

fn guarded(scripted: &Scripted) -> Arc<dyn Backend> {
    GuardLayer::new(Arc::new(Stopped)).layer(scripted.backend())
}

fn tenant() -> Context {
    Context::default().for_tenant("ann")
}

/// `page (id, name, folded, created, updated, version, deleted, owner)`, unique by name, with every rule.
fn page() -> Arc<Table> {
    let table = build::table("page").int64("id").text("name", 50).text("folded", 50).instant("created");
    let table = table.instant("updated").int32("version").instant("deleted").nullable().text("owner", 20);
    let mut table = table.unique(&["name"]).primary_key(&["id"]).build().expect("a table");
    table.rules = Rules {
        created_at: Some(3),
        updated_at: Some(4),
        version: Some(5),
        soft_delete: Some(6),
        tenant: Some(7),
        folded: vec![Folded { source: 1, folded: 2 }],
        validate: None,
    };
    Arc::new(table)
}

/// A row of it that sets key and name, and perhaps a version.
fn row(id: i64, name: &str, version: Option<i32>) -> Vec<Option<Value>> {
    let mut row = vec![None; 8];
    (row[0], row[1], row[5]) = (Some(id.into()), Some(name.into()), version.map(Into::into));
    row
}

fn upsert(rows: Vec<Vec<Option<Value>>>) -> Operation {
    let take = ["folded", "created", "updated", "version", "deleted", "owner"].map(Into::into).to_vec();
    let on_conflict = OnConflict { key: vec!["name".into()], take, changes: Vec::new(), only: Vec::new() };
    Operation::Insert(Insert { on_conflict: Some(on_conflict), ..Insert::of(page(), rows) })
}

fn conflict_of(operation: Operation) -> OnConflict {
    let ruled = rules::apply(operation, &tenant(), now()).expect("it is let through");
    match ruled.operation {
        Operation::Insert(Insert { on_conflict: Some(on_conflict), .. }) => on_conflict,
        other => panic!("an upsert: {other:?}"),
    }
}

fn set(column: &'static str, value: impl Into<Value>) -> Change {
    Change { column: column.into(), to: ChangeTo::Value(value.into()) }
}

fn equal(column: &'static str, value: impl Into<Value>) -> Filter {
    Filter::Compare(column.into(), Comparison::Eq, value.into())
}

/// One row by its key, from this version.
fn one_row(version: i32) -> Operation {
    let filter = Some(Filter::And(vec![equal("id", 1_i64)]));
    let expects = Some(version.into());
    Operation::Update(Update { filter, returning: true, expects, ..Update::all(page(), vec![set("name", "ẞ")]) })
}

#[test]
fn an_upsert_changes_what_rules_write_and_nothing_that_they_keep() {
    let on_conflict = conflict_of(upsert(vec![row(1, "a", Some(3)), row(2, "b", Some(4))]));
    assert!(on_conflict.take.is_empty(), "rules write these: {:?}", on_conflict.take);
    let version = Change { column: "version".into(), to: ChangeTo::Increment(1_i64.into()) };
    let there = set("deleted", Value::ChronoDateTimeUtc(None));
    assert_eq!(on_conflict.changes, [set("updated", now()), version, there]);
    let owner = Must::Equal("ann".into());
    assert_eq!(
        on_conflict.only,
        [
            Only { column: "owner".into(), must: owner, otherwise: ErrorKind::UniqueViolation },
            Only { column: "version".into(), must: Must::EqualNew, otherwise: ErrorKind::VersionConflict },
        ]
    );
}

#[test]
fn an_upsert_without_a_version_makes_a_row_or_nothing() {
    let on_conflict = conflict_of(upsert(vec![row(1, "a", None)]));
    let never = Only { column: "version".into(), must: Must::Never, otherwise: ErrorKind::VersionConflict };
    assert_eq!(on_conflict.only.last(), Some(&never));
    let mixed = upsert(vec![row(1, "a", None), row(2, "b", Some(1))]);
    let error = rules::apply(mixed, &tenant(), now()).expect_err("all or none");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::InvalidQuery, &["version".to_owned()][..]), "{error}");
}

#[test]
fn an_upsert_by_another_key_takes_the_folded_text_along() {
    let Operation::Insert(mut insert) = upsert(vec![row(1, "A", None)]) else { panic!("an insert") };
    let (key, take) = (vec!["id".into()], vec!["name".into()]);
    insert.on_conflict = Some(OnConflict { key, take, changes: Vec::new(), only: Vec::new() });
    assert_eq!(conflict_of(Operation::Insert(insert.clone())).take, ["name", "folded"]);
    let ruled = rules::apply(Operation::Insert(insert), &tenant(), now()).expect("let through").operation;
    let Operation::Insert(insert) = ruled else { panic!("an insert") };
    assert_eq!(insert.rows[0][2], Some("a".into()), "and the row has it");
}

#[test]
fn an_upsert_by_a_key_with_the_tenant_needs_no_look_at_it() {
    let Operation::Insert(mut insert) = upsert(vec![row(1, "A", None)]) else { panic!("an insert") };
    let (key, take) = (vec!["owner".into(), "name".into()], Vec::new());
    insert.on_conflict = Some(OnConflict { key, take, changes: Vec::new(), only: Vec::new() });
    let only = conflict_of(Operation::Insert(insert)).only;
    assert_eq!(only.iter().map(|only| &*only.column).collect::<Vec<_>>(), ["version"]);
}

#[test]
fn a_filter_on_a_related_table_keeps_the_rules_of_that_table() {
    let plain = Arc::new(build::table("plain").int64("id").primary_key(&["id"]).build().expect("a table"));
    let related = |table: Arc<Table>, filter| {
        let (columns, their_columns) = (vec!["id".into()], vec!["id".into()]);
        Filter::Related(Box::new(Related { columns, table, their_columns, filter }))
    };
    let theirs = Filter::Folded("name".into(), FoldedMatch::Eq, "A".into());
    let inner = Filter::Not(Box::new(Filter::Or(vec![related(page(), Some(theirs)), related(page(), None)])));
    let filter = Some(related(Arc::clone(&plain), Some(inner)));
    let select = Operation::Select(Select { filter, deleted: Deleted::With, ..Select::all(Arc::clone(&plain)) });
    let error = rules::apply(select.clone(), &Context::default(), now()).expect_err("whose pages?");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::TenantRequired, Some("page")), "{error}");
    let ruled = rules::apply(select, &tenant(), now()).expect("it is let through").operation;
    let in_sight = || vec![equal("owner", "ann"), Filter::IsNull("deleted".into())];
    let named = Filter::And([in_sight(), vec![equal("folded", "a")]].concat());
    let expected = Filter::Not(Box::new(Filter::Or(vec![
        related(page(), Some(named)),
        related(page(), Some(Filter::And(in_sight()))),
    ])));
    let Operation::Select(Select { filter: Some(filter), .. }) = ruled else { panic!("a select: {ruled:?}") };
    assert_eq!(filter, related(plain, Some(expected)));
}

#[test]
fn a_filter_may_be_as_deep_as_it_likes_until_it_is_checked() {
    let mut deep = equal("id", 1_i64);
    for _ in 0..5_000 {
        deep = Filter::Not(Box::new(deep));
    }
    let select = Operation::Select(Select { filter: Some(deep), ..Select::all(page()) });
    let ruled = rules::apply(select, &tenant(), now()).expect("rules do not mind");
    let error = { ruled.operation }.normalise().expect_err("the check does");
    assert_eq!(error.kind(), ErrorKind::InvalidQuery, "{error}");
}

#[tokio::test]
async fn the_clock_of_the_guard_says_when() {
    let scripted = Scripted::new([]);
    guarded(&scripted)
        .run(&tenant(), Operation::Insert(Insert::of(page(), vec![row(1, "A", None)])))
        .await
        .expect("asked");
    let operations = scripted.operations();
    let [Operation::Insert(insert)] = operations.as_slice() else { panic!("an insert: {operations:?}") };
    let (at, text) = (Value::from(now()), |text: &str| Some(Value::from(text)));
    let made = [Some(1_i64.into()), text("A"), text("a"), Some(at.clone()), Some(at), Some(1_i32.into())];
    assert_eq!(insert.rows[0][..6], made, "the time is cut, the version begins");
    assert_eq!(insert.rows[0][6..], [Some(Value::ChronoDateTimeUtc(None)), text("ann")], "it is there, and hers");
}

#[tokio::test]
async fn a_row_is_updated_from_its_version_in_one_call() {
    let scripted = Scripted::new([Answer::Ok(rows(1))]);
    guarded(&scripted).run(&tenant(), one_row(3)).await.expect("it is there");
    let operations = scripted.operations();
    let [Operation::Update(update)] = operations.as_slice() else { panic!("one update: {operations:?}") };
    let version = Change { column: "version".into(), to: ChangeTo::Increment(1_i64.into()) };
    assert_eq!(update.changes, [set("name", "ẞ"), set("folded", "ss"), set("updated", now()), version]);
    let filter =
        vec![equal("owner", "ann"), Filter::IsNull("deleted".into()), equal("id", 1_i64), equal("version", 3_i64)];
    assert_eq!(update.filter, Some(Filter::And(filter)));
    assert!(update.returning && update.expects.is_none());
}

#[tokio::test]
async fn where_no_row_of_the_version_is_there_the_row_is_looked_for() {
    for (there, kind) in [(0, None), (1, Some(ErrorKind::VersionConflict))] {
        let scripted = Scripted::new([Answer::Ok(rows(0)), Answer::Ok(rows(there))]);
        let answer = guarded(&scripted).run(&tenant(), one_row(3)).await;
        assert_eq!(answer.err().map(|error| error.kind()), kind);
        assert_eq!(scripted.asked(), ["update", "select"]);
    }
}

#[tokio::test]
async fn a_conflict_dooms_the_session_without_asking_again() {
    let scripted = Scripted::new([Answer::Ok(rows(0)), Answer::Ok(rows(0)), Answer::Ok(rows(1))]);
    let context = tenant();
    let mut session = guarded(&scripted).begin(&context, Begin::default()).await.expect("begun");
    let error = session.run(&context, one_row(3)).await.expect_err("a conflict");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::VersionConflict, Some("page")));
    assert!(session.doomed());
    let error = session.run(&context, one_row(4)).await.expect_err("it is over");
    assert_eq!(error.kind(), ErrorKind::TransactionFailed);
    let error = session.commit(&context).await.expect_err("it is over");
    assert_eq!(error.kind(), ErrorKind::TransactionFailed);
    assert_eq!(scripted.asked(), ["begin", "update", "select"]);
}

#[tokio::test]
async fn a_soft_delete_is_an_update_and_answers_like_a_delete() {
    let scripted = Scripted::new([Answer::Ok(Outcome::Affected(2))]);
    let delete =
        |forever| Operation::Delete(Delete { filter: Some(equal("id", 1_i64)), forever, ..Delete::all(page()) });
    let backend = guarded(&scripted);
    let answer = backend.run(&tenant(), delete(false)).await.expect("asked");
    assert!(matches!(answer, Outcome::Affected(2)), "{answer:?}");
    backend.run(&tenant(), delete(true)).await.expect("asked");
    let operations = scripted.operations();
    let [Operation::Update(soft), Operation::Delete(_)] = operations.as_slice() else { panic!("both: {operations:?}") };
    let version = Change { column: "version".into(), to: ChangeTo::Increment(1_i64.into()) };
    assert_eq!(soft.changes, [set("deleted", now()), set("updated", now()), version]);
    assert!(!soft.returning, "it is counted");
}
