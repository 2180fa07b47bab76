//! Property: a name may have an apostrophe, a quote, a backtick, a space, upper case; it may be a keyword, or a name twice.

use super::*;

/// Two tables with the same names in both, whose every name is odd.
async fn odd_names(scratch: &Scratch) {
    let flavor = scratch.deploy.flavor;
    let q = |name: &str| flavor.quoted(name);
    let (here, there, key, column, reference) =
        (q("It's `a` \"table\" Ä"), q("select"), q("Or'der"), q("group \"by\" `x`"), q("fk it's `x`"));
    let (one, other, check, index) = (q("a parent's"), q("another \"parent\""), q("ck 'it'"), q("ix 'it' \" `"));
    let text = if flavor.is_mysql() { "varchar(20) CHARACTER SET utf8mb4" } else { "varchar(20)" };
    for (parent, child) in [(&one, &here), (&other, &there)] {
        scratch.run(&format!("CREATE TABLE {parent} ({key} integer NOT NULL PRIMARY KEY)")).await;
        // InnoDB's references have names of the database, not of the table.
        let reference = if flavor.is_mysql() && child == &there { q("fk of select") } else { reference.clone() };
        scratch
            .run(&format!(
                "CREATE TABLE {child} ({column} {text} DEFAULT 'it''s', {key} integer NOT NULL, b integer NOT NULL, \
                 PRIMARY KEY (b, {key}), CONSTRAINT {check} CHECK ({column} <> 'it''s `b` \"c\"'), \
                 CONSTRAINT {reference} FOREIGN KEY ({key}) REFERENCES {parent} ({key}) ON DELETE CASCADE ON UPDATE CASCADE)"
            ))
            .await;
        let index = if flavor == Flavor::Sqlite && child == &there { q("another") } else { index.clone() };
        let index = if flavor == Flavor::Postgres && child == &there { q("another") } else { index };
        scratch.run(&format!("CREATE UNIQUE INDEX {index} ON {child} ({column}, b)")).await;
    }
    let picture = scratch.inspect(None).await;
    let names: Vec<_> = picture.tables.keys().map(String::as_str).collect();
    assert_eq!(names, ["It's `a` \"table\" Ä", "a parent's", "another \"parent\"", "select"]);
    for (parent, child) in [("a parent's", "It's `a` \"table\" Ä"), ("another \"parent\"", "select")] {
        let child = &picture.tables[child];
        let columns: Vec<_> = child.columns.iter().map(|column| &*column.name).collect();
        assert_eq!(columns, ["group \"by\" `x`", "Or'der", "b"]);
        assert_eq!(child.key.as_ref().expect("a key").columns, ["b", "Or'der"]);
        assert_eq!(child.foreign_keys.len(), 1, "{:?}", child.foreign_keys);
        let key = &child.foreign_keys[0];
        assert!(key.name.starts_with("fk "), "{key:?}");
        assert_eq!((&*key.parent, &*key.on_delete, &*key.on_update), (parent, "CASCADE", "CASCADE"));
        assert_eq!((key.columns.join(""), key.parent_columns.join("")), ("Or'der".into(), "Or'der".into()));
        let index = child.indexes.iter().find(|index| index.unique).expect("the unique index");
        let parts: Vec<_> = index.parts.iter().map(|part| part.column.as_deref()).collect();
        assert_eq!(parts, [Some("group \"by\" `x`"), Some("b")]);
        assert_eq!(child.checks.len(), 1, "{:?}", child.checks);
        assert_eq!(child.checks[0].name, "ck 'it'");
        let default = child.columns[0].default.as_deref().expect("a default");
        assert!(default.contains("it''s") || default.contains("it\\'s"), "{default}");
    }
    assert!(picture.tables["It's `a` \"table\" Ä"].index("ix 'it' \" `").is_some());
}

#[tokio::test]
async fn sqlite_reads_names_of_any_kind() {
    odd_names(&Scratch::sqlite().await).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_reads_names_of_any_kind() {
    let Some(scratch) = Scratch::postgres().await else { return };
    odd_names(&scratch).await;
    scratch.drop().await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn mysql_reads_names_of_any_kind() {
    let Some(scratch) = Scratch::mysql().await else { return };
    odd_names(&scratch).await;
    scratch.drop().await;
}
