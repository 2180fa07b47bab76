//! Ranges of keys and indexes say what a scan of all rows says.

use crate::{
    Result,
    prelude::*,
    repository::{Filter, IntoQuery, Query},
};
use std::{
    cmp::Ordering,
    sync::Arc,
    time::{Duration, Instant},
};

mod mark {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mark")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub part: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        #[sea_orm(indexed)]
        pub grade: i32,
        #[sea_orm(indexed)]
        pub maybe: Option<i32>,
        #[sea_orm(unique_key = "pair")]
        pub left: i32,
        #[sea_orm(unique_key = "pair")]
        pub right: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use mark::{COLUMN, Entity as Mark, Model};

fn model(n: i32) -> Model {
    let shuffled = n * 7 % 60;
    Model {
        part: i16::try_from(shuffled % 4).expect("small"),
        code: format!("c{:02}", shuffled / 4),
        grade: n % 5,
        maybe: (n % 3 != 0).then_some(n % 7),
        left: n % 6,
        right: i64::from(n),
    }
}

async fn marks(db: &Database) -> Result<Arc<dyn Repository<Mark>>> {
    db.create_tables(&crate::entities![mark]).await?;
    let marks = db.repository::<Mark>();
    marks.insert_many((0..60).map(model)).await?;
    Ok(marks)
}

type Asked = fn(Query<Mark>) -> Query<Mark>;
type By = fn(&Model, &Model) -> Ordering;

fn key(a: &Model, b: &Model) -> Ordering {
    (a.part, &a.code).cmp(&(b.part, &b.code))
}

/// Orders, and what they mean.
fn orders() -> Vec<(Asked, By)> {
    vec![
        (|q| q.order_by(col(COLUMN.part).asc()), key),
        (|q| q.order_by(col(COLUMN.part).asc()).order_by(col(COLUMN.code).asc()), key),
        (|q| q.order_by(col(COLUMN.part).desc()).order_by(col(COLUMN.code).desc()), |a, b| key(b, a)),
        (|q| q.order_by(col(COLUMN.part).desc()), |a, b| b.part.cmp(&a.part).then(a.code.cmp(&b.code))),
        (|q| q.order_by(col(COLUMN.grade).asc()), |a, b| a.grade.cmp(&b.grade).then(key(a, b))),
        (|q| q.order_by(col(COLUMN.grade).desc()), |a, b| b.grade.cmp(&a.grade).then(key(a, b))),
        (
            |q| {
                let q = q.order_by(col(COLUMN.grade).desc()).order_by(col(COLUMN.part).desc());
                q.order_by(col(COLUMN.code).desc())
            },
            |a, b| b.grade.cmp(&a.grade).then(key(b, a)),
        ),
        (
            |q| {
                let q = q.order_by(col(COLUMN.grade).asc()).order_by(col(COLUMN.part).desc());
                q.order_by(col(COLUMN.code).desc())
            },
            |a, b| a.grade.cmp(&b.grade).then(key(b, a)),
        ),
        // A row with a null is in no index.
        (|q| q.order_by(col(COLUMN.maybe).asc()), |a, b| a.maybe.cmp(&b.maybe).then(key(a, b))),
        (|q| q.order_by(col(COLUMN.maybe).desc()), |a, b| b.maybe.cmp(&a.maybe).then(key(a, b))),
        (
            |q| q.order_by(col(COLUMN.left).asc()).order_by(col(COLUMN.right).asc()),
            |a, b| (a.left, a.right).cmp(&(b.left, b.right)),
        ),
        (
            |q| q.order_by(col(COLUMN.left).desc()).order_by(col(COLUMN.right).asc()),
            |a, b| b.left.cmp(&a.left).then(a.right.cmp(&b.right)),
        ),
        (|q| q.order_by(col(COLUMN.left).asc()), |a, b| a.left.cmp(&b.left).then(key(a, b))),
    ]
}

type Holds = fn(&Model) -> bool;

/// Conditions, and what they mean.
fn conditions() -> Vec<(Option<Filter<Mark>>, Holds)> {
    let (part, code, grade) = (col(COLUMN.part), col(COLUMN.code), col(COLUMN.grade));
    let (maybe, left, right) = (col(COLUMN.maybe), col(COLUMN.left), col(COLUMN.right));
    vec![
        (None, |_| true),
        (Some(part.gt(1)), |m| m.part > 1),
        (Some(part.gte(1) & part.lt(3)), |m| (1..3).contains(&m.part)),
        (Some(part.lte(1) & part.lte(2)), |m| m.part <= 1),
        (Some(part.gt(2) & part.lt(1)), |_| false),
        (Some(part.eq(2)), |m| m.part == 2),
        (Some(part.eq(2) & code.eq("c03")), |m| m.part == 2 && m.code == "c03"),
        (Some(!part.lt(2)), |m| m.part >= 2),
        (Some(part.lt(2) | grade.eq(4)), |m| m.part < 2 || m.grade == 4),
        (Some(grade.between(1, 2)), |m| (1..=2).contains(&m.grade)),
        (Some(grade.gt(3)), |m| m.grade > 3),
        (Some(maybe.lt(2)), |m| m.maybe.is_some_and(|v| v < 2)),
        (Some(maybe.gte(6)), |m| m.maybe.is_some_and(|v| v >= 6)),
        (Some(maybe.is_null()), |m| m.maybe.is_none()),
        (Some(left.gt(4) & right.lt(50)), |m| m.left > 4 && m.right < 50),
        (Some(left.eq(4) & right.gt(20) & part.gt(0)), |m| m.left == 4 && m.right > 20 && m.part > 0),
    ]
}

#[tokio::test]
async fn every_order_of_every_condition_is_that_of_a_scan() {
    let db = Database::memory();
    let marks = marks(&db).await.expect("rows");
    for (number, (condition, holds)) in conditions().into_iter().enumerate() {
        let mut all: Vec<Model> = (0..60).map(model).filter(holds).collect();
        for (at, (order, by)) in orders().into_iter().enumerate() {
            all.sort_by(by);
            let query = || order(condition.clone().map_or_else(crate::all, IntoQuery::into_query));
            let what = format!("condition {number}, order {at}");
            assert_eq!(marks.find(query()).await.expect("rows"), all, "{what}");
            for (offset, limit) in [(0, 1), (0, 7), (3, 5), (0, 100), (59, 3), (0, 60)] {
                let found = marks.find(query().offset(offset).limit(limit)).await.expect("rows");
                let some = all.iter().skip(usize::try_from(offset).expect("small"));
                let some: Vec<_> = some.take(usize::try_from(limit).expect("small")).cloned().collect();
                assert_eq!(found, some, "{what}, {limit} from {offset}");
            }
        }
        let query = || condition.clone().map_or_else(crate::all, IntoQuery::into_query);
        let mut found = marks.find(query()).await.expect("rows");
        found.sort_by(key);
        all.sort_by(key);
        assert_eq!(found, all, "condition {number}, no order");
        assert_eq!(marks.count(query()).await.expect("a count"), all.len() as u64, "condition {number}, counted");
        assert_eq!(marks.exists(query()).await.expect("an answer"), !all.is_empty(), "condition {number}, there");
    }
}

#[tokio::test]
async fn a_page_deep_in_many_rows_looks_at_few() {
    const ROWS: i32 = 40_000;
    let db = Database::memory();
    db.create_tables(&crate::entities![mark]).await.expect("a table");
    let marks = db.repository::<Mark>();
    let wide = |n: i32| Model { part: 0, code: format!("c{n:06}"), left: n, ..model(n) };
    marks.insert_many((0..ROWS).map(wide)).await.expect("rows");
    let once = Instant::now();
    assert_eq!(marks.find(col(COLUMN.right).lt(0).order_by(col(COLUMN.maybe).asc())).await.expect("a scan").len(), 0);
    let scan = once.elapsed();
    // The quickest of a few: a machine may pause.
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let pages = Instant::now();
        for n in 0..20 {
            let after =
                col(COLUMN.left).gt(ROWS / 2 + n).order_by(col(COLUMN.left).asc()).order_by(col(COLUMN.right).asc());
            let found = marks.find(after.limit(2)).await.expect("a page");
            assert_eq!(found.first().map(|row| row.left), Some(ROWS / 2 + n + 1));
        }
        quickest = quickest.min(pages.elapsed());
    }
    assert!(quickest < scan * 5, "20 pages took {quickest:?}, one scan {scan:?}");
}
