//! Law Q7 for groups: null is one, their order is total, their figures are exact.

use super::maybe_rows;
use crate::{
    Database, ErrorKind, Result, all, by, col,
    conformance::{
        check::{Proof, Rows, refused, refused_at, sure, table},
        entities::{Mood, Shape, ledger, maybe},
    },
};
use sea_orm::{
    Set,
    prelude::{DateTimeUtc, Decimal, Json, Uuid},
};

/// Rows of a name and a number.
async fn named(db: &Database, rows: &[(Option<&str>, i64)]) -> Result<Rows<maybe::Entity>> {
    maybe_rows(db, rows.iter().copied(), |row, (name, big)| {
        row.name = Set(name.map(Into::into));
        row.big = Set(Some(big));
    })
    .await
}

#[expect(clippy::unnecessary_wraps, reason = "the column is nullable")]
fn some(name: &str) -> Option<String> {
    Some(name.to_owned())
}

pub async fn q7_a_group_has_its_figures(db: Database) -> Proof {
    type Figures = (i64, u64, Option<i64>, Option<f64>, Option<i64>, Option<i64>);
    let rows = named(&db, &[(Some("b"), 1), (Some("a"), 2), (Some("b"), 5), (Some("a"), 2)]).await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    let figures: Vec<(Option<String>, Figures)> =
        rows.group(all(), by(name).count().count_distinct(big).sum(big).average(big).min(big).max(big)).await?;
    let wanted = [
        (some("a"), (2, 1, Some(4), Some(2.0), Some(2), Some(2))),
        (some("b"), (2, 2, Some(6), Some(3.0), Some(1), Some(5))),
    ];
    assert_eq!(figures, wanted, "Q7: each group has its own figures");
    let of_some: Vec<(Option<String>, u64)> = rows.group(big.gt(1), by(name).count()).await?;
    assert_eq!(of_some, [(some("a"), 2), (some("b"), 1)], "Q7: over the rows that match");
    Ok(())
}

pub async fn q7_null_is_a_group_and_the_lowest(db: Database) -> Proof {
    let rows = named(&db, &[(Some(""), 1), (None, 2), (Some("a"), 4), (None, 8)]).await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    let up: Vec<(Option<String>, i64)> = rows.group(all(), by(name).sum(big)).await?;
    assert_eq!(up, [(None, 10), (some(""), 1), (some("a"), 4)], "Q7: nulls are one group, and come first");
    let down: Vec<(Option<String>, i64)> = rows.group(all(), by(name).desc().sum(big)).await?;
    assert_eq!(down, [(some("a"), 4), (some(""), 1), (None, 10)], "Q7: and last from high to low");
    Ok(())
}

pub async fn q7_a_figure_that_is_null_sorts_lowest(db: Database) -> Proof {
    let rows = named(&db, &[(Some("a"), 1), (Some("b"), 2), (Some("c"), 3)]).await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    rows.update_many(name.eq("b"), [big.set_null()]).await?;
    for groups in [by(name).sum(big), by(name).min(big), by(name).max(big)] {
        let up: Vec<(Option<String>, Option<i64>)> = rows.group(all(), groups.clone().asc()).await?;
        assert_eq!(up, [(some("b"), None), (some("a"), Some(1)), (some("c"), Some(3))], "Q7: null first: {groups:?}");
        let down: Vec<(Option<String>, Option<i64>)> = rows.group(all(), groups.clone().desc()).await?;
        assert_eq!(down, [(some("c"), Some(3)), (some("a"), Some(1)), (some("b"), None)], "Q7: null last: {groups:?}");
    }
    Ok(())
}

pub async fn q7_groups_of_several_columns_are_combinations(db: Database) -> Proof {
    type Combination = (Option<bool>, Option<i32>);
    type OtherWay = (Option<i32>, Option<bool>);
    let values = [(Some(true), Some(1)), (None, Some(1)), (Some(true), None), (None, Some(1)), (None, None)];
    let rows = maybe_rows(&db, values, |row, (flag, whole)| {
        row.flag = Set(flag);
        row.whole = Set(whole);
    })
    .await?;
    let (flag, whole) = (col(maybe::COLUMN.flag), col(maybe::COLUMN.whole));
    let groups: Vec<(Combination, u64)> = rows.group(all(), by(flag).and(whole).count()).await?;
    let wanted = [((None, None), 1), ((None, Some(1)), 2), ((Some(true), None), 1), ((Some(true), Some(1)), 1)];
    assert_eq!(groups, wanted, "Q7: null beside a value is a combination of its own");
    let other_way: Vec<(OtherWay, u64)> = rows.group(all(), by(whole).desc().and(flag).desc().count()).await?;
    let wanted = [((Some(1), Some(true)), 1), ((Some(1), None), 2), ((None, Some(true)), 1), ((None, None), 1)];
    assert_eq!(other_way, wanted, "Q7: in the order that was asked for");
    Ok(())
}

