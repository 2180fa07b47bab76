use super::*;
use crate::{
    backend::{Finding, deploy::State},
    migration::Status,
    schema::Plan,
};
#[cfg(any(feature = "postgres", feature = "mysql"))]
use std::time::Duration;

fn row(name: &str, applied: bool, known: bool, state: Option<State>) -> status::Row {
    status::Row { status: Status { name: name.into(), applied, known }, state, at: None, at_work: false }
}

#[test]
fn the_status_is_a_table_or_json() {
    let rows = vec![row("m1_a", true, true, Some(State::Done)), row("m2_b", false, true, None)];
    let told = status::tell(&rows);
    assert!(told.text.contains("m1_a") && told.text.contains("pending"), "{}", told.text);
    assert_eq!(told.code, code::PENDING);
    let json = json(&rows).expect("JSON");
    assert!(json.contains(r#""name": "m2_b""#) && json.contains(r#""applied": false"#), "{json}");
}

#[test]
fn what_began_and_did_not_end_is_half_applied() {
    for state in [State::Started, State::Failed] {
        let told = status::tell(&vec![row("m1", false, true, Some(state))]);
        assert!(told.text.contains("half applied"), "{}", told.text);
        assert_eq!(told.code, code::HALF);
    }
    assert_eq!(status::tell(&vec![row("m1", true, true, Some(State::Undoing))]).code, code::HALF);
    let told = status::tell(&vec![status::Row { at_work: true, ..row("m1", false, true, Some(State::Started)) }]);
    assert!(told.text.contains("at it") && told.code == code::LOCKED, "{}", told.text);
    let over = status::tell(&vec![row("m1", true, true, Some(State::Baselined))]);
    assert!(over.text.contains("taken over") && over.code == code::CLEAN, "{}", over.text);
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
#[tokio::test]
async fn what_another_deployer_is_at_is_not_half_applied() {
    use crate::migration::{
        run::begins,
        server_tests::{Scratch, session},
    };
    for variable in ["SEABED_TEST_POSTGRES_URL", "SEABED_TEST_MYSQL_URL"] {
        let Some(scratch) = Scratch::on(variable).await else { continue };
        let (mut one, mut two) = (session(&scratch.url).await, session(&scratch.url).await);
        one.lock(Duration::ZERO).await.expect("the right");
        one.open_books().await.expect("books");
        one.note(&begins("m1", String::new(), State::Started)).await.expect("noted");
        for (at_work, code) in [(true, code::LOCKED), (false, code::HALF)] {
            let status = Status { name: "m1".into(), applied: false, known: true };
            let rows = status::look(&mut *two, vec![status]).await.expect("rows");
            assert_eq!((rows[0].at_work, status::tell(&rows).code), (at_work, code), "{variable}");
            one.unlock().await.expect("given back");
        }
        one.lock(Duration::ZERO).await.expect("the question kept nothing");
        one.close().await.expect("closed");
        two.close().await.expect("closed");
        scratch.drop().await;
    }
}

#[test]
fn an_unknown_migration_is_newer_or_lost() {
    let row = |name: &str, known| row(name, true, known, None);
    let told = status::tell(&vec![row("m1", false), row("m2", true), row("m3", false)]);
    let states: Vec<_> = told.text.lines().filter(|line| line.contains("applied")).collect();
    assert!(states[0].contains("this program lacks it"), "{}", told.text);
    assert!(states[2].contains("by a newer program"), "{}", told.text);
    assert_eq!(told.code, code::CLEAN);
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn only_apply_makes_a_file() {
    struct Nothing;
    impl MigratorTrait for Nothing {
        fn migrations() -> Vec<Box<dyn super::super::prelude::MigrationTrait>> {
            Vec::new()
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.db");
    let verbs =
        [("status", false), ("down", false), ("verify", false), ("up", true), ("apply", true), ("status", true)];
    for (verb, is_there) in verbs {
        let url = format!("sqlite:{}", file.display());
        let cli = Cli::try_parse_from(["migration", verb, "--url", &url]).expect("right usage");
        let outcome = cli.answer::<Nothing>(&Scene::new(&cli, &[])).await;
        assert_eq!((outcome.is_ok(), file.exists()), (is_there, is_there), "{verb}: {outcome:?}");
    }
}

#[cfg(feature = "sqlite")]
mod counting {
    use super::super::super::{Stepwise, prelude::*, refused};

    pub(super) struct Counting;

    impl MigratorTrait for Counting {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(Self)]
        }
    }

    impl MigrationName for Counting {
        fn name(&self) -> &'static str {
            "m1_counting"
        }
    }

    #[async_trait]
    impl MigrationTrait for Counting {
        async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
            Err(refused())
        }
    }

    inventory::submit! { Stepwise { name: "m1_counting", source: "its source", steps } }

    fn steps() -> Result<Vec<Step>> {
        steps![
            add_column("thing", text("code", 20).nullable()),
            add_index("thing", index(&["n"]).unique()),
            add_index("thing", index(&["code"]).unique()),
            alter_column("thing", int64("n").nullable(), int64("n")),
        ]
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn lint_counts_the_rows_in_the_way() {
    use crate::{Config, Database};
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    let db = Database::connect(Config::from_url(&url).expect("a URL")).await.expect("a database");
    let mut deploy = db.backend().deploy().await.expect("a session");
    for statement in
        ["CREATE TABLE thing (id integer PRIMARY KEY, n integer)", "INSERT INTO thing (n) VALUES (1), (1), (2)"]
    {
        deploy.run(statement).await.expect("run");
    }
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
    let cli = Cli::try_parse_from(["migration", "lint", "--url", &url]).expect("right usage");
    let answer = lint::ask::<counting::Counting>(&lint::Args {}, &Scene::new(&cli, &[])).await.expect("an answer");
    let text = lint::tell(&answer).text;
    let said = |parts: &[&str]| text.lines().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(said(&["rows: 1 now, by SELECT count(*) FROM (SELECT row_number()", "`n`"]), "{text}");
    assert!(said(&["rows: SELECT count(*) FROM (SELECT row_number()", "`code`"]), "not yet to be asked: {text}");
    assert!(said(&["not-null-over-nulls", "safe"]) && said(&["rows: 0 now", "IS NULL"]), "{text}");
}

#[test]
fn findings_are_a_table_or_json() {
    let finding = Finding::new("V3", "its collation is C").entity("dataset").field("name").mend("ALTER TABLE dataset");
    let answer = verify::Answer { findings: vec![finding], plan: Plan::default() };
    let told = verify::tell(&answer);
    assert_eq!(told.code, code::DRIFT);
    let table = told.text;
    assert!(table.contains("V3") && table.contains("dataset.name") && table.contains("ALTER TABLE"), "{table}");
    let found: serde_json::Value = serde_json::from_str(&json(&answer).expect("JSON")).expect("JSON");
    assert_eq!((&found["findings"][0]["law"], &found["findings"][0]["field"]), (&"V3".into(), &"name".into()));
    assert_eq!(verify::tell(&verify::Answer { findings: Vec::new(), plan: Plan::default() }).code, code::CLEAN);
}

#[test]
fn down_takes_one_step_unless_told() {
    let cli = Cli::try_parse_from(["migration", "down"]).expect("right usage");
    assert!(matches!(cli.verb, Verb::Down(down::Args { steps: 1, .. })), "{cli:?}");
    assert!(Cli::try_parse_from(["migration", "down", "--steps", "0"]).is_err());
}

#[test]
fn a_rename_names_its_table() {
    let of = |text: &str| Cli::try_parse_from(["migration", "generate", "x", "--renamed", text]);
    of("item.a=b").expect("right usage");
    of("item=thing").expect("right usage");
    assert!(of("item").is_err());
}
