//! Deploys that are killed: at every point of the journal, at random moments, and four at once (law S3). Whatever happens, the next
//! run ends with every row counted up once and the schema as it is wanted.

mod child;
mod place;

use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use place::Place;
use std::{
    collections::hash_map::RandomState,
    env, fmt,
    hash::BuildHasher,
    thread,
    time::{Duration, Instant},
};

/// More runs than this for one end are no end.
const RUNS: u32 = 60;

/// How often.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Deploys on each backend that are killed at random moments until one gets to its end.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Rows of the table that grows; on MongoDB 600 at the most.
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
    Mongodb,
}

impl Backend {
    /// How long the right to deploy of one that was killed is waited for.
    fn lease(self) -> Duration {
        Duration::from_secs(if self == Self::Mongodb { 15 } else { 0 })
    }

    /// Rows where each point of the journal is met: some batches are enough. The server that stands in for MongoDB is a slow one.
    fn few(self) -> u32 {
        if self == Self::Mongodb { 120 } else { 1_200 }
    }

    /// Rows of the table that grows, at the most.
    fn most(self) -> u32 {
        if self == Self::Mongodb { 600 } else { u32::MAX }
    }

    /// How many deploys run side by side: most of the time they wait for a lease.
    fn at_once(self) -> usize {
        if self == Self::Mongodb { 6 } else { 1 }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mongodb => "mongodb",
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
        let rows = options.rows.min(backend.most());
        let kills = trial.random(options.rounds, rows)?;
        let crowds = trial.crowds(options.rounds, rows)?;
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
        Backend::Mongodb => given("SEABED_TEST_MONGODB_URL"),
    }
}

struct Trial<'a> {
    backend: Backend,
    server: String,
    faults: &'a mut Vec<String>,
}

/// What became of one deploy of many, and what was wrong.
type Ended<T> = Result<(T, Option<String>)>;

impl Trial<'_> {
    /// Ends at the first point, then at the second, and so on; as many as there were.
    fn points(&mut self) -> Result<usize> {
        for first in (0..).step_by(self.backend.at_once()) {
            let (backend, server) = (self.backend, &*self.server);
            let ended = at_once(backend.at_once(), |at| point(backend, server, first + at))?;
            for (at, (over, fault)) in ended.into_iter().enumerate() {
                self.faults.extend(fault);
                if over {
                    return Ok(first + at);
                }
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
        let undisturbed = self.undisturbed(rows)?;
        let (backend, server) = (self.backend, &*self.server);
        let mut kills = 0;
        let mut left = rounds as usize;
        while left > 0 {
            let these = left.min(backend.at_once());
            for (killed, fault) in at_once(these, |_| killed(backend, server, rows, undisturbed))? {
                kills += killed;
                self.faults.extend(fault);
            }
            left -= these;
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
            self.faults.extend(place.fault(rows)?.map(|fault| format!("{when}: {fault}")));
            place.close()?;
        }
        Ok(rounds)
    }
}

/// Several of one kind, each in a thread and a place of its own.
fn at_once<T: Send>(many: usize, one: impl Fn(usize) -> Ended<T> + Sync) -> Result<Vec<(T, Option<String>)>> {
    thread::scope(|scope| {
        let one = &one;
        let all: Vec<_> = (0..many).map(|at| scope.spawn(move || one(at))).collect();
        let joined = all.into_iter().map(|it| it.join().unwrap_or_else(|_| bail!("a trial panicked")));
        joined.collect()
    })
}

/// Ends at this point and goes on; whether the end was beyond all points.
fn point(backend: Backend, server: &str, point: usize) -> Ended<bool> {
    let place = Place::new(backend, server)?;
    let aborting = place.deploy(backend.few(), Some(point))?.wait_with_output()?;
    let over = aborting.status.success();
    // One that killed itself has no code.
    if !over && aborting.status.code().is_some() {
        bail!("{backend} at point {point}: {}", String::from_utf8_lossy(&aborting.stderr).trim());
    }
    let again = place.deploy(backend.few(), None)?.wait_with_output()?;
    let fault = if again.status.success() {
        place.fault(backend.few())?
    } else {
        Some(String::from_utf8_lossy(&again.stderr).trim().to_owned())
    };
    place.close()?;
    Ok((over, fault.map(|fault| format!("{backend} at point {point}: {fault}"))))
}

/// Kills one at random moments until it gets to its end; how often.
fn killed(backend: Backend, server: &str, rows: u32, undisturbed: u64) -> Ended<u32> {
    let place = Place::new(backend, server)?;
    let mut kills = 0;
    // Where all of it is one transaction, each run begins anew: so they get longer.
    let mut longest = undisturbed;
    let mut fault = Some("it did not get to its end".to_owned());
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
            // Who only waits for the lock is killed to no purpose.
            thread::sleep(backend.lease());
            continue;
        }
        let output = child.wait_with_output()?;
        fault = if output.status.success() {
            place.fault(rows)?
        } else {
            Some(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        };
        break;
    }
    place.close()?;
    Ok((kills, fault.map(|fault| format!("{backend}, killed {kills} times: {fault}"))))
}

/// A number below this.
fn random(below: u64) -> u64 {
    RandomState::new().hash_one(Instant::now()) % below.max(1)
}