pub async fn q7_groups_are_ordered_by_figures_and_then_by_their_columns(db: Database) -> Proof {
    let rows = named(&db, &[(Some("c"), 1), (Some("a"), 1), (Some("b"), 9), (Some("a"), 8), (Some("d"), 1)]).await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    let names = async |groups| -> Result<String> {
        let groups: Vec<(Option<String>, i64)> = rows.group(all(), groups).await?;
        Ok(groups.into_iter().filter_map(|(name, _)| name).collect())
    };
    assert_eq!(names(by(name).count().desc()).await?, "abcd", "Q7: the largest first, then by name");
    assert_eq!(names(by(name).sum(big).desc()).await?, "abcd", "Q7: nine each, then by name");
    assert_eq!(names(by(name).desc().sum(big)).await?, "dcba", "Q7: by name alone");
    assert_eq!(names(by(name).max(big).asc()).await?, "cdab", "Q7: by the greatest");
    assert_eq!(names(by(name).count_distinct(big).asc()).await?, "bcda", "Q7: by how many different ones");
    let two: Vec<(Option<String>, (i64, i64))> = rows.group(all(), by(name).sum(big).desc().count().asc()).await?;
    let two: String = two.into_iter().filter_map(|(name, _)| name).collect();
    assert_eq!(two, "bacd", "Q7: by two figures");
    Ok(())
}

pub async fn q7_groups_are_ordered_by_exact_sums(db: Database) -> Proof {
    const MAX: i64 = i64::MAX;
    let rows = named(
        &db,
        &[
            // Beyond 64 bits on the way, and sums that floats cannot tell apart.
            (Some("a"), MAX),
            (Some("a"), MAX),
            (Some("a"), -MAX),
            (Some("b"), MAX),
            (Some("b"), -1),
            (Some("c"), MAX - 3),
            (Some("c"), 1),
            (Some("d"), -MAX),
            (Some("d"), -1),
            (Some("e"), -MAX),
            // The low halves carry: one more in the high half than (f) has, though each of its own is less.
            (Some("g"), 0xffff_ffff),
            (Some("g"), 0xffff_ffff),
            (Some("f"), 0x1_0000_0001),
        ],
    )
    .await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    let groups: Vec<(Option<String>, i64)> = rows.group(all(), by(name).sum(big).asc()).await?;
    let wanted = [
        ("d", i64::MIN),
        ("e", -MAX),
        ("f", 0x1_0000_0001),
        ("g", 0x1_ffff_fffe),
        ("c", MAX - 2),
        ("b", MAX - 1),
        ("a", MAX),
    ];
    assert_eq!(groups, wanted.map(|(name, sum)| (some(name), sum)), "Q7: ordered by the sums that are answered");
    Ok(())
}

pub async fn q7_groups_are_ordered_by_exact_sums_of_decimals(db: Database) -> Proof {
    let values =
        [("a", "99999999999999.9999", 12), ("b", "99999999999999.9999", 11), ("c", "0.0001", 1), ("d", "-1", 1)];
    let rows: Vec<_> = values.iter().flat_map(|&(name, price, times)| vec![(name, price); times]).collect();
    let rows = maybe_rows(&db, rows, |row, (name, price)| {
        row.name = Set(Some(name.into()));
        row.price = Set(price.parse().ok());
    })
    .await?;
    let groups: Vec<(Option<String>, Decimal)> =
        rows.group(all(), by(col(maybe::COLUMN.name)).sum(col(maybe::COLUMN.price)).desc()).await?;
    let groups: Vec<_> = groups.into_iter().map(|(name, sum)| (name.unwrap_or_default(), sum.to_string())).collect();
    let wanted = [("a", "1199999999999999.9988"), ("b", "1099999999999999.9989"), ("c", "0.0001"), ("d", "-1.0000")];
    assert_eq!(groups, wanted.map(|(name, sum)| (name.to_owned(), sum.to_owned())), "Q7: by value, beyond 18 digits");
    Ok(())
}

