//! What follows a commit.

use futures::future::BoxFuture;
use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Work to be done once, after the commit.
pub struct Hook(Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>);

impl Hook {
    pub fn new<F>(work: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self(Box::new(move || Box::pin(work())))
    }

    pub async fn run(self) {
        (self.0)().await;
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// What is behind a lock, also where a holder panicked: nothing here is left half-changed.
pub(super) fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
