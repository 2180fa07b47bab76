//! Property: a table that our DDL makes in two places reads back equal.

use super::*;
use crate::schema::{OnDelete, ddl::tests::every_kind};

/// A column of every kind, keys of several columns, references with every rule, to itself and to others.
fn tables() -> Vec<Table> {
    let parent = table("parent").uuid("id").text("name", 40).primary_key(&["id"]).unique(&["name"]).build();
    let child = table("child")
        .int64("b")
        .int32("a")
        .uint32("count")
        .uuid("parent_id")
        .nullable()
        .int64("over_b")
        .int32("over_a")
        .json("extra")
        .primary_key(&["b", "a"])
        .index(&["count", "parent_id"])
        .references(&["parent_id"], "parent", &["id"], OnDelete::SetNull)
        .references(&["over_b", "over_a"], "child", &["b", "a"], OnDelete::Cascade)
        .build();
    vec![parent.expect("a table"), every_kind(), child.expect("a table")]
}

/// What both must have, whatever the server.
fn whole(picture: &Picture) {
    assert_eq!(picture.tables.keys().collect::<Vec<_>>(), ["child", "every", "parent"]);
    let every = &picture.tables["every"];
    assert_eq!(every.columns.len(), 23);
    assert_eq!(every.column("id").map(|column| &*column.auto), Some("yes"));
    let unique = every.index("ux_every_title").expect("the unique index");
    assert!(unique.unique && unique.valid && unique.predicate.is_none() && unique.odd.is_none());
    assert_eq!(unique.parts[0].column.as_deref(), Some("title"));
    let reference = &every.foreign_keys[0];
    assert_eq!((&*reference.name, &*reference.parent, &*reference.on_delete), ("fk_every_token", "parent", "RESTRICT"));
    assert_eq!((&reference.columns, &reference.parent_columns), (&vec!["token".to_owned()], &vec!["id".to_owned()]));
    assert!(every.checks.iter().all(|check| check.enforced && !check.condition.is_empty()));
    assert!(every.checks.iter().any(|check| check.name == "ck_every_state" && check.condition.contains("it")));
    assert!(every.options.is_empty() && every.comment.is_none(), "{:?}", every.options);
    let child = &picture.tables["child"];
    assert_eq!(child.key.as_ref().map(|key| &*key.columns), Some(&["b".to_owned(), "a".to_owned()][..]));
    let itself = child.foreign_keys.iter().find(|key| key.parent == "child").expect("the reference to itself");
    assert_eq!((itself.columns.join(" "), itself.parent_columns.join(" ")), ("over_b over_a".into(), "b a".into()));
    assert!(child.foreign_keys.iter().any(|key| key.parent == "parent" && key.on_delete == "SET NULL"));
    assert!(picture.others.is_empty(), "{:?}", picture.others);
}

fn equal(here: &Picture, there: &Picture) {
    let text = |picture: &Picture| serde_json::to_string_pretty(picture).expect("as JSON");
    let (here, there) = (text(here), text(there));
    for (one, other) in here.lines().zip(there.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(here.len(), there.len());
}

#[tokio::test]
async fn sqlite_reads_a_table_back_equal_in_two_places() {
    let (one, other) = (Scratch::sqlite().await, Scratch::sqlite().await);
    one.make(&tables()).await;
    other.make(&tables()).await;
    let picture = one.inspect(None).await;
    whole(&picture);
    equal(&picture, &other.inspect(None).await);
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_reads_a_table_back_equal_in_two_places() {
    let Some(scratch) = Scratch::postgres().await else { return };
    // What stands in the first place is reached from the second, as from a scratch schema.
    for (schema, path) in [("public", "public"), ("sea \"b\" ' Ä", "\"sea \"\"b\"\" ' Ä\", public")] {
        scratch.run(&format!("CREATE SCHEMA IF NOT EXISTS {}", Flavor::Postgres.quoted(schema))).await;
        if schema == "public" {
            scratch.run("CREATE TYPE mood AS ENUM ('calm', 'it''s'); CREATE FUNCTION low(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)'").await;
        }
        scratch.run(&format!("SET search_path = {path}")).await;
        scratch.make(&tables()).await;
        scratch
            .run(
                "ALTER TABLE child ADD COLUMN feels mood NOT NULL DEFAULT 'calm', ADD COLUMN word text DEFAULT low('X'), \
                 ADD CONSTRAINT odd CHECK (low(word) <> 'calm' AND feels <> 'it''s'); \
                 CREATE INDEX by_low ON child (low(word), feels) WHERE feels = 'calm'",
            )
            .await;
        scratch.run("SET search_path = public").await;
    }
    let mut here = scratch.inspect(None).await;
    let there = scratch.inspect(Some("sea \"b\" ' Ä")).await;
    assert_eq!(scratch.cell("SHOW search_path").await, "public", "the path is put back");
    assert!(!serde_json::to_string(&there).expect("as JSON").contains("sea"), "the name of the place is in no text");
    here.others.retain(|other| !matches!(&*other.name, "mood" | "low(text)"));
    whole(&here);
    equal(&here, &there);
    let child = &here.tables["child"];
    assert_eq!(child.column("feels").map(|column| &*column.declared), Some("mood"));
    assert_eq!(child.index("by_low").and_then(|it| it.parts[0].expression.as_deref()), Some("low(word)"));
    scratch.drop().await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn mysql_reads_a_table_back_equal_in_two_places() {
    let Some(scratch) = Scratch::mysql().await else { return };
    let home = scratch.cell("SELECT DATABASE()").await;
    let other = format!("{home}_'`b");
    let quoted = Flavor::MariaDb.quoted(&other);
    scratch.make(&tables()).await;
    // A database that differs in case alone is another one.
    let upper = Flavor::MariaDb.quoted(&home.to_uppercase());
    scratch.run(&format!("CREATE DATABASE {upper}")).await;
    scratch.run(&format!("CREATE TABLE {upper}.child (alien int)")).await;
    scratch.run(&format!("CREATE DATABASE {quoted} CHARACTER SET latin1")).await;
    scratch.run(&format!("USE {quoted}")).await;
    scratch.make(&tables()).await;
    scratch.run(&format!("USE {home}")).await;
    let here = scratch.inspect(None).await;
    let there = scratch.inspect(Some(&other)).await;
    assert!(!serde_json::to_string(&there).expect("as JSON").contains(&*home), "the name of the place is in no text");
    scratch.run(&format!("DROP DATABASE {quoted}")).await;
    scratch.run(&format!("DROP DATABASE {upper}")).await;
    whole(&here);
    equal(&here, &there);
    let extra = here.tables["every"].column("extra").expect("JSON");
    assert_eq!((&*extra.declared, extra.collation.as_deref()), ("json", None));
    scratch.drop().await;
}
