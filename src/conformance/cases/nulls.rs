//! Laws Q1, Q2: null is unknown in conditions, and lowest in orders.

use super::{ids, in_order, maybe_rows};
use crate::{
    Database, ErrorKind, all,
    backend::{Comparison, Filter as Erased, Operation, Select},
    col,
    conformance::{
        check::{Proof, Rows, refused, refused_at},
        entities::maybe,
    },
    repository::Filter,
};
use maybe::Column as C;
use sea_orm::{Set, Value};

type Condition = Filter<maybe::Entity>;
/// What a condition on two truth values is.
type Truth = fn(Option<bool>, Option<bool>) -> Option<bool>;

/// Row 0 is null, rows 1 to 5 hold -2 to 2.
async fn numbers(db: &Database) -> crate::Result<Rows<maybe::Entity>> {
    let values = [None, Some(-2), Some(-1), Some(0), Some(1), Some(2)];
    maybe_rows(db, values, |row, value| row.big = Set(value)).await
}

pub async fn q1_no_comparison_matches_null(db: Database) -> Proof {
    let rows = numbers(&db).await?;
    let big = col(maybe::COLUMN.big);
    let cases: [(Condition, &[i32]); 11] = [
        (big.eq(0), &[3]),
        (big.ne(0), &[1, 2, 4, 5]),
        (big.lt(0), &[1, 2]),
        (big.lte(0), &[1, 2, 3]),
        (big.gt(0), &[4, 5]),
        (big.gte(0), &[3, 4, 5]),
        (big.between(-1, 1), &[2, 3, 4]),
        (big.is_in([0, 2, 9]), &[3, 5]),
        (big.is_not_in([0, 2, 9]), &[1, 2, 4]),
        (big.is_null(), &[0]),
        (big.is_not_null(), &[1, 2, 3, 4, 5]),
    ];
    for (filter, expected) in cases {
        assert_eq!(ids(&rows, filter.clone()).await?, expected, "Q1: {filter:?}");
    }
    Ok(())
}

pub async fn q1_not_matches_where_it_is_false_and_never_where_it_is_unknown(db: Database) -> Proof {
    let rows = numbers(&db).await?;
    let big = col(maybe::COLUMN.big);
    let cases: [(Condition, &[i32]); 11] = [
        (!big.eq(0), &[1, 2, 4, 5]),
        (!big.ne(0), &[3]),
        (!big.lt(0), &[3, 4, 5]),
        (!big.lte(0), &[4, 5]),
        (!big.gt(0), &[1, 2, 3]),
        (!big.gte(0), &[1, 2]),
        (!big.between(-1, 1), &[1, 5]),
        (!big.is_in([0, 2]), &[1, 2, 4]),
        (!big.is_not_in([0, 2]), &[3, 5]),
        (!big.is_null(), &[1, 2, 3, 4, 5]),
        (!!big.eq(0), &[3]),
    ];
    for (filter, expected) in cases {
        assert_eq!(ids(&rows, filter.clone()).await?, expected, "Q1: {filter:?}");
    }
    Ok(())
}

pub async fn q1_is_distinct_from_takes_null_for_a_value(db: Database) -> Proof {
    let rows = numbers(&db).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(ids(&rows, big.is_distinct_from(0)).await?, [0, 1, 2, 4, 5], "Q1: null is distinct from a value");
    assert_eq!(ids(&rows, !big.is_distinct_from(0)).await?, [3], "Q1: and never unknown");
    Ok(())
}

pub async fn q1_distinct_from_null_is_not_null(db: Database) -> Proof {
    let rows = numbers(&db).await?;
    let table = crate::repository::EntityInfo::of::<maybe::Entity>().table()?;
    for (negated, count) in [(false, 5), (true, 1)] {
        let distinct = Erased::DistinctFrom("big".into(), Value::BigInt(None));
        let filter = if negated { Erased::Not(Box::new(distinct)) } else { distinct };
        let select = Select { filter: Some(filter), ..Select::all(table.clone()) };
        let outcome = db.backend().run(&crate::Context::current(), Operation::Select(select)).await?;
        assert_eq!(outcome.len(), count, "Q1: null is not distinct from null, negated: {negated}");
    }
    drop(rows);
    Ok(())
}

