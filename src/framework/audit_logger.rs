//! What a pipeline did, step by step.

use crate::{Database, Repository, Result, col};
use entity::{audit_event, pipeline_run};
use sea_orm::{Set, prelude::Json};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Writes down runs of pipelines and their steps. What is written is never changed, but for the end of a run.
#[derive(Clone, Debug)]
pub struct AuditLogger {
    db: Database,
    runs: Arc<dyn Repository<pipeline_run::Entity>>,
    events: Arc<dyn Repository<audit_event::Entity>>,
}

/// One step of a run.
#[derive(Clone, Debug)]
pub struct Step {
    /// The part of the pipeline.
    pub stage: String,
    /// Who acted.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What came of it, at most 32 characters.
    pub outcome: String,
    /// What it was given.
    pub inputs: Json,
    /// What it gave.
    pub outputs: Json,
    /// How long it took; kept in milliseconds.
    pub duration: Duration,
}

impl AuditLogger {
    /// A logger in this database, or inside this transaction.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone(), runs: db.repository(), events: db.repository() }
    }

    /// Begins a run.
    ///
    /// # Errors
    /// `InvalidValue` for a name of more than 255 characters; what the database says.
    pub async fn start(&self, pipeline: &str) -> Result<pipeline_run::Model> {
        let run = pipeline_run::ActiveModel {
            pipeline: Set(pipeline.to_owned()),
            status: Set("running".to_owned()),
            started_at: Set(self.db.now()),
            ..Default::default()
        };
        self.runs.insert(run).await
    }

    /// Ends a run with this status, at most 32 characters.
    ///
    /// # Errors
    /// `NotFound` where there is no such run.
    pub async fn finish(&self, run: Uuid, status: &str) -> Result<pipeline_run::Model> {
        let run = pipeline_run::ActiveModel {
            id: Set(run),
            status: Set(status.to_owned()),
            finished_at: Set(Some(self.db.now())),
            ..Default::default()
        };
        self.runs.update(run).await
    }

    /// Writes down one step of a run.
    ///
    /// # Errors
    /// `ForeignKeyViolation` where there is no such run; `InvalidValue` for what does not fit.
    pub async fn record(&self, run: Uuid, step: Step) -> Result<audit_event::Model> {
        let event = audit_event::ActiveModel {
            run_id: Set(Some(run)),
            stage: Set(step.stage),
            actor: Set(step.actor),
            action: Set(step.action),
            outcome: Set(step.outcome),
            inputs: Set(step.inputs),
            outputs: Set(step.outputs),
            occurred_at: Set(self.db.now()),
            duration_ms: Set(i64::try_from(step.duration.as_millis()).unwrap_or(i64::MAX)),
            ..Default::default()
        };
        self.events.insert(event).await
    }

    /// How many steps of a run came to this outcome.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count(&self, run: Uuid, outcome: &str) -> Result<u64> {
        let c = audit_event::COLUMN;
        self.events.count(col(c.run_id).eq(run) & col(c.outcome).eq(outcome)).await
    }
}
