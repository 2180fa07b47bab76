//! What goes over the wire: a call is one round trip (hazard H13), and a stream that is dropped early has not read what it did not
//! give (hazard H10).

use crate::support::{Place, with_port};
use futures::TryStreamExt;
use seabed::{TransactionOptions, prelude::*};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    task::{AbortHandle, JoinSet},
};

mod page {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "page")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Debug, Default)]
struct Counted {
    /// Questions: bytes from the client after bytes from the server.
    questions: AtomicU64,
    answered: AtomicBool,
    /// Bytes from the server.
    bytes: AtomicU64,
}

/// A TCP proxy that counts, for one connection at a time.
struct Counting {
    port: u16,
    counted: Arc<Counted>,
    task: AbortHandle,
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Counting {
    async fn before(url: &str) -> Self {
        let server = url.rsplit_once('@').and_then(|(_, rest)| rest.split_once('/')).expect("a server").0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let counted = Arc::new(Counted { answered: AtomicBool::new(true), ..Counted::default() });
        let shared = Arc::clone(&counted);
        let task = tokio::spawn(async move {
            let mut ways = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&server).await else { return };
                for stream in [&client, &server] {
                    stream.set_nodelay(true).expect("a socket");
                }
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                ways.spawn(pass(from_client, to_server, Arc::clone(&shared), true));
                ways.spawn(pass(from_server, to_client, Arc::clone(&shared), false));
            }
        });
        Self { port, counted, task: task.abort_handle() }
    }

    /// Questions and bytes of the answers while this was done.
    async fn during<T>(&self, work: impl Future<Output = T>) -> (T, u64, u64) {
        let read = || (self.counted.questions.load(Ordering::SeqCst), self.counted.bytes.load(Ordering::SeqCst));
        let before = read();
        let done = work.await;
        let after = read();
        (done, after.0 - before.0, after.1 - before.1)
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counted: Arc<Counted>, asks: bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if asks {
            let first = counted.answered.swap(false, Ordering::SeqCst);
            counted.questions.fetch_add(u64::from(first), Ordering::SeqCst);
        } else {
            counted.answered.store(true, Ordering::SeqCst);
            counted.bytes.fetch_add(read as u64, Ordering::SeqCst);
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// One connection through the proxy.
async fn counted(place: &Place) -> (Database, Counting) {
    let proxy = Counting::before(&place.url()).await;
    let config = Config::builder()
        .url(with_port(&place.url(), proxy.port))
        .set("databases.main.max_connections", 1)
        .set("databases.main.tls.mode", "disable");
    (Database::connect(config.load().expect("a configuration")).await.expect("a connection"), proxy)
}

fn page(id: i64) -> page::Model {
    page::Model { id, text: "x".repeat(250) }
}

async fn h13_a_call_is_one_round_trip(backend: &str) {
    let Some(place) = Place::new(backend, "h13_a_call_is_one_round_trip").await else { return };
    let (db, proxy) = counted(&place).await;
    db.create_tables(&seabed::entities![page]).await.expect("a table");
    let pages = db.repository::<page::Entity>();
    let calls = async |ids: std::ops::Range<i64>| {
        for id in ids {
            pages.insert(page(id)).await.expect("a row");
            pages.get(id).await.expect("an answer").expect("a row");
        }
    };
    // Each statement is prepared once.
    calls(0..2).await;
    let ((), questions, _) = proxy.during(calls(2..52)).await;
    assert_eq!(questions, 100, "{backend}: 50 writes and 50 reads ask 100 times, and nothing is asked between them");
    let transaction = async {
        let transaction = db.begin(TransactionOptions::default()).await.expect("a transaction");
        transaction.repository::<page::Entity>().get(1).await.expect("an answer");
        transaction.commit().await.expect("committed");
    };
    let ((), questions, _) = proxy.during(transaction).await;
    assert_eq!(questions, 3, "{backend}: BEGIN, a read, COMMIT");
    db.close().await.expect("closed");
    place.close().await;
}

const ROWS: i64 = 20_000;

async fn h10_a_stream_dropped_early_lets_the_next_call_run_at_once(backend: &str) {
    let test = "h10_a_stream_dropped_early_lets_the_next_call_run_at_once";
    let Some(place) = Place::new(backend, test).await else { return };
    let (db, proxy) = counted(&place).await;
    db.create_tables(&seabed::entities![page]).await.expect("a table");
    let pages = db.repository::<page::Entity>();
    pages.insert_many((0..ROWS).map(page)).await.expect("five megabytes");

    let some = async {
        let mut stream = pages.stream(all());
        for _ in 0..20 {
            stream.try_next().await.expect("an answer").expect("a row");
        }
        drop(stream);
        pages.get(1).await.expect("the only connection is free").expect("a row");
    };
    let ((), _, bytes) = proxy.during(some).await;
    assert!(bytes < 500_000, "{backend}: 20 rows of five megabytes were wanted, and {bytes} bytes were read");

    // A cursor on this connection would keep the second call waiting for ever.
    let beside = async {
        let transaction = db.begin(TransactionOptions::default()).await.expect("a transaction");
        let pages = transaction.repository::<page::Entity>();
        let mut stream = pages.stream(all());
        for id in 0..100 {
            let row = stream.try_next().await.expect("an answer").expect("a row");
            assert_eq!(row.id, id);
            pages.delete_many(col(page::COLUMN.id).eq(id)).await.expect("a call beside the stream");
        }
        drop(stream);
        transaction.commit().await.expect("committed");
    };
    tokio::time::timeout(Duration::from_secs(20), beside).await.expect("calls are answered beside a stream");
    assert_eq!(pages.count(all()).await.expect("a count"), (ROWS - 100) as u64);
    db.close().await.expect("closed");
    place.close().await;
}

macro_rules! on_servers {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test]
            async fn h13_a_call_is_one_round_trip() {
                super::h13_a_call_is_one_round_trip(stringify!($backend)).await;
            }

            #[tokio::test]
            async fn h10_a_stream_dropped_early_lets_the_next_call_run_at_once() {
                super::h10_a_stream_dropped_early_lets_the_next_call_run_at_once(stringify!($backend)).await;
            }
        }
    )* };
}
on_servers! { postgres mysql }
