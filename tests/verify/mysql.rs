//! What can be broken on MySQL and MariaDB.

use crate::{
    breakage::{Breakage, prove},
    entities::both,
    place::Place,
};

const fn one(by: &'static str, found: &'static [&'static str]) -> Breakage {
    Breakage { by, found, mended: true }
}

const BREAKAGES: [Breakage; 36] = [
    one("DROP TABLE article", &["W1 article"]),
    one("ALTER TABLE article DROP COLUMN data", &["W1 article.data"]),
    Breakage { by: "ALTER TABLE article DROP COLUMN body", found: &["W1 article.body"], mended: false },
    one("ALTER TABLE article MODIFY page bigint NOT NULL", &["V7 article.page"]),
    one("ALTER TABLE article MODIFY page int unsigned NOT NULL", &["V7 article.page"]),
    one(
        "ALTER TABLE article MODIFY title varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL",
        &["V4 article.title"],
    ),
    one("ALTER TABLE article MODIFY price decimal(10, 0) NOT NULL", &["V6 article.price"]),
    one("ALTER TABLE article MODIFY price double NOT NULL", &["V6 article.price"]),
    one("ALTER TABLE article MODIFY at datetime NOT NULL", &["V5 article.at"]),
    one("ALTER TABLE article MODIFY at timestamp(6) NOT NULL DEFAULT '2020-01-01'", &["V5 article.at"]),
    one("ALTER TABLE article MODIFY local datetime(3)", &["V5 article.local"]),
    one("ALTER TABLE article MODIFY local datetime(6) ON UPDATE current_timestamp(6)", &["V1 article.local"]),
    one("ALTER TABLE article MODIFY score float NOT NULL", &["V8 article.score"]),
    one("ALTER TABLE article MODIFY id char(36) NOT NULL", &["V9 article.id"]),
    one("ALTER TABLE article MODIFY raw blob", &["V9 article.raw"]),
    one(
        "ALTER TABLE article MODIFY title varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL",
        &["V2 article.title"],
    ),
    one(
        "ALTER TABLE article MODIFY body longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
        &["V2 article.body"],
    ),
    one("ALTER TABLE article MODIFY body longtext CHARACTER SET latin1 NOT NULL", &["V2 article.body"]),
    one("ALTER TABLE article MODIFY flag tinyint(1) NULL", &["W2 article.flag"]),
    one("ALTER TABLE article MODIFY raw longblob NOT NULL", &["V1 article.raw"]),
    one("ALTER TABLE article ADD COLUMN owner varchar(9) NOT NULL", &["W6 article.owner"]),
    one("ALTER TABLE article DROP PRIMARY KEY", &["W2 article.id"]),
    one("ALTER TABLE article DROP PRIMARY KEY, ADD PRIMARY KEY (id, page)", &["W2 article.id"]),
    one(
        "SET foreign_key_checks = 0; ALTER TABLE author MODIFY id bigint NOT NULL; SET foreign_key_checks = 1",
        &["W7 author.id"],
    ),
    one("ALTER TABLE author DROP INDEX ux_author_name", &["W3 author.name"]),
    one("ALTER TABLE author DROP INDEX ux_author_name, ADD KEY ux_author_name (name)", &["W3 author.name"]),
    one("ALTER TABLE author DROP INDEX ux_author_name, ADD UNIQUE KEY ux_author_name (name(10))", &["W3 author.name"]),
    one(
        "ALTER TABLE article DROP INDEX ux_article_title_page, ADD UNIQUE KEY ux_article_title_page (title)",
        &["W3 article.title, page"],
    ),
    one("ALTER TABLE article ADD UNIQUE KEY extra (count, flag)", &["W3 article.count, flag"]),
    one("ALTER TABLE article DROP FOREIGN KEY fk_article_author_id", &["W2 article.author_id"]),
    one(
        "ALTER TABLE article DROP FOREIGN KEY fk_article_author_id; ALTER TABLE article \
         ADD CONSTRAINT mine FOREIGN KEY (author_id) REFERENCES author (id) ON DELETE RESTRICT",
        &["W2 article.author_id"],
    ),
    one("ALTER TABLE article ADD CONSTRAINT mine FOREIGN KEY (count) REFERENCES author (id)", &["W2 article.count"]),
    one("ALTER TABLE article DROP CONSTRAINT ck_article_kind", &["V9 article.kind"]),
    one(
        "ALTER TABLE article DROP CONSTRAINT ck_article_kind; \
         ALTER TABLE article ADD CONSTRAINT ck_article_kind CHECK (kind IN ('long'))",
        &["V9 article.kind"],
    ),
    one("ALTER TABLE article DROP CONSTRAINT ty_article_count", &["V10 article.count"]),
    one(
        "ALTER TABLE article DROP FOREIGN KEY fk_article_author_id; ALTER TABLE article ENGINE = MyISAM",
        &["T1 article", "W2 article.author_id"],
    ),
];

#[tokio::test]
async fn every_breakage_is_found_and_mended() {
    let mut wrong = Vec::new();
    for breakage in &BREAKAGES {
        let Some(place) = Place::mysql().await else { return };
        place.db.create_tables(&both()).await.expect("the tables");
        wrong.extend(prove(&place, breakage).await);
        place.end().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn json_that_is_only_text_is_told() {
    let Some(place) = Place::mysql().await else { return };
    if place.db.info().product == "MariaDB" {
        place.db.create_tables(&both()).await.expect("the tables");
        let text = "ALTER TABLE article MODIFY data longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
        let breakage = one(text, &["V9 article.data"]);
        let wrong = prove(&place, &breakage).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    place.end().await;
}
