//! Law T6: what collided is run again, whole, and nothing of an attempt that failed is kept.

use super::{articles, maybe_rows};
use crate::{
    Capability, Database, Error, ErrorKind, Result, Retry, Transaction, TransactionOptions, all, col,
    conformance::{
        check::{Proof, Rows, refused, table, there},
        entities::{
            article::{self, counted, row},
            maybe,
        },
    },
};
use sea_orm::Set;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// Long enough for two transactions to meet, where both can be open.
const MEET: Duration = Duration::from_millis(400);

/// One article, and an older version of it: whoever updates from that collides.
async fn stale(db: &Database) -> Result<(Rows<article::Entity>, article::Model)> {
    let rows = articles(db).await?;
    let old = rows.insert(row(1, "one")).await?;
    rows.update(counted(&old, 1)).await?;
    Ok((rows, old))
}

fn articles_of(tx: &Transaction) -> Rows<article::Entity> {
    tx.repository::<article::Entity>()
}

/// Options with these retries.
fn retries(retry: Retry) -> TransactionOptions {
    TransactionOptions::default().retry(retry)
}

pub async fn t6_a_conflict_of_versions_is_run_again(db: Database) -> Proof {
    let (rows, old) = stale(&db).await?;
    let (runs, old) = (AtomicU32::new(0), &old);
    let answer = db
        .transact(|tx| {
            let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                assert_eq!(tx.attempt(), run, "T6: the work sees which attempt it is");
                let inside = articles_of(&tx);
                inside.insert(row(10 + i32::try_from(run).unwrap_or(0), &format!("of attempt {run}"))).await?;
                let read = if run < 3 { old.clone() } else { there(inside.get(1).await?, "T6") };
                Ok(inside.update(counted(&read, read.words + 5)).await?.words)
            }
        })
        .await?;
    assert_eq!((answer, runs.into_inner()), (6, 3), "T6: the third attempt read what was there");
    assert_eq!(
        rows.values::<i32>(all().order_by(col(article::COLUMN.id).asc()), col(article::COLUMN.id)).await?,
        [1, 13],
        "T1: nothing of the others is kept"
    );
    Ok(())
}

pub async fn t6_increments_from_two_handles_lose_none(db: Database) -> Proof {
    let rows = articles(&db).await?;
    rows.insert(row(1, "one")).await?;
    let tasks = (0..4).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..5 {
                db.transact(|tx| async move {
                    let read = there(articles_of(&tx).get(1).await?, "T6");
                    tokio::task::yield_now().await;
                    articles_of(&tx).update(counted(&read, read.words + 1)).await
                })
                .await?;
            }
            Ok::<_, Error>(())
        })
    });
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(ended) => ended?,
            Err(error) => panic!("T6: a task of the case ended with {error}"),
        }
    }
    assert_eq!(there(rows.get(1).await?, "T6").words, 20, "T6: twenty increments, each said Ok");
    Ok(())
}

/// Runs the two at once; whether both were open at the same time. Where one writer is let in at a time they are not.
async fn both<F>(db: &Database, options: TransactionOptions, work: fn(Transaction, usize, Meeting) -> F) -> Result<bool>
where
    F: Future<Output = Result<u32>> + Send + 'static,
{
    let meeting = Meeting::default();
    let tasks = [0, 1].map(|side| {
        let (db, meeting, options) = (db.clone(), meeting.clone(), options.clone());
        tokio::spawn(async move { db.transact_with(options, |tx| work(tx, side, meeting.clone())).await })
    });
    let mut attempts = 0;
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(ended) => attempts += ended?,
            Err(error) => panic!("T6: a task of the case ended with {error}"),
        }
    }
    let met = meeting.met();
    assert!(!met || attempts > 2, "T6: of two that collided one was run again: {attempts} attempts");
    Ok(met)
}

/// Where the first attempts of two transactions wait for each other.
#[derive(Clone, Default)]
struct Meeting(Arc<AtomicU32>);

