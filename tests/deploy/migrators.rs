//! Migrations that are declared here, and programs that know some of them.

use seabed::{
    Result,
    migration::{Stepwise, prelude::*},
    schema::Step,
    steps,
};
use std::sync::atomic::{AtomicBool, Ordering};

/// A migration made of steps, without a file of its own.
macro_rules! stepwise {
    ($migration:ident, $name:literal, $steps:path) => {
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
    };
}

macro_rules! migrator {
    ($migrator:ident, $($migration:ident),*) => {
        pub struct $migrator;

        impl MigratorTrait for $migrator {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                vec![$(Box::new($migration)),*]
            }
        }
    };
}

stepwise!(Item, "m1_item", item);
stepwise!(Grow, "m2_grow", grow);
stepwise!(Unique, "m4_unique", unique);
stepwise!(Orphan, "m5_orphan", orphan);
stepwise!(Drop, "m6_drop", drop_it);
stepwise!(Doubt, "m7_doubt", doubt);
stepwise!(TwoTables, "m8_tables", two_tables);
stepwise!(Family, "m8_family", family);
stepwise!(Retype, "m9_retype", retype);
stepwise!(Beside, "m4_beside", beside);
stepwise!(Short, "m4_short", short);
stepwise!(Parts, "m4_parts", parts);
stepwise!(Several, "m4_several", several);

migrator!(First, Item);
migrator!(All, Item, Grow, Hand);
migrator!(Gap, Grow, Hand);
migrator!(Unequal, Item, Unique);
migrator!(Orphaned, Item, Orphan);
migrator!(Dropping, Item, Drop);
migrator!(Doubtful, Doubt);
migrator!(Tables, TwoTables);
migrator!(Retyping, Family, Retype);
migrator!(Older, Item, Unique);
migrator!(WithIndex, Item, Beside);
migrator!(Shortened, Item, Short);
migrator!(InParts, Item, Parts);
migrator!(OfSeveral, Item, Several);
migrator!(None,);

/// How many rows the table has: more than two batches, and no whole number of them.
pub const ROWS: u32 = 25;

fn item() -> Result<Vec<Step>> {
    let rows: Vec<String> = (1..=ROWS).map(|id| format!("({}, {id}, 0)", id / 10)).collect();
    steps![
        create_table(
            table("item").int64("shelf").int64("id").int64("n").nullable().primary_key(&["shelf", "id"]).index(&["n"])
        ),
        create_table(table("shelf").int64("id").primary_key(&["id"])),
        sql("rows")
            .up(&*format!("INSERT INTO item (shelf, id, n) VALUES {}", rows.join(", ")))
            .down("DELETE FROM item")
            .probe("SELECT CASE WHEN EXISTS (SELECT 1 FROM item) THEN '1' ELSE '0' END"),
    ]
}

/// A change that may not happen twice, between changes of the table.
fn grow() -> Result<Vec<Step>> {
    steps![
        add_column("item", text("sku", 20)).fill("'S'"),
        backfill("item").set("n", "n + 1").batch(10).allow("overwrites-values", "it counts"),
        add_index("item", index(&["sku"])),
        sql("as it was").up("UPDATE shelf SET id = id").down("UPDATE shelf SET id = id").probe("SELECT '1'"),
        rename_column("item", "sku", "code"),
    ]
}

fn unique() -> Result<Vec<Step>> {
    steps![
        create_table(table("before").int64("id").primary_key(&["id"])),
        add_index("item", index(&["n"]).unique().named("ux_n"))
    ]
}

/// A change that may not happen twice, in a migration that is no one transaction on SQLite either.
fn parts() -> Result<Vec<Step>> {
    let own = || Words::default().sqlite("PRAGMA optimize");
    steps![
        sql("outside of a transaction").up(own()).down(own()).probe("SELECT '0'").alone(),
        backfill("item").set("n", "n + 1").batch(2).allow("overwrites-values", "it counts"),
    ]
}

