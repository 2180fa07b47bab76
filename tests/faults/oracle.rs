//! What every fault test is judged by. Each operation has a number of its own and writes its rows under it; what the caller
//! heard is noted, and at the end the rows are read on a direct connection beside the library and beside the proxy:
//!
//! - **A** what was acknowledged is there exactly once; **B** what was refused is not there; **C** what is unknown is there once or
//!   not at all; and nothing is there by halves;
//! - **D** after healing something is acknowledged again within the bound;
//! - **E** an error holds no secret; its kind is the test's own to look at;
//! - **F** the pool is back to its size, the server holds no transaction open, no task is left.
//!
//! The outcome is one line of JSON in the file that `SEABED_FAULTS_REPORT` names: `cargo xtask faults` makes a table of them.

use crate::support::Place;
use seabed::{Status, TransactionOptions, prelude::*};
use sqlx::{AssertSqlSafe, Connection, FromRow};
use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

pub mod effect {
    use sea_orm::entity::prelude::*;

    /// What an operation leaves: a row for each of its parts. Nothing is unique but the key, so that what was written twice is
    /// there twice.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "effect")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(indexed)]
        pub unit: i64,
        pub part: i64,
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How long a recovery may take: the machine may be busy.
const BOUND: Duration = Duration::from_secs(5);

/// What the caller of an operation heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heard {
    Acknowledged,
    Refused,
    Unknown,
}

#[derive(Debug, Default)]
struct Log {
    heard: BTreeMap<i64, Option<Heard>>,
    /// Since when something can succeed again.
    healed: Option<Instant>,
    longest: Duration,
}

/// Numbers operations, notes what was heard, and judges.
#[derive(Debug)]
pub struct Oracle {
    /// The number of the fault test.
    number: u32,
    backend: String,
    parts: i64,
    secret: Option<String>,
    /// How many tasks there were before anything was opened.
    tasks: usize,
    log: Mutex<Log>,
}

/// A part of an operation.
pub fn part(unit: i64, part: i64) -> effect::ActiveModel {
    let text = format!("part {part} of {unit}");
    effect::ActiveModel { unit: Set(unit), part: Set(part), text: Set(text), ..Default::default() }
}

/// The error with its whole chain, as loggers print it.
pub fn chain(error: &seabed::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text += &format!(" {inner} {inner:?}");
        source = inner.source();
    }
    text
}

impl Oracle {
    /// Of operations that write so many rows each, in a place whose table of effects is made through `db`.
    pub async fn new(number: u32, backend: &str, place: &Place, parts: i64) -> Self {
        let direct = place.open(1).await;
        direct.create_tables(&seabed::entities![effect]).await.expect("a table");
        direct.close().await.expect("closed");
        Self { parts, ..Self::of_nothing_stored(number, backend, &place.url()) }
    }

