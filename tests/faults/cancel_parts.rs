//! Each part of a transaction is given up at its n-th await (law T3, hazards H1 and H2): begin, savepoints, commit, a stream, and
//! the attempts of one that collides.

use crate::{
    cancel::{CONNECTIONS, half, nothing_is_open, the_pool_has_its_size},
    give_up::give_up_at,
    support::Place,
};
use futures::{TryStreamExt, future::BoxFuture};
use seabed::{
    TransactionOptions,
    layer::{FaultLayer, Faults},
    prelude::*,
};
use std::time::Duration;
use tokio::task::yield_now;

/// How often each part is driven to its end, after it was given up at each await before.
const ROUNDS: usize = 5;
/// More awaits than any part has on a connection that is there.
const DEEPEST: usize = 400;

type Work = BoxFuture<'static, Result<()>>;

/// What is given up.
struct Part {
    name: &'static str,
    /// How many rows it keeps where it is done.
    keeps: usize,
    /// Does what comes before it, and answers itself.
    prepare: fn(Database, Faults, i64) -> BoxFuture<'static, Result<Work>>,
}

async fn write(db: &Database, unit: i64, text: &str) -> Result<()> {
    let row = half::ActiveModel { unit: Set(unit), text: Set(text.to_owned()), ..Default::default() };
    db.repository::<half::Entity>().insert(row).await.map(drop)
}

/// A part with nothing before it.
fn whole(work: impl Future<Output = Result<()>> + Send + 'static) -> BoxFuture<'static, Result<Work>> {
    Box::pin(async { Ok(Box::pin(work) as Work) })
}

const PARTS: &[Part] = &[
    Part {
        name: "begin",
        keeps: 0,
        prepare: |db, _, _| whole(async move { db.begin(TransactionOptions::default()).await.map(drop) }),
    },
    Part {
        name: "begin and roll back",
        keeps: 0,
        prepare: |db, _, unit| {
            whole(async move {
                let tx = db.begin(TransactionOptions::default()).await?;
                write(&tx, unit, "first").await?;
                yield_now().await;
                tx.rollback().await
            })
        },
    },
    Part { name: "savepoints", keeps: 3, prepare: |db, _, unit| whole(savepoints(db, unit)) },
    Part {
        name: "commit",
        keeps: 2,
        prepare: |db, _, unit| {
            Box::pin(async move {
                let tx = db.begin(TransactionOptions::default()).await?;
                write(&tx, unit, "first").await?;
                write(&tx, unit, "second").await?;
                Ok(Box::pin(tx.commit()) as Work)
            })
        },
    },
    Part { name: "a stream in a transaction", keeps: 2, prepare: |db, _, unit| whole(streaming(db, unit)) },
    Part {
        name: "a stream",
        keeps: 0,
        prepare: |db, _, _| {
            whole(async move {
                let mut rows = db.repository::<half::Entity>().stream(all());
                while rows.try_next().await?.is_some() {}
                Ok(())
            })
        },
    },
    Part { name: "attempts", keeps: 2, prepare: |db, faults, unit| whole(attempts(db, faults, unit)) },
];

async fn savepoints(db: Database, unit: i64) -> Result<()> {
    db.transact(|tx| async move {
        write(&tx, unit, "first").await?;
        tx.savepoint(|part| async move { write(&part, unit, "kept").await }).await?;
        let undone = tx.savepoint(|part| async move {
            write(&part, unit, "undone").await?;
            yield_now().await;
            Err::<(), _>(seabed::Error::rejected("no"))
        });
        assert!(undone.await.is_err(), "it is undone");
        write(&tx, unit, "last").await
    })
    .await
}

async fn streaming(db: Database, unit: i64) -> Result<()> {
    db.transact(|tx| async move {
        write(&tx, unit, "first").await?;
        let mut rows = tx.repository::<half::Entity>().stream(all().limit(5));
        while rows.try_next().await?.is_some() {
            yield_now().await;
        }
        write(&tx, unit, "second").await
    })
    .await
}

/// Two that collide, and one that does not.
async fn attempts(db: Database, faults: Faults, unit: i64) -> Result<()> {
    let faults = &faults;
    db.transact(|tx| async move {
        write(&tx, unit, "first").await?;
        yield_now().await;
        if tx.attempt() < 3 {
            faults.fail_next(ErrorKind::Deadlock);
        }
        write(&tx, unit, "second").await
    })
    .await
}

async fn every_part_given_up_leaves_nothing_behind(backend: &str) {
    let test = "t3_every_part_given_up_at_any_await_leaves_nothing_behind";
    let Some(place) = Place::new(backend, test).await else { return };
    let faults = Faults::new();
    let config = Config::builder().url(place.url()).set("databases.main.max_connections", CONNECTIONS);
    let config = config.load().expect("a configuration");
    let db = Database::builder(config).layer(FaultLayer(faults.clone())).connect().await.expect("a connection");
    db.create_tables(&seabed::entities![half]).await.expect("a table");
    let (other, halves) = (place.open(2).await, db.repository::<half::Entity>());
    let seen = other.repository::<half::Entity>();

    let (mut unit, mut all) = (0, 0);
    // MongoDB has no savepoints.
    for part in PARTS.iter().filter(|part| backend != "mongodb" || part.name != "savepoints") {
        let (mut given_up, mut deepest) = (0, 0);
        for _ in 0..ROUNDS {
            for n in 0..DEEPEST {
                unit += 1;
                faults.clear();
                halves.exists(seabed::all()).await.expect("a warm connection");
                let work = (part.prepare)(db.clone(), faults.clone(), unit).await.expect("prepared");
                let ended = give_up_at(n, work).await;
                faults.clear();
                // H1: what is written next is there, whoever's connection it got.
                write(&db, -unit, "beside").await.expect("the next write");
                let count = |unit: i64| seen.count(col(half::COLUMN.unit).eq(unit));
                assert_eq!(count(-unit).await.expect("a count"), 1, "{}: a write after await {n} vanished", part.name);
                let kept = usize::try_from(count(unit).await.expect("a count")).expect("small");
                match ended {
                    Some(Ok(())) => assert_eq!(kept, part.keeps, "{}: it said Ok", part.name),
                    Some(Err(error)) => panic!("{}, given up at {n}: {error}", part.name),
                    None => assert!(kept == 0 || kept == part.keeps, "{}: {kept} rows at await {n}", part.name),
                }
                if ended.is_some() {
                    deepest = deepest.max(n);
                    break;
                }
                given_up += 1;
            }
        }
        // A COMMIT that was sent and given up may still be on its way when it is looked for: all or nothing, a little later too.
        tokio::time::sleep(Duration::from_millis(100)).await;
        nothing_is_open(&place, &db).await;
        all += given_up;
        println!("{backend}: {}: given up {given_up} times, up to await {deepest}", part.name);
    }
    // A server that answers at once leaves nothing to wait for: so not of each part.
    assert!(all > 30, "only {all} were given up on the way");
    let rows = seen.find(seabed::all()).await.expect("rows");
    for number in 1..=unit {
        let count = rows.iter().filter(|row| row.unit == number).count();
        assert!([0, 2, 3].contains(&count), "unit {number} is there by halves: {count} rows");
    }
    the_pool_has_its_size(backend, &db).await;
    other.close().await.expect("closed");
    db.close().await.expect("closed");
    place.close().await;
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn t3_every_part_given_up_at_any_await_leaves_nothing_behind() {
                super::every_part_given_up_leaves_nothing_behind(stringify!($backend)).await;
            }
        }
    )* };
}
on_each! { sqlite postgres mysql }
#[cfg(feature = "mongodb")]
on_each! { mongodb }
