//! SQLite keeps the contract: every case in a file of its own.
#![cfg(all(feature = "conformance", feature = "sqlite"))]

use futures::{FutureExt, future::BoxFuture};
use seabed::{
    Config, Error, ErrorKind, Result,
    conformance::{Harness, Opened, Stack},
};

struct File;

impl Harness for File {
    fn open<'a>(&'a self, _case: &'a str, stack: Stack) -> BoxFuture<'a, Result<Opened>> {
        async move {
            let folder = tempfile::tempdir().map_err(no_folder)?;
            let url = format!("sqlite://{}", folder.path().join("case.db").display());
            let database = stack.connect(Config::from_url(&url)?).await?;
            Ok(Opened::with_cleanup(database, move || async move { folder.close().map_err(no_folder) }))
        }
        .boxed()
    }
}

fn no_folder(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Other, "the case's temporary folder").with_source(error)
}

seabed::conformance!(File, sqlite);
