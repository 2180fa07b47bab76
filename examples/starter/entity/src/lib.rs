//! What the shop keeps: one file a table.

pub mod item;