impl Meeting {
    /// Until the other is here too; it goes alone where the other cannot come while it is here.
    async fn wait(&self, tx: &Transaction) {
        if tx.attempt() > 1 {
            return;
        }
        self.0.fetch_add(1, Ordering::SeqCst);
        let since = Instant::now();
        while !self.met() {
            if since.elapsed() > MEET {
                self.0.fetch_sub(1, Ordering::SeqCst);
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn met(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 1
    }
}

pub async fn t6_a_deadlock_is_run_again(db: Database) -> Proof {
    let rows = maybe_rows(&db, [0_i64, 0], |row, big| row.big = Set(Some(big))).await?;
    both(&db, TransactionOptions::default(), |tx, side, meeting| async move {
        let (inside, big) = (tx.repository::<maybe::Entity>(), col(maybe::COLUMN.big));
        let order = if side == 0 { [0, 1] } else { [1, 0] };
        inside.update_many(col(maybe::COLUMN.id).eq(order[0]), [big.increment(1)]).await?;
        meeting.wait(&tx).await;
        inside.update_many(col(maybe::COLUMN.id).eq(order[1]), [big.increment(1)]).await?;
        Ok(tx.attempt())
    })
    .await?;
    assert_eq!(rows.count(col(maybe::COLUMN.big).eq(2)).await?, 2, "T6: both did both, once");
    Ok(())
}

pub async fn t6_what_cannot_be_put_in_an_order_is_run_again(db: Database) -> Proof {
    if !db.info().capabilities.has(Capability::Serializable) {
        return Ok(());
    }
    let rows = maybe_rows(&db, [true, true], |row, flag| row.flag = Set(Some(flag))).await?;
    let serializable = TransactionOptions::default().isolation(crate::Isolation::Serializable);
    both(&db, serializable, |tx, side, meeting| async move {
        let (inside, flag) = (tx.repository::<maybe::Entity>(), col(maybe::COLUMN.flag));
        let on_call = inside.count(flag.eq(true)).await?;
        meeting.wait(&tx).await;
        if on_call > 1 {
            let id = i32::try_from(side).unwrap_or(0);
            inside.update(maybe::ActiveModel { flag: Set(Some(false)), ..maybe::row(id) }).await?;
        }
        Ok(tx.attempt())
    })
    .await?;
    assert_eq!(rows.count(col(maybe::COLUMN.flag).eq(true)).await?, 1, "T6: the second saw that it is the last one");
    Ok(())
}

pub async fn t6_attempts_and_time_are_bounded(db: Database) -> Proof {
    let (rows, old) = stale(&db).await?;
    let (runs, old) = (&AtomicU32::new(0), &old);
    let always = |tx: Transaction| async move {
        runs.fetch_add(1, Ordering::SeqCst);
        articles_of(&tx).update(counted(old, 9)).await
    };
    let law = "T6: what collides always is told in the end";
    for (retry, expected) in [
        (Retry::never(), 1),
        (Retry::default().attempts(0), 1),
        (Retry::default().attempts(3), 3),
        (Retry::default().within(Duration::ZERO), 1),
    ] {
        runs.store(0, Ordering::SeqCst);
        refused(db.transact_with(retries(retry), always).await, ErrorKind::VersionConflict, law);
        assert_eq!(runs.load(Ordering::SeqCst), expected, "T6: {retry:?}");
    }
    runs.store(0, Ordering::SeqCst);
    let since = Instant::now();
    let short = Retry::default().attempts(10_000).within(Duration::from_millis(200));
    refused(db.transact_with(retries(short), always).await, ErrorKind::VersionConflict, law);
    assert!(runs.load(Ordering::SeqCst) > 1, "T6: it was tried more than once");
    assert!(since.elapsed() < Duration::from_secs(3), "T6: and not for longer: {:?}", since.elapsed());
    assert_eq!(there(rows.get(1).await?, "T6").words, 1, "T1: nothing was written");
    Ok(())
}

pub async fn t6_what_did_not_collide_runs_once(db: Database) -> Proof {
    let (rows, old) = stale(&db).await?;
    let (runs, old) = (&AtomicU32::new(0), &old);
    let ran = |law: &str| assert_eq!(runs.swap(0, Ordering::SeqCst), 1, "T6: {law}");
    let rejected: Result<()> = db
        .transact(|tx| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            refused(articles_of(&tx).update(counted(old, 9)).await, ErrorKind::VersionConflict, "W8");
            Err(Error::rejected("no, whoever else writes"))
        })
        .await;
    refused(rejected, ErrorKind::Rejected, "T6: a service that says no means it");
    ran("rejected");
    let twice = db
        .transact(|tx| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            articles_of(&tx).insert(row(1, "one again")).await
        })
        .await;
    refused(twice, ErrorKind::UniqueViolation, "T6: the same again would meet the same");
    ran("a constraint");
    let missing = db
        .transact(|tx| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            articles_of(&tx).update(counted(&article::Model { id: 99, ..old.clone() }, 1)).await
        })
        .await;
    refused(missing, ErrorKind::NotFound, "T6: nobody is in the way");
    ran("not found");
    // A collision elsewhere is none of this transaction: what it wrote is whole.
    let elsewhere: Result<()> = db
        .transact(|_| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            Err(Error::new(ErrorKind::VersionConflict, "of another database"))
        })
        .await;
    refused(elsewhere, ErrorKind::VersionConflict, "T6");
    ran("a collision that is not its own");
    assert_eq!(rows.count(all()).await?, 1, "T1: nothing of them is kept");
    Ok(())
}

