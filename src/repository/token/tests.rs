use super::*;
use crate::{
    backend::{Comparison, Nulls, Order},
    schema::{Column, ColumnExtra, Kind, Rules, Table},
};
use chrono::{DateTime, NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use sea_orm::{Value, prelude::Uuid};

const KEY: &str = "an example of thirty-two characters";
const OTHER: &str = "another example, as long as the first";

fn signed(keys: &[&str]) -> Tokens {
    let keys: Vec<SecretString> = keys.iter().map(|key| (*key).into()).collect();
    Tokens::signed(&keys).expect("keys")
}

fn column(name: &'static str, kind: Kind, nullable: bool) -> Column {
    Column { name: name.into(), kind, nullable, default: None, auto_increment: false, extra: ColumnExtra::default() }
}

/// One column of every kind that has an order, all of them nullable, and a key.
fn columns() -> Vec<Column> {
    let kinds = [
        ("flag", Kind::Bool),
        ("small", Kind::Int16),
        ("big", Kind::UInt64),
        ("score", Kind::Double),
        ("price", Kind::Decimal { precision: 18, scale: 4 }),
        ("name", Kind::Text { max: Some(255) }),
        ("mood", Kind::Enum { variants: vec!["don't know".into()] }),
        ("data", Kind::Bytes),
        ("uuid", Kind::Uuid),
        ("at", Kind::Instant),
        ("local", Kind::DateTime),
        ("day", Kind::Date),
        ("clock", Kind::Time),
    ];
    let mut columns: Vec<Column> = kinds.into_iter().map(|(name, kind)| column(name, kind, true)).collect();
    columns.push(column("id", Kind::Int64, false));
    columns
}

fn table(name: &str, columns: Vec<Column>) -> Arc<Table> {
    let key = vec![columns.len() - 1];
    Arc::new(Table { columns, key, ..Table::empty(name) })
}

fn by(columns: &[&'static str]) -> Vec<Order> {
    let order = |column: &&'static str| Order { column: (*column).into(), descending: false, nulls: Nulls::Lowest };
    columns.iter().map(order).collect()
}

fn keyset(table: &Arc<Table>, order: &[Order]) -> Keyset {
    Keyset::new(Arc::clone(table), order).expect("an order")
}

fn bound<'q>(keyset: &'q Keyset, filter: Option<&'q Filter>) -> Bound<'q> {
    Bound { keyset, filter, deleted: Deleted::Without, tenant: None }
}

fn equal(column: &'static str, value: impl Into<Value>) -> Filter {
    Filter::Compare(column.into(), Comparison::Eq, value.into())
}

/// A row in the middle of every kind's range, as a database carries it.
fn row() -> Vec<Value> {
    let day = NaiveDate::from_ymd_opt(1969, 12, 31).expect("a day");
    let clock = NaiveTime::from_hms_micro_opt(23, 59, 59, 123_456).expect("a time");
    vec![
        true.into(),
        Value::SmallInt(Some(-7)),
        i64::MAX.into(),
        0.1_f64.into(),
        Decimal::new(-15_000, 4).into(),
        "Zoë 😀 \"quoted\"\n".into(),
        "don't know".into(),
        vec![0_u8, 255].into(),
        Uuid::from_u128(0xfedc_ba98_7654_3210_0123_4567_89ab_cdef).into(),
        day.and_time(clock).and_utc().into(),
        day.and_time(clock).into(),
        day.into(),
        clock.into(),
        i64::MIN.into(),
    ]
}

/// A generator of numbers that is the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("small")
    }
}

