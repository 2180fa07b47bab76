//! What a server refuses has the same kind on every backend, with what the server tells of constraint and fields: each is provoked.
//! What no test can make these servers say (a full disk, a cluster, MySQL's own numbers) is held by the unit tests beside the codes
//! in `src/backend/sql/dialect`.

use crate::support::{Place, execute};
use seabed::{
    Context, Error, Isolation, Status,
    backend::{Begin, RawStatement, RawWant, Session},
    prelude::*,
    sea_orm::DbBackend,
};
use std::time::Duration;

const TABLES: &str = "CREATE TABLE parent (id integer NOT NULL PRIMARY KEY); \
    CREATE TABLE child (id integer NOT NULL PRIMARY KEY, parent integer NOT NULL, name varchar(5) NOT NULL, \
      size integer NOT NULL, CONSTRAINT ux_child UNIQUE (name), \
      CONSTRAINT fk_child FOREIGN KEY (parent) REFERENCES parent (id), CONSTRAINT ck_child CHECK (size >= 0)); \
    INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1, 1, 'one', 1), (2, 1, 'two', 2)";

/// What is run, and what is said of it.
struct Said {
    sql: &'static str,
    kind: ErrorKind,
    constraint: Option<&'static str>,
    fields: &'static [&'static str],
}

fn said(sql: &'static str, kind: ErrorKind) -> Said {
    Said { sql, kind, constraint: None, fields: &[] }
}

impl Said {
    fn constraint(mut self, name: &'static str) -> Self {
        self.constraint = Some(name);
        self
    }

    fn fields(mut self, fields: &'static [&'static str]) -> Self {
        self.fields = fields;
        self
    }
}

fn dialect(db: &Database) -> DbBackend {
    db.info().dialect.expect("a server")
}

fn statement(dialect: DbBackend, sql: &str) -> RawStatement {
    RawStatement::new(dialect, sql, Vec::new(), RawWant::Count).expect("one statement")
}

async fn run(db: &Database, sql: &str) -> Result<()> {
    db.backend().raw(&Context::default(), statement(dialect(db), sql)).await.map(drop)
}

async fn refused(db: &Database, sql: &str) -> Error {
    run(db, sql).await.expect_err(sql)
}

/// The backend and the guard alone: no bound but the server's, and no read is asked again.
async fn opened(url: String, set: &[(&str, &str)]) -> Database {
    let config = Config::builder().url(url).set("databases.main.max_connections", 3);
    let config = set.iter().fold(config, |config, (name, value)| config.set(&format!("databases.main.{name}"), *value));
    Database::builder(config.load().expect("a configuration")).plain().connect().await.expect("a connection")
}

async fn with_tables(place: &Place, set: &[(&str, &str)]) -> Database {
    let db = opened(place.url(), set).await;
    let script = RawStatement::new(dialect(&db), TABLES, Vec::new(), RawWant::Script).expect("a script");
    db.backend().raw(&Context::default(), script).await.expect("tables");
    db
}

async fn every_refusal_has_its_kind(backend: &str, refusals: Vec<Said>) {
    let Some(place) = Place::new(backend, "every_refusal_has_its_kind").await else { return };
    let db = with_tables(&place, &[]).await;
    for Said { sql, kind, constraint, fields } in refusals {
        let error = refused(&db, sql).await;
        assert_eq!((error.kind(), error.status()), (kind, Status::Permanent), "{backend}: {sql}: {error}");
        assert_eq!(error.constraint_name(), constraint, "{backend}: {sql}: {error}");
        assert_eq!(error.fields(), fields, "{backend}: {sql}: {error}");
        assert!(!error.to_string().contains("'one'"), "{backend}: no row is quoted: {error}");
    }
    db.close().await.expect("closed");
    place.close().await;
}

const UNIQUE: &str = "INSERT INTO child VALUES (3, 1, 'one', 1)";
const PARENT: &str = "INSERT INTO child VALUES (3, 9, 'three', 1)";
const CHILDREN: &str = "DELETE FROM parent WHERE id = 1";
const NULL: &str = "INSERT INTO child VALUES (3, 1, NULL, 1)";
const CHECK: &str = "INSERT INTO child VALUES (3, 1, 'three', -1)";
const LONG: &str = "INSERT INTO child VALUES (3, 1, 'letters', 1)";
const RANGE: &str = "INSERT INTO child VALUES (3, 1, 'three', 99999999999)";
const SYNTAX: &str = "SELECT FROM WHERE";
const TABLE: &str = "SELECT * FROM nowhere";
const COLUMN: &str = "SELECT other FROM child";

/// A session, and whose words it understands.
struct Begun(Box<dyn Session>, DbBackend);

