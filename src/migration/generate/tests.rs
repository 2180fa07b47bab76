#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]
use super::*;
use crate::schema::{OnDelete, build::table};
use std::fs;

fn shop() -> Vec<Arc<Table>> {
    let item = table("item")
        .uuid("id")
        .text("name", 80)
        .boolean("sold")
        .default_value(false)
        .decimal("price", 9, 2)
        .default_value(rust_decimal::Decimal::new(150, 2))
        .int64("maker_id")
        .primary_key(&["id"])
        .unique(&["name"])
        .references(&["maker_id"], "maker", &["id"], OnDelete::Restrict)
        .build();
    let maker = table("maker").int64("id").auto_increment().primary_key(&["id"]).build();
    [item, maker].into_iter().map(|table| Arc::new(table.expect("a table"))).collect()
}

fn crate_of(lib: &str) -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("src")).expect("src");
    fs::write(folder.path().join("src/lib.rs"), lib).expect("lib.rs");
    fs::write(folder.path().join("rustfmt.toml"), "max_width = 120\nuse_small_heuristics = \"Max\"\n").expect("rules");
    let open = Folder::open(folder.path()).expect("a crate");
    (folder, open)
}

const LIB: &str = "pub struct Migrator;\n\nimpl MigratorTrait for Migrator {\n    fn migrations() -> Vec<Box<dyn MigrationTrait>> {\n        vec![]\n    }\n}\n";

fn options(name: &str) -> GenerateOptions {
    let at = DateTime::from_timestamp(1_775_044_800, 0).expect("an instant");
    GenerateOptions { at, ..GenerateOptions::new(name) }
}

#[test]
fn the_first_migration_is_written_from_nothing() {
    let (_kept, folder) = crate_of(LIB);
    let done = generate(&folder, &shop(), &options("first")).expect("written");
    assert_eq!(done.migration.as_deref(), Some("m20260401_120000_first"));
    assert_eq!(
        folder.read("m20260401_120000_first.rs").expect("a file"),
        r##"//! first.

use seabed::migration::prelude::*;

seabed::migration!("m20260401_120000_first", steps);

fn steps() -> Result<Vec<Step>> {
    steps![
        create_table(table("maker").int64("id").auto_increment().primary_key(&["id"])),
        create_table(
            table("item")
                .uuid("id")
                .text("name", 80)
                .boolean("sold")
                .default_value(false)
                .decimal("price", 9, 2)
                .default_value(constant(r#"{"decimal":"1.50"}"#)?)
                .int64("maker_id")
                .primary_key(&["id"])
                .unique(&["name"])
                .references(&["maker_id"], "maker", &["id"], OnDelete::Restrict),
        ),
    ]
}
"##
    );
    let lib = folder.read("lib.rs").expect("a file");
    assert!(lib.starts_with("mod m20260401_120000_first;\n\npub struct"), "{lib}");
    assert!(lib.contains("vec![Box::new(m20260401_120000_first::Migration)]"), "{lib}");
    let written = folder.snapshot().expect("a snapshot");
    assert_eq!(written, Snapshot::of(shop().iter().map(AsRef::as_ref)).expect("a snapshot"));
}

#[test]
fn a_name_follows_those_that_are_there() {
    let (_kept, folder) = crate_of(LIB);
    fs::write(folder.path().join("m20990101_000000_ahead.rs"), "").expect("a file");
    let done = generate(&folder, &shop(), &options("first")).expect("written");
    assert_eq!(done.migration.as_deref(), Some("m20990101_000001_first"));
    for name in ["", "Add", "add-sku", "1st", "../x"] {
        let error = generate(&folder, &shop(), &options(name)).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Migration);
    }
}

#[test]
fn a_list_that_is_not_found_leaves_nothing_behind() {
    let (_kept, folder) = crate_of("fn migrations() -> V { all() }\n");
    generate(&folder, &shop(), &options("first")).expect_err("no list");
    assert!(folder.names().expect("names").is_empty());
    assert_eq!(folder.snapshot().expect("none"), Snapshot::default());
}
