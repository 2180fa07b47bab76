//! Read, compute, write (hazard H19): of 8 tasks with 50 increments each, every `Ok` counts, and nearly all are `Ok`.

use crate::support::Place;
use seabed::{Isolation, TransactionOptions, prelude::*};
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

mod versioned {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "versioned")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub count: i64,
        pub version: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}

    seabed::rules!(Entity { version: Version });
}

mod bare {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bare")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub count: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const TASKS: i64 = 8;
const EACH: i64 = 50;
/// Of 400: the rest may have used up their attempts.
const ENOUGH: i64 = 390;

/// How an increment is kept from losing another.
#[derive(Clone, Copy, Debug)]
enum Kept {
    Version,
    Lock,
    Serializable,
}

impl Kept {
    fn options(self) -> TransactionOptions {
        let options = TransactionOptions::default();
        if matches!(self, Self::Serializable) { options.isolation(Isolation::Serializable) } else { options }
    }

    async fn increment(self, tx: &Database) -> Result<()> {
        let missing = || seabed::Error::new(ErrorKind::NotFound, "the row is there");
        if matches!(self, Self::Version) {
            let rows = tx.repository::<versioned::Entity>();
            let read = rows.get(1).await?.ok_or_else(missing)?;
            tokio::task::yield_now().await;
            return rows.replace(versioned::Model { count: read.count + 1, ..read }).await.map(drop);
        }
        let (rows, id) = (tx.repository::<bare::Entity>(), col(bare::COLUMN.id));
        let read = match self {
            Self::Lock => rows.one(id.eq(1).into_query().for_update()).await?,
            _ => rows.get(1).await?,
        };
        let read = read.ok_or_else(missing)?;
        tokio::task::yield_now().await;
        rows.replace(bare::Model { count: read.count + 1, ..read }).await.map(drop)
    }

    async fn count(self, db: &Database) -> i64 {
        let read = "the row";
        match self {
            Self::Version => db.repository::<versioned::Entity>().get(1).await.expect(read).expect(read).count,
            _ => db.repository::<bare::Entity>().get(1).await.expect(read).expect(read).count,
        }
    }
}

async fn every_ok_counts(backend: &'static str, kept: Kept) {
    let test = format!("h19 {kept:?}");
    let place = if backend == "memory" { None } else { Place::new(backend, &test).await };
    let db = match &place {
        Some(place) => place.open(10).await,
        None if backend == "memory" => Database::memory(),
        None => return,
    };
    db.create_tables(&seabed::entities![versioned, bare]).await.expect("tables");
    db.repository::<versioned::Entity>().insert(versioned::Model { id: 1, count: 0, version: 1 }).await.expect("a row");
    db.repository::<bare::Entity>().insert(bare::Model { id: 1, count: 0 }).await.expect("a row");

    let since = Instant::now();
    let tasks = (0..TASKS).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let (mut done, runs) = (0_i64, AtomicU32::new(0));
            for _ in 0..EACH {
                let answer = db.transact_with(kept.options(), |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    async move { kept.increment(&tx).await }
                });
                match answer.await {
                    Ok(()) => done += 1,
                    Err(error) => println!("{backend}: {kept:?}: {error}"),
                }
            }
            (done, runs.into_inner())
        })
    });
    let (mut done, mut runs) = (0, 0);
    for task in futures::future::join_all(tasks).await {
        let (its, its_runs) = task.expect("a task that ends");
        done += its;
        runs += its_runs;
    }
    println!("{backend}: {kept:?}: {done} of {} in {runs} attempts, {:?}", TASKS * EACH, since.elapsed());
    assert_eq!(kept.count(&db).await, done, "{backend}: {kept:?}: every Ok counts, and nothing else");
    assert!(done >= ENOUGH, "{backend}: {kept:?}: only {done} got through");
    db.close().await.expect("closed");
    if let Some(place) = place {
        place.close().await;
    }
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            use super::{Kept, every_ok_counts};

            #[tokio::test(flavor = "multi_thread")]
            async fn h19_increments_with_a_version_lose_none() {
                every_ok_counts(stringify!($backend), Kept::Version).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn h19_increments_with_a_locked_read_lose_none() {
                every_ok_counts(stringify!($backend), Kept::Lock).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn h19_increments_at_serializable_lose_none() {
                every_ok_counts(stringify!($backend), Kept::Serializable).await;
            }
        }
    )* };
}
on_each! { memory sqlite postgres mysql }

#[cfg(feature = "mongodb")]
mod mongodb {
    use super::{Kept, every_ok_counts};

    #[tokio::test(flavor = "multi_thread")]
    async fn h19_increments_with_a_version_lose_none() {
        every_ok_counts("mongodb", Kept::Version).await;
    }
}
