//! A caller may drop any future at any await (law T3, hazards H1 and H9).

use crate::{give_up::give_up_at, support::Place};
use seabed::prelude::*;
use std::time::{Duration, Instant};

pub mod half {
    use sea_orm::entity::prelude::*;

    /// Each unit of work writes two rows of the same unit.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "half")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(indexed)]
        pub unit: i64,
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const UNITS: i64 = 800;
pub const CONNECTIONS: u32 = 4;

async fn unit(db: &Database, unit: i64) -> Result<()> {
    db.transact(|tx| async move {
        let halves = tx.repository::<half::Entity>();
        for text in ["first", "second"] {
            let row = half::ActiveModel { unit: Set(unit), text: Set(text.to_owned()), ..Default::default() };
            halves.insert(row).await?;
        }
        Ok(())
    })
    .await
}

async fn nothing_is_lost_by_halves_or_left_open(backend: &str) {
    let test = "a_transaction_dropped_at_any_await_leaves_nothing_behind";
    let Some(place) = Place::new(backend, test).await else { return };
    let db = place.open(CONNECTIONS).await;
    db.create_tables(&seabed::entities![half]).await.expect("a table");

    let halves = db.repository::<half::Entity>();
    let (mut acknowledged, mut dropped, mut deepest) = (Vec::new(), 0, 0);
    let mut n = 0;
    for number in 0..UNITS {
        // Mostly on a connection that is there, so that the drop meets the transaction; else somewhere in connecting, which on
        // PostgreSQL alone has hundreds of awaits.
        let warm = number % 5 != 0;
        if warm {
            halves.exists(all()).await.expect("a warm connection");
        }
        let at = if warm { n } else { usize::try_from(number * 53 % 900).expect("small") };
        if let Some(done) = give_up_at(at, unit(&db, number)).await {
            done.unwrap_or_else(|error| panic!("unit {number}, given up at {at}: {error}"));
            acknowledged.push(number);
            if warm {
                // Past the last await: start again from the first.
                deepest = deepest.max(n);
                n = 0;
            }
        } else {
            dropped += 1;
            n += usize::from(warm);
        }
    }
    assert!(acknowledged.len() > 20, "some finish: {}", acknowledged.len());
    assert!(dropped > 100, "many are dropped: {dropped} of {UNITS}");
    assert!(deepest >= 3, "drops reach into the transaction: {deepest} awaits");

    nothing_is_open(&place, &db).await;

    // From outside: another database handle, so that nothing of the first one's connections is looked through.
    let other = place.open(1).await;
    let halves = other.repository::<half::Entity>();
    let rows = halves.find(all()).await.expect("the rows");
    for number in 0..UNITS {
        let count = rows.iter().filter(|row| row.unit == number).count();
        assert!(count == 0 || count == 2, "unit {number} is there by halves: {count} rows");
        assert!(!acknowledged.contains(&number) || count == 2, "unit {number} was acknowledged and is not there");
    }

    the_pool_has_its_size(backend, &db).await;
    unit(&db, UNITS).await.expect("the pool still writes");
    assert_eq!(
        halves.count(col(half::COLUMN.unit).eq(UNITS)).await.expect("a count"),
        2,
        "and what it writes is there"
    );

    println!("{backend}: {} acknowledged, {dropped} dropped, up to await {deepest}", acknowledged.len());
    other.close().await.expect("closed");
    db.close().await.expect("closed");
    place.close().await;
}

/// No session is in a transaction, a second after the last call was given up.
pub async fn nothing_is_open(place: &Place, db: &Database) {
    let until = Instant::now() + Duration::from_secs(1);
    while place.open_transactions().await > 0 || db.backend().pool().in_use > 0 {
        let pool = db.backend().pool();
        assert!(Instant::now() < until, "a session is still in a transaction after a second: {pool:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// As many transactions as it has connections can be open at once, and each is clean.
pub async fn the_pool_has_its_size(backend: &str, db: &Database) {
    let open = if backend == "sqlite" { 1 } else { CONNECTIONS as usize };
    let mut held = Vec::new();
    for _ in 0..open {
        held.push(db.begin(seabed::TransactionOptions::default()).await.expect("a connection"));
    }
    for transaction in held {
        transaction.rollback().await.expect("a clean connection");
    }
}

/// Rows for [`slow`].
pub async fn fill(db: &Database) {
    let row = |n: i64| half::ActiveModel { unit: Set(n), text: Set("x".repeat(200)), ..Default::default() };
    db.repository::<half::Entity>().insert_many((0..8_000).map(row)).await.expect("rows");
}

/// A disjunction of thousands of searches in text, over every row: seconds of work.
pub fn slow() -> seabed::Filter<half::Entity> {
    let one = |n: i64| col(half::COLUMN.text).contains(format!("y{n}"));
    (1..6_000).fold(one(0), |all, n| all | one(n))
}

/// Gives up on a statement that takes long; the connection must be free within a second, and nothing still run.
async fn a_statement_given_up_is_cancelled_in_the_server(backend: &str) {
    let test = "a_statement_given_up_is_cancelled_in_the_server";
    let Some(place) = Place::new(backend, test).await else { return };
    let db = place.open(1).await;
    db.create_tables(&seabed::entities![half]).await.expect("a table");
    let halves = db.repository::<half::Entity>();
    fill(&db).await;
    let gave_up = tokio::time::timeout(Duration::from_millis(150), halves.count(slow())).await;
    assert!(gave_up.is_err(), "the statement is slow enough to be given up on");

    let since = Instant::now();
    assert_eq!(halves.count(col(half::COLUMN.unit).lt(10)).await.expect("the connection is free"), 10);
    assert!(since.elapsed() < Duration::from_secs(1), "the next call waited {:?}", since.elapsed());
    // The next call may have had another connection: what was given up must not run on either.
    while place.running().await > 0 {
        assert!(since.elapsed() < Duration::from_secs(1), "the server still works on what nobody waits for");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    db.close().await.expect("closed");
    place.close().await;
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn t3_a_transaction_dropped_at_any_await_leaves_nothing_behind() {
                super::nothing_is_lost_by_halves_or_left_open(stringify!($backend)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn t3_a_statement_given_up_is_cancelled_in_the_server() {
                super::a_statement_given_up_is_cancelled_in_the_server(stringify!($backend)).await;
            }
        }
    )* };
}
on_each! { sqlite postgres mysql }

#[cfg(feature = "mongodb")]
mod mongodb {
    #[tokio::test(flavor = "multi_thread")]
    async fn t3_a_transaction_dropped_at_any_await_leaves_nothing_behind() {
        super::nothing_is_lost_by_halves_or_left_open("mongodb").await;
    }
}

/// The task that would roll back ends with its runtime; what comes later must not write into the transaction.
#[test]
fn h1_a_transaction_left_to_an_ended_runtime_is_rolled_back() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().expect("a runtime")
    };
    let row = |unit| half::ActiveModel { unit: Set(unit), text: Set("x".to_owned()), ..Default::default() };
    let first = runtime();
    let (place, db, transaction) = first.block_on(async {
        let place = Place::new("sqlite", "h1").await.expect("a folder");
        let db = place.open(1).await;
        db.create_tables(&seabed::entities![half]).await.expect("a table");
        let transaction = db.begin(seabed::TransactionOptions::default()).await.expect("a transaction");
        transaction.repository::<half::Entity>().insert(row(1)).await.expect("a row");
        (place, db, transaction)
    });
    first.shutdown_background();
    drop(transaction);
    runtime().block_on(async {
        db.repository::<half::Entity>().insert(row(2)).await.expect("a row");
        let other = place.open(1).await;
        let seen = other.repository::<half::Entity>().find(all()).await.expect("rows");
        assert_eq!(seen.iter().map(|row| row.unit).collect::<Vec<_>>(), [2], "what said Ok is there, and no more");
        other.close().await.expect("closed");
        db.close().await.expect("closed");
        place.close().await;
    });
}