#[test]
fn every_kind_comes_back_exactly() {
    let table = table("t", columns());
    let names: Vec<&'static str> = columns()
        .iter()
        .map(|column| match &column.name {
            std::borrow::Cow::Borrowed(name) => *name,
            std::borrow::Cow::Owned(_) => panic!("a constant"),
        })
        .collect();
    let order = by(&names);
    let keyset = keyset(&table, &order);
    for tokens in [Tokens::default(), signed(&[KEY])] {
        for side in [Side::Before, Side::After] {
            let gap = keyset.beside(&row(), side);
            let token = tokens.write(&bound(&keyset, None), &gap).expect("a token");
            let read = tokens.read(&bound(&keyset, None), &token).expect("the gap");
            assert_eq!(read.side, side);
            for ((column, read), written) in keyset.columns().iter().zip(&read.values).zip(&gap.values) {
                let (written, _) = value::compared(&table.columns[*column].kind, written.clone()).expect("a value");
                assert_eq!(*read, written, "{}", table.columns[*column].name);
            }
            // As filters carry them: a null of a whole number is of 64 bits.
            let null = |kind: &Kind| value::compared(kind, kind.null()).expect("a null").0;
            let nulls: Vec<Value> = table.columns.iter().map(|column| null(&column.kind)).collect();
            let mut nulls = keyset.beside(&nulls, side);
            *nulls.values.last_mut().expect("the key") = 1_i64.into();
            let token = tokens.write(&bound(&keyset, None), &nulls).expect("a token");
            assert_eq!(tokens.read(&bound(&keyset, None), &token).expect("the gap"), nulls);
        }
    }
}

#[test]
fn a_token_of_this_version_is_read_by_every_later_release() {
    let table = table("note", columns());
    let keyset = keyset(&table, &by(&["name", "at"]));
    let filter = equal("flag", true).and(Filter::In("small".into(), vec![Value::from(2_i16), Value::from(1_i16)]));
    let mut gap = keyset.beside(&row(), Side::After);
    gap.values[1] = DateTime::from_timestamp_millis(1_700_000_000_123).expect("an instant").into();
    for (tokens, golden) in [(Tokens::default(), UNSIGNED), (signed(&[KEY]), SIGNED)] {
        let token = tokens.write(&bound(&keyset, Some(&filter)), &gap).expect("a token");
        assert_eq!(token.as_str(), golden, "a changed form is another version");
        assert_eq!(tokens.read(&bound(&keyset, Some(&filter)), &golden.into()).expect("the gap"), gap);
    }
}

const UNSIGNED: &str = "AQBbEI53ntkPyfs5ukDGMuJfxZM5-LlOZfABBhNab8OrIPCfmIAgInF1b3RlZCIKCYDEn9UMwKnTOgP___________8BHombsHisC6I01F1GyFky9Q";
const SIGNED: &str = "AQFbEI53ntkPyfs5ukDGMuJfxZM5-LlOZfABBhNab8OrIPCfmIAgInF1b3RlZCIKCYDEn9UMwKnTOgP___________8Bjaym-JLNv5-hgTYeSiMb5w";

#[test]
fn what_means_the_same_is_the_same_query() {
    let table = table("t", columns());
    let keyset = keyset(&table, &[]);
    let gap = keyset.beside(&row(), Side::After);
    let tokens = Tokens::default();
    let list = |values: &[i64]| Filter::In("big".into(), values.iter().map(|v| Value::from(*v)).collect());
    let same = [
        (equal("small", 1_i16), equal("small", 1_i64)),
        (equal("price", Decimal::new(150, 2)), equal("price", Decimal::new(15, 1))),
        (list(&[1, 2, 3]), list(&[3, 1, 2, 1])),
        (equal("flag", true).and(equal("big", 1_i64)), equal("big", 1_i64).and(equal("flag", true))),
    ];
    for (one, other) in same {
        let token = tokens.write(&bound(&keyset, Some(&one)), &gap).expect("a token");
        tokens.read(&bound(&keyset, Some(&other)), &token).expect("the same query");
    }
    let one = equal("flag", true).and(equal("big", 1_i64));
    let token = tokens.write(&bound(&keyset, Some(&one)), &gap).expect("a token");
    let others = [equal("flag", true).or(equal("big", 1_i64)), one.clone().negated(), equal("flag", true), list(&[1])];
    for other in others {
        let error = tokens.read(&bound(&keyset, Some(&other)), &token).expect_err("another query");
        assert!(error.is(ErrorKind::InvalidToken) && error.message().contains("filter"), "{error}");
    }
}

