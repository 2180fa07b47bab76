//! Values: few per kind, so that they meet again, and those that databases disagree about.

use crate::random::Random;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use seabed::{backend::value, schema::Kind, sea_orm::Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// Texts that a collation, an escape, a pad or a normal form can tell apart, or fail to.
const TEXTS: [&str; 24] = [
    "", "a", "A", "a ", " a", "b", "B", "ab", "aB", "ä", "a\u{308}", "ß", "ss", "SS", "İ", "😀", "\u{FFFD}", "%", "a%",
    "a_", "\\", "'", "!", "a!b",
];
const LONGER: [&str; 8] = ["a%b_c", "\\%", "x'; --", "Straße", "STRASSE", "ab\u{0}", "日本語", "tab\tnew\nline"];
/// An enum's variants, with what breaks a literal.
pub const VARIANTS: [&str; 5] = ["open", "Open", "it's", "back\\slash", "ü"];

/// A value that a column of this kind holds.
pub fn valid(kind: &Kind, random: &mut Random) -> Value {
    for _ in 0..8 {
        let value = if random.one_in(7) { edge(kind, random) } else { plain(kind, random) };
        if value::stored(kind, value.clone()).is_ok() {
            return value;
        }
    }
    plain(kind, random)
}

/// A value that may be finer than the column: a filter compares with it all the same.
pub fn asked(kind: &Kind, random: &mut Random) -> Value {
    if !random.one_in(4) {
        return valid(kind, random);
    }
    match kind {
        Kind::Decimal { scale, .. } => {
            let mut value = Decimal::from(random.between(-3, 4));
            value += Decimal::new(random.between(1, 9), (*scale + 1).min(28));
            Value::from(value)
        }
        Kind::Instant => Value::from(instant(random) + TimeDelta::nanoseconds(random.between(1, 999_999))),
        Kind::DateTime => Value::from(instant(random).naive_utc() + TimeDelta::nanoseconds(random.between(1, 999_999))),
        Kind::Time => Value::from(NaiveTime::from_hms_nano_opt(12, 0, 0, 500_000_001).unwrap_or_default()),
        // Beyond the column's range, but a number all the same.
        Kind::Int16 | Kind::Int32 | Kind::UInt32 | Kind::UInt64 => {
            Value::from(*random.pick(&[i64::MIN, -1, 40_000, 5_000_000_000, i64::MAX]))
        }
        Kind::Text { .. } => Value::from(format!("{}{}", random.pick(&TEXTS), random.pick(&TEXTS))),
        _ => edge(kind, random),
    }
}

/// Two tenants, as a context names them.
pub fn tenants(kind: &Kind) -> Vec<Value> {
    match kind {
        Kind::Text { .. } => vec![Value::from("acme"), Value::from("Acme")],
        Kind::Uuid => vec![Value::from(Uuid::from_u64_pair(1, 1)), Value::from(Uuid::from_u64_pair(1, 2))],
        _ => vec![Value::from(1_i64), Value::from(2_i64)],
    }
}

/// A value that is refused, or of another type.
pub fn invalid(kind: &Kind, random: &mut Random) -> Value {
    match kind {
        Kind::Int16 => Value::from(i32::from(i16::MAX) + 1),
        Kind::Int32 => Value::from(i64::from(i32::MIN) - 1),
        Kind::UInt32 | Kind::UInt64 => Value::from(-1_i64),
        Kind::Int64 => Value::BigUnsigned(Some(u64::MAX)),
        Kind::Double => Value::from(*random.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY])),
        Kind::Decimal { precision, scale } => Value::from(Decimal::from(10_i64.saturating_pow(precision - scale))),
        Kind::Text { max: Some(max) } if random.coin() => Value::from("é".repeat(*max as usize + 1)),
        Kind::Text { .. } => Value::from("a\0b"),
        Kind::Enum { .. } => Value::from("no variant"),
        Kind::Json => deep(31),
        Kind::Instant => Value::from(day(999, 12, 31).and_time(NaiveTime::MIN).and_utc()),
        Kind::DateTime => Value::from(day(10_000, 1, 1).and_time(NaiveTime::MIN)),
        Kind::Date => Value::from(day(999, 12, 31)),
        Kind::Bool | Kind::Uuid => Value::from(1_i32),
        Kind::Bytes | Kind::Time => Value::from("text"),
        _ => Value::from("of an unknown kind"),
    }
}

