//! What MongoDB is told with a call, and what one call of many commands comes to.

use crate::{
    mongo::hot,
    proxy::{At, Proxy, Reach},
    support::Place,
};
use futures::TryStreamExt;
use seabed::{TransactionOptions, prelude::*};
use std::time::Duration;

mod prose {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "prose")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod counted {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "counted")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub count: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The server is told how long it may work on a command; what nobody waits for ends there too.
#[tokio::test(flavor = "multi_thread")]
async fn t7_the_server_is_told_how_long_it_may_take() {
    let Some(place) = Place::new("mongodb", "t7_the_server_is_told_how_long_it_may_take").await else { return };
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &[("max_connections", "1")]).await;
    db.create_tables(&seabed::entities![hot]).await.expect("a table");
    let rows = db.repository::<hot::Entity>();
    rows.find(all()).await.expect("nothing is wrong");
    proxy.cut_at(At::Bytes(b"maxTimeMS\0"), Reach::Nowhere);
    let _ = rows.find(all()).await;
    assert!(!proxy.disarm(), "nobody said how long a read may take");
    // Of a transaction that is not committed: a commit has a bound of its own.
    let tx = loop {
        match db.begin(TransactionOptions::default()).await {
            Ok(tx) => break tx,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    proxy.cut_at(At::Bytes(b"maxTimeMS\0"), Reach::Nowhere);
    let _ = tx.repository::<hot::Entity>().insert(hot::Model { id: 1, count: 0 }).await;
    assert!(!proxy.disarm(), "nobody said how long a write may take");
    let _ = tx.rollback().await;
    db.close().await.expect("closed");
    drop(proxy);
    place.close().await;
}

/// A connection that broke while nobody used it costs a transaction nothing: its first command finds another.
#[tokio::test(flavor = "multi_thread")]
async fn h7_a_transaction_does_not_begin_on_a_broken_connection() {
    let test = "h7_a_transaction_does_not_begin_on_a_broken_connection";
    let Some(place) = Place::new("mongodb", test).await else { return };
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &[("max_connections", "2")]).await;
    db.create_tables(&seabed::entities![hot]).await.expect("a table");
    for id in 0..20 {
        let tx = db.begin(TransactionOptions::default()).await.expect("the server hears of it later");
        proxy.cut_once();
        if id % 2 == 0 {
            // The driver may hear of it before we do.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let rows = tx.repository::<hot::Entity>();
        assert_eq!(rows.count(all()).await.expect("another connection"), u64::try_from(id).expect("small"));
        rows.insert(hot::Model { id, count: 0 }).await.expect("the same one");
        tx.commit().await.expect("nothing was lost");
    }
    assert_eq!(db.repository::<hot::Entity>().count(all()).await.expect("a count"), 20);
    db.close().await.expect("closed");
    drop(proxy);
    place.close().await;
}

/// A stream is batches: a connection that breaks between two of them costs no row, and none comes twice.
#[tokio::test(flavor = "multi_thread")]
async fn q8_a_stream_that_is_cut_gives_each_row_once() {
    const ROWS: i64 = 3_000;
    let Some(place) = Place::new("mongodb", "q8_a_stream_that_is_cut_gives_each_row_once").await else { return };
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &[("max_connections", "2")]).await;
    db.create_tables(&seabed::entities![hot]).await.expect("a table");
    let rows = db.repository::<hot::Entity>();
    rows.insert_many((0..ROWS).map(|id| hot::Model { id, count: 0 })).await.expect("rows");
    let in_order = || all().order_by(col(hot::COLUMN.id).asc());
    let (mut stream, mut next) = (rows.stream(in_order()), 0);
    while let Some(row) = stream.try_next().await.expect("a read is asked again") {
        assert_eq!(row.id, next);
        next += 1;
        if next % 700 == 0 {
            proxy.cut_once();
        }
    }
    assert_eq!(next, ROWS);

    let tx = loop {
        match db.begin(TransactionOptions::default()).await {
            Ok(tx) => break tx,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let mut stream = tx.repository::<hot::Entity>().stream(in_order());
    let first = stream.try_next().await.expect("a row").map(|row| row.id);
    assert_eq!(first, Some(0));
    proxy.cut_once();
    // A transaction is the session's and not the connection's: it goes on, unless a command was on its way.
    let rest: Result<Vec<_>> = stream.try_collect().await;
    let committed = tx.commit().await;
    match rest {
        Ok(rest) => {
            assert!(rest.iter().map(|row| row.id).eq(1..ROWS), "each once, in order");
            committed.expect("nothing was lost");
        }
        Err(error) => {
            assert_eq!(error.status(), seabed::Status::Temporary, "{error}");
            assert!(committed.is_err_and(|error| error.is(ErrorKind::TransactionFailed)));
        }
    }
    db.close().await.expect("closed");
    drop(proxy);
    place.close().await;
}

/// A long list is many commands: between them nobody's write is seen.
#[tokio::test(flavor = "multi_thread")]
async fn q10_a_list_in_many_commands_sees_one_state() {
    const ROWS: i64 = 400;
    let Some(place) = Place::new("mongodb", "q10_a_list_in_many_commands_sees_one_state").await else { return };
    let db = place.open(4).await;
    db.create_tables(&seabed::entities![hot]).await.expect("a table");
    let rows = db.repository::<hot::Entity>();
    rows.insert_many((0..ROWS).map(|id| hot::Model { id, count: i64::from(id == 0) })).await.expect("rows");
    let stop = tokio::sync::watch::Sender::new(false);
    // One row is marked at any time: the first, or the last.
    let swap = async {
        for turn in 0_i64.. {
            if *stop.borrow() {
                return;
            }
            let (from, to) = if turn % 2 == 0 { (0, ROWS - 1) } else { (ROWS - 1, 0) };
            db.transact(|tx| async move {
                let rows = tx.repository::<hot::Entity>();
                for (id, count) in [(from, 0), (to, 1)] {
                    rows.update(hot::ActiveModel { id: Set(id), count: Set(count) }).await?;
                }
                Ok(())
            })
            .await
            .expect("nobody else writes");
        }
    };
    let look = async {
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..150 {
            let marked = col(hot::COLUMN.id).is_in(0..ROWS) & col(hot::COLUMN.count).eq(1);
            *seen.entry(rows.find(marked).await.expect("rows").len()).or_insert(0) += 1;
        }
        stop.send_replace(true);
        assert_eq!(seen.keys().collect::<Vec<_>>(), [&1], "how often so many were seen: {seen:?}");
    };
    tokio::join!(swap, look);
    db.close().await.expect("closed");
    place.close().await;
}

/// A change of many rows is more than a message holds.
#[tokio::test(flavor = "multi_thread")]
async fn w5_large_values_are_changed_in_many_rows() {
    const ROWS: i64 = 280;
    let Some(place) = Place::new("mongodb", "w5_large_values_are_changed_in_many_rows").await else { return };
    let db = place.open_with(None, &[("timeout", "2m")]).await;
    db.create_tables(&seabed::entities![prose]).await.expect("a table");
    let rows = db.repository::<prose::Entity>();
    rows.insert_many((0..ROWS).map(|id| prose::Model { id, text: String::new() })).await.expect("rows");
    let large = "x".repeat(200_000);
    let changed = rows.update_many(col(prose::COLUMN.id).gte(0), [col(prose::COLUMN.text).set(large)]).await;
    // 56 MB in all: the test's server may have no more memory than that, and says so.
    let kept = match changed {
        Ok(changed) => changed,
        Err(error) => {
            assert!(error.is(ErrorKind::TooLarge), "{error} {:?}", error.detail());
            0
        }
    };
    assert!([0, ROWS.unsigned_abs()].contains(&kept), "{kept}");
    let held = col(prose::COLUMN.text).starts_with("xxxx");
    assert_eq!(rows.count(held).await.expect("a count"), kept);
    db.close().await.expect("closed");
    place.close().await;
}

/// The counter of keys is in nobody's transaction: two that insert do not meet in it.
#[tokio::test(flavor = "multi_thread")]
async fn w7_open_transactions_do_not_meet_in_the_counter() {
    let Some(place) = Place::new("mongodb", "w7_open_transactions_do_not_meet_in_the_counter").await else { return };
    let db = place.open(3).await;
    db.create_tables(&seabed::entities![counted]).await.expect("a table");
    let mut open = Vec::new();
    for _ in 0..2 {
        let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
        let row = counted::ActiveModel { count: Set(0), ..Default::default() };
        let id = tx.repository::<counted::Entity>().insert(row).await.expect("nobody is met").id;
        open.push((tx, id));
    }
    assert!(open[0].1 < open[1].1, "each its own, and growing");
    for (tx, _) in open {
        tx.commit().await.expect("nobody is met");
    }
    db.close().await.expect("closed");
    place.close().await;
}