pub async fn q1_null_in_a_comparison_is_refused(db: Database) -> Proof {
    numbers(&db).await?;
    let table = crate::repository::EntityInfo::of::<maybe::Entity>().table()?;
    for filter in [
        Erased::Compare("big".into(), Comparison::Eq, Value::BigInt(None)),
        Erased::Compare("big".into(), Comparison::Ne, Value::String(None)),
        Erased::In("big".into(), vec![Value::from(1_i64), Value::BigInt(None)]),
        Erased::NotIn("big".into(), vec![Value::BigInt(None)]),
        Erased::Between("big".into(), Value::BigInt(None), Value::from(1_i64)),
    ] {
        let select = Select { filter: Some(filter), ..Select::all(table.clone()) };
        let answer = db.backend().run(&crate::Context::current(), Operation::Select(select)).await;
        refused_at(answer, ErrorKind::InvalidQuery, "maybe", "big", "Q1: null equals nothing, so it is not asked for");
    }
    Ok(())
}

pub async fn q1_an_empty_list_is_unknown_for_null(db: Database) -> Proof {
    let rows = numbers(&db).await?;
    let big = col(maybe::COLUMN.big);
    let none: [i64; 0] = [];
    assert_eq!(ids(&rows, big.is_in(none)).await?, [0; 0], "Q1, Q6: in nothing is nobody");
    assert_eq!(ids(&rows, !big.is_in(none)).await?, [1, 2, 3, 4, 5], "Q1: not in nothing is every value, not null");
    assert_eq!(ids(&rows, big.is_not_in(none)).await?, [1, 2, 3, 4, 5], "Q1: not in nothing is every value, not null");
    assert_eq!(ids(&rows, !big.is_not_in(none)).await?, [0; 0], "Q1: its negation is nobody");
    assert_eq!(ids(&rows, big.is_in(none) | big.eq(1)).await?, [4], "Q1: beside another condition");
    assert_eq!(ids(&rows, big.is_not_in(none) & big.lt(0)).await?, [1, 2], "Q1: beside another condition");
    Ok(())
}

pub async fn q1_what_is_true_false_and_unknown_is_every_row(db: Database) -> Proof {
    let rows = numbers(&db).await?;
    let big = col(maybe::COLUMN.big);
    let total = rows.count(all()).await?;
    let none: [i64; 0] = [];
    let predicates = [
        big.eq(1),
        big.ne(1),
        big.lt(1),
        big.gte(1),
        big.between(0, 1),
        big.between(1, 0),
        big.is_in([1, 2]),
        big.is_in(none),
        big.is_not_in([1, 2]),
        big.is_not_in(none),
        big.gt(i64::MAX),
        !big.eq(1),
        big.lt(0) | big.gt(0),
        big.gt(-2) & big.lt(2),
        !(big.gt(-2) & !big.lt(2)),
    ];
    for p in predicates {
        let (yes, no) = (rows.count(p.clone()).await?, rows.count(!p.clone()).await?);
        assert_eq!(yes + no + 1, total, "Q1: true, false and the one unknown row are all rows: {p:?}");
    }
    for p in [big.is_null(), big.is_not_null(), big.is_distinct_from(1), big.is_null() | big.eq(1)] {
        let (yes, no) = (rows.count(p.clone()).await?, rows.count(!p.clone()).await?);
        let unknown = total - yes - no;
        assert_eq!(unknown, 0, "Q1: these are never unknown here: {p:?}");
    }
    Ok(())
}

fn not(x: Option<bool>) -> Option<bool> {
    x.map(|x| !x)
}

