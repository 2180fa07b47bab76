//! What others have made stays, what fails leaves nothing, and what is asked for again after a crash is the same.

use super::*;
use crate::{ErrorKind, schema::step::StepBuilder};

const ALL: [Flavor; 3] = [Flavor::Sqlite, Flavor::Postgres, Flavor::MariaDb];

fn action<A: crate::schema::step::Finish>(step: StepBuilder<A>) -> Action {
    step.step().expect("a step").action
}

fn item() -> TableBuilder {
    table("item").int64("id").auto_increment().text("name", 40).int64("maker_id").nullable().primary_key(&["id"])
}

#[tokio::test]
async fn a_value_that_is_missing_is_never_made_up() {
    for flavor in ALL {
        let Some(mut scratch) = Scratch::on(flavor).await else { continue };
        scratch.make(&[item()]).await;
        scratch.run("INSERT INTO item (name) VALUES ('a')").await;
        for column in [int64("n"), text("n", 5), long_text("n"), json("n")] {
            scratch.refused(&action(add_column("item", column))).await;
        }
        scratch.refused(&action(alter_column("item", int64("maker_id").nullable(), int64("maker_id")))).await;
        scratch.refused(&action(alter_column("item", text("name", 40), enumeration("name", ["b"])))).await;
        scratch.refused(&action(alter_column("item", text("name", 40), int64("name")))).await;
        scratch.run("UPDATE item SET name = 'longer'").await;
        scratch.refused(&action(alter_column("item", text("name", 40), text("name", 3)))).await;
        // Without rows nothing is missing.
        scratch.run("DELETE FROM item").await;
        scratch.step(&action(add_column("item", json("n")))).await;
        scratch.drop().await;
    }
}

#[tokio::test]
async fn a_column_that_others_name_stays() {
    for flavor in ALL {
        let Some(mut scratch) = Scratch::on(flavor).await else { continue };
        let table = item().index(&["name", "maker_id"]).check("both", "name <> 'x' OR maker_id > 0");
        scratch.make(&[table]).await;
        let error = scratch.refused(&action(drop_column("item", text("name", 40)))).await;
        assert_eq!((error.kind(), error.fields()), (ErrorKind::SchemaMismatch, &["name".to_owned()][..]), "{flavor}");
        assert_eq!(error.constraint_name(), Some("ix_item_name_maker_id"), "{flavor}");
        scratch.refused(&action(drop_column("item", int64("id")))).await;
        scratch.step(&action(drop_index("item", index(&["name", "maker_id"])))).await;
        let error = scratch.refused(&action(drop_column("item", text("name", 40)))).await;
        assert_eq!(error.constraint_name(), Some("ck_item_both"), "{flavor}");
        scratch.drop().await;
    }
}

#[tokio::test]
async fn a_parent_that_is_called_as_a_column_names_none() {
    for flavor in ALL {
        let Some(mut scratch) = Scratch::on(flavor).await else { continue };
        let maker = table("maker").int64("id").primary_key(&["id"]);
        let child = item().text("Maker", 9).nullable().references(&["maker_id"], "maker", &["id"], OnDelete::Cascade);
        scratch.make(&[maker, child]).await;
        scratch.step(&action(drop_column("item", text("Maker", 9).nullable()))).await;
        scratch.refused(&action(drop_column("maker", int64("id")))).await;
        scratch.drop().await;
    }
}

#[tokio::test]
async fn what_stands_under_an_old_name_is_found() {
    for flavor in ALL {
        let Some(mut scratch) = Scratch::on(flavor).await else { continue };
        let before = table("thing").int64("id").enumeration("state", ["a", "b"]).uint8("n").nullable();
        scratch.make(&[before.primary_key(&["id"])]).await;
        scratch.run("INSERT INTO thing VALUES (1, 'a', 5)").await;
        for step in [
            action(rename_table("thing", "item")),
            action(rename_column("item", "state", "phase")),
            action(alter_column("item", enumeration("phase", ["a", "b"]), enumeration("phase", ["a", "c"]))),
            action(rename_column("item", "n", "count")),
            action(alter_column("item", uint8("count").nullable(), uint16("count"))),
        ] {
            scratch.step(&step).await;
        }
        scratch.run("INSERT INTO item VALUES (2, 'c', 60000)").await;
        for row in ["(3, 'b', 5)", "(3, 'c', 70000)", "(3, 'c', NULL)"] {
            assert!(scratch.tried(&format!("INSERT INTO item VALUES {row}")).await.is_err(), "{flavor}: {row}");
        }
        scratch.drop().await;
    }
}

