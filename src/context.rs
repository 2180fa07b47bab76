//! What belongs to one request and not to one query.
//!
//! Explicit on the erased plane, ambient on the typed one, so that `repo.find(query)` stays short.

mod loads;

pub use loads::{Loads, Repeated};

use sea_orm::{Value, prelude::Uuid};
use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Whether a database of this process wants to know of rows that are loaded one at a time: else nothing is counted.
static DETECTING: AtomicBool = AtomicBool::new(false);

tokio::task_local! {
    static CURRENT: Context;
}

/// The deadline and the tenant of a request.
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
    tenant: Option<Tenant>,
    loads: Option<Loads>,
}

/// Whose rows a call is about: a text, a UUID or a whole number, as the entity's tenant column holds it.
#[derive(Clone, PartialEq)]
pub struct Tenant(Value);

impl Tenant {
    /// The value that the tenant column holds.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// Without the value: it may name a customer.
impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tenant")
    }
}

macro_rules! tenants {
    ($($given:ty),*) => { $(
        impl From<$given> for Tenant {
            fn from(id: $given) -> Self { Self(id.into()) }
        }
    )* };
}
tenants!(&str, String, Uuid, i64);

/// As the `i64`: one tenant has one value, whatever width it is said in.
impl From<i32> for Tenant {
    fn from(id: i32) -> Self {
        i64::from(id).into()
    }
}

impl Context {
    /// The context of the running task; an empty one where none was set.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_default()
    }

    /// Every call must end within this time from now. An earlier deadline stays.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        match Instant::now().checked_add(time) {
            Some(at) => self.until(at),
            None => self,
        }
    }

    /// Every call must end by then. An earlier deadline stays.
    #[must_use]
    pub fn until(mut self, at: Instant) -> Self {
        self.deadline = Some(self.deadline.map_or(at, |earlier| earlier.min(at)));
        self
    }

    /// Every call on an entity with a tenant rule is about this tenant's rows.
    #[must_use]
    pub fn for_tenant(mut self, tenant: impl Into<Tenant>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Whose rows calls are about.
    #[must_use]
    pub fn tenant(&self) -> Option<&Tenant> {
        self.tenant.as_ref()
    }

    /// The instant by which every call must end.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Counts from now on, in this context and those that are made of it, how often each place in the program reads single rows:
    /// the context to work in, and what it counts. For tests and for requests that are looked into;
    /// [`assert_no_loops`](crate::repository::assert_no_loops) does both.
    #[must_use]
    pub fn watch_loads(mut self) -> (Self, Loads) {
        let loads = Loads::default();
        self.loads = Some(loads.clone());
        (self, loads)
    }

    /// What is counted in this context.
    pub(crate) fn loads(&self) -> Option<&Loads> {
        self.loads.as_ref()
    }

    /// Does this with the counts of the running task's context, where there are any.
    pub(crate) fn with_loads(count: impl FnOnce(&Loads)) {
        // Outside a context there is nothing to count in.
        let _ = CURRENT.try_with(|context| context.loads.as_ref().map(count));
    }

    /// From now on every context of this process counts.
    pub(crate) fn detect_loops() {
        DETECTING.store(true, Ordering::Relaxed);
    }

    /// Runs `work` in this context. A task spawned inside does not inherit it: spawn
    /// `Context::current().scope(…)`.
    pub fn scope<F: Future>(mut self, work: F) -> impl Future<Output = F::Output> {
        if DETECTING.load(Ordering::Relaxed) {
            self.loads.get_or_insert_default();
        }
        CURRENT.scope(self, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_the_same_in_every_width() {
        assert_eq!(Tenant::from(-7_i32), Tenant::from(-7_i64));
    }
}
