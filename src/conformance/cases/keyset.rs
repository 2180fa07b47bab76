//! Law Q5: pages by place lose no row and repeat none, in every order, whatever comes and goes; tokens are of one query.

use super::maybe_rows;
use crate::{
    Database, Result, all, col,
    conformance::{
        check::{Proof, Rows, sure, table, there},
        entities::{Mood, Shape, maybe, member},
    },
    repository::{Deletion, Entity, KeysetPage, KeysetRequest, Order, PageToken, Query},
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};
use sea_orm::{
    Set,
    prelude::{Decimal, Uuid},
};

/// The law in one word.
const LAW: &str = "Q5";

/// Every page of a walk, forward from the first or backward from the last; the pages in the query's order.
async fn walk<E: Entity>(rows: &Rows<E>, query: &Query<E>, size: u64, forward: bool) -> Result<Vec<E::Model>> {
    let first = if forward { KeysetRequest::first(size) } else { KeysetRequest::last(size) };
    let mut page = rows.keyset(query.clone(), first).await?;
    let behind = if forward { page.has_previous() } else { page.has_next() };
    assert!(!behind, "Q5: nothing is behind the page that a walk begins at");
    let mut walked = Vec::new();
    loop {
        let full = page.items.len() as u64 == size;
        let way = if forward { page.next } else { page.previous };
        assert!(full || way.is_none(), "Q5: a page that others follow is full");
        if forward {
            walked.extend(page.items);
        } else {
            walked.splice(0..0, page.items);
        }
        let Some(token) = way else { return Ok(walked) };
        assert!(walked.len() < 1_000, "Q5: a walk ends");
        let request = if forward { KeysetRequest::after(size, token) } else { KeysetRequest::before(size, token) };
        page = rows.keyset(query.clone(), request).await?;
        let behind = if forward { page.has_previous() } else { page.has_next() };
        assert!(behind, "Q5: the page that was come from is behind");
    }
}

/// Walks both ways, in several sizes, and finds these keys.
async fn walks(rows: &Rows<maybe::Entity>, query: Query<maybe::Entity>, expected: &[i32]) -> Proof {
    for (size, forward) in [(1, true), (2, false), (3, true), (4, false), (1_000, true)] {
        let walked = walk(rows, &query, size, forward).await?;
        let ids: Vec<i32> = walked.iter().map(|row| row.id).collect();
        assert_eq!(ids, expected, "Q5: pages of {size}, forward {forward}: {query:?}");
    }
    Ok(())
}

fn ids(page: &KeysetPage<maybe::Model>) -> Vec<i32> {
    page.items.iter().map(|row| row.id).collect()
}

fn next<T>(page: KeysetPage<T>) -> PageToken {
    there(page.next, LAW)
}

/// Seven rows: two nulls, a tie of three, a tie of two.
async fn seven(db: &Database) -> Result<Rows<maybe::Entity>> {
    maybe_rows(db, [Some(5), None, Some(2), Some(5), None, Some(2), Some(5)], |row, whole| row.whole = Set(whole)).await
}

pub async fn q5_a_nullable_column_loses_no_row(db: Database) -> Proof {
    let rows = seven(&db).await?;
    let whole = col(maybe::COLUMN.whole);
    walks(&rows, all().order_by(whole.asc()), &[1, 4, 2, 5, 0, 3, 6]).await?;
    walks(&rows, all().order_by(whole.desc()), &[0, 3, 6, 2, 5, 1, 4]).await
}

pub async fn q5_nulls_stand_where_they_are_asked_to(db: Database) -> Proof {
    let rows = seven(&db).await?;
    let whole = col(maybe::COLUMN.whole);
    walks(&rows, all().order_by(whole.asc().nulls_first()), &[1, 4, 2, 5, 0, 3, 6]).await?;
    walks(&rows, all().order_by(whole.asc().nulls_last()), &[2, 5, 0, 3, 6, 1, 4]).await?;
    walks(&rows, all().order_by(whole.desc().nulls_first()), &[1, 4, 0, 3, 6, 2, 5]).await?;
    walks(&rows, all().order_by(whole.desc().nulls_last()), &[0, 3, 6, 2, 5, 1, 4]).await
}

