//! Random documents and random questions about what stands at a path in them: every backend gives the answer of a few lines that
//! know nothing but `serde_json`.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod server;

use seabed::{Config, Database, Result, prelude::*, repository::Filter};
use serde_json::{Map, Value as Json, json};
use server::Server;
use std::{cmp::Ordering, collections::BTreeSet};

mod document {
    use sea_orm::entity::prelude::*;
    use seabed::sea_orm;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "document")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub body: Option<Json>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const DOCUMENTS: i32 = 1_500;
const QUESTIONS: usize = 400;

/// xorshift: the same run every time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).expect("64 bits") % n
    }

    fn pick<'v, T>(&mut self, from: &'v [T]) -> &'v T {
        &from[self.below(from.len())]
    }
}

const KEYS: [&str; 9] = ["a", "b", "A", "0", "a.b", "é\"", "\\", "", "$"];
const TEXTS: [&str; 14] =
    ["", "a", "A", "ab", "a ", "1", "true", "null", "é", "%", "_", "x\"y\\z", "😀", "line\nline\u{1}"];

fn number(random: &mut Random) -> Json {
    match random.below(6) {
        0 => json!(*random.pick(&[
            0_i64,
            1,
            -1,
            9,
            10,
            100,
            9_007_199_254_740_993,
            -9_007_199_254_740_993,
            i64::MAX,
            i64::MIN
        ])),
        1 => json!(*random.pick(&[u64::MAX, u64::MAX - 1, 1 << 63, 10_000_000_000_000_000_000])),
        2 => json!(*random.pick(&[
            0.5,
            1.0,
            -1.5,
            0.1,
            1e300,
            -1e300,
            1e19,
            2e19,
            1.5e-10,
            9.5,
            1e2,
            4_503_599_627_370_495.5
        ])),
        3 => json!(f64::from_bits((random.0 & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000)),
        4 => json!(i64::try_from(random.below(20)).expect("small") - 10),
        _ => json!(random.0),
    }
}

fn scalar(random: &mut Random) -> Json {
    match random.below(4) {
        0 | 1 => number(random),
        2 => json!(random.pick::<&str>(&TEXTS)),
        _ => json!(random.below(2) == 0),
    }
}

fn document(random: &mut Random, depth: usize) -> Json {
    match random.below(if depth == 0 { 5 } else { 9 }) {
        0 => Json::Null,
        1..=4 => scalar(random),
        5 => (0..random.below(3)).map(|_| document(random, depth - 1)).collect(),
        _ => {
            let mut object = Map::new();
            for _ in 0..random.below(6) {
                object.insert((*random.pick(&KEYS)).to_owned(), document(random, depth - 1));
            }
            Json::Object(object)
        }
    }
}

/// A question, and who answers it by hand.
struct Question {
    path: Vec<&'static str>,
    ask: Ask,
    negated: bool,
}

#[derive(Debug)]
enum Ask {
    Compare(usize, Json),
    In(Vec<Json>),
    Text(usize, &'static str),
    Null,
}

fn question(random: &mut Random) -> Question {
    let path = (0..random.below(4)).map(|_| *random.pick(&KEYS)).collect();
    let ask = match random.below(8) {
        0..=4 => Ask::Compare(random.below(6), scalar(random)),
        5 => Ask::In((0..=random.below(4)).map(|_| scalar(random)).collect()),
        6 => Ask::Text(random.below(3), random.pick::<&str>(&TEXTS)),
        _ => Ask::Null,
    };
    Question { path, ask, negated: random.below(3) == 0 }
}

macro_rules! with_scalar {
    ($json:expr, $value:ident => $body:expr) => {
        match $json {
            Json::String($value) => {
                let $value = $value.as_str();
                $body
            }
            Json::Bool($value) => {
                let $value = *$value;
                $body
            }
            Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some($value), _, _) => $body,
                (_, Some($value), _) => $body,
                (_, _, $value) => {
                    let $value = $value.expect("a number");
                    $body
                }
            },
            other => panic!("no scalar: {other}"),
        }
    };
}

impl Question {
    fn filter(&self) -> Filter<document::Entity> {
        let path = || col(document::COLUMN.body).path_of(self.path.iter().copied());
        let filter = match &self.ask {
            Ask::Compare(how, value) => with_scalar!(value, v => match how {
                0 => path().eq(v),
                1 => path().ne(v),
                2 => path().lt(v),
                3 => path().lte(v),
                4 => path().gt(v),
                _ => path().gte(v),
            }),
            // Of one type a call; the types are mixed by `|`.
            Ask::In(values) => values
                .iter()
                .map(|value| with_scalar!(value, v => path().is_in([v])))
                .reduce(|all, one| all | one)
                .expect("at least one"),
            Ask::Text(0, needle) => path().contains(*needle),
            Ask::Text(1, needle) => path().starts_with(*needle),
            Ask::Text(_, needle) => path().ends_with(*needle),
            Ask::Null => path().is_null(),
        };
        if self.negated { !filter } else { filter }
    }