#[tokio::test]
async fn what_is_asked_for_again_is_the_same() {
    let Some(mut scratch) = Scratch::on(Flavor::MariaDb).await else { return };
    let maker = table("maker").int64("id").primary_key(&["id"]);
    scratch.make(&[maker, item().enumeration("state", ["a", "b"])]).await;
    for step in [
        action(add_column("item", uint8("n"))),
        action(add_column("item", uint8("m").default_value(5))),
        action(add_column("item", text("sku", 9)).fill("concat('S', id)")),
        action(alter_column("item", enumeration("state", ["a", "b"]), enumeration("state", ["a"]))),
        action(alter_column("item", text("name", 40), text("name", 50).nullable())),
        action(alter_column("item", uint8("n"), uint16("n").nullable())),
        action(add_index("item", index(&["name"]))),
        action(add_foreign_key("item", reference(&["maker_id"], "maker", &["id"], OnDelete::Restrict))),
        action(add_check("item", "short", "name <> ''")),
        action(drop_check("item", "short", "name <> ''")),
        action(drop_index("item", index(&["name"]))),
        action(set_key("item", &["id"], &["id", "name"])),
        action(comment_table("item", None, Some("things"))),
    ] {
        let have = scratch.inspect().await;
        let emit = |have: &Picture| ddl::step::statements(&step, have, Flavor::MariaDb).expect("statements");
        let first = emit(&have);
        for (at, statement) in first.iter().enumerate() {
            scratch.run(&statement.sql).await;
            let again = emit(&scratch.inspect().await);
            assert_eq!(again, first, "after statement {at}");
            if statement.done == crate::schema::Done::Again {
                scratch.run(&statement.sql).await;
            }
        }
    }
    scratch.drop().await;
}

