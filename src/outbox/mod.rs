//! Messages that are written with all else, or not at all; and what hands them over.
//!
#![doc = include_str!("../../docs/outbox.md")]

mod claim;
mod count;
mod dead;
mod entity;
mod forget;
mod inbox;
mod message;
mod options;
mod publish;
mod relay;
#[cfg(test)]
mod tests;
mod turn;

pub use forget::Forgotten;
pub use message::{DeadLetter, Message};
pub use options::RelayOptions;
pub use relay::{Relay, Relayed};

use crate::{Database, repository::EntityInfo};

/// What is in the outbox: how much waits, what was given up. Messages go in by
/// [`Transaction::publish`](crate::Transaction::publish) and out by a [`Relay`].
#[derive(Clone, Debug)]
pub struct Outbox {
    db: Database,
}

impl Outbox {
    /// The outbox of this database, or seen from inside this transaction.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }
}

/// The entities of the outbox's tables, parents first; those of the inbox and of idempotency keys among them.
#[must_use]
pub fn entities() -> Vec<EntityInfo> {
    crate::entities![
        self::entity::lane,
        self::entity::claim,
        self::entity::message,
        self::entity::inbox,
        self::entity::done
    ]
}
