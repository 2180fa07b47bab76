//! A database of its own on the server that `SEABED_TEST_MONGODB_URL` names, and a client beside the library.

use crate::support::server;
use mongodb::{
    Client,
    bson::{Document, doc},
};
use seabed::{Config, Database, backend::Deploy};
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Place {
    server: String,
    pub name: String,
    client: Client,
}

impl Place {
    pub async fn new(test: &str) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = server("mongodb", test)?;
        let name = format!("deploy_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let client = Client::with_uri_str(&server).await.expect("the server");
        Some(Self { server, name, client })
    }

    pub fn url(&self) -> String {
        let (base, parameters) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (host, _) = base.rsplit_once('/').expect("a URL with a database");
        format!("{host}/{}?{parameters}", self.name)
    }

    pub async fn open(&self) -> Database {
        Database::connect(Config::from_url(&self.url()).expect("a configuration")).await.expect("a connection")
    }

    pub async fn session(&self) -> (Database, Box<dyn Deploy>) {
        let db = self.open().await;
        let deploy = db.backend().deploy().await.expect("a session");
        (db, deploy)
    }

    /// A command beside the library.
    pub async fn run(&self, command: Document) -> Document {
        self.client.database(&self.name).run_command(command).await.expect("the command ran")
    }

    /// The rows without what no entity sees.
    pub async fn rows(&self, collection: &str) -> Vec<Document> {
        let find = doc! { "find": collection, "sort": { "id": 1 }, "projection": { "_id": 0, "_touched": 0 }, "batchSize": 1000 };
        let found = self.run(find).await;
        let rows = found.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch")).expect("rows");
        rows.iter().map(|row| row.as_document().expect("a row").clone()).collect()
    }

    /// That no scratch database stays: those of other tests are gone in a moment too.
    pub async fn nothing_is_left(&self) {
        let scratch = async || {
            let all = self.client.list_database_names().await.expect("names");
            all.into_iter().filter(|name| name.starts_with("seabed_scratch_")).collect::<Vec<String>>()
        };
        let mut left = scratch().await;
        for _ in 0..50 {
            let now = scratch().await;
            left.retain(|name| now.contains(name));
            if left.is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{left:?}");
    }

    pub async fn close(self) {
        self.client.database(&self.name).drop().await.expect("dropped");
    }
}