async fn begun(db: &Database, begin: Begin) -> Begun {
    let session = db.backend().begin(&Context::default(), begin).await.expect("a transaction");
    Begun(session, dialect(db))
}

async fn inside(begun: &mut Begun, sql: &str) -> Result<()> {
    begun.0.raw(&Context::default(), statement(begun.1, sql)).await.map(drop)
}

fn is(error: &Error, kind: ErrorKind) {
    assert_eq!((error.kind(), error.status()), (kind, Status::Temporary), "{error}");
}

async fn what_passes_by_itself_is_temporary(backend: &str, sleep: &str) {
    let Some(place) = Place::new(backend, "what_passes_by_itself_is_temporary").await else { return };
    let db = with_tables(&place, &[("lock_timeout", "2s")]).await;
    let change = |id: i32| format!("UPDATE child SET size = size + 1 WHERE id = {id}");

    let (mut one, mut other) = (begun(&db, Begin::default()).await, begun(&db, Begin::default()).await);
    inside(&mut one, &change(1)).await.expect("a lock");
    is(&refused(&db, &change(1)).await, ErrorKind::LockTimeout);
    inside(&mut other, &change(2)).await.expect("a lock");
    let second = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        inside(&mut other, &change(1)).await
    };
    let crossing = change(2);
    let (first, second) = tokio::join!(inside(&mut one, &crossing), second);
    is(&first.and(second).expect_err("one of the two loses"), ErrorKind::Deadlock);
    drop((one, other));

    let impatient = opened(place.url(), &[("timeout", "300ms")]).await;
    is(&refused(&impatient, sleep).await, ErrorKind::Timeout);

    place.end_sessions().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    is(&refused(&db, "SELECT 1").await, ErrorKind::ConnectionLost);
    for db in [db, impatient] {
        let _ = db.close().await;
    }
    place.close().await;
}

mod postgres {
    use super::*;

    #[tokio::test]
    async fn every_refusal_has_its_kind() {
        let mut refusals = vec![
            said(UNIQUE, ErrorKind::UniqueViolation).constraint("ux_child"),
            said(PARENT, ErrorKind::ForeignKeyViolation).constraint("fk_child"),
            said(CHILDREN, ErrorKind::ForeignKeyViolation).constraint("fk_child"),
            said(NULL, ErrorKind::NotNullViolation).fields(&["name"]),
            said(CHECK, ErrorKind::CheckViolation).constraint("ck_child"),
        ];
        for sql in [LONG, RANGE, "SELECT '2026-02-30'::date", "SELECT 'x'::text::integer"] {
            refusals.push(said(sql, ErrorKind::InvalidValue));
        }
        refusals.extend([
            said(SYNTAX, ErrorKind::InvalidQuery),
            said(TABLE, ErrorKind::TableNotFound),
            said(COLUMN, ErrorKind::SchemaMismatch),
            said("SELECT id FROM child WHERE name = 1", ErrorKind::SchemaMismatch),
        ]);
        super::every_refusal_has_its_kind("postgres", refusals).await;
    }

    #[tokio::test]
    async fn what_passes_by_itself_is_temporary() {
        super::what_passes_by_itself_is_temporary("postgres", "SELECT pg_sleep(20)").await;
    }

    /// Each reads what the other writes: no order of the two would have both read what they did.
    #[tokio::test]
    async fn what_has_no_order_is_a_serialization_failure() {
        let Some(place) = Place::new("postgres", "what_has_no_order_is_a_serialization_failure").await else { return };
        let db = with_tables(&place, &[]).await;
        let serializable = Begin::default().isolation(Isolation::Serializable);
        let (mut one, mut other) = (begun(&db, serializable).await, begun(&db, serializable).await);
        for session in [&mut one, &mut other] {
            inside(session, "SELECT sum(size) FROM child").await.expect("an answer");
        }
        inside(&mut one, "UPDATE child SET size = 5 WHERE id = 1").await.expect("a write");
        let wrote = inside(&mut other, "UPDATE child SET size = 5 WHERE id = 2").await;
        one.0.commit(&Context::default()).await.expect("the first one commits");
        let ended = match wrote {
            Ok(()) => other.0.commit(&Context::default()).await,
            failed => failed,
        };
        is(&ended.expect_err("the second does not"), ErrorKind::Serialization);
        db.close().await.expect("closed");
        place.close().await;
    }

    #[tokio::test]
    async fn a_write_where_only_reads_are_allowed_is_told() {
        let Some(place) = Place::new("postgres", "a_write_where_only_reads_are_allowed_is_told").await else { return };
        let db = with_tables(&place, &[]).await;
        // As a standby is.
        let Place::Postgres { name, .. } = &place else { panic!("a server") };
        let only = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
        execute(&place, &only).await;
        let only = opened(place.url(), &[]).await;
        assert_eq!(refused(&only, "DELETE FROM child").await.kind(), ErrorKind::ReadOnly);
        for db in [db, only] {
            db.close().await.expect("closed");
        }
        place.close().await;
    }
}