#[test]
fn each_fault_is_told() {
    let (one, other) = (table("one", columns()), table("other", columns()));
    let keyset_of = |table: &Arc<Table>, names: &[&'static str]| keyset(table, &by(names));
    let (mine, theirs) = (keyset_of(&one, &["name"]), keyset_of(&other, &["name"]));
    let tokens = signed(&[KEY]);
    let token = tokens.write(&bound(&mine, None), &mine.beside(&row(), Side::After)).expect("a token");
    let plain = Tokens::default().write(&bound(&mine, None), &mine.beside(&row(), Side::After)).expect("a token");
    let told = |tokens: &Tokens, bound: &Bound<'_>, token: &str, words: &str| {
        let error = tokens.read(bound, &token.into()).expect_err(words);
        assert!(error.is(ErrorKind::InvalidToken) && error.message().contains(words), "{words}: {error}");
        assert!(!format!("{error} {error:?}").contains("Zo"), "{error}");
    };
    let bound_to_mine = bound(&mine, None);
    told(&tokens, &bound_to_mine, "", "empty");
    told(&tokens, &bound_to_mine, "not a token!", "no token");
    told(&tokens, &bound_to_mine, "AQ", "too short");
    told(&tokens, &bound_to_mine, "AgAA", "another version");
    told(&tokens, &bound_to_mine, plain.as_str(), "not signed");
    told(&Tokens::default(), &bound_to_mine, token.as_str(), "no key is configured");
    told(&signed(&[OTHER]), &bound_to_mine, token.as_str(), "the signature is wrong");
    told(&tokens, &bound(&theirs, None), token.as_str(), "another entity");
    for names in [vec![], vec!["small"], vec!["name", "small"]] {
        let keyset = keyset_of(&one, &names);
        told(&tokens, &bound(&keyset, None), token.as_str(), "another order");
    }
    told(&tokens, &bound(&mine.reversed(), None), token.as_str(), "another order");
    told(&tokens, &bound(&mine, Some(&equal("flag", true))), token.as_str(), "another filter");
    for deleted in [Deleted::With, Deleted::Only] {
        told(&tokens, &Bound { deleted, ..bound_to_mine }, token.as_str(), "deleted rows");
    }
}

#[test]
fn a_tenant_counts_where_the_table_has_such_a_rule() {
    let plain = table("t", columns());
    let ruled = Arc::new(Table { rules: Rules { tenant: Some(13), ..Rules::default() }, ..Table::clone(&plain) });
    let (acme, other) = (Tenant::from("acme"), Tenant::from("other"));
    for (table, counts) in [(plain, false), (ruled, true)] {
        let keyset = keyset(&table, &[]);
        let of = |tenant| Bound { tenant: Some(tenant), ..bound(&keyset, None) };
        let gap = keyset.beside(&row(), Side::After);
        let token = Tokens::default().write(&of(&acme), &gap).expect("a token");
        Tokens::default().read(&of(&acme), &token).expect("the same tenant");
        assert_eq!(Tokens::default().read(&of(&other), &token).is_err(), counts);
        assert_eq!(Tokens::default().read(&bound(&keyset, None), &token).is_err(), counts);
        let said = Tokens::default().for_tenant(Some(&acme));
        said.read(&of(&other), &token).expect("what is said to the handle goes before what is ambient");
    }
}

#[test]
fn keys_are_changed_without_breaking_a_walk() {
    let table = table("t", columns());
    let keyset = keyset(&table, &[]);
    let gap = keyset.beside(&row(), Side::After);
    let old = signed(&[KEY]).write(&bound(&keyset, None), &gap).expect("a token");
    let both = signed(&[OTHER, KEY]);
    both.read(&bound(&keyset, None), &old).expect("an old token");
    let new = both.write(&bound(&keyset, None), &gap).expect("a token");
    signed(&[OTHER]).read(&bound(&keyset, None), &new).expect("signed by the first");
    assert!(signed(&[KEY]).read(&bound(&keyset, None), &new).is_err());
    assert!(!format!("{both:?} {new:?}").contains("example"), "{both:?}");
}

