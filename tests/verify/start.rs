//! At start.
