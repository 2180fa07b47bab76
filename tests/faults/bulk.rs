//! A hundred thousand rows at once, wide and narrow, a list of a hundred thousand values and a large blob: all of it is there, or,
//! where something goes wrong in the middle, nothing (law W6, hazard D8). That a stream does not grow is measured by
//! `cargo xtask streams`.

use crate::{
    oracle::Oracle,
    proxy::Proxy,
    proxy::{At, Reach},
    support::Place,
};
use sea_orm::IntoActiveModel;
use seabed::prelude::*;

/// Rows, and values of a list. `SecantusDB` takes minutes for so many in one transaction, and the square of a list's length.
fn rows(backend: &str) -> (i64, i64) {
    if backend == "mongodb" { (10_000, 1_000) } else { (100_000, 100_000) }
}

/// As large as one value is where a message has no smaller limit.
const BLOB: usize = 20 * 1024 * 1024;

mod narrow {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "narrow")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub a: i64,
        pub b: i32,
        pub c: f64,
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod wide {
    use sea_orm::entity::prelude::*;

    /// Forty columns.
    #[sea_orm::model]
    #[derive(Clone, Debug, Default, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "wide")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub c00: i32,
        pub c01: i32,
        pub c02: i32,
        pub c03: i32,
        pub c04: i32,
        pub c05: i32,
        pub c06: i32,
        pub c07: i32,
        pub c08: i32,
        pub c09: i32,
        pub c10: i32,
        pub c11: i32,
        pub c12: i32,
        pub c13: i32,
        pub c14: i32,
        pub c15: i32,
        pub c16: i32,
        pub c17: i32,
        pub c18: i32,
        pub c19: i32,
        pub c20: i32,
        pub c21: i32,
        pub c22: i32,
        pub c23: i32,
        pub c24: i32,
        pub c25: i32,
        pub c26: i32,
        pub c27: i32,
        pub c28: i32,
        pub c29: i32,
        pub c30: i32,
        pub c31: i32,
        pub c32: i32,
        pub c33: i32,
        pub c34: i32,
        pub c35: i32,
        pub c36: i32,
        pub c37: i32,
        pub c38: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod blob {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "blob")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(column_type = "Blob")]
        pub data: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn narrow_row(id: i64) -> narrow::Model {
    narrow::Model { id, a: id * 7, b: 3, c: 0.5, text: format!("row {id}") }
}

fn wide_row(id: i64) -> wide::Model {
    wide::Model { id, c00: 1, c38: 2, ..Default::default() }
}

/// One operation of many rows: all of them are there, or none.
async fn filled<E>(oracle: &Oracle, db: &Database, rows: Vec<E::Model>) -> Result<()>
where
    E: seabed::repository::Entity,
    E::Model: IntoActiveModel<E::ActiveModel> + Send,
{
    let unit = oracle.unit();
    let table = db.repository::<E>();
    let before = table.count(all()).await?;
    let wanted = rows.len() as u64;
    let answer = table.insert_many(rows).await.map(drop);
    oracle.heard(unit, &answer);
    let after = table.count(all()).await?;
    assert_eq!(after - before, if answer.is_ok() { wanted } else { 0 }, "all or nothing: {answer:?}");
    answer
}

/// Lists and values as large as they come.
async fn large(oracle: &Oracle, db: &Database, backend: &str) {
    let narrow = db.repository::<narrow::Entity>();
    let id = col(narrow::COLUMN.id);
    let (rows, listed) = rows(backend);
    for (from, found) in [(0, listed), (rows - listed / 2, listed / 2)] {
        let counted = narrow.count(id.is_in(from..from + listed)).await.expect("a list has no limit");
        assert_eq!(counted, found.unsigned_abs(), "{backend}");
    }
    let blobs = db.repository::<blob::Entity>();
    let data: Vec<u8> = (0_u32..).map(|at| at.to_le_bytes()[1]).take(BLOB).collect();
    let unit = oracle.unit();
    let answer = blobs.insert(blob::Model { id: 1, data: data.clone() }).await.map(drop);
    oracle.heard(unit, &answer);
    match answer {
        Ok(()) => {
            let read = blobs.get(1).await.expect("an answer").expect("the row");
            assert!(read.data == data, "{backend}: every byte is there");
        }
        // A message of MariaDB has a limit, 16 MiB unless it is set.
        Err(error) => {
            assert!(error.is(ErrorKind::TooLarge), "{backend}: {error}");
            match backend {
                "mysql" => assert!(error.to_string().contains("max_allowed_packet is "), "the limit is told: {error}"),
                // A document has 16 MB.
                other => assert_eq!(other, "mongodb", "{error}"),
            }
            assert_eq!(blobs.count(all()).await.expect("the connection still works"), 0);
        }
    }
}

/// The network fails in the middle of the chunks.
async fn cut_in_the_middle(oracle: &Oracle, place: &Place, rows: i64) {
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &[("max_connections", "1")]).await;
    let (narrow, beside) = (db.repository::<narrow::Entity>(), place.open(1).await);
    let there = beside.repository::<narrow::Entity>();
    let before = there.count(all()).await.expect("a count");
    for message in [3, 6, 9] {
        narrow.exists(all()).await.expect("a warm connection");
        let unit = oracle.unit();
        proxy.cut_at(At::Message(message), Reach::Server);
        let answer = narrow.insert_many((2 * rows..2 * rows + 20_000).map(narrow_row)).await.map(drop);
        oracle.heard(unit, &answer);
        let error = answer.expect_err("it was cut");
        assert!(!proxy.disarm(), "the message came");
        assert!(error.is(ErrorKind::ConnectionLost), "{error}");
        oracle.healed();
        let unit = oracle.unit();
        let answer = narrow.exists(all()).await;
        oracle.heard(unit, &answer);
        answer.expect("it is well again");
        assert_eq!(there.count(all()).await.expect("a count"), before, "nothing of it is there");
    }
    beside.close().await.expect("closed");
    db.close().await.expect("closed");
}

async fn f22(backend: &str) {
    let Some(place) = Place::new(backend, "f22_many_rows_are_there_or_none_of_them").await else { return };
    let oracle = Oracle::of_nothing_stored(22, backend, &place.url());
    let db = place.open_with(None, &[("max_connections", "2"), ("timeout", "5m")]).await;
    db.create_tables(&seabed::entities![narrow, wide, blob]).await.expect("tables");
    let (rows, _) = rows(backend);
    let all_rows = (0..rows).map(narrow_row).collect();
    filled::<narrow::Entity>(&oracle, &db, all_rows).await.expect("nothing is wrong");
    // The last one has the key of the first one.
    let others = (rows..2 * rows).chain([0]).map(narrow_row).collect();
    let error = filled::<narrow::Entity>(&oracle, &db, others).await.expect_err("a key is there twice");
    assert!(error.is(ErrorKind::UniqueViolation), "{backend}: {error}");
    let all_rows = (0..rows).map(wide_row).collect();
    filled::<wide::Entity>(&oracle, &db, all_rows).await.expect("nothing is wrong");
    large(&oracle, &db, backend).await;
    if backend != "sqlite" {
        cut_in_the_middle(&oracle, &place, rows).await;
    }
    db.close().await.expect("closed");
    oracle.count();
    place.close().await;
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn f22_many_rows_are_there_or_none_of_them() {
                super::f22(stringify!($backend)).await;
            }
        }
    )* };
}
on_each! { sqlite postgres mysql }
#[cfg(feature = "mongodb")]
on_each! { mongodb }
