//! What the oracle and the places ask of MongoDB, beside the library; and what goes wrong in ways of its own: a session that is
//! given up must be killed in the server, its driver asks once more for a lost commit, and it waits for ever.

use crate::{
    give_up::give_up_at,
    oracle::{Oracle, all_parts, effect, part},
    proxy::{At, Proxy, Reach},
    support::Place,
};
use mongodb::bson::{Bson, Document, doc};
use seabed::{Config, Context, TransactionOptions, prelude::*, transaction::key};
use std::time::{Duration, Instant};

impl Place {
    /// Units, their parts and how often each is there.
    pub async fn mongo_effects(&self) -> Vec<(i64, i64, i64)> {
        let count = doc! { "_id": { "unit": "$unit", "part": "$part" }, "count": { "$sum": 1_i64 } };
        let read = async |database: mongodb::Database| {
            let effects = database.collection::<Document>("effect");
            let mut cursor = effects.aggregate([doc! { "$group": count }]).await.expect("the effects");
            let mut rows = Vec::new();
            while cursor.advance().await.expect("a row") {
                let row = cursor.deserialize_current().expect("a document");
                let id = row.get_document("_id").expect("a group");
                rows.push((number(id, "unit"), number(id, "part"), number(&row, "count")));
            }
            rows
        };
        self.ask_mongo(read).await
    }

    /// With a user of this database, whom the server asks for a password whether or not it lets others in.
    pub async fn with_user(self) -> Self {
        let Self::Mongo { server, name } = &self else { return self };
        if server.contains('@') {
            return self;
        }
        let user = doc! { "createUser": "app", "pwd": "hush-Qv7", "roles": [{ "role": "dbOwner", "db": name }] };
        self.ask_mongo(async |database: mongodb::Database| database.run_command(user).await).await.expect("a user");
        let and = if server.contains('?') { '&' } else { '?' };
        let server = format!("{}{and}authSource={name}", server.replacen("://", "://app:hush-Qv7@", 1));
        Self::Mongo { server, name: name.clone() }
    }

    /// Its users go with it.
    pub async fn without_users(self) -> Self {
        let Self::Mongo { server, name } = &self else { return self };
        let drop = doc! { "dropAllUsersFromDatabase": 1 };
        self.ask_mongo(async |database: mongodb::Database| database.run_command(drop).await).await.expect("no user");
        Self::Mongo { server: server.replacen("app:hush-Qv7@", "", 1), name: name.clone() }
    }
}

fn number(row: &Document, name: &str) -> i64 {
    match row.get(name) {
        Some(Bson::Int64(number)) => *number,
        Some(Bson::Int32(number)) => i64::from(*number),
        other => panic!("no number: {other:?}"),
    }
}

pub mod hot {
    use sea_orm::entity::prelude::*;

