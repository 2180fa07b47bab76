//! The framework's own services: what a pipeline knows of its data, did to it, and failed at.
//!
//! Plain services over repositories, as an application would write its own: each takes a [`Database`](crate::Database), so it is
//! built inside a transaction exactly as outside. Their tables are made by the migrations of the member `migration`; their
//! entities are generated from those.

mod audit_logger;
mod dataset_registry;
mod error_handler;

pub use audit_logger::{AuditLogger, Step};
pub use dataset_registry::{DatasetRegistry, NewAnnotation, NewDataset, Registered};
pub use entity;
pub use error_handler::{ErrorHandler, NewError};

use crate::repository::EntityInfo;

crate::rules!(entity::dataset::Entity { created_at: CreatedAt, updated_at: UpdatedAt });
crate::rules!(entity::annotation::Entity { created_at: CreatedAt });

/// The entities of the framework's tables, parents first.
#[must_use]
pub fn entities() -> Vec<EntityInfo> {
    crate::entities![
        entity::dataset,
        entity::annotation,
        entity::pipeline_run,
        entity::audit_event,
        entity::error_event,
    ]
}
