//! Values as bytes, exactly: a tag, and what it says. Variants that mean the same value are written alike.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use rust_decimal::Decimal;
use sea_orm::{Value, prelude::Uuid, sea_query::OptionEnum};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const WHOLE: u8 = 3;
const DOUBLE: u8 = 4;
const DECIMAL: u8 = 5;
const TEXT: u8 = 6;
const BYTES: u8 = 7;
const UUID: u8 = 8;
const INSTANT: u8 = 9;
const DATE_TIME: u8 = 10;
const DATE: u8 = 11;
const TIME: u8 = 12;
const JSON: u8 = 13;

/// Appends a value. A null of any type is the same null.
pub(super) fn write(to: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Bool(Some(v)) => to.push(if *v { TRUE } else { FALSE }),
        Value::TinyInt(Some(v)) => whole(to, (*v).into()),
        Value::SmallInt(Some(v)) => whole(to, (*v).into()),
        Value::Int(Some(v)) => whole(to, (*v).into()),
        Value::BigInt(Some(v)) => whole(to, (*v).into()),
        Value::TinyUnsigned(Some(v)) => whole(to, (*v).into()),
        Value::SmallUnsigned(Some(v)) => whole(to, (*v).into()),
        Value::Unsigned(Some(v)) => whole(to, (*v).into()),
        Value::BigUnsigned(Some(v)) => whole(to, (*v).into()),
        Value::Float(Some(v)) => double(to, f64::from(*v)),
        Value::Double(Some(v)) => double(to, *v),
        Value::Decimal(Some(v)) => {
            // By value: 1.50 and 1.5 are one.
            let v = v.normalize();
            to.push(DECIMAL);
            unsigned(to, v.scale().into());
            signed(to, v.mantissa());
        }
        Value::String(Some(v)) => text(to, v),
        Value::Char(Some(v)) => text(to, v.encode_utf8(&mut [0; 4])),
        Value::Enum(OptionEnum::Some(v)) => text(to, &v.value),
        Value::Bytes(Some(v)) => run(to, BYTES, v),
        Value::Uuid(Some(v)) => {
            to.push(UUID);
            to.extend(v.as_bytes());
        }
        Value::ChronoDateTimeUtc(Some(v)) => instant(to, INSTANT, v.naive_utc()),
        Value::ChronoDateTimeWithTimeZone(Some(v)) => instant(to, INSTANT, v.naive_utc()),
        Value::ChronoDateTimeLocal(Some(v)) => instant(to, INSTANT, v.naive_utc()),
        Value::ChronoDateTime(Some(v)) => instant(to, DATE_TIME, *v),
        Value::ChronoDate(Some(v)) => {
            to.push(DATE);
            signed(to, v.num_days_from_ce().into());
        }
        Value::ChronoTime(Some(v)) => {
            to.push(TIME);
            unsigned(to, v.num_seconds_from_midnight().into());
            unsigned(to, v.nanosecond().into());
        }
        Value::Json(Some(v)) => run(to, JSON, v.to_string().as_bytes()),
        _ => to.push(NULL),
    }
}

fn whole(to: &mut Vec<u8>, value: i128) {
    to.push(WHOLE);
    signed(to, value);
}

fn double(to: &mut Vec<u8>, value: f64) {
    to.push(DOUBLE);
    // One zero, as it is stored.
    to.extend((if value == 0.0 { 0.0 } else { value }).to_bits().to_be_bytes());
}

fn text(to: &mut Vec<u8>, value: &str) {
    run(to, TEXT, value.as_bytes());
}

fn run(to: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    to.push(tag);
    unsigned(to, bytes.len() as u128);
    to.extend(bytes);
}

fn instant(to: &mut Vec<u8>, tag: u8, value: NaiveDateTime) {
    to.push(tag);
    signed(to, value.and_utc().timestamp().into());
    unsigned(to, value.nanosecond().into());
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
pub(super) fn unsigned(to: &mut Vec<u8>, mut value: u128) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            return to.push(low);
        }
        to.push(low | 0x80);
    }
}

/// Small numbers of either sign are short: 0, -1, 1, -2, ….
fn signed(to: &mut Vec<u8>, value: i128) {
    unsigned(to, ((value << 1) ^ (value >> 127)).cast_unsigned());
}

/// Reads what [`write()`] wrote; `None` for whatever it never writes.
pub(super) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            NULL => Value::Bool(None),
            FALSE => Value::Bool(Some(false)),
            TRUE => Value::Bool(Some(true)),
            WHOLE => Value::BigInt(Some(i64::try_from(self.signed()?).ok()?)),
            DOUBLE => Value::Double(Some(f64::from_bits(u64::from_be_bytes(self.array()?)))),
            DECIMAL => {
                let scale = u32::try_from(self.unsigned()?).ok()?;
                Value::Decimal(Some(Decimal::try_from_i128_with_scale(self.signed()?, scale).ok()?))
            }
            TEXT => Value::String(Some(std::str::from_utf8(self.run()?).ok()?.to_owned())),
            BYTES => Value::Bytes(Some(self.run()?.to_vec())),
            UUID => Value::Uuid(Some(Uuid::from_bytes(self.array()?))),
            INSTANT => Value::ChronoDateTimeUtc(Some(self.instant()?.and_utc())),
            DATE_TIME => Value::ChronoDateTime(Some(self.instant()?)),
            DATE => Value::from(NaiveDate::from_num_days_from_ce_opt(i32::try_from(self.signed()?).ok()?)?),
            TIME => {
                let seconds = u32::try_from(self.unsigned()?).ok()?;
                let nanos = u32::try_from(self.unsigned()?).ok()?;
                Value::from(NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?)
            }
            _ => return None,
        })
    }

    fn run(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        let (run, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(run)
    }

    fn instant(&mut self) -> Option<NaiveDateTime> {
        let seconds = i64::try_from(self.signed()?).ok()?;
        let nanos = u32::try_from(self.unsigned()?).ok()?;
        DateTime::from_timestamp(seconds, nanos).map(|instant| instant.naive_utc())
    }

    fn unsigned(&mut self) -> Option<u128> {
        let mut value = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            // The last byte has two bits left, and no value is written longer than it need be.
            if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i128> {
        let value = self.unsigned()?;
        Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }
}
