//! The text of every action on every server, over a picture by hand; the servers themselves are asked beside the deploy.

use super::*;
use crate::{
    migration::prelude::{self as make, *},
    schema::picture::{
        CheckPicture, ColumnPicture, ForeignKeyPicture, IndexPicture, KeyPicture, PartPicture, TablePicture,
    },
};

fn item() -> Table {
    table("item")
        .int64("id")
        .auto_increment()
        .text("name", 40)
        .enumeration("state", ["new", "old"])
        .uint8("n")
        .nullable()
        .int64("maker_id")
        .nullable()
        .primary_key(&["id"])
        .index(&["name"])
        .references(&["maker_id"], "maker", &["id"], OnDelete::Cascade)
        .build()
        .expect("a table")
}

/// What an inspection would say of it, without what no text depends on.
fn have(flavor: Flavor) -> Picture {
    let item = item();
    let column = |column: &Column| ColumnPicture {
        name: column.name.to_string(),
        nullable: column.nullable,
        ..ColumnPicture::default()
    };
    let part = |name: &str| PartPicture { column: Some(name.to_owned()), ..PartPicture::default() };
    let index = |name: &str, column: &str| IndexPicture {
        name: name.to_owned(),
        parts: vec![part(column)],
        valid: true,
        ..IndexPicture::default()
    };
    let check = |name: &str, condition: &str| CheckPicture {
        name: name.to_owned(),
        condition: condition.to_owned(),
        enforced: true,
    };
    let mut indexes = vec![index("ix_item_name", "name")];
    if flavor.is_mysql() {
        indexes.push(index("fk_item_maker_id", "maker_id"));
    }
    let table = TablePicture {
        columns: item.columns.iter().map(column).collect(),
        key: Some(KeyPicture { name: "pk_item".to_owned(), columns: vec!["id".to_owned()] }),
        indexes,
        foreign_keys: vec![ForeignKeyPicture {
            name: "fk_item_maker_id".to_owned(),
            columns: vec!["maker_id".to_owned()],
            parent: "maker".to_owned(),
            parent_columns: vec!["id".to_owned()],
            on_delete: "CASCADE".to_owned(),
            ..ForeignKeyPicture::default()
        }],
        checks: vec![check("ck_item_state", "state in ('new','old')"), check("ty_item_n", "n between 0 and 255")],
        create: (flavor == Flavor::Sqlite)
            .then(|| super::super::create_table(&item, flavor, false).expect("emitted").remove(0)),
        ..TablePicture::default()
    };
    Picture { tables: [("item".to_owned(), table)].into(), others: Vec::new() }
}

fn steps() -> Result<Vec<Step>> {
    steps![
        make::create_table(
            table("note")
                .int64("id")
                .text("title", 9)
                .comment("it's")
                .json("more")
                .native(Words::default().postgres("json"))
                .primary_key(&["id"])
                .indexed(index(&[]).descending("title").only(Words::default().sqlite("id > 0").postgres("id > 0")))
                .check("id", "id > 0")
                .comment_table("notes")
        ),
        rename_table("item", "thing"),
        add_column("item", text("sku", 9).nullable()),
        add_column("item", uint8("m").default_value(7)),
        add_column("item", uint8("m")),
        add_column("item", text("sku", 9)).fill("'S'"),
        drop_column("item", uint8("n").nullable()),
        rename_column("item", "n", "count"),
        alter_column("item", text("name", 40), text("name", 80)),
        alter_column("item", uint8("n").nullable(), uint16("n")).fill("0"),
        alter_column("item", enumeration("state", ["new", "old"]), enumeration("state", ["new", "old", "older"])),
        alter_column("item", text("name", 40), int32("name")).using("length(name)"),
        add_index("item", index(&["n"]).unique().descending("name")),
        drop_index("item", index(&["name"])),
        rename_index("item", "ix_item_name", "mine"),
        add_foreign_key("item", reference(&["n"], "maker", &["id"], OnDelete::SetNull)),
        drop_foreign_key("item", reference(&["maker_id"], "maker", &["id"], OnDelete::Cascade)),
        add_check("item", "n", "n > 5"),
        set_key("item", &["id"], &["id", "name"]),
        comment_table("item", None, Some("it's")),
        comment_column("item", text("name", 40), None, Some("it's")),
        sql("wake").up(Words::default().postgres("NOTIFY x")).probe("SELECT 1").alone(),
        backfill("item").set("n", "5"),
    ]
}

fn golden(flavor: Flavor, expected: &str) {
    let have = have(flavor);
    let mut text = String::new();
    for step in steps().expect("steps") {
        let emitted = statements(&step.action, &have, flavor).expect("statements");
        let name = format!("{:?}", step.action);
        text += &format!("-- {}\n", name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default());
        for statement in emitted {
            let alone = if statement.alone { ", alone" } else { "" };
            text += &format!("{};\n--   {:?}{alone}\n", statement.sql, statement.done);
        }
    }
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn postgres_says_every_action() {
    golden(Flavor::Postgres, include_str!("golden/postgres.sql"));
}

#[test]
fn mariadb_says_every_action() {
    golden(Flavor::MariaDb, include_str!("golden/mariadb.sql"));
}

#[test]
fn sqlite_says_every_action() {
    golden(Flavor::Sqlite, include_str!("golden/sqlite.sql"));
}

#[test]
fn what_a_server_has_not_is_refused_by_name() {
    let of = |index: crate::schema::step::IndexBuilder, flavor| {
        let step = add_index("item", index).step().expect("a step");
        statements(&step.action, &have(flavor), flavor)
    };
    let partial = || index(&["name"]).only("n > 0");
    let computed = || index(&[]).expression("lower(name)");
    for flavor in [Flavor::MySql, Flavor::MariaDb] {
        let error = of(partial(), flavor).expect_err("a partial index");
        assert_eq!((error.entity_name(), error.constraint_name()), (Some("item"), Some("ix_item_name_only")));
    }
    assert!(of(computed(), Flavor::MySql).expect("MySQL has it")[0].sql.ends_with("((lower(name)))"));
    let error = of(computed(), Flavor::MariaDb).expect_err("MariaDB has it not");
    assert_eq!((error.kind(), error.constraint_name()), (ErrorKind::Unsupported, Some("ix_item_expression")));
    let quiet = index(&["name"]).only(Words::default().postgres("n > 0"));
    assert_eq!(of(quiet, Flavor::MariaDb).expect("nothing is said for it"), []);
    let lost = add_index("other", index(&["name"])).step().expect("a step");
    let error = statements(&lost.action, &Picture::default(), Flavor::Postgres).expect_err("no such table");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::SchemaMismatch, Some("other")));
}
