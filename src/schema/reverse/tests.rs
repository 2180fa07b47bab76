use super::*;
use crate::schema::picture::{ForeignKeyPicture, KeyPicture, PartPicture};

fn column(name: &str, declared: &str) -> ColumnPicture {
    ColumnPicture { name: name.into(), declared: declared.into(), ..ColumnPicture::default() }
}

fn of(columns: Vec<ColumnPicture>) -> TablePicture {
    let key = Some(KeyPicture { name: "pk".into(), columns: vec![columns[0].name.clone()] });
    TablePicture { columns, key, ..TablePicture::default() }
}

fn picture(table: TablePicture) -> Picture {
    Picture { tables: [("item".to_owned(), table)].into(), others: Vec::new() }
}

fn index(name: &str, parts: &[&str]) -> IndexPicture {
    let part = |name: &&str| PartPicture { column: Some((*name).into()), ..PartPicture::default() };
    IndexPicture {
        name: name.into(),
        parts: parts.iter().map(part).collect(),
        method: "btree".into(),
        valid: true,
        ..IndexPicture::default()
    }
}

#[test]
fn the_kinds_of_each_server() {
    let decimal = |precision, scale| Some(Kind::Decimal { precision, scale });
    assert_eq!(postgres::kind("character varying(160)"), Some(Kind::Text { max: Some(160) }));
    assert_eq!(postgres::kind("timestamp without time zone"), Some(Kind::DateTime));
    assert_eq!(postgres::kind("timestamp(3) with time zone"), Some(Kind::Instant));
    assert_eq!(postgres::kind("time with time zone"), None);
    assert_eq!(postgres::kind("numeric(10,2)"), decimal(10, 2));
    assert_eq!(postgres::kind("numeric(38,2)"), None, "more digits than are portable");
    assert_eq!(mysql::kind("int(11) unsigned", &[]), Some(Kind::UInt32));
    assert_eq!(mysql::kind("tinyint(1)", &[]), Some(Kind::Bool));
    assert_eq!(mysql::kind("longtext", &["json_valid(`x`)"]), Some(Kind::Json));
    assert_eq!(mysql::kind("enum('a','It''s,')", &[]), Some(Kind::Enum { variants: vec!["a".into(), "It's,".into()] }));
    assert_eq!(sqlite::kind("nvarchar(160)", &[]), Some(Kind::Text { max: Some(160) }));
    assert_eq!(sqlite::kind("integer", &[]), Some(Kind::Int64));
    assert_eq!(sqlite::kind("numeric(10,2)", &[]), decimal(10, 2));
    assert_eq!(sqlite::kind("geometry", &[]), None);
}

#[test]
fn a_range_is_a_word_of_its_own() {
    assert_eq!(narrowed(Kind::Int64, &["n between 0 and 4294967295"]), Kind::UInt32);
    assert_eq!(narrowed(Kind::Int16, &["n between 0 and 2550"]), Kind::Int16);
    assert_eq!(narrowed(Kind::Int16, &["n between -128 and 127"]), Kind::Int8);
}

#[test]
fn what_no_entity_can_say_is_told() {
    let mut table = of(vec![column("id", "bigint"), column("place", "point"), column("name", "text")]);
    let mut partial = index("some", &["name"]);
    partial.predicate = Some("(name <> '')".into());
    let mut gin = index("words", &["name"]);
    gin.method = "gin".into();
    table.indexes = vec![index("plain", &["name"]), partial, gin];
    table.foreign_keys.push(ForeignKeyPicture {
        columns: vec!["id".into()],
        parent: "other".into(),
        parent_columns: vec!["id".into()],
        on_delete: "NO ACTION".into(),
        on_update: "CASCADE".into(),
        ..ForeignKeyPicture::default()
    });
    let reversed = guess(&picture(table), Flavor::Postgres);
    let table = &reversed.tables[0];
    assert_eq!(table.columns.len(), 2);
    assert_eq!(table.indexes.len(), 1);
    assert_eq!(table.extra.indexes[0].only.as_ref().and_then(|it| it.on(Flavor::Postgres)), Some("(name <> '')"));
    let left: Vec<&str> = reversed.left.iter().map(|left| left.what.as_str()).collect();
    assert_eq!(left, ["column place point", "index words", "foreign key id"]);
}

#[test]
fn a_column_that_is_not_ours_keeps_its_own_words() {
    let mut have = of(vec![column("id", "bigint"), column("name", "varchar(20)")]);
    have.columns[1].collation = Some("latin1_swedish_ci".into());
    let mut want = have.clone();
    want.columns[1].collation = Some("utf8mb4_nopad_bin".into());
    let (have, want) = (picture(have), picture(want));
    let reversed = corrected(guess(&have, Flavor::MariaDb), &have, &want, Flavor::MariaDb);
    let native = |at: usize| reversed.tables[0].columns[at].extra.native.clone();
    assert_eq!(native(0), None, "it is what ours would be");
    let said = native(1).and_then(|words| words.on(Flavor::MariaDb).map(ToOwned::to_owned));
    assert_eq!(said.as_deref(), Some("varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci"));
}

#[test]
fn a_column_without_our_guard_is_not_ours() {
    let have = of(vec![column("id", "bigint")]);
    let mut want = have.clone();
    let guard = CheckPicture { name: "ty_item_id".into(), condition: "typeof(id) = 'integer'".into(), enforced: true };
    want.checks.push(guard);
    let (have, want) = (picture(have), picture(want));
    let reversed = corrected(guess(&have, Flavor::Sqlite), &have, &want, Flavor::Sqlite);
    assert!(reversed.tables[0].columns[0].extra.native.is_some());
}

#[test]
fn a_list_of_texts_is_said_so_that_the_server_says_it_again() {
    let said = "((state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))";
    let again = "((state)::text = ANY (ARRAY['a'::character varying, 'b'::character varying]))";
    assert_eq!(super::postgres::as_written(said.to_owned()), again);
    assert_eq!(super::postgres::as_written(again.to_owned()), again);
    assert_eq!(super::postgres::as_written("(n > 0)".to_owned()), "(n > 0)");
}
