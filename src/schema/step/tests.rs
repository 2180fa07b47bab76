//! The words of a migration file, and the way back of each.

use super::*;
use crate::{
    ErrorKind,
    schema::{build::table, constant},
    steps,
};

fn some() -> crate::Result<Vec<Step>> {
    let item = || table("item").int64("id").auto_increment().text("name", 20).primary_key(&["id"]);
    steps![
        create_table(item()),
        drop_table(item()),
        rename_table("item", "thing"),
        add_column("item", text("sku", 64).nullable()),
        drop_column("item", int32("n").default_value(5)),
        rename_column("item", "a", "b"),
        alter_column("item", text("a", 10), text("a", 20).nullable()),
        add_index("item", index(&["a"]).unique().descending("b").only("a > 0")),
        drop_index("item", index(&["a"])),
        rename_index("item", "ix_a", "ix_b"),
        add_foreign_key("item", reference(&["a"], "maker", &["id"], OnDelete::Cascade)),
        drop_foreign_key("item", reference(&["a"], "maker", &["id"], OnDelete::Cascade)),
        add_check("item", "positive", "a > 0"),
        drop_check("item", "positive", "a > 0"),
        set_key("item", &["a"], &["a", "b"]),
        comment_table("item", None, Some("things")),
        comment_column("item", text("a", 10), Some("old"), Some("new")),
        sql("wake").up("NOTIFY x").down("NOTIFY y"),
    ]
}

#[test]
fn the_way_back_of_the_way_back_is_the_step() {
    for step in some().expect("steps") {
        let back = step.action.reverse().expect("a way back");
        let there: Vec<Action> = back.iter().rev().flat_map(|back| back.reverse().expect("a way there")).collect();
        let same = match &step.action {
            // It says so itself.
            Action::Sql(sql) => vec![Action::Sql(Sql { what: format!("back: back: {}", sql.what), ..sql.clone() })],
            Action::SetComment { table, column: Some(column), from, to } => {
                let mut column = column.clone();
                column.extra.comment.clone_from(to);
                let (table, from, to) = (table.clone(), from.clone(), to.clone());
                vec![Action::SetComment { table, column: Some(column), from, to }]
            }
            other => vec![other.clone()],
        };
        assert_eq!(there, same);
    }
}

#[test]
fn what_nobody_can_undo_has_no_way_back() {
    let steps: crate::Result<Vec<Step>> = steps![
        sql("wake").up("NOTIFY x"),
        backfill("item").set("n", "n + 1").only("n < 5").batch(5_000),
        alter_column("item", None, text("a", 20)),
        alter_column("item", text("a", 9), int32("a")).using("length(a)"),
    ];
    assert!(steps.expect("steps").iter().all(|step| step.action.reverse().is_none()));
}

#[test]
fn a_fault_names_entity_and_field() {
    let faults: [(crate::Result<Step>, &[&str]); 9] = [
        (add_column("item", decimal("price", 29, 2)).step(), &["price"]),
        (add_column("item", text("name", 0)).step(), &["name"]),
        (add_column("item", int16("n").default_value(70_000)).step(), &["n"]),
        (add_column("item", int16("n").default_value("seven")).step(), &["n"]),
        (drop_column("item", text("x".repeat(64), 5)).step(), &[]),
        (alter_column("item", text("a", 5), text("b", 5)).step(), &["a"]),
        (alter_column("item", text("a", 5), text("a", 5).nullable()).fill("''").step(), &["a"]),
        (backfill("item").set("n", "1").batch(0).step(), &[]),
        (add_foreign_key("item", reference(&["a"], "b", &[], OnDelete::Cascade)).step(), &["a"]),
    ];
    for (fault, fields) in faults {
        let error = fault.expect_err("a fault");
        assert_eq!(error.entity_name(), Some("item"), "{error}");
        assert!(fields.is_empty() || error.fields() == fields, "{error}: {:?}", error.fields());
    }
    assert_eq!(sql("nothing").step().expect_err("no words").kind(), ErrorKind::SchemaMismatch);
    assert!(backfill("item").step().is_err(), "nothing is set");
    assert!(index(&[]).build("item").is_err(), "no part");
}

#[test]
fn a_default_is_brought_to_its_column() {
    let of = |column: ColumnBuilder| column.build().expect("a column").default;
    assert_eq!(of(int64("n").default_value(5)), Some(5_i64.into()));
    assert_eq!(of(uint16("n").default_value(5_u8)), Some(5_i32.into()));
    assert_eq!(of(decimal("n", 9, 2).default_value(5)), Some(rust_decimal::Decimal::from(5).into()));
    let said = constant(r#"{"decimal":"1.50"}"#).expect("a decimal");
    assert_eq!(of(decimal("n", 9, 2).default_value(said)), Some(rust_decimal::Decimal::new(150, 2).into()));
    assert!(constant("{}").is_err());
}

#[test]
fn names_follow_the_table_without_its_schema() {
    let name = |index: IndexBuilder| index.build("sales.item").expect("an index").name;
    assert_eq!(name(index(&["a"]).descending("b")), "ix_item_a_b");
    assert_eq!(name(index(&["a"]).unique().only("a > 0")), "ux_item_a_only");
    assert_eq!(name(index(&[]).expression("lower(a)")), "ix_item_expression");
    assert_eq!(name(index(&["a"]).named("mine")), "mine");
    let twice = table("item").int64("id").primary_key(&["id"]).index(&["id"]).indexed(index(&["id"]));
    assert_eq!(twice.build().expect_err("one name").constraint_name(), Some("ix_item_id"));
}
