//! What is looked at before a service begins, so that a fault is found at the start and not at the first request.

use super::{Database, registry};
use crate::{
    Error, ErrorKind, Result,
    backend::Finding,
    config::{SchemaSync, Scheme, Verify},
    migration::sync,
    repository::EntityInfo,
};
use sea_orm::DbBackend;

/// Refuses entities that no backend, or not this one, can hold: every fault of every entity.
pub(super) fn portable(entities: &[EntityInfo], scheme: Scheme) -> Result<()> {
    let faults = entities.iter().flat_map(|entity| match entity.table() {
        Ok(table) => registry::refused(scheme, &table),
        Err(_) => entity.faults(),
    });
    let mut faults: Vec<Error> = faults.collect();
    match faults.len() {
        0 => Ok(()),
        1 => Err(faults.remove(0)),
        many => {
            let kind = faults[0].kind();
            let kind = if faults.iter().all(|fault| fault.is(kind)) { kind } else { ErrorKind::Unsupported };
            Err(Error::new(kind, listed(many, "faults", &faults)))
        }
    }
}

/// Makes the tables as these entities want them, or tells how they are not, as the mode says.
pub(super) async fn synced(db: Database, entities: &[EntityInfo], mode: SchemaSync) -> Result<Database> {
    match (sync::sync(&db, entities, mode).await, mode) {
        (Ok(plan), SchemaSync::Warn) if !plan.is_empty() => {
            tracing::warn!(
                target: "seabed",
                database = db.name(), "the tables are not as the entities want them:{}", sync::listed(&plan),
            );
        }
        (Ok(plan), SchemaSync::Additive | SchemaSync::Dev) if !plan.is_empty() => {
            tracing::info!(
                target: "seabed",
                database = db.name(), "the tables were made as the entities want them:{}", sync::listed(&plan),
            );
        }
        (Ok(_), _) => {}
        (Err(error), SchemaSync::Warn) => {
            tracing::warn!(target: "seabed", database = db.name(), %error, "the schema could not be planned");
        }
        (Err(error), _) => {
            // The caller gets no handle to close.
            let _ = db.close().await;
            return Err(error);
        }
    }
    Ok(db)
}

/// The backend of a database that is open.
pub(super) fn scheme(db: &Database) -> Scheme {
    match db.info().dialect {
        Some(DbBackend::Sqlite) => Scheme::Sqlite,
        Some(DbBackend::Postgres) => Scheme::Postgres,
        Some(DbBackend::MySql) => Scheme::MySql,
        _ if db.info().product == registry::MEMORY => Scheme::Memory,
        _ => Scheme::MongoDb,
    }
}

/// Looks at the server, and warns of what it finds or refuses it.
pub(super) async fn verified(db: Database, entities: &[EntityInfo], verify: Verify) -> Result<Database> {
    let findings = match verify {
        Verify::Off => return Ok(db),
        Verify::Warn | Verify::Strict => db.verify(entities).await,
    };
    let refusal = match (findings, verify) {
        (Ok(findings), Verify::Strict) if !findings.is_empty() => refusal(&findings),
        (Err(error), Verify::Strict) => error,
        (Ok(findings), _) => {
            for finding in &findings {
                warn(&db, finding);
            }
            return Ok(db);
        }
        (Err(error), _) => {
            tracing::warn!(target: "seabed", database = db.name(), %error, "the schema could not be looked at");
            return Ok(db);
        }
    };
    // The caller gets no handle to close.
    let _ = db.close().await;
    Err(refusal)
}

fn warn(db: &Database, finding: &Finding) {
    tracing::warn!(
        target: "seabed",
        database = db.name(), law = finding.law, entity = finding.entity, field = finding.field, mend = finding.mend,
        "{finding}",
    );
}

fn refusal(findings: &[Finding]) -> Error {
    let error = |why: String| Error::new(ErrorKind::SchemaMismatch, why);
    match findings {
        [one] => {
            let error = error(format!("{} ({})", one.why, one.law));
            let error = one.entity.iter().fold(error, Error::entity);
            one.field.iter().fold(error, Error::field)
        }
        many => error(listed(many.len(), "findings", many)),
    }
}

fn listed(number: usize, what: &str, each: &[impl std::fmt::Display]) -> String {
    each.iter().fold(format!("{number} {what}"), |text, one| text + &format!("\n- {one}"))
}
