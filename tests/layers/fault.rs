//! Calls fail and take long as a test asked, and what fails does not reach the backend.

use crate::support::{Answer, Scripted, insert, row, rows, select};
use seabed::{
    Context, ErrorKind,
    backend::{Aggregate, Backend, Begin, Figure, Operation, Session},
    layer::{FaultLayer, Faults, Layer},
    schema::build,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

fn faulty(scripted: &Scripted) -> (Arc<dyn Backend>, Faults, Context) {
    let faults = Faults::new();
    (FaultLayer(faults.clone()).layer(scripted.backend()), faults, Context::default())
}

async fn begin(backend: &Arc<dyn Backend>) -> Box<dyn Session> {
    backend.begin(&Context::default(), Begin::default()).await.expect("a transaction")
}

#[tokio::test]
async fn without_a_fault_every_call_passes() {
    let scripted = Scripted::new([]);
    let (backend, faults, context) = faulty(&scripted);
    backend.run(&context, select(None)).await.expect("passed");
    let mut session = begin(&backend).await;
    session.run(&context, insert(row(1.0))).await.expect("passed");
    assert!(!session.doomed());
    session.commit(&context).await.expect("passed");
    begin(&backend).await.rollback(&context).await.expect("passed");
    backend.ping(&context).await.expect("passed");
    assert_eq!(backend.pool().max, 7);
    assert_eq!(scripted.asked(), ["select", "begin", "insert", "commit", "begin", "rollback", "ping"]);
    assert_eq!(faults.left(), 0);
}

#[tokio::test]
async fn failures_come_in_the_order_in_which_they_were_asked_for() {
    let scripted = Scripted::new([]);
    let (backend, faults, context) = faulty(&scripted);
    faults.fail_next(ErrorKind::Timeout);
    faults.fail_next(ErrorKind::Deadlock);
    assert_eq!(faults.left(), 2);
    for kind in [ErrorKind::Timeout, ErrorKind::Deadlock] {
        let error = backend.run(&context, select(None)).await.expect_err("asked for");
        assert_eq!((error.kind(), error.entity_name()), (kind, Some("thing")));
    }
    assert_eq!((scripted.asked(), faults.left()), (Vec::new(), 0), "neither reached the backend");
    backend.run(&context, select(None)).await.expect("and then none");
    assert_eq!(scripted.asked(), ["select"]);
}

#[tokio::test]
async fn a_failure_waits_for_its_entity() {
    let scripted = Scripted::new([]);
    let (backend, faults, context) = faulty(&scripted);
    faults.fail_next_on("thing", ErrorKind::StorageFull);
    let other = build::table("other").int64("id").primary_key(&["id"]).build().expect("a table");
    let other = || Operation::Aggregate(Aggregate::of(Arc::new(other.clone()), vec![Figure::Count]));
    backend.run(&context, other()).await.expect("another entity");
    faults.fail_next_on("other", ErrorKind::Timeout);
    assert!(backend.run(&context, other()).await.expect_err("asked for").is(ErrorKind::Timeout));
    assert!(backend.run(&context, select(None)).await.expect_err("asked for").is(ErrorKind::StorageFull));
    faults.fail_next_on("thing", ErrorKind::StorageFull);
    faults.clear();
    backend.run(&context, select(None)).await.expect("forgotten");
}

#[tokio::test]
async fn a_failure_inside_dooms_the_transaction() {
    let scripted = Scripted::new([]);
    let (backend, faults, context) = faulty(&scripted);
    let mut session = begin(&backend).await;
    faults.fail_next(ErrorKind::ConnectionLost);
    let error = session.run(&context, insert(row(1.0))).await.expect_err("asked for");
    assert!(error.is(ErrorKind::ConnectionLost) && session.doomed());
    let error = session.run(&context, select(None)).await.expect_err("doomed");
    assert!(error.is(ErrorKind::TransactionFailed));
    assert!(session.commit(&context).await.expect_err("doomed").is(ErrorKind::TransactionFailed));
    assert_eq!(scripted.asked(), ["begin"], "nothing after it reached the backend, the commit least of all");
}

#[tokio::test]
async fn a_commit_fails_or_its_answer_is_lost() {
    let scripted = Scripted::new([]);
    let (backend, faults, context) = faulty(&scripted);
    faults.fail_next_commit(ErrorKind::CommitUnknown);
    faults.lose_next_commit();
    let failed = begin(&backend).await.commit(&context).await.expect_err("asked for");
    let lost = begin(&backend).await.commit(&context).await.expect_err("asked for");
    assert_eq!([failed.kind(), lost.kind()], [ErrorKind::CommitUnknown; 2], "a caller cannot tell them apart");
    begin(&backend).await.commit(&context).await.expect("and then none");
    assert_eq!(scripted.asked(), ["begin", "rollback", "begin", "commit", "begin", "commit"]);
}

#[tokio::test]
async fn every_call_takes_so_much_longer() {
    const LATENCY: Duration = Duration::from_millis(300);
    let scripted = Scripted::new([Answer::Ok(rows(1))]);
    let (backend, faults, context) = faulty(&scripted);
    faults.latency(LATENCY);
    let start = Instant::now();
    backend.run(&context, select(None)).await.expect("slow");
    let session = begin(&backend).await;
    session.commit(&context).await.expect("slow");
    assert!(start.elapsed() >= 3 * LATENCY, "{:?}", start.elapsed());
    faults.latency(Duration::ZERO);
    let start = Instant::now();
    backend.run(&context, select(None)).await.expect("as before");
    assert!(start.elapsed() < LATENCY);
}
