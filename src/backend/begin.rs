//! How a transaction begins, and the marks inside one.

/// How a transaction is to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Begin {
    /// How much of other transactions it may see.
    pub isolation: Isolation,
    /// Whether writes are refused.
    pub read_only: bool,
}

impl Begin {
    /// Sets the isolation level.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = isolation;
        self
    }

    /// Refuses every write with `ReadOnly`.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }
}

/// How much of other transactions one may see. A stronger level may serve a weaker one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Isolation {
    /// What is committed before each statement.
    #[default]
    ReadCommitted,
    /// What was committed when it began, until it ends. Only reads: a transaction that also writes is either `ReadCommitted`, with
    /// a version column or a locked read where it writes back what it computed from a read, or `Serializable`.
    Snapshot,
    /// As if transactions ran one after the other; a capability.
    Serializable,
}

/// A mark inside a transaction: what came after it can be undone by itself. Numbered by depth, the first is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Savepoint {
    /// Sets it.
    Set(u32),
    /// Forgets it; what came after it stays.
    Release(u32),
    /// Undoes what came after it, and forgets it.
    RollBack(u32),
}
