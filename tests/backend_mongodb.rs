//! MongoDB keeps the contract: every case in a database of its own, on the server of `SEABED_TEST_MONGODB_URL`.
#![cfg(all(feature = "conformance", feature = "mongodb"))]

#[allow(dead_code, reason = "what the SQL servers do beside the library is of no use here")]
mod server;

use futures::{FutureExt, future::BoxFuture};
use mongodb::{Client, bson::doc};
use seabed::{
    Config, Error, ErrorKind, Result,
    conformance::{Harness, Opened, Stack},
};
use server::Server;
use std::time::Duration;

struct OwnDatabase(Server);

impl Harness for OwnDatabase {
    /// `SecantusDB` takes a hundred times as long for lists and updates of thousands as `mongod` does.
    fn patience(&self) -> Duration {
        Duration::from_mins(2)
    }

    fn open<'a>(&'a self, case: &'a str, stack: Stack) -> BoxFuture<'a, Result<Opened>> {
        async move {
            let Some(url) = self.0.url() else { return Ok(Opened::absent(self.0.absent())) };
            let name = server::unique(case);
            let database = stack.connect(Config::from_url(&with_database(&url, &name))?).await?;
            Ok(Opened::with_cleanup(database, move || async move {
                let client = Client::with_uri_str(&url).await.map_err(failed)?;
                client.database(&name).run_command(doc! { "dropDatabase": 1 }).await.map(drop).map_err(failed)
            }))
        }
        .boxed()
    }
}

fn failed(error: mongodb::error::Error) -> Error {
    Error::new(ErrorKind::Other, "the harness's own command failed").with_detail(error.to_string())
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