#[derive(Debug)]
enum Wrong {
    Database(ErrorKind),
    Busy,
    Full,
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Database(error.kind())
    }
}

pub async fn t6_a_services_own_error_is_run_again_where_it_collided(db: Database) -> Proof {
    let (rows, old) = stale(&db).await?;
    let (runs, old) = (&AtomicU32::new(0), &old);
    let answer = db
        .try_transact(|tx| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            let read = if tx.attempt() == 1 { old.clone() } else { there(articles_of(&tx).get(1).await?, "T6") };
            // The service says it in words of its own: what doomed the transaction counts.
            articles_of(&tx).update(counted(&read, 7)).await.map_err(|_| Wrong::Busy)
        })
        .await;
    assert!(matches!(&answer, Ok(row) if row.words == 7), "T6: {answer:?}");
    assert_eq!(runs.swap(0, Ordering::SeqCst), 2, "T6: run again");
    let full: Result<(), _> = db
        .try_transact(|tx| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            articles_of(&tx).insert(row(2, "two")).await?;
            Err(Wrong::Full)
        })
        .await;
    assert!(matches!(full, Err(Wrong::Full)), "T6: {full:?}");
    let taken = db
        .try_transact(|tx| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            articles_of(&tx).insert(row(1, "one again")).await.map_err(Wrong::from)
        })
        .await;
    assert!(matches!(taken, Err(Wrong::Database(ErrorKind::UniqueViolation))), "T6: {taken:?}");
    assert_eq!(runs.swap(0, Ordering::SeqCst), 2, "T6: each once, for nobody was in the way");
    assert_eq!(rows.count(all()).await?, 1, "T1: nothing of them is kept");
    Ok(())
}

pub async fn t6_a_collision_that_is_swallowed_is_found_at_the_commit(db: Database) -> Proof {
    let (rows, old) = stale(&db).await?;
    let old = &old;
    let attempt = db
        .transact(|tx| async move {
            let inside = articles_of(&tx);
            let read = if tx.attempt() == 1 { old.clone() } else { there(inside.get(1).await?, "T6") };
            let _ = inside.update(counted(&read, 30)).await;
            Ok(tx.attempt())
        })
        .await?;
    assert_eq!((attempt, there(rows.get(1).await?, "T6").words), (2, 30), "T6: the second attempt was committed");
    let runs = &AtomicU32::new(0);
    let swallowed = db
        .transact(|tx| async move {
            runs.fetch_add(1, Ordering::SeqCst);
            let _ = articles_of(&tx).insert(row(1, "one again")).await;
            Ok(())
        })
        .await;
    refused(swallowed, ErrorKind::TransactionFailed, "T2: what was swallowed was no collision");
    assert_eq!(runs.load(Ordering::SeqCst), 1, "T6: so it is not run again");
    Ok(())
}

pub async fn t6_a_part_that_joined_is_run_again_with_the_whole(db: Database) -> Proof {
    let (rows, old) = stale(&db).await?;
    let (outer, inner, old) = (&AtomicU32::new(0), &AtomicU32::new(0), &old);
    db.transact(|tx| async move {
        outer.fetch_add(1, Ordering::SeqCst);
        articles_of(&tx).insert(row(2, "two")).await?;
        tx.transact(|part| async move {
            inner.fetch_add(1, Ordering::SeqCst);
            let read = if part.attempt() == 1 { old.clone() } else { there(articles_of(&part).get(1).await?, "T6") };
            articles_of(&part).update(counted(&read, 3)).await
        })
        .await
    })
    .await?;
    let runs = (outer.load(Ordering::SeqCst), inner.load(Ordering::SeqCst));
    assert_eq!(runs, (2, 2), "T6: a part alone cannot be run again, its transaction is doomed");
    assert_eq!(rows.count(all()).await?, 2, "T1: once");
    Ok(())
}

pub async fn t6_a_transaction_held_by_hand_runs_once(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = db.begin(retries(Retry::default().attempts(5))).await?;
    assert_eq!(tx.attempt(), 1, "T6: there is no work to be run again");
    tx.repository::<maybe::Entity>().insert(maybe::row(1)).await?;
    tx.commit().await?;
    assert_eq!(rows.count(all()).await?, 1, "T1");
    Ok(())
}
