//! What must not compile, and says what to write instead.
//!
//! The messages are part of the library's face, so they are kept beside each program; `TRYBUILD=overwrite cargo test --test
//! ui --features conformance` writes them anew after a change that is meant. rustc lists types of the crate in some of them, so
//! they hold for the features that `cargo xtask test` turns on.
#![cfg(feature = "conformance")]

#[test]
fn what_is_wrong_does_not_compile_and_says_why() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