    /// One row that everybody writes.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "hot")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub count: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A transaction that is given up at its n-th await holds its row no longer than a second: its session was killed, or it was
/// rolled back. The server would hold it for a minute.
#[tokio::test(flavor = "multi_thread")]
async fn t3_what_was_given_up_holds_no_row() {
    let Some(place) = Place::new("mongodb", "t3_what_was_given_up_holds_no_row").await else { return };
    let db = place.open(2).await;
    db.create_tables(&seabed::entities![hot]).await.expect("a table");
    let rows = db.repository::<hot::Entity>();
    rows.insert(hot::Model { id: 1, count: 0 }).await.expect("a row");
    let beside = place.mongo().await.collection::<Document>("hot");
    let (mut dropped, mut done, mut n) = (0, 0, 0);
    while done < 3 {
        let work = db.transact(|tx| async move {
            let rows = tx.repository::<hot::Entity>();
            for _ in 0..3 {
                rows.update_many(col(hot::COLUMN.id).eq(1), [col(hot::COLUMN.count).increment(1)]).await?;
            }
            Ok(())
        });
        if let Some(answer) = give_up_at(n, work).await {
            answer.expect("nothing is wrong");
            (done, n) = (done + 1, 0);
        } else {
            (dropped, n) = (dropped + 1, n + 1);
        }
        let since = Instant::now();
        let touch = async {
            // The server lets it wait, or refuses it at once: either way until the row is free.
            while beside.update_one(doc! { "id": 1 }, doc! { "$inc": { "_touched": 1_i64 } }).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let touched = tokio::time::timeout(Duration::from_secs(3), touch).await;
        assert!(touched.is_ok(), "given up at await {n}, and the row is still held after {:?}", since.elapsed());
    }
    assert!(dropped > 6, "drops reach into the transaction: {dropped}");
    let count = rows.get(1).await.expect("an answer").expect("a row").count;
    assert_eq!(count % 3, 0, "by thirds");
    db.close().await.expect("closed");
    place.close().await;
}

/// A write whose first answer is lost begins anew, and once the answer to a commit is lost the driver asks again; where nothing
/// comes through any more it is unknown, and with an idempotency key the transaction is done exactly once and says so.
#[tokio::test(flavor = "multi_thread")]
async fn f15_what_an_answer_was_lost_of_is_unknown_or_done_once() {
    let Some(place) = Place::new("mongodb", "f15_what_an_answer_was_lost_of_is_unknown_or_done_once").await else {
        return;
    };
    let oracle = Oracle::new(15, "mongodb", &place, 1).await;
    let proxy = Proxy::to(&place.url()).await;
    let settings = [("max_connections", "2"), ("connect_timeout", "2s"), ("timeout", "2s")];
    let db = place.open_with(Some(&proxy), &settings).await;
    let keys = key::table().expect("a constant");
    db.backend().create_tables(&Context::default(), &[keys]).await.expect("the table of keys");
    let (row, commit) = (At::Bytes(b"part 0 of "), At::Bytes(b"commitTransaction"));
    for round in 0..100 {
        let keyed = TransactionOptions::default().idempotency_key(format!("round {round}"));
        let reach = if round % 2 == 0 { Reach::Answered } else { Reach::Nowhere };
        match round % 5 {
            0 => {
                proxy.cut_at(row, reach);
                oracle.insert(&db).await.expect("nothing was committed, and it begins anew");
            }
            1 => {
                proxy.cut_at(commit, reach);
                oracle.transact(&db, TransactionOptions::default()).await.expect("asked once more");
            }
            2 => {
                proxy.cut_for_good_at(commit, reach);
                let error = oracle.insert(&db).await.expect_err("nothing comes through");
                assert_eq!(error.kind(), ErrorKind::WriteUnknown, "{error}");
            }
            3 => {
                proxy.cut_for_good_at(commit, reach);
                let error =
                    oracle.transact(&db, TransactionOptions::default()).await.expect_err("nothing comes through");
                assert_eq!(error.kind(), ErrorKind::CommitUnknown, "{error}");
            }
            _ => {
                proxy.cut_for_good_at(commit, reach);
                let heal = async {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    proxy.heal();
                };
                let (answer, ()) = tokio::join!(oracle.transact(&db, keyed), heal);
                answer.expect("found by its key");
            }
        }
        assert!(!proxy.disarm(), "round {round}: the message came");
        proxy.heal();
        oracle.healed();
        // The driver looks for its server again.
        let until = Instant::now() + Duration::from_secs(5);
        while let Err(error) = oracle.insert(&db).await {
            assert!(Instant::now() < until, "round {round}: {error} {:?}", error.detail());
        }
    }
    oracle.pool_is_back(&place, &db, 2).await;
    db.close().await.expect("closed");
    drop(proxy);
    oracle.judge(&place).await;
    place.close().await;
}

mod owner {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "owner")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(has_many)]
        pub things: HasMany<super::thing::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod thing {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "thing")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub owner_id: i64,
        #[sea_orm(belongs_to, from = "owner_id", to = "id")]
        pub owner: BelongsTo<super::owner::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A delete of a parent meets the insert of a child that nobody sees yet: one of them gives way, and no child is an orphan.
#[tokio::test(flavor = "multi_thread")]
async fn w2_a_delete_meets_a_child_that_is_not_committed() {
    let Some(place) = Place::new("mongodb", "w2_a_delete_meets_a_child_that_is_not_committed").await else { return };
    let db = place.open(4).await;
    db.create_tables(&seabed::entities![owner, thing]).await.expect("tables");
    for id in 0..5 {
        let owner = owner::ActiveModel { id: Set(id) };
        db.repository::<owner::Entity>().insert(owner).await.expect("a parent");
        let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
        let thing = thing::ActiveModel { id: Set(id), owner_id: Set(id) };
        tx.repository::<thing::Entity>().insert(thing).await.expect("a child");
        let beside = db.clone();
        let delete = tokio::spawn(async move { beside.repository::<owner::Entity>().delete(id).await });
        tokio::time::sleep(Duration::from_millis(150)).await;
        let committed = tx.commit().await.is_ok();
        let deleted = delete.await.expect("it ends").is_ok();
        assert!(committed != deleted, "committed {committed}, deleted {deleted}");
        let orphan = db.repository::<thing::Entity>().exists(col(thing::COLUMN.id).eq(id)).await.expect("an answer")
            && !db.repository::<owner::Entity>().exists(col(owner::COLUMN.id).eq(id)).await.expect("an answer");
        assert!(!orphan, "a child without its parent");
    }
    db.close().await.expect("closed");
    place.close().await;
}

/// A commit asks for the majority of the members, so that an election takes nothing back. One member cannot show it: what the
/// client says is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn h11_a_commit_asks_for_the_majority() {
    let Some(place) = Place::new("mongodb", "h11_a_commit_asks_for_the_majority").await else { return };
    let oracle = Oracle::new(15, "mongodb", &place, 1).await;
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &[("max_connections", "1")]).await;
    oracle.insert(&db).await.expect("nothing is wrong");
    for alone in [true, false] {
        proxy.cut_at(At::Bytes(b"w\0\x09\0\0\0majority\0"), Reach::Nowhere);
        // It is asked once more.
        let done =
            if alone { oracle.insert(&db).await } else { oracle.transact(&db, TransactionOptions::default()).await };
        done.expect("the driver asks again");
        assert!(!proxy.disarm(), "nobody asked for the majority; alone: {alone}");
    }
    db.close().await.expect("closed");
    drop(proxy);
    place.close().await;
}

