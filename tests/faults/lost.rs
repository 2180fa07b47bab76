//! A connection that breaks says what may have been written, and one that broke while it was idle is not used again
//! (hazards H7 and H11).

use crate::{
    proxy::Proxy,
    support::{Place, with_port},
};
use futures::future::join_all;
use seabed::{Status, TransactionOptions, prelude::*};
use std::time::Duration;

mod line {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A connection through a proxy that can be cut, without the layer that asks a read again.
async fn through_a_proxy(place: &Place) -> (Database, Proxy) {
    let proxy = Proxy::to(&place.url()).await;
    let config = Config::builder()
        .url(with_port(&place.url(), proxy.port))
        .set("databases.main.tls.mode", "disable")
        .set("databases.main.connect_timeout", "300ms");
    let config = config.load().expect("a configuration");
    (Database::builder(config).plain().connect().await.expect("a connection"), proxy)
}

fn told<T: std::fmt::Debug>(answer: seabed::Result<T>, kind: ErrorKind, status: Status) {
    let error = answer.expect_err("the connection is cut");
    assert_eq!((error.kind(), error.status()), (kind, status), "{error}");
}

async fn a_broken_connection_says_what_may_be_there(backend: &str) {
    let Some(place) = Place::new(backend, "h11_a_broken_connection_says_what_may_be_there").await else { return };
    let (db, proxy) = through_a_proxy(&place).await;
    db.create_tables(&seabed::entities![line]).await.expect("a table");
    proxy.cut();
    told(db.repository::<line::Entity>().find(all()).await, ErrorKind::ConnectionLost, Status::Temporary);

    let (db, proxy) = through_a_proxy(&place).await;
    proxy.cut();
    let insert = db.repository::<line::Entity>().insert(line::Model { id: 1 }).await;
    if backend == "mongodb" {
        // A write is a transaction of its own, whose commit was not sent.
        told(insert, ErrorKind::ConnectionLost, Status::Temporary);
    } else {
        told(insert, ErrorKind::WriteUnknown, Status::Unknown);
    }

    let (db, proxy) = through_a_proxy(&place).await;
    let transaction = db.begin(TransactionOptions::default()).await.expect("a transaction");
    transaction.repository::<line::Entity>().insert(line::Model { id: 2 }).await.expect("a row");
    proxy.cut();
    told(transaction.commit().await, ErrorKind::CommitUnknown, Status::Unknown);
    place.close().await;
}

/// The server ended what the pool holds idle: the next call gets another connection and never sees it.
async fn a_connection_that_broke_while_idle_is_not_used_again(backend: &str) {
    let test = "h7_a_connection_that_broke_while_idle_is_not_used_again";
    let Some(place) = Place::new(backend, test).await else { return };
    let config = Config::builder().url(place.url()).set("databases.main.idle_check", "0s");
    let db = Database::connect(config.load().expect("a configuration")).await.expect("a connection");
    db.create_tables(&seabed::entities![line]).await.expect("a table");
    let lines = db.repository::<line::Entity>();
    for id in 0..3 {
        place.end_sessions().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        lines.insert(line::Model { id }).await.expect("another connection");
    }
    assert_eq!(lines.count(all()).await.expect("a count"), 3);
    db.close().await.expect("closed");
    place.close().await;
}

/// The server was started again: every connection of the pool is of no more use, and one call at most finds that out.
async fn one_that_broke_has_the_others_tried(backend: &str) {
    let test = "h7_one_that_broke_has_the_others_tried";
    let Some(place) = Place::new(backend, test).await else { return };
    let db = place.open(4).await;
    db.create_tables(&seabed::entities![line]).await.expect("a table");
    let lines = db.repository::<line::Entity>();
    let all_break = async || {
        let open = join_all((0..4).map(|_| db.begin(TransactionOptions::default()))).await;
        for transaction in open {
            transaction.expect("each a connection of its own").rollback().await.expect("rolled back");
        }
        place.end_sessions().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    all_break().await;
    for _ in 0..8 {
        lines.count(all()).await.expect("a read is asked again, on a connection that was tried");
    }
    all_break().await;
    let mut kept = 0;
    for id in 0..8 {
        match lines.insert(line::Model { id }).await {
            Ok(_) => kept += 1,
            Err(error) => assert_ne!(error.status(), Status::Permanent, "{error}"),
        }
    }
    assert!(kept >= 7, "{backend}: one write at most meets a connection that broke: {kept} of 8 were kept");
    assert_eq!(lines.count(all()).await.expect("a count"), kept, "{backend}: and was not done");
    db.close().await.expect("closed");
    place.close().await;
}

macro_rules! on_servers {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test]
            async fn h11_a_broken_connection_says_what_may_be_there() {
                super::a_broken_connection_says_what_may_be_there(stringify!($backend)).await;
            }

            #[tokio::test]
            async fn h7_a_connection_that_broke_while_idle_is_not_used_again() {
                super::a_connection_that_broke_while_idle_is_not_used_again(stringify!($backend)).await;
            }

            #[tokio::test]
            async fn h7_one_that_broke_has_the_others_tried() {
                super::one_that_broke_has_the_others_tried(stringify!($backend)).await;
            }
        }
    )* };
}
on_servers! { postgres mysql }

#[cfg(feature = "mongodb")]
mod mongodb {
    #[tokio::test]
    async fn h11_a_broken_connection_says_what_may_be_there() {
        super::a_broken_connection_says_what_may_be_there("mongodb").await;
    }
}
