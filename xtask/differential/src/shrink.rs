//! From a long program that parts two backends to a short one.
//!
//! Greedy: whatever can be left out is left out, from whole steps down to values, as long as the backends still part and no
//! call is one that they may answer differently.

use crate::{
    compare::{self, Divergence},
    legal::Watch,
    play::{self, Answers, Door},
    program::{Answer, Program, Step},
    servers::{Kind, Opened},
    simpler, tables,
};
use anyhow::Result;
use seabed::Context;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Makes the names of a trial's tables its own.
static TRIALS: AtomicU64 = AtomicU64::new(0);

/// Shortens within a time.
pub struct Shrinker<'o> {
    other: &'o Opened,
    folder: &'o Path,
    until: Instant,
}

impl<'o> Shrinker<'o> {
    pub fn new(other: &'o Opened, folder: &'o Path, within: Duration) -> Self {
        Self { other, folder, until: Instant::now() + within }
    }

    /// The shortest program that was found, and where the backends part in it; none where they do not part again.
    ///
    /// # Errors
    /// A backend is gone.
    pub async fn shortest(&self, program: Program, first: &Divergence) -> Result<Option<(Program, Divergence)>> {
        let mut cut = program.clone();
        cut.steps.truncate(first.step + 1);
        let Some((mut best, mut found)) = self.either(cut, program).await? else { return Ok(None) };
        // Halves of the steps, then quarters, down to one.
        let mut size = best.steps.len() / 2;
        while size > 0 && self.time() {
            let mut from = 0;
            while from < best.steps.len() && self.time() {
                let mut shorter = best.clone();
                shorter.steps.drain(from..(from + size).min(shorter.steps.len()));
                match self.trial(&shorter).await? {
                    Some(diverged) => (best, found) = (shorter, diverged),
                    None => from += size,
                }
            }
            size /= 2;
        }
        loop {
            let mut better = false;
            let mut number = 0;
            while let Some(candidate) = simpler::nth(&best, number)
                && self.time()
            {
                match self.trial(&candidate).await? {
                    Some(diverged) => {
                        (best, found) = (candidate, diverged);
                        better = true;
                    }
                    None => number += 1,
                }
            }
            if !better || !self.time() {
                return Ok(Some((best, found)));
            }
        }
    }

    fn time(&self) -> bool {
        Instant::now() < self.until
    }

    async fn either(&self, one: Program, other: Program) -> Result<Option<(Program, Divergence)>> {
        if let Some(found) = self.trial(&one).await? {
            return Ok(Some((one, found)));
        }
        Ok(self.trial(&other).await?.map(|found| (other, found)))
    }

    /// Where the backends part in this program.
    async fn trial(&self, program: &Program) -> Result<Option<Divergence>> {
        let suffix = format!("s{}", TRIALS.fetch_add(1, Ordering::Relaxed));
        let program = program.on(tables::named(&program.tables, &suffix)?);
        let memory = Opened::new(Kind::Memory, "", self.folder).await?;
        let Ok(Some(ours)) = watched(&memory, &program).await else { return Ok(None) };
        let theirs = play::play(self.other, &program).await;
        self.other.drop_tables(&program.tables).await?;
        // Tables that cannot be made are no shorter form of this divergence.
        Ok(theirs.ok().and_then(|theirs| compare::first(&program, &ours, &theirs)))
    }
}

/// The answers of memory, where each call may be asked.
async fn watched(memory: &Opened, program: &Program) -> Result<Option<Vec<Answers>>> {
    let backend = memory.database.backend();
    play::create(memory, &program.tables).await?;
    let mut watch = Watch::new(&program.tables);
    let mut answers = Vec::with_capacity(program.steps.len());
    for (number, step) in program.steps.iter().enumerate() {
        memory.clock.set(number);
        let (mut door, commit) = match step {
            Step::Alone(_) => (Door::Alone(Arc::clone(backend)), None),
            Step::Together { options, commit, .. } => {
                watch.begin();
                (Door::Inside(backend.begin(&Context::default(), *options).await?), Some(*commit))
            }
        };
        let mut of_step = if commit.is_some() { vec![Answer::Done] } else { Vec::new() };
        for call in step.calls() {
            if watch.refuses(&mut door, call).await.is_some() {
                return Ok(None);
            }
            let answer = door.call(call).await;
            watch.after(call, &answer);
            of_step.push(answer);
        }
        if let Some(commit) = commit {
            let ended = door.end(commit).await;
            watch.end(commit && !ended.failed());
            of_step.push(ended);
        }
        answers.push(of_step);
    }
    Ok(Some(answers))
}
