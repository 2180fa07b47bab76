//! Law T6 for a COMMIT whose answer is lost: with an idempotency key what it did is found, without one nobody guesses.

use crate::{
    Database, Error, ErrorKind, Result, Transaction, TransactionOptions, all,
    conformance::{
        check::{Proof, Rows, refused, table},
        entities::maybe,
    },
    layer::{FaultLayer, Faults, Layer},
    repository::EntityInfo,
    transaction::key,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// The same database with commits that fail on demand, and its table of keys.
async fn faulty(db: &Database) -> Result<(Database, Faults, Rows<maybe::Entity>)> {
    db.create_tables(&[EntityInfo::of_table(key::table)]).await?;
    let (rows, faults) = (table::<maybe::Entity>(db).await?, Faults::new());
    let through = Database::from_backend(FaultLayer(faults.clone()).layer(Arc::clone(db.backend())));
    Ok((through, faults, rows))
}

fn named(key: &str) -> TransactionOptions {
    TransactionOptions::default().idempotency_key(key)
}

/// How often the work was run, and what followed its commit.
#[derive(Default)]
struct Seen {
    runs: AtomicU32,
    hooks: Arc<AtomicU32>,
}

impl Seen {
    /// Writes one row.
    async fn write(&self, tx: Transaction, id: i32) -> Result<u32> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        tx.repository::<maybe::Entity>().insert(maybe::row(id)).await?;
        let hooks = Arc::clone(&self.hooks);
        tx.after_commit(move || async move {
            hooks.fetch_add(1, Ordering::SeqCst);
        })?;
        Ok(run)
    }

    /// Runs and hooks since it was last asked.
    fn take(&self) -> (u32, u32) {
        (self.runs.swap(0, Ordering::SeqCst), self.hooks.swap(0, Ordering::SeqCst))
    }
}

pub async fn t6_what_has_its_key_is_done_once(db: Database) -> Proof {
    let (db, _, rows) = faulty(&db).await?;
    let seen = &Seen::default();
    db.transact_with(named("pay-1"), |tx| seen.write(tx, 1)).await?;
    assert_eq!(seen.take(), (1, 1), "T6: the first time it is run");
    let again = db.transact_with(named("pay-1"), |tx| seen.write(tx, 2)).await;
    refused(again, ErrorKind::AlreadyDone, "T6: the key was committed before");
    assert_eq!(seen.take(), (0, 0), "T6: so the work is not run");
    db.transact_with(named("pay-2"), |tx| seen.write(tx, 3)).await?;
    assert_eq!(rows.count(all()).await?, 2, "T6: another key is another transaction");
    Ok(())
}

pub async fn t6_a_key_that_was_rolled_back_is_free(db: Database) -> Proof {
    let (db, _, rows) = faulty(&db).await?;
    let no: Result<()> = db.transact_with(named("pay"), |_| async { Err(Error::rejected("not today")) }).await;
    refused(no, ErrorKind::Rejected, "T6");
    let seen = &Seen::default();
    db.transact_with(named("pay"), |tx| seen.write(tx, 1)).await?;
    assert_eq!((rows.count(all()).await?, seen.take()), (1, (1, 1)), "T6: nothing was left of the first");
    Ok(())
}

pub async fn t6_a_lost_commit_is_found_by_its_key(db: Database) -> Proof {
    let (db, faults, rows) = faulty(&db).await?;
    let seen = &Seen::default();
    faults.lose_next_commit();
    let value = db.transact_with(named("kept"), |tx| seen.write(tx, 1)).await?;
    assert_eq!((value, seen.take()), (1, (1, 1)), "T6: it was done: its answer comes back, its hooks run once");
    faults.fail_next_commit(ErrorKind::CommitUnknown);
    let value = db.transact_with(named("undone"), |tx| seen.write(tx, 2)).await?;
    assert_eq!((value, seen.take()), (2, (2, 1)), "T6: it was not done: it is run again, and followed once");
    assert_eq!((rows.count(all()).await?, faults.left()), (2, 0), "T6: exactly one effect of each");
    let again = db.transact_with(named("kept"), |tx| seen.write(tx, 3)).await;
    refused(again, ErrorKind::AlreadyDone, "T6: also for who comes later");
    Ok(())
}