pub async fn q5_several_columns_may_have_mixed_directions(db: Database) -> Proof {
    let rows = maybe_rows(&db, 0..12, |row, n| {
        row.whole = Set((n % 3 != 0).then_some(n % 3));
        row.name = Set(["x", "y", "z"].get(usize::try_from(n % 4 - 1).unwrap_or(9)).map(|name| (*name).to_owned()));
    })
    .await?;
    // whole: null for 0 3 6 9, 1 for 1 4 7 10, 2 for 2 5 8 11; name: null for 0 4 8, x for 1 5 9, y for 2 6 10, z for 3 7 11.
    let (whole, name) = (col(maybe::COLUMN.whole), col(maybe::COLUMN.name));
    let cases: [(Order<_>, Order<_>, [i32; 12]); 6] = [
        (whole.asc(), name.asc(), [0, 9, 6, 3, 4, 1, 10, 7, 8, 5, 2, 11]),
        (whole.asc(), name.desc(), [3, 6, 9, 0, 7, 10, 1, 4, 11, 2, 5, 8]),
        (whole.desc(), name.asc(), [8, 5, 2, 11, 4, 1, 10, 7, 0, 9, 6, 3]),
        (whole.desc(), name.desc().nulls_first(), [8, 11, 2, 5, 4, 7, 10, 1, 0, 3, 6, 9]),
        (whole.asc().nulls_last(), name.asc().nulls_last(), [1, 10, 7, 4, 5, 2, 11, 8, 9, 6, 3, 0]),
        (whole.desc().nulls_first(), name.asc().nulls_last(), [9, 6, 3, 0, 5, 2, 11, 8, 1, 10, 7, 4]),
    ];
    for (first, second, expected) in cases {
        walks(&rows, all().order_by(first.clone()).order_by(second.clone()), &expected).await?;
    }
    // The key may stand anywhere in the order, and what stands after it decides nothing.
    let id = col(maybe::COLUMN.id);
    walks(
        &rows,
        all().order_by(whole.asc()).order_by(id.desc()).order_by(name.asc()),
        &[9, 6, 3, 0, 10, 7, 4, 1, 11, 8, 5, 2],
    )
    .await
}

/// Null, the lower, a tie of the middle, the higher, in a scattered order of keys; walked both ways.
async fn a_type<T: Clone>(
    db: &Database,
    [low, middle, high]: [T; 3],
    set: impl FnMut(&mut maybe::ActiveModel, Option<T>),
    [asc, desc]: [Order<maybe::Entity>; 2],
    [up, down]: [[i32; 6]; 2],
) -> Proof {
    let values = [Some(high), Some(middle.clone()), None, Some(low), Some(middle), None];
    let rows = maybe_rows(db, values, set).await?;
    walks(&rows, all().order_by(asc), &up).await?;
    walks(&rows, all().order_by(desc), &down).await?;
    rows.delete_where(all(), Deletion::Forever).await?;
    Ok(())
}

macro_rules! a_type {
    ($db:expr, $column:ident, $values:expr) => {
        a_type!($db, $column, $values, [[2, 5, 3, 1, 4, 0], [0, 1, 4, 3, 2, 5]])
    };
    ($db:expr, $column:ident, $values:expr, $expected:expr) => {{
        let column = col(maybe::COLUMN.$column);
        let order = [column.asc(), column.desc()];
        a_type($db, $values, |row, value| row.$column = Set(value), order, $expected).await?;
    }};
}

