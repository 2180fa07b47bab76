use super::*;
use crate::schema::{
    Backfill, Check, Column, IndexDef, Kind, OnDelete, Part, Reference, Sql, Words,
    build::table,
    picture::{ColumnPicture, TablePicture},
};

fn column(name: &str, kind: Kind, nullable: bool) -> Column {
    let name = name.to_owned().into();
    Column { name, kind, nullable, default: None, auto_increment: false, extra: crate::schema::ColumnExtra::default() }
}

fn text(max: u32) -> Kind {
    Kind::Text { max: Some(max) }
}

fn list(variants: &[&str]) -> Kind {
    Kind::Enum { variants: variants.iter().map(|it| (*it).to_owned()).collect() }
}

/// `item`, whose `sku` may be null and whose `name` may not, and its parent `shop`.
fn have() -> Picture {
    let column = |name: &str, nullable| ColumnPicture { name: name.to_owned(), nullable, ..ColumnPicture::default() };
    let item = TablePicture { columns: vec![column("sku", true), column("name", false)], ..TablePicture::default() };
    Picture { tables: [("item".to_owned(), item), ("shop".to_owned(), TablePicture::default())].into(), others: vec![] }
}

fn codes(action: &Action, flavor: Flavor) -> Vec<String> {
    let mut codes: Vec<_> = judge(action, &have(), flavor).into_iter().map(|warning| warning.code).collect();
    codes.sort();
    codes
}

fn counts(action: &Action, flavor: Flavor) -> Vec<String> {
    judge(action, &have(), flavor).into_iter().filter_map(|warning| warning.count).collect()
}

fn alter(from: Kind, to: Kind) -> Action {
    let (from, to) = (Some(column("name", from, false)), column("name", to, false));
    Action::AlterColumn { table: "item".into(), from, to, using: None, fill: None }
}

fn add(column: Column, fill: Option<Words>) -> Action {
    Action::AddColumn { table: "item".into(), column, fill }
}

const ALL: [Flavor; 4] = [Flavor::Sqlite, Flavor::Postgres, Flavor::MySql, Flavor::MariaDb];

#[test]
fn what_goes_is_destructive_and_counted() {
    let table = table("item").int64("id").primary_key(&["id"]).build().expect("a table");
    let gone = Action::DropColumn { table: "item".into(), column: column("sku", text(9), true) };
    for flavor in ALL {
        assert_eq!(codes(&Action::DropTable(table.clone()), flavor), ["drops-table"]);
        assert_eq!(judge(&gone, &have(), flavor)[0].risk, Risk::Destructive);
        assert_eq!(codes(&gone, flavor).contains(&"rewrites-table".to_owned()), flavor == Flavor::Sqlite);
        let sku = flavor.quoted("sku");
        assert_eq!(
            counts(&gone, flavor),
            [format!("SELECT count(*) FROM {} WHERE {sku} IS NOT NULL", flavor.quoted("item"))]
        );
    }
}

#[test]
fn a_schema_that_is_said_hides_no_table() {
    let table = table("item").int64("id").primary_key(&["id"]).build().expect("a table");
    let table = crate::schema::Table { schema: Some("public".to_owned()), ..table };
    let gone = Action::DropColumn { table: "public.item".into(), column: column("sku", text(9), true) };
    for flavor in ALL {
        let told = flavor != Flavor::Sqlite;
        assert_eq!(codes(&Action::DropTable(table.clone()), flavor).contains(&"drops-table".to_owned()), told);
        assert_eq!(codes(&gone, flavor).contains(&"drops-column".to_owned()), told);
    }
    let renamed = Action::RenameTable { from: "public.item".into(), to: "public.thing".into() };
    let gone = Action::DropColumn { table: "public.thing".into(), column: column("sku", text(9), true) };
    let judged = judge_all(&[renamed.into(), gone.into()], &have(), Flavor::Postgres);
    assert!(judged[1].iter().any(|warning| warning.code == "drops-column"), "{judged:?}");
}

#[test]
fn a_condition_is_read_by_names() {
    let told = |only: &str| {
        let (set, only) = (vec![("n".to_owned(), Words::from("0"))], Some(only.into()));
        codes(&Action::Backfill(Backfill { table: "item".into(), set, only, batch: 1_000 }), Flavor::Postgres)
    };
    for only in ["n IS NULL", "\"n\" is null AND sku > 'a'", "(n IS NULL)"] {
        assert!(told(only).is_empty(), "{only}");
    }
    for only in ["description IS NULL", "n IS NULLABLE", "sku_n is null", "n > 0"] {
        assert_eq!(told(only), ["overwrites-values"], "{only}");
    }
}