/// Two statements as one.
fn several() -> Result<Vec<Step>> {
    let both = "UPDATE item SET n = n + 1; UPDATE nothing SET n = 1";
    steps![sql("two at once").up(both).down("UPDATE item SET n = n - 1")]
}

/// On PostgreSQL two rows of one value are found when the index is nearly done.
fn beside() -> Result<Vec<Step>> {
    let own = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ux_beside ON item (n)";
    steps![sql("an index beside the writers").up(Words::default().postgres(own)).down("DROP INDEX ux_beside")]
}

/// Whether the second and the third step are gone.
pub static SHORT: AtomicBool = AtomicBool::new(false);

/// A step that is done, and one that rows stand in the way of.
fn short() -> Result<Vec<Step>> {
    let one = |name: &str| create_table(table(name).int64("id").primary_key(&["id"]));
    if SHORT.load(Ordering::Relaxed) {
        return steps![one("s1")];
    }
    steps![one("s1"), one("s2"), add_index("item", index(&["n"]).unique().named("ux_n"))]
}

fn orphan() -> Result<Vec<Step>> {
    steps![
        create_table(table("before").int64("id").primary_key(&["id"])),
        add_foreign_key("item", reference(&["shelf"], "shelf", &["id"], OnDelete::Cascade)),
    ]
}

fn drop_it() -> Result<Vec<Step>> {
    steps![
        create_table(table("before").int64("id").primary_key(&["id"])),
        drop_table(table("item").int64("shelf").int64("id").int64("n").nullable().primary_key(&["shelf", "id"]))
            .allow("drops-table", " "),
    ]
}

/// Whether the second step is another one.
pub static EDITED: AtomicBool = AtomicBool::new(false);

/// A statement of which nobody can know whether it was done.
fn doubt() -> Result<Vec<Step>> {
    let change = if EDITED.load(Ordering::Relaxed) { "n = n + 2" } else { "n = n + 1" };
    steps![
        create_table(table("count").int64("id").int64("n").primary_key(&["id"])),
        sql("a row")
            .up("INSERT INTO count VALUES (1, 0)")
            .probe("SELECT CASE WHEN EXISTS (SELECT 1 FROM count) THEN '1' ELSE '0' END")
            .allow("irreversible", "the table goes with it"),
        sql("count").up(&*format!("UPDATE count SET {change}")).allow("irreversible", "the table goes with it"),
        create_table(table("after").int64("id").primary_key(&["id"])),
    ]
}

fn two_tables() -> Result<Vec<Step>> {
    let one = |name: &str| table(name).int64("id").int64("n").primary_key(&["id"]).index(&["n"]);
    steps![create_table(one("this")), create_table(one("that"))]
}

fn family() -> Result<Vec<Step>> {
    let child = table("child").int64("id").int64("parent_id").primary_key(&["id"]);
    steps![
        create_table(table("parent").int64("id").int32("age").primary_key(&["id"])),
        create_table(child.references(&["parent_id"], "parent", &["id"], OnDelete::Cascade)),
        sql("a parent")
            .up("INSERT INTO parent VALUES (1, 40)")
            .down("DELETE FROM parent")
            .probe("SELECT count(*) FROM parent"),
        sql("a child")
            .up("INSERT INTO child VALUES (1, 1)")
            .down("DELETE FROM child")
            .probe("SELECT count(*) FROM child"),
    ]
}

fn retype() -> Result<Vec<Step>> {
    steps![alter_column("parent", int32("age"), int64("age"))]
}

pub struct Hand;

impl MigrationName for Hand {
    fn name(&self) -> &'static str {
        "m3_hand"
    }
}

#[async_trait]
impl MigrationTrait for Hand {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tables(manager, [table("by_hand").int64("id").primary_key(&["id"]).build()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, [table("by_hand").int64("id").primary_key(&["id"]).build()]).await
    }
}