/// A value for a key: more of them, or no insert would succeed.
pub fn key(kind: &Kind, random: &mut Random) -> Value {
    match kind {
        Kind::Int16 => Value::from(i16::try_from(random.between(-5, 60)).unwrap_or(0)),
        Kind::Int32 => Value::from(i32::try_from(random.between(-5, 60)).unwrap_or(0)),
        Kind::Int64 => Value::from(random.between(-5, 60)),
        Kind::UInt32 | Kind::UInt64 => Value::from(random.between(0, 60)),
        Kind::Uuid => Value::from(Uuid::from_u64_pair(random.below(4) << 62, random.below(20))),
        Kind::Text { max } => {
            let text = format!("{}{}", random.pick(&TEXTS), random.pick(&TEXTS));
            Value::from(text.chars().take(max.unwrap_or(9) as usize).collect::<String>())
        }
        Kind::Date => Value::from(day(2024, 2, 1) + TimeDelta::days(random.between(0, 40))),
        other => valid(other, random),
    }
}

/// What is added to a number: small, or far too much.
pub fn step(kind: &Kind, random: &mut Random) -> Value {
    if random.one_in(15) {
        return edge(kind, random);
    }
    match kind {
        Kind::Double => Value::from(*random.pick(&[0.5, -0.25, 1.0, 0.1, 1e300])),
        Kind::Decimal { scale, .. } => Value::from(Decimal::new(random.between(-20, 40), *scale)),
        _ => Value::from(random.between(-2, 5)),
    }
}

fn plain(kind: &Kind, random: &mut Random) -> Value {
    let small = random.between(-2, 5);
    match kind {
        Kind::Bool => Value::from(random.coin()),
        Kind::Int16 => Value::from(i16::try_from(small).unwrap_or(0)),
        Kind::Int32 => Value::from(i32::try_from(small).unwrap_or(0)),
        Kind::Int64 => Value::from(small),
        Kind::UInt32 | Kind::UInt64 => Value::from(small.abs()),
        Kind::Double => Value::from(*random.pick(&[0.0, 0.5, -0.5, 1.0, 1.5, 0.1, 2.25, -3.75])),
        Kind::Decimal { scale, .. } => Value::from(
            *random.pick(&[Decimal::ZERO, Decimal::ONE, Decimal::NEGATIVE_ONE, Decimal::TWO, Decimal::new(5, 1)])
                + Decimal::new(random.between(0, 2), *scale),
        ),
        Kind::Text { max } => {
            let text = if random.one_in(4) { random.pick(&LONGER) } else { random.pick(&TEXTS) };
            Value::from(text.replace('\0', "0").chars().take(max.unwrap_or(99) as usize).collect::<String>())
        }
        Kind::Enum { variants } => Value::from(random.pick(variants).clone()),
        Kind::Bytes => {
            Value::from(random.pick(&[&b""[..], b"\0", b"\0\x01", b"a", b"A", b"\xff\xfe", b"'\\"]).to_vec())
        }
        Kind::Json => Value::from(document(random)),
        Kind::Uuid => Value::from(Uuid::from_u64_pair(random.below(3) << 62, random.below(4))),
        Kind::Instant => Value::from(instant(random)),
        Kind::DateTime => Value::from(instant(random).naive_utc()),
        Kind::Date => Value::from(day(2024, 2, 28) + TimeDelta::days(random.between(0, 3))),
        Kind::Time => Value::from(time(random)),
        _ => kind.null(),
    }
}

