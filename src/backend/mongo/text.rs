//! Text that is looked for literally: by its bytes, never by a pattern (law Q3).

use crate::backend::Match;
use mongodb::bson::{Bson, bson};

/// An expression that is true where a text holds this one, which is not empty. `hay` is an expression for a text; where it may be
/// null, it is what an empty text is made of beforehand.
pub(super) fn holds(hay: Bson, how: Match, needle: &str) -> Bson {
    let length = i64::try_from(needle.len()).unwrap_or(i64::MAX);
    let literal = bson!({ "$literal": needle });
    match how {
        Match::Contains => bson!({ "$gte": [{ "$indexOfBytes": [hay, literal] }, 0] }),
        Match::StartsWith => bson!({ "$eq": [{ "$indexOfBytes": [hay, literal, 0, length] }, 0] }),
        Match::EndsWith => bson!({
            "$let": {
                "vars": { "hay": hay },
                "in": { "$gte": [{ "$indexOfBytes": ["$$hay", literal, last("$$hay", length)] }, 0] },
            }
        }),
    }
}

/// Where the last `length` bytes of a text begin. It may be within a letter: there no text begins.
fn last(hay: &str, length: i64) -> Bson {
    bson!({ "$max": [0, { "$subtract": [{ "$strLenBytes": hay }, length] }] })
}
