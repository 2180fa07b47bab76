//! A million rows, streamed in constant memory (law Q8): the growth of the process is watched while they pass.
//!
//! Each backend is tried in processes of its own, filled in one and streamed in the next, so that memory that filling gave
//! back does not hide what streaming takes. Rows in memory are filled and streamed in one: there the growth is above the data.

mod child;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use std::{
    env, fmt,
    path::Path,
    process::{Command, Stdio},
};

/// The growth that is allowed, in KiB.
const GROWTH: u64 = 20 * 1024;
/// How long the first call after a dropped stream may take, in milliseconds.
const DROPPED: f64 = 1_000.0;

/// What is streamed.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Rows in the table, each of 200 bytes and more.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Only these backends.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Backend>,
    /// One step of one backend, in this process.
    #[arg(long, hide = true, requires = "url")]
    step: Option<Step>,
    #[arg(long, hide = true)]
    url: Option<String>,
}

/// Where the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Backend {
    Memory,
    Sqlite,
    Postgres,
    Mysql,
    Mongodb,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mongodb => "mongodb",
        })
    }
}

/// What one process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Makes the table and its rows.
    Fill,
    /// Streams them.
    Stream,
    /// Both.
    FillAndStream,
    /// Takes the table away.
    Clear,
}

pub fn run(options: &Options) -> Result<()> {
    if let (Some(step), Some(url)) = (options.step, &options.url) {
        return child::run(step, url, options.rows);
    }
    let folder = tempfile::tempdir()?;
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["backend", "rows", "seconds", "rows/s", "growth", "the call after a dropped stream"]);
    let mut faults = Vec::new();
    for backend in Backend::value_variants() {
        if !options.only.is_empty() && !options.only.contains(backend) {
            continue;
        }
        let Some(url) = url(*backend, folder.path()) else {
            eprintln!("{backend}: no server is named");
            continue;
        };
        let told = tried(*backend, &url, options.rows);
        if *backend != Backend::Memory {
            step(Step::Clear, &url, options.rows)?;
        }
        let told = told.with_context(|| backend.to_string())?;
        #[expect(clippy::cast_precision_loss, reason = "kibibytes of one process")]
        let growth = told.growth as f64 / 1024.0;
        table.add_row([
            backend.to_string(),
            options.rows.to_string(),
            format!("{:.1}", told.seconds),
            format!("{:.0}", f64::from(options.rows) / told.seconds),
            format!("{growth:.1} MiB"),
            format!("{:.1} ms", told.dropped),
        ]);
        if told.growth >= GROWTH {
            faults.push(format!("{backend} grew by {growth:.1} MiB"));
        }
        if told.dropped >= DROPPED {
            faults.push(format!("{backend}: a dropped stream held up the next call for {:.0} ms", told.dropped));
        }
    }
    println!("{table}");
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
}

fn url(backend: Backend, folder: &Path) -> Option<String> {
    let given = |variable| env::var(variable).ok().filter(|url: &String| !url.is_empty());
    match backend {
        Backend::Memory => Some("memory:".to_owned()),
        Backend::Sqlite => Some(format!("sqlite://{}", folder.join("streams.db").display())),
        Backend::Postgres => given("SEABED_TEST_POSTGRES_URL"),
        Backend::Mysql => given("SEABED_TEST_MYSQL_URL"),
        Backend::Mongodb => given("SEABED_TEST_MONGODB_URL"),
    }
}

/// What a process tells of a stream.
#[derive(Debug)]
struct Told {
    seconds: f64,
    /// KiB.
    growth: u64,
    /// Milliseconds.
    dropped: f64,
}

fn tried(backend: Backend, url: &str, rows: u32) -> Result<Told> {
    let said = if backend == Backend::Memory {
        step(Step::FillAndStream, url, rows)?
    } else {
        step(Step::Fill, url, rows)?;
        step(Step::Stream, url, rows)?
    };
    let mut words = said.split_whitespace();
    let mut next = || words.next().context("a process said too little");
    Ok(Told { seconds: next()?.parse()?, growth: next()?.parse()?, dropped: next()?.parse()? })
}

fn step(step: Step, url: &str, rows: u32) -> Result<String> {
    let name = step.to_possible_value().context("a step has a name")?;
    let mut command = Command::new(env::current_exe()?);
    command.args(["streams", "--step", name.get_name(), "--url", url, "--rows", &rows.to_string()]);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the step `{}` failed", name.get_name());
    }
    Ok(String::from_utf8(output.stdout)?)
}
