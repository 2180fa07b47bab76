//! Law V5: instants are UTC, cut to milliseconds on write, and compared as instants.

use super::{ids, in_order, maybe_rows};
use crate::{
    Database, ErrorKind, col,
    conformance::{
        check::{Proof, refused_at, sure, table, there},
        entities::maybe,
    },
};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use sea_orm::Set;

/// `2024-05-06T07:08:09` and so many nanoseconds.
fn instant(nanos: u32) -> DateTime<Utc> {
    sure(day(2024, 5, 6).and_hms_nano_opt(7, 8, 9, nanos)).and_utc()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    sure(NaiveDate::from_ymd_opt(year, month, day))
}

fn clock(nanos: u32) -> NaiveTime {
    sure(NaiveTime::from_hms_nano_opt(23, 59, 59, nanos))
}

/// The instant as a clock in another zone shows it.
fn seen_from(hours: i32, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    instant.with_timezone(&sure(FixedOffset::east_opt(hours * 3600)))
}

pub async fn v5_an_instant_is_cut_to_milliseconds_on_write(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    for (id, given, kept) in [(1, 123_456_789, 123_000_000), (2, 999_999_999, 999_000_000), (3, 999_999, 0)] {
        let row = maybe::ActiveModel {
            at: Set(Some(instant(given))),
            zoned: Set(Some(seen_from(2, instant(given)))),
            local: Set(Some(instant(given).naive_utc())),
            clock: Set(Some(clock(given))),
            ..maybe::row(id)
        };
        let inserted = rows.insert(row).await?;
        assert_eq!(inserted.at, Some(instant(kept)), "V5: cut, not rounded, to milliseconds");
        assert_eq!(inserted.zoned.map(|at| at.to_utc()), Some(instant(kept)), "V5: with an offset too");
        assert_eq!(inserted.local, Some(instant(kept).naive_utc()), "V5: dates and times are cut alike");
        assert_eq!(inserted.clock, Some(clock(kept)), "V5: times of day are cut alike");
        assert_eq!(rows.get(id).await?, Some(inserted), "V1: what insert returned is read back");
    }
    Ok(())
}

pub async fn v5_an_instant_is_cut_by_every_write(db: Database) -> Proof {
    let rows = maybe_rows(&db, [instant(0)], |row, at| row.at = Set(Some(at))).await?;
    let updated = rows.update(maybe::ActiveModel { at: Set(Some(instant(1_999_999))), ..maybe::row(0) }).await?;
    assert_eq!(updated.at, Some(instant(1_000_000)), "V5: update cuts");
    let at = col(maybe::COLUMN.at);
    rows.update_many(at.is_not_null(), [at.set(instant(2_999_999))]).await?;
    assert_eq!(there(rows.get(0).await?, "V5").at, Some(instant(2_000_000)), "V5: update_many cuts");
    Ok(())
}

pub async fn v5_an_instant_before_1970_is_cut_downwards(db: Database) -> Proof {
    let before = sure(day(1969, 12, 31).and_hms_nano_opt(23, 59, 59, 999_999_999)).and_utc();
    let rows = maybe_rows(&db, [before], |row, at| row.at = Set(Some(at))).await?;
    let cut = sure(day(1969, 12, 31).and_hms_milli_opt(23, 59, 59, 999)).and_utc();
    assert_eq!(there(rows.get(0).await?, "V5").at, Some(cut), "V5: towards the past, before 1970 too");
    assert_eq!(ids(&rows, col(maybe::COLUMN.at).eq(cut)).await?, [0], "V5: and found again");
    Ok(())
}

