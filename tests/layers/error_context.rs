//! Every error says where it came from, once.

use crate::support::{Answer, Scripted, failure, rows, select, thing};
use seabed::{
    Context, Error, ErrorKind,
    backend::{Backend, Begin, Delete, Filter, Operation},
    layer::{DeadlineLayer, ErrorContextLayer, GuardLayer, Layer, TelemetryLayer, stack},
};
use std::{sync::Arc, time::Duration};

fn told(scripted: &Scripted) -> Arc<dyn Backend> {
    ErrorContextLayer.layer(scripted.backend())
}

/// The facts of an error, as pairs.
fn facts(error: &Error) -> Vec<(&'static str, &str)> {
    error.context().iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn from(operation: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![("backend", "Scripted"), ("operation", operation)]
}

#[tokio::test]
async fn an_error_names_backend_operation_and_entity() {
    let scripted = Scripted::new([failure(ErrorKind::ConnectionLost), failure(ErrorKind::WriteUnknown)]);
    let backend = told(&scripted);
    let error = backend.run(&Context::default(), select(None)).await.expect_err("as told");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::ConnectionLost, Some("thing")));
    assert_eq!(facts(&error), from("select"));
    let delete = Operation::Delete(Delete::all(thing()));
    let error = backend.run(&Context::default(), delete).await.expect_err("as told");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::WriteUnknown, Some("thing")));
    assert_eq!(facts(&error), from("delete"));
}

#[tokio::test]
async fn what_an_error_knows_already_stays() {
    let known =
        Error::new(ErrorKind::ForeignKeyViolation, "a child").entity("child").field("parent_id").constraint("fk");
    let scripted = Scripted::new([Answer::Err(known.with("url", "somewhere"))]);
    let error = told(&scripted).run(&Context::default(), select(None)).await.expect_err("as told");
    assert_eq!((error.entity_name(), error.constraint_name()), (Some("child"), Some("fk")));
    assert_eq!(error.fields(), ["parent_id"]);
    let expected = [vec![("url", "somewhere")], from("select")].concat();
    assert_eq!(facts(&error), expected, "innermost first");
}

#[tokio::test]
async fn a_transaction_names_each_of_its_calls() {
    let scripted = Scripted::new([
        failure(ErrorKind::Unreachable),
        Answer::Ok(rows(0)),
        failure(ErrorKind::Deadlock),
        failure(ErrorKind::CommitUnknown),
        Answer::Ok(rows(0)),
        failure(ErrorKind::ConnectionLost),
    ]);
    let (backend, context) = (told(&scripted), Context::default());
    let begin = || backend.begin(&context, Begin::default());
    assert_eq!(facts(&begin().await.expect_err("as told")), from("begin"));
    let mut session = begin().await.expect("begun");
    let error = session.run(&context, select(None)).await.expect_err("as told");
    assert_eq!((facts(&error), error.entity_name()), (from("select"), Some("thing")));
    assert_eq!(facts(&session.commit(&context).await.expect_err("as told")), from("commit"));
    let session = begin().await.expect("begun");
    assert_eq!(facts(&session.rollback(&context).await.expect_err("as told")), from("rollback"));
}

#[tokio::test]
async fn the_whole_stack_says_it_once() {
    let scripted = Scripted::new([failure(ErrorKind::Deadlock)]);
    let telemetry = TelemetryLayer { slow: Duration::from_mins(1), values: false };
    let deadline = DeadlineLayer { limit: Duration::from_mins(1) };
    let backend = stack(scripted.backend(), &[&telemetry, &ErrorContextLayer, &GuardLayer::default(), &deadline]);
    let error = backend.run(&Context::default(), select(None)).await.expect_err("as told");
    assert_eq!(facts(&error), from("select"));
    let unknown = select(Some(Filter::IsNull("colour".into())));
    let error = backend.run(&Context::default(), unknown).await.expect_err("refused");
    assert_eq!((error.kind(), facts(&error)), (ErrorKind::InvalidQuery, from("select")), "what the guard refuses too");
    assert_eq!(scripted.asked(), ["select"]);
}

#[tokio::test]
async fn what_succeeds_is_passed_on() {
    let scripted = Scripted::new([Answer::Ok(rows(2))]);
    let backend = told(&scripted);
    assert_eq!(backend.run(&Context::default(), select(None)).await.expect("rows").len(), 2);
    assert_eq!((backend.info().product, backend.pool().max), ("Scripted", 7));
}
