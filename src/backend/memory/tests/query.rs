//! Null logic, text, orders and limits.

use super::{
    place, refused,
    sample::{self, ActiveModel as Sample, Column},
};
use crate::{
    prelude::*,
    repository::{Filter, Query},
};
use sea_orm::prelude::{Decimal, Uuid};
use std::sync::Arc;

type Samples = Arc<dyn Repository<sample::Entity>>;

async fn samples(rows: impl IntoIterator<Item = Sample> + Send) -> Samples {
    let samples = super::database().await.repository::<sample::Entity>();
    samples.insert_many(rows.into_iter().collect::<Vec<_>>()).await.expect("samples");
    samples
}

async fn texts(texts: &[Option<&str>]) -> Samples {
    samples(
        texts
            .iter()
            .map(|text| Sample { text: Set(text.map(ToOwned::to_owned)), ..Default::default() })
            .collect::<Vec<_>>(),
    )
    .await
}

async fn smalls(values: &[Option<i16>]) -> Samples {
    samples(values.iter().map(|small| Sample { small: Set(*small), ..Default::default() }).collect::<Vec<_>>()).await
}

/// The ids of what matches, by id.
async fn ids(samples: &Samples, filter: Filter<sample::Entity>) -> Vec<i64> {
    ordered(samples, filter.order_by(col(Column::Id).asc())).await
}

