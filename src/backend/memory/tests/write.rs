//! What writes return, keys, increments.

use super::{
    database, refused,
    sample::{self, ActiveModel as Sample, Column},
};
use crate::prelude::*;
use sea_orm::prelude::Decimal;
use std::{sync::Arc, time::Instant};

async fn samples() -> Arc<dyn Repository<sample::Entity>> {
    database().await.repository()
}

#[tokio::test]
async fn what_a_write_returns_is_what_a_read_returns() {
    let rows = samples().await;
    let at = chrono::DateTime::from_timestamp_nanos(1_234_567_891);
    let given = Sample {
        text: Set(Some("x".into())),
        price: Set(Some(Decimal::new(1_005, 3))),
        at: Set(Some(at)),
        data: Set(Some(serde_json::json!({ "b": 1.0, "a": [null] }))),
        ..Default::default()
    };
    let inserted = rows.insert(given).await.expect("a row");
    assert_eq!(rows.get(inserted.id).await.expect("an answer").as_ref(), Some(&inserted));
    assert_eq!(inserted.at.map(|at| at.timestamp_subsec_nanos()), Some(234_000_000));
    let updated =
        rows.update(Sample { id: Set(inserted.id), float: Set(Some(0.5)), ..Default::default() }).await.expect("a row");
    assert_eq!(updated, sample::Model { float: Some(0.5), ..inserted });
    assert_eq!(rows.get(updated.id).await.expect("an answer"), Some(updated));
}

#[tokio::test]
async fn integer_keys_increase_and_are_never_reused() {
    let rows = samples().await;
    let insert = |id: Option<i64>| {
        let rows = &rows;
        let row = Sample { id: id.map_or(sea_orm::NotSet, Set), ..Default::default() };
        async move { rows.insert(row).await.map(|row| row.id) }
    };
    assert_eq!(insert(None).await.expect("a row"), 1);
    assert_eq!(insert(None).await.expect("a row"), 2);
    assert!(rows.delete(2).await.expect("an answer"));
    assert_eq!(insert(None).await.expect("a row"), 3);
    assert_eq!(insert(Some(10)).await.expect("a row"), 10);
    assert_eq!(insert(None).await.expect("a row"), 11);
    assert_eq!(insert(Some(-5)).await.expect("a row"), -5);
    assert_eq!(insert(None).await.expect("a row"), 12);
    rows.delete_where(crate::all(), crate::repository::Deletion::ByRule).await.expect("deleted");
    assert_eq!(insert(None).await.expect("a row"), 13);
    assert_eq!(insert(Some(i64::MAX)).await.expect("a row"), i64::MAX);
    let error = refused(insert(None).await, ErrorKind::InvalidValue);
    assert_eq!(error.fields(), ["id"]);
}

#[tokio::test]
async fn a_batch_keeps_its_order_and_each_row_its_defaults() {
    let rows = samples().await;
    let batch = [
        Sample { id: Set(7), ..Default::default() },
        Sample { small: Set(Some(1)), ..Default::default() },
        Sample { id: Set(3), ..Default::default() },
    ];
    let inserted = rows.insert_many(batch).await.expect("rows");
    assert_eq!(inserted.iter().map(|row| row.id).collect::<Vec<_>>(), [7, 8, 3]);
}

#[tokio::test]
async fn increments_are_exact_and_leave_null_alone() {
    let rows = samples().await;
    let row = Sample {
        small: Set(Some(1)),
        count: Set(Some(5)),
        float: Set(Some(0.5)),
        price: Set(Some(Decimal::new(10, 2))),
        ..Default::default()
    };
    rows.insert_many([row, Sample::default()]).await.expect("rows");
    let changes = [
        col(Column::Small).increment(-3),
        col(Column::Count).increment(-5),
        col(Column::Float).increment(0.25),
        col(Column::Price).increment(Decimal::new(20, 2)),
        col(Column::Flag).set(true),
    ];
    assert_eq!(rows.update_where(crate::all(), changes.into()).await.expect("updated"), 2);
    let found = rows.find(all().order_by(col(Column::Id).asc())).await.expect("rows");
    assert_eq!((found[0].small, found[0].count, found[0].float), (Some(-2), Some(0), Some(0.75)));
    assert_eq!(found[0].price, Some(Decimal::new(30, 2)));
    assert_eq!((found[1].small, found[1].count, found[1].float, found[1].price), (None, None, None, None));
    assert_eq!((found[0].flag, found[1].flag), (Some(true), Some(true)));
}

#[tokio::test]
async fn a_sum_out_of_range_is_refused_and_nothing_is_written() {
    let rows = samples().await;
    let row = Sample {
        small: Set(Some(i16::MAX - 1)),
        big: Set(Some(i64::MAX)),
        count: Set(Some(1)),
        float: Set(Some(f64::MAX)),
        price: Set(Some("9999.99".parse().expect("a decimal"))),
        ..Default::default()
    };
    let low = Sample { small: Set(Some(0)), ..Default::default() };
    let before = rows.insert_many([low, row]).await.expect("rows");
    for (change, field) in [
        (col(Column::Small).increment(2), "small"),
        (col(Column::Big).increment(1), "big"),
        (col(Column::Count).increment(-2), "count"),
        (col(Column::Float).increment(f64::MAX), "float"),
        (col(Column::Price).increment(Decimal::new(1, 2)), "price"),
    ] {
        let error = refused(rows.update_where(crate::all(), vec![change]).await, ErrorKind::InvalidValue);
        assert_eq!((error.entity_name(), error.fields()), (Some("sample"), [field.to_owned()].as_slice()));
    }
    assert_eq!(rows.find(all().order_by(col(Column::Id).asc())).await.expect("rows"), before);
}

#[tokio::test]
async fn affected_counts_rows_matched_changed_or_not() {
    let rows = samples().await;
    rows.insert_many([1, 2, 3].map(|n| Sample { small: Set(Some(n)), ..Default::default() })).await.expect("rows");
    let small = col(Column::Small);
    assert_eq!(rows.update_many(small.lte(2), [small.set(1)]).await.expect("updated"), 2);
    assert_eq!(rows.update_many(small.lte(2), [small.set(1)]).await.expect("updated"), 2);
    assert_eq!(rows.update_many(small.eq(9), [small.set(1)]).await.expect("updated"), 0);
    assert_eq!(rows.delete_many(small.eq(1)).await.expect("deleted"), 2);
    assert_eq!(rows.delete_where(crate::all(), crate::repository::Deletion::ByRule).await.expect("deleted"), 1);
    assert!(!rows.delete(1).await.expect("an answer"));
}

#[tokio::test]
async fn an_update_of_a_missing_row_is_not_found() {
    let rows = samples().await;
    let missing = Sample { id: Set(1), small: Set(Some(1)), ..Default::default() };
    refused(rows.update(missing).await, ErrorKind::NotFound);
}

/// Ten thousand statements, each of them a lookup by key or an insert into a table with a unique index: far from quadratic.
#[tokio::test]
async fn ten_thousand_inserts_one_by_one_take_no_time() {
    use super::author;
    let authors = database().await.repository::<author::Entity>();
    let started = Instant::now();
    for n in 0..10_000 {
        let row = author::ActiveModel { code: Set(format!("{:05}", n * 7919 % 10_000)), ..Default::default() };
        authors.insert(row).await.expect("an author");
    }
    for id in 1..=10_000 {
        assert!(authors.get(id).await.expect("an answer").is_some());
    }
    let took = started.elapsed();
    assert!(took.as_secs() < 10, "{took:?}");
}
