//! The shipped suite.