/// The driver waits for ever: the backend's own bound ends every call, also where no layer does (hazard H7).
#[tokio::test(flavor = "multi_thread")]
async fn h7_every_call_ends_in_the_dark() {
    let Some(place) = Place::new("mongodb", "h7_every_call_ends_in_the_dark").await else { return };
    let proxy = Proxy::to(&place.url()).await;
    let config = Config::builder()
        .url(crate::support::with_port(&place.url(), proxy.port))
        .set("databases.main.tls.mode", "disable")
        .set("databases.main.timeout", "500ms")
        // Else the driver's own question ends what waits.
        .set("databases.main.idle_check", "10s")
        .set("databases.main.connect_timeout", "500ms");
    // Without the layers, so that no deadline but the backend's own bounds a call.
    let config = config.load().expect("a configuration");
    let db = Database::builder(config).plain().connect().await.expect("a connection");
    db.create_tables(&seabed::entities![effect]).await.expect("a table");
    let effects = db.repository::<effect::Entity>();
    effects.insert(part(0, 0)).await.expect("a row");
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    tx.repository::<effect::Entity>().insert(part(1, 0)).await.expect("a row");
    proxy.go_dark();
    let within = Duration::from_secs(8);
    let bounded = |what: &str, since: Instant| assert!(since.elapsed() < within, "{what} took {:?}", since.elapsed());
    let since = Instant::now();
    effects.find(all()).await.expect_err("dark");
    bounded("a read", since);
    let since = Instant::now();
    effects.insert(part(2, 0)).await.expect_err("dark");
    bounded("a write", since);
    let since = Instant::now();
    let error = tx.commit().await.expect_err("dark");
    assert_eq!(error.kind(), ErrorKind::CommitUnknown, "{error}");
    bounded("a commit", since);
    let since = Instant::now();
    db.backend().ping(&Context::default()).await.expect_err("dark");
    bounded("a ping", since);
    let since = Instant::now();
    let _ = all_parts(&db, TransactionOptions::default(), 3, 1).await.expect_err("dark");
    // Begun anew, as often as `transact` does.
    assert!(since.elapsed() < Duration::from_mins(1), "a transaction took {:?}", since.elapsed());
    proxy.heal();
    let since = Instant::now();
    while let Err(error) = effects.insert(part(4, 0)).await {
        assert!(since.elapsed() < Duration::from_secs(10), "{error} {:?}", error.detail());
    }
    db.close().await.expect("closed");
    drop(proxy);
    place.close().await;
}
