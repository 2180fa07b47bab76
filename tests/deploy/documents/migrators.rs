//! Migrations whose own words are MongoDB's.

use seabed::{
    Result,
    migration::{Stepwise, prelude::*},
    schema::Step,
    steps,
};

stepwise!(Shop, "n1_shop", shop);
stepwise!(Grow, "n2_grow", grow);
stepwise!(Unique, "n3_unique", unique);
stepwise!(Orphan, "n4_orphan", orphan);
stepwise!(Narrow, "n5_narrow", narrow);
stepwise!(Tight, "n6_tight", tight);
stepwise!(Accepted, "n6_accepted", accepted);
stepwise!(Alone, "n6_alone", alone);
stepwise!(Null, "n6_null", null);
stepwise!(Made, "n6_made", made);
stepwise!(InSql, "n7_in_sql", in_sql);
stepwise!(Doubt, "n8_doubt", doubt);
stepwise!(Half, "n8_half", half);
stepwise!(Late, "n3_late", late);
stepwise!(Named, "n3_named", named);
stepwise!(Tables, "n3_tables", of_tables);

migrator!(First, Shop);
migrator!(All, Shop, Grow);
migrator!(Unequal, Shop, Unique);
migrator!(Orphaned, Shop, Orphan);
migrator!(Narrowed, Shop, Narrow);
migrator!(Tightened, Shop, Tight);
migrator!(Careless, Shop, Accepted);
migrator!(Parentless, Shop, Alone);
migrator!(Nulled, Shop, Null);
migrator!(Makes, Shop, Made);
migrator!(Spoken, Shop, InSql);
migrator!(Doubtful, Shop, Doubt);
migrator!(HalfWay, Shop, Half);
migrator!(Later, Shop, Late);
migrator!(Renamed, Shop, Named);
migrator!(Moving, Shop, Tables);
migrator!(ByHand, Shop, Hand);

/// More than two batches, and no whole number of them.
pub const ROWS: i64 = 25;

/// A parent and a child, with rows.
fn shop() -> Result<Vec<Step>> {
    let rows: Vec<String> = (1..=ROWS)
        .map(|id| format!(r#"{{"id": {id}, "shelf_id": null, "n": 0, "price": "{id}", "name": "row {id}"}}"#))
        .collect();
    let rows = format!(r#"{{"insert": "item", "documents": [{}]}}"#, rows.join(", "));
    let one = |command: &str| Words::default().mongodb(command);
    steps![
        create_table(table("shelf").int64("id").text("name", 40).primary_key(&["id"]).unique(&["name"])),
        create_table(
            table("item")
                .int64("id")
                .int64("shelf_id")
                .nullable()
                .int64("n")
                .text("price", 20)
                .text("name", 60)
                .primary_key(&["id"])
                .index(&["n"])
                .references(&["shelf_id"], "shelf", &["id"], OnDelete::Restrict)
        ),
        sql("rows")
            .up(one(&rows))
            .down(one(r#"{"delete": "item", "deletes": [{"q": {}, "limit": 0}]}"#))
            .probe(one(r#"{"aggregate": "item", "pipeline": [{"$limit": 1}, {"$count": "n"}]}"#)),
    ]
}

/// A change that may not happen twice, between changes of the table; each has a way back but the backfill's, which is said.
fn grow() -> Result<Vec<Step>> {
    steps![
        add_column("item", text("sku", 20)).fill(Words::default().mongodb(r#"{"$concat": ["S", "$name"]}"#)),
        backfill("item")
            .set("n", Words::default().mongodb(r#"{"$add": ["$n", 1]}"#))
            .batch(10)
            .allow("overwrites-values", "it counts"),
        add_index("item", index(&["sku"]).unique()),
        alter_column("item", text("price", 20), int64("price")),
        rename_column("item", "sku", "code"),
        rename_table("shelf", "place"),
    ]
}

fn unique() -> Result<Vec<Step>> {
    steps![add_column("item", text("more", 9).nullable()), add_index("item", index(&["n"]).unique().named("ux_n"))]
}

fn orphan() -> Result<Vec<Step>> {
    steps![add_foreign_key("item", reference(&["n"], "shelf", &["id"], OnDelete::Cascade))]
}

fn narrow() -> Result<Vec<Step>> {
    steps![alter_column("item", text("name", 60), text("name", 5))]
}

fn tight() -> Result<Vec<Step>> {
    steps![alter_column("item", int64("shelf_id").nullable(), int64("shelf_id"))]
}

fn accepted() -> Result<Vec<Step>> {
    steps![alter_column("item", text("name", 60), text("name", 5)).allow("narrows-type", "nobody looked")]
}

fn alone() -> Result<Vec<Step>> {
    let key = add_foreign_key("item", reference(&["n"], "shelf", &["id"], OnDelete::Restrict));
    steps![key.allow("orphans", "nobody looked")]
}

fn null() -> Result<Vec<Step>> {
    let tighter = alter_column("item", int64("shelf_id").nullable(), int64("shelf_id"));
    steps![tighter.allow("not-null-over-nulls", "nobody looked")]
}

/// A value that is made of the old one, by an expression that must meet each once.
fn made() -> Result<Vec<Step>> {
    let twice = Words::default().mongodb(r#"{"$multiply": [{"$toLong": "$price"}, 2]}"#);
    steps![
        alter_column("item", text("price", 20), int64("price")).using(twice),
        alter_column("item", int64("shelf_id").nullable(), int64("shelf_id")).fill(Words::default().mongodb("7")),
    ]
}

fn in_sql() -> Result<Vec<Step>> {
    steps![add_column("item", text("sku", 20)).fill("'S'")]
}

fn doubt() -> Result<Vec<Step>> {
    let count = r#"{"update": "item", "updates": [{"q": {}, "u": {"$inc": {"n": 1}}, "multi": true}]}"#;
    steps![sql("count").up(Words::default().mongodb(count)).allow("irreversible", "it is a test")]
}

/// It fails at the fifth row, when four were counted up.
fn half() -> Result<Vec<Step>> {
    let name = r#"{"$cond": [{"$eq": ["$id", 5]}, null, "$name"]}"#;
    let set = format!(r#"[{{"$set": {{"n": {{"$add": ["$n", 1]}}, "name": {name}}}}}]"#);
    let count = format!(r#"{{"update": "item", "updates": [{{"q": {{}}, "u": {set}, "multi": true}}]}}"#);
    steps![sql("count").up(Words::default().mongodb(count)).allow("irreversible", "it is a test")]
}

/// A column that a program of the last release knows nothing of.
fn late() -> Result<Vec<Step>> {
    steps![
        add_column("item", text("late", 9).nullable()),
        add_index("item", index(&["late"]).unique()),
        alter_column("item", text("name", 60), text("name", 90)),
    ]
}

fn named() -> Result<Vec<Step>> {
    steps![rename_column("item", "n", "m")]
}

/// Collections that come, get another name, and go.
fn of_tables() -> Result<Vec<Step>> {
    let one = |name: &str| table(name).int64("id").primary_key(&["id"]);
    steps![
        create_table(one("this")),
        create_table(one("that")),
        rename_table("this", "other"),
        drop_table(one("that")).allow("drops-table", "it is a test"),
    ]
}

pub struct Hand;

impl MigrationName for Hand {
    fn name(&self) -> &'static str {
        "n9_hand"
    }
}

#[async_trait]
impl MigrationTrait for Hand {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tables(manager, [table("by_hand").int64("id").primary_key(&["id"]).build()]).await
    }
}
