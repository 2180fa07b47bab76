//! No secret is shown: not by an error, not by `{:?}`, not by a log at any level (hazards S1 and S2).

use crate::support::{Place, server, with_password};
use seabed::prelude::*;
use std::{
    io::Write,
    sync::{Arc, Mutex, Once},
};
use tracing::instrument::WithSubscriber;

mod person {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(unique)]
        pub diagnosis: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no writer panicked")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no writer panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Without a subscriber of the whole process, a test beside this one that comes to a log statement first switches it off for
/// all: `tracing` asks the thread that it is on.
static ALL: Once = Once::new();

/// Runs `work` with everything logged at TRACE.
pub async fn logged<T>(work: impl Future<Output = T>) -> (T, String) {
    ALL.call_once(|| {
        let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(std::io::sink);
        everything.try_init().expect("the only subscriber of the process");
    });
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    let value = work.with_subscriber(subscriber).await;
    (value, log.text())
}

/// The error with its whole chain, as loggers print it.
fn chain(error: &seabed::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text += &format!(" {inner} {inner:?}");
        source = inner.source();
    }
    text
}

async fn a_password_is_shown_nowhere(backend: &str) {
    let Some(url) = server(backend, "s1_a_password_is_shown_nowhere") else { return };
    let password = "Sm0rgasbord-Zk9";
    let wrong = with_password(&url, password);
    let ((), log) = logged(async {
        let config = Config::builder().url(&wrong).load().expect("a configuration");
        assert!(!format!("{config:?}").contains(password), "shown by Debug of Config");
        let error = Database::connect(config).await.expect_err("the password is wrong");
        assert!(!chain(&error).contains(password), "shown by the error: {}", chain(&error));
        for broken in [wrong.replace("127.0.0.1:", "127.0.0.1:x"), wrong.replacen("://", "+x://", 1)] {
            let error = Config::from_url(&broken).expect_err("no URL");
            assert!(!chain(&error).contains(password), "shown by the error: {}", chain(&error));
        }
    })
    .await;
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "something was logged");
    assert!(!log.contains(password), "shown by a log:\n{log}");

    // The right one is not shown either, while it works.
    let right = url.rsplit_once('@').and_then(|(user, _)| user.rsplit_once(':')).expect("a password").1.to_owned();
    let ((), log) = logged(async {
        let db = Database::connect(Config::from_url(&url).expect("a URL")).await.expect("a connection");
        assert!(!format!("{db:?}").contains(&right), "shown by Debug of Database");
        assert!(db.health().await.is_reachable());
        db.close().await.expect("closed");
    })
    .await;
    assert!(!log.contains(&right), "shown by a log:\n{log}");
}

/// What a server quotes of a row is data: it is in `detail` and nowhere else.
async fn a_row_is_quoted_nowhere_but_in_the_detail(backend: &str) {
    let Some(place) = Place::new(backend, "s2_a_row_is_quoted_nowhere_but_in_the_detail").await else { return };
    let (error, log) = logged(async {
        let db = place.open(2).await;
        db.create_tables(&seabed::entities![person]).await.expect("a table");
        let people = db.repository::<person::Entity>();
        let row = |id| person::Model { id, diagnosis: "private-matter".to_owned() };
        people.insert(row(1)).await.expect("a row");
        let error = people.insert(row(2)).await.expect_err("a second one");
        db.close().await.expect("closed");
        error
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(error.fields(), ["diagnosis"]);
    assert!(!chain(&error).contains("private-matter"), "{}", chain(&error));
    assert!(log.contains("operation"), "the operations were logged");
    assert!(!log.contains("private-matter"), "a row is quoted in a log:\n{log}");
    if backend != "sqlite" {
        assert!(error.detail().is_some_and(|detail| detail.contains("private-matter")), "{:?}", error.detail());
    }
    place.close().await;
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test]
            async fn s2_a_row_is_quoted_nowhere_but_in_the_detail() {
                super::a_row_is_quoted_nowhere_but_in_the_detail(stringify!($backend)).await;
            }
        }
    )* };
}
on_each! { sqlite postgres mysql }
#[cfg(feature = "mongodb")]
on_each! { mongodb }

#[tokio::test]
async fn s1_a_postgres_password_is_shown_nowhere() {
    a_password_is_shown_nowhere("postgres").await;
}

#[tokio::test]
async fn s1_a_mysql_password_is_shown_nowhere() {
    a_password_is_shown_nowhere("mysql").await;
}
