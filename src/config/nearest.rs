//! The known word that a mistyped one was meant to be.

/// How alike two words must be, from 0 to 1, for the one to be offered for the other.
const ALIKE: f64 = 0.8;

/// The known word that is nearest to `word`, where one is near enough.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// `: did you mean …?`, or the list of what is known where nothing is near.
pub(super) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = nearest(word, known.clone()) {
        format!(": did you mean `{near}`?")
    } else {
        let known: Vec<String> = known.into_iter().map(|word| format!("`{word}`")).collect();
        if known.is_empty() { ": none is known".to_owned() } else { format!(": known are {}", known.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_and_an_abbreviation_are_near() {
        let known = ["max_connections", "max_lifetime", "timeout"];
        assert_eq!(nearest("max_conections", known), Some("max_connections"));
        assert_eq!(nearest("max_conn", known), Some("max_connections"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn where_nothing_is_near_all_is_listed() {
        assert_eq!(hint("colour", ["a", "b"]), ": known are `a`, `b`");
    }
}
