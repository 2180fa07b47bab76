//! What the words of a statement tell, on each dialect.

use super::*;
use crate::ErrorKind;
use sea_orm::DatabaseBackend::{MySql, Postgres, Sqlite};

const ALL: [DbBackend; 3] = [Sqlite, Postgres, MySql];

fn one(dialect: DbBackend, sql: &str) -> Result<RawStatement> {
    RawStatement::new(dialect, sql, Vec::new(), RawWant::Rows)
}

fn script(dialect: DbBackend, sql: &str) -> Result<RawStatement> {
    RawStatement::new(dialect, sql, Vec::new(), RawWant::Script)
}

#[track_caller]
fn refused(made: Result<RawStatement>, part: &str) {
    let error = made.expect_err(part);
    assert!(error.is(ErrorKind::InvalidQuery) && error.message().contains(part), "{error}");
}

#[test]
fn several_statements_are_one_where_the_semicolon_is_in_quotes_or_a_comment() {
    for dialect in ALL {
        for sql in
            ["SELECT ';'", "SELECT 1;", "SELECT 1 ; -- ; DELETE", "SELECT /* ; */ 1", "SELECT 'it''s;'", "(SELECT 1);;"]
        {
            one(dialect, sql).unwrap_or_else(|error| panic!("{dialect:?} {sql}: {error}"));
        }
        refused(one(dialect, "SELECT 1; DELETE FROM x"), "several statements");
        refused(one(dialect, "SELECT ''';'; DELETE FROM x"), "several statements");
        refused(one(dialect, "SELECT ';"), "not closed");
        refused(one(dialect, " -- nothing"), "no statement");
    }
    one(Postgres, "SELECT $$;$$, $a$ ; $$ ; $a$, E'\\';', \"a;\"").expect("quotes of PostgreSQL");
    refused(one(Postgres, "SELECT '\\'; DELETE FROM x --'"), "several statements");
    refused(one(Postgres, "SELECT /* /* */ 1; */ 1; DELETE FROM x"), "several statements");
    one(MySql, "SELECT '\\';', \"\\\";\", `;` # ;\n").expect("quotes of MySQL");
    refused(one(MySql, "SELECT 1 --2; DELETE FROM x"), "several statements");
    refused(one(MySql, "SELECT 1 /*!99999 ; DELETE FROM x */"), "several statements");
    one(Sqlite, "SELECT [;], `;`, \";\"").expect("quotes of SQLite");
    refused(one(Sqlite, "SELECT '\\'; DELETE FROM x --'"), "several statements");
}

#[test]
fn a_trigger_is_one_statement_and_what_follows_it_is_another() {
    let body = "CREATE TRIGGER t AFTER INSERT ON x BEGIN \
                UPDATE x SET a = CASE WHEN a > 1 THEN 2 ELSE 3 END; DELETE FROM y; END";
    one(Sqlite, body).expect("one");
    refused(one(Sqlite, &format!("{body}; DELETE FROM z")), "several statements");
    refused(script(Sqlite, &format!("{body}; COMMIT")), "COMMIT");
    let body = "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE 1 WHEN 1 THEN SELECT 2; END CASE; END";
    one(MySql, body).expect("one");
    refused(one(MySql, &format!("{body}; DELETE FROM z")), "several statements");
}

