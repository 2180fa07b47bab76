//! PostgreSQL keeps the contract: every case in a schema of its own, on the server of `SEABED_TEST_POSTGRES_URL`.
#![cfg(all(feature = "conformance", feature = "postgres"))]

mod server;

use futures::{FutureExt, future::BoxFuture};
use seabed::{
    Config, Result,
    conformance::{Harness, Opened, Stack},
};
use server::Server;
use tokio::sync::OnceCell;

/// The schema that one entity of the suite names; two connections that make it at once would collide, so one does.
static PLACED: OnceCell<()> = OnceCell::const_new();

struct Schema(Server);

impl Harness for Schema {
    fn open<'a>(&'a self, case: &'a str, stack: Stack) -> BoxFuture<'a, Result<Opened>> {
        async move {
            let Some(url) = self.0.url() else { return Ok(Opened::absent(self.0.absent())) };
            PLACED.get_or_try_init(|| self.0.execute(vec!["CREATE SCHEMA IF NOT EXISTS seabed_placed".into()])).await?;
            let schema = server::unique(case);
            self.0.execute(vec![format!("CREATE SCHEMA {schema}")]).await?;
            let config = Config::builder().url(url).set("databases.main.schema", &schema).load()?;
            let database = stack.connect(config).await?;
            let server = self.0;
            Ok(Opened::with_cleanup(database, move || async move {
                server.execute(vec![format!("DROP SCHEMA {schema} CASCADE")]).await
            }))
        }
        .boxed()
    }
}

seabed::conformance!(Schema(Server::new("SEABED_TEST_POSTGRES_URL")), postgres);
