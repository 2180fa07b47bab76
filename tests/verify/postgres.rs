//! What can be broken on PostgreSQL.

use crate::{
    breakage::{Breakage, prove},
    entities::both,
    place::Place,
};

const fn one(by: &'static str, found: &'static [&'static str]) -> Breakage {
    Breakage { by, found, mended: true }
}

const BREAKAGES: [Breakage; 37] = [
    one("DROP TABLE article", &["W1 article"]),
    one("ALTER TABLE article DROP COLUMN data", &["W1 article.data"]),
    Breakage { by: "ALTER TABLE article DROP COLUMN body", found: &["W1 article.body"], mended: false },
    one("ALTER TABLE article ALTER COLUMN page TYPE bigint", &["V7 article.page"]),
    one("ALTER TABLE article ALTER COLUMN title TYPE varchar(255) COLLATE \"C\"", &["V4 article.title"]),
    one("ALTER TABLE article ALTER COLUMN price TYPE numeric(10, 4)", &["V6 article.price"]),
    one("ALTER TABLE article ALTER COLUMN price TYPE double precision", &["V6 article.price"]),
    one("ALTER TABLE article ALTER COLUMN at TYPE timestamp", &["V5 article.at"]),
    one("ALTER TABLE article ALTER COLUMN local TYPE timestamp(0)", &["V5 article.local"]),
    one("ALTER TABLE article ALTER COLUMN data TYPE json", &["V9 article.data"]),
    one("ALTER TABLE article ALTER COLUMN score TYPE real", &["V8 article.score"]),
    one("ALTER TABLE article ALTER COLUMN id TYPE text", &["V9 article.id"]),
    one("ALTER TABLE article ALTER COLUMN title TYPE varchar(80) COLLATE \"en-x-icu\"", &["V3 article.title"]),
    one("ALTER TABLE article ALTER COLUMN body TYPE text COLLATE \"default\"", &["V3 article.body"]),
    one(
        "CREATE COLLATION folds (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
         ALTER TABLE article ALTER COLUMN body TYPE text COLLATE folds",
        &["V2 article.body"],
    ),
    one("ALTER TABLE article ALTER COLUMN body DROP NOT NULL", &["W2 article.body"]),
    one("ALTER TABLE article ALTER COLUMN data SET NOT NULL", &["V1 article.data"]),
    one("ALTER TABLE article ADD COLUMN owner integer NOT NULL", &["W6 article.owner"]),
    one("ALTER TABLE article DROP CONSTRAINT pk_article", &["W2 article.id"]),
    one(
        "ALTER TABLE article DROP CONSTRAINT pk_article; ALTER TABLE article ADD CONSTRAINT mine PRIMARY KEY (id, page)",
        &["W2 article.id"],
    ),
    one("ALTER TABLE author ALTER COLUMN id DROP IDENTITY", &["W7 author.id"]),
    one("ALTER TABLE author ALTER COLUMN id SET GENERATED ALWAYS", &["W7 author.id"]),
    one("DROP INDEX ux_author_name", &["W3 author.name"]),
    one("DROP INDEX ux_author_name; CREATE INDEX ux_author_name ON author (name)", &["W3 author.name"]),
    one("DROP INDEX ux_author_name; CREATE UNIQUE INDEX ux_author_name ON author (lower(name))", &["W3 author.name"]),
    one(
        "DROP INDEX ux_article_title_page; CREATE UNIQUE INDEX ux_article_title_page ON article (title)",
        &["W3 article.title, page"],
    ),
    one("CREATE UNIQUE INDEX extra ON article (author_id)", &["W3 article.author_id"]),
    one("ALTER TABLE article ADD CONSTRAINT extra UNIQUE (count, flag)", &["W3 article.count, flag"]),
    one(
        "DROP INDEX ux_author_name; ALTER TABLE author ADD CONSTRAINT ux_author_name UNIQUE (name) DEFERRABLE",
        &["W3 author.name"],
    ),
    one("ALTER TABLE article DROP CONSTRAINT fk_article_author_id", &["W2 article.author_id"]),
    one(
        "ALTER TABLE article DROP CONSTRAINT fk_article_author_id, \
         ADD CONSTRAINT mine FOREIGN KEY (author_id) REFERENCES author (id)",
        &["W2 article.author_id"],
    ),
    one("ALTER TABLE article ADD CONSTRAINT mine FOREIGN KEY (count) REFERENCES author (id)", &["W2 article.count"]),
    one("ALTER TABLE article DROP CONSTRAINT ck_article_kind", &["V9 article.kind"]),
    one(
        "ALTER TABLE article DROP CONSTRAINT ck_article_kind, ADD CONSTRAINT ck_article_kind CHECK (kind IN ('long'))",
        &["V9 article.kind"],
    ),
    one("ALTER TABLE article DROP CONSTRAINT ty_article_count", &["V10 article.count"]),
    one("ALTER TABLE article SET UNLOGGED", &["T1 article"]),
    Breakage {
        by: "ALTER TABLE article DROP COLUMN score; \
             ALTER TABLE article ADD COLUMN score double precision NOT NULL GENERATED ALWAYS AS (1.5) STORED",
        found: &["V1 article.score"],
        mended: false,
    },
];

#[tokio::test]
async fn every_breakage_is_found_and_mended() {
    let mut wrong = Vec::new();
    for breakage in &BREAKAGES {
        let Some(place) = Place::postgres().await else { return };
        place.db.create_tables(&both()).await.expect("the tables");
        wrong.extend(prove(&place, breakage).await);
        place.end().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_mended_key_goes_on_above_the_rows_that_are_there() {
    let Some(place) = Place::postgres().await else { return };
    place.db.create_tables(&both()).await.expect("the tables");
    place
        .run("ALTER TABLE author ALTER COLUMN id DROP IDENTITY; INSERT INTO author VALUES (7, 'ada')")
        .await
        .expect("broken");
    let findings = place.db.verify(&both()).await.expect("a look");
    place.run(findings[0].mend.as_deref().expect("a statement")).await.expect("mended");
    let authors = place.db.repository::<crate::entities::author::Entity>();
    let row = crate::entities::author::ActiveModel { name: sea_orm::Set("grace".into()), ..Default::default() };
    assert_eq!(authors.insert(row).await.expect("a row").id, 8);
    place.end().await;
}