pub async fn q5_numbers_are_exact_places(db: Database) -> Proof {
    a_type!(&db, tiny, [i8::MIN, 0, i8::MAX]);
    a_type!(&db, octet, [0, 1, u8::MAX]);
    a_type!(&db, small, [i16::MIN, 0, i16::MAX]);
    a_type!(&db, short, [0, 1, u16::MAX]);
    a_type!(&db, whole, [i32::MIN, 0, i32::MAX]);
    a_type!(&db, count, [0, 1, u32::MAX]);
    a_type!(&db, big, [i64::MIN, i64::MAX - 1, i64::MAX]);
    a_type!(&db, size, [0, i64::MAX.unsigned_abs() - 1, i64::MAX.unsigned_abs()]);
    // The neighbours of a float, and what no decimal notation of a few digits tells apart.
    a_type!(&db, score, [0.1_f64.next_down(), 0.1, 0.1_f64.next_up()]);
    a_type!(&db, score, [-f64::MAX, f64::MIN_POSITIVE, 1e300]);
    a_type!(
        &db,
        price,
        [Decimal::new(-1, 4), Decimal::new(99_999_999_999_999_998, 4), Decimal::new(99_999_999_999_999_999, 4)]
    );
    Ok(())
}

pub async fn q5_texts_and_bytes_are_exact_places(db: Database) -> Proof {
    let texts = |texts: [&str; 3]| texts.map(str::to_owned);
    a_type!(&db, name, texts(["", "E", "e"]));
    a_type!(&db, name, texts(["e\u{301}", "é", "é "]));
    a_type!(&db, name, texts(["\t\"'\\", "%_", "😀"]));
    a_type!(&db, prose, texts(["a\nb", "a b", "b"]));
    a_type!(&db, code, texts(["Z", "a", "aa"]));
    a_type!(&db, data, [vec![], vec![0_u8], vec![0, 255]]);
    // Of two values there is no middle one: the lower has the tie of three.
    let tied = [[2, 5, 1, 3, 4, 0], [0, 1, 3, 4, 2, 5]];
    a_type!(&db, shape, [Shape::RightAngled, Shape::RightAngled, Shape::Round], tied);
    a_type!(&db, mood, [Mood::DontKnow, Mood::DontKnow, Mood::Glad], tied);
    Ok(())
}

pub async fn q5_times_and_uuids_are_exact_places(db: Database) -> Proof {
    let at = |millis| sure(DateTime::from_timestamp_millis(millis));
    a_type!(&db, at, [at(-1), at(1_700_000_000_122), at(1_700_000_000_123)]);
    a_type!(&db, zoned, [at(-1).into(), at(0).into(), at(1).into()]);
    let day = |day| sure(NaiveDate::from_ymd_opt(2024, 2, day));
    let clock = |millis| NaiveTime::MIN + TimeDelta::milliseconds(millis);
    a_type!(&db, local, [day(1).and_time(clock(0)), day(1).and_time(clock(1)), day(29).and_time(clock(0))]);
    a_type!(&db, day, [day(1), day(28), day(29)]);
    a_type!(&db, clock, [clock(0), clock(1), clock(86_399_999)]);
    a_type!(&db, token, [Uuid::nil(), Uuid::from_u128(1 << 64), Uuid::max()]);
    a_type!(&db, flag, [false, false, true], [[2, 5, 1, 3, 4, 0], [0, 1, 3, 4, 2, 5]]);
    Ok(())
}

