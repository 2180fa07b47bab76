//! The actions, each from a table to another.

use super::*;
use crate::schema::step::StepBuilder;

/// A change of one table, with what it must make of it.
struct Case {
    name: &'static str,
    before: TableBuilder,
    step: Action,
    after: TableBuilder,
    /// A question and its answer behind the step, over the rows that were there before.
    rows: (&'static str, &'static str),
}

fn plain() -> TableBuilder {
    table("item").int64("id").auto_increment().text("name", 40).int64("maker_id").nullable()
}

fn keyed(table: TableBuilder) -> TableBuilder {
    table.primary_key(&["id"])
}

fn maker() -> TableBuilder {
    keyed(table("maker").int64("id").text("name", 40))
}

fn case(
    name: &'static str,
    before: TableBuilder,
    step: impl Make,
    after: TableBuilder,
    rows: (&'static str, &'static str),
) -> Case {
    Case { name, before, step: step.step().expect(name).action, after, rows }
}

const COUNT: (&str, &str) = ("SELECT count(*) FROM item", "2");

fn added() -> Vec<Case> {
    let add = |name, column: crate::schema::step::ColumnBuilder, after, rows| {
        case(name, keyed(plain()), add_column("item", column), keyed(after), rows)
    };
    vec![
        add("nullable", text("sku", 9).nullable(), plain().text("sku", 9).nullable(), COUNT),
        add("nullable number", uint8("n").nullable(), plain().uint8("n").nullable(), COUNT),
        add(
            "with a default",
            uint8("n").default_value(7),
            plain().uint8("n"),
            ("SELECT count(*) FROM item WHERE n = 7", "2"),
        ),
        add(
            "nullable with a default",
            text("t", 9).nullable().default_value("it's"),
            plain().text("t", 9).nullable(),
            ("SELECT count(*) FROM item WHERE t = 'it''s'", "2"),
        ),
        add(
            "an enum with a default",
            enumeration("state", ["new", "old"]).default_value("new"),
            plain().enumeration("state", ["new", "old"]),
            ("SELECT count(*) FROM item WHERE state = 'new'", "2"),
        ),
        add("a long text", long_text("body").default_value("x"), plain().long_text("body"), COUNT),
        add("bytes", bytes("raw").default_value(vec![0_u8, 92]), plain().bytes("raw"), COUNT),
        add("true", boolean("b").default_value(true), plain().boolean("b"), COUNT),
        add("a float", double("d").default_value(1.0), plain().double("d"), COUNT),
        add("json", json("j").default_value(serde_json::json!({"a": [1]})), plain().json("j"), COUNT),
        add("a uuid", uuid("u").default_value(uuid::Uuid::nil()), plain().uuid("u"), COUNT),
        add(
            "an instant",
            instant("at").default_value(chrono::DateTime::<chrono::Utc>::UNIX_EPOCH),
            plain().instant("at"),
            COUNT,
        ),
        add("a date", date("at").default_value(chrono::NaiveDate::MIN.with_ymd(2026, 1, 2)), plain().date("at"), COUNT),
        add("a decimal", decimal("p", 9, 2).default_value(5), plain().decimal("p", 9, 2), COUNT),
        case(
            "filled by an expression",
            keyed(plain()),
            add_column("item", text("sku", 50)).fill(Words::from("'S' || name").mysql("concat('S', name)")),
            keyed(plain().text("sku", 50)),
            ("SELECT sku FROM item WHERE name = 'a'", "Sa"),
        ),
    ]
}

trait Day {
    fn with_ymd(self, year: i32, month: u32, day: u32) -> chrono::NaiveDate;
}

impl Day for chrono::NaiveDate {
    fn with_ymd(self, year: i32, month: u32, day: u32) -> chrono::NaiveDate {
        chrono::NaiveDate::from_ymd_opt(year, month, day).expect("a day")
    }
}

