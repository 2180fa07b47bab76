//! MySQL and MariaDB keep the contract: every case in a database of its own, on the server of `SEABED_TEST_MYSQL_URL`.
#![cfg(all(feature = "conformance", feature = "mysql"))]

mod server;

use futures::{FutureExt, future::BoxFuture};
use seabed::{
    Config, Result,
    conformance::{Harness, Opened, Stack},
};
use server::Server;

struct OwnDatabase(Server);

impl Harness for OwnDatabase {
    fn open<'a>(&'a self, case: &'a str, stack: Stack) -> BoxFuture<'a, Result<Opened>> {
        async move {
            let Some(url) = self.0.url() else { return Ok(Opened::absent(self.0.absent())) };
            let name = server::unique(case);
            self.0
                .execute(vec![
                    "CREATE DATABASE IF NOT EXISTS seabed_placed".into(),
                    // The server's own charset and collation, whatever they are: our tables do not rely on them.
                    format!("CREATE DATABASE {name}"),
                ])
                .await?;
            let database = stack.connect(Config::from_url(&with_database(&url, &name))?).await?;
            let server = self.0;
            Ok(Opened::with_cleanup(database, move || async move {
                server.execute(vec![format!("DROP DATABASE {name}")]).await
            }))
        }
        .boxed()
    }
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) = url.split_once('?').map_or((url, None), |(base, parameters)| (base, Some(parameters)));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{}/{name}{parameters}", &base[..end])
}

seabed::conformance!(OwnDatabase(Server::new("SEABED_TEST_MYSQL_URL")), mysql);
