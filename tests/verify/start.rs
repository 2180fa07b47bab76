//! What a start refuses, and what it only warns of.

use crate::entities::{author, both};
use seabed::{Config, Database, ErrorKind};
use std::sync::{Arc, Mutex};
use tracing::subscriber::with_default;

/// Outside the portable types, in more ways than one.
mod odd {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "odd")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub price: Decimal,
        #[sea_orm(default_expr = "Expr::current_timestamp()")]
        pub at: DateTimeUtc,
        #[sea_orm(column_type = "Decimal(Some((29, 2)))")]
        pub total: Decimal,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What every backend but one can hold.
mod large {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "large")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "Decimal(Some((28, 2)))")]
        pub total: Decimal,
        #[sea_orm(column_type = "Text", unique)]
        pub story: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn config(url: &str, verify: &str) -> Config {
    Config::builder().url(url).set("database.verify", verify).load().expect("a configuration")
}

#[tokio::test]
async fn every_fault_of_an_entity_is_told_at_start() {
    for verify in ["off", "warn", "strict"] {
        let builder = Database::builder(config("memory:", verify));
        let error = builder.entities(seabed::entities![author, odd]).connect().await.expect_err("outside the types");
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        let told = error.to_string();
        for at in
            ["3 faults", "odd.price: a decimal declares", "odd.at: a default is a constant", "odd.total: a decimal"]
        {
            assert!(told.contains(at), "{at}: {told}");
        }
    }
}

#[tokio::test]
async fn the_limits_of_one_backend_are_told_at_start_by_name() {
    let refused = async |url: &str| {
        let builder = Database::builder(config(url, "off")).entities(seabed::entities![large]);
        builder.connect().await.map(drop)
    };
    assert_eq!(refused("memory:").await.map_err(|error| error.to_string()), Ok(()));
    let error = refused("sqlite::memory:").await.expect_err("18 digits");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::Unsupported, Some("large")));
    assert_eq!(error.fields(), ["total"]);
    // Nothing is connected: there is no such server.
    let error = refused("mysql://nobody@127.0.0.1:1/none").await.expect_err("an index on long text");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::Unsupported, &["story".to_owned()][..]));
}

#[tokio::test]
async fn a_strict_start_refuses_every_finding() {
    let builder = || Database::builder(config("memory:", "strict"));
    let error = builder().entities(both()).connect().await.expect_err("no table");
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    let told = error.to_string();
    assert!(told.contains("2 findings\n- W1 author: ") && told.contains("\n- W1 article: "), "{told}");
    let error = builder().entities(seabed::entities![author]).connect().await.expect_err("no table");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::SchemaMismatch, Some("author")));
    assert!(builder().connect().await.is_ok(), "without entities nothing is looked at");
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_strict_start_takes_a_clean_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("start.db").display());
    let db = Database::connect(config(&url, "strict")).await.expect("a file");
    db.create_tables(&both()).await.expect("the tables");
    db.close().await.expect("closed");
    let db = Database::builder(config(&url, "strict")).entities(both()).connect().await.expect("clean");
    db.close().await.expect("closed");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn warnings(verify: &str) -> Vec<String> {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    with_default(subscriber, || {
        let builder = Database::builder(config("memory:", verify)).entities(both());
        runtime.block_on(builder.connect()).expect("a finding refuses nothing here");
    });
    let said = String::from_utf8(log.0.lock().expect("a log").clone()).expect("text");
    said.lines().filter(|line| line.contains(" WARN ")).map(str::to_owned).collect()
}

#[test]
fn a_start_warns_of_each_finding_unless_told_to_look_away() {
    let warned = warnings("warn");
    assert_eq!(warned.len(), 2, "{warned:#?}");
    assert!(warned[0].contains(r#"law="W1" entity="author""#), "{warned:#?}");
    assert!(warnings("off").is_empty());
}
