//! The framework's schema: what its entities want is what its migrations make, on an embedded SQLite.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]
#![cfg(feature = "sqlite")]

use migration::Migrator;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use seabed::{
    Config,
    migration::{down, up},
    schema::{Flavor, ForeignKey, Table, ddl},
};
use tempfile::TempDir;

fn wanted() -> Vec<Table> {
    migration::entities().iter().map(|entity| entity.table().expect("portable types").as_ref().clone()).collect()
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

/// A file, for a deploy has a session of its own: the library's handle, and one that looks from outside.
async fn database() -> (TempDir, seabed::Database, DatabaseConnection) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("framework.db").display());
    let db = seabed::Database::connect(Config::from_url(&url).expect("a URL")).await.expect("a database");
    let outside = Database::connect(ConnectOptions::new(url)).await.expect("the same database");
    (folder, db, outside)
}

/// The DDL of everything in the database, as SQLite keeps it.
async fn schema(db: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'seaql_migrations' \
               AND tbl_name NOT IN ('seabed_migration', 'seabed_step') AND name NOT LIKE 'sqlite_%' ORDER BY name";
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
    let ((_one, db, migrated), (_other, _, created)) = (database().await, database().await);
    up::<Migrator>(&db).await.expect("the migrations run");
    for table in wanted() {
        for statement in ddl::create_table(&table, Flavor::Sqlite, false).expect("emitted") {
            created.execute_unprepared(&statement).await.expect("SQLite takes it");
        }
    }
    assert_eq!(schema(&migrated).await, schema(&created).await);
}

#[tokio::test]
async fn every_migration_can_be_taken_back() {
    let (_folder, db, outside) = database().await;
    up::<Migrator>(&db).await.expect("the migrations run");
    assert_eq!(schema(&outside).await.len(), 10 + 19, "ten tables, nineteen indexes");
    assert_eq!(down::<Migrator>(&db, 9).await.expect("and back"), 6);
    assert!(schema(&outside).await.is_empty());
    up::<Migrator>(&db).await.expect("and again");
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
        let config = Config::from_url(own.as_str()).expect("a URL");
        let db = seabed::Database::connect(config).await.expect("the database of this test");
        assert_eq!(up::<Migrator>(&db).await.expect("the migrations run"), 6);
        assert_eq!(down::<Migrator>(&db, 9).await.expect("and back"), 6);
        assert_eq!(up::<Migrator>(&db).await.expect("and again"), 6);
        db.close().await.expect("closed");
        admin.execute_unprepared(&format!("DROP DATABASE {name}")).await.expect("dropped");
    }
}

#[tokio::test]
async fn entities_snapshot_and_migrations_say_one_thing() {
    let folder = seabed::migration::Folder::open("migration").expect("the crate of the migrations");
    let entities: Vec<_> = migration::entities().iter().map(|entity| entity.table().expect("a table")).collect();
    let checked = seabed::migration::check::<Migrator>(&folder, &entities).await.expect("checked");
    assert_eq!(checked.faults, Vec::<String>::new());
    let snapshot = seabed::schema::Snapshot::of(entities.iter().map(AsRef::as_ref)).expect("a snapshot");
    assert_eq!(folder.read("schema.json").expect("the snapshot"), snapshot.to_text(), "as it is written");
    let without = seabed::migration::check::<Migrator>(&folder, &entities[1..]).await.expect("checked");
    assert!(without.faults.iter().any(|fault| fault.contains("drop_table(table(\"dataset\")")), "{without:?}");
}