pub async fn v5_what_was_returned_finds_its_row(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let row = maybe::ActiveModel {
        at: Set(Some(instant(123_456_789))),
        zoned: Set(Some(seen_from(-7, instant(123_456_789)))),
        local: Set(Some(instant(123_456_789).naive_utc())),
        day: Set(Some(day(2024, 2, 29))),
        clock: Set(Some(clock(123_456_789))),
        ..maybe::row(1)
    };
    let row = rows.insert(row).await?;
    let (at, zoned, local) = (sure(row.at), sure(row.zoned), sure(row.local));
    let filter = col(maybe::COLUMN.at).eq(at)
        & col(maybe::COLUMN.zoned).eq(zoned)
        & col(maybe::COLUMN.local).eq(local)
        & col(maybe::COLUMN.day).eq(sure(row.day))
        & col(maybe::COLUMN.clock).eq(sure(row.clock));
    assert_eq!(ids(&rows, filter).await?, [1], "V5: the value that insert returned equals what is stored");
    Ok(())
}

pub async fn v5_a_filter_is_not_cut(db: Database) -> Proof {
    let rows = maybe_rows(&db, [instant(123_000_000)], |row, at| {
        (row.at, row.local) = (Set(Some(at)), Set(Some(at.naive_utc())));
    })
    .await?;
    let at = col(maybe::COLUMN.at);
    let local = col(maybe::COLUMN.local);
    for nanos in [123_000_001, 123_001_000, 123_456_789, 122_999_999] {
        let value = instant(nanos);
        let hit = i32::from(nanos < 123_000_000);
        assert_eq!(rows.count(at.eq(value)).await?, 0, "V5: {nanos} ns equals no stored instant");
        assert_eq!(rows.count(at.ne(value)).await?, 1, "V5: every stored instant is unequal to {nanos} ns");
        assert_eq!(rows.count(at.is_in([value])).await?, 0, "V5: in a list, {nanos} ns is not there");
        assert_eq!(rows.count(at.is_not_in([value])).await?, 1, "V5: nor excluded by one");
        assert_eq!(rows.count(at.is_distinct_from(value)).await?, 1, "V5: and is distinct from every one");
        let less = 1 - hit;
        assert_eq!(rows.count(at.lt(value)).await?, u64::from(less.unsigned_abs()), "V5: lt {nanos} ns");
        assert_eq!(rows.count(at.lte(value)).await?, u64::from(less.unsigned_abs()), "V5: lte {nanos} ns");
        assert_eq!(rows.count(at.gt(value)).await?, u64::from(hit.unsigned_abs()), "V5: gt {nanos} ns");
        assert_eq!(rows.count(at.gte(value)).await?, u64::from(hit.unsigned_abs()), "V5: gte {nanos} ns");
        let naive = value.naive_utc();
        assert_eq!(rows.count(local.eq(naive) | local.lt(naive)).await?, u64::from(less.unsigned_abs()), "V5: local");
    }
    Ok(())
}

pub async fn v5_a_range_holds_its_ends(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1, 2, 3], |row, ms| row.at = Set(Some(instant(ms * 1_000_000)))).await?;
    let at = col(maybe::COLUMN.at);
    assert_eq!(ids(&rows, at.between(instant(1_000_000), instant(2_000_000))).await?, [0, 1], "V5: both ends included");
    assert_eq!(ids(&rows, at.between(instant(1_000_001), instant(2_999_999))).await?, [1], "V5: ends are not cut");
    assert_eq!(ids(&rows, at.between(instant(3_000_000), instant(1_000_000))).await?, [0; 0], "V5: an empty range");
    Ok(())
}

pub async fn v5_offsets_are_compared_as_instants(db: Database) -> Proof {
    // Their texts are in another order than the instants: 10:00+02:00 is before 09:00Z.
    let hours = [(9, 0), (10, 2), (3, -7), (23, 14)];
    let midnight = sure(day(2024, 5, 6).and_hms_opt(0, 0, 0)).and_utc();
    let rows = maybe_rows(&db, hours, |row, (hour, offset)| {
        let at = midnight + TimeDelta::hours(i64::from(hour - offset));
        (row.zoned, row.at) = (Set(Some(seen_from(offset, at))), Set(Some(at)));
    })
    .await?;
    let zoned = col(maybe::COLUMN.zoned);
    assert_eq!(in_order(&rows, zoned.asc()).await?, [1, 0, 3, 2], "V5: ordered by instant");
    let nine = midnight + TimeDelta::hours(9);
    for offset in [-12, 0, 2, 14] {
        let nine = seen_from(offset, nine);
        assert_eq!(ids(&rows, zoned.lt(nine)).await?, [1], "V5: before nine o'clock, seen from {offset}");
        assert_eq!(ids(&rows, zoned.gt(nine)).await?, [2], "V5: after nine o'clock, seen from {offset}");
        assert_eq!(ids(&rows, zoned.eq(nine)).await?, [0, 3], "V5: at nine o'clock, seen from {offset}");
        assert_eq!(ids(&rows, col(maybe::COLUMN.at).eq(nine)).await?, [0, 3], "V5: a UTC column takes an offset");
    }
    Ok(())
}

