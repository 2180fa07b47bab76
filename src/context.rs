//! What belongs to one request and not to one query.
//!
//! Explicit on the erased plane, ambient on the typed one, so that `repo.find(query)` stays short.

use std::time::{Duration, Instant};

tokio::task_local! {
    static CURRENT: Context;
}

/// The deadline of a request.
///
/// ```
/// # use seabed::Context;
/// # use std::time::Duration;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// Context::current()
///     .within(Duration::from_secs(2))
///     .scope(async { assert!(Context::current().deadline().is_some()) })
///     .await;
/// # });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    deadline: Option<Instant>,
}

impl Context {
    /// The context of the running task; an empty one where none was set.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_default()
    }

    /// Every call must end within this time from now. An earlier deadline stays.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        let new = Instant::now().checked_add(time);
        self.deadline = match (self.deadline, new) {
            (Some(old), Some(new)) => Some(old.min(new)),
            (old, new) => old.or(new),
        };
        self
    }

    /// The instant by which every call must end.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Runs `work` in this context. A task spawned inside does not inherit it: spawn
    /// `Context::current().scope(…)`.
    pub fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }
}
