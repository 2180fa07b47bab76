//! Law T2 inside a savepoint: what fails there is undone alone, and the transaction goes on.

use super::{articles, maybe_rows};
use crate::{
    Capability, Database, Error, ErrorKind, Result, Transaction, TransactionOptions, all, col,
    conformance::{
        check::{Proof, Rows, refused, table, there},
        entities::{article, maybe},
    },
    layer::{FaultLayer, Faults, Layer},
};
use sea_orm::Set;
use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::sync::Notify;

fn rows_of(tx: &Transaction) -> Rows<maybe::Entity> {
    tx.repository::<maybe::Entity>()
}

async fn insert(tx: &Transaction, id: i32) -> Result<()> {
    rows_of(tx).insert(maybe::row(id)).await.map(drop)
}

/// The keys that are there.
async fn there_are(rows: &Rows<maybe::Entity>) -> Result<Vec<i32>> {
    super::ids(rows, all()).await
}

/// Whether the backend has savepoints; one that has none refuses them by name and goes on.
async fn has(db: &Database) -> Result<bool> {
    if db.info().capabilities.has(Capability::Savepoints) {
        return Ok(true);
    }
    db.transact(|tx| async move {
        let error = refused(tx.savepoint(|_| async { Ok(()) }).await, ErrorKind::Unsupported, "T2");
        assert!(error.to_string().contains(Capability::Savepoints.name()), "T2: by name: {error}");
        Ok(())
    })
    .await?;
    Ok(false)
}

pub async fn t2_a_savepoint_that_fails_is_undone_alone(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    db.transact(|tx| async move {
        insert(&tx, 1).await?;
        let no = tx.savepoint(|part| async move {
            insert(&part, 2).await?;
            Err::<(), _>(Error::rejected("no"))
        });
        refused(no.await, ErrorKind::Rejected, "T2: its own error comes back");
        assert_eq!(rows_of(&tx).get(2).await?, None, "T2: what it wrote is undone");
        insert(&tx, 3).await
    })
    .await?;
    assert_eq!(there_are(&rows).await?, [1, 3], "T2: and the rest is kept");
    Ok(())
}

pub async fn t2_a_savepoint_that_succeeds_is_part_of_the_whole(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    let value = db
        .transact(|tx| async move {
            let value = tx.savepoint(|part| async move { insert(&part, 1).await.map(|()| 7) }).await?;
            insert(&tx, 2).await?;
            Ok(value)
        })
        .await?;
    assert_eq!((value, there_are(&rows).await?), (7, vec![1, 2]), "T2: its answer comes back, its writes stay");
    let no: Result<()> = db
        .transact(|tx| async move {
            tx.savepoint(|part| async move { insert(&part, 3).await }).await?;
            Err(Error::rejected("no"))
        })
        .await;
    refused(no, ErrorKind::Rejected, "T1");
    assert_eq!(there_are(&rows).await?, [1, 2], "T1: a savepoint that succeeded goes with the whole");
    Ok(())
}

pub async fn t2_a_constraint_inside_a_savepoint_does_not_doom_the_whole(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, big| row.big = Set(Some(big))).await?;
    if !has(&db).await? {
        return Ok(());
    }
    db.transact(|tx| async move {
        for id in [5, 6] {
            let twice = tx.savepoint(|part| async move {
                insert(&part, id).await?;
                insert(&part, 0).await
            });
            refused(twice.await, ErrorKind::UniqueViolation, "W2: the key is there");
        }
        insert(&tx, 7).await
    })
    .await?;
    assert_eq!(there_are(&rows).await?, [0, 7], "T2: twice undone, and the whole goes on");
    Ok(())
}

pub async fn t2_an_error_swallowed_inside_a_savepoint_undoes_it(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, big| row.big = Set(Some(big))).await?;
    if !has(&db).await? {
        return Ok(());
    }
    db.transact(|tx| async move {
        let swallowed = tx.savepoint(|part| async move {
            insert(&part, 5).await?;
            let _ = insert(&part, 0).await;
            Ok(())
        });
        let error = refused(swallowed.await, ErrorKind::TransactionFailed, "T2: an Ok that nothing stands behind");
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(cause.contains("unique violation"), "T2: the cause is the source: {cause:?}");
        insert(&tx, 6).await
    })
    .await?;
    assert_eq!(there_are(&rows).await?, [0, 6], "T2: nothing of the part is kept");
    Ok(())
}

