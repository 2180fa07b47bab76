//! Law Q3: text without regard to case, on columns that a rule keeps folded.

use super::{Rows, articles};
use crate::{
    Database, ErrorKind, Result, all, col,
    conformance::{
        check::{Proof, refused_at, table, there},
        entities::{
            article::{self, COLUMN, counted, row},
            person,
        },
    },
    repository::Filter,
};
use sea_orm::Set;

const TITLES: [&str; 6] = ["Straße", "ΌΣΟΣ", "ПРИВЕТ мир", "100%_\\", "plain", "İstanbul"];

async fn titled(db: &Database) -> Result<Rows<article::Entity>> {
    let rows = articles(db).await?;
    rows.insert_many((0..).zip(TITLES).map(|(id, title)| row(id, title)).collect::<Vec<_>>()).await?;
    Ok(rows)
}

async fn found(rows: &Rows<article::Entity>, filter: Filter<article::Entity>) -> Result<Vec<i32>> {
    Ok(rows.find(filter.order_by(col(COLUMN.id).asc())).await?.into_iter().map(|row| row.id).collect())
}

pub async fn q3_folded_texts_are_equal_whatever_their_case(db: Database) -> Proof {
    let rows = titled(&db).await?;
    let title = col(COLUMN.title);
    for (needle, id) in [
        ("STRASSE", 0),
        ("strasse", 0),
        ("straße", 0),
        ("όσος", 1),
        ("Привет МИР", 2),
        ("PLAIN", 4),
        ("i\u{307}STANBUL", 5),
    ] {
        assert_eq!(found(&rows, title.eq_folded(needle)).await?, [id], "Q3: {needle}");
    }
    for needle in ["istanbul", "ıstanbul", "όσο", "plain ", "pläin", ""] {
        assert_eq!(found(&rows, title.eq_folded(needle)).await?, [0_i32; 0], "Q3: {needle} is another text");
    }
    assert_eq!(found(&rows, title.eq("PLAIN")).await?, [0_i32; 0], "V2: equal is by code point all the same");
    Ok(())
}

pub async fn q3_folded_parts_are_found_literally(db: Database) -> Proof {
    let rows = titled(&db).await?;
    let title = col(COLUMN.title);
    assert_eq!(
        found(&rows, title.contains_folded("RASS")).await?,
        [0],
        "Q3: in the middle, over a letter that unfolds"
    );
    assert_eq!(found(&rows, title.contains_folded("0%_")).await?, [3], "Q3: no wildcards");
    assert_eq!(found(&rows, title.contains_folded("%")).await?, [3], "Q3: no wildcards");
    assert_eq!(found(&rows, title.starts_with_folded("привет М")).await?, [2], "Q3: at the beginning");
    assert_eq!(found(&rows, title.starts_with_folded("МИР")).await?, [0_i32; 0], "Q3: not at the beginning");
    assert_eq!(found(&rows, title.ends_with_folded("ΟΣ")).await?, [1], "Q3: at the end, where sigma has another form");
    assert_eq!(found(&rows, title.ends_with_folded("_\\")).await?, [3], "Q3: at the end");
    assert_eq!(
        found(&rows, title.contains_folded("")).await?.len(),
        TITLES.len(),
        "Q3: the empty text is in every text"
    );
    assert_eq!(found(&rows, !title.contains_folded("I")).await?, [0, 1, 2, 3], "Q1: and not");
    Ok(())
}

pub async fn q3_a_null_is_folded_to_null(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let some = article::ActiveModel { teaser: Set(Some("AbC".into())), ..row(2, "two") };
    let rows_in = rows.insert_many([row(1, "one"), some]).await?;
    assert_eq!((&rows_in[0].teaser_folded, rows_in[1].teaser_folded.as_deref()), (&None, Some("abc")), "Q3: each");
    let teaser = col(COLUMN.teaser);
    assert_eq!(found(&rows, teaser.eq_folded("ABC")).await?, [2], "Q1: null matches nothing");
    assert_eq!(found(&rows, !teaser.eq_folded("abd")).await?, [2], "Q1: nor its opposite");
    assert_eq!(rows.update_many(col(COLUMN.id).eq(2), [teaser.set_null()]).await?, 1, "W5: one");
    let read = there(rows.get(2).await?, "Q3");
    assert_eq!((read.teaser, read.teaser_folded), (None, None), "Q3: null again");
    Ok(())
}

