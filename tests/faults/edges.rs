//! Values at the edges of their types, and thousands that look drawn: each comes back as it was, or is refused by name before it
//! is sent; none makes anything panic (laws V1 to V9, hazard D4).

use crate::{oracle::Oracle, support::Place};
use rust_decimal::Decimal;
use seabed::prelude::*;
use sqlx::{Connection, Executor};

mod edge {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "edge")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub big: i64,
        pub size: u64,
        pub small: i16,
        pub octet: u8,
        pub score: f64,
        #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
        pub price: Decimal,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        pub data: Vec<u8>,
        pub at: DateTimeUtc,
        pub day: Date,
        pub extra: Json,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn plain(id: i64) -> edge::Model {
    edge::Model {
        id,
        big: 0,
        size: 0,
        small: 0,
        octet: 0,
        score: 0.0,
        price: Decimal::ZERO,
        text: String::new(),
        data: Vec::new(),
        at: chrono::DateTime::UNIX_EPOCH,
        day: day(1970),
        extra: serde_json::json!({}),
    }
}

fn day(year: i32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(year, 12, 31).expect("a day")
}

/// Each with whether it is kept.
fn at_the_edges() -> Vec<(edge::Model, bool)> {
    let at = |year: i32| day(year).and_hms_milli_opt(23, 59, 59, 999).expect("a time").and_utc();
    let most = Decimal::new(999_999_999_999_999_999, 4);
    let text = |text: &str| edge::Model { text: text.to_owned(), ..plain(0) };
    let mut cases = vec![
        (edge::Model { big: i64::MAX, small: i16::MAX, octet: u8::MAX, ..plain(0) }, true),
        (edge::Model { big: i64::MIN, small: i16::MIN, ..plain(0) }, true),
        (edge::Model { size: i64::MAX.unsigned_abs(), ..plain(0) }, true),
        (edge::Model { size: u64::MAX, ..plain(0) }, false),
        (edge::Model { size: i64::MAX.unsigned_abs() + 1, ..plain(0) }, false),
        (edge::Model { price: most, ..plain(0) }, true),
        (edge::Model { price: -most, ..plain(0) }, true),
        (edge::Model { price: most + most, ..plain(0) }, false),
        (edge::Model { data: (0..=255).collect(), ..plain(0) }, true),
        (text("😀 𐍈 é e\u{301} \u{200d} ZoË"), true),
        (text("'\"\\`%_$1 ?; --\r\n\t"), true),
        (text("\0"), false),
        (text("before\0after"), false),
        (edge::Model { extra: serde_json::json!({ "nul": "a\0b" }), ..plain(0) }, false),
        (edge::Model { at: at(9999), day: day(9999), ..plain(0) }, true),
        (edge::Model { at: at(1000), day: day(1000), ..plain(0) }, true),
        (edge::Model { at: at(10_000), ..plain(0) }, false),
        (edge::Model { day: day(-44), ..plain(0) }, false),
    ];
    for score in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 0.1 + 0.2, 1e15 + 0.3] {
        cases.push((edge::Model { score, ..plain(0) }, true));
    }
    for score in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        cases.push((edge::Model { score, ..plain(0) }, false));
    }
    cases
}

/// Values that look drawn, the same in each run.
fn drawn(seed: u64) -> edge::Model {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let text: String = (0..next() % 40).filter_map(|_| char::from_u32((next() % 0x11_0000) as u32)).collect();
    let score = f64::from_bits(next());
    edge::Model {
        big: next().cast_signed(),
        size: next() >> (next() % 3),
        small: i16::try_from(next() % 0x8000).expect("15 bits"),
        octet: u8::try_from(next() % 256).expect("8 bits"),
        score,
        price: Decimal::new((next() >> 6).cast_signed(), 4)
            * if next() % 2 == 0 { Decimal::ONE } else { -Decimal::ONE },
        // A whole number has one form, and `29.0` is not it.
        extra: serde_json::json!({ "text": text, "number": next() >> 12, "half": f64::from((next() % 1000) as u32) / 8.0 + 0.0625 }),
        text,
        data: next().to_le_bytes().to_vec(),
        at: chrono::DateTime::from_timestamp_millis((next() % 400_000_000_000_000).cast_signed() - 100_000_000_000_000)
            .expect("an instant"),
        day: day((next() % 12_000) as i32 - 1_000),
        ..plain(0)
    }
}

/// Writes it and reads it again; whether it was kept.
async fn kept(oracle: &Oracle, db: &Database, row: edge::Model) -> bool {
    let edges = db.repository::<edge::Entity>();
    let unit = oracle.unit();
    let row = edge::Model { id: unit, ..row };
    let written = edges.insert(row.clone()).await;
    oracle.heard(unit, &written);
    match written {
        Ok(answered) => {
            assert_eq!(answered, row, "what is answered is what was given");
            assert_eq!(edges.get(unit).await.expect("an answer"), Some(row), "and what is read is too");
            true
        }
        Err(error) => {
            assert!(error.is(ErrorKind::InvalidValue), "{error}: {row:?}");
            assert!(!error.fields().is_empty(), "the field is named: {error}");
            assert_eq!(edges.get(unit).await.expect("an answer"), None, "what is refused is not there");
            false
        }
    }
}

async fn f23(backend: &str) {
    let Some(place) = Place::new(backend, "f23_a_value_comes_back_or_is_refused_by_name").await else { return };
    let oracle = Oracle::of_nothing_stored(23, backend, &place.url());
    let db = place.open(2).await;
    db.create_tables(&seabed::entities![edge]).await.expect("a table");
    for (row, wanted) in at_the_edges() {
        let shown = format!("{row:?}");
        assert_eq!(kept(&oracle, &db, row).await, wanted, "{backend}: {shown}");
    }
    let mut back = 0;
    for seed in 0..500 {
        back += usize::from(kept(&oracle, &db, drawn(seed)).await);
    }
    assert!(back > 50, "{backend}: many are kept: {back}");
    if backend == "sqlite" {
        bytes_that_are_no_text(&place, &db).await;
    }
    db.close().await.expect("closed");
    oracle.count();
    place.close().await;
}

/// Another program wrote bytes where a text should be: its row cannot be read, and says so; the others can.
async fn bytes_that_are_no_text(place: &Place, db: &Database) {
    let edges = db.repository::<edge::Entity>();
    edges.insert(plain(-1)).await.expect("a row");
    let mut beside = sqlx::SqliteConnection::connect(&place.url()).await.expect("the file");
    let sql = "PRAGMA ignore_check_constraints = ON; UPDATE edge SET text = CAST(x'ff41fe' AS TEXT) WHERE id = -1";
    beside.execute(sql).await.expect("written");
    beside.close().await.expect("closed");
    let error = edges.get(-1).await.expect_err("no text");
    assert!(matches!(error.kind(), ErrorKind::CorruptData | ErrorKind::SchemaMismatch), "{error}");
    assert!(edges.get(0).await.expect("an answer").is_some(), "the connection still works");
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn f23_a_value_comes_back_or_is_refused_by_name() {
                super::f23(stringify!($backend)).await;
            }
        }
    )* };
}
on_each! { sqlite postgres mysql }
#[cfg(feature = "mongodb")]
on_each! { mongodb }