fn and(x: Option<bool>, y: Option<bool>) -> Option<bool> {
    match (x, y) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(x: Option<bool>, y: Option<bool>) -> Option<bool> {
    not(and(not(x), not(y)))
}

pub async fn q1_and_or_not_are_three_valued(db: Database) -> Proof {
    // Every pair of true, false, unknown in two columns; a comparison with 1 gives the truth value.
    let truths = [Some(true), Some(false), None];
    let pairs: Vec<_> = truths.iter().flat_map(|a| truths.iter().map(move |b| (*a, *b))).collect();
    let rows = maybe_rows(&db, pairs.clone(), |row, (a, b)| {
        (row.whole, row.big) = (Set(a.map(i32::from)), Set(b.map(i64::from)));
    })
    .await?;
    let (a, b) = (|| col(maybe::COLUMN.whole).eq(1), || col(maybe::COLUMN.big).eq(1));
    let cases: [(Condition, Truth); 9] = [
        (a() & b(), and),
        (a() | b(), or),
        (!(a() & b()), |x, y| not(and(x, y))),
        (!(a() | b()), |x, y| not(or(x, y))),
        (!a() & b(), |x, y| and(not(x), y)),
        (a() | !b(), |x, y| or(x, not(y))),
        (!(!a() | !b()), and),
        ((a() & b()) | (!a() & !b()), |x, y| or(and(x, y), and(not(x), not(y)))),
        (!((a() | b()) & !(a() & b())), |x, y| not(and(or(x, y), not(and(x, y))))),
    ];
    for (filter, truth) in cases {
        let expected: Vec<i32> =
            (0..).zip(&pairs).filter(|(_, (x, y))| truth(*x, *y) == Some(true)).map(|(id, _)| id).collect();
        assert_eq!(ids(&rows, filter.clone()).await?, expected, "Q1: {filter:?}");
    }
    Ok(())
}

pub async fn q1_null_is_unknown_in_every_type(db: Database) -> Proof {
    let rows = maybe_rows(&db, [()], |_, ()| {}).await?;
    let now = db.now();
    let conditions = [
        col(maybe::COLUMN.flag).ne(true),
        col(maybe::COLUMN.tiny).ne(1_i8),
        col(maybe::COLUMN.count).ne(1_u32),
        col(maybe::COLUMN.score).ne(1.0),
        col(maybe::COLUMN.price).ne(1),
        col(maybe::COLUMN.name).ne("a"),
        col(maybe::COLUMN.prose).starts_with(""),
        col(maybe::COLUMN.data).ne(vec![1_u8]),
        col(maybe::COLUMN.token).ne(sea_orm::prelude::Uuid::nil()),
        col(maybe::COLUMN.at).lt(now),
        col(maybe::COLUMN.local).lt(now.naive_utc()),
        col(maybe::COLUMN.day).lt(now.date_naive()),
        col(maybe::COLUMN.clock).lt(now.time()),
        col(maybe::COLUMN.mood).ne("glad"),
    ];
    for p in conditions {
        assert!(!rows.exists(p.clone()).await?, "Q1: null is unknown: {p:?}");
        assert!(!rows.exists(!p.clone()).await?, "Q1: and so is the negation: {p:?}");
    }
    Ok(())
}

pub async fn q2_null_sorts_lowest(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Some(1), None, Some(-1), None], |row, value| row.big = Set(value)).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(in_order(&rows, big.asc()).await?, [1, 3, 2, 0], "Q2: null first ascending");
    assert_eq!(in_order(&rows, big.desc()).await?, [0, 2, 1, 3], "Q2: null last descending");
    Ok(())
}

pub async fn q2_nulls_stand_where_they_are_asked_to(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Some(1), None, Some(-1), None], |row, value| row.big = Set(value)).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(in_order(&rows, big.asc().nulls_first()).await?, [1, 3, 2, 0], "Q2: ascending, nulls first");
    assert_eq!(in_order(&rows, big.asc().nulls_last()).await?, [2, 0, 1, 3], "Q2: ascending, nulls last");
    assert_eq!(in_order(&rows, big.desc().nulls_first()).await?, [1, 3, 0, 2], "Q2: descending, nulls first");
    assert_eq!(in_order(&rows, big.desc().nulls_last()).await?, [0, 2, 1, 3], "Q2: descending, nulls last");
    Ok(())
}