/// The ids in the query's order.
async fn ordered(samples: &Samples, query: Query<sample::Entity>) -> Vec<i64> {
    samples.find(query).await.expect("samples").into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn comparisons_never_match_null() {
    let rows = smalls(&[Some(1), None, Some(2)]).await;
    let small = col(Column::Small);
    assert_eq!(ids(&rows, small.eq(1)).await, [1]);
    assert_eq!(ids(&rows, small.ne(1)).await, [3]);
    assert_eq!(ids(&rows, small.lt(2)).await, [1]);
    assert_eq!(ids(&rows, small.lte(2)).await, [1, 3]);
    assert_eq!(ids(&rows, small.gt(1)).await, [3]);
    assert_eq!(ids(&rows, small.gte(1)).await, [1, 3]);
    assert_eq!(ids(&rows, small.between(1, 2)).await, [1, 3]);
    assert_eq!(ids(&rows, small.is_in([1, 5])).await, [1]);
    assert_eq!(ids(&rows, small.is_not_in([1, 5])).await, [3]);
    assert_eq!(ids(&rows, small.is_not_in(Vec::<i16>::new())).await, [1, 3]);
}

#[tokio::test]
async fn a_negation_matches_where_it_is_false_never_where_it_is_unknown() {
    let rows = smalls(&[Some(1), None, Some(2)]).await;
    let (id, small) = (col(Column::Id), col(Column::Small));
    assert_eq!(ids(&rows, !small.eq(1)).await, [3]);
    assert_eq!(ids(&rows, !small.is_in([1])).await, [3]);
    assert_eq!(ids(&rows, !small.is_not_in([1])).await, [1]);
    assert_eq!(ids(&rows, !small.is_in(Vec::<i16>::new())).await, [1, 3]);
    assert_eq!(ids(&rows, !!small.eq(1)).await, [1]);
    // Unknown and false is false, unknown or true is true: their negations know.
    assert_eq!(ids(&rows, !(small.eq(1) & id.gt(10))).await, [1, 2, 3]);
    assert_eq!(ids(&rows, small.eq(1) | id.eq(2)).await, [1, 2]);
    assert_eq!(ids(&rows, !(small.eq(1) | id.eq(3))).await, Vec::<i64>::new());
}

#[tokio::test]
async fn null_is_asked_for_by_name() {
    let rows = smalls(&[Some(1), None, Some(2)]).await;
    let small = col(Column::Small);
    assert_eq!(ids(&rows, small.is_null()).await, [2]);
    assert_eq!(ids(&rows, small.is_not_null()).await, [1, 3]);
    assert_eq!(ids(&rows, small.is_distinct_from(1)).await, [2, 3]);
    assert_eq!(ids(&rows, !small.is_distinct_from(1)).await, [1]);
}

#[tokio::test]
async fn text_is_literal_and_by_case() {
    let rows = texts(&[Some("50% off_x"), Some("50 Off"), None, Some("")]).await;
    let text = col(Column::Text);
    assert_eq!(ids(&rows, text.contains("%")).await, [1]);
    assert_eq!(ids(&rows, text.contains("_")).await, [1]);
    assert_eq!(ids(&rows, text.contains("off")).await, [1]);
    assert_eq!(ids(&rows, text.starts_with("50 ")).await, [2]);
    assert_eq!(ids(&rows, text.ends_with("Off")).await, [2]);
    assert_eq!(ids(&rows, text.contains("")).await, [1, 2, 4]);
    assert_eq!(ids(&rows, !text.contains("off")).await, [2, 4]);
}

#[tokio::test]
async fn text_is_equal_and_ordered_by_code_point() {
    let rows = texts(&[Some("é"), Some("e"), Some("E"), Some("e "), Some("\u{10000}"), Some("\u{ffff}")]).await;
    let text = col(Column::Text);
    assert_eq!(ids(&rows, text.eq("e")).await, [2]);
    assert_eq!(ids(&rows, text.eq("e\u{301}")).await, Vec::<i64>::new());
    assert_eq!(ordered(&rows, all().order_by(text.asc())).await, [3, 2, 4, 1, 6, 5]);
}

#[tokio::test]
async fn every_kind_is_compared_by_its_value() {
    let uid = |n: u8| Uuid::from_bytes([n; 16]);
    let at = |millis: i64| chrono::DateTime::from_timestamp_millis(millis).expect("an instant");
    let day = |n: u32| chrono::NaiveDate::from_ymd_opt(2000, 1, n).expect("a day");
    let rows = samples([1_u8, 2].map(|n| Sample {
        big: Set(Some(i64::from(n) * 5_000_000_000)),
        count: Set(Some(u32::from(n) * 2_000_000_000)),
        flag: Set(Some(n == 2)),
        float: Set(Some(f64::from(n) / 2.0)),
        price: Set(Some(Decimal::new(i64::from(n) * 10, 1))),
        uid: Set(Some(uid(n * 100))),
        blob: Set(Some(vec![n * 100])),
        at: Set(Some(at(i64::from(n)))),
        day: Set(Some(day(n.into()))),
        ..Default::default()
    }))
    .await;
    for filter in [
        col(Column::Big).gt(5_000_000_000_i64),
        col(Column::Count).eq(4_000_000_000_u32),
        col(Column::Count).gt(2_000_000_000_i64),
        col(Column::Flag).gt(false),
        col(Column::Float).gte(1.0),
        // 2 and 2.00 are one value; 1.999 is not in the column and lies between two that could be.
        col(Column::Price).eq(Decimal::from(2)),
        col(Column::Price).gt(Decimal::new(1_999, 3)),
        col(Column::Uid).gt(uid(150)),
        col(Column::Blob).gt(vec![150_u8, 0]),
        col(Column::At).gt(at(1)),
        col(Column::Day).is_in([day(2), day(3)]),
    ] {
        let text = format!("{filter:?}");
        assert_eq!(ids(&rows, filter).await, [2], "{text}");
    }
    assert_eq!(ids(&rows, col(Column::Price).eq(Decimal::new(1_999, 3))).await, Vec::<i64>::new());
}

#[tokio::test]
async fn null_sorts_lowest_unless_asked_otherwise() {
    let rows = smalls(&[Some(1), None, Some(2)]).await;
    let small = col(Column::Small);
    assert_eq!(ordered(&rows, all().order_by(small.asc())).await, [2, 1, 3]);
    assert_eq!(ordered(&rows, all().order_by(small.desc())).await, [3, 1, 2]);
    assert_eq!(ordered(&rows, all().order_by(small.asc().nulls_last())).await, [1, 3, 2]);
    assert_eq!(ordered(&rows, all().order_by(small.desc().nulls_last())).await, [3, 1, 2]);
    assert_eq!(ordered(&rows, all().order_by(small.desc().nulls_first())).await, [2, 3, 1]);
    assert_eq!(ordered(&rows, all().order_by(small.asc().nulls_first())).await, [2, 1, 3]);
}

#[tokio::test]
async fn ties_are_broken_by_the_key_and_pages_join_up() {
    let rows = smalls(&[Some(1), Some(2), Some(1), Some(2), Some(1)]).await;
    let down = || all().order_by(col(Column::Small).desc());
    assert_eq!(ordered(&rows, down()).await, [2, 4, 1, 3, 5]);
    assert_eq!(ordered(&rows, down().limit(2)).await, [2, 4]);
    assert_eq!(ordered(&rows, down().limit(2).offset(2)).await, [1, 3]);
    assert_eq!(ordered(&rows, down().offset(4)).await, [5]);
    assert_eq!(ordered(&rows, down().offset(u64::MAX)).await, Vec::<i64>::new());
    assert_eq!(ordered(&rows, down().limit(0)).await, Vec::<i64>::new());
    assert_eq!(ordered(&rows, all().limit(u64::MAX).offset(3)).await, [4, 5]);
}

#[tokio::test]
async fn a_second_order_counts_within_the_first() {
    let rows = samples([(1, 1), (2, 1), (1, 2), (2, 2)].map(|(small, big)| Sample {
        small: Set(Some(small)),
        big: Set(Some(big)),
        ..Default::default()
    }))
    .await;
    let (small, big) = (col(Column::Small), col(Column::Big));
    assert_eq!(ordered(&rows, all().order_by(small.asc()).order_by(big.desc())).await, [3, 1, 4, 2]);
    assert_eq!(ordered(&rows, all().order_by(big.desc()).order_by(small.asc())).await, [3, 4, 1, 2]);
}

#[tokio::test]
async fn counts_and_existence_ignore_limit_and_offset() {
    let rows = smalls(&[Some(1), None, Some(2)]).await;
    assert_eq!(rows.count(all().limit(1).offset(2)).await.expect("a count"), 3);
    assert_eq!(rows.count(col(Column::Small).gt(0)).await.expect("a count"), 2);
    assert!(rows.exists(col(Column::Small).eq(2)).await.expect("an answer"));
    assert!(!rows.exists(col(Column::Small).eq(3)).await.expect("an answer"));
}

#[tokio::test]
async fn what_an_index_finds_is_what_a_scan_finds() {
    let places = super::database().await.repository::<place::Entity>();
    let holders = ["a", "b"];
    for seat in 0..40 {
        let holder = holders.get(usize::try_from(seat % 3).expect("small")).map(|&name| name.to_owned());
        let day = Some(i16::try_from(seat).expect("small"));
        places.insert(place::Model { line: seat % 4, seat, holder, day }).await.expect("a place");
    }
    let (line, seat) = (col(place::Column::Line), col(place::Column::Seat));
    let (holder, day) = (col(place::Column::Holder), col(place::Column::Day));
    let found = |filter: Filter<place::Entity>| {
        let places = &places;
        async move {
            places.find(filter.order_by(seat.asc())).await.expect("places").iter().map(|p| p.seat).collect::<Vec<_>>()
        }
    };
    assert_eq!(places.get((1, 5)).await.expect("an answer").map(|place| place.seat), Some(5));
    assert_eq!(places.get((2, 5)).await.expect("an answer"), None);
    assert_eq!(found(seat.eq(5) & line.eq(1) & holder.is_null()).await, [5]);
    assert_eq!(found(seat.eq(5) & line.eq(1) & holder.is_not_null()).await, Vec::<i32>::new());
    assert_eq!(found(day.eq(7) & holder.eq("b")).await, [7]);
    assert_eq!(found(seat.is_in([9, 1, 9]) & line.eq(1)).await, [1, 9]);
    assert_eq!(found(seat.eq(5) & seat.eq(6) & line.eq(1)).await, Vec::<i32>::new());
    assert_eq!(found(!(seat.eq(5) & line.eq(1)) & line.eq(1) & seat.lt(10)).await, [1, 9]);

    let rows = smalls(&[Some(1); 5]).await;
    assert_eq!(ids(&rows, col(Column::Id).is_in([4, 2, 4, 99])).await, [2, 4]);
    assert_eq!(ids(&rows, col(Column::Id).is_in([4, 2]) & col(Column::Id).is_in([4, 5])).await, [4]);
}

#[tokio::test]
async fn an_unknown_table_is_named() {
    let samples = Database::memory().repository::<sample::Entity>();
    let error = refused(samples.find(all()).await, ErrorKind::TableNotFound);
    assert_eq!(error.entity_name(), Some("sample"));
    refused(samples.insert(Sample::default()).await, ErrorKind::TableNotFound);
    refused(samples.count(all()).await, ErrorKind::TableNotFound);
    refused(samples.update_many(col(Column::Id).gt(0), [col(Column::Big).set(1)]).await, ErrorKind::TableNotFound);
    refused(samples.delete(1).await, ErrorKind::TableNotFound);
}