pub async fn v5_an_offset_comes_back_as_the_same_instant(db: Database) -> Proof {
    let at = instant(5_000_000);
    let rows = maybe_rows(&db, [-11, 0, 13], |row, offset| row.zoned = Set(Some(seen_from(offset, at)))).await?;
    for id in 0..3 {
        let zoned = sure(there(rows.get(id).await?, "V5").zoned);
        assert_eq!(zoned, at, "V5: the same instant");
        assert_eq!(zoned.offset().local_minus_utc(), 0, "V5: in UTC");
    }
    Ok(())
}

pub async fn v5_years_1000_to_9999_are_kept(db: Database) -> Proof {
    let edges =
        [day(1000, 1, 1), day(1582, 10, 10), day(1900, 2, 28), day(2038, 1, 20), day(2262, 4, 12), day(9999, 12, 31)];
    let rows = maybe_rows(&db, edges, |row, edge| {
        let local = edge.and_time(clock(999_000_000));
        (row.day, row.local) = (Set(Some(edge)), Set(Some(local)));
        (row.at, row.zoned) = (Set(Some(local.and_utc())), Set(Some(local.and_utc().into())));
    })
    .await?;
    for (id, edge) in (0..).zip(edges) {
        let row = there(rows.get(id).await?, "V5");
        let local = edge.and_time(clock(999_000_000));
        assert_eq!((row.day, row.local), (Some(edge), Some(local)), "V5: the date {edge} is kept");
        assert_eq!(
            (row.at, row.zoned),
            (Some(local.and_utc()), Some(local.and_utc().into())),
            "V5: the instant is kept"
        );
        let filter = col(maybe::COLUMN.at).eq(local.and_utc()) & col(maybe::COLUMN.day).eq(edge);
        assert_eq!(ids(&rows, filter).await?, [id], "V5: and found");
    }
    assert_eq!(in_order(&rows, col(maybe::COLUMN.at).asc()).await?, [0, 1, 2, 3, 4, 5], "V5: instants in order");
    assert_eq!(in_order(&rows, col(maybe::COLUMN.day).desc()).await?, [5, 4, 3, 2, 1, 0], "V5: dates in order");
    Ok(())
}

pub async fn v5_years_outside_1000_to_9999_are_refused(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let law = "V5: the years are 1000 to 9999";
    for year in [-1, 0, 999, 10_000, 200_000] {
        let date = day(year, 6, 1);
        let local = date.and_time(NaiveTime::MIN);
        let answers = [
            (maybe::ActiveModel { day: Set(Some(date)), ..maybe::row(1) }, "day"),
            (maybe::ActiveModel { local: Set(Some(local)), ..maybe::row(1) }, "local"),
            (maybe::ActiveModel { at: Set(Some(local.and_utc())), ..maybe::row(1) }, "at"),
            (maybe::ActiveModel { zoned: Set(Some(local.and_utc().into())), ..maybe::row(1) }, "zoned"),
        ];
        for (row, field) in answers {
            refused_at(rows.insert(row).await, ErrorKind::InvalidValue, "maybe", field, law);
        }
        let answer = rows.find(col(maybe::COLUMN.at).lt(local.and_utc())).await;
        refused_at(answer, ErrorKind::InvalidValue, "maybe", "at", "V5: in a filter too");
    }
    Ok(())
}