pub async fn q7_groups_are_cut_after_they_are_ordered(db: Database) -> Proof {
    let rows = named(&db, &[(Some("a"), 1), (Some("b"), 2), (Some("c"), 3), (Some("d"), 4), (Some("d"), 5)]).await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    let names = async |groups| -> Result<String> {
        let groups: Vec<(Option<String>, i64)> = rows.group(all(), groups).await?;
        Ok(groups.into_iter().filter_map(|(name, _)| name).collect())
    };
    let sums = || by(name).sum(big).desc();
    assert_eq!(names(sums().limit(2)).await?, "dc", "Q7: the first of the order");
    assert_eq!(names(sums().limit(2).offset(1)).await?, "cb", "Q7: after the first");
    assert_eq!(names(sums().offset(3)).await?, "a", "Q7: the rest");
    assert_eq!(names(sums().limit(0)).await?, "", "Q7: none");
    assert_eq!(names(sums().offset(9)).await?, "", "Q7: beyond the end");
    assert_eq!(names(by(name).sum(big).limit(1)).await?, "a", "Q7: without an order by the group's columns");
    Ok(())
}

pub async fn q7_groups_of_text_are_by_code_point(db: Database) -> Proof {
    let texts = ["a", "A", "á", "a ", "a", "😀", "\u{ffff}"];
    let rows = maybe_rows(&db, texts, |row, text| {
        row.name = Set(Some(text.into()));
        row.prose = Set(Some(text.into()));
    })
    .await?;
    let wanted = [("A", 1), ("a", 2), ("a ", 1), ("á", 1), ("\u{ffff}", 1), ("😀", 1)];
    let wanted = wanted.map(|(text, count)| (text.to_owned(), count));
    let groups: Vec<(String, i64)> = rows.group(all(), by(col(maybe::COLUMN.name)).count()).await?;
    assert_eq!(groups, wanted, "Q7: case, accents and spaces make groups");
    let groups: Vec<(String, i64)> = rows.group(all(), by(col(maybe::COLUMN.prose)).count()).await?;
    assert_eq!(groups, wanted, "Q7: and so in long text");
    Ok(())
}

pub async fn q7_every_type_but_json_makes_groups(db: Database) -> Proof {
    let at = |millis| sure(DateTimeUtc::from_timestamp_millis(millis));
    let rows = maybe_rows(&db, [1_u8, 0, 1], |row, value| {
        row.flag = Set(Some(value > 0));
        row.octet = Set(Some(value));
        row.size = Set(Some(value.into()));
        row.score = Set(Some(f64::from(value) / 2.0));
        row.price = Set(Some(Decimal::new(value.into(), u32::from(value))));
        row.data = Set(Some(vec![value]));
        row.token = Set(Some(Uuid::from_u128(u128::MAX * u128::from(value))));
        row.at = Set(Some(at(value.into())));
        row.zoned = Set(Some(at(value.into()).into()));
        row.local = Set(Some(at(value.into()).naive_utc()));
        row.day = Set(Some(at(i64::from(value) * 86_400_000).date_naive()));
        row.clock = Set(Some(at(value.into()).time()));
        row.shape = Set(Some(if value > 0 { Shape::Round } else { Shape::RightAngled }));
        row.mood = Set(Some(if value > 0 { Mood::Glad } else { Mood::DontKnow }));
    })
    .await?;
    let (one, zero) = (sure(rows.get(0).await?), sure(rows.get(1).await?));
    macro_rules! groups {
        ($($field:ident)*) => { $(
            let groups = rows.group(all(), by(col(maybe::COLUMN.$field)).count()).await?;
            let wanted = [(zero.$field.clone(), 1_i64), (one.$field.clone(), 2)];
            assert_eq!(groups, wanted, "Q7: groups by {}", stringify!($field));
        )* };
    }
    groups! { flag octet size score price data token at zoned local day clock shape mood }
    Ok(())
}

