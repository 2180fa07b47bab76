//! The schema: what an entity wants of a table, and the one emitter of its DDL.
//!
//! [`model`] is neutral, the same for every backend; [`build`] makes one by hand; [`ddl`] says it in the words of one server.

pub mod build;
pub mod ddl;
pub mod flavor;
pub mod model;
pub mod name;
pub mod rules;

pub use flavor::Flavor;
pub(crate) use model::whole;
pub use model::{Column, ForeignKey, Index, Kind, Name, OnDelete, Table};
pub use rules::{Folded, Proposal, Proposed, Rules, Write};
