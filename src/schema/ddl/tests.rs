use super::*;
use crate::schema::{
    OnDelete,
    build::{TableBuilder, table},
};

/// A table with a column of every kind.
pub(crate) fn every_kind() -> Table {
    with_every_kind(table("every").int64("id").auto_increment().primary_key(&["id"])).build().expect("a table")
}

fn with_every_kind(table: TableBuilder) -> TableBuilder {
    table
        .boolean("flag")
        .int8("tiny")
        .uint8("octet")
        .uint16("short")
        .int16("small")
        .int32("medium")
        .int64("large")
        .uint32("count")
        .uint64("total")
        .double("ratio")
        .decimal("amount", 18, 4)
        .text("title", 80)
        .long_text("body")
        .enumeration("state", ["new", "it's"])
        .bytes("raw")
        .json("extra")
        .uuid("token")
        .instant("at")
        .datetime("local")
        .date("day")
        .time("clock")
        .text("note", 9)
        .nullable()
        .unique(&["title"])
        .index(&["note", "large"])
        .references(&["token"], "parent", &["id"], OnDelete::Restrict)
}

fn golden(flavor: Flavor, expected: &str) {
    let mut sql = create_table(&every_kind(), flavor, true).expect("emitted").join(";\n");
    sql.push('\n');
    assert_eq!(sql, expected, "\n{sql}");
}

#[test]
fn sqlite_declares_every_kind() {
    golden(Flavor::Sqlite, include_str!("golden/sqlite.sql"));
}

#[test]
fn postgres_declares_every_kind() {
    golden(Flavor::Postgres, include_str!("golden/postgres.sql"));
}

#[test]
fn mysql_declares_every_kind() {
    golden(Flavor::MySql, include_str!("golden/mysql.sql"));
}

#[test]
fn mariadb_differs_from_mysql_by_its_collation_only() {
    let mysql = create_table(&every_kind(), Flavor::MySql, false).expect("emitted");
    let mariadb = create_table(&every_kind(), Flavor::MariaDb, false).expect("emitted");
    assert_eq!(mysql[0].replace("utf8mb4_0900_bin", "utf8mb4_nopad_bin"), mariadb[0]);
}

#[test]
fn a_made_key_has_no_check_on_mysql() {
    let table = table("ticket").uint16("id").auto_increment().primary_key(&["id"]).build().expect("a table");
    for flavor in [Flavor::MySql, Flavor::MariaDb] {
        assert!(!create_table(&table, flavor, false).expect("emitted")[0].contains("CHECK"), "refused by the server");
    }
    assert!(create_table(&table, Flavor::Postgres, false).expect("emitted")[0].contains("BETWEEN 0 AND 65535"));
}

#[test]
fn a_long_decimal_is_refused_on_sqlite_by_name() {
    let table = table("bill").uuid("id").decimal("sum", 19, 2).primary_key(&["id"]).build().expect("a table");
    let error = create_table(&table, Flavor::Sqlite, false).expect_err("19 digits");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!((error.entity_name(), error.fields()), (Some("bill"), &["sum".to_owned()][..]));
    assert!(create_table(&table, Flavor::Postgres, false).is_ok());
}

#[test]
fn an_index_without_a_length_is_refused_on_mysql_by_name() {
    let body =
        table("note").uuid("id").long_text("body").primary_key(&["id"]).index(&["body"]).build().expect("a table");
    let error = create_table(&body, Flavor::MariaDb, false).expect_err("no length");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::Unsupported, &["body".to_owned()][..]));
    let wide = table("note").text("a", 500).text("b", 500).primary_key(&["a", "b"]).build().expect("a table");
    assert_eq!(create_table(&wide, Flavor::MySql, false).expect_err("4,000 bytes").fields(), ["a", "b"]);
}

#[test]
fn what_set_null_may_change_has_no_check_on_mysql() {
    let child = table("child").int64("id").uint32("parent_id").nullable().primary_key(&["id"]);
    let child = child.references(&["parent_id"], "parent", &["id"], OnDelete::SetNull).build().expect("a table");
    let check = "ty_child_parent_id";
    assert!(!create_table(&child, Flavor::MySql, false).expect("emitted")[0].contains(check));
    assert!(create_table(&child, Flavor::Postgres, false).expect("emitted")[0].contains(check));
}

#[test]
fn a_backslash_means_itself_under_every_sql_mode() {
    assert_eq!(literal(r"a\b", Flavor::MySql).expect("valid"), "CONVERT(UNHEX('615C62') USING utf8mb4)");
    assert_eq!(literal(r"a\b", Flavor::Postgres).expect("valid"), r"'a\b'");
    assert_eq!(literal("it's", Flavor::MariaDb).expect("valid"), "'it''s'");
}

