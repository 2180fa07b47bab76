use super::*;
use crate::schema::{Action, IndexDef, Kind, Name, OnDelete, Part, build::table};

fn author() -> Table {
    table("author")
        .int64("id")
        .auto_increment()
        .text("name", 80)
        .primary_key(&["id"])
        .unique(&["name"])
        .build()
        .expect("a table")
}

fn book() -> Table {
    table("book")
        .uuid("id")
        .int64("author_id")
        .decimal("price", 9, 2)
        .nullable()
        .default_value(rust_decimal::Decimal::new(150, 2))
        .enumeration("state", ["new", "old"])
        .primary_key(&["id"])
        .index(&["author_id"])
        .references(&["author_id"], "author", &["id"], OnDelete::Cascade)
        .build()
        .expect("a table")
}

#[test]
fn a_column_has_a_line_and_the_text_comes_back() {
    let snapshot = Snapshot::of([&book(), &author()]).expect("a snapshot");
    let text = snapshot.to_text();
    assert_eq!(
        text,
        r#"{
  "seabed": 1,
  "tables": [
    {
      "name": "author",
      "columns": [
        {"name":"id","kind":"int64","auto_increment":true},
        {"name":"name","kind":{"text":{"max":80}}}
      ],
      "key": ["id"],
      "indexes": [
        {"name":"ux_author_name","columns":["name"],"unique":true}
      ],
      "references": []
    },
    {
      "name": "book",
      "columns": [
        {"name":"id","kind":"uuid"},
        {"name":"author_id","kind":"int64"},
        {"name":"price","kind":{"decimal":{"precision":9,"scale":2}},"nullable":true,"default":{"decimal":"1.50"}},
        {"name":"state","kind":{"enum":{"variants":["new","old"]}}}
      ],
      "key": ["id"],
      "indexes": [
        {"name":"ix_book_author_id","columns":["author_id"]}
      ],
      "references": [
        {"name":"fk_book_author_id","columns":["author_id"],"parent":"author","parent_columns":["id"],"on_delete":"cascade"}
      ]
    }
  ]
}
"#
    );
    assert_eq!(Snapshot::from_text(&text).expect("read"), snapshot);
    assert_eq!(snapshot.tables().expect("tables"), [author(), book()]);
    assert_eq!(snapshot.parents_first().expect("tables")[0].name, "author");
}

#[test]
fn what_is_no_snapshot_is_refused() {
    for text in ["<<<<<<< HEAD\n", "{}", r#"{"seabed": 2, "tables": []}"#] {
        let error = Snapshot::from_text(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::SchemaMismatch, "{error}");
    }
    assert_eq!(Snapshot::from_text("\n").expect("nothing yet"), Snapshot::default());
    assert_eq!(Snapshot::of([&book(), &book()]).expect_err("twice").entity_name(), Some("book"));
}

fn after(actions: &[Action]) -> Result<Vec<Table>> {
    let mut snapshot = Snapshot::of([&author(), &book()])?;
    actions.iter().try_for_each(|action| snapshot.apply(action))?;
    snapshot.tables()
}

#[test]
fn a_name_is_changed_wherever_it_is_said() {
    let actions = [
        Action::RenameTable { from: "author".into(), to: "writer".into() },
        Action::RenameColumn { table: "writer".into(), from: "id".into(), to: "number".into() },
        Action::RenameColumn { table: "book".into(), from: "author_id".into(), to: "writer_id".into() },
    ];
    let tables = after(&actions).expect("renamed");
    let key = &tables[0].foreign_keys[0];
    assert_eq!((key.parent.as_str(), key.parent_columns[0].as_str()), ("writer", "number"));
    assert_eq!(tables[0].names(&key.columns), ["writer_id"]);
    assert_eq!(tables[0].names(&tables[0].indexes[0].columns), ["writer_id"]);
    assert_eq!(tables[1].names(&tables[1].key), ["number"]);
}

#[test]
fn columns_and_indexes_come_and_go() {
    let price = book().column("price").expect("a column").clone();
    let named = |name: &str, parts| IndexDef { name: name.into(), parts, ..IndexDef::default() };
    let add = |index| Action::AddIndex { table: "book".into(), index };
    let mut state = book().column("state").expect("a column").clone();
    state.kind = Kind::Text { max: Some(9) };
    let sku = crate::schema::Column { name: Name::Borrowed("sku"), ..state.clone() };
    let tables = after(&[
        Action::DropColumn { table: "book".into(), column: price.clone() },
        Action::AddColumn { table: "book".into(), column: sku, fill: None },
        Action::AlterColumn { table: "book".into(), from: None, to: state, using: None, fill: None },
        add(named("two", vec![Part::Column("sku".into()), Part::Column("id".into())])),
        add(named("down", vec![Part::Descending("sku".into())])),
        Action::DropIndex { table: "book".into(), index: named("ix_book_author_id", Vec::new()) },
    ])
    .expect("changed");
    let names: Vec<&str> = tables[1].columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["id", "author_id", "state", "sku"]);
    assert_eq!(tables[1].columns[2].kind, Kind::Text { max: Some(9) });
    assert_eq!(tables[1].indexes.iter().map(|index| &*index.name).collect::<Vec<_>>(), ["two"]);
    assert_eq!(tables[1].extra.indexes[0].name, "down");

    let twice = [
        Action::DropColumn { table: "book".into(), column: price.clone() },
        Action::DropColumn { table: "book".into(), column: price },
    ];
    let error = after(&twice).expect_err("it is gone");
    assert_eq!((error.entity_name(), error.fields()), (Some("book"), &["price".to_owned()][..]));
    assert!(after(&[Action::CreateTable(author())]).is_err(), "it is there already");
}