#[tokio::test]
async fn sqlite_keeps_what_others_wrote_beside() {
    let mut scratch = Scratch::on(Flavor::Sqlite).await.expect("in memory");
    for sql in [
        "CREATE TABLE maker (id integer PRIMARY KEY)",
        "CREATE TABLE \"item\" ( -- a table, by hand\n  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,\n  \
           name varchar(40) COLLATE NOCASE DEFAULT 'it''s, (so)' NOT NULL UNIQUE, /* , */\n  \
           \"odd, name\" text CHECK (\"odd, name\" <> ')'),\n  twice GENERATED ALWAYS AS (length(name) * 2) STORED,\n  \
           maker_id bigint REFERENCES maker (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,\n  \
           up bigint REFERENCES item ON DELETE CASCADE,\n  CONSTRAINT mine CHECK (name <> 'check') -- the last\n)",
        "CREATE TABLE child (id integer PRIMARY KEY, item_id bigint REFERENCES item (id) ON DELETE CASCADE)",
        "CREATE UNIQUE INDEX hand ON item (lower(name) DESC) WHERE maker_id IS NULL",
        "CREATE VIEW seen AS SELECT name, twice FROM item",
        "CREATE TABLE log (what text -- a remark\n)",
        "CREATE TRIGGER told AFTER INSERT ON item BEGIN INSERT INTO log VALUES (new.name); END",
        "CREATE TRIGGER away AFTER DELETE ON child BEGIN UPDATE item SET name = name WHERE id = old.item_id; END",
        "INSERT INTO item (id, name) VALUES (1, 'a'), (9, 'b')",
        "DELETE FROM item WHERE id = 9",
        "INSERT INTO child VALUES (1, 1)",
    ] {
        scratch.run(sql).await;
    }
    let before = bare(scratch.inspect().await);
    let there = action(alter_column("item", text("odd, name", 9).nullable(), text("odd, name", 5).nullable()));
    scratch.step(&there).await;
    let words = scratch.inspect().await.tables["item"].create.clone().expect("its text");
    for kept in [
        "-- a table, by hand",
        "COLLATE NOCASE DEFAULT 'it''s, (so)' NOT NULL UNIQUE",
        "/* , */",
        "CHECK (\"odd, name\" <> ')')",
        "twice GENERATED ALWAYS AS (length(name) * 2) STORED",
        "ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED",
        "up bigint REFERENCES item ON DELETE CASCADE",
        "CONSTRAINT mine CHECK (name <> 'check') -- the last",
    ] {
        assert!(words.contains(kept), "{kept}\n{words}");
    }
    scratch.step(&action(add_column("item", uint8("n").default_value(3)))).await;
    scratch.step(&action(add_check("item", "n", "n > 0"))).await;
    scratch.step(&action(drop_check("item", "n", "n > 0"))).await;
    scratch.step(&action(drop_column("item", uint8("n")))).await;
    scratch.step(&action(alter_column("item", text("odd, name", 5).nullable(), text("odd, name", 9).nullable()))).await;
    let mut after = bare(scratch.inspect().await);
    let checks = &mut after.tables.get_mut("item").expect("the table").checks;
    assert!(checks.iter().any(|check| check.condition.contains("<= 9")), "{checks:?}");
    checks.retain(|check| !check.condition.contains("<= 9"));
    let column = after.tables.get_mut("item").expect("the table").columns.iter_mut().find(|it| it.name == "odd, name");
    column.expect("the column").declared = "TEXT".to_owned();
    assert_eq!(format!("{after:#?}").to_lowercase(), format!("{before:#?}").to_lowercase());
    assert_eq!(scratch.cell("SELECT count(*) FROM child").await, "1", "children of a table that is made anew");
    scratch.run("INSERT INTO item (name) VALUES ('c')").await;
    assert_eq!(scratch.cell("SELECT max(id) FROM item").await, "10", "keys of rows that are gone do not come again");
    assert_eq!(scratch.cell("SELECT count(*) FROM log").await, "3", "the trigger");
    assert_eq!(scratch.cell("SELECT count(*) FROM seen").await, "2", "the view");
    let error = scratch.refused(&action(drop_column("item", text("name", 40)))).await;
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch, "a view and a trigger name it");
    scratch.step(&action(alter_column("log", long_text("what").nullable(), long_text("what")))).await;
    let words = scratch.inspect().await.tables["log"].create.clone().expect("its text");
    assert!(words.contains("what text NOT NULL -- a remark\n"), "{words}");
    // Where nothing names it, the server's own way is taken.
    scratch.run("ALTER TABLE log ADD COLUMN free text").await;
    let free = action(drop_column("log", long_text("free").nullable()));
    let statements = ddl::step::statements(&free, &scratch.inspect().await, Flavor::Sqlite).expect("statements");
    assert_eq!(statements[0].sql, "ALTER TABLE `log` DROP COLUMN `free`");
    scratch.drop().await;
}

#[tokio::test]
async fn a_table_in_a_schema_is_changed_there() {
    for flavor in [Flavor::Sqlite, Flavor::Postgres] {
        let Some(mut scratch) = Scratch::on(flavor).await else { continue };
        if flavor == Flavor::Postgres {
            scratch.run("CREATE SCHEMA sales").await;
        }
        let place = table("item").schema("sales").int64("id").text("name", 9).primary_key(&["id"]);
        scratch.make(&[place]).await;
        let name = if flavor == Flavor::Sqlite { "`sales.item`" } else { "sales.item" };
        scratch.run(&format!("INSERT INTO {name} VALUES (1, 'a')")).await;
        let mut have = scratch.inspect().await;
        if flavor == Flavor::Postgres {
            // A picture is of one schema, unless it is asked for another.
            let other = inspect::inspect(&scratch.deploy, Some("sales")).await.expect("a picture");
            have.tables.extend(other.tables.into_iter().map(|(name, table)| (format!("sales.{name}"), table)));
        }
        for step in [
            action(add_column("sales.item", int16("n").default_value(5))),
            action(add_index("sales.item", index(&["name"]))),
            action(alter_column("sales.item", text("name", 9), text("name", 20))),
            action(drop_index("sales.item", index(&["name"]))),
            action(drop_column("sales.item", int16("n").default_value(5))),
        ] {
            for statement in ddl::step::statements(&step, &have, flavor).expect("statements") {
                scratch.run(&statement.sql).await;
            }
            if flavor == Flavor::Sqlite {
                have = scratch.inspect().await;
            }
        }
        assert_eq!(scratch.cell(&format!("SELECT name FROM {name}")).await, "a");
        scratch.drop().await;
    }
}