pub async fn q2_null_sorts_lowest_in_every_type(db: Database) -> Proof {
    use crate::conformance::entities::{Mood, Shape, everything};
    let rows = maybe_rows(&db, [false, true], |row, full| {
        if full {
            let value = everything::row();
            (row.flag, row.tiny, row.small) = (Set(Some(false)), Set(Some(i8::MIN)), Set(Some(i16::MIN)));
            (row.count, row.size, row.score) = (Set(Some(0)), Set(Some(0)), Set(Some(f64::MIN)));
            (row.price, row.name, row.prose) =
                (Set(Some((-1).into())), Set(Some(String::new())), Set(Some(String::new())));
            (row.data, row.token) = (Set(Some(Vec::new())), Set(Some(sea_orm::prelude::Uuid::nil())));
            (row.at, row.local) = (Set(Some(value.at)), Set(Some(value.local)));
            (row.day, row.clock) = (Set(Some(value.day)), Set(Some(chrono::NaiveTime::MIN)));
            (row.shape, row.mood) = (Set(Some(Shape::Round)), Set(Some(Mood::Glad)));
        }
    })
    .await?;
    for column in [
        C::Flag,
        C::Tiny,
        C::Small,
        C::Count,
        C::Size,
        C::Score,
        C::Price,
        C::Name,
        C::Prose,
        C::Data,
        C::Token,
        C::At,
        C::Local,
        C::Day,
        C::Clock,
        C::Shape,
        C::Mood,
    ] {
        assert_eq!(in_order(&rows, col(column).asc()).await?, [0, 1], "Q2: null is below the least {column:?}");
        assert_eq!(in_order(&rows, col(column).desc()).await?, [1, 0], "Q2: and last descending {column:?}");
        assert_eq!(
            in_order(&rows, col(column).asc().nulls_last()).await?,
            [1, 0],
            "Q2: and last when asked {column:?}"
        );
    }
    Ok(())
}

pub async fn q2_null_order_holds_in_orders_of_several_columns(db: Database) -> Proof {
    let values = [
        (None, Some("b")),
        (Some(1), None),
        (None, None),
        (Some(1), Some("a")),
        (Some(0), Some("a")),
        (None, Some("a")),
    ];
    let rows = maybe_rows(&db, values, |row, (big, name)| {
        (row.big, row.name) = (Set(big), Set(name.map(Into::into)));
    })
    .await?;
    let (big, name) = (col(maybe::COLUMN.big), col(maybe::COLUMN.name));
    let order = |first, second| all().order_by(first).order_by(second);
    assert_eq!(ids(&rows, order(big.asc(), name.asc())).await?, [2, 5, 0, 4, 1, 3], "Q2: both ascending");
    assert_eq!(ids(&rows, order(big.asc(), name.desc())).await?, [0, 5, 2, 4, 3, 1], "Q2: up, then down");
    assert_eq!(ids(&rows, order(big.desc(), name.asc())).await?, [1, 3, 4, 2, 5, 0], "Q2: down, then up");
    let asked = order(big.desc().nulls_first(), name.asc().nulls_last());
    assert_eq!(ids(&rows, asked).await?, [5, 0, 2, 3, 1, 4], "Q2: each column as it is asked");
    Ok(())
}

pub async fn q1_a_condition_may_be_long_and_not_deep(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let big = col(maybe::COLUMN.big);
    let (mut left, mut right) = (big.eq(2), big.eq(2));
    for n in 3..3_000_i64 {
        left = left | big.eq(n);
        right = big.eq(n) | right;
    }
    assert_eq!(
        (ids(&rows, left).await?, ids(&rows, right).await?),
        (vec![1], vec![1]),
        "Q1: whichever side it grew on"
    );
    let twice = (0..1_001).fold(big.eq(2), |p, _| !p);
    assert_eq!(ids(&rows, twice).await?, [0], "Q1: not of not is what it was");
    let deep = (0..300_i64).fold(big.eq(2), |p, n| if n % 2 == 0 { p & big.gt(0) } else { p | big.lt(0) });
    refused(rows.count(deep).await, ErrorKind::InvalidQuery, "Q1");
    Ok(())
}