pub async fn q5_keys_of_several_columns_are_places(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    let keys = [(2, "a"), (1, "b"), (2, "B"), (1, "a"), (3, ""), (1, "é")];
    rows.insert_many(keys.map(|(team, handle)| member::row(team, handle, "same"))).await?;
    let (team, handle, role) = (col(member::COLUMN.team_id), col(member::COLUMN.handle), col(member::COLUMN.role));
    let by_key = [(1, "a"), (1, "b"), (1, "é"), (2, "B"), (2, "a"), (3, "")];
    let cases = [
        (all(), by_key),
        (all().order_by(role.desc()), by_key),
        (all().order_by(team.desc()), [(3, ""), (2, "B"), (2, "a"), (1, "a"), (1, "b"), (1, "é")]),
        (all().order_by(handle.desc()), [(1, "é"), (1, "b"), (1, "a"), (2, "a"), (2, "B"), (3, "")]),
        (
            all().order_by(handle.asc()).order_by(team.desc()),
            [(3, ""), (2, "B"), (2, "a"), (1, "a"), (1, "b"), (1, "é")],
        ),
    ];
    for (query, expected) in cases {
        for (size, forward) in [(1, true), (2, false), (4, true), (5, false)] {
            let walked = walk(&rows, &query, size, forward).await?;
            let walked: Vec<(i32, &str)> = walked.iter().map(|row| (row.team_id, row.handle.as_str())).collect();
            assert_eq!(walked, expected, "Q5: pages of {size}, forward {forward}: {query:?}");
        }
    }
    Ok(())
}

pub async fn q5_a_filter_holds_on_every_page(db: Database) -> Proof {
    let rows = maybe_rows(&db, 0..30, |row, n| {
        row.whole = Set((n % 2 == 0).then_some(n % 4));
        row.big = Set(Some(i64::from(n % 3)));
    })
    .await?;
    let (whole, big) = (col(maybe::COLUMN.whole), col(maybe::COLUMN.big));
    let query = (big.eq(1) | big.eq(2)).order_by(whole.desc()).filter(!col(maybe::COLUMN.id).gt(20));
    walks(&rows, query, &[2, 10, 14, 4, 8, 16, 20, 1, 5, 7, 11, 13, 17, 19]).await
}

pub async fn q5_a_way_on_is_told_exactly_and_without_a_count(db: Database) -> Proof {
    let rows = seven(&db).await?;
    let ways = |page: &KeysetPage<maybe::Model>| (page.items.len(), page.has_previous(), page.has_next());
    for (size, items, more) in [(6, 6, true), (7, 7, false), (8, 7, false), (u64::MAX, 7, false)] {
        let first = rows.keyset(all(), KeysetRequest::first(size)).await?;
        assert_eq!(ways(&first), (items, false, more), "Q5: the first page of {size}");
        let last = rows.keyset(all(), KeysetRequest::last(size)).await?;
        assert_eq!(ways(&last), (items, more, false), "Q5: the last page of {size}");
    }
    let first = rows.keyset(all(), KeysetRequest::first(3)).await?;
    let second = rows.keyset(all(), KeysetRequest::after(4, next(first))).await?;
    assert_eq!((ids(&second), ways(&second)), (vec![3, 4, 5, 6], (4, true, false)), "Q5: all four that are left");
    let nothing = col(maybe::COLUMN.id).gt(100);
    for request in [KeysetRequest::first(3), KeysetRequest::last(3)] {
        assert_eq!(ways(&rows.keyset(nothing.clone(), request).await?), (0, false, false), "Q5: nothing matches");
    }
    Ok(())
}

pub async fn q5_a_page_is_come_back_to_from_both_sides(db: Database) -> Proof {
    let rows = seven(&db).await?;
    let query = || all().order_by(col(maybe::COLUMN.whole).desc());
    let first = rows.keyset(query(), KeysetRequest::first(3)).await?;
    let second = rows.keyset(query(), KeysetRequest::after(3, next(first.clone()))).await?;
    assert_eq!(ids(&second), [2, 5, 1], "Q5: the page after the first");
    let back = rows.keyset(query(), KeysetRequest::before(3, there(second.previous, LAW))).await?;
    assert_eq!((ids(&back), back.previous.clone()), (vec![0, 3, 6], None), "Q5: the first page again");
    assert_eq!(back.next, first.next, "Q5: with the same way on");
    let again = rows.keyset(query(), KeysetRequest::after(2, next(back))).await?;
    assert_eq!(ids(&again), [2, 5], "Q5: the size may change");
    Ok(())
}

