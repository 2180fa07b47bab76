//! What each layer does, against an inner backend that plays a script. The suite proves that a layer breaks nothing; these
//! tests prove that it does something.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod deadline;
mod error_context;
mod fault;
mod guard;
mod loads;
mod raw;
mod retry;
mod rules;
mod support;
mod telemetry;
