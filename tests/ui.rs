//! What must not compile, and says what to write instead.
//!
//! The messages are part of the library's face, so they are kept beside each program; `TRYBUILD=overwrite cargo test --test
//! ui` writes them anew after a change that is meant.

#[test]
fn what_is_wrong_does_not_compile_and_says_why() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
