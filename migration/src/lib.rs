//! The versioned migrations of the framework's own tables: what is deployed.
//!
//! One file a migration, named by the day it was written and a number; a file that was released is never edited. Keys are
//! UUIDv7 made by the application, so that rows can be made on any machine. A column that has few values today (a status, an
//! outcome) is text with a length, not an enum: a new value then asks for no migration.

mod m20260101_000001_dataset;
mod m20260101_000002_annotation;
mod m20260101_000003_pipeline_run;
mod m20260101_000004_audit_event;
mod m20260101_000005_error_event;
mod m20260101_000006_outbox;

use entity::{annotation, audit_event, dataset, error_event, pipeline_run};
use seabed::{
    migration::prelude::{MigrationTrait, MigratorTrait},
    repository::EntityInfo,
    schema::Table,
};

/// The framework's migrations, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_dataset::Migration),
            Box::new(m20260101_000002_annotation::Migration),
            Box::new(m20260101_000003_pipeline_run::Migration),
            Box::new(m20260101_000004_audit_event::Migration),
            Box::new(m20260101_000005_error_event::Migration),
            Box::new(m20260101_000006_outbox::Migration),
        ]
    }
}

/// The entities of the framework's tables, those of `seabed::outbox` included.
pub fn entities() -> Vec<EntityInfo> {
    let framework = seabed::entities![dataset, annotation, pipeline_run, audit_event, error_event];
    [framework, seabed::outbox::entities()].concat()
}

/// The tables as the newest migration leaves them, parents first: what the generated entities must want, and then those of
/// `seabed::outbox::entities`.
///
/// # Errors
/// `InvalidQuery` or `SchemaMismatch` where a migration names a column that it does not have.
pub fn tables() -> seabed::Result<Vec<Table>> {
    Ok(vec![
        m20260101_000001_dataset::dataset()?,
        m20260101_000002_annotation::annotation()?,
        m20260101_000003_pipeline_run::pipeline_run()?,
        m20260101_000004_audit_event::audit_event()?,
        m20260101_000005_error_event::error_event()?,
        m20260101_000006_outbox::seabed_lane()?,
        m20260101_000006_outbox::seabed_claim()?,
        m20260101_000006_outbox::seabed_outbox()?,
        m20260101_000006_outbox::seabed_inbox()?,
        m20260101_000006_outbox::seabed_transaction()?,
    ])
}
