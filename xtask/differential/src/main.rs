//! Hunts for holes in the contract: random tables, random operations, the same on every backend, every answer compared.
//!
//! Started by `cargo xtask differential`, which finds the servers. Memory is the reference: a program is composed while it
//! runs there, then runs on the others, and the first answer that differs is shortened to a small program.

mod clock;
mod compare;
mod compose;
mod filters;
mod legal;
mod play;
mod print;
mod program;
mod random;
mod reads;
mod report;
mod servers;
mod shrink;
mod simpler;
mod tables;
mod values;
mod writes;

use anyhow::{Result, bail};
use clap::Parser;
use compose::Composed;
use futures::future::try_join_all;
use random::Random;
use report::Report;
use seabed::Capability;
use servers::{Kind, Opened};
use shrink::Shrinker;
use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How a run is bounded and repeated.
#[derive(Clone, Debug, Parser)]
#[command(name = "differential", about = "The same random operations on every backend, their answers compared")]
struct Options {
    /// Ends after so many minutes.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Ends after so many operations on each backend.
    #[arg(long)]
    ops: Option<u64>,
    /// Repeats the run with this seed; another each time where none is given.
    #[arg(long)]
    seed: Option<u64>,
    /// Repeats this round of the seed and no other.
    #[arg(long)]
    round: Option<u64>,
    /// Goes on from this round of the seed, where another run was ended.
    #[arg(long, conflicts_with = "round")]
    from: Option<u64>,
    /// Which backends answer; memory always does.
    #[arg(long, value_delimiter = ',', default_value = "memory,sqlite,postgres,mysql,mongodb")]
    backends: Vec<Kind>,
    /// Operations of one round, on tables of its own.
    #[arg(long, default_value_t = 400)]
    length: usize,
    /// Rounds at a time.
    #[arg(long, default_value_t = 3)]
    lanes: usize,
    /// Goes on after a divergence, until there are so many.
    #[arg(long, default_value_t = 1)]
    stop_after: usize,
    /// The longest that one divergence is shortened, in seconds.
    #[arg(long, default_value_t = 60)]
    shrink: u64,
}

/// How often a run says how far it is.
const PROGRESS: Duration = Duration::from_mins(1);

/// What the lanes of a run share.
struct Run {
    options: Options,
    seed: u64,
    next: AtomicU64,
    begin: Instant,
    until: Instant,
    report: Mutex<Report>,
    /// When it said how far it is.
    told: Mutex<Instant>,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(options: Options) -> Result<bool> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let seed = options.seed.unwrap_or(now.as_secs());
    eprintln!("seed {seed}");
    let run = Arc::new(Run {
        seed,
        next: AtomicU64::new(options.round.or(options.from).unwrap_or(0)),
        begin: Instant::now(),
        until: Instant::now() + Duration::try_from_secs_f64(options.minutes * 60.0)?,
        report: Mutex::default(),
        told: Mutex::new(Instant::now()),
        options,
    });
    let folder = tempfile::tempdir()?;
    let lanes = if run.options.round.is_some() { 1 } else { run.options.lanes };
    let begin = Instant::now();
    let work = (0..lanes).map(|lane| {
        let (run, folder) = (Arc::clone(&run), folder.path().to_owned());
        tokio::spawn(async move { run.lane(lane, &folder).await })
    });
    for ended in try_join_all(work).await? {
        ended?;
    }
    let report = run.report.lock().unwrap_or_else(PoisonError::into_inner);
    report.print(begin.elapsed());
    Ok(report.divergences == 0)
}

impl Run {
    /// Rounds, one after the other, on databases of the lane's own.
    async fn lane(&self, lane: usize, folder: &Path) -> Result<()> {
        let name = format!("seabed_d{:x}_{lane}", std::process::id());
        let others = self.options.backends.iter().filter(|kind| **kind != Kind::Memory);
        let others = try_join_all(others.map(|kind| Opened::new(*kind, &name, folder))).await?;
        let mut ended = Ok(());
        while ended.is_ok() && self.goes_on() {
            let round = self.next.fetch_add(1, Ordering::Relaxed);
            ended = self.round(round, &others, folder).await;
            if self.options.round.is_some() {
                break;
            }
        }
        for other in others {
            other.remove(&name).await?;
        }
        ended
    }

    fn goes_on(&self) -> bool {
        let report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = self.options.ops.is_some_and(|ops| report.operations() >= ops);
        Instant::now() < self.until && !enough && report.divergences < self.options.stop_after
    }

    async fn round(&self, round: u64, others: &[Opened], folder: &Path) -> Result<()> {
        let mut random = Random::new(self.seed, round);
        // SecantusDB takes floats above 1e127 for one in an index, and so those below 1e-128.
        let floats = others.iter().all(|other| other.kind != Kind::Mongodb);
        let tables = tables::named(&tables::random(&mut random, floats), &format!("r{round}"))?;
        let memory = Opened::new(Kind::Memory, "", folder).await?;
        let locks = others.iter().all(|other| other.database.info().capabilities.has(Capability::LockedReads));
        let Composed { program, answers: ours, wrong } =
            compose::program(&memory, tables, self.options.length, locks, &mut random).await?;
        if let Some(wrong) = wrong {
            let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
            report.divergences += 1;
            let place = format!("seed {}, round {round}, after about {} operations", self.seed, report.operations());
            eprintln!("\nDIVERGENCE: memory and itself ({place})\n  {wrong}");
            println!("// memory and itself: {wrong}\n// {place}\n{}", print::rust(&program));
        }
        let answers = try_join_all(others.iter().map(|other| play::play(other, &program))).await?;
        for other in others {
            other.drop_tables(&program.tables).await?;
        }
        {
            let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
            report.add(&program, &ours);
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.elapsed() >= PROGRESS {
                *told = Instant::now();
                let (operations, divergences) = (report.operations(), report.divergences);
                let spent = self.begin.elapsed();
                eprintln!("{operations} operations in {spent:.0?}, {divergences} divergences; round {round} is done");
            }
        }
        for (other, theirs) in others.iter().zip(&answers) {
            let Some(diverged) = compare::first(&program, &ours, theirs) else { continue };
            let before = {
                let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
                report.divergences += 1;
                report.operations()
            };
            let place = format!("seed {}, round {round}, after about {before} operations", self.seed);
            eprintln!("\nDIVERGENCE: memory and {} ({place})\n  {}", other.kind.name(), diverged.why);
            let within = Duration::from_secs(self.options.shrink);
            let shortest = Shrinker::new(other, folder, within).shortest(program.clone(), &diverged).await?;
            match shortest {
                Some((program, diverged)) => println!(
                    "// memory and {}: {}\n// {place}, step {}\n{}",
                    other.kind.name(),
                    diverged.why,
                    diverged.step,
                    print::rust(&program)
                ),
                None => println!("// it does not happen again; the whole program:\n{}", print::rust(&program)),
            }
            break;
        }
        if others.len() != answers.len() {
            bail!("a backend gave no answers");
        }
        Ok(())
    }
}
