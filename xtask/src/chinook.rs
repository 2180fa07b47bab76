//! Asks a PostgreSQL what the Chinook queries of the tests answer, by SQL written by hand and the server's own client.
//!
//! The data lies beside the checkout and is never copied into it; what is committed are the questions
//! (`tests/chinook/sql/*.sql`) and their answers (`tests/chinook/answers/*.txt`).

use crate::{
    servers::{Backend, Servers},
    shell,
};
use anyhow::{Context, Result, bail};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// Where the data is, seen from the checkout.
const DATA: &str = "../shared/data/chinook/Chinook_PostgreSql_AutoIncrementPKs.sql";
/// Where the data's own script has made its database and begins with the tables.
const TABLES: &str = "CREATE TABLE";

/// How to ask.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
    /// The SQL file of the data, of the `PostgreSQL` flavour with keys made by the server.
    #[arg(long)]
    data: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<()> {
    let data = options.data.clone().unwrap_or_else(|| shell::root().join(DATA));
    let script = fs::read_to_string(&data).with_context(|| format!("the data is not at {}", data.display()))?;
    let tables = script.find(TABLES).context("the data's script makes no table")?;
    let script_of_tables = shell::target().join("chinook.sql");
    // `N'…'` is a `char(n)` to PostgreSQL, which drops the trailing space that one city has in every form of the data.
    let script = script[tables..].replace("(N'", "('").replace(", N'", ", '");
    fs::write(&script_of_tables, script)?;

    let servers = Servers::start(&[Backend::Postgres], !options.no_install)?;
    let environment = servers.environment();
    let Some((_, url)) = environment.first() else { bail!("no PostgreSQL") };
    let (server, _) = url.rsplit_once('/').context("a URL with a database")?;
    let name = format!("seabed_chinook_{}", std::process::id());
    psql(url, [OsStr::new("--command"), OsStr::new(&format!("CREATE DATABASE {name}"))])?;
    let answered = answers(&format!("{server}/{name}"), &script_of_tables);
    psql(url, [OsStr::new("--command"), OsStr::new(&format!("DROP DATABASE {name}"))])?;
    println!("{} answers", answered?);
    Ok(())
}

fn answers(url: &str, script: &Path) -> Result<usize> {
    psql(url, [OsStr::new("--file"), script.as_os_str()])?;
    let folder = shell::root().join("tests/chinook");
    let mut questions: Vec<PathBuf> =
        fs::read_dir(folder.join("sql"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    questions.sort();
    for question in &questions {
        let name = question.file_stem().context("a file without a name")?;
        let answer = psql(url, [OsStr::new("--file"), question.as_os_str()])?;
        fs::write(folder.join("answers").join(name).with_extension("txt"), answer)?;
    }
    Ok(questions.len())
}

/// Bare rows, a tab between their values, nulls to be told from empty texts.
fn psql<'a>(url: &str, what: impl IntoIterator<Item = &'a OsStr>) -> Result<String> {
    let program = crate::servers::psql().context("`psql` is not there: it comes with PostgreSQL")?;
    let mut command = shell::command(program);
    command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t"]);
    command.args(["--pset=null=∅", "--set=ON_ERROR_STOP=1", "--dbname", url]).args(what);
    shell::run(
        command.env("PGCLIENTENCODING", "UTF8").env("PGOPTIONS", "-c datestyle=ISO -c client_min_messages=warning"),
    )
}
