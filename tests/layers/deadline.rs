//! Every call ends by its deadline, and what was on its way is dropped.

use crate::support::{Answer, Scripted, insert, rows, select};
use async_trait::async_trait;
use seabed::{
    Context, Database, ErrorKind, Status, TransactionOptions,
    backend::{Backend, Begin},
    layer::{DeadlineLayer, Layer},
    prelude::all,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

mod word {
    use seabed::sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "word")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const SOON: Duration = Duration::from_millis(40);
const LATE: Duration = Duration::from_mins(1);

fn bounded(scripted: &Scripted, limit: Duration) -> Arc<dyn Backend> {
    DeadlineLayer { limit }.layer(scripted.backend())
}

#[async_trait]
trait Timed: Future + Sized + Send {
    /// Fails where the call takes longer than a call that is ended soon may.
    async fn soon(self) -> Self::Output
    where
        Self::Output: Send;
}

#[async_trait]
impl<F: Future + Send> Timed for F {
    async fn soon(self) -> F::Output
    where
        F::Output: Send,
    {
        let since = Instant::now();
        let output = tokio::time::timeout(Duration::from_secs(5), self).await.expect("the call is ended");
        assert!(since.elapsed() < Duration::from_secs(4), "it took {:?}", since.elapsed());
        output
    }
}

#[tokio::test]
async fn a_call_that_hangs_ends_at_the_limit_and_is_dropped() {
    let scripted = Scripted::new([Answer::Hang, Answer::Hang, Answer::Hang]);
    let backend = bounded(&scripted, SOON);
    let context = Context::default();
    let error = backend.run(&context, select(None)).soon().await.expect_err("no answer");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, Status::Temporary));
    assert!(error.message().contains("40 ms"), "it says the bound: {error}");
    assert_eq!(backend.ping(&context).soon().await.expect_err("no answer").kind(), ErrorKind::Timeout);
    let begun = backend.begin(&context, Begin::default()).soon().await;
    assert_eq!(begun.expect_err("no answer").kind(), ErrorKind::Timeout);
    assert_eq!(scripted.given_up(), ["select", "ping", "begin"]);
}

/// By itself a write may have been done when it is given up on; in a transaction it cannot stay.
#[tokio::test]
async fn a_write_that_hangs_is_unknown() {
    let scripted = Scripted::new([Answer::Hang]);
    let write = insert(Vec::new());
    let error = bounded(&scripted, SOON).run(&Context::default(), write).soon().await.expect_err("no answer");
    assert_eq!((error.kind(), error.status()), (ErrorKind::WriteUnknown, Status::Unknown));
    assert_eq!(scripted.given_up(), ["insert"]);
}

#[tokio::test]
async fn a_context_ends_a_call_before_the_limit_and_never_after_it() {
    let scripted = Scripted::new([Answer::Hang, Answer::Hang]);
    let error = bounded(&scripted, LATE).run(&Context::default().within(SOON), select(None)).soon().await;
    assert_eq!(error.expect_err("no answer").kind(), ErrorKind::Timeout, "the context is earlier");
    let error = bounded(&scripted, SOON).run(&Context::default().within(LATE), select(None)).soon().await;
    assert_eq!(error.expect_err("no answer").kind(), ErrorKind::Timeout, "the limit is earlier");
}

#[tokio::test]
async fn a_deadline_that_has_passed_ends_a_call_at_once() {
    let scripted = Scripted::new([Answer::Hang]);
    let context = Context::default().within(Duration::ZERO);
    let error = bounded(&scripted, LATE).run(&context, select(None)).soon().await.expect_err("too late");
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn an_answer_in_time_is_passed_on() {
    let scripted = Scripted::new([Answer::After(Duration::from_millis(5), rows(3))]);
    let answer = bounded(&scripted, LATE).run(&Context::default().within(LATE), select(None)).soon().await;
    assert_eq!(answer.expect("in time").len(), 3);
    assert!(scripted.given_up().is_empty());
}

#[tokio::test]
async fn a_commit_that_hangs_is_unknown() {
    let scripted = Scripted::new([Answer::Ok(rows(0)), Answer::Hang]);
    let session = bounded(&scripted, LATE).begin(&Context::default(), Begin::default()).await;
    let commit = session.expect("begun").commit(&Context::default().within(SOON)).soon().await;
    let error = commit.expect_err("no answer");
    assert_eq!((error.kind(), error.status()), (ErrorKind::CommitUnknown, Status::Unknown), "the write may be there");
    assert!(std::error::Error::source(&error).is_some(), "it says why");
    assert_eq!(scripted.given_up(), ["commit"]);
}

#[tokio::test]
async fn a_call_or_a_rollback_that_hangs_in_a_transaction_is_a_timeout() {
    let scripted = Scripted::new([Answer::Ok(rows(0)), Answer::Hang, Answer::Hang]);
    let begun = bounded(&scripted, SOON).begin(&Context::default(), Begin::default()).await;
    let mut session = begun.expect("begun");
    let error = session.run(&Context::default(), select(None)).soon().await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let error = session.rollback(&Context::default()).soon().await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(scripted.given_up(), ["select", "rollback"]);
}

#[tokio::test]
async fn the_context_around_a_service_bounds_its_calls() {
    let scripted = Scripted::new([Answer::Hang, Answer::Ok(rows(0)), Answer::Hang]);
    let db = Database::from_backend(bounded(&scripted, LATE));
    let words = db.repository::<word::Entity>();
    let context = || Context::current().within(SOON);
    let error = context().scope(words.find(all())).soon().await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let transaction = db.begin(TransactionOptions::default()).await.expect("begun");
    let error = context().scope(transaction.commit()).soon().await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::CommitUnknown, "{error}");
}