pub async fn q7_groups_that_cannot_be_are_refused(db: Database) -> Proof {
    use maybe::COLUMN as C;
    let rows = named(&db, &[(Some("a"), 1)]).await?;
    let (name, big, score) = (col(C.name), col(C.big), col(C.score));
    let json = rows.group::<Option<Json>, i64, _, _>(all(), by(col(maybe::Column::Extra)).count()).await;
    refused_at(json, ErrorKind::InvalidQuery, "maybe", "extra", "Q7: JSON makes no groups");
    let twice = rows.group::<(String, String), i64, _, _>(all(), by(name).and(name).count()).await;
    refused_at(twice, ErrorKind::InvalidQuery, "maybe", "name", "Q7: a column is grouped once");
    let average = rows.group::<String, f64, _, _>(all(), by(name).average(big).asc()).await;
    refused_at(average, ErrorKind::InvalidQuery, "maybe", "big", "Q7: an average is rounded after the server");
    let floats = rows.group::<String, Option<f64>, _, _>(all(), by(name).sum(score).desc()).await;
    refused_at(floats, ErrorKind::InvalidQuery, "maybe", "score", "Q7: a sum of floats depends on the server");
    let window = rows.group::<String, i64, _, _>(all().limit(1), by(name).count()).await;
    let error = refused(window, ErrorKind::InvalidQuery, "Q7: groups have their own limit");
    assert_eq!(error.entity_name(), Some("maybe"), "Q7: the error names the entity: {error}");
    Ok(())
}

pub async fn q7_a_group_is_read_as_what_it_is(db: Database) -> Proof {
    let rows = named(&db, &[(Some("a"), 1), (None, 2)]).await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    let other = rows.group::<i64, i64, _, _>(all(), by(name).count()).await;
    refused_at(other, ErrorKind::InvalidQuery, "maybe", "name", "Q7: a text is no number");
    let other = rows.group::<Option<String>, f64, _, _>(all(), by(name).sum(big)).await;
    refused_at(other, ErrorKind::InvalidQuery, "maybe", "big", "Q7: a sum of whole numbers is no float");
    let fewer = rows.group::<Option<String>, i64, _, _>(all(), by(name).count().sum(big)).await;
    refused(fewer, ErrorKind::InvalidQuery, "Q7: as many values as were asked for");
    let null = rows.group::<String, i64, _, _>(all(), by(name).count()).await;
    refused_at(null, ErrorKind::CorruptData, "maybe", "name", "Q7: a null wants an Option");
    let there: Vec<(String, i64)> = rows.group(name.is_not_null(), by(name).count()).await?;
    assert_eq!(there, [("a".to_owned(), 1)], "Q7: where the filter leaves nulls out, none is wanted");
    Ok(())
}

pub async fn q7_no_rows_make_no_groups(db: Database) -> Proof {
    let rows = named(&db, &[(Some("a"), 1)]).await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    for filter in [big.gt(1), big.is_in([0_i64; 0])] {
        let groups: Vec<(Option<String>, i64)> = rows.group(filter, by(name).count()).await?;
        assert_eq!(groups, [], "Q7: no row, no group");
    }
    Ok(())
}

pub async fn q7_the_least_of_a_group_is_a_value_where_nulls_pass_the_filter(db: Database) -> Proof {
    // The unique key is an index by which a server may look for the least.
    let rows = table::<ledger::Entity>(&db).await?;
    let all = [("a", Some(1)), ("a", Some(2)), ("a", None), ("b", Some(2)), ("b", Some(3)), ("c", None)];
    rows.insert_many((1..).zip(all).map(|(id, (book, page))| ledger::row(id, book, page))).await?;
    let (book, page) = (col(ledger::COLUMN.book), col(ledger::COLUMN.page));
    let wanted = [("a", Some(2)), ("b", Some(2)), ("c", None)].map(|(book, page)| (book.to_owned(), page));
    for condition in [page.is_distinct_from(1), page.is_null() | page.ne(1)] {
        let groups: Vec<(String, Option<i32>)> = rows.group(condition, by(book).min(page)).await?;
        assert_eq!(groups, wanted, "Q7: null is the least where there is nothing else");
    }
    Ok(())
}

pub async fn q7_groups_need_no_figures(db: Database) -> Proof {
    let rows = named(&db, &[(Some("b"), 1), (None, 2), (Some("b"), 3), (Some("a"), 3)]).await?;
    let groups: Vec<(Option<String>, ())> = rows.group(all(), by(col(maybe::COLUMN.name))).await?;
    assert_eq!(groups, [(None, ()), (some("a"), ()), (some("b"), ())], "Q7: the different values, in their order");
    Ok(())
}

pub async fn q7_a_sum_of_a_group_out_of_range_is_refused(db: Database) -> Proof {
    let rows = named(&db, &[(Some("a"), 1), (Some("b"), i64::MAX), (Some("b"), 1)]).await?;
    let (name, big) = (col(maybe::COLUMN.name), col(maybe::COLUMN.big));
    let sums = rows.group::<String, i64, _, _>(all(), by(name).sum(big)).await;
    refused_at(sums, ErrorKind::InvalidValue, "maybe", "big", "Q7: one group beyond 64 bits");
    Ok(())
}
