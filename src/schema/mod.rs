//! The schema: what an entity wants of a table, and the one emitter of its DDL.
//!
//! [`model`] is neutral, the same for every backend; [`build`] makes one by hand; [`ddl`] says it in the words of one server.
//! [`picture`] is what a server has, [`step`] what a migration does, [`plan`] what a step means on a database, [`lint`] what is to be
//! known of it before it runs.

pub mod build;
mod constant;
pub mod ddl;
pub mod diff;
pub mod extra;
pub mod flavor;
pub mod lint;
pub mod model;
pub mod name;
pub mod picture;
pub mod plan;
pub mod reverse;
pub mod rules;
pub mod shape;
pub mod snapshot;
pub mod step;

pub use constant::constant;
pub use extra::{Check, ColumnExtra, IndexDef, Part, TableExtra, Words};
pub use flavor::Flavor;
pub(crate) use model::whole;
pub use model::{Column, ForeignKey, Index, Kind, Name, OnDelete, Table};
pub use picture::Picture;
pub use plan::{Done, Drift, Plan, Planned, Question, Risk, Statement, Warning};
pub use rules::{Folded, Proposal, Proposed, Rules, Write};
pub use shape::Shape;
pub use snapshot::Snapshot;
pub use step::{Action, Allowed, Backfill, Reference, Sql, Step};
