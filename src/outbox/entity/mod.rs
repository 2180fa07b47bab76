//! The tables of the outbox and of its consumers.

pub mod claim;
pub mod done;
pub mod inbox;
pub mod lane;
pub mod message;
