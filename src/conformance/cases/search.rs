//! Law Q3: text search is literal and by case.

use super::{ids, maybe_rows, words};
use crate::{
    Database, all, col,
    conformance::{
        check::{Proof, Rows},
        entities::{maybe, word},
    },
    repository::Filter,
};
use sea_orm::Set;

/// Texts full of what some server takes for a wildcard or a quote.
const HAY: [&str; 25] = [
    "",
    "a",
    "A",
    "abc",
    "ABC",
    "aXc",
    "100%",
    "100 percent",
    "a_c",
    "a\\c",
    "\\",
    "\\%",
    "%",
    "_",
    "a!b",
    "!%",
    "it's",
    "\"q\"",
    "[a]",
    "a*c",
    "é",
    "e\u{301}",
    "x😀y",
    "a😀",
    "a.c",
];

/// What is looked for: the texts themselves and parts of them.
const NEEDLES: [&str; 29] = [
    "", "a", "A", "b", "abc", "ABC", "a%", "%", "%%", "_", "__", "a_c", "a__", "\\", "\\\\", "\\%", "\\_", "!", "!!",
    "!%", "'", "''", "\"", "[a]", "[", "*", "é", "e", "😀",
];

async fn prove(db: &Database, law: &str, ask: fn(&str) -> Filter<word::Entity>, hit: fn(&str, &str) -> bool) -> Proof {
    let rows = words(db, &HAY).await?;
    for needle in NEEDLES {
        let expected: Vec<&str> = HAY.into_iter().filter(|text| hit(text, needle)).collect();
        assert_eq!(found(&rows, ask(needle)).await?, expected, "Q3: {law} {needle:?}");
        let others: Vec<&str> = HAY.into_iter().filter(|text| !hit(text, needle)).collect();
        assert_eq!(found(&rows, !ask(needle)).await?, others, "Q3, Q1: not {law} {needle:?}");
    }
    Ok(())
}

async fn found(rows: &Rows<word::Entity>, filter: Filter<word::Entity>) -> crate::Result<Vec<String>> {
    let rows = rows.find(filter.order_by(col(word::COLUMN.id).asc())).await?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

pub async fn q3_contains_is_literal_and_by_case(db: Database) -> Proof {
    prove(&db, "contains", |needle| col(word::COLUMN.text).contains(needle), |text, needle| text.contains(needle)).await
}

pub async fn q3_starts_with_is_literal_and_by_case(db: Database) -> Proof {
    let ask = |needle: &str| col(word::COLUMN.text).starts_with(needle);
    prove(&db, "starts with", ask, |text, needle| text.starts_with(needle)).await
}

pub async fn q3_ends_with_is_literal_and_by_case(db: Database) -> Proof {
    prove(&db, "ends with", |needle| col(word::COLUMN.text).ends_with(needle), |text, needle| text.ends_with(needle))
        .await
}

pub async fn q3_long_text_is_searched_the_same_way(db: Database) -> Proof {
    prove(&db, "contains", |needle| col(word::COLUMN.prose).contains(needle), |text, needle| text.contains(needle))
        .await
}

pub async fn q3_the_empty_needle_is_in_every_text_and_not_in_null(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Some(""), Some("a"), None], |row, text| row.name = Set(text.map(Into::into))).await?;
    let name = col(maybe::COLUMN.name);
    for filter in [name.contains(""), name.starts_with(""), name.ends_with("")] {
        assert_eq!(ids(&rows, filter.clone()).await?, [0, 1], "Q3: the empty needle is in every text: {filter:?}");
        assert_eq!(ids(&rows, !filter).await?, [0; 0], "Q1: null is unknown, also when negated");
    }
    Ok(())
}

pub async fn q3_a_needle_longer_than_the_text_is_not_in_it(db: Database) -> Proof {
    let rows = words(&db, &["ab", "b", ""]).await?;
    let text = col(word::COLUMN.text);
    assert_eq!(found(&rows, text.ends_with("xab")).await?, [""; 0], "Q3: no text ends with a longer one");
    assert_eq!(found(&rows, text.ends_with("ab")).await?, ["ab"], "Q3: a text ends with itself");
    assert_eq!(found(&rows, text.starts_with("abab")).await?, [""; 0], "Q3: nor starts with one");
    assert_eq!(found(&rows, text.contains("a".repeat(5_000))).await?, [""; 0], "Q3: nor contains one");
    Ok(())
}

pub async fn q3_an_end_is_counted_in_characters(db: Database) -> Proof {
    let rows = words(&db, &["aé", "é", "日本", "本", "x😀", "👩\u{200d}👧"]).await?;
    let text = col(word::COLUMN.text);
    assert_eq!(found(&rows, text.ends_with("é")).await?, ["aé", "é"], "Q3: two bytes, one character");
    assert_eq!(found(&rows, text.ends_with("本")).await?, ["日本", "本"], "Q3: three bytes, one character");
    assert_eq!(found(&rows, text.starts_with("x😀")).await?, ["x😀"], "Q3: four bytes, one character");
    assert_eq!(found(&rows, text.ends_with("👧")).await?, ["👩\u{200d}👧"], "Q3: by code point, not by glyph");
    Ok(())
}

pub async fn q3_searches_combine_with_other_conditions(db: Database) -> Proof {
    let rows = words(&db, &["alpha%", "alphabet", "Alpha", "beta%"]).await?;
    let text = col(word::COLUMN.text);
    let both = text.starts_with("alpha") & text.ends_with("%");
    assert_eq!(found(&rows, both).await?, ["alpha%"], "Q3: both");
    let either = text.contains("lphab") | text.eq("Alpha");
    assert_eq!(found(&rows, either).await?, ["alphabet", "Alpha"], "Q3: either");
    assert_eq!(
        rows.count(all().filter(text.contains("a")).filter(!text.contains("%"))).await?,
        2,
        "Q3: all filters hold"
    );
    Ok(())
}

pub async fn q3_enums_are_searched_as_text(db: Database) -> Proof {
    use crate::conformance::entities::Mood;
    let rows = maybe_rows(&db, [Mood::Glad, Mood::DontKnow], |row, mood| row.mood = Set(Some(mood))).await?;
    assert_eq!(ids(&rows, col(maybe::COLUMN.mood).contains("n't")).await?, [1], "Q3: an enum is text");
    Ok(())
}
