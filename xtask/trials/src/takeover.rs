//! Databases of others, and the entities that are written from them: Chinook, where its scripts lie beside the checkout, and tables
//! whose names are none in Rust. `cargo xtask takeover` compiles the entities.

mod odd;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use seabed::{Config, Database, migration::entities};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// What is done.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder of a crate: entities go to `src/<backend>`, the database's URL to `<backend>.url`.
    folder: PathBuf,
    /// On which backends.
    #[arg(long, value_delimiter = ',')]
    backends: Vec<Backend>,
    /// Takes the databases away.
    #[arg(long)]
    drop: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Backend {
    Sqlite,
    Postgres,
    Mysql,
}

impl Backend {
    /// Its name, the variable with its server's URL, and Chinook's script for it.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Sqlite => ("sqlite", "", "Chinook_Sqlite_AutoIncrementPKs.sql"),
            Self::Postgres => ("postgres", "SEABED_TEST_POSTGRES_URL", "Chinook_PostgreSql_AutoIncrementPKs.sql"),
            Self::Mysql => ("mysql", "SEABED_TEST_MYSQL_URL", "Chinook_MySql_AutoIncrementPKs.sql"),
        }
    }

    /// The server's own database, and the one of this name on it.
    fn urls(self, folder: &Path) -> Result<(String, String)> {
        let (_, variable, _) = self.words();
        if self == Self::Sqlite {
            return Ok((String::new(), format!("sqlite:{}", folder.join("taken.db").display())));
        }
        let server = env::var(variable).with_context(|| variable.to_owned())?;
        let (host, _) = server.rsplit_once('/').context("a URL with a database")?;
        let url = format!("{host}/{}", database(folder)?);
        Ok((server, url))
    }
}

/// As the folder is called, of which there is one.
fn database(folder: &Path) -> Result<String> {
    let name = folder.file_name().context("a folder with a name")?;
    Ok(format!("seabed_{}", name.to_string_lossy().replace('-', "_")))
}

pub fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for backend in &options.backends {
        let (name, ..) = backend.words();
        let done = runtime.block_on(async {
            if options.drop { drop(*backend, &options.folder).await } else { make(*backend, &options.folder).await }
        });
        done.with_context(|| name.to_owned())?;
    }
    Ok(())
}

async fn make(backend: Backend, folder: &Path) -> Result<()> {
    let (name, _, script) = backend.words();
    let (server, url) = backend.urls(folder)?;
    if backend != Backend::Sqlite {
        said(&server, &[format!("CREATE DATABASE {}", database(folder)?)]).await?;
    }
    fs::write(folder.join(format!("{name}.url")), &url)?;
    match fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/chinook").join(script)) {
        Ok(script) => {
            let (from, to) =
                (script.find("CREATE TABLE").context("tables")?, script.find("INSERT INTO").context("rows")?);
            said(&url, &[script[from..to].to_owned()]).await?;
        }
        Err(_) => println!("{name}: Chinook is not there"),
    }
    let db = Database::connect(Config::from_url(&url)?).await?;
    let mut deploy = db.backend().deploy().await?;
    let flavor = deploy.flavor().context("a server that speaks SQL")?;
    for statement in odd::statements(flavor)? {
        deploy.run(&statement).await.with_context(|| statement.clone())?;
    }
    let written = entities::entities(&mut *deploy).await?;
    deploy.close().await?;
    db.close().await?;
    ensure!(written.left.is_empty(), "left out: {:?}", written.left);
    let source = folder.join("src").join(name);
    fs::create_dir_all(&source)?;
    for (file, text) in &written.files {
        fs::write(source.join(file), text)?;
    }
    println!("{name}: {} entities", written.files.len() - 1);
    Ok(())
}

async fn drop(backend: Backend, folder: &Path) -> Result<()> {
    // A file goes with its folder.
    if backend == Backend::Sqlite {
        return Ok(());
    }
    let (server, _) = backend.urls(folder)?;
    said(&server, &[format!("DROP DATABASE IF EXISTS {}", database(folder)?)]).await
}

async fn said(url: &str, statements: &[String]) -> Result<()> {
    let db = Database::connect(Config::from_url(url)?).await?;
    let mut deploy = db.backend().deploy().await?;
    for statement in statements {
        deploy.run(statement).await?;
    }
    deploy.close().await?;
    Ok(db.close().await?)
}