#[test]
fn a_column_that_takes_null_is_safe_and_one_that_does_not_breaks_the_old_program() {
    for flavor in ALL {
        assert!(codes(&add(column("note", text(9), true), None), flavor).is_empty());
        assert_eq!(codes(&add(column("note", text(9), false), Some("'x'".into())), flavor), ["breaks-old-inserts"]);
        let bare = codes(&add(column("note", text(9), false), None), flavor);
        assert_eq!(bare, ["breaks-old-inserts", "not-null-without-default"]);
        let filled = Column { default: Some("x".into()), ..column("note", text(9), false) };
        assert_eq!(codes(&add(filled, None), flavor), ["breaks-old-inserts"]);
    }
}

#[test]
fn a_fill_that_says_nothing_for_this_server_is_none() {
    let fill = Words::default().postgres("'x'");
    let bare = codes(&add(column("note", text(9), false), Some(fill)), Flavor::Sqlite);
    assert_eq!(bare, ["breaks-old-inserts", "not-null-without-default"]);
}

#[test]
fn a_smaller_type_is_counted_and_a_larger_one_fits() {
    let narrow = |from: Kind, to: Kind, flavor| counts(&alter(from, to), flavor).pop();
    let item = "SELECT count(*) FROM \"item\" WHERE ";
    for (from, to, condition) in [
        (text(80), text(40), "char_length(\"name\") > 40"),
        (Kind::Text { max: None }, text(40), "char_length(\"name\") > 40"),
        (Kind::Int64, Kind::Int32, "\"name\" < -2147483648 OR \"name\" > 2147483647"),
        (Kind::Int32, Kind::UInt32, "\"name\" < 0"),
        (
            Kind::Decimal { precision: 10, scale: 4 },
            Kind::Decimal { precision: 6, scale: 2 },
            "\"name\" <> round(\"name\", 2) OR abs(\"name\") >= 10000",
        ),
        (Kind::Double, Kind::Int16, "\"name\" <> floor(\"name\") OR \"name\" NOT BETWEEN -32768 AND 32767"),
        (Kind::Int64, Kind::Double, "\"name\" NOT BETWEEN -9007199254740992 AND 9007199254740992"),
        (text(9), Kind::Int32, "\"name\" !~ '^[+-]?[0-9]+$'"),
        (text(9), list(&["a", "it's"]), "\"name\" NOT IN ('a', 'it''s')"),
        (list(&["a", "b"]), list(&["a", "c"]), "\"name\" NOT IN ('a', 'c')"),
    ] {
        assert_eq!(narrow(from, to, Flavor::Postgres), Some(format!("{item}{condition}")));
    }
    for (from, to) in [
        (text(40), text(80)),
        (Kind::Int16, Kind::Int64),
        (Kind::UInt8, Kind::Int16),
        (Kind::Int32, Kind::Double),
        (Kind::Decimal { precision: 6, scale: 2 }, Kind::Decimal { precision: 10, scale: 4 }),
        (Kind::Int16, Kind::Decimal { precision: 7, scale: 2 }),
        (list(&["a", "b"]), list(&["b", "a", "c"])),
        (list(&["a", "bc"]), text(2)),
    ] {
        assert_eq!(narrow(from, to, Flavor::Postgres), None);
    }
    let cents = (Kind::Decimal { precision: 10, scale: 4 }, Kind::Decimal { precision: 6, scale: 2 });
    let sqlite = narrow(cents.0, cents.1, Flavor::Sqlite).expect("counted");
    assert!(sqlite.ends_with("WHERE `name` % 100 <> 0 OR abs(`name`) >= 100000000"), "{sqlite}");
}

#[test]
fn postgres_rewrites_where_the_rows_change_and_open_connections_are_told_of_every_type() {
    for (from, to, expected) in [
        (text(40), text(80), vec!["type-change"]),
        (text(40), Kind::Text { max: None }, vec!["type-change"]),
        (Kind::Int32, Kind::Int64, vec!["rewrites-table", "type-change"]),
        (text(80), text(40), vec!["narrows-type", "rewrites-table", "type-change"]),
        (Kind::Int16, Kind::UInt8, vec!["narrows-type", "scans"]),
        (list(&["a", "b"]), list(&["a", "b", "c"]), vec!["scans"]),
        (list(&["a"]), list(&["a", "long"]), vec!["type-change"]),
        (list(&["a", "b"]), list(&["a"]), vec!["enum-value-removed", "scans"]),
    ] {
        assert_eq!(codes(&alter(from, to), Flavor::Postgres), expected);
    }
    assert_eq!(codes(&alter(text(40), text(80)), Flavor::Sqlite), ["rewrites-table"]);
    assert_eq!(codes(&alter(text(60), text(63)), Flavor::MariaDb), Vec::<String>::new());
    assert_eq!(codes(&alter(text(60), text(200)), Flavor::MariaDb), ["rewrites-table"]);
    assert_eq!(codes(&alter(Kind::Int32, Kind::Int64), Flavor::MySql), ["rewrites-table"]);
}

