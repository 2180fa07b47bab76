//! Deploys that are killed: at every point of the journal, at random moments, and four at once (law S3). Whatever happens, the next
//! run ends with every row counted up once and the schema as it is wanted.

mod child;

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use seabed::{
    Config, Database,
    backend::{Deploy, deploy::State},
};
use std::{
    collections::hash_map::RandomState,
    env, fmt,
    hash::BuildHasher,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// More runs than this for one end are no end.
const RUNS: u32 = 60;
/// Rows where each point of the journal is met: some batches are enough.
const FEW: u32 = 1_200;

/// How often.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Deploys on each backend that are killed at random moments until one gets to its end.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Rows of the table that grows.
    #[arg(long, default_value_t = 20_000)]
    rows: u32,
    /// Only these backends.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Backend>,
    /// One deploy, in this process.
    #[arg(long, hide = true)]
    url: Option<String>,
    /// That kills itself at the n-th thing that it tells.
    #[arg(long, hide = true)]
    abort_at: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Backend {
    Sqlite,
    Postgres,
    Mysql,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        })
    }
}

pub fn run(options: &Options) -> Result<()> {
    if let Some(url) = &options.url {
        return child::run(url, options.rows, options.abort_at);
    }
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["backend", "points of the journal", "random kills", "four at once", "seconds", "faults"]);
    let mut faults = Vec::new();
    for backend in Backend::value_variants() {
        if !options.only.is_empty() && !options.only.contains(backend) {
            continue;
        }
        let Some(server) = server(*backend) else {
            eprintln!("{backend}: no server is named");
            continue;
        };
        let (began, before) = (Instant::now(), faults.len());
        let mut trial = Trial { backend: *backend, server, faults: &mut faults };
        let points = trial.points()?;
        let kills = trial.random(options.rounds, options.rows)?;
        let crowds = trial.crowds(options.rounds, options.rows)?;
        table.add_row([
            backend.to_string(),
            points.to_string(),
            format!("{kills} in {} deploys", options.rounds),
            format!("{crowds} times"),
            format!("{:.0}", began.elapsed().as_secs_f64()),
            (faults.len() - before).to_string(),
        ]);
    }
    println!("{table}");
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() { Ok(()) } else { bail!("{} deploys did not end as they should", faults.len()) }
}

fn server(backend: Backend) -> Option<String> {
    let given = |variable| env::var(variable).ok().filter(|url: &String| !url.is_empty());
    match backend {
        Backend::Sqlite => Some(String::new()),
        Backend::Postgres => given("SEABED_TEST_POSTGRES_URL"),
        Backend::Mysql => given("SEABED_TEST_MYSQL_URL"),
    }
}

struct Trial<'a> {
    backend: Backend,
    server: String,
    faults: &'a mut Vec<String>,
}

impl Trial<'_> {
    /// Ends at the first point, then at the second, and so on; as many as there were.
    fn points(&mut self) -> Result<usize> {
        for point in 0.. {
            let place = Place::new(self.backend, &self.server)?;
            let aborting = place.deploy(FEW, Some(point))?.wait_with_output()?;
            let over = aborting.status.success();
            // One that killed itself has no code.
            if !over && aborting.status.code().is_some() {
                bail!("{} at point {point}: {}", self.backend, String::from_utf8_lossy(&aborting.stderr).trim());
            }
            let again = place.deploy(FEW, None)?.wait_with_output()?;
            let when = format!("{} at point {point}", self.backend);
            if again.status.success() {
                self.judge(&place, FEW, &when)?;
            } else {
                self.faults.push(format!("{when}: {}", String::from_utf8_lossy(&again.stderr).trim()));
            }
            place.close()?;
            if over {
                return Ok(point);
            }
        }
        Ok(0)
    }

    /// How long a deploy takes that nobody disturbs: milliseconds.
    fn undisturbed(&mut self, rows: u32) -> Result<u64> {
        let place = Place::new(self.backend, &self.server)?;
        let began = Instant::now();
        let output = place.deploy(rows, None)?.wait_with_output()?;
        let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        ensure!(output.status.success(), "{}: {}", self.backend, String::from_utf8_lossy(&output.stderr).trim());
        place.close()?;
        Ok(took)
    }

    /// Kills at random moments until a run gets to its end; as often as it was killed.
    fn random(&mut self, rounds: u32, rows: u32) -> Result<u32> {
        let mut kills = 0;
        let undisturbed = self.undisturbed(rows)?;
        for round in 0..rounds {
            let place = Place::new(self.backend, &self.server)?;
            let when = format!("{} in round {round}", self.backend);
            // Where all of it is one transaction, each run begins anew: so they get longer.
            let mut longest = undisturbed;
            let mut ended = false;
            for _ in 0..RUNS {
                let mut child = place.deploy(rows, None)?;
                let until = Instant::now() + Duration::from_millis(random(longest));
                while Instant::now() < until && child.try_wait()?.is_none() {
                    thread::sleep(Duration::from_millis(5));
                }
                if child.try_wait()?.is_none() {
                    child.kill()?;
                    kills += 1;
                    longest += undisturbed / 10;
                    child.wait()?;
                    continue;
                }
                let output = child.wait_with_output()?;
                ended = output.status.success();
                if !ended {
                    self.faults.push(format!("{when}: {}", String::from_utf8_lossy(&output.stderr).trim()));
                }
                break;
            }
            if ended {
                self.judge(&place, rows, &when)?;
            } else {
                self.faults.push(format!("{when}: it did not get to its end"));
            }
            place.close()?;
        }
        Ok(kills)
    }

    /// Four at once: one works, the others wait and find nothing to do.
    fn crowds(&mut self, rounds: u32, rows: u32) -> Result<u32> {
        for round in 0..rounds {
            let place = Place::new(self.backend, &self.server)?;
            let when = format!("{} with four at once, round {round}", self.backend);
            let crowd = (0..4).map(|_| place.deploy(rows, None)).collect::<Result<Vec<_>>>()?;
            let mut applied = Vec::new();
            for child in crowd {
                let output = child.wait_with_output()?;
                applied.extend(String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned));
                if !output.status.success() {
                    self.faults.push(format!("{when}: {}", String::from_utf8_lossy(&output.stderr).trim()));
                }
            }
            applied.sort();
            if applied != child::NAMES {
                self.faults.push(format!("{when}: applied were {applied:?}"));
            }
            self.judge(&place, rows, &when)?;
            place.close()?;
        }
        Ok(rounds)
    }

    fn judge(&mut self, place: &Place, rows: u32, when: &str) -> Result<()> {
        if let Err(fault) = block(place.judge(rows))? {
            self.faults.push(format!("{when}: {fault:#}"));
        }
        Ok(())
    }
}

