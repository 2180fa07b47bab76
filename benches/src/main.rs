//! Seabed beside sqlx, SeaORM and diesel-async on PostgreSQL and MariaDB, in one run: `cargo xtask bench`.
//!
//! Each workload is run by every peer in turn, round after round, so that a slow minute of the machine falls on all alike. What
//! is printed is the median of the rounds and its ratio to sqlx: `query_as` on a pool with `test_before_acquire(false)` and no
//! other hook, which is the fastest that sqlx's own pool gets. Read ratios, not microseconds.

mod measure;
mod peer;
mod report;
mod server;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use server::Server;

/// Measures Seabed beside its peers.
#[derive(Parser)]
struct Arguments {
    /// A PostgreSQL server: `postgres://user:password@host:port/database`.
    #[arg(long, env = "SEABED_TEST_POSTGRES_URL", hide_env_values = true)]
    postgres: Option<String>,
    /// A MariaDB server: `mysql://user:password@host:port/database`.
    #[arg(long, env = "SEABED_TEST_MYSQL_URL", hide_env_values = true)]
    mysql: Option<String>,
    /// Rounds per workload; the median is printed.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Calls per round of one caller.
    #[arg(long, default_value_t = 1_500)]
    calls: usize,
    /// Only workloads whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Only peers whose name contains this, and sqlx.
    #[arg(long, default_value = "")]
    peer: String,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // A spawned task, as under a server: a caller on the main thread pays for a hop that no service has.
    runtime.block_on(async move { tokio::spawn(run(arguments)).await? })
}

async fn run(arguments: Arguments) -> Result<()> {
    let Arguments { postgres, mysql, rounds, calls, only, peer } = arguments;
    let given = [postgres.map(Server::Postgres), mysql.map(Server::MariaDb)];
    ensure!(given.iter().any(Option::is_some), "no server is given: --postgres, --mysql");
    for server in given.into_iter().flatten() {
        let version = server.prepare().await.context("preparing the tables")?;
        let mut peers = server.peers().await?;
        let mut first = true;
        peers.retain(|it| std::mem::take(&mut first) || it.name().contains(&peer));
        let mut rows = Vec::new();
        for workload in measure::WORKLOADS.iter().filter(|workload| workload.name.contains(&only)) {
            rows.push(measure::run(workload, &peers, rounds, calls).await?);
        }
        report::print(&version, &peers, &rows);
    }
    Ok(())
}