    /// Of a test whose operations leave no effects: it counts. The URL has the secret that nobody may see.
    pub fn of_nothing_stored(number: u32, backend: &str, url: &str) -> Self {
        Self {
            number,
            backend: backend.to_owned(),
            parts: 0,
            secret: secret(url),
            tasks: tasks(),
            log: Mutex::default(),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a new operation. Until something is heard of it, it was given up: unknown.
    pub fn unit(&self) -> i64 {
        let mut log = self.log();
        let unit = i64::try_from(log.heard.len()).expect("few");
        log.heard.insert(unit, None);
        unit
    }

    /// What was heard of an operation.
    pub fn heard<T>(&self, unit: i64, answer: &seabed::Result<T>) -> Heard {
        let heard = match answer {
            Ok(_) => Heard::Acknowledged,
            Err(error) => {
                self.holds_no_secret(&chain(error));
                if error.status() == Status::Unknown { Heard::Unknown } else { Heard::Refused }
            }
        };
        let mut log = self.log();
        log.heard.insert(unit, Some(heard));
        if heard == Heard::Acknowledged
            && let Some(since) = log.healed.take()
        {
            log.longest = log.longest.max(since.elapsed());
        }
        heard
    }

    /// What is shown to anybody.
    pub fn holds_no_secret(&self, shown: &str) {
        if let Some(secret) = &self.secret {
            assert!(!shown.contains(secret), "{}: the password is shown: {shown}", self.backend);
        }
    }

    /// From now on something can succeed again.
    pub fn healed(&self) {
        self.log().healed = Some(Instant::now());
    }

    /// One row, committed by itself.
    pub async fn insert(&self, db: &Database) -> seabed::Result<()> {
        let unit = self.unit();
        let answer = db.repository::<effect::Entity>().insert(part(unit, 0)).await.map(drop);
        self.heard(unit, &answer);
        answer
    }

    /// All parts in one transaction.
    pub async fn transact(&self, db: &Database, options: TransactionOptions) -> seabed::Result<()> {
        let (unit, parts) = (self.unit(), self.parts);
        let answer = all_parts(db, options, unit, parts).await;
        self.heard(unit, &answer);
        answer
    }

    /// Waits until nothing of this place is on its way, at most a few seconds; then all of the pool can be lent at once, and each
    /// connection is clean (**F**).
    pub async fn pool_is_back(&self, place: &Place, db: &Database, connections: u32) {
        self.settled(place).await;
        let until = Instant::now() + Duration::from_secs(2);
        while db.backend().pool().in_use > 0 {
            assert!(
                Instant::now() < until,
                "{}: a connection is not given back: {:?}",
                self.backend,
                db.backend().pool()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut held = Vec::new();
        for _ in 0..if self.backend == "sqlite" { 1 } else { connections } {
            held.push(db.begin(TransactionOptions::default()).await.expect("the pool has its size"));
        }
        for transaction in held {
            transaction.rollback().await.expect("a clean connection");
        }
    }

    /// Waits until the server has ended what it was told to end.
    async fn settled(&self, place: &Place) {
        // What was given up in a silence MongoDB ends by itself, after a minute.
        let until = Instant::now() + Duration::from_secs(if self.backend == "mongodb" { 70 } else { 5 });
        while place.running().await + place.open_transactions().await > 0 {
            assert!(Instant::now() < until, "{}: the server still holds what nobody waits for", self.backend);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the library and the proxy began has ended with them (**F**).
    async fn no_task_is_left(&self) {
        let until = Instant::now() + Duration::from_secs(5);
        while tasks() > self.tasks {
            assert!(Instant::now() < until, "{}: {} tasks are left", self.backend, tasks() - self.tasks);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Judges, and reports. The database is closed by then, and the proxy gone.
    pub async fn judge(&self, place: &Place) {
        self.settled(place).await;
        self.no_task_is_left().await;
        let heard = self.log().heard.iter().map(|(&unit, heard)| (unit, heard.unwrap_or(Heard::Unknown))).collect();
        let verdict = Verdict::of(&heard, self.parts, place.effects().await);
        let row = self.report(&verdict);
        assert_eq!(verdict, Verdict::default(), "{row}");
        self.recovered(&row);
    }

    /// Reports a test whose operations leave no effects.
    pub fn count(&self) {
        let row = self.report(&Verdict::default());
        self.recovered(&row);
    }

    fn recovered(&self, row: &str) {
        let log = self.log();
        assert!(log.healed.is_none(), "nothing succeeded after the last healing; {row}");
        assert!(log.longest <= BOUND, "it took {:?} to recover; {row}", log.longest);
    }

    /// Writes the line.
    fn report(&self, verdict: &Verdict) -> String {
        let log = self.log();
        let lost = verdict.lost.len() + verdict.halves.len();
        let duplicated = verdict.twice.len() + verdict.refused.len() + verdict.strange.len();
        let count = |what| log.heard.values().filter(|heard| heard.unwrap_or(Heard::Unknown) == what).count();
        let row = format!(
            r#"{{"test":{},"backend":"{}","operations":{},"acknowledged":{},"refused":{},"unknown":{},"lost":{lost},"duplicated":{duplicated},"recovery_ms":{}}}"#,
            self.number,
            self.backend,
            log.heard.len(),
            count(Heard::Acknowledged),
            count(Heard::Refused),
            count(Heard::Unknown),
            log.longest.as_millis()
        );
        println!("FAULTS {row}");
        if let Some(path) = std::env::var_os("SEABED_FAULTS_REPORT") {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            file.expect("the report").write_all(format!("{row}\n").as_bytes()).expect("a line");
        }
        row
    }
}

/// What is wrong with what is there, by unit.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    /// Acknowledged, and not there.
    lost: Vec<i64>,
    halves: Vec<i64>,
    twice: Vec<i64>,
    /// Refused, and there.
    refused: Vec<i64>,
    /// Nobody wrote them.
    strange: Vec<i64>,
}

impl Verdict {
    /// Of units of so many parts, and of what is there: unit, part, how often.
    fn of(heard: &BTreeMap<i64, Heard>, parts: i64, rows: Vec<(i64, i64, i64)>) -> Self {
        let mut there: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (unit, _, count) in rows {
            there.entry(unit).or_default().push(count);
        }
        let mut verdict = Self::default();
        for (&unit, heard) in heard {
            let counts = there.remove(&unit).unwrap_or_default();
            if counts.is_empty() {
                if *heard == Heard::Acknowledged {
                    verdict.lost.push(unit);
                }
                continue;
            }
            if counts.iter().any(|&count| count > 1) {
                verdict.twice.push(unit);
            }
            if i64::try_from(counts.len()) != Ok(parts) {
                verdict.halves.push(unit);
            }
            if *heard == Heard::Refused {
                verdict.refused.push(unit);
            }
        }
        verdict.strange = there.into_keys().collect();
        verdict
    }
}

/// A judge that finds nothing wrong is worth nothing.
#[test]
fn what_is_lost_doubled_halved_or_refused_is_found() {
    use Heard::{Acknowledged, Refused, Unknown};
    let heard = [Acknowledged, Acknowledged, Unknown, Refused, Acknowledged, Unknown, Refused];
    let heard = (0..).zip(heard).collect();
    let rows = vec![(1, 0, 1), (1, 1, 2), (2, 1, 1), (3, 0, 1), (3, 1, 1), (4, 0, 1), (4, 1, 1), (9, 0, 1)];
    let wrong = Verdict { lost: vec![0], halves: vec![2], twice: vec![1], refused: vec![3], strange: vec![9] };
    assert_eq!(Verdict::of(&heard, 2, rows), wrong);
}

/// All parts of an operation in one transaction: the first ten by statements of their own, the others by one.
pub async fn all_parts(db: &Database, options: TransactionOptions, unit: i64, parts: i64) -> seabed::Result<()> {
    db.transact_with(options, |tx| async move {
        let effects = tx.repository::<effect::Entity>();
        let (single, many) = (0..parts.min(10), 10..parts.max(10));
        for at in single {
            effects.insert(part(unit, at)).await?;
        }
        effects.insert_many(many.map(|at| part(unit, at))).await.map(drop)
    })
    .await
}

fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

fn secret(url: &str) -> Option<String> {
    Some(url.rsplit_once('@')?.0.rsplit_once(':')?.1.to_owned())
}

impl Place {
    /// Units, their parts and how often each is there, read beside the library.
    async fn effects(&self) -> Vec<(i64, i64, i64)> {
        const SQL: &str = "SELECT unit, part, COUNT(*) FROM effect GROUP BY unit, part";
        match self {
            Self::Sqlite(_) => read::<sqlx::Sqlite>(&self.url(), SQL).await,
            Self::Postgres { .. } => read::<sqlx::Postgres>(&self.url(), SQL).await,
            Self::MySql { .. } => read::<sqlx::MySql>(&self.url(), SQL).await,
            #[cfg(feature = "mongodb")]
            Self::Mongo { .. } => self.mongo_effects().await,
        }
    }
}

async fn read<D: sqlx::Database>(url: &str, sql: &str) -> Vec<(i64, i64, i64)>
where
    for<'c> &'c mut D::Connection: sqlx::Executor<'c, Database = D>,
    for<'r> (i64, i64, i64): FromRow<'r, D::Row>,
    D::Arguments: sqlx::IntoArguments<D>,
{
    let mut direct = D::Connection::connect(url).await.expect("a connection beside the library");
    let rows = sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_all(&mut direct).await.expect("the effects");
    direct.close().await.expect("closed");
    rows
}
