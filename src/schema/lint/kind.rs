//! What a change of type means for the values that are there.

use super::count::Ask;
use crate::schema::{Kind, whole};

/// What becomes of the values.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    /// All fit.
    Fits,
    /// Those that this condition is true of do not fit.
    Narrows(String),
    /// Those of an enum that this condition is true of have no value any more.
    Removes(Vec<String>, String),
    /// They are read as another type; those that this condition is true of cannot, where that can be asked.
    Converts(Option<String>),
    /// They are read as another type that holds a part of them, without a word.
    Cuts,
}

use Change::{Converts, Cuts, Fits, Narrows, Removes};

/// Up to here a float holds every whole number.
const FLOAT: i64 = 1 << 53;
/// So many digits come back from a float as they were.
const DIGITS: u32 = 15;

/// From one kind to another, for a column of this table.
pub(super) fn change(ask: &Ask<'_>, column: &str, from: &Kind, to: &Kind) -> Change {
    let c = ask.flavor.quoted(column);
    match (from, to) {
        _ if from == to => Fits,
        (whole!(), whole!()) => range(&c, from, to),
        (Kind::Bool, whole!()) => Converts(Some("1 = 0".to_owned())),
        (whole!(), Kind::Bool) => Converts(Some(format!("{c} NOT IN (0, 1)"))),
        (whole!(), Kind::Decimal { precision, scale }) => {
            let (low, high) = from.bounds();
            let most = 10_i128.pow(precision - scale) - 1;
            if i128::from(high) <= most && -i128::from(low) <= most {
                Fits
            } else {
                Narrows(format!("{c} NOT BETWEEN -{most} AND {most}"))
            }
        }
        (whole!(), Kind::Double) if from.bounds().1 < FLOAT => Fits,
        // Of the least number there is no absolute one.
        (whole!(), Kind::Double) => Narrows(format!("{c} NOT BETWEEN -{FLOAT} AND {FLOAT}")),
        (Kind::Double, whole!()) => {
            let (low, high) = to.bounds();
            // SQLite may be built without `floor`.
            let whole = if ask.is_sqlite() { format!("CAST({c} AS integer)") } else { format!("floor({c})") };
            Narrows(format!("{c} <> {whole} OR {c} NOT BETWEEN {low} AND {high}"))
        }
        (Kind::Decimal { precision: p, scale: s }, Kind::Decimal { precision, scale }) => {
            decimal(ask, &c, (*p, *s), (*precision, *scale))
        }
        (Kind::Decimal { scale, .. }, whole!()) => {
            let (low, high) = to.bounds();
            if ask.is_sqlite() {
                let unit = 10_i128.pow(*scale);
                Narrows(format!("{c} % {unit} <> 0 OR {c} / {unit} NOT BETWEEN {low} AND {high}"))
            } else {
                Narrows(format!("{c} <> round({c}) OR {c} NOT BETWEEN {low} AND {high}"))
            }
        }
        (Kind::Text { max: from }, Kind::Text { max: to }) => match (from, to) {
            (_, None) => Fits,
            (Some(from), Some(to)) if from <= to => Fits,
            (_, Some(to)) => Narrows(longer(ask, &c, *to)),
        },
        (Kind::Enum { variants }, Kind::Text { max }) => match max {
            Some(max) if variants.iter().any(|variant| variant.chars().count() > *max as usize) => {
                Narrows(longer(ask, &c, *max))
            }
            _ => Fits,
        },
        (Kind::Text { .. }, Kind::Enum { variants }) => Narrows(ask.none_of(&c, variants)),
        (Kind::Enum { variants: from }, Kind::Enum { variants: to }) => {
            let gone: Vec<_> = from.iter().filter(|variant| !to.contains(variant)).cloned().collect();
            if gone.is_empty() { Fits } else { Removes(gone, ask.none_of(&c, to)) }
        }
        (Kind::Text { .. }, whole!()) => Converts(Some(ask.no_number(&c))),
        (Kind::Text { .. }, Kind::Uuid) => Converts(Some(ask.no_uuid(&c))),
        (Kind::Decimal { precision, .. }, Kind::Double) if *precision <= DIGITS => Converts(None),
        // A server rounds, and cuts a time of day, without a word.
        (Kind::DateTime | Kind::Instant | Kind::Date, Kind::Time)
        | (Kind::DateTime | Kind::Instant | Kind::Text { .. }, Kind::Date)
        | (Kind::Double | Kind::Text { .. }, Kind::Decimal { .. })
        | (Kind::Decimal { .. } | Kind::Text { .. }, Kind::Double) => Cuts,
        (Kind::Text { .. }, Kind::Json) if !ask.is_postgres() => Converts(Some(format!("NOT json_valid({c})"))),
        _ => Converts(None),
    }
}

fn range(c: &str, from: &Kind, to: &Kind) -> Change {
    let ((low, high), (least, most)) = (from.bounds(), to.bounds());
    let under = (low < least).then(|| format!("{c} < {least}"));
    let over = (high > most).then(|| format!("{c} > {most}"));
    match (under, over) {
        (None, None) => Fits,
        (Some(one), None) | (None, Some(one)) => Narrows(one),
        (Some(under), Some(over)) => Narrows(format!("{under} OR {over}")),
    }
}

/// On SQLite a decimal is a whole number of its smallest unit.
fn decimal(ask: &Ask<'_>, c: &str, (p, s): (u32, u32), (precision, scale): (u32, u32)) -> Change {
    let mut conditions = Vec::new();
    if scale < s {
        conditions.push(if ask.is_sqlite() {
            format!("{c} % {} <> 0", 10_i128.pow(s - scale))
        } else {
            format!("{c} <> round({c}, {scale})")
        });
    }
    if precision - scale < p - s {
        let digits = precision - scale + if ask.is_sqlite() { s } else { 0 };
        conditions.push(format!("abs({c}) >= {}", 10_i128.pow(digits)));
    }
    if conditions.is_empty() { Fits } else { Narrows(conditions.join(" OR ")) }
}

fn longer(ask: &Ask<'_>, c: &str, max: u32) -> String {
    format!("{}({c}) > {max}", if ask.is_sqlite() { "length" } else { "char_length" })
}
