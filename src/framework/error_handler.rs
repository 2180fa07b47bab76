//! What failed, until somebody has dealt with it.

use crate::{Database, Repository, Result, col};
use entity::error_event;
use sea_orm::{Set, prelude::Json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// Keeps errors. The same error again, while it is not resolved, is the same event with a later time.
#[derive(Clone, Debug)]
pub struct ErrorHandler {
    db: Database,
    events: Arc<dyn Repository<error_event::Entity>>,
}

/// An error as it happened.
#[derive(Clone, Debug)]
pub struct NewError {
    /// The part of the program.
    pub component: String,
    /// The kind of error.
    pub kind: String,
    /// How bad it is, at most 32 characters, such as `warning`.
    pub severity: String,
    /// What happened, in words.
    pub message: String,
    /// What it happened to.
    pub context: Json,
}

impl ErrorHandler {
    /// A handler in this database, or inside this transaction.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone(), events: db.repository() }
    }

    /// Keeps an error.
    ///
    /// # Errors
    /// `InvalidValue` for what does not fit; `UniqueViolation` where another keeps the same error at this moment: try again.
    pub async fn record(&self, new: NewError) -> Result<error_event::Model> {
        let c = error_event::COLUMN;
        let fingerprint = fingerprint(&new);
        if let Some(same) = self.events.one(col(c.unresolved).eq(&*fingerprint)).await? {
            let again =
                error_event::ActiveModel { id: Set(same.id), occurred_at: Set(self.db.now()), ..Default::default() };
            return self.events.update(again).await;
        }
        let event = error_event::ActiveModel {
            component: Set(new.component),
            kind: Set(new.kind),
            severity: Set(new.severity),
            message: Set(new.message),
            context: Set(new.context),
            unresolved: Set(Some(fingerprint.clone())),
            fingerprint: Set(fingerprint),
            occurred_at: Set(self.db.now()),
            ..Default::default()
        };
        self.events.insert(event).await
    }

    /// Says that an error was dealt with.
    ///
    /// # Errors
    /// `NotFound` where there is no such event.
    pub async fn resolve(&self, event: Uuid) -> Result<error_event::Model> {
        let resolved = error_event::ActiveModel {
            id: Set(event),
            resolved_at: Set(Some(self.db.now())),
            unresolved: Set(None),
            ..Default::default()
        };
        self.events.update(resolved).await
    }

    /// The errors that nobody has dealt with, by component and message; at most `count`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn unresolved(&self, count: u64) -> Result<Vec<error_event::Model>> {
        let c = error_event::COLUMN;
        let open = col(c.resolved_at).is_null().order_by(col(c.component).asc()).order_by(col(c.message).asc());
        self.events.find(open.limit(count)).await
    }
}

/// The same for the same error: a SHA-256 over its parts, each with its length before it, so that no two lists of parts give
/// the same bytes.
fn fingerprint(error: &NewError) -> String {
    let mut hash = Sha256::new();
    for part in [&error.component, &error.kind, &error.message, &error.context.to_string()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
