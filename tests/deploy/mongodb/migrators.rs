//! Migrations whose own words are MongoDB's.

use seabed::{
    Result,
    migration::{Stepwise, prelude::*},
    schema::Step,
    steps,
};

macro_rules! stepwise {
    ($($migration:ident $name:literal $steps:path),* $(,)?) => {$(
        pub struct $migration;

        impl MigrationName for $migration {
            fn name(&self) -> &str {
                $name
            }
        }

        #[async_trait]
        impl MigrationTrait for $migration {
            async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
                Err(seabed::migration::refused())
            }
        }

        seabed::__private::inventory::submit! {
            Stepwise { name: $name, source: concat!("the source of ", $name), steps: $steps }
        }
    )*};
}

macro_rules! migrators {
    ($($migrator:ident: $($migration:ident),*;)*) => {$(
        pub struct $migrator;

        impl MigratorTrait for $migrator {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                vec![$(Box::new($migration)),*]
            }
        }
    )*};
}

stepwise! {
    Shop "n1_shop" shop,
    Grow "n2_grow" grow,
    Unique "n3_unique" unique,
    Orphan "n4_orphan" orphan,
    Narrow "n5_narrow" narrow,
    Tight "n6_tight" tight,
    Accepted "n6_accepted" accepted,
    Made "n6_made" made,
    InSql "n7_in_sql" in_sql,
    Doubt "n8_doubt" doubt,
}

migrators! {
    First: Shop;
    All: Shop, Grow;
    Unequal: Shop, Unique;
    Orphaned: Shop, Orphan;
    Narrowed: Shop, Narrow;
    Tightened: Shop, Tight;
    Careless: Shop, Accepted;
    Makes: Shop, Made;
    Spoken: Shop, InSql;
    Doubtful: Shop, Doubt;
    ByHand: Shop, Hand;
}

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