/// A place of its own.
struct Place {
    backend: Backend,
    server: String,
    name: String,
    folder: Option<tempfile::TempDir>,
}

impl Place {
    fn new(backend: Backend, server: &str) -> Result<Self> {
        let folder = if backend == Backend::Sqlite { Some(tempfile::tempdir()?) } else { None };
        let name = format!("seabed_kill_{}_{}", std::process::id(), random(u64::MAX));
        let place = Self { backend, server: server.to_owned(), name, folder };
        if place.folder.is_none() {
            block(administer(server, &format!("CREATE DATABASE {}", place.name)))??;
        }
        Ok(place)
    }

    fn url(&self) -> Result<String> {
        Ok(match &self.folder {
            Some(folder) => format!("sqlite:{}", file(folder.path()).display()),
            None => {
                let (server, _) = self.server.rsplit_once('/').context("a URL with a database")?;
                format!("{server}/{}", self.name)
            }
        })
    }

    fn deploy(&self, rows: u32, abort_at: Option<usize>) -> Result<Child> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["schema-kill", "--url", &self.url()?, "--rows", &rows.to_string()]);
        if let Some(point) = abort_at {
            command.args(["--abort-at", &point.to_string()]);
        }
        Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
    }

    async fn judge(&self, rows: u32) -> Result<()> {
        let mut deploy = session(&self.url()?).await?;
        let found = deploy.ask("SELECT count(*), min(n), max(n) FROM big").await?;
        let expected: Vec<Option<String>> = [rows, 1, 1].iter().map(|number| Some(number.to_string())).collect();
        ensure!(found == [expected.clone()], "count, least and greatest are {found:?}, not {expected:?}");
        let picture = deploy.inspect().await?;
        let big = picture.tables.get("big").context("the table is not there")?;
        let columns: Vec<&str> = big.columns.iter().map(|column| &*column.name).collect();
        ensure!(columns == ["id", "w", "m", "n"], "the columns are {columns:?}");
        ensure!(big.index("ix_big_n").is_some_and(|index| index.valid), "the index is not there");
        ensure!(picture.tables.len() == 1, "there is more: {:?}", picture.tables.keys());
        let books = deploy.books().await?;
        ensure!(books.seaql == child::NAMES && books.steps.is_empty(), "the books are {books:?}");
        ensure!(books.migrations.iter().all(|it| it.state == State::Done), "the books are {:?}", books.migrations);
        Ok(deploy.close().await?)
    }

    fn close(self) -> Result<()> {
        match (self.folder, self.backend) {
            (Some(folder), _) => Ok(folder.close()?),
            (None, Backend::Postgres) => {
                block(administer(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)))?
            }
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

/// A number below this.
fn random(below: u64) -> u64 {
    RandomState::new().hash_one(Instant::now()) % below.max(1)
}
