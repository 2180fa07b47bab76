//! What the layers do about raw statements.

use crate::support::{Answer, Scripted, failure};
use sea_orm::DbBackend;
use seabed::{
    Capability, Context, ErrorKind,
    backend::{Backend, Begin, RawStatement, RawWant},
    layer::{DeadlineLayer, ErrorContextLayer, GuardLayer, Layer},
};
use std::{sync::Arc, time::Duration};

fn statement(sql: &str) -> RawStatement {
    RawStatement::new(DbBackend::Postgres, sql, Vec::new(), RawWant::Count).expect("a statement")
}

fn guarded(scripted: &Scripted) -> Arc<dyn Backend> {
    GuardLayer::default().layer(scripted.backend())
}

#[tokio::test]
async fn a_raw_statement_without_the_capability_is_refused_without_asking() {
    let scripted = Scripted::with_capabilities([Capability::Savepoints], []);
    let backend = guarded(&scripted);
    let context = Context::default();
    let outside = backend.raw(&context, statement("select 1")).await.expect_err("refused");
    let mut session = backend.begin(&context, Begin::default()).await.expect("begun");
    let inside = session.raw(&context, statement("select 1")).await.expect_err("refused");
    for error in [outside, inside] {
        assert!(error.is(ErrorKind::Unsupported) && error.message().contains("`raw`"), "{error}");
    }
    assert!(!session.doomed());
    assert_eq!(scripted.asked(), ["begin"]);
}

#[tokio::test]
async fn a_raw_write_in_a_read_only_transaction_is_refused_without_asking() {
    let scripted = Scripted::new([]);
    let context = Context::default();
    let mut session = guarded(&scripted).begin(&context, Begin::default().read_only()).await.expect("begun");
    for sql in ["delete from thing", "with a as (delete from thing returning id) select * from a", "select f()"] {
        let write = statement(sql).writing();
        let error = session.raw(&context, write).await.expect_err("refused");
        assert!(error.is(ErrorKind::ReadOnly) && !session.doomed(), "{error}");
    }
    let delete = session.raw(&context, statement("delete from thing")).await.expect_err("refused by its words alone");
    assert_eq!(delete.kind(), ErrorKind::ReadOnly);
    session.raw(&context, statement("select 1")).await.expect("asked");
    assert_eq!(scripted.asked(), ["begin", "raw"]);
}

#[tokio::test]
async fn a_raw_statement_that_hangs_ends_at_the_limit_and_says_what_may_be_there() {
    let scripted = Scripted::new([Answer::Hang, Answer::Hang]);
    let backend = DeadlineLayer { limit: Duration::from_millis(40) }.layer(scripted.backend());
    for (sql, kind) in [("select 1", ErrorKind::Timeout), ("delete from thing", ErrorKind::WriteUnknown)] {
        let error = backend.raw(&Context::default(), statement(sql)).await.expect_err("given up");
        assert_eq!(error.kind(), kind);
    }
    assert_eq!(scripted.given_up(), ["raw", "raw"]);
}

#[tokio::test]
async fn an_error_of_a_raw_statement_says_where_it_came_from() {
    let scripted = Scripted::new([failure(ErrorKind::TableNotFound)]);
    let backend = ErrorContextLayer.layer(scripted.backend());
    let error = backend.raw(&Context::default(), statement("select 1")).await.expect_err("as the script says");
    let facts: Vec<_> = error.context().iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(facts, [("backend", "Scripted"), ("operation", "raw")]);
}
