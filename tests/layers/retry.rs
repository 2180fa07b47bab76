//! A read by itself is asked once more where its connection broke; nothing else is.

use crate::support::{Answer, Scripted, failure, insert, row, rows, select};
use seabed::{
    Context, ErrorKind,
    backend::{Aggregate, Backend, Begin, Operation, RawStatement, RawWant},
    layer::{DeadlineLayer, Layer, RetryLayer, stack},
    sea_orm::DbBackend,
};
use std::{sync::Arc, time::Duration};

fn retrying(scripted: &Scripted) -> Arc<dyn Backend> {
    RetryLayer.layer(scripted.backend())
}

fn lost() -> Answer {
    failure(ErrorKind::ConnectionLost)
}

#[tokio::test]
async fn a_read_whose_connection_broke_is_asked_once_more() {
    let scripted = Scripted::new([lost(), Answer::Ok(rows(3)), lost(), lost(), Answer::Ok(rows(3))]);
    let backend = retrying(&scripted);
    let answer = backend.run(&Context::default(), select(None)).await.expect("the second answer");
    assert_eq!((answer.len(), scripted.asked()), (3, vec!["select", "select"]));
    assert!(format!("{:?}", scripted.operations()[0]) == format!("{:?}", scripted.operations()[1]), "the same again");

    let error = backend.run(&Context::default(), select(None)).await.expect_err("once, and no more");
    assert_eq!((error.kind(), scripted.asked().len()), (ErrorKind::ConnectionLost, 4));
}

#[tokio::test]
async fn a_figure_is_a_read_too() {
    let scripted = Scripted::new([lost()]);
    let Operation::Select(all) = select(None) else { unreachable!("a select") };
    let figures = Operation::Aggregate(Aggregate::of(all.table, Vec::new()));
    retrying(&scripted).run(&Context::default(), figures).await.expect("the second answer");
    assert_eq!(scripted.asked(), ["aggregate", "aggregate"]);
}

#[tokio::test]
async fn no_other_failure_is_tried_again() {
    for kind in [ErrorKind::Timeout, ErrorKind::Unreachable, ErrorKind::PoolExhausted, ErrorKind::LockTimeout] {
        let scripted = Scripted::new([failure(kind)]);
        let error = retrying(&scripted).run(&Context::default(), select(None)).await.expect_err("as it was");
        assert_eq!((error.kind(), scripted.asked().len()), (kind, 1));
    }
}

#[tokio::test]
async fn a_write_and_a_raw_statement_are_never_asked_again() {
    let scripted = Scripted::new([lost(), lost()]);
    let backend = retrying(&scripted);
    let error = backend.run(&Context::default(), insert(row(1.0))).await.expect_err("it may have been done");
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    let raw = RawStatement::new(DbBackend::Postgres, "SELECT f()", Vec::new(), RawWant::Rows).expect("one statement");
    backend.raw(&Context::default(), raw).await.expect_err("it may hide a write");
    assert_eq!(scripted.asked(), ["insert", "raw"]);
}

#[tokio::test]
async fn nothing_inside_a_transaction_is_asked_again() {
    let scripted = Scripted::new([Answer::Ok(rows(0)), lost()]);
    let mut session = retrying(&scripted).begin(&Context::default(), Begin::default()).await.expect("begun");
    session.run(&Context::default(), select(None)).await.expect_err("it went with its connection");
    assert_eq!(scripted.asked(), ["begin", "select"]);
}

#[tokio::test]
async fn both_runs_share_the_deadline() {
    let scripted = Scripted::new([lost(), Answer::Hang]);
    let limit = Duration::from_millis(40);
    let backend = stack(scripted.backend(), &[&DeadlineLayer { limit }, &RetryLayer]);
    let error = backend.run(&Context::default(), select(None)).await.expect_err("no answer");
    assert_eq!((error.kind(), scripted.given_up()), (ErrorKind::Timeout, vec!["select"]));
}