fn altered() -> Vec<Case> {
    let alter = |name, from: TableBuilder, step: StepBuilder<_>, to: TableBuilder, rows| {
        case(name, keyed(from), step, keyed(to), rows)
    };
    let text_of = |max| table("item").int64("id").auto_increment().text("name", max).int64("maker_id").nullable();
    vec![
        alter("longer", plain(), alter_column("item", text("name", 40), text("name", 80)), text_of(80), COUNT),
        alter("shorter", plain(), alter_column("item", text("name", 40), text("name", 3)), text_of(3), COUNT),
        alter(
            "null no more",
            plain(),
            alter_column("item", int64("maker_id").nullable(), int64("maker_id")).fill("0"),
            table("item").int64("id").auto_increment().text("name", 40).int64("maker_id"),
            ("SELECT count(*) FROM item WHERE maker_id = 0", "1"),
        ),
        alter(
            "null",
            plain(),
            alter_column("item", text("name", 40), text("name", 40).nullable()),
            table("item").int64("id").auto_increment().text("name", 40).nullable().int64("maker_id").nullable(),
            COUNT,
        ),
        alter(
            "wider, null no more",
            table("item").int64("id").auto_increment().text("name", 40).uint8("maker_id").nullable(),
            alter_column("item", uint8("maker_id").nullable(), int64("maker_id")).fill("0"),
            table("item").int64("id").auto_increment().text("name", 40).int64("maker_id"),
            ("SELECT count(*) FROM item WHERE maker_id = 0", "1"),
        ),
        alter(
            "a number of another range",
            plain(),
            alter_column("item", int64("maker_id").nullable(), uint16("maker_id").nullable()),
            table("item").int64("id").auto_increment().text("name", 40).uint16("maker_id").nullable(),
            COUNT,
        ),
        alter(
            "an enum's value more",
            table("item").int64("id").auto_increment().enumeration("name", ["a", "b"]).int64("maker_id").nullable(),
            alter_column("item", enumeration("name", ["a", "b"]), enumeration("name", ["a", "b", "longer"])),
            table("item")
                .int64("id")
                .auto_increment()
                .enumeration("name", ["a", "b", "longer"])
                .int64("maker_id")
                .nullable(),
            COUNT,
        ),
        alter(
            "a text that becomes an enum",
            plain(),
            alter_column("item", text("name", 40), enumeration("name", ["a", "b"])),
            table("item").int64("id").auto_increment().enumeration("name", ["a", "b"]).int64("maker_id").nullable(),
            COUNT,
        ),
        alter(
            "a number that becomes a text",
            plain(),
            alter_column("item", int64("maker_id").nullable(), text("maker_id", 30).nullable()),
            table("item").int64("id").auto_increment().text("name", 40).text("maker_id", 30).nullable(),
            ("SELECT maker_id FROM item WHERE name = 'a'", "1"),
        ),
        alter(
            "by an expression",
            plain().index(&["name"]).index(&["maker_id", "name"]),
            alter_column("item", text("name", 40), int32("name"))
                .using(Words::from("length(name) + 6").mysql("char_length(name) + 6")),
            table("item")
                .int64("id")
                .auto_increment()
                .int32("name")
                .int64("maker_id")
                .nullable()
                .index(&["name"])
                .index(&["maker_id", "name"]),
            ("SELECT count(*) FROM item WHERE name = 7", "2"),
        ),
        alter(
            "a key of another range",
            table("item").int32("id").auto_increment().text("name", 40).int64("maker_id").nullable(),
            alter_column("item", int32("id").auto_increment(), int64("id").auto_increment()),
            plain(),
            COUNT,
        ),
        alter(
            "a key that the database makes",
            table("item").int64("id").text("name", 40).int64("maker_id").nullable(),
            alter_column("item", int64("id"), int64("id").auto_increment()),
            plain(),
            COUNT,
        ),
    ]
}

fn hung() -> Vec<Case> {
    let of =
        |name, step: StepBuilder<Action>, after: TableBuilder| case(name, keyed(plain()), step, keyed(after), COUNT);
    let to_maker = || reference(&["maker_id"], "maker", &["id"], OnDelete::Cascade);
    vec![
        of("an index", add_index("item", index(&["name", "maker_id"])), plain().index(&["name", "maker_id"])),
        of("a unique one", add_index("item", index(&["name"]).unique()), plain().unique(&["name"])),
        of(
            "a descending one",
            add_index("item", index(&["name"]).descending("maker_id")),
            plain().indexed(index(&["name"]).descending("maker_id")),
        ),
        of(
            "a reference",
            add_foreign_key("item", to_maker()),
            plain().references(&["maker_id"], "maker", &["id"], OnDelete::Cascade),
        ),
        of("a check", add_check("item", "short", "name <> ''"), plain().check("short", "name <> ''")),
        case(
            "an index that a reference needs",
            keyed(plain()).index(&["maker_id"]).references(&["maker_id"], "maker", &["id"], OnDelete::Restrict),
            drop_index("item", index(&["maker_id"])),
            keyed(plain()).references(&["maker_id"], "maker", &["id"], OnDelete::Restrict),
            COUNT,
        ),
        case(
            "another action of a reference",
            keyed(plain()).references(&["maker_id"], "maker", &["id"], OnDelete::SetNull),
            drop_foreign_key("item", reference(&["maker_id"], "maker", &["id"], OnDelete::SetNull)),
            keyed(plain()),
            COUNT,
        ),
        case(
            "another key",
            table("item").int64("id").text("name", 40).int64("maker_id").nullable().primary_key(&["id"]),
            set_key("item", &["id"], &["name", "id"]),
            table("item").int64("id").text("name", 40).int64("maker_id").nullable().primary_key(&["name", "id"]),
            COUNT,
        ),
        of("a remark", comment_table("item", None, Some("it's")), plain().comment_table("it's")),
        of(
            "a column's remark",
            comment_column("item", text("name", 40), None, Some("it's")),
            table("item").int64("id").auto_increment().text("name", 40).comment("it's").int64("maker_id").nullable(),
        ),
    ]
}

