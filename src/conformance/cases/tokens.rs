//! Law Q5: a token is of one query, and whatever else is given in its place is refused by kind, with the reason.

use super::maybe_rows;
use crate::{
    Database, Error, ErrorKind, Result, all, col,
    conformance::{
        check::{Proof, Rows, refused, refused_at, table, there},
        entities::{maybe, member, word},
    },
    repository::{Entity, IntoQuery, KeysetRequest, PageToken},
};
use sea_orm::Set;

async fn three(db: &Database) -> Result<Rows<maybe::Entity>> {
    maybe_rows(db, 0..3, |row, n| row.name = Set(Some(format!("name {n}")))).await
}

async fn token<E: Entity>(rows: &Rows<E>, query: impl IntoQuery<E> + Send) -> Result<PageToken> {
    Ok(there(rows.keyset(query, KeysetRequest::first(1)).await?.next, "Q5: more rows follow"))
}

/// Refused before and after the token, naming entity and reason.
async fn invalid<E: Entity>(
    rows: &Rows<E>,
    query: impl IntoQuery<E> + Send,
    token: impl Into<PageToken>,
    reason: &str,
) -> Error {
    let (query, token) = (query.into_query(), token.into());
    let law = "Q5: no token of this query";
    refused(rows.keyset(query.clone(), KeysetRequest::before(1, token.clone())).await, ErrorKind::InvalidToken, law);
    let error = refused(rows.keyset(query, KeysetRequest::after(1, token)).await, ErrorKind::InvalidToken, law);
    assert!(error.entity_name().is_some(), "Q5: the error names the entity: {error}");
    assert!(error.message().contains(reason), "Q5: the error says `{reason}`: {error}");
    assert!(!error.to_string().contains("name 0"), "Q5: and quotes no row");
    error
}

pub async fn q5_what_is_no_token_is_refused(db: Database) -> Proof {
    let rows = three(&db).await?;
    for text in ["", "42", "null", "name 0", "eyJpZCI6MX0", "é", "AAAA", "====", "AQ", "AQAAAAAAAAAAAAAA"] {
        invalid(&rows, all(), text, "it").await;
    }
    invalid(&rows, all(), "x".repeat(100_000), "it").await;
    Ok(())
}

pub async fn q5_an_altered_token_is_refused(db: Database) -> Proof {
    let rows = three(&db).await?;
    let query = || all().order_by(col(maybe::COLUMN.name).asc());
    let token = token(&rows, query()).await?.to_string();
    for at in 0..token.len() {
        let mut altered = token.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        invalid(&rows, query(), String::from_utf8_lossy(&altered).into_owned(), "it").await;
    }
    for text in [token[1..].to_owned(), token[..token.len() - 1].to_owned(), format!("{token}A"), format!("{token}=")] {
        invalid(&rows, query(), text, "it").await;
    }
    Ok(())
}

pub async fn q5_a_token_of_another_version_is_refused(db: Database) -> Proof {
    let rows = three(&db).await?;
    let token = token(&rows, all()).await?.to_string();
    // The version is the first byte.
    invalid(&rows, all(), format!("Ag{}", &token[2..]), "version").await;
    Ok(())
}

pub async fn q5_a_token_of_another_entity_is_refused(db: Database) -> Proof {
    let rows = three(&db).await?;
    let words = table::<word::Entity>(&db).await?;
    words.insert_many([word::row(1, "a"), word::row(2, "b")]).await?;
    invalid(&rows, all(), token(&words, all()).await?, "entity").await;
    let error = invalid(&words, all(), token(&rows, all()).await?, "entity").await;
    assert_eq!(error.entity_name(), Some("word"), "Q5: the entity that was asked");
    let members = table::<member::Entity>(&db).await?;
    invalid(&members, all(), token(&rows, all()).await?, "entity").await;
    Ok(())
}

