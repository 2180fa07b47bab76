//! What can be broken on SQLite. It alters no constraint, so a breakage is the table made anew, with one thing written wrong.

use crate::{
    breakage::{Breakage, prove},
    entities::{article, author, both},
    place::Place,
};
use seabed::schema::{Flavor, ddl};

/// In the text of `table`, this becomes that.
struct Edit {
    table: &'static str,
    from: &'static str,
    to: &'static str,
    found: &'static [&'static str],
    mended: bool,
}

const fn edit(table: &'static str, from: &'static str, to: &'static str, found: &'static [&'static str]) -> Edit {
    Edit { table, from, to, found, mended: true }
}

const EDITS: [Edit; 29] = [
    edit("article", "`page` integer", "`page` bigint", &["V7 article.page"]),
    edit("article", "`title` varchar(80)", "`title` varchar(8)", &["V4 article.title"]),
    edit("article", "`price` decimal(10, 2)", "`price` real", &["V6 article.price"]),
    edit("article", "`price` decimal(10, 2)", "`price` decimal(10, 4)", &["V6 article.price"]),
    edit("article", "`at` timestamp_with_timezone_text", "`at` datetime", &["V5 article.at"]),
    edit("article", "`local` datetime_text", "`local`", &["V5 article.local"]),
    edit("article", "`score` double", "`score` text", &["V8 article.score"]),
    edit("article", "`id` uuid_text", "`id` text", &["V9 article.id"]),
    edit("article", "`data` json_text", "`data` text", &["V9 article.data"]),
    edit("article", "`body` text NOT NULL", "`body` text NOT NULL COLLATE NOCASE", &["V2 article.body"]),
    edit(
        "author",
        "`name` varchar(255) NOT NULL",
        "`name` varchar(255) COLLATE RTRIM NOT NULL",
        &["V2 author.name", "W3 author.name"],
    ),
    edit("article", "`body` text NOT NULL", "`body` text", &["W2 article.body"]),
    edit("article", "`data` json_text", "`data` json_text NOT NULL", &["V1 article.data"]),
    Edit {
        table: "article",
        from: "`body` text NOT NULL",
        to: "`body` text NOT NULL, owner integer NOT NULL",
        found: &["W6 article.owner"],
        mended: false,
    },
    edit("article", "PRIMARY KEY (`id`)", "PRIMARY KEY (`id`, `page`)", &["W2 article.id"]),
    edit("article", "CONSTRAINT `pk_article` PRIMARY KEY (`id`),", "", &["W2 article.id"]),
    edit("author", " AUTOINCREMENT", "", &["W7 author.id"]),
    edit("article", "ON DELETE CASCADE", "ON DELETE RESTRICT", &["W2 article.author_id"]),
    edit("article", " ON DELETE CASCADE", "", &["W2 article.author_id"]),
    edit("article", "REFERENCES `author` (`id`)", "REFERENCES `author` (`name`)", &["W2 article.author_id"]),
    edit(
        "article",
        ",\n  CONSTRAINT `fk_article_author_id` FOREIGN KEY (`author_id`) REFERENCES `author` (`id`) ON DELETE CASCADE",
        "",
        &["W2 article.author_id"],
    ),
    edit("article", "`count` bigint NOT NULL", "`count` bigint NOT NULL REFERENCES author (id)", &["W2 article.count"]),
    edit("article", "`flag` boolean NOT NULL", "`flag` boolean NOT NULL UNIQUE", &["W3 article.flag"]),
    edit("article", "'long', ", "", &["V9 article.kind"]),
    edit("article", "`kind` IN (", "`kind` NOT IN (", &["V9 article.kind"]),
    edit("article", " AND `count` BETWEEN 0 AND 4294967295", "", &["V10 article.count"]),
    edit("article", "typeof(`score`) = 'real'", "1", &["V10 article.score"]),
    edit("article", "`flag` IN (0, 1)", "`flag` IN (0, 1, 2)", &["V10 article.flag"]),
    edit("author", "typeof(`id`) = 'integer'", "`id` > 0", &["V10 author.id"]),
];

const BREAKAGES: [Breakage; 7] = [
    Breakage { by: "DROP TABLE article", found: &["W1 article"], mended: true },
    Breakage {
        by: "DROP TABLE article; CREATE VIEW article AS SELECT * FROM author",
        found: &["W1 article"],
        mended: false,
    },
    Breakage { by: "DROP INDEX ux_author_name", found: &["W3 author.name"], mended: true },
    Breakage {
        by: "DROP INDEX ux_author_name; CREATE UNIQUE INDEX ux_author_name ON author (name COLLATE NOCASE)",
        found: &["W3 author.name"],
        mended: true,
    },
    Breakage {
        by: "DROP INDEX ux_author_name; CREATE UNIQUE INDEX ux_author_name ON author (name) WHERE id > 1",
        found: &["W3 author.name"],
        mended: true,
    },
    Breakage {
        by: "CREATE UNIQUE INDEX extra ON article (count, flag)",
        found: &["W3 article.count, flag"],
        mended: true,
    },
    Breakage { by: "ALTER TABLE article RENAME COLUMN raw TO cooked", found: &["W1 article.raw"], mended: true },
];

#[tokio::test]
async fn every_breakage_is_found_and_mended() {
    let mut wrong = Vec::new();
    for breakage in &BREAKAGES {
        let place = Place::sqlite().await;
        place.db.create_tables(&both()).await.expect("the tables");
        wrong.extend(prove(&place, breakage).await);
        place.end().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_table_written_wrong_is_found_and_mended() {
    let mut wrong = Vec::new();
    for edit in &EDITS {
        let place = Place::sqlite().await;
        place.db.create_tables(&both()).await.expect("the tables");
        let table = both().iter().map(|it| it.table().expect("portable")).find(|it| it.name == edit.table);
        let statements = ddl::create_table(&table.expect("one of ours"), Flavor::Sqlite, false).expect("emitted");
        let broken = statements.join("; ").replacen(edit.from, edit.to, 1);
        assert_ne!(broken, statements.join("; "), "nothing is broken by {}", edit.from);
        let by: &'static str = format!("PRAGMA foreign_keys = OFF; DROP TABLE {}; {broken}", edit.table).leak();
        wrong.extend(prove(&place, &Breakage { by, found: edit.found, mended: edit.mended }).await);
        place.end().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rebuild must not lose what it does not know, nor the children.
#[tokio::test]
async fn a_rebuilt_table_keeps_rows_children_indexes_and_triggers() {
    let place = Place::sqlite().await;
    place.db.create_tables(&both()).await.expect("the tables");
    let table = both()[0].table().expect("portable");
    let statements = ddl::create_table(&table, Flavor::Sqlite, false).expect("emitted").join("; ");
    let broken = statements.replace(" AUTOINCREMENT", "");
    place.run(&format!("PRAGMA foreign_keys = OFF; DROP TABLE author; {broken}")).await.expect("broken");
    let authors = place.db.repository::<author::Entity>();
    let articles = place.db.repository::<article::Entity>();
    let ada = authors.insert(author::ActiveModel { name: sea_orm::Set("ada".into()), ..Default::default() }).await;
    let ada = ada.expect("a parent");
    let row = article::ActiveModel {
        author_id: sea_orm::Set(ada.id),
        title: sea_orm::Set("t".into()),
        page: sea_orm::Set(1),
        body: sea_orm::Set("b".into()),
        price: sea_orm::Set(sea_orm::prelude::Decimal::ONE),
        at: sea_orm::Set(place.db.now()),
        kind: sea_orm::Set(article::Kind::Backslash),
        state: sea_orm::Set(article::State::Isnt),
        count: sea_orm::Set(1),
        flag: sea_orm::Set(true),
        score: sea_orm::Set(1.5),
        ..Default::default()
    };
    let child = articles.insert(row).await.expect("a child");
    place
        .run("CREATE INDEX mine ON author (name, id); CREATE TRIGGER noted AFTER DELETE ON author BEGIN SELECT 1; END")
        .await
        .expect("objects");
    let findings = place.db.verify(&both()).await.expect("a look");
    assert_eq!(findings.len(), 1, "{findings:#?}");
    place.run(findings[0].mend.as_deref().expect("a rebuild")).await.expect("rebuilt");
    assert_eq!(place.findings(&both()).await, Vec::<String>::new());
    assert_eq!(authors.get(ada.id).await.expect("asked"), Some(ada.clone()));
    assert_eq!(articles.get(child.id).await.expect("asked"), Some(child), "the child is still there");
    place.run("DROP INDEX mine; DROP TRIGGER noted").await.expect("both are still there");
    assert!(authors.delete(ada.id).await.expect("deleted"));
    assert_eq!(articles.count(seabed::all()).await.expect("asked"), 0, "and still goes with its parent");
    place.end().await;
}

/// Ours would be WAL: the file is another program's, and opened to be read only.
#[tokio::test]
async fn a_file_of_another_program_breaks_laws_by_its_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("other.db").display());
    let beside = sea_orm::Database::connect(format!("{url}?mode=rwc")).await.expect("a file");
    let make = "PRAGMA encoding = 'UTF-16le'; PRAGMA journal_mode = DELETE; CREATE TABLE t (a)";
    sea_orm::ConnectionTrait::execute_unprepared(&beside, make).await.expect("made");
    beside.close().await.expect("closed");
    let config = seabed::Config::from_url(&format!("{url}?mode=ro")).expect("a URL");
    let db = seabed::Database::connect(config).await.expect("a file");
    let found = db.verify(&[]).await.expect("a look");
    assert_eq!(found.iter().map(|it| it.law).collect::<Vec<_>>(), ["V3", "T4"], "{found:#?}");
}
