//! What not every backend can do: asked for, or refused by name.
//!
//! Naming grammar: a verb or a noun for one thing that an operation may need. What every backend can do is a law and has no
//! capability.

use std::fmt;

macro_rules! capabilities {
    ($( $(#[$doc:meta])* $capability:ident $name:literal, )*) => {
        /// One thing that a backend may lack.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Capability { $( $(#[$doc])* $capability, )* }

        impl Capability {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$( Self::$capability, )*];

            /// The name that a refusal gives.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$capability => $name, )* }
            }
        }
    };
}

capabilities! {
    /// `Isolation::Serializable` for a transaction.
    Serializable "serializable",
    /// Rows that a transaction reads to change them are locked until it ends.
    LockedReads "locked-reads",
    /// A part of a transaction that fails by itself: `Transaction::savepoint`.
    Savepoints "savepoints",
    /// Statements in the words of the server: `Database::raw`, and `SeaORM`'s own queries.
    Raw "raw",
    /// Data that outlives the process.
    Durable "durable",
    /// Versioned migrations by sea-orm-migration.
    Migrations "migrations",
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The capabilities of one backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(Vec<Capability>);

impl Capabilities {
    /// These capabilities and no others.
    #[must_use]
    pub fn new(capabilities: impl IntoIterator<Item = Capability>) -> Self {
        Self(capabilities.into_iter().collect())
    }

    /// Whether the backend has it.
    #[must_use]
    pub fn has(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }
}