pub async fn t6_a_lost_commit_that_was_not_done_is_no_longer_unknown(db: Database) -> Proof {
    let (db, faults, rows) = faulty(&db).await?;
    faults.fail_next_commit(ErrorKind::CommitUnknown);
    let answer: Result<()> = db
        .transact_with(named("pay"), |tx| async move {
            tx.repository::<maybe::Entity>().insert(maybe::row(1)).await?;
            if tx.attempt() == 1 { Ok(()) } else { Err(Error::rejected("not today")) }
        })
        .await;
    refused(
        answer,
        ErrorKind::Rejected,
        "T6: its key was free, so nothing was done, and the answer is the second run's",
    );
    assert_eq!((rows.count(all()).await?, faults.left()), (0, 0), "T6");
    Ok(())
}

pub async fn t6_a_lost_commit_without_a_key_is_unknown(db: Database) -> Proof {
    let (db, faults, rows) = faulty(&db).await?;
    let (seen, law) = (&Seen::default(), "T6: nobody knows, so nobody tries again");
    faults.lose_next_commit();
    refused(db.transact(|tx| seen.write(tx, 1)).await, ErrorKind::CommitUnknown, law);
    assert_eq!((seen.take(), rows.count(all()).await?), ((1, 0), 1), "T6: run once; here it was done");
    faults.fail_next_commit(ErrorKind::CommitUnknown);
    refused(db.transact(|tx| seen.write(tx, 2)).await, ErrorKind::CommitUnknown, law);
    assert_eq!((seen.take(), rows.count(all()).await?), ((1, 0), 1), "T6: run once; here it was not");
    Ok(())
}

pub async fn t6_a_server_that_loses_every_commit_is_not_asked_for_ever(db: Database) -> Proof {
    let (db, faults, rows) = faulty(&db).await?;
    (0..40).for_each(|_| faults.fail_next_commit(ErrorKind::CommitUnknown));
    let (seen, since) = (&Seen::default(), Instant::now());
    let answer = db.transact_with(named("never"), |tx| seen.write(tx, 1)).await;
    refused(answer, ErrorKind::CommitUnknown, "T6: it is told in the end");
    assert!(faults.left() > 20 && since.elapsed() < Duration::from_secs(15), "T6: within a bound: {}", faults.left());
    assert_eq!(rows.count(all()).await?, 0, "T6: and nothing of it is there");
    Ok(())
}

pub async fn t6_of_many_with_one_key_one_is_done(db: Database) -> Proof {
    let (db, _, rows) = faulty(&db).await?;
    let tasks = (0..6).map(|id| {
        let db = db.clone();
        tokio::spawn(async move {
            db.transact_with(
                named("one"),
                |tx| async move { tx.repository::<maybe::Entity>().insert(maybe::row(id)).await },
            )
            .await
        })
    });
    let mut done = 0;
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(Ok(_)) => done += 1,
            Ok(other) => drop(refused(other, ErrorKind::AlreadyDone, "T6: whoever comes second waits, and is told")),
            Err(error) => panic!("T6: a task of the case ended with {error}"),
        }
    }
    assert_eq!((done, rows.count(all()).await?), (1, 1), "T6: one of them, whichever it was");
    Ok(())
}

pub async fn t6_a_key_is_for_the_whole_of_a_transaction(db: Database) -> Proof {
    let (db, _, rows) = faulty(&db).await?;
    let law = "T6: refused by name";
    let by_hand = refused(db.begin(named("a")).await, ErrorKind::Unsupported, law);
    assert!(by_hand.message().contains("idempotency key"), "T6: {by_hand}");
    db.transact(|tx| async move {
        let part = refused(tx.transact_with(named("a"), |_| async { Ok(()) }).await, ErrorKind::Unsupported, law);
        assert!(part.message().contains("idempotency key"), "T6: {part}");
        tx.repository::<maybe::Entity>().insert(maybe::row(1)).await
    })
    .await?;
    for wrong in [String::new(), "k".repeat(256)] {
        let answer = db.transact_with(named(&wrong), |_| async { Ok(()) }).await;
        refused(answer, ErrorKind::InvalidValue, "T6: a key has 1 to 255 characters");
    }
    assert_eq!(rows.count(all()).await?, 1, "T2: what is refused before the server does not doom");
    Ok(())
}
