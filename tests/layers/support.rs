//! A backend that answers as it was told and remembers what it was asked.

use async_trait::async_trait;
use sea_orm::Value;
use seabed::{
    Capabilities, Capability, Context, Error, ErrorKind, Result,
    backend::{
        Backend, Begin, Deploy, Filter, Finding, Info, Insert, Operation, Outcome, PoolState, RawOutcome, RawStatement,
        Savepoint, Select, Session,
    },
    schema::{Table, build},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What the backend says to one call.
#[derive(Debug)]
pub enum Answer {
    /// So many rows, or rows affected.
    Ok(Outcome),
    /// The same, after a while.
    After(Duration, Outcome),
    /// A failure.
    Err(Error),
    /// Nothing, ever.
    Hang,
}

/// A backend that plays a script; a call beyond its end is answered with no rows.
#[derive(Clone, Debug)]
pub struct Scripted {
    info: Arc<Info>,
    script: Arc<Script>,
}

#[derive(Debug, Default)]
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<&'static str>>,
    operations: Mutex<Vec<Operation>>,
    given_up: Mutex<Vec<&'static str>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes a call that is dropped before its end.
struct Running<'s>(&'s Script, Option<&'static str>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(call) = self.1 {
            lock(&self.0.given_up).push(call);
        }
    }
}

impl Script {
    async fn play(&self, call: &'static str, operation: Option<Operation>) -> Result<Outcome> {
        lock(&self.asked).push(call);
        lock(&self.operations).extend(operation);
        let answer = lock(&self.answers).pop_front();
        let mut running = Running(self, Some(call));
        let said = match answer {
            None => Ok(Outcome::Rows(Vec::new().into())),
            Some(Answer::Ok(outcome)) => Ok(outcome),
            Some(Answer::After(time, outcome)) => {
                tokio::time::sleep(time).await;
                Ok(outcome)
            }
            Some(Answer::Err(error)) => Err(error),
            Some(Answer::Hang) => std::future::pending().await,
        };
        running.1 = None;
        said
    }
}

impl Scripted {
    /// A backend with every capability that gives these answers, one a call.
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::with_capabilities(Capability::ALL.iter().copied(), answers)
    }

    /// The same, with these capabilities and no others.
    pub fn with_capabilities(
        capabilities: impl IntoIterator<Item = Capability>,
        answers: impl IntoIterator<Item = Answer>,
    ) -> Self {
        let capabilities = Capabilities::new(capabilities);
        let info = Info { product: "Scripted", version: "1".to_owned(), dialect: None, capabilities };
        let script = Script { answers: Mutex::new(answers.into_iter().collect()), ..Script::default() };
        Self { info: Arc::new(info), script: Arc::new(script) }
    }

    /// As the layers hold it.
    pub fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.clone())
    }

    /// What it was asked, by name, in order.
    pub fn asked(&self) -> Vec<&'static str> {
        lock(&self.script.asked).clone()
    }

    /// The operations that reached it.
    pub fn operations(&self) -> Vec<Operation> {
        lock(&self.script.operations).clone()
    }

    /// The calls that were dropped before their end.
    pub fn given_up(&self) -> Vec<&'static str> {
        lock(&self.script.given_up).clone()
    }
}

#[async_trait]
impl Backend for Scripted {
    fn info(&self) -> &Info {
        &self.info
    }

    async fn run(&self, _: &Context, operation: Operation) -> Result<Outcome> {
        self.script.play(operation.name(), Some(operation)).await
    }

    async fn begin(&self, _: &Context, _: Begin) -> Result<Box<dyn Session>> {
        self.script.play("begin", None).await?;
        Ok(Box::new(self.clone()))
    }

    async fn raw(&self, _: &Context, _: RawStatement) -> Result<RawOutcome> {
        self.script.play("raw", None).await.map(|_| RawOutcome::Ran)
    }

    async fn verify(&self, _: &Context, _: &[Arc<Table>]) -> Result<Vec<Finding>> {
        Ok(Vec::new())
    }

    async fn create_tables(&self, _: &Context, _: &[Arc<Table>]) -> Result<()> {
        self.script.play("create_tables", None).await.map(drop)
    }

    async fn ping(&self, _: &Context) -> Result<()> {
        self.script.play("ping", None).await.map(drop)
    }

    fn pool(&self) -> PoolState {
        PoolState { max: 7, ..PoolState::default() }
    }

    async fn migration_connection(&self) -> Result<sea_orm::DatabaseConnection> {
        Err(Error::unsupported("a script has no migrations"))
    }

    async fn deploy(&self) -> Result<Box<dyn Deploy>> {
        Err(Error::unsupported("a script has no migrations"))
    }

    async fn close(&self, _: Duration) -> Result<()> {
        self.script.play("close", None).await.map(drop)
    }
}

#[async_trait]
impl Session for Scripted {
    async fn run(&mut self, _: &Context, operation: Operation) -> Result<Outcome> {
        self.script.play(operation.name(), Some(operation)).await
    }

    async fn raw(&mut self, _: &Context, _: RawStatement) -> Result<RawOutcome> {
        self.script.play("raw", None).await.map(|_| RawOutcome::Ran)
    }

    async fn savepoint(&mut self, _: &Context, _: Savepoint) -> Result<()> {
        self.script.play("savepoint", None).await.map(drop)
    }

    fn doomed(&self) -> bool {
        false
    }

    async fn commit(self: Box<Self>, _: &Context) -> Result<()> {
        self.script.play("commit", None).await.map(drop)
    }

    async fn rollback(self: Box<Self>, _: &Context) -> Result<()> {
        self.script.play("rollback", None).await.map(drop)
    }
}

/// `thing (id, name, weight, size, at, extra)`.
pub fn thing() -> Arc<Table> {
    let table = build::table("thing").int64("id").text("name", 5).double("weight").nullable().int32("size");
    Arc::new(table.instant("at").json("extra").primary_key(&["id"]).build().expect("a table"))
}

/// A row of it.
pub fn row(weight: f64) -> Vec<Option<Value>> {
    let at = sea_orm::prelude::ChronoDateTimeUtc::from_timestamp_nanos(1_700_000_000_123_456_789);
    vec![
        Some(1_i64.into()),
        Some("name".into()),
        Some(weight.into()),
        Some(2_i32.into()),
        Some(at.into()),
        Some(sea_orm::prelude::Json::Null.into()),
    ]
}

/// The rows of `thing` that match.
pub fn select(filter: Option<Filter>) -> Operation {
    Operation::Select(Select { filter, ..Select::all(thing()) })
}

/// A new row of `thing`.
pub fn insert(row: Vec<Option<Value>>) -> Operation {
    Operation::Insert(Insert::of(thing(), vec![row]))
}

/// So many empty rows.
pub fn rows(count: usize) -> Outcome {
    Outcome::Rows(vec![Vec::new(); count].into())
}

/// A failure of this kind.
pub fn failure(kind: ErrorKind) -> Answer {
    Answer::Err(Error::new(kind, "as the script says"))
}