#[test]
fn indexes_and_columns_come_and_go() {
    let table =
        with_every_kind(table("every").schema("app").int64("id").primary_key(&["id"])).build().expect("a table");
    let index = &table.indexes[1];
    let sql = |flavor| {
        let add = create_index(&table, index, flavor, true).expect("emitted");
        let column = add_column(&table, "note", flavor).expect("emitted");
        [add, drop_index(&table, index, flavor), column, drop_table(&table, flavor, true)]
    };
    assert_eq!(
        sql(Flavor::Postgres),
        [
            r#"CREATE INDEX IF NOT EXISTS "ix_every_note_large" ON "app"."every" ("note" NULLS FIRST, "large")"#,
            r#"DROP INDEX "app"."ix_every_note_large""#,
            r#"ALTER TABLE "app"."every" ADD COLUMN "note" varchar(9) COLLATE "C""#,
            r#"DROP TABLE IF EXISTS "app"."every""#,
        ]
    );
    assert_eq!(
        sql(Flavor::MySql),
        [
            "CREATE INDEX `ix_every_note_large` ON `app`.`every` (`note`, `large`)",
            "DROP INDEX `ix_every_note_large` ON `app`.`every`",
            "ALTER TABLE `app`.`every` ADD COLUMN `note` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
            "DROP TABLE IF EXISTS `app`.`every`",
        ]
    );
    let [add, drop, column, _] = sql(Flavor::Sqlite);
    assert_eq!(add, "CREATE INDEX IF NOT EXISTS `ix_every_note_large` ON `app.every` (`note`, `large`)");
    assert_eq!(drop, "DROP INDEX `ix_every_note_large`");
    assert!(column.ends_with("CHECK (`note` IS NULL OR typeof(`note`) = 'text' AND length(`note`) <= 9)"), "{column}");
    assert!(add_column(&table, "title", Flavor::Sqlite).is_err(), "rows that are there have no title");
}

#[cfg(feature = "sqlite")]
mod on_sqlite {
    use super::*;
    use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

    async fn run(db: &DatabaseConnection, sql: &str) -> Result<(), String> {
        db.execute_unprepared(sql).await.map(|_| ()).map_err(|error| error.to_string())
    }

    /// The row that every column takes, one value of it exchanged.
    fn insert(column: &str, value: &str) -> String {
        let mut row = vec![
            ("flag", "1"),
            ("tiny", "-128"),
            ("octet", "255"),
            ("short", "65535"),
            ("small", "1"),
            ("medium", "1"),
            ("large", "1"),
            ("count", "1"),
            ("total", "1"),
            ("ratio", "1"),
            ("amount", "999999999999999999"),
            ("title", "'t'"),
            ("body", "''"),
            ("state", "'it''s'"),
            ("raw", "x''"),
            ("extra", "'{}'"),
            ("token", "x'00112233445566778899aabbccddeeff'"),
            ("at", "'2026-01-02T03:04:05.678000Z'"),
            ("local", "'2026-01-02T03:04:05.678000'"),
            ("day", "'2026-01-02'"),
            ("clock", "'03:04:05.678000'"),
            ("note", "null"),
        ];
        if let Some(cell) = row.iter_mut().find(|(name, _)| *name == column) {
            cell.1 = value;
        }
        let (names, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
        format!("INSERT INTO every ({}) VALUES ({})", names.join(", "), values.join(", "))
    }

    #[tokio::test]
    async fn a_column_holds_its_declared_type() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let db = Database::connect(options).await.expect("a database");
        let parent = table("parent").uuid("id").primary_key(&["id"]).build().expect("a table");
        for table in [parent, every_kind()] {
            for sql in create_table(&table, Flavor::Sqlite, false).expect("emitted") {
                run(&db, &sql).await.expect("SQLite takes it");
            }
        }
        run(&db, "INSERT INTO parent VALUES (x'00112233445566778899aabbccddeeff')").await.expect("a parent");
        run(&db, &insert("", "")).await.expect("the plain row is taken");
        for (column, value) in [
            ("flag", "2"),
            ("flag", "'yes'"),
            ("tiny", "128"),
            ("tiny", "-129"),
            ("octet", "256"),
            ("octet", "-1"),
            ("short", "65536"),
            ("short", "-1"),
            ("small", "40000"),
            ("medium", "2147483648"),
            ("large", "1.5"),
            ("count", "-1"),
            ("count", "4294967296"),
            ("total", "-1"),
            ("ratio", "'much'"),
            ("amount", "1000000000000000000"),
            ("amount", "0.5"),
            ("title", "x'00'"),
            ("body", "x'00'"),
            ("raw", "'text'"),
            ("extra", "'{'"),
            ("token", "'00112233-4455-6677-8899-aabbccddeeff'"),
            ("at", "'2026-01-02T03:04:05Z'"),
            ("at", "5"),
            ("local", "'2026-01-02'"),
            ("day", "20260102"),
            ("clock", "'03:04'"),
            ("note", "'0123456789'"),
        ] {
            let error = run(&db, &insert(column, value)).await.expect_err(column);
            assert!(
                error.contains(&format!("CHECK constraint failed: ty_every_{column}")),
                "{column} = {value}: {error}"
            );
        }
        let error = run(&db, &insert("state", "'old'")).await.expect_err("no such variant");
        assert!(error.contains("CHECK constraint failed: ck_every_state"), "{error}");
        let error = run(&db, &insert("large", "null")).await.expect_err("a required field");
        assert!(error.contains("NOT NULL constraint failed"), "{error}");
    }
}