#[test]
fn what_controls_a_transaction_is_refused_wherever_it_stands() {
    for dialect in ALL {
        for sql in ["begin", "START TRANSACTION", "/* now */ Commit", "(ROLLBACK)", "SAVEPOINT a", "RELEASE a", "END"] {
            refused(one(dialect, sql), "transact");
            refused(script(dialect, &format!("SELECT 1; {sql}; SELECT 2")), "transact");
        }
        one(dialect, "SELECT 'COMMIT', \"begin\"").expect("a word in quotes is none");
    }
    refused(one(Postgres, "PREPARE TRANSACTION 'a'"), "transact");
    refused(one(Postgres, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"), "transact");
    for sql in [
        "SET autocommit = 0",
        "SET @@session.autocommit=0",
        "SET a = 1, autocommit = 0",
        "LOCK TABLES x READ",
        "XA END 'a'",
    ] {
        refused(one(MySql, sql), "transact");
    }
    refused(one(MySql, "/*! COMMIT */"), "transact");
    one(Postgres, "LOCK TABLE x IN SHARE MODE").expect("a lock until the transaction's end");
    refused(one(Postgres, "COPY x FROM STDIN"), "streams");
    refused(one(MySql, "LOAD DATA LOCAL INFILE 'a.csv' INTO TABLE x"), "streams");
}

#[test]
fn what_only_reads_is_told_from_what_writes() {
    let reads = |sql: &str| one(Postgres, sql).expect("a statement").reads();
    for sql in ["select 1", "(SELECT 1)", "WITH a AS (SELECT 1) SELECT * FROM a", "VALUES (1)", "EXPLAIN SELECT 1"] {
        assert!(reads(sql), "{sql}");
    }
    for sql in [
        "INSERT INTO x VALUES (1)",
        "WITH a AS (DELETE FROM x RETURNING *) SELECT * FROM a",
        "SELECT * INTO y FROM x",
        "SELECT * FROM x FOR UPDATE",
        "SELECT * FROM x FOR SHARE",
        "EXPLAIN ANALYZE DELETE FROM x",
        "REFRESH MATERIALIZED VIEW x",
    ] {
        assert!(!reads(sql), "{sql}");
    }
    assert!(!one(Postgres, "SELECT f()").expect("a statement").writing().reads());
    assert!(!script(Sqlite, "SELECT 1").expect("a script").reads());
}

#[test]
fn what_stays_behind_in_a_connection_is_seen() {
    let session = |dialect, sql: &str| script(dialect, sql).expect("a statement").changes_session();
    for (dialect, sql) in [
        (Postgres, "SET search_path = x"),
        (Postgres, "SELECT 1; LISTEN a"),
        (Postgres, "CREATE TEMP TABLE x (a int)"),
        (Postgres, "SELECT 1 AS a INTO TEMP x"),
        (Postgres, "SELECT set_config('a.b', 'c', false)"),
        (Postgres, "SELECT pg_advisory_lock(1)"),
        (MySql, "SET sql_mode = ''"),
        (MySql, "USE other"),
        (MySql, "SELECT @a := 1"),
        (MySql, "SELECT 1 INTO @a"),
        (MySql, "CREATE TEMPORARY TABLE x (a int)"),
        (MySql, "CALL p()"),
        (Sqlite, "PRAGMA foreign_keys = OFF"),
        (Sqlite, "ATTACH 'a.db' AS a"),
    ] {
        assert!(session(dialect, sql), "{sql}");
    }
    for sql in ["SET LOCAL lock_timeout = 5", "SELECT temp FROM weather", "UPDATE x SET a = 1", "SELECT a::int FROM x"]
    {
        assert!(!session(Postgres, sql), "{sql}");
    }
}

#[test]
fn a_definition_commits_on_mysql_alone() {
    let commits = |dialect, sql: &str| one(dialect, sql).expect("a statement").commits();
    for sql in ["CREATE TABLE x (a int)", "drop table x", "TRUNCATE x", "ALTER TABLE x ADD a int"] {
        assert!(commits(MySql, sql) && !commits(Postgres, sql) && !commits(Sqlite, sql), "{sql}");
    }
    assert!(!commits(MySql, "CREATE TEMPORARY TABLE x (a int)") && !commits(MySql, "UPDATE x SET a = 1"));
}

#[test]
fn values_are_as_many_as_placeholders() {
    let bound = |dialect, sql: &str, values: usize| {
        RawStatement::new(dialect, sql, vec![Value::from(1); values], RawWant::Rows)
    };
    bound(Postgres, "SELECT $1, $2, $1, a ? 'b'", 2).expect("numbers may come again");
    bound(MySql, "SELECT ?, '?', `?`", 1).expect("one");
    bound(Sqlite, "SELECT ?, [?]", 1).expect("one");
    for dialect in ALL {
        refused(bound(dialect, if dialect == Postgres { "SELECT $2" } else { "SELECT ?, ?" }, 1), "2 placeholders");
        refused(bound(dialect, "SELECT 1", 1), "0 placeholders");
    }
    refused(bound(Sqlite, "SELECT :name", 1), "name of the server's own");
    refused(RawStatement::new(Sqlite, "SELECT ?", Vec::new(), RawWant::Script), "no values");
}
