//! Law T1 at the end of a transaction: nothing ends while something is on its way, and what nobody knows is said to everybody.

use crate::{
    Capability, Database, ErrorKind, Result, TransactionOptions, all,
    conformance::{
        check::{Proof, Rows, refused, table},
        entities::maybe,
    },
    layer::{FaultLayer, Faults, Layer},
};
use std::{pin::pin, sync::Arc};

fn rows_of(db: &Database) -> Rows<maybe::Entity> {
    db.repository::<maybe::Entity>()
}

pub async fn t1_a_commit_beside_an_open_savepoint_is_refused(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !db.info().capabilities.has(Capability::Savepoints) {
        return Ok(());
    }
    let tx = db.begin(TransactionOptions::default()).await?;
    rows_of(&tx).insert(maybe::row(1)).await?;
    let owner = tx.clone();
    tx.savepoint(|part| async move {
        rows_of(&part).insert(maybe::row(2)).await?;
        let error = refused(owner.commit().await, ErrorKind::TransactionBusy, "T1: a savepoint is open");
        assert!(error.message().contains("savepoint"), "T1: it says what is in the way: {error}");
        rows_of(&part).insert(maybe::row(3)).await
    })
    .await?;
    assert_eq!(rows.count(all()).await?, 0, "T1: nothing had ended");
    tx.commit().await?;
    assert_eq!(rows.count(all()).await?, 3, "T1: nothing was lost");
    Ok(())
}

pub async fn t1_a_commit_beside_a_call_on_its_way_is_refused(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = db.begin(TransactionOptions::default()).await?;
    let inside = rows_of(&tx);
    inside.insert(maybe::row(1)).await?;
    {
        let mut call = pin!(inside.insert(maybe::row(2)));
        // Where nothing is waited for, it has ended by now.
        if futures::poll!(call.as_mut()).is_pending() {
            refused(tx.clone().commit().await, ErrorKind::TransactionBusy, "T1: a call inside is on its way");
            call.await?;
        }
    }
    tx.commit().await?;
    assert_eq!(rows.count(all()).await?, 2, "T1: neither ended too early nor lost");
    Ok(())
}

pub async fn t1_work_that_leaves_a_call_on_its_way_keeps_nothing(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let faults = Faults::new();
    let slow = Database::from_backend(FaultLayer(faults.clone()).layer(Arc::clone(db.backend())));
    let asked = &faults;
    let answer = slow
        .transact(|tx| async move {
            rows_of(&tx).insert(maybe::row(1)).await?;
            asked.latency(std::time::Duration::from_millis(200));
            let inside = rows_of(&tx);
            let left = tokio::spawn(async move { inside.insert(maybe::row(2)).await });
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            Ok(left)
        })
        .await;
    let Err(error) = answer else { panic!("T1: a call inside was on its way") };
    assert_eq!(error.kind(), ErrorKind::TransactionBusy, "T1: {error}");
    rows.insert(maybe::row(3)).await?;
    assert_eq!(rows.count(all()).await?, 1, "T1: nothing of it is kept, and nothing of it is in the way");
    Ok(())
}

pub async fn t1_a_lost_commit_is_unknown_for_every_later_use(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let faults = Faults::new();
    let through = Database::from_backend(FaultLayer(faults.clone()).layer(Arc::clone(db.backend())));
    faults.lose_next_commit();
    let tx = through.begin(TransactionOptions::default()).await?;
    let inside = rows_of(&tx);
    inside.insert(maybe::row(1)).await?;
    let (law, lost) = ("T1: nobody knows what became of it", ErrorKind::CommitUnknown);
    refused(tx.clone().commit().await, lost, law);
    refused(inside.insert(maybe::row(2)).await, lost, law);
    refused(inside.count(all()).await, lost, law);
    refused(tx.savepoint(|_| async { Ok(()) }).await, lost, law);
    refused(tx.transact(|joined| async move { rows_of(&joined).get(1).await }).await, lost, law);
    refused(tx.after_commit(|| async {}), lost, law);
    refused(tx.clone().rollback().await, lost, law);
    refused(tx.commit().await, lost, law);
    refused(inside.get(1).await, lost, law);
    assert_eq!(rows.count(all()).await?, 1, "T1: it was there all the while, and nothing else");
    Ok(())
}

pub async fn t1_every_use_after_the_end_says_so(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let (law, closed) = ("T1: the transaction has ended", ErrorKind::TransactionClosed);
    for commits in [true, false] {
        let tx = db.begin(TransactionOptions::default()).await?;
        let kept = tx.clone();
        if commits {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        let part: Result<()> = kept.savepoint(|_| async { panic!("T1: no work is run") }).await;
        refused(part, closed, law);
        refused(kept.transact(|joined| async move { rows_of(&joined).insert(maybe::row(1)).await }).await, closed, law);
        refused(rows_of(&kept).update_rows(vec![maybe::row(1)]).await, closed, law);
        refused(kept.after_commit(|| async {}), closed, law);
        kept.rollback().await?;
    }
    assert_eq!(rows.count(all()).await?, 0, "T1: nothing was written beside it");
    Ok(())
}