#[test]
fn after_a_change_of_the_schema_an_old_token_is_invalid_and_no_panic() {
    let before = table("t", columns());
    let tokens = Tokens::default();
    for (at, name) in ["flag", "price", "name", "at"].into_iter().enumerate() {
        let old = keyset(&before, &by(&[name]));
        let token = tokens.write(&bound(&old, None), &old.beside(&row(), Side::After)).expect("a token");
        let position = before.position(name).expect("a column");
        let kinds = [Kind::Uuid, Kind::Decimal { precision: 18, scale: 2 }, Kind::Bytes, Kind::DateTime];
        let mut changed = columns();
        changed[position].kind = kinds[at].clone();
        let new = keyset(&table("t", changed), &by(&[name]));
        let error = tokens.read(&bound(&new, None), &token).expect_err("another type");
        assert!(error.is(ErrorKind::InvalidToken), "{error}");
    }
    // A whole number may grow: what was read stays a place.
    let old = keyset(&before, &by(&["small"]));
    let token = tokens.write(&bound(&old, None), &old.beside(&row(), Side::After)).expect("a token");
    let mut changed = columns();
    changed[1].kind = Kind::Int64;
    let new = keyset(&table("t", changed), &by(&["small"]));
    tokens.read(&bound(&new, None), &token).expect("a place");
}

#[test]
fn no_altered_token_is_taken_and_none_panics() {
    let table = table("t", columns());
    let keyset = keyset(&table, &by(&["name", "price", "at", "uuid"]));
    let bound = bound(&keyset, None);
    let gap = keyset.beside(&row(), Side::After);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let alphabet = b"ABCXYZabcxyz0189-_=+/ \xc3";
    for tokens in [Tokens::default(), signed(&[KEY])] {
        let token = tokens.write(&bound, &gap).expect("a token").0;
        for _ in 0..20_000 {
            let mut text = token.clone().into_bytes();
            for _ in 0..=random.below(3) {
                match random.below(4) {
                    0 => text.truncate(random.below(text.len() + 1)),
                    1 => text.insert(random.below(text.len() + 1), alphabet[random.below(alphabet.len())]),
                    2 if !text.is_empty() => {
                        let at = random.below(text.len());
                        text.remove(at);
                    }
                    _ if !text.is_empty() => {
                        let at = random.below(text.len());
                        text[at] = alphabet[random.below(alphabet.len())];
                    }
                    _ => {}
                }
            }
            let text = String::from_utf8_lossy(&text).into_owned();
            if text != token {
                let error = tokens.read(&bound, &PageToken(text)).expect_err("altered");
                assert!(error.is(ErrorKind::InvalidToken), "{error}");
            }
        }
    }
}

/// What somebody without a key can make: any content under a right sum.
#[test]
fn a_forged_token_without_a_key_is_a_place_or_invalid() {
    let table = table("t", columns());
    let keyset = keyset(&table, &by(&["name", "price", "at", "uuid", "clock", "day", "score"]));
    let bound = bound(&keyset, None);
    let tokens = Tokens::default();
    let token = tokens.write(&bound, &keyset.beside(&row(), Side::After)).expect("a token");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.as_str()).expect("bytes");
    let content = &bytes[..bytes.len() - SEAL];
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut forged = content.to_vec();
        for _ in 0..=random.below(3) {
            let at = HEAD - 1 + random.below(forged.len() - HEAD + 1);
            match random.below(3) {
                0 => forged[at] = u8::try_from(random.below(256)).expect("a byte"),
                1 => forged.insert(at, u8::try_from(random.below(256)).expect("a byte")),
                _ if forged.len() > HEAD + 1 => {
                    forged.remove(at);
                }
                _ => {}
            }
        }
        forged.extend(tokens.seal(&forged));
        match tokens.read(&bound, &PageToken(BASE64_URL_SAFE_NO_PAD.encode(forged))) {
            Ok(gap) => {
                keyset.after(&gap).expect("a place");
                accepted += 1;
            }
            Err(error) => {
                assert!(error.is(ErrorKind::InvalidToken), "{error}");
                refused += 1;
            }
        }
    }
    assert!(accepted > 1_000 && refused > 1_000, "{accepted} accepted, {refused} refused: the search is one");
}