#[test]
fn a_column_that_takes_no_null_any_more_is_counted_unless_it_is_filled() {
    let tighter = |fill| {
        let (from, to) = (Some(column("sku", text(9), true)), column("sku", text(9), false));
        Action::AlterColumn { table: "item".into(), from, to, using: None, fill }
    };
    let sqlite = ["breaks-old-inserts", "not-null-over-nulls", "rewrites-table"];
    assert_eq!(codes(&tighter(None), Flavor::Sqlite), sqlite);
    assert_eq!(codes(&tighter(None), Flavor::Postgres), ["breaks-old-inserts", "not-null-over-nulls", "scans"]);
    assert_eq!(codes(&tighter(None), Flavor::MariaDb), ["breaks-old-inserts", "not-null-over-nulls"]);
    assert_eq!(counts(&tighter(None), Flavor::Sqlite), ["SELECT count(*) FROM `item` WHERE `sku` IS NULL"]);
    assert_eq!(codes(&tighter(Some("''".into())), Flavor::MariaDb), ["breaks-old-inserts"]);
}

#[test]
fn a_change_from_nobody_knows_what_has_no_way_back() {
    let to = column("name", Kind::Int64, false);
    let action = Action::AlterColumn { table: "item".into(), from: None, to, using: None, fill: None };
    assert_eq!(codes(&action, Flavor::MariaDb), ["converts-values", "irreversible", "rewrites-table"]);
}

#[test]
fn keys_and_references_over_rows_are_counted() {
    let parts = vec![Part::Column("sku".into()), Part::Expression("lower(name)".into())];
    let index = IndexDef { name: "ux".into(), parts, unique: true, only: Some("live".into()), renamed_from: None };
    let unique = Action::AddIndex { table: "item".into(), index };
    assert_eq!(codes(&unique, Flavor::Postgres), ["index-blocks-writes", "unique-over-duplicates"]);
    assert_eq!(codes(&unique, Flavor::MariaDb), ["unique-over-duplicates"]);
    assert_eq!(
        counts(&unique, Flavor::Postgres),
        [
            "SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY \"sku\", (lower(name)) ORDER BY \"sku\", (lower(name))) AS \
          place FROM \"item\" WHERE \"sku\" IS NOT NULL AND (lower(name)) IS NOT NULL AND (live)) AS twice WHERE place > 1"
        ]
    );
    let key = Reference {
        name: "fk".into(),
        columns: vec!["sku".into()],
        parent: "shop".into(),
        parent_columns: vec!["id".into()],
        on_delete: OnDelete::Cascade,
    };
    let reference = Action::AddForeignKey { table: "item".into(), key };
    assert_eq!(codes(&reference, Flavor::Postgres), ["orphans", "scans"]);
    assert_eq!(codes(&reference, Flavor::MariaDb), ["orphans", "rewrites-table"]);
    assert_eq!(
        counts(&reference, Flavor::MySql),
        [
            "SELECT count(*) FROM `item` AS child WHERE child.`sku` IS NOT NULL AND NOT EXISTS (SELECT 1 FROM `shop` AS parent WHERE \
          parent.`id` = child.`sku`)"
        ]
    );
    let check = Check { name: "ck".into(), condition: "sku > 0".into() };
    let check = Action::AddCheck { table: "item".into(), check };
    assert_eq!(codes(&check, Flavor::Postgres), ["check-over-rows", "scans"]);
    let key = Action::SetKey { table: "item".into(), from: vec![], to: vec!["sku".into(), "name".into()] };
    assert_eq!(codes(&key, Flavor::Sqlite), ["not-null-over-nulls", "rewrites-table", "unique-over-duplicates"]);
}

