//! The framework's own entities, generated from the migrated schema by `cargo xtask entities`: never edit them.

pub mod prelude;

pub mod annotation;
pub mod audit_event;
pub mod dataset;
pub mod error_event;
pub mod pipeline_run;
