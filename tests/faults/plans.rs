//! A column changes its type under a warm pool (hazard H17): PostgreSQL refuses what a connection prepared before, on that
//! connection for ever.

use crate::support::Place;
use futures::future::join_all;
use seabed::{
    Context, TransactionOptions,
    backend::{RawStatement, RawWant},
    prelude::*,
    sea_orm::DbBackend,
};
use sqlx::{Connection, Executor, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};

mod word {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "word")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const CONNECTIONS: i64 = 4;

fn word(id: i64) -> word::Model {
    word::Model { id, text: "text".to_owned() }
}

fn raw() -> RawStatement {
    let sql = "SELECT * FROM word WHERE id = 1";
    RawStatement::new(DbBackend::Postgres, sql, Vec::new(), RawWant::Rows).expect("one statement")
}

struct Warm {
    place: Place,
    db: Database,
    side: PgConnection,
    /// Whether the column is wide now.
    wide: bool,
    next: i64,
}

impl Warm {
    /// Without the layer that asks reads again: the backend does this by itself.
    async fn new(test: &str) -> Option<Self> {
        let place = Place::new("postgres", test).await?;
        let config = Config::builder().url(place.url()).set("databases.main.max_connections", CONNECTIONS);
        let config = config.load().expect("a configuration");
        let db = Database::builder(config).plain().connect().await.expect("a connection");
        db.create_tables(&seabed::entities![word]).await.expect("a table");
        db.repository::<word::Entity>().insert(word(1)).await.expect("a row");
        let side = PgConnection::connect(&place.url()).await.expect("a connection beside the library");
        Some(Self { place, db, side, wide: false, next: 2 })
    }

    /// Every connection prepares everything; then the column changes its type.
    async fn change(&mut self) {
        let open = || self.db.begin(TransactionOptions::default());
        let all = join_all((0..CONNECTIONS).map(|_| open())).await;
        for (number, transaction) in (0..).zip(all) {
            let transaction = transaction.expect("each a connection of its own");
            let words = transaction.repository::<word::Entity>();
            words.get(1).await.expect("an answer").expect("a row");
            words.insert(word(-1 - number)).await.expect("a row");
            transaction.rollback().await.expect("rolled back");
        }
        let context = Context::default();
        for one in join_all((0..CONNECTIONS).map(|_| self.db.backend().raw(&context, raw()))).await {
            one.expect("rows");
        }
        self.wide = !self.wide;
        let to = if self.wide { "text" } else { "varchar(255)" };
        let alter = format!(r#"ALTER TABLE word ALTER COLUMN text TYPE {to} COLLATE "C""#);
        self.side.execute(sqlx::AssertSqlSafe(alter)).await.expect("another type");
    }

    fn next(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    async fn close(self) {
        self.db.close().await.expect("closed");
        self.side.close().await.expect("closed");
        self.place.close().await;
    }
}

#[tokio::test]
async fn h17_a_call_after_a_change_of_type_gets_a_new_connection() {
    let Some(mut warm) = Warm::new("h17_a_call_after_a_change_of_type_gets_a_new_connection").await else { return };
    let words = warm.db.repository::<word::Entity>();

    warm.change().await;
    for _ in 0..2 * CONNECTIONS {
        assert_eq!(words.get(1).await.expect("a read"), Some(word(1)));
    }
    // One answer was refused, and the others were not waited for: what was opened before is not used again.
    warm.change().await;
    let ids: Vec<_> = (0..2 * CONNECTIONS).map(|_| warm.next()).collect();
    for (&id, written) in ids.iter().zip(join_all(ids.iter().map(|&id| words.insert(word(id)))).await) {
        assert_eq!(written.expect("a write that was refused before it ran"), word(id));
    }
    assert_eq!(words.count(col(word::COLUMN.id).is_in(ids.clone())).await.expect("a count"), ids.len() as u64, "once");

    warm.change().await;
    for _ in 0..2 * CONNECTIONS {
        assert_eq!(warm.db.backend().raw(&Context::default(), raw()).await.expect("a raw read").len(), 1);
    }
    warm.close().await;
}

#[tokio::test]
async fn h17_inside_a_transaction_the_whole_is_run_again() {
    let Some(mut warm) = Warm::new("h17_inside_a_transaction_the_whole_is_run_again").await else { return };
    warm.change().await;
    let transaction = warm.db.begin(TransactionOptions::default()).await.expect("a transaction");
    let words = transaction.repository::<word::Entity>();
    let error = words.get(1).await.expect_err("what was prepared is refused");
    assert_eq!((error.kind(), error.status()), (ErrorKind::ConnectionLost, seabed::Status::Temporary), "{error}");
    let error = transaction.commit().await.expect_err("it dooms the whole");
    assert_eq!(error.kind(), ErrorKind::TransactionFailed, "{error}");

    warm.change().await;
    let (attempts, id) = (AtomicU32::new(0), warm.next());
    let tried = &attempts;
    let work = |tx: seabed::Transaction| async move {
        tried.fetch_max(tx.attempt(), Ordering::SeqCst);
        let words = tx.repository::<word::Entity>();
        words.insert(word(id)).await?;
        words.get(1).await
    };
    let row = warm.db.transact(work).await.expect("run again");
    assert_eq!((row, attempts.into_inner()), (Some(word(1)), 2), "once more is enough");
    assert_eq!(warm.db.repository::<word::Entity>().count(col(word::COLUMN.id).eq(id)).await.expect("a count"), 1);
    warm.close().await;
}