/// The ends of ranges.
fn edge(kind: &Kind, random: &mut Random) -> Value {
    match kind {
        Kind::Int16 => Value::from(*random.pick(&[i16::MIN, i16::MAX, -1])),
        Kind::Int32 => Value::from(*random.pick(&[i32::MIN, i32::MAX, 65_536])),
        Kind::Int64 => Value::from(*random.pick(&[i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1, i64::MAX - 1])),
        Kind::UInt32 => Value::from(*random.pick(&[u32::MAX, u32::MAX - 1, 1 << 31])),
        Kind::UInt64 => Value::from(*random.pick(&[i64::MAX, i64::MAX - 1, 1 << 32])),
        Kind::Double => Value::from(*random.pick(&[
            -0.0,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            0.1 + 0.2,
            1e15 + 0.3,
            123_456_789.123_456_78,
            1e-300,
            9_007_199_254_740_993.0,
        ])),
        Kind::Decimal { precision, scale } => {
            let most = 10_i64.saturating_pow(*precision) - 1;
            match random.below(5) {
                0 => Value::from(Decimal::new(most, *scale)),
                1 => Value::from(Decimal::new(-most, *scale)),
                2 => Value::from(Decimal::new(1, *scale)),
                // Halves of the last digit: rounded to the even one.
                3 => Value::from(Decimal::new(random.between(-9, 9) * 10 + 5, scale + 1)),
                _ => Value::from(Decimal::new(1_000_000_000, 9)),
            }
        }
        Kind::Text { max } => match (max, random.below(4)) {
            (Some(max), 0) => Value::from("é".repeat(*max as usize)),
            (Some(max), 1) => Value::from("😀".repeat(*max as usize)),
            (None, 0) => Value::from("long ".repeat(2_000)),
            _ => plain(kind, random),
        },
        Kind::Bytes => Value::from((0..=255).collect::<Vec<u8>>()),
        Kind::Json if random.coin() => deep(28),
        Kind::Uuid => Value::from(*random.pick(&[Uuid::nil(), Uuid::max()])),
        Kind::Instant => Value::from(far(random).and_utc()),
        Kind::DateTime => Value::from(far(random)),
        Kind::Date => Value::from(far(random).date()),
        Kind::Time => Value::from(*random.pick(&[
            NaiveTime::MIN,
            NaiveTime::from_hms_nano_opt(23, 59, 59, 999_999_999).unwrap_or_default(),
            NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap_or_default(),
        ])),
        _ => plain(kind, random),
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn instant(random: &mut Random) -> DateTime<Utc> {
    let base = day(2024, 2, 29).and_time(NaiveTime::MIN).and_utc() + TimeDelta::milliseconds(random.between(-2, 2));
    // Cut on write: those that differ only here become one.
    base + TimeDelta::nanoseconds(*random.pick(&[0, 0, 0, 999, 500_000, 999_999]))
}

fn far(random: &mut Random) -> NaiveDateTime {
    let last = NaiveTime::from_hms_nano_opt(23, 59, 59, 999_999_999).unwrap_or_default();
    match random.below(5) {
        0 => day(1000, 1, 1).and_time(NaiveTime::MIN),
        1 => day(9999, 12, 31).and_time(last),
        2 => day(1969, 12, 31).and_time(last),
        3 => day(2038, 1, 19).and_time(last),
        _ => day(1582, 10, 10).and_time(last),
    }
}

fn time(random: &mut Random) -> NaiveTime {
    let hour = u32::try_from(random.below(3)).unwrap_or(0) + 11;
    NaiveTime::from_hms_nano_opt(hour, 0, 0, *random.pick(&[0, 1_000_000, 1_500_000])).unwrap_or_default()
}

fn document(random: &mut Random) -> Json {
    match random.below(16) {
        0 => Json::Null,
        1 => json!(true),
        2 => json!(1),
        3 => json!(1.5),
        4 => json!("a"),
        5 => json!([]),
        6 => json!({}),
        7 => json!({"b": 1, "a": {"c": [1, 2, null]}}),
        8 => json!({"a": "A ", "b": null, "n": -3}),
        9 => json!({"n": 0.1, "a": {"c": "x"}, "": 1}),
        10 => json!({"n": u64::MAX, "a": i64::MIN}),
        11 => json!({"n": 1e18, "t": "ä😀\\\"'"}),
        12 => json!([{"a": 1}, {"a": "1"}, [[]]]),
        13 => json!({"a.b": 1, "a b": 2, "n": 1e300}),
        14 => json!({"a": {"c": true}, "n": 2.0}),
        _ => json!({"a": 1, "n": 5}),
    }
}

fn deep(levels: u32) -> Value {
    Value::from(
        (0..levels).fold(json!(1), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({"a": inner}) }),
    )
}