pub async fn q5_rows_that_go_between_pages_shift_nothing(db: Database) -> Proof {
    let rows = maybe_rows(&db, 0..10, |row, n| row.whole = Set((n % 2 == 0).then_some(n))).await?;
    let query = || all().order_by(col(maybe::COLUMN.whole).asc());
    // 1 3 5 | 7 9 0 | 2 4 6 | 8
    let first = rows.keyset(query(), KeysetRequest::first(3)).await?;
    assert_eq!(ids(&first), [1, 3, 5], "Q5: nulls first");
    // One that was seen, the one of the token, and one that is to come.
    rows.delete_many(col(maybe::COLUMN.id).is_in([1, 5, 9])).await?;
    let second = rows.keyset(query(), KeysetRequest::after(3, next(first))).await?;
    assert_eq!((ids(&second), second.has_previous()), (vec![7, 0, 2], true), "Q5: as if they had not been there");
    let way_back = there(second.previous.clone(), LAW);
    rows.delete_many(col(maybe::COLUMN.id).is_in([3, 7, 0, 2])).await?;
    let nothing = rows.keyset(query(), KeysetRequest::before(3, way_back)).await?;
    assert_eq!((ids(&nothing), nothing.has_previous(), nothing.has_next()), (vec![], false, true), "Q5: none are left");
    let rest = rows.keyset(query(), KeysetRequest::after(3, next(nothing))).await?;
    assert_eq!((ids(&rest), rest.has_previous()), (vec![4, 6, 8], false), "Q5: and the way on is there");
    Ok(())
}

pub async fn q5_rows_that_come_between_pages_repeat_nothing(db: Database) -> Proof {
    let rows = maybe_rows(&db, 0..6, |row, n| row.whole = Set(Some(n * 10))).await?;
    let query = || all().order_by(col(maybe::COLUMN.whole).desc());
    let first = rows.keyset(query(), KeysetRequest::first(3)).await?;
    assert_eq!(ids(&first), [5, 4, 3], "Q5: descending");
    let new = [(100, Some(99)), (101, Some(30)), (102, Some(25)), (103, None)];
    rows.insert_many(new.map(|(id, whole)| maybe::ActiveModel { whole: Set(whole), ..maybe::row(id) })).await?;
    // Before the place, equal to the last row with a later key, after it, and at the very end.
    let second = rows.keyset(query(), KeysetRequest::after(10, next(first.clone()))).await?;
    assert_eq!(ids(&second), [101, 102, 2, 1, 0, 103], "Q5: what is after the last row that was seen");
    let back = rows.keyset(query(), KeysetRequest::before(10, there(second.previous, LAW))).await?;
    assert_eq!(ids(&back), [100, 5, 4, 3], "Q5: and what is before");
    Ok(())
}

pub async fn q5_after_the_last_row_there_is_a_way_back(db: Database) -> Proof {
    let rows = seven(&db).await?;
    let first = rows.keyset(all(), KeysetRequest::first(5)).await?;
    rows.delete_many(col(maybe::COLUMN.id).gt(4)).await?;
    let end = rows.keyset(all(), KeysetRequest::after(5, next(first))).await?;
    assert_eq!((ids(&end), end.has_previous(), end.has_next()), (vec![], true, false), "Q5: nothing follows any more");
    let back = rows.keyset(all(), KeysetRequest::before(2, there(end.previous, LAW))).await?;
    assert_eq!(ids(&back), [3, 4], "Q5: the last row is not lost");
    Ok(())
}

pub async fn q5_a_page_in_a_transaction_sees_what_it_wrote(db: Database) -> Proof {
    let rows = seven(&db).await?;
    let token = next(rows.keyset(all(), KeysetRequest::first(5)).await?);
    let seen = db.transact(|tx| {
        let token = token.clone();
        async move {
            let rows = tx.repository::<maybe::Entity>();
            rows.insert(maybe::row(7)).await?;
            rows.keyset(all(), KeysetRequest::after(5, token)).await
        }
    });
    assert_eq!(ids(&seen.await?), [5, 6, 7], "Q5: a token of outside goes on inside");
    Ok(())
}