pub async fn v5_a_year_is_counted_in_utc(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let last = sure(day(9999, 12, 31).and_hms_opt(23, 30, 0)).and_utc();
    let inside = rows.insert(maybe::ActiveModel { zoned: Set(Some(seen_from(1, last))), ..maybe::row(1) }).await?;
    assert_eq!(inside.zoned.map(|at| at.to_utc()), Some(last), "V5: the year 10000 of another zone is 9999 in UTC");
    let first = sure(day(1000, 1, 1).and_hms_opt(0, 0, 0)).and_utc();
    let outside = seen_from(1, first - TimeDelta::minutes(30));
    let answer = rows.insert(maybe::ActiveModel { zoned: Set(Some(outside)), ..maybe::row(2) }).await;
    refused_at(answer, ErrorKind::InvalidValue, "maybe", "zoned", "V5: the year 1000 of another zone is 999 in UTC");
    Ok(())
}

pub async fn v5_dates_are_compared_as_dates(db: Database) -> Proof {
    let days = [day(2024, 2, 28), day(2024, 2, 29), day(2024, 3, 1)];
    let rows = maybe_rows(&db, days, |row, day| row.day = Set(Some(day))).await?;
    let date = col(maybe::COLUMN.day);
    assert_eq!(ids(&rows, date.eq(day(2024, 2, 29))).await?, [1], "V5: a leap day is a day");
    assert_eq!(ids(&rows, date.gt(day(2024, 2, 28))).await?, [1, 2], "V5: greater");
    assert_eq!(ids(&rows, date.between(days[0], days[1])).await?, [0, 1], "V5: between");
    assert_eq!(in_order(&rows, date.desc()).await?, [2, 1, 0], "V5: in order");
    Ok(())
}

pub async fn v5_times_of_day_are_compared_to_the_millisecond(db: Database) -> Proof {
    let times = [NaiveTime::MIN, sure(NaiveTime::from_hms_milli_opt(0, 0, 0, 1)), clock(0), clock(999_000_000)];
    let rows = maybe_rows(&db, times, |row, time| row.clock = Set(Some(time))).await?;
    let time = col(maybe::COLUMN.clock);
    for (id, value) in (0..).zip(times) {
        assert_eq!(there(rows.get(id).await?, "V1").clock, Some(value), "V5: a time of day comes back");
        assert_eq!(ids(&rows, time.eq(value)).await?, [id], "V5: and is found");
    }
    assert_eq!(ids(&rows, time.lt(clock(1))).await?, [0, 1, 2], "V5: a filter is not cut");
    assert_eq!(in_order(&rows, time.asc()).await?, [0, 1, 2, 3], "V5: in order");
    Ok(())
}

pub async fn v5_local_times_that_a_clock_skips_are_kept(db: Database) -> Proof {
    // 02:30 does not exist in Europe on this day, and exists twice on the other: a zone must not be looked at.
    let times: [NaiveDateTime; 2] =
        [sure(day(2024, 3, 31).and_hms_opt(2, 30, 0)), sure(day(2024, 10, 27).and_hms_opt(2, 30, 0))];
    let rows = maybe_rows(&db, times, |row, local| {
        (row.local, row.at) = (Set(Some(local)), Set(Some(local.and_utc())));
    })
    .await?;
    for (id, local) in (0..).zip(times) {
        let row = there(rows.get(id).await?, "V5");
        assert_eq!((row.local, row.at), (Some(local), Some(local.and_utc())), "V5: no zone is applied");
    }
    Ok(())
}

pub async fn v5_a_date_in_a_filter_has_a_year_that_every_server_holds(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1], |row, _| row.day = Set(NaiveDate::from_ymd_opt(2026, 1, 2))).await?;
    for year in [999, 10_000, 70_000] {
        let day = sure(NaiveDate::from_ymd_opt(year, 1, 1));
        refused_at(rows.count(col(maybe::COLUMN.day).lt(day)).await, ErrorKind::InvalidValue, "maybe", "day", "V5");
    }
    Ok(())
}
