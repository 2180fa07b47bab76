//! MongoDB keeps the contract: every case in a database of its own, on the server of `SEABED_TEST_MONGODB_URL`.
#![cfg(all(feature = "conformance", feature = "mongodb"))]

#[allow(dead_code, reason = "what the SQL servers do beside the library is of no use here")]
mod server;

use futures::{FutureExt, future::BoxFuture};
use mongodb::{Client, bson::doc};
use seabed::{
    Capability, Config, Database, Error, ErrorKind, Result,
    conformance::{Harness, Opened, Stack},
};
use server::Server;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Mutex;

/// `SecantusDB` takes a hundred times as long for writes and lists of thousands as `mongod` does.
const PATIENCE: Duration = Duration::from_mins(5);

/// `SecantusDB` does one thing at a time: beside a case of thousands of rows another would miss its deadlines.
static ONE_AT_A_TIME: LazyLock<Arc<Mutex<()>>> = LazyLock::new(Arc::default);

struct OwnDatabase(Server);

impl Harness for OwnDatabase {
    fn patience(&self) -> Duration {
        PATIENCE
    }

    fn open<'a>(&'a self, case: &'a str, stack: Stack) -> BoxFuture<'a, Result<Opened>> {
        async move {
            let Some(url) = self.0.url() else { return Ok(Opened::absent(self.0.absent())) };
            let name = server::unique(case);
            let client = Client::with_uri_str(&url).await.map_err(failed)?;
            let build = client.database("admin").run_command(doc! { "buildInfo": 1 }).await.map_err(failed)?;
            let mut config = Config::builder().env(false).url(with_database(&url, &name));
            let mut turn = None;
            if build.contains_key("secantusVersion") {
                let patience = format!("{}s", PATIENCE.as_secs());
                // It answers nobody, and not the driver's heartbeat, while it goes through a list of 70,000.
                for bound in ["timeout", "acquire_timeout", "connect_timeout"] {
                    config = config.set(&format!("databases.main.{bound}"), &patience);
                }
                config = config.set("databases.main.lock_timeout", "5s");
                turn = Some(Arc::clone(&ONE_AT_A_TIME).lock_owned().await);
            }
            let database = stack.connect(config.load()?).await?;
            Ok(Opened::with_cleanup(database, move || async move {
                let dropped = client.database(&name).run_command(doc! { "dropDatabase": 1 }).await;
                client.shutdown().await;
                drop(turn);
                dropped.map(drop).map_err(failed)
            }))
        }
        .boxed()
    }
}

fn failed(error: mongodb::error::Error) -> Error {
    Error::new(ErrorKind::Other, "the harness's own command failed").with_detail(error.to_string())
}

/// What MongoDB cannot do, and nothing else: where the suite meets a refusal it asks whether the capability is missing, so a list that
/// grows by itself would be a case that is no longer proven.
const REFUSED: [Capability; 3] = [Capability::Serializable, Capability::LockedReads, Capability::Savepoints];

#[tokio::test]
async fn what_is_refused_stands_in_a_list() {
    let Some(url) = Server::new("SEABED_TEST_MONGODB_URL").url() else { return };
    let db = Database::connect(Config::from_url(&url).expect("a URL")).await.expect("a database");
    let refused: Vec<_> = Capability::ALL.iter().filter(|one| !db.info().capabilities.has(**one)).copied().collect();
    assert_eq!(refused, REFUSED, "docs/mongodb.md says what is refused: is it still right?");
    db.close().await.expect("closed");
}

/// The user is asked for a password whether or not the server lets others in.
#[tokio::test]
async fn a_wrong_password_is_told_and_not_shown() {
    let Some(url) = Server::new("SEABED_TEST_MONGODB_URL").url() else { return };
    let (name, admin) = (server::unique("a_b_user"), Client::with_uri_str(&url).await.expect("a client"));
    let user = doc! { "createUser": "app", "pwd": "right", "roles": [{ "role": "readWrite", "db": &name }] };
    admin.database(&name).run_command(user).await.expect("a user");
    let opened = async |password: &str, source: &str| {
        let url = with_database(&url, &name).replacen("://", &format!("://app:{password}@"), 1);
        let and = if url.contains('?') { '&' } else { '?' };
        Database::connect(Config::from_url(&format!("{url}{and}authSource={source}")).expect("a URL")).await
    };
    let db = opened("right", &name).await.expect("the right password");
    db.close().await.expect("closed");
    for (password, source) in [("hunter2", name.as_str()), ("right", "admin")] {
        let error = opened(password, source).await.map(drop).expect_err("nobody it knows");
        assert_eq!(error.kind(), ErrorKind::Authentication, "{password} of {source}: {error}");
        let said = format!("{error} {error:?} {:?}", error.detail());
        assert!(!said.contains("hunter2"), "{said}");
    }
    admin.database(&name).run_command(doc! { "dropUser": "app" }).await.expect("no user");
    admin.database(&name).run_command(doc! { "dropDatabase": 1 }).await.expect("no database");
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) = url.split_once('?').map_or((url, None), |(base, parameters)| (base, Some(parameters)));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{}/{name}{parameters}", &base[..end])
}

seabed::conformance!(OwnDatabase(Server::new("SEABED_TEST_MONGODB_URL")), mongodb);
