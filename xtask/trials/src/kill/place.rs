//! Where one deploy plays, and what is looked at when it has ended.

use super::{Backend, child, random};
use anyhow::{Context as _, Result, ensure};
use seabed::{
    Config, Database,
    backend::{Deploy, deploy::State},
};
use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// How many rows there are, and the least and the greatest count.
const SQL: &str = "SELECT count(*), min(n), max(n) FROM big";
const COUNTED: &str = r#"{"aggregate": "big", "cursor": {}, "pipeline": [
    {"$group": {"_id": null, "count": {"$sum": 1}, "least": {"$min": "$n"}, "greatest": {"$max": "$n"}}}, {"$unset": "_id"}
]}"#;

/// A place of its own.
pub struct Place {
    backend: Backend,
    server: String,
    name: String,
    folder: Option<tempfile::TempDir>,
}

impl Place {
    pub fn new(backend: Backend, server: &str) -> Result<Self> {
        let folder = if backend == Backend::Sqlite { Some(tempfile::tempdir()?) } else { None };
        let name = format!("seabed_kill_{}_{}", std::process::id(), random(u64::MAX));
        let place = Self { backend, server: server.to_owned(), name, folder };
        // MongoDB makes a database with its first collection.
        if matches!(backend, Backend::Postgres | Backend::Mysql) {
            block(administer(server, &format!("CREATE DATABASE {}", place.name)))??;
        }
        Ok(place)
    }

    fn url(&self) -> Result<String> {
        Ok(match &self.folder {
            Some(folder) => format!("sqlite:{}", file(folder.path()).display()),
            None => {
                let (server, parameters) = self.server.split_once('?').unwrap_or((&self.server, ""));
                let (server, _) = server.rsplit_once('/').context("a URL with a database")?;
                format!("{server}/{}?{parameters}", self.name).trim_end_matches('?').to_owned()
            }
        })
    }

    pub fn deploy(&self, rows: u32, abort_at: Option<usize>) -> Result<Child> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["schema-kill", "--url", &self.url()?, "--rows", &rows.to_string()]);
        if let Some(point) = abort_at {
            command.args(["--abort-at", &point.to_string()]);
        }
        Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
    }

    /// What is not as it is after a deploy that nobody disturbed.
    pub fn fault(&self, rows: u32) -> Result<Option<String>> {
        Ok(block(self.judge(rows))?.err().map(|fault| format!("{fault:#}")))
    }

    async fn judge(&self, rows: u32) -> Result<()> {
        let mut deploy = session(&self.url()?).await?;
        let found = deploy.ask(if self.backend == Backend::Mongodb { COUNTED } else { SQL }).await?;
        let expected: Vec<Option<String>> = [rows, 1, 1].iter().map(|number| Some(number.to_string())).collect();
        ensure!(found == [expected.clone()], "count, least and greatest are {found:?}, not {expected:?}");
        let picture = deploy.inspect().await?;
        let big = picture.tables.get("big").context("the table is not there")?;
        let columns: Vec<&str> = big.columns.iter().map(|column| &*column.name).collect();
        ensure!(columns == ["id", "w", "m", "n"], "the columns are {columns:?}");
        ensure!(big.index("ix_big_n").is_some_and(|index| index.valid), "the index is not there");
        ensure!(picture.tables.len() == 1, "there is more: {:?}", picture.tables.keys());
        let books = deploy.books().await?;
        let names: Vec<&str> = books.migrations.iter().map(|it| &*it.name).collect();
        ensure!(names == child::NAMES && books.steps.is_empty(), "the books are {books:?}");
        // The other book is SeaORM's, which speaks SQL alone.
        ensure!(deploy.flavor().is_none() || books.seaql == child::NAMES, "the books are {books:?}");
        ensure!(books.migrations.iter().all(|it| it.state == State::Done), "the books are {:?}", books.migrations);
        Ok(deploy.close().await?)
    }

    pub fn close(self) -> Result<()> {
        let url = self.url()?;
        match (self.folder, self.backend) {
            (Some(folder), _) => Ok(folder.close()?),
            (None, Backend::Postgres) => {
                block(administer(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)))?
            }
            (None, Backend::Mongodb) => block(administer(&url, r#"{"dropDatabase": 1}"#))?,
            (None, _) => block(administer(&self.server, &format!("DROP DATABASE {}", self.name)))?,
        }
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("kill.db")
}

fn block<T>(future: impl Future<Output = T>) -> Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future))
}

async fn session(url: &str) -> Result<Box<dyn Deploy>> {
    let db = Database::connect(Config::from_url(url)?).await?;
    Ok(db.backend().deploy().await?)
}

async fn administer(server: &str, sql: &str) -> Result<()> {
    let mut deploy = session(server).await?;
    deploy.run(sql).await?;
    Ok(deploy.close().await?)
}
