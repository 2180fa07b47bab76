//! Figures put together from exact parts: a backend adds up, what comes of it is the same arithmetic on each.

use super::Figure;
use crate::{
    Error, ErrorKind, Result,
    schema::{Kind, Table},
};
use rust_decimal::Decimal;
use sea_orm::Value;

/// The most digits of an average.
const DIGITS: i128 = 10_i128.pow(28);
/// Digits that an average has beyond those of its column.
const FINER: u32 = 6;
/// The most digits after the point that a decimal has.
const SCALE: u32 = 28;

/// What was added up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Total {
    /// Whole numbers, or decimals in their column's smallest unit: exact.
    Exact(i128),
    /// Floats, in whichever order they were added.
    Double(f64),
}

impl Figure {
    /// What its answer is; of the answer's null where there is no value.
    ///
    /// # Errors
    /// `InvalidQuery` with entity and field for a column that the table does not have.
    pub fn kind(&self, table: &Table) -> Result<Kind> {
        Ok(match self {
            Self::Count | Self::CountDistinct(_) | Self::Estimate => Kind::Int64,
            Self::Exists => Kind::Bool,
            Self::Min(column) | Self::Max(column) => table.column(column)?.kind.clone(),
            Self::Sum(column) => match table.column(column)?.kind {
                Kind::Double => Kind::Double,
                Kind::Decimal { scale, .. } => Kind::Decimal { precision: SCALE, scale },
                _ => Kind::Int64,
            },
            Self::Average(column) => match table.column(column)?.kind {
                Kind::Decimal { scale, .. } => {
                    Kind::Decimal { precision: SCALE, scale: scale.saturating_add(FINER).min(SCALE) }
                }
                _ => Kind::Double,
            },
        })
    }

    /// Its answer where no row matches.
    ///
    /// # Errors
    /// As [`kind`](Self::kind).
    pub fn of_nothing(&self, table: &Table) -> Result<Value> {
        Ok(match self {
            Self::Count | Self::CountDistinct(_) | Self::Estimate => Value::BigInt(Some(0)),
            Self::Exists => Value::Bool(Some(false)),
            Self::Sum(_) | Self::Min(_) | Self::Max(_) | Self::Average(_) => self.kind(table)?.null(),
        })
    }
}

/// The sum of a column of this kind; `None` where there is no value.
///
/// # Errors
/// `InvalidValue` where it is out of the answer's range; the caller names entity and field.
pub fn sum(kind: &Kind, total: Option<Total>) -> Result<Value> {
    Ok(match (kind, total) {
        (Kind::Double, Some(Total::Double(sum))) => Value::Double(Some(finite(sum)?)),
        (Kind::Double, _) => Value::Double(None),
        (Kind::Decimal { scale, .. }, Some(Total::Exact(sum))) => Value::Decimal(Some(decimal(sum, *scale)?)),
        (Kind::Decimal { .. }, _) => Value::Decimal(None),
        (_, Some(Total::Exact(sum))) => Value::BigInt(Some(i64::try_from(sum).map_err(|_| out_of_range())?)),
        (_, _) => Value::BigInt(None),
    })
}

/// The mean of the `count` values of a column of this kind that are not null.
///
/// # Errors
/// As [`sum`].
pub fn average(kind: &Kind, total: Option<Total>, count: i64) -> Result<Value> {
    let values = (count > 0).then_some(total).flatten();
    #[expect(clippy::cast_precision_loss, reason = "the answer is a float: both are rounded to the nearest one")]
    Ok(match (kind, values) {
        (Kind::Decimal { scale, .. }, Some(Total::Exact(sum))) => {
            Value::Decimal(Some(mean(sum, count.into(), *scale)?))
        }
        (Kind::Decimal { .. }, _) => Value::Decimal(None),
        (_, Some(Total::Exact(sum))) => Value::Double(Some(sum as f64 / count as f64)),
        (_, Some(Total::Double(sum))) => Value::Double(Some(finite(sum)? / count as f64)),
        (_, None) => Value::Double(None),
    })
}

/// Divides digit by digit, half-even at the last: six digits more than the sum has, or as many as fit.
fn mean(sum: i128, count: i128, scale: u32) -> Result<Decimal> {
    let (mut digits, mut rest) = (sum.abs() / count, sum.abs() % count);
    let mut at = scale;
    while at < scale.saturating_add(FINER).min(SCALE) && digits < DIGITS / 10 {
        rest *= 10;
        digits = digits * 10 + rest / count;
        rest %= count;
        at += 1;
    }
    let up = match (rest * 2).cmp(&count) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => digits % 2 == 1,
        std::cmp::Ordering::Less => false,
    };
    digits += i128::from(up);
    decimal(if sum < 0 { -digits } else { digits }, at)
}

fn decimal(units: i128, scale: u32) -> Result<Decimal> {
    Decimal::try_from_i128_with_scale(units, scale).map_err(|_| out_of_range())
}

/// -0.0 is 0.0, as in every column of floats.
fn finite(sum: f64) -> Result<f64> {
    if sum.is_finite() { Ok(if sum == 0.0 { 0.0 } else { sum }) } else { Err(out_of_range()) }
}

fn out_of_range() -> Error {
    Error::new(ErrorKind::InvalidValue, "the sum is out of range")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn average_of(sum: i128, count: i64, scale: u32) -> String {
        let kind = Kind::Decimal { precision: 18, scale };
        match average(&kind, Some(Total::Exact(sum)), count) {
            Ok(Value::Decimal(Some(v))) => v.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_mean_has_six_digits_more_and_is_rounded_half_even() {
        assert_eq!(average_of(1, 3, 2), "0.00333333");
        assert_eq!(average_of(2, 3, 2), "0.00666667");
        assert_eq!(average_of(-2, 3, 2), "-0.00666667");
        // 0.5 and 1.5 units of the last digit: to the even neighbour.
        assert_eq!(average_of(1, 2_000_000, 0), "0.000000");
        assert_eq!(average_of(3, 2_000_000, 0), "0.000002");
        assert_eq!(average_of(-3, 2_000_000, 0), "-0.000002");
    }

    #[test]
    fn a_mean_of_many_digits_has_as_many_as_fit() {
        assert_eq!(average_of(10_i128.pow(28) - 1, 1, 4), "999999999999999999999999.9999");
        assert_eq!(average_of((10_i128.pow(27) + 1) * 2, 4, 0), "500000000000000000000000000.5");
    }

    #[test]
    fn a_sum_is_bounded_by_its_result_alone() {
        assert_eq!(sum(&Kind::Int32, Some(Total::Exact(i64::MAX.into()))).ok(), Some(Value::BigInt(Some(i64::MAX))));
        assert!(sum(&Kind::Int32, Some(Total::Exact(i128::from(i64::MAX) + 1))).is_err());
        assert!(sum(&Kind::Decimal { precision: 28, scale: 2 }, Some(Total::Exact(1 << 96))).is_err());
        assert!(sum(&Kind::Double, Some(Total::Double(f64::INFINITY))).is_err());
    }
}
