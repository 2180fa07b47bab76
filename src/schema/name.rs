//! Names of indexes and constraints, never longer than every server takes.
//!
//! PostgreSQL cuts names at 63 bytes without a word, so two long names can become one; MySQL refuses above 64.

/// The longest name that is made.
pub const MAX: usize = 60;

/// `ux_dataset_name_version`: the prefix, the table and the columns; a name that would be longer keeps its beginning and
/// ends in a hash of the whole, the same at every run.
///
/// ```
/// assert_eq!(seabed::schema::name::bounded("ux", "dataset", &["name", "version"]), "ux_dataset_name_version");
/// assert!(seabed::schema::name::bounded("ux", &"t".repeat(80), &["a"]).len() <= 60);
/// ```
#[must_use]
pub fn bounded(prefix: &str, table: &str, columns: &[&str]) -> String {
    let whole = std::iter::once(prefix)
        .chain(std::iter::once(table))
        .chain(columns.iter().copied())
        .collect::<Vec<_>>()
        .join("_");
    if whole.len() <= MAX {
        return whole;
    }
    let tail = format!("_{:016x}", fnv1a(whole.as_bytes()));
    let mut end = MAX - tail.len();
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{tail}", &whole[..end])
}

/// FNV-1a, 64 bits: written out because the standard library's hashers may change between releases, and a name may not.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_long_names_stay_two() {
        let (a, b) = ("a".repeat(70) + "1", "a".repeat(70) + "2");
        assert_ne!(bounded("ix", &a, &[]), bounded("ix", &b, &[]));
        assert!(bounded("ix", &"é".repeat(70), &[]).len() <= MAX);
    }
}