fn moved() -> Vec<Case> {
    let full = || {
        keyed(plain().uint16("count").nullable().enumeration("state", ["new", "old"]).nullable())
            .index(&["count"])
            .index(&["state", "name"])
            .references(&["maker_id"], "maker", &["id"], OnDelete::SetNull)
    };
    let renamed = || {
        let columns = table("item").int64("id").auto_increment().text("name", 40).int64("maker_id").nullable();
        keyed(columns.uint16("many").nullable().enumeration("state", ["new", "old"]).nullable())
            .index(&["many"])
            .index(&["state", "name"])
            .references(&["maker_id"], "maker", &["id"], OnDelete::SetNull)
    };
    vec![
        case("a column's name", full(), rename_column("item", "count", "many"), renamed(), COUNT),
        case(
            "an enum's name",
            keyed(plain().enumeration("state", ["new", "old"]).nullable()),
            rename_column("item", "state", "phase"),
            keyed(plain().enumeration("phase", ["new", "old"]).nullable()),
            COUNT,
        ),
        case(
            "a referring column's name",
            full(),
            rename_column("item", "maker_id", "made_by"),
            keyed(
                table("item")
                    .int64("id")
                    .auto_increment()
                    .text("name", 40)
                    .int64("made_by")
                    .nullable()
                    .uint16("count")
                    .nullable()
                    .enumeration("state", ["new", "old"])
                    .nullable(),
            )
            .index(&["count"])
            .index(&["state", "name"])
            .references(&["made_by"], "maker", &["id"], OnDelete::SetNull),
            COUNT,
        ),
        case(
            "an indexed column goes",
            full(),
            drop_column("item", uint16("count").nullable()),
            keyed(plain().enumeration("state", ["new", "old"]).nullable()).index(&["state", "name"]).references(
                &["maker_id"],
                "maker",
                &["id"],
                OnDelete::SetNull,
            ),
            COUNT,
        ),
        case(
            "a column with its list goes",
            keyed(plain().enumeration("state", ["new", "old"]).nullable()),
            drop_column("item", enumeration("state", ["new", "old"]).nullable()),
            keyed(plain()),
            COUNT,
        ),
        case(
            "an index's name",
            keyed(plain()).index(&["name"]),
            rename_index("item", "ix_item_name", "mine"),
            keyed(plain()).indexed(index(&["name"]).named("mine")),
            COUNT,
        ),
    ]
}

/// Runs a case and its way back on a fresh database, and compares with tables that were made so.
async fn played(case: &Case, flavor: Flavor) {
    let Some(mut scratch) = Scratch::on(flavor).await else { return };
    eprintln!("{flavor}: {}", case.name);
    let tables = |builder: &TableBuilder| [maker(), builder.clone()];
    let (before, after) = (tables(&case.before), tables(&case.after));
    scratch.make(&after).await;
    let want = bare(scratch.inspect().await);
    for table in ["item", "maker"] {
        scratch.run(&format!("DROP TABLE {table}")).await;
    }
    scratch.make(&before).await;
    scratch.run("INSERT INTO maker (id, name) VALUES (1, 'm')").await;
    let made = case.before.clone().build().expect("a table").auto_key().is_some();
    let (id, ids) = if made { ("", ["", ""]) } else { ("id, ", ["1, ", "2, "]) };
    scratch
        .run(&format!("INSERT INTO item ({id}name, maker_id) VALUES ({}'a', 1), ({}'b', NULL)", ids[0], ids[1]))
        .await;
    let was = bare(scratch.inspect().await);
    scratch.step(&case.step).await;
    let is = bare(scratch.inspect().await);
    same(&is, &want, case.name, "the step");
    assert_eq!(scratch.cell(case.rows.0).await, case.rows.1, "{}: {}", flavor, case.name);
    if let Some(back) = case.step.reverse() {
        for action in &back {
            // What comes again takes no null only where there is something to put in.
            if !matches!(action, Action::AddColumn { column, .. } if !column.nullable && column.default.is_none()) {
                scratch.step(action).await;
                // An index that went with its column is not known to the way back.
                if case.name == "an indexed column goes" {
                    continue;
                }
                same(&bare(scratch.inspect().await), &was, case.name, "the way back");
            }
        }
    }
    scratch.drop().await;
}

fn same(is: &Picture, want: &Picture, name: &str, what: &str) {
    let (is, want) = (format!("{is:#?}"), format!("{want:#?}"));
    if is != want {
        let differ: Vec<String> = (is.lines().zip(want.lines()).enumerate())
            .filter(|(_, (is, want))| is != want)
            .map(|(at, (is, want))| format!("{at}: {} / {}", is.trim(), want.trim()))
            .take(12)
            .collect();
        panic!("{name}, {what}: is / wanted\n{}", differ.join("\n"));
    }
}

async fn all(cases: Vec<Case>) {
    for case in &cases {
        for flavor in [Flavor::Sqlite, Flavor::Postgres, Flavor::MariaDb] {
            played(case, flavor).await;
        }
    }
}

#[tokio::test]
async fn columns_come() {
    all(added()).await;
}

#[tokio::test]
async fn columns_change() {
    all(altered()).await;
}

#[tokio::test]
async fn indexes_keys_and_checks_come_and_go() {
    all(hung()).await;
}

#[tokio::test]
async fn names_change_and_columns_go() {
    all(moved()).await;
}
