//! Text without regard to case.

use crate::{
    Error, ErrorKind, Result,
    backend::value,
    schema::{Folded, Kind, Table},
};
use icu_casemap::CaseMapper;
use sea_orm::Value;

/// A text without regard to case: Unicode's full case folding (Unicode 16, 3.13.3, `toCasefold`), the same for every language
/// and on every backend. `ß` is `ss`, final and other sigmas are one, the Turkish dotless `ı` stays itself. Normal forms stay
/// as they are: `é` in one code point and in two are two texts, as law V2 says.
///
/// ```
/// use seabed::backend::rules::fold;
/// assert_eq!(fold("Straße"), fold("STRASSE"));
/// assert_eq!(fold("ΌΣΟΣ"), fold("όσος"));
/// assert_ne!(fold("é"), fold("e"));
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    CaseMapper::new().fold_string(text).into_owned()
}

/// The folded form of a value that its column is about to get.
///
/// # Errors
/// What the column says of the value; `InvalidValue` where its folded form is longer than the folded column. Both name the
/// column that was written.
pub(super) fn value(table: &Table, rule: Folded, given: Value) -> Result<Value> {
    let (source, target) = (&table.columns[rule.source], &table.columns[rule.folded]);
    let at = |error: Error| super::at(error, table, &source.name);
    let Value::String(Some(text)) = value::stored(&source.kind, given).map_err(at)? else {
        return Ok(target.kind.null());
    };
    let folded = fold(&text);
    match target.kind {
        Kind::Text { max: Some(max) } if folded.chars().count() > max as usize => {
            let why = format!("the text has more than {max} characters when it is folded");
            Err(at(Error::new(ErrorKind::InvalidValue, why)))
        }
        _ => Ok(Value::String(Some(folded))),
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn cases_of_one_text_are_one() {
        for (one, other) in [
            ("Hello", "hELLO"),
            ("STRASSE", "straße"),
            ("STRAẞE", "strasse"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ПРИВЕТ", "привет"),
            ("ﬃ", "FFI"),
            ("Ǆ", "ǆ"),
            ("ǅ", "ǆ"),
            ("\u{212a}", "k"),
            ("\u{1c90}", "\u{10d0}"),
            ("\u{10400}", "\u{10428}"),
            ("ÀÉÎ", "àéî"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn what_differs_by_more_than_case_stays_apart() {
        for (one, other) in
            [("e", "é"), ("é", "e\u{301}"), ("i", "ı"), ("a", "а"), ("a", "a "), ("ア", "ァ"), ("１", "1"), ("o", "ø")]
        {
            assert_ne!(fold(one), fold(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_capital_dotted_i_keeps_its_dot() {
        assert_eq!(fold("İ"), "i\u{307}", "full folding is of no language");
    }

    #[test]
    fn what_is_folded_stays_as_it_is() {
        for text in ["", "%_\\", "日本語", "Straße", "ΌΣΟΣ", "\u{1f600}", "İstanbul", "ﬃ"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }
}
