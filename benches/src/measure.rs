//! The workloads, and how each is timed: interleaved rounds, medians.

use crate::peer::{Peer, ROWS};
use anyhow::Result;
use futures::future::try_join_all;
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use std::{
    sync::Arc,
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

/// What one call does.
#[derive(Clone, Copy)]
pub enum Call {
    Get,
    Insert,
    All,
}

/// A call made by so many callers at once.
pub struct Workload {
    pub name: &'static str,
    pub call: Call,
    pub callers: usize,
    /// The share of `--calls` that each round makes.
    pub share: f64,
}

pub const WORKLOADS: &[Workload] = &[
    Workload { name: "get, 1 caller", call: Call::Get, callers: 1, share: 1.0 },
    Workload { name: "get, 16 callers", call: Call::Get, callers: 16, share: 4.0 },
    Workload { name: "insert, 1 caller", call: Call::Insert, callers: 1, share: 0.5 },
    Workload { name: "insert, 16 callers", call: Call::Insert, callers: 16, share: 2.0 },
    Workload { name: "10,000 rows, 1 caller", call: Call::All, callers: 1, share: 0.01 },
    Workload { name: "10,000 rows, 16 callers", call: Call::All, callers: 16, share: 0.04 },
];

/// Microseconds a call.
#[derive(Clone, Copy)]
pub struct Figures {
    /// As a caller waits for them.
    pub clock: f64,
    /// As this process works for them: what other processes do does not count, nor does the server.
    pub processor: f64,
}

/// The medians of one workload, in the order of the peers.
pub struct Measured {
    pub name: &'static str,
    pub medians: Vec<Figures>,
}

/// Keys of inserted rows: never the same twice in a run.
static NEXT: AtomicI64 = AtomicI64::new(1_000_000);

pub async fn run(workload: &Workload, peers: &[Box<dyn Peer>], rounds: usize, calls: usize) -> Result<Measured> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a count of calls"
    )]
    let calls = ((calls as f64 * workload.share) as usize).max(workload.callers);
    let mut times = vec![Vec::with_capacity(rounds); peers.len()];
    for round in 0..=rounds {
        for offset in 0..peers.len() {
            // Another peer goes first each round.
            let peer = (round + offset) % peers.len();
            let took = once(workload, &*peers[peer], calls).await?;
            // The first round warms up.
            if round > 0 {
                times[peer].push(took);
            }
        }
    }
    let figures = |times: &Vec<Figures>| Figures {
        clock: median(times.iter().map(|it| it.clock)),
        processor: median(times.iter().map(|it| it.processor)),
    };
    Ok(Measured { name: workload.name, medians: times.iter().map(figures).collect() })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The microseconds that the processor worked for this process until now.
#[expect(clippy::cast_precision_loss, reason = "a count of microseconds")]
fn worked() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok((usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64)
}

async fn once(workload: &Workload, peer: &dyn Peer, calls: usize) -> Result<Figures> {
    let each = calls / workload.callers;
    let (started, before) = (Instant::now(), worked()?);
    let callers = (0..workload.callers).map(|caller| {
        let peer = Arc::from(peer.clone_box());
        let call = workload.call;
        async move { tokio::spawn(caller_loop(peer, call, caller, each)).await? }
    });
    try_join_all(callers).await?;
    #[expect(clippy::cast_precision_loss, reason = "a count of calls")]
    let calls = (each * workload.callers) as f64;
    Ok(Figures { clock: started.elapsed().as_secs_f64() * 1e6 / calls, processor: (worked()? - before) / calls })
}

async fn caller_loop(peer: Arc<dyn Peer>, call: Call, caller: usize, calls: usize) -> Result<()> {
    let start = i64::try_from(caller * calls)?;
    for n in 0..i64::try_from(calls)? {
        match call {
            Call::Get => peer.get((start + n) % ROWS + 1).await?,
            Call::Insert => peer.insert(NEXT.fetch_add(1, Ordering::Relaxed)).await?,
            Call::All => peer.all().await?,
        }
    }
    Ok(())
}
