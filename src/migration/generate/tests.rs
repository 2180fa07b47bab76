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
                .references(&["maker_id"], "maker", &["id"], OnDelete::Restrict)
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

/// Each expression is a step, and its own text: so what is printed is what compiles, and makes the same step.
macro_rules! printed {
    ($($step:expr),* $(,)?) => {
        vec![$((stringify!($step), $crate::schema::step::Make::step($step).expect("a step").action)),*]
    };
}

#[test]
fn every_step_is_printed_as_it_is_written() {
    use crate::migration::prelude::*;
    let steps = printed![
        create_table(
            table("item")
                .schema("shop")
                .int64("id")
                .auto_increment()
                .enumeration("state", ["new", "o\"ld"])
                .default_value("new")
                .long_text("note")
                .nullable()
                .int16("n")
                .default_value(7)
                .int64("large")
                .default_value(5_000_000_000_i64)
                .double("ratio")
                .default_value(0.1_f64)
                .primary_key(&["id"])
                .unique(&["n", "large"])
                .references(&["n"], "maker", &["id"], OnDelete::SetNull)
        ),
        drop_table(table("item").uuid("id").primary_key(&["id"])),
        rename_table("item", "thing"),
        add_column("item", text("sku", 64).nullable()),
        add_column("item", date("day").native("date").comment("a day")).fill("current_date"),
        drop_column("item", decimal("price", 9, 2)),
        rename_column("item", "a", "b"),
        alter_column("item", int32("n"), int64("n").nullable()),
        alter_column("item", None, int64("n")).using(Words::from("n").postgres("n::bigint")).fill("0"),
        add_index("item", index(&["a", "b"]).unique()),
        add_index("item", index(&["a"]).descending("b").ascending("c").only("a > 0")),
        add_index("item", index(&[]).expression("lower(a)").named("lowered")),
        drop_index("item", index(&["a"])),
        rename_index("item", "a", "b"),
        add_foreign_key("item", reference(&["a"], "maker", &["id"], OnDelete::Cascade)),
        drop_foreign_key("item", reference(&["a"], "maker", &["id"], OnDelete::Restrict).named("old")),
        add_check("item", "positive", "n > 0"),
        drop_check("item", "positive", Words::default().sqlite("n > 0").mysql("n > 1")),
        set_key("item", &["id"], &["id", "n"]),
        comment_table("item", None, Some("things")),
        comment_column("item", int32("n"), Some("old"), None),
        sql("wake the workers").up("NOTIFY work").down("NOTIFY rest").probe("SELECT true").alone(),
        backfill("item").set("n", "n + 1").only("n < 5").batch(50_000),
        backfill("item").set("n", "n + 1"),
    ];
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for (written, action) in steps {
        let text = print::step(&action).expect("printed");
        assert_eq!(bare(&text), bare(written).replace(",)", ")"), "{text}");
    }
}

#[test]
fn what_goes_is_written_with_what_accepts_it() {
    let (_kept, folder) = crate_of(LIB);
    generate(&folder, &shop(), &options("first")).expect("written");
    let mut tables = shop();
    tables[0] = Arc::new(
        table("item")
            .uuid("id")
            .text("name", 80)
            .int64("maker_id")
            .text("sku", 9)
            .nullable()
            .primary_key(&["id"])
            .unique(&["name"])
            .references(&["maker_id"], "maker", &["id"], OnDelete::Restrict)
            .build()
            .expect("a table"),
    );
    let done = generate(&folder, &tables, &options("second")).expect("written");
    assert_eq!(done.questions, [], "no two of one type");
    let text = folder.read("m20260401_120001_second.rs").expect("a file");
    assert!(text.contains("add_column(\"item\", text(\"sku\", 9).nullable()),"), "{text}");
    assert!(
        text.contains("        // .allow(\"drops-column\", \"why\")\n        drop_column(\"item\", boolean(\"sold\")"),
        "{text}"
    );
    assert!(text.contains("still reads them. To accept it, say"), "{text}");
    assert_eq!(done.unaccepted.iter().filter(|(_, code)| code == "drops-column").count(), 2, "{:?}", done.unaccepted);
    let again = generate(&folder, &tables, &options("third")).expect("nothing to do");
    assert_eq!((again.migration, again.files.len()), (None, 0));
}

#[test]
fn what_fits_into_one_line_ends_without_a_comma() {
    let (_kept, folder) = crate_of(LIB);
    let plain = |columns: &str| {
        let table =
            columns.chars().fold(table("item").uuid("id"), |table, name| table.int64(name.to_string()).nullable());
        vec![Arc::new(table.primary_key(&["id"]).build().expect("a table"))]
    };
    generate(&folder, &plain("a"), &options("first")).expect("written");
    generate(&folder, &plain("abc"), &options("second")).expect("written");
    let text = folder.read("m20260401_120001_second.rs").expect("a file");
    let line = r#"    steps![add_column("item", int64("b").nullable()), add_column("item", int64("c").nullable())]"#;
    assert!(text.lines().any(|it| it == line), "{text}");
}

#[test]
fn a_long_number_is_written_in_groups() {
    assert_eq!([1, -999, 1000, 12_345, -1_234_567].map(source::number), ["1", "-999", "1000", "12_345", "-1_234_567"]);
}

#[test]
fn a_rename_is_asked_for_and_answered() {
    let (_kept, folder) = crate_of(LIB);
    generate(&folder, &shop(), &options("first")).expect("written");
    let mut tables = shop();
    let mut item = (*tables[0]).clone();
    item.columns[1].name = "title".into();
    tables[0] = Arc::new(item);
    let asked = generate(&folder, &tables, &options("second")).expect("asked");
    assert_eq!((asked.questions.len(), asked.files.len()), (1, 0), "{asked:?}");
    let mut answered = options("second");
    answered.answers = vec![Answer { question: asked.questions[0].clone(), renamed: true }];
    let done = generate(&folder, &tables, &answered).expect("written");
    let file = done.migration.expect("a migration") + ".rs";
    let text = folder.read(&file).expect("a file");
    assert!(text.contains("rename_column(\"item\", \"name\", \"title\")"), "{text}");
}
