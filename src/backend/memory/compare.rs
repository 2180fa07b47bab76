//! The one order of values, as every backend has it that orders anything itself.

pub(super) use crate::backend::normalise::compare::{Key, compare};
