//! How far a deploy is, beside its answer: a bar where somebody looks, lines for a log.

use crate::migration::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::IsTerminal as _,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A log gets a line of a backfill at most so often.
const EVERY: Duration = Duration::from_secs(5);

/// What hears of a deploy and tells it on standard error.
pub(super) fn heard() -> impl Fn(&Progress<'_>) + Send + Sync + 'static {
    let looked_at = std::io::stderr().is_terminal();
    let bar = if looked_at { ProgressBar::no_length() } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} rows of {msg}, {eta} left") {
        bar.set_style(style);
    }
    let told = Mutex::new(None::<Instant>);
    move |progress| match progress {
        Progress::Step { .. } => {
            bar.suspend(|| eprintln!("{progress}"));
            *told.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        Progress::Batch { table, rows, total } if looked_at => {
            bar.set_length(*total);
            bar.set_message((*table).to_owned());
            bar.set_position(*rows);
            if rows >= total {
                bar.finish_and_clear();
            }
        }
        Progress::Batch { rows, total, .. } => {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if rows >= total || told.is_none_or(|told| told.elapsed() >= EVERY) {
                eprintln!("{progress}");
                *told = Some(Instant::now());
            }
        }
        _ => {}
    }
}