#[test]
fn statements_and_backfills_are_judged_by_their_words() {
    let sql = Sql { what: "tidy".into(), up: "delete from item".into(), ..Sql::default() };
    assert_eq!(codes(&Action::Sql(sql.clone()), Flavor::Postgres), ["irreversible", "sql-destroys"]);
    assert_eq!(codes(&Action::Sql(sql), Flavor::MySql), ["irreversible", "sql-destroys", "unknown-after-crash"]);
    let named = Sql { what: "index".into(), up: "CREATE INDEX dropped ON item (sku)".into(), ..Sql::default() };
    let named = Sql { down: Some("DROP INDEX dropped".into()), alone: true, ..named };
    assert_eq!(codes(&Action::Sql(named), Flavor::Postgres), ["unknown-after-crash"]);
    for (up, told) in [("DROP INDEX ix", false), ("drop view cheap", false), ("ALTER TABLE item DROP sku", true)] {
        let sql = Sql { what: "own".into(), up: up.into(), down: Some("SELECT 1".into()), ..Sql::default() };
        assert_eq!(codes(&Action::Sql(sql), Flavor::Sqlite) == ["sql-destroys"], told, "{up}");
    }
    let backfill = |only: Option<Words>| {
        let set = vec![("sku".to_owned(), Words::from("'S' || id"))];
        Action::Backfill(Backfill { table: "item".into(), set, only, batch: 1_000 })
    };
    assert_eq!(codes(&backfill(None), Flavor::Sqlite), ["overwrites-values"]);
    assert!(codes(&backfill(Some("\"sku\" IS NULL".into())), Flavor::Postgres).is_empty());
}

#[test]
fn of_what_is_not_there_nothing_is_said() {
    let index = IndexDef { name: "ux".into(), unique: true, ..IndexDef::default() };
    for flavor in ALL {
        assert!(codes(&Action::AddIndex { table: "new".into(), index: index.clone() }, flavor).is_empty());
    }
}

#[test]
fn steps_that_follow_know_what_was_renamed_and_what_was_just_added() {
    let steps: Vec<Step> = [
        Action::RenameTable { from: "item".into(), to: "thing".into() },
        Action::RenameColumn { table: "thing".into(), from: "sku".into(), to: "code".into() },
        Action::AddColumn { table: "thing".into(), column: column("note", text(9), true), fill: None },
        Action::Backfill(Backfill {
            table: "thing".into(),
            set: vec![("note".into(), "''".into())],
            only: None,
            batch: 9,
        }),
        Action::SetKey { table: "thing".into(), from: vec![], to: vec!["code".into()] },
    ]
    .into_iter()
    .map(Step::from)
    .collect();
    let judged = judge_all(&steps, &have(), Flavor::MariaDb);
    assert!(judged[2].is_empty() && judged[3].is_empty());
    assert_eq!(judged[4].len(), 3, "{:?}", judged[4]);
}

#[test]
fn two_sides_tell_a_thing_once_and_a_lock_lasts_as_long_as_the_work_under_it() {
    let lock = Warning { risk: Risk::Safe, ..LOCKS_READS.warn("a moment") };
    let both = joined(vec![REWRITES_TABLE.warn("ours")], vec![REWRITES_TABLE.warn("theirs"), lock.clone()]);
    assert_eq!(
        both.iter().map(|it| (&*it.code, it.risk)).collect::<Vec<_>>(),
        [("rewrites-table", Risk::Rewrites), ("locks-reads", Risk::Locks)]
    );
    assert_eq!(joined(vec![], vec![lock])[0].risk, Risk::Safe);
}

#[test]
fn an_acknowledgement_needs_a_reason_and_a_warning() {
    let step = Step::from(Action::DropColumn { table: "item".into(), column: column("sku", text(9), true) });
    let warned = || judge(&step.action, &have(), Flavor::Postgres);
    let accepted = accept(&step.clone().allow("drops-column", "moved to `code`"), warned());
    assert!(accepted.standing.is_empty() && accepted.unused.is_empty());
    assert_eq!(accepted.accepted[0].1, "moved to `code`");
    let blank = accept(&step.clone().allow("drops-column", "  "), warned());
    assert_eq!((blank.standing.len(), blank.unused.len()), (1, 1));
    let others = accept(&step.clone().allow("drops-table", "no").allow("drop-colum", "typed wrong"), warned());
    assert_eq!((others.standing.len(), others.unused.len()), (1, 2));
}

/// The page, as the codes say it.
fn page() -> String {
    let mut page =
        include_str!("../../../docs/lint.md").split("\n## The codes\n").next().unwrap_or_default().to_owned();
    page += "\n## The codes\n";
    for code in CODES {
        page += &format!(
            "\n### `{}`\n\n*{}; {}.* Told when {}.\n\n{}\n",
            code.name, code.risk, code.servers, code.when, code.why
        );
        if !code.safer.is_empty() {
            page += &format!("\nSafer: {}\n", code.safer);
        }
    }
    page
}

#[test]
fn the_page_says_every_code() {
    let page = page();
    assert_eq!(include_str!("../../../docs/lint.md"), page, "docs/lint.md is made of `schema::lint::CODES`:\n{page}");
}
