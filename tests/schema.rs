//! The framework's schema: what its entities want is what its migrations make, on an embedded SQLite.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]
#![cfg(feature = "sqlite")]

use entity::{annotation, audit_event, dataset, error_event, pipeline_run};
use migration::Migrator;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;
use seabed::schema::{Flavor, ForeignKey, Table, ddl};

fn wanted() -> Vec<Table> {
    let framework = seabed::entities![dataset, annotation, pipeline_run, audit_event, error_event];
    let entities = [framework, seabed::outbox::entities()].concat();
    entities.iter().map(|entity| entity.table().expect("portable types").as_ref().clone()).collect()
}

/// Indexes by what they do: the order of their declaration says nothing.
fn indexes(table: &Table) -> Vec<(Vec<&str>, bool, &str)> {
    let mut indexes: Vec<_> =
        table.indexes.iter().map(|index| (table.names(&index.columns), index.unique, index.name.as_str())).collect();
    indexes.sort();
    indexes
}

fn foreign_keys(table: &Table) -> Vec<&ForeignKey> {
    let mut keys: Vec<_> = table.foreign_keys.iter().collect();
    keys.sort_by_key(|key| &key.name);
    keys
}

async fn database() -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    Database::connect(options).await.expect("a database in memory")
}

/// The DDL of everything in the database, as SQLite keeps it.
async fn schema(db: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'seaql_migrations' ORDER BY name";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.expect("rows");
    rows.iter().map(|row| row.try_get_by_index(0).expect("text")).collect()
}

#[test]
fn the_entities_want_what_the_migrations_make() {
    let made = migration::tables().expect("tables");
    let wanted = wanted();
    assert_eq!(wanted.len(), made.len());
    for (wanted, made) in wanted.iter().zip(&made) {
        assert_eq!(wanted.name, made.name);
        assert_eq!(wanted.columns.len(), made.columns.len(), "{}", made.name);
        for (wanted, made_column) in wanted.columns.iter().zip(&made.columns) {
            assert_eq!(wanted, made_column, "{}", made.name);
        }
        assert_eq!(wanted.key, made.key, "{}", made.name);
        assert_eq!(indexes(wanted), indexes(made), "{}", made.name);
        assert_eq!(foreign_keys(wanted), foreign_keys(made), "{}", made.name);
    }
}

#[tokio::test]
async fn the_database_is_the_same_by_migrations_and_by_entities() {
    let (migrated, created) = (database().await, database().await);
    Migrator::up(&migrated, None).await.expect("the migrations run");
    for table in wanted() {
        for statement in ddl::create_table(&table, Flavor::Sqlite, false).expect("emitted") {
            created.execute_unprepared(&statement).await.expect("SQLite takes it");
        }
    }
    assert_eq!(schema(&migrated).await, schema(&created).await);
}

#[tokio::test]
async fn every_migration_can_be_taken_back() {
    let db = database().await;
    Migrator::up(&db, None).await.expect("the migrations run");
    assert_eq!(schema(&db).await.len(), 10 + 19, "ten tables, nineteen indexes");
    Migrator::down(&db, None).await.expect("and back");
    assert!(schema(&db).await.is_empty());
    Migrator::up(&db, None).await.expect("and again");
}

#[test]
fn every_server_gets_the_same_tables() {
    for table in migration::tables().expect("tables") {
        for flavor in [Flavor::Sqlite, Flavor::Postgres, Flavor::MySql, Flavor::MariaDb] {
            let statements = ddl::create_table(&table, flavor, true).expect("emitted");
            for column in &table.columns {
                assert!(statements[0].contains(&flavor.quoted(&column.name)), "{flavor}: {}", column.name);
            }
        }
    }
}

#[tokio::test]
async fn the_migrations_run_on_the_servers_that_the_environment_names() {
    for variable in ["SEABED_TEST_POSTGRES_URL", "SEABED_TEST_MYSQL_URL"] {
        let Ok(url) = std::env::var(variable) else {
            eprintln!("skipped: {variable} names no server");
            continue;
        };
        let admin = Database::connect(&url).await.expect("the server that the variable names");
        let name = format!("seabed_schema_{}", uuid::Uuid::now_v7().simple());
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
        let mut own = url::Url::parse(&url).expect("a URL");
        own.set_path(&name);
        let mut options = ConnectOptions::new(String::from(own));
        options.max_connections(1);
        let db = Database::connect(options).await.expect("the database of this test");
        Migrator::up(&db, None).await.expect("the migrations run");
        Migrator::down(&db, None).await.expect("and back");
        Migrator::up(&db, None).await.expect("and again");
        db.close().await.expect("closed");
        admin.execute_unprepared(&format!("DROP DATABASE {name}")).await.expect("dropped");
    }
}