pub async fn t2_savepoints_nest_three_deep(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    db.transact(|tx| async move {
        insert(&tx, 1).await?;
        tx.savepoint(|one| async move {
            insert(&one, 2).await?;
            let second = one.savepoint(|two| async move {
                insert(&two, 3).await?;
                two.savepoint(|three| async move { insert(&three, 4).await }).await?;
                let third = two.savepoint(|three| async move {
                    insert(&three, 5).await?;
                    Err::<(), _>(Error::rejected("the third"))
                });
                refused(third.await, ErrorKind::Rejected, "T2");
                assert_eq!(rows_of(&two).count(all()).await?, 4, "T2: only the innermost is undone");
                Err::<(), _>(Error::rejected("the second"))
            });
            refused(second.await, ErrorKind::Rejected, "T2");
            assert_eq!(rows_of(&one).count(all()).await?, 2, "T2: with it goes what it had kept");
            one.savepoint(|two| async move { insert(&two, 6).await }).await
        })
        .await
    })
    .await?;
    assert_eq!(there_are(&rows).await?, [1, 2, 6], "T2: three deep");
    Ok(())
}

pub async fn t2_a_conflict_of_versions_inside_a_savepoint_is_undone_with_it(db: Database) -> Proof {
    let rows = articles(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    let old = rows.insert(article::row(1, "one")).await?;
    rows.update(article::counted(&old, 1)).await?;
    let old = &old;
    let attempt = db
        .transact(|tx| async move {
            let conflict = tx.savepoint(|part| async move {
                let inside = part.repository::<article::Entity>();
                inside.insert(article::row(2, "two")).await?;
                inside.update(article::counted(old, 5)).await
            });
            refused(conflict.await, ErrorKind::VersionConflict, "W8");
            let inside = tx.repository::<article::Entity>();
            let read = there(inside.get(1).await?, "T2");
            inside.update(article::counted(&read, 9)).await?;
            Ok(tx.attempt())
        })
        .await?;
    assert_eq!((attempt, rows.count(all()).await?), (1, 1), "T2: the whole need not be run again");
    assert_eq!(there(rows.get(1).await?, "T2").words, 9, "T2: it read again, and went on");
    Ok(())
}

pub async fn t2_a_part_that_joined_inside_a_savepoint_fails_with_it_alone(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    db.transact(|tx| async move {
        let undone = tx.savepoint(|part| async move {
            let joined = part.transact(|joined| async move {
                insert(&joined, 1).await?;
                Err::<(), _>(Error::rejected("no"))
            });
            refused(joined.await, ErrorKind::Rejected, "T1");
            // Swallowed, and still not kept.
            Ok(())
        });
        refused(undone.await, ErrorKind::TransactionFailed, "T1: a part of it failed");
        tx.savepoint(|part| async move { part.transact(|joined| async move { insert(&joined, 2).await }).await }).await
    })
    .await?;
    assert_eq!(there_are(&rows).await?, [2], "T2: the savepoint limits the damage");
    let whole = db
        .transact(|tx| async move {
            tx.savepoint(|part| async move { insert(&part, 3).await }).await?;
            let _ = tx.transact(|_| async { Err::<(), _>(Error::rejected("no")) }).await;
            // A savepoint that was set later does not mend what failed before it.
            let _ = tx.savepoint(|_| async { Err::<(), _>(Error::rejected("no")) }).await;
            Ok(())
        })
        .await;
    refused(whole, ErrorKind::TransactionFailed, "T1");
    assert_eq!(there_are(&rows).await?, [2], "T1: nothing of it");
    Ok(())
}

pub async fn t2_a_savepoint_forgives_no_part_that_stands_beside_it(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    let (begun, fail, failed) = &(Notify::new(), Notify::new(), Notify::new());
    let whole = db
        .transact(|tx| async move {
            let part = async {
                let no = tx.transact(|joined| async move {
                    insert(&joined, 1).await?;
                    begun.notify_one();
                    fail.notified().await;
                    Err::<(), _>(Error::rejected("the part"))
                });
                refused(no.await, ErrorKind::Rejected, "T1");
                failed.notify_one();
            };
            let savepoint = async {
                begun.notified().await;
                tx.savepoint(|beside| async move {
                    insert(&beside, 2).await?;
                    fail.notify_one();
                    failed.notified().await;
                    Err::<(), _>(Error::rejected("the savepoint"))
                })
                .await
            };
            let ((), undone) = futures::join!(part, savepoint);
            refused(undone, ErrorKind::Rejected, "T2");
            Ok(())
        })
        .await;
    refused(whole, ErrorKind::TransactionFailed, "T1: what the part had written is not undone by it");
    assert_eq!(there_are(&rows).await?, [0_i32; 0], "T1: so nothing is kept");
    Ok(())
}

pub async fn t2_a_deadlock_inside_a_savepoint_ends_the_whole(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    let faults = Faults::new();
    let through = Database::from_backend(FaultLayer(faults.clone()).layer(Arc::clone(db.backend())));
    let asked = &faults;
    let attempt = through
        .transact(|tx| async move {
            let attempt = tx.attempt();
            insert(&tx, 10 + i32::try_from(attempt).unwrap_or(0)).await?;
            if attempt == 1 {
                asked.fail_next(ErrorKind::Deadlock);
                let ended = tx.savepoint(|part| async move { insert(&part, 1).await }).await;
                refused(ended, ErrorKind::Deadlock, "T2: the server may have ended all");
                refused(insert(&tx, 2).await, ErrorKind::TransactionFailed, "T2: so there is nothing to go on with");
            }
            Ok(attempt)
        })
        .await?;
    assert_eq!((attempt, there_are(&rows).await?), (2, vec![12]), "T6: the whole is run again");
    Ok(())
}

pub async fn t2_savepoints_that_cross_are_refused(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    let whole = db
        .transact(|tx| async move {
            let (set, is_set) = tokio::sync::oneshot::channel::<()>();
            let (end, ended) = tokio::sync::oneshot::channel::<()>();
            let first = async {
                let first = tx.savepoint(|part| async move {
                    insert(&part, 1).await?;
                    let _ = is_set.await;
                    Ok(())
                });
                refused(first.await, ErrorKind::TransactionBusy, "T2: it would take the other with it");
                let _ = end.send(());
            };
            let second = async {
                // The first one is set first: it is polled first, and holds the transaction until it is.
                while rows_of(&tx).count(all()).await? == 0 {}
                tx.savepoint(|part| async move {
                    insert(&part, 2).await?;
                    let _ = set.send(());
                    let _ = ended.await;
                    Ok(())
                })
                .await
            };
            let ((), second) = futures::join!(first, second);
            refused(second, ErrorKind::TransactionFailed, "T2: the whole is over");
            Ok(())
        })
        .await;
    refused(whole, ErrorKind::TransactionFailed, "T2: nothing stands behind this Ok");
    assert_eq!(there_are(&rows).await?, [0_i32; 0], "T1: nothing is kept by halves");
    Ok(())
}

pub async fn t3_a_savepoint_given_up_half_way_dooms_the_whole(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    if !has(&db).await? {
        return Ok(());
    }
    let mut given_up = 0;
    for (times, id) in (1..40_usize).zip((0..).step_by(10)) {
        let tx = db.begin(TransactionOptions::default()).await?;
        insert(&tx, id).await?;
        let ended = {
            let mut work = pin!(tx.savepoint(|part| async move {
                insert(&part, id + 1).await?;
                // Several, for a call may have one await more the next time.
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                }
                insert(&part, id + 2).await
            }));
            let mut left = times;
            std::future::poll_fn(move |context: &mut Context<'_>| {
                if left == 0 {
                    return Poll::Ready(false);
                }
                left -= 1;
                work.as_mut().poll(context).map(|_| true)
            })
            .await
        };
        let committed = tx.commit().await;
        let kept = rows.count(col(maybe::COLUMN.id).between(id, id + 2)).await?;
        if ended {
            committed?;
            assert_eq!(kept, 3, "T1: it was over before it could be given up");
            break;
        }
        given_up += 1;
        refused(committed, ErrorKind::TransactionFailed, "T3: nobody knows where the savepoint stands");
        assert_eq!(kept, 0, "T1: no half of it is kept, given up after {times} polls");
    }
    assert!(given_up > 0, "T3: it was given up at least once");
    Ok(())
}
