//! What a change of type means for the values that are there, and what makes the new ones.

use super::super::schema::bson_type;
use crate::schema::{Kind, whole};
use mongodb::bson::{Bson, Document, bson, doc};

/// What becomes of the values of a column.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    /// They stay as they are, and all fit.
    Fits,
    /// They stay; those that this filter finds do not fit.
    Narrows(Document),
    /// They stay; those of an enum that this filter finds have no value any more.
    Removes(Vec<String>, Document),
    /// They are made anew by an expression; those that this filter finds cannot be, where that can be asked.
    Converts(Bson, Option<Document>),
    /// Nothing here makes one of the other.
    Unknown,
}

use Change::{Converts, Fits, Narrows, Removes, Unknown};

/// Up to here a float holds every whole number.
const FLOAT: i64 = 1 << 53;

/// From one kind to another.
pub(super) fn change(column: &str, from: &Kind, to: &Kind) -> Change {
    let value = || Bson::from(format!("${column}"));
    let made = |operator: &str| bson!({ operator: value() });
    match (from, to) {
        _ if from == to => Fits,
        (whole!(), whole!()) => range(column, from, to),
        (Kind::Bool, whole!()) => Converts(made("$toLong"), None),
        (whole!(), Kind::Bool) => {
            Converts(made("$toBool"), Some(doc! { column: { "$type": ["int", "long"], "$nin": [0, 1] } }))
        }
        (whole!(), Kind::Double) if from.bounds().1 < FLOAT => Converts(made("$toDouble"), None),
        (whole!(), Kind::Double) => Converts(made("$toDouble"), Some(outside(column, -FLOAT, FLOAT))),
        (whole!(), Kind::Decimal { precision, scale }) => {
            let most = 10_i64.checked_pow(precision - scale).map(|most| most - 1);
            Converts(made("$toDecimal"), most.map(|most| outside(column, -most, most)))
        }
        (Kind::Double | Kind::Decimal { .. }, whole!()) => {
            let (low, high) = to.bounds();
            let broken = doc! { "$expr": { "$and": [
                { "$in": [{ "$type": value() }, ["double", "decimal"]] },
                { "$ne": [value(), { "$trunc": [value(), 0] }] },
            ] } };
            Converts(made("$toLong"), Some(doc! { "$or": [broken, outside(column, low, high)] }))
        }
        (Kind::Decimal { .. }, Kind::Double) => Converts(made("$toDouble"), None),
        (Kind::Double, Kind::Decimal { scale, .. }) => {
            Converts(bson!({ "$round": [made("$toDecimal"), i64::from(*scale)] }), None)
        }
        (Kind::Decimal { precision: p, scale: s }, Kind::Decimal { precision, scale }) => {
            let mut cannot = Vec::new();
            if scale < s {
                cannot.push(doc! { "$expr": { "$ne": [value(), { "$round": [value(), i64::from(*scale)] }] } });
            }
            if precision - scale < p - s
                && let Some(most) = 10_i64.checked_pow(precision - scale)
            {
                cannot.push(doc! { column: { "$gte": most } });
                cannot.push(doc! { column: { "$lte": -most } });
            }
            if cannot.is_empty() { Fits } else { Narrows(doc! { "$or": cannot }) }
        }
        (Kind::Text { max: from }, Kind::Text { max: to }) => match (from, to) {
            (_, None) => Fits,
            (Some(from), Some(to)) if from <= to => Fits,
            (_, Some(to)) => Narrows(longer(column, *to)),
        },
        (Kind::Enum { variants }, Kind::Text { max }) => match max {
            Some(max) if variants.iter().any(|variant| variant.chars().count() > *max as usize) => {
                Narrows(longer(column, *max))
            }
            _ => Fits,
        },
        (Kind::Text { .. }, Kind::Enum { variants }) => Narrows(none_of(column, variants)),
        (Kind::Enum { variants: from }, Kind::Enum { variants: to }) => {
            let gone: Vec<_> = from.iter().filter(|variant| !to.contains(variant)).cloned().collect();
            if gone.is_empty() { Fits } else { Removes(gone, none_of(column, to)) }
        }
        (Kind::Text { .. }, _) if to.is_number() => {
            let (to, form) = match to {
                Kind::Double => ("double", NUMBER),
                Kind::Decimal { .. } => ("decimal", NUMBER),
                _ => ("long", WHOLE),
            };
            let convert = bson!({ "$convert": { "input": value(), "to": to, "onError": value() } });
            Converts(convert, Some(doc! { column: { "$type": "string", "$not": { "$regex": form } } }))
        }
        (_, Kind::Text { .. }) if from.is_whole() || matches!(from, Kind::Decimal { .. } | Kind::Bool) => {
            Converts(made("$toString"), None)
        }
        (Kind::Instant | Kind::Date, Kind::DateTime) | (Kind::DateTime | Kind::Date, Kind::Instant) => Fits,
        (Kind::Instant | Kind::DateTime, Kind::Date) => {
            Converts(bson!({ "$dateTrunc": { "date": value(), "unit": "day" } }), None)
        }
        _ => Unknown,
    }
}

const WHOLE: &str = "^[+-]?[0-9]{1,18}$";
const NUMBER: &str = r"^[+-]?[0-9]+(\.[0-9]+)?$";

/// The rows whose value is of none of a kind's types: what is made anew stands in them no more, so what broke off goes on.
pub(super) fn of_another_type(column: &str, kind: &Kind) -> Option<Document> {
    let mut types = bson_type(kind)?;
    types.push("null");
    Some(doc! { column: { "$exists": true, "$not": { "$type": types } } })
}

/// Whether values of one kind are of the types of the other.
pub(super) fn is_alike(from: &Kind, to: &Kind) -> bool {
    bson_type(from) == bson_type(to)
}

fn range(column: &str, from: &Kind, to: &Kind) -> Change {
    let ((low, high), (least, most)) = (from.bounds(), to.bounds());
    if low >= least && high <= most { Fits } else { Narrows(outside(column, least, most)) }
}

fn outside(column: &str, least: i64, most: i64) -> Document {
    doc! { "$or": [{ column: { "$lt": least } }, { column: { "$gt": most } }] }
}

fn longer(column: &str, max: u32) -> Document {
    let text = bson!({ "$ifNull": [format!("${column}"), ""] });
    doc! { "$expr": { "$gt": [{ "$strLenCP": text }, i64::from(max)] } }
}

fn none_of(column: &str, variants: &[String]) -> Document {
    let mut all: Vec<Bson> = variants.iter().map(Bson::from).collect();
    all.push(Bson::Null);
    doc! { column: { "$nin": all } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_of_one_type_is_not_made_anew() {
        assert_eq!(change("n", &Kind::Int32, &Kind::Int64), Fits);
        assert_eq!(change("n", &Kind::Int64, &Kind::Int8), Narrows(outside("n", -128, 127)));
        let text = |max| Kind::Text { max: Some(max) };
        assert_eq!(change("t", &text(9), &text(10)), Fits);
        assert_eq!(change("t", &text(10), &text(9)), Narrows(longer("t", 9)));
        assert!(is_alike(&Kind::Int8, &Kind::UInt64) && !is_alike(&Kind::Int64, &Kind::Bool));
        assert_eq!(change("t", &Kind::Json, &Kind::Uuid), Unknown);
    }
}