    /// Whether the row matches.
    fn matches(&self, body: Option<&Json>) -> bool {
        let found = body.and_then(|body| {
            self.path.iter().try_fold(body, |value, key| value.as_object()?.get(*key)).filter(|value| !value.is_null())
        });
        let holds = match (&self.ask, found) {
            (Ask::Null, found) => Some(found.is_none()),
            (_, None) => None,
            (Ask::Compare(how, value), Some(found)) => {
                let order = order(found, value);
                Some(match how {
                    0 => order == Some(Ordering::Equal),
                    1 => order != Some(Ordering::Equal),
                    2 => order == Some(Ordering::Less),
                    3 => order.is_some_and(Ordering::is_le),
                    4 => order == Some(Ordering::Greater),
                    _ => order.is_some_and(Ordering::is_ge),
                })
            }
            (Ask::In(values), Some(found)) => {
                Some(values.iter().any(|value| order(found, value) == Some(Ordering::Equal)))
            }
            (Ask::Text(how, needle), Some(found)) => Some(found.as_str().is_some_and(|text| match how {
                0 => text.contains(needle),
                1 => text.starts_with(needle),
                _ => text.ends_with(needle),
            })),
        };
        holds == Some(!self.negated)
    }
}

fn order(a: &Json, b: &Json) -> Option<Ordering> {
    match (a, b) {
        (Json::String(a), Json::String(b)) => Some(a.cmp(b)),
        (Json::Bool(a), Json::Bool(b)) => Some(a.cmp(b)),
        (Json::Number(a), Json::Number(b)) => {
            let whole = |n: &serde_json::Number| n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from));
            match (whole(a), whole(b)) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                (Some(a), None) => Some(against(a, b.as_f64()?)),
                (None, Some(b)) => Some(against(b, a.as_f64()?).reverse()),
                (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
            }
        }
        _ => None,
    }
}

/// A whole number against a float, exactly.
fn against(whole: i128, float: f64) -> Ordering {
    if float.abs() > 1e30 {
        return 0.0.partial_cmp(&float).expect("finite");
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is below 10^30 and has no fraction")]
    let floor = float.floor() as i128;
    whole.cmp(&floor).then(if float.fract() == 0.0 { Ordering::Equal } else { Ordering::Less })
}

async fn ask(name: &str, db: &Database) -> Result<()> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    db.create_tables(&seabed::entities![document]).await?;
    let documents = db.repository::<document::Entity>();
    let bodies: Vec<Option<Json>> = (0..DOCUMENTS).map(|id| (id % 50 != 0).then(|| document(&mut random, 3))).collect();
    let row = |(id, body): (i32, &Option<Json>)| document::ActiveModel { id: Set(id), body: Set(body.clone()) };
    documents.insert_many((0..).zip(&bodies).map(row).collect::<Vec<_>>()).await?;
    let mut matched = 0;
    for _ in 0..QUESTIONS {
        let question = question(&mut random);
        let found: BTreeSet<i32> = documents.find(question.filter()).await?.into_iter().map(|row| row.id).collect();
        let expected: BTreeSet<i32> =
            (0..).zip(&bodies).filter(|(_, body)| question.matches(body.as_ref())).map(|(id, _)| id).collect();
        matched += expected.len();
        if let Some(&id) = found.symmetric_difference(&expected).next() {
            let body = &bodies[usize::try_from(id).expect("a position")];
            panic!(
                "{name}: {:?} {:?} (negated: {}) {} {}",
                question.path,
                question.ask,
                question.negated,
                if found.contains(&id) { "found" } else { "did not find" },
                body.as_ref().unwrap_or(&Json::Null),
            );
        }
    }
    assert!(matched > QUESTIONS * 20, "the questions are about what is there: {matched}");
    Ok(())
}

#[tokio::test]
async fn memory_answers_as_serde_json_does() -> Result<()> {
    ask("memory", &Database::memory()).await
}

#[tokio::test]
async fn sqlite_answers_as_serde_json_does() -> Result<()> {
    ask("sqlite", &Database::connect(Config::from_url("sqlite::memory:")?).await?).await
}

#[tokio::test]
async fn postgres_answers_as_serde_json_does() -> Result<()> {
    let server = Server::new("SEABED_TEST_POSTGRES_URL");
    let Some(url) = server.url() else { return absent(server) };
    let schema = server::unique("json_paths");
    server.execute(vec![format!("CREATE SCHEMA {schema}")]).await?;
    let config = Config::builder().url(url).set("databases.main.schema", &schema).load()?;
    let db = Database::connect(config).await?;
    let answer = ask("postgres", &db).await;
    db.close().await?;
    server.execute(vec![format!("DROP SCHEMA {schema} CASCADE")]).await?;
    answer
}

#[tokio::test]
async fn mysql_answers_as_serde_json_does() -> Result<()> {
    let server = Server::new("SEABED_TEST_MYSQL_URL");
    let Some(url) = server.url() else { return absent(server) };
    let name = server::unique("json_paths");
    server.execute(vec![format!("CREATE DATABASE {name}")]).await?;
    let base = url.rsplit_once('/').map_or(url.as_str(), |(base, _)| base);
    let db = Database::connect(Config::from_url(&format!("{base}/{name}"))?).await?;
    let answer = ask("mysql", &db).await;
    db.close().await?;
    server.execute(vec![format!("DROP DATABASE {name}")]).await?;
    answer
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a test returns")]
fn absent(server: Server) -> Result<()> {
    println!("SKIPPED: {}", server.absent());
    Ok(())
}