mod mysql {
    use super::*;

    #[tokio::test]
    async fn every_refusal_has_its_kind() {
        super::every_refusal_has_its_kind(
            "mysql",
            vec![
                said(UNIQUE, ErrorKind::UniqueViolation).constraint("ux_child"),
                said(PARENT, ErrorKind::ForeignKeyViolation).constraint("fk_child"),
                said(CHILDREN, ErrorKind::ForeignKeyViolation).constraint("fk_child"),
                said(NULL, ErrorKind::NotNullViolation).fields(&["name"]),
                said("INSERT INTO child (id, parent, size) VALUES (3, 1, 1)", ErrorKind::NotNullViolation)
                    .fields(&["name"]),
                said(CHECK, ErrorKind::CheckViolation).constraint("ck_child"),
                said(LONG, ErrorKind::InvalidValue).fields(&["name"]),
                said(RANGE, ErrorKind::InvalidValue).fields(&["size"]),
                said(SYNTAX, ErrorKind::InvalidQuery),
                said(TABLE, ErrorKind::TableNotFound),
                said(COLUMN, ErrorKind::SchemaMismatch),
            ],
        )
        .await;
    }

    #[tokio::test]
    async fn what_passes_by_itself_is_temporary() {
        super::what_passes_by_itself_is_temporary("mysql", "SELECT SLEEP(20)").await;
    }

    #[tokio::test]
    async fn a_write_where_only_reads_are_allowed_is_told() {
        let Some(place) = Place::new("mysql", "a_write_where_only_reads_are_allowed_is_told").await else { return };
        let db = with_tables(&place, &[]).await;
        // By the number that the server has for it: a session's own setting does not outlive its call here.
        let told = "SIGNAL SQLSTATE '25006' SET MYSQL_ERRNO = 1792";
        execute(&place, &format!("CREATE TRIGGER only BEFORE DELETE ON child FOR EACH ROW {told}")).await;
        assert_eq!(refused(&db, "DELETE FROM child").await.kind(), ErrorKind::ReadOnly);
        db.close().await.expect("closed");
        place.close().await;
    }
}

mod sqlite {
    use super::*;

    /// It knows no length of text and no range of a whole number: the guard does (laws V4 and V7).
    #[tokio::test]
    async fn every_refusal_has_its_kind() {
        super::every_refusal_has_its_kind(
            "sqlite",
            vec![
                said(UNIQUE, ErrorKind::UniqueViolation).fields(&["name"]),
                said("INSERT INTO child VALUES (1, 1, 'three', 1)", ErrorKind::UniqueViolation).fields(&["id"]),
                said(PARENT, ErrorKind::ForeignKeyViolation),
                said(CHILDREN, ErrorKind::ForeignKeyViolation),
                said(NULL, ErrorKind::NotNullViolation).fields(&["name"]),
                said(CHECK, ErrorKind::CheckViolation).constraint("ck_child"),
                said(SYNTAX, ErrorKind::InvalidQuery),
                said("SELECT (", ErrorKind::InvalidQuery),
                said(TABLE, ErrorKind::TableNotFound),
                said(COLUMN, ErrorKind::SchemaMismatch),
                said("INSERT INTO child (other) VALUES (1)", ErrorKind::SchemaMismatch),
            ],
        )
        .await;
    }

    #[tokio::test]
    async fn what_passes_by_itself_is_temporary() {
        let place = Place::new("sqlite", "what_passes_by_itself_is_temporary").await.expect("a folder");
        let db = with_tables(&place, &[]).await;
        let session = begun(&db, Begin::default()).await;
        let other = opened(place.url(), &[("lock_timeout", "200ms")]).await;
        is(&refused(&other, CHILDREN).await, ErrorKind::LockTimeout);
        drop(session);
        for db in [db, other] {
            db.close().await.expect("closed");
        }
        place.close().await;
    }

    #[tokio::test]
    async fn a_write_where_only_reads_are_allowed_is_told() {
        let place = Place::new("sqlite", "a_write_where_only_reads_are_allowed_is_told").await.expect("a folder");
        with_tables(&place, &[]).await.close().await.expect("closed");
        let only = opened(format!("{}?mode=ro", place.url()), &[]).await;
        assert_eq!(refused(&only, "DELETE FROM child").await.kind(), ErrorKind::ReadOnly);
        only.close().await.expect("closed");
        place.close().await;
    }
}
