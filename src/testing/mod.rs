//! Tests of services: a database in memory that can go back and go wrong, rows to begin with, and tests on a server that leave
//! nothing behind.
//!
#![doc = include_str!("../../docs/testing.md")]

mod fixtures;
mod json;
mod memory;
mod rolled_back;

pub use crate::{
    backend::memory::Snapshot,
    layer::{FaultLayer, Faults},
};
pub use fixtures::Fixtures;
pub use memory::MemoryDatabase;
pub use rolled_back::rolled_back;