pub async fn q3_every_write_keeps_the_folded_text(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let inserted = rows.insert(row(1, "One")).await?;
    assert_eq!(inserted.title_folded, "one", "Q3: insert");
    let forged = article::ActiveModel { title_folded: Set("nonsense".into()), ..row(2, "Two") };
    assert_eq!(rows.insert_many([forged]).await?[0].title_folded, "two", "Q3: what is given is not kept");
    let change = article::ActiveModel { title: Set("UNO".into()), ..counted(&inserted, 1) };
    let updated = rows.update(change).await?;
    assert_eq!((&*updated.title, &*updated.title_folded), ("UNO", "uno"), "Q3: update");
    let replaced = rows.replace(article::Model { title: "EINS".into(), ..updated }).await?;
    assert_eq!(replaced.title_folded, "eins", "Q3: replace");
    rows.update_many(col(COLUMN.id).eq(1), [col(COLUMN.title).set("ẞ")]).await?;
    assert_eq!(there(rows.get(1).await?, "Q3").title_folded, "ss", "Q3: in bulk");
    let other = rows.update(counted(&there(rows.get(1).await?, "Q3"), 7)).await?;
    assert_eq!((&*other.title, &*other.title_folded), ("ẞ", "ss"), "Q3: a change of something else");
    Ok(())
}

pub async fn q3_a_folded_column_is_not_written_by_hand(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "One")).await?;
    let answer = rows.update_many(col(COLUMN.id).eq(1), [col(COLUMN.title_folded).set("x")]).await;
    refused_at(answer, ErrorKind::InvalidQuery, "article", "title_folded", "Q3: its rule writes it");
    let change = article::ActiveModel { title_folded: Set("x".into()), ..counted(&read, 1) };
    refused_at(rows.update(change).await, ErrorKind::InvalidQuery, "article", "title_folded", "Q3: its rule writes it");
    assert_eq!(rows.get(1).await?, Some(read), "Q3: nothing was written");
    Ok(())
}

pub async fn q3_a_folded_text_fits_its_column(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let teaser = |text: &str| article::ActiveModel { teaser: Set(Some(text.into())), ..row(1, "one") };
    let law = "Q3, V4: five letters that are ten when folded, in a column of eight";
    let kind = ErrorKind::InvalidValue;
    refused_at(rows.insert(teaser("ßßßßß")).await, kind, "article", "teaser", law);
    let read = rows.insert(teaser("ßßßß")).await?;
    assert_eq!(read.teaser_folded.as_deref(), Some("ssssssss"), "Q3: four are eight");
    let answer = rows.update_many(col(COLUMN.id).eq(1), [col(COLUMN.teaser).set("ßßßßß")]).await;
    refused_at(answer, kind, "article", "teaser", law);
    let answer = rows.insert(article::ActiveModel { id: Set(2), ..teaser("nine char") }).await;
    refused_at(answer, kind, "article", "teaser", "V4: too long by itself");
    assert_eq!(rows.count(all()).await?, 1, "V4: nothing was written");
    Ok(())
}

pub async fn q3_a_folded_filter_needs_its_rule(db: Database) -> Proof {
    let people = table::<person::Entity>(&db).await?;
    let name = col(person::COLUMN.name);
    for filter in
        [name.eq_folded("a"), name.contains_folded("a"), name.starts_with_folded("a"), !name.ends_with_folded("a")]
    {
        refused_at(people.find(filter).await, ErrorKind::InvalidQuery, "person", "name", "Q3: no rule keeps it");
    }
    let rows = articles(&db).await?;
    let answer = rows.find(col(COLUMN.title).contains_folded("a\0")).await;
    refused_at(answer, ErrorKind::InvalidValue, "article", "title", "V4: no text has a NUL");
    Ok(())
}

pub async fn q3_folded_filters_select_what_is_written(db: Database) -> Proof {
    let rows = titled(&db).await?;
    let title = col(COLUMN.title);
    assert_eq!(rows.count(title.eq_folded("Plain")).await?, 1, "Q3: count");
    assert!(rows.exists(title.starts_with_folded("STRASS")).await?, "Q3: exists");
    assert_eq!(rows.update_many(title.eq_folded("PLAIN"), [title.set("Fancy")]).await?, 1, "Q3: update_many");
    assert_eq!(found(&rows, title.eq_folded("fANCY")).await?, [4], "Q3: and under its new name");
    assert_eq!(rows.delete_many(title.contains_folded("FANCY")).await?, 1, "Q3: delete_many");
    assert_eq!(rows.count(all()).await?, TITLES.len() as u64 - 1, "Q3: one is gone");
    Ok(())
}
