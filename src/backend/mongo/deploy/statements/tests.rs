use super::{super::inspect::want, *};
use crate::schema::{
    Column, IndexDef, Kind, OnDelete, Part, Table,
    build::{TableBuilder, table},
};
use std::sync::Arc;

const KEY: &str = "the_owner";

/// Rows that may belong to an owner; `n` takes nulls or not.
fn item(nullable: bool) -> TableBuilder {
    let item = table("item").int64("id").int64("owner_id").int64("n");
    if nullable { item.nullable() } else { item }.primary_key(&["id"])
}

fn owned(table: TableBuilder) -> Table {
    let mut item = table.references(&["owner_id"], "owner", &["id"], OnDelete::Restrict).build().expect("a table");
    item.foreign_keys[0].name = KEY.to_owned();
    item
}

fn picture(item: Table) -> Picture {
    let owner = table("owner").int64("id").primary_key(&["id"]).build().expect("a table");
    want(&[Arc::new(owner), Arc::new(item)]).expect("a picture")
}

fn index(name: &str, columns: &[&str], unique: bool) -> IndexDef {
    let parts = columns.iter().map(|column| Part::Column((*column).to_owned())).collect();
    IndexDef { name: name.to_owned(), parts, unique, ..IndexDef::default() }
}

/// What becomes of indexes, in order.
fn of_indexes(action: &Action, have: &Picture) -> Vec<String> {
    let short = |statement: Statement| {
        let command = text::document(&statement.sql).expect("a command");
        if let Ok(gone) = command.get_str("index") {
            return Some(format!("- {gone}"));
        }
        let made = command.get_array("indexes").ok()?.first()?.as_document()?.clone();
        Some(format!("+ {}", made.get_str("name").ok()?))
    };
    statements(action, have).expect("commands").into_iter().filter_map(short).collect()
}

fn dropping(index: IndexDef) -> Action {
    Action::DropIndex { table: "item".to_owned(), index }
}

fn adding(index: IndexDef) -> Action {
    Action::AddIndex { table: "item".to_owned(), index }
}

fn names(picture: &Picture) -> Vec<&str> {
    picture.tables["item"].indexes.iter().map(|index| &*index.name).collect()
}

#[test]
fn s2_no_index_is_made_that_is_there_under_another_name() {
    let mut one = owned(item(false).index(&["owner_id"]));
    one.indexes[0].name = "by_owner".to_owned();
    let have = picture(one);
    assert_eq!(names(&have), ["by_owner"]);
    assert_eq!(of_indexes(&dropping(index("by_owner", &["owner_id"], false)), &have), ["- by_owner", "+ the_owner"]);
    let mut two = owned(item(false).index(&["owner_id", "n"]));
    two.indexes[0].name = "by_both".to_owned();
    let both = index("by_both", &["owner_id", "n"], false);
    assert_eq!(of_indexes(&dropping(both), &picture(two)), ["+ the_owner", "- by_both"], "never without one");
    let have = picture(owned(item(false)));
    assert_eq!(names(&have), [KEY]);
    let added = |index| of_indexes(&adding(index), &have);
    assert_eq!(added(index("mine", &["owner_id"], false)), ["- the_owner", "+ mine"]);
    assert_eq!(added(index("mine", &["owner_id"], true)), ["+ mine"], "a unique one is another");
    assert_eq!(added(index(KEY, &["owner_id"], false)), ["+ the_owner"], "again");
    assert_eq!(added(index("mine", &["id"], true)), Vec::<String>::new(), "it is the key");
}

#[test]
fn s2_a_new_key_takes_the_place_of_an_index_that_is_the_same() {
    let mut one = item(false).unique(&["n"]).build().expect("a table");
    one.indexes[0].name = "one_n".to_owned();
    let mut have = picture(one);
    let key = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let set = Action::SetKey { table: "item".to_owned(), from: key(&["id"]), to: key(&["n"]) };
    assert_eq!(of_indexes(&set, &have), ["- one_n", "- pk_item", "+ pk_item"]);
    // The plan's next step finds it gone.
    let item = have.tables.get_mut("item").expect("it is there");
    item.indexes.clear();
    item.key.as_mut().expect("a key").columns = key(&["n"]);
    assert_eq!(of_indexes(&dropping(index("one_n", &["n"], true)), &have), Vec::<String>::new());
    statements(&dropping(index("other", &["id"], true)), &have).expect_err("nobody made it");
}

#[test]
fn s2_a_reference_is_served_by_no_index_that_leaves_its_rows_out() {
    let unique = |nullable| {
        let mut one = owned(item(nullable).unique(&["owner_id", "n"]));
        one.indexes[0].name = "both".to_owned();
        picture(one)
    };
    assert_eq!(names(&unique(false)), ["both"]);
    assert_eq!(names(&unique(true)), ["both", KEY], "rows without `n` are not in it");
    let mut one = owned(
        table("item")
            .int64("id")
            .int64("owner_id")
            .nullable()
            .int64("n")
            .primary_key(&["id"])
            .unique(&["owner_id", "n"]),
    );
    one.indexes[0].name = "both".to_owned();
    assert_eq!(names(&picture(one)), ["both"], "who looks for children gives the owner");
    let n = |nullable| Column {
        name: "n".into(),
        kind: Kind::Int64,
        nullable,
        default: None,
        auto_increment: false,
        extra: crate::schema::ColumnExtra::default(),
    };
    let alter =
        Action::AlterColumn { table: "item".to_owned(), from: Some(n(false)), to: n(true), using: None, fill: None };
    assert_eq!(of_indexes(&alter, &unique(false)), ["- both", "+ both", "+ the_owner"]);
    assert_eq!(of_indexes(&dropping(index(KEY, &["owner_id"], false)), &unique(true)), ["- the_owner", "+ the_owner"]);
}
