//! The tokens of keyset pages: opaque, versioned, bound to their query, signed where a key is configured.

/// Makes and reads the tokens of keyset pages.
#[derive(Clone, Debug, Default)]
pub struct Tokens {}