pub async fn q5_a_token_of_another_filter_is_refused(db: Database) -> Proof {
    let rows = three(&db).await?;
    let (id, name) = (col(maybe::COLUMN.id), col(maybe::COLUMN.name));
    let of = id.lt(5) & name.starts_with("name");
    let made = token(&rows, of.clone()).await?;
    let others = [
        id.lt(5).into_query(),
        (id.lt(6) & name.starts_with("name")).into_query(),
        (id.lte(5) & name.starts_with("name")).into_query(),
        (id.lt(5) & name.ends_with("name")).into_query(),
        (id.lt(5) & name.starts_with("nam")).into_query(),
        (id.lt(5) | name.starts_with("name")).into_query(),
        (!of.clone()).into_query(),
        all(),
    ];
    for other in others {
        invalid(&rows, other, made.clone(), "filter").await;
    }
    let same = name.starts_with("name") & id.lt(5);
    rows.keyset(same, KeysetRequest::after(1, made)).await?;
    Ok(())
}

pub async fn q5_a_token_of_another_order_is_refused(db: Database) -> Proof {
    let rows = three(&db).await?;
    let (id, name) = (col(maybe::COLUMN.id), col(maybe::COLUMN.name));
    let made = token(&rows, all().order_by(name.asc())).await?;
    let others = [
        all(),
        all().order_by(name.desc()),
        all().order_by(name.asc().nulls_last()),
        all().order_by(col(maybe::COLUMN.prose).asc()),
        all().order_by(name.asc()).order_by(id.desc()),
        all().order_by(id.asc()).order_by(name.asc()),
    ];
    for other in others {
        invalid(&rows, other, made.clone(), "order").await;
    }
    // The same order in other words.
    for same in [all().order_by(name.asc().nulls_first()), all().order_by(name.asc()).order_by(id.asc())] {
        rows.keyset(same, KeysetRequest::after(1, made.clone())).await?;
    }
    Ok(())
}

pub async fn q5_a_token_of_another_view_of_deleted_rows_is_refused(db: Database) -> Proof {
    let rows = three(&db).await?;
    let made = token(&rows, all()).await?;
    for other in [all().with_deleted(), all().only_deleted()] {
        invalid(&rows, other, made.clone(), "deleted").await;
    }
    Ok(())
}

pub async fn q5_a_token_is_text_that_a_url_takes_as_it_is(db: Database) -> Proof {
    let rows = three(&db).await?;
    let made = token(&rows, all()).await?;
    let text = made.to_string();
    assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "Q5: safe in a URL: {text}");
    let parsed: PageToken = serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| "".into());
    assert_eq!((&parsed, text.as_str().into()), (&made, made.clone()), "Q5: JSON has it as text");
    let again = rows.keyset(all(), KeysetRequest::after(1, text)).await?;
    assert_eq!(again.items.len(), 1, "Q5: a token goes through text and back");
    assert_eq!(token(&rows, all()).await?, made, "Q5: the same place is the same token");
    Ok(())
}

pub async fn q6_a_page_by_place_of_size_zero_is_a_typed_error(db: Database) -> Proof {
    let rows = three(&db).await?;
    let made = token(&rows, all()).await?;
    for request in [
        KeysetRequest::first(0),
        KeysetRequest::last(0),
        KeysetRequest::after(0, made.clone()),
        KeysetRequest::before(0, made),
    ] {
        let error = refused(rows.keyset(all(), request).await, ErrorKind::InvalidQuery, "Q6: a typed error");
        assert_eq!(error.entity_name(), Some("maybe"), "Q6: the error names the entity: {error}");
    }
    Ok(())
}

pub async fn q5_a_page_by_place_has_no_window_of_its_own(db: Database) -> Proof {
    let rows = three(&db).await?;
    for query in [all().limit(5), all().limit(0), all().offset(1), all().for_update()] {
        refused(
            rows.keyset(query, KeysetRequest::first(1)).await,
            ErrorKind::InvalidQuery,
            "Q5: refused, not forgotten",
        );
    }
    Ok(())
}

pub async fn q5_an_order_without_exact_places_is_refused(db: Database) -> Proof {
    let rows = three(&db).await?;
    let single = all().order_by(col(maybe::COLUMN.ratio).asc());
    let page = rows.keyset(single, KeysetRequest::first(1)).await;
    refused_at(page, ErrorKind::InvalidQuery, "maybe", "ratio", "Q5: a model's 32 bits are not what is stored");
    Ok(())
}
