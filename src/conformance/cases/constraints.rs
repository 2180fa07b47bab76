//! Laws W2, W3: what the schema refuses is told by kind, entity and field.

use crate::{
    Database, Error, ErrorKind, all, col,
    conformance::{
        check::{Proof, refused, refused_at, sure, table, there},
        entities::{Mood, everything, ledger, maybe, member, person, seat, sole, word},
    },
    schema::name::bounded,
};
use chrono::{NaiveDate, NaiveTime};
use sea_orm::{
    ActiveModelTrait, IdenStatic, Iterable, NotSet, Set,
    prelude::{Decimal, Uuid},
};

/// A unique violation of these columns; the constraint's name where the server tells it.
#[track_caller]
fn unique(error: &Error, entity: &str, fields: &[&str]) {
    assert_eq!(error.entity_name(), Some(entity), "W2: the error names the entity: {error}");
    assert_eq!(error.fields(), fields, "W2: the error names the fields: {error}");
    if let Some(name) = error.constraint_name() {
        assert_eq!(name, bounded("ux", entity, fields), "W2: the constraint by the name that the schema gave it");
    }
}

fn with_email(name: &str, email: &str) -> person::ActiveModel {
    person::ActiveModel { email: Set(Some(email.into())), ..person::row(name) }
}

pub async fn w2_a_unique_violation_on_insert_is_named(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert(with_email("a", "x@y")).await?;
    let law = "W2: two rows with one unique value";
    unique(&refused(rows.insert(person::row("a")).await, ErrorKind::UniqueViolation, law), "person", &["name"]);
    let answer = rows.insert(with_email("b", "x@y")).await;
    unique(&refused(answer, ErrorKind::UniqueViolation, law), "person", &["email"]);
    assert_eq!(rows.count(all()).await?, 1, "W2: nothing was written");
    Ok(())
}

pub async fn w2_a_unique_violation_on_update_is_named(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let a = rows.insert(person::row("a")).await?;
    let b = rows.insert(person::row("b")).await?;
    let law = "W2: two rows with one unique value";
    let change = person::ActiveModel { id: Set(b.id), name: Set("a".into()), ..Default::default() };
    unique(&refused(rows.update(change).await, ErrorKind::UniqueViolation, law), "person", &["name"]);
    let answer = rows.replace(person::Model { id: b.id, ..a.clone() }).await;
    unique(&refused(answer, ErrorKind::UniqueViolation, law), "person", &["name"]);
    assert_eq!(rows.get(b.id).await?, Some(b), "W2: the row is as it was");
    assert_eq!(rows.replace(a.clone()).await?, a, "W2: a row does not collide with itself");
    Ok(())
}

pub async fn w2_a_unique_violation_of_update_many_changes_nothing(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert_many([with_email("a", "1"), with_email("b", "2"), with_email("c", "3")]).await?;
    let email = col(person::COLUMN.email);
    let answer = rows.update_many(col(person::COLUMN.name).gte("a"), [email.set("4")]).await;
    unique(&refused(answer, ErrorKind::UniqueViolation, "W2: one value for three rows"), "person", &["email"]);
    assert_eq!(rows.count(email.eq("4")).await?, 0, "T1: no row was changed, not even the first");
    assert_eq!(rows.update_many(email.eq("1"), [email.set("4")]).await?, 1, "W2: one row may take it");
    Ok(())
}

pub async fn w2_a_unique_violation_within_a_bulk_insert_is_named(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let answer = rows.insert_many([person::row("a"), person::row("b"), person::row("a")]).await;
    let error = refused(answer, ErrorKind::UniqueViolation, "W2: two rows of one insert with one unique value");
    unique(&error, "person", &["name"]);
    assert_eq!(rows.count(all()).await?, 0, "W6: all or nothing");
    Ok(())
}

pub async fn w2_a_key_that_is_there_is_a_unique_violation(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    rows.insert(member::row(1, "a", "r")).await?;
    let error =
        refused(rows.insert(member::row(1, "a", "s")).await, ErrorKind::UniqueViolation, "W2: the key is there");
    assert_eq!(error.entity_name(), Some("member"), "W2: the error names the entity: {error}");
    assert_eq!(error.fields(), ["team_id", "handle"], "W2: the error names the key's fields in order: {error}");
    assert_eq!(there(rows.get((1, "a".to_owned())).await?, "W2").role, "r", "W2: the first row stays");
    rows.insert(member::row(1, "A", "r")).await?;
    rows.insert(member::row(2, "a", "r")).await?;
    Ok(())
}

pub async fn w2_a_single_key_that_is_there_is_a_unique_violation(db: Database) -> Proof {
    let rows = table::<everything::Entity>(&db).await?;
    let row = rows.insert(everything::row()).await?;
    let error = refused(rows.insert(row).await, ErrorKind::UniqueViolation, "W2: the key is there");
    assert_eq!((error.entity_name(), error.fields()), (Some("everything"), &["id".to_owned()][..]), "W2: {error}");
    assert_eq!(error.constraint_name(), Some("pk_everything"), "W2: and the key, as our schema calls it: {error}");
    Ok(())
}

pub async fn w2_a_required_field_without_a_value_is_refused(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let law = "W2: the field is required";
    let answer = rows.insert(person::ActiveModel { name: NotSet, ..person::row("a") }).await;
    refused_at(answer, ErrorKind::NotNullViolation, "person", "name", law);
    let answer = rows.insert_many([person::row("a"), person::ActiveModel { visits: NotSet, ..person::row("b") }]).await;
    refused_at(answer, ErrorKind::NotNullViolation, "person", "visits", law);
    assert_eq!(rows.count(all()).await?, 0, "W2: nothing was written");
    let members = table::<member::Entity>(&db).await?;
    let answer = members.insert(member::ActiveModel { team_id: NotSet, ..member::row(1, "a", "r") }).await;
    refused_at(answer, ErrorKind::NotNullViolation, "member", "team_id", "W2: so is a key that nobody makes");
    Ok(())
}

pub async fn w2_an_error_quotes_no_row(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert(with_email("name-of-somebody", "secret@example")).await?;
    let answer = rows.insert(with_email("another", "secret@example")).await;
    let error = refused(answer, ErrorKind::UniqueViolation, "W2: two rows with one unique value");
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    assert!(!text.contains("secret@example"), "W2: what is stored stays out of logs; the detail may have it: {text}");
    Ok(())
}

pub async fn w3_a_unique_column_holds_several_nulls(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert(person::row("a")).await?;
    rows.insert(person::row("b")).await?;
    rows.insert_many([person::row("c"), person::row("d")]).await?;
    let email = col(person::COLUMN.email);
    assert_eq!(rows.count(email.is_null()).await?, 4, "W3: null equals nothing, not even null");
    rows.update_many(col(person::COLUMN.name).eq("a"), [email.set("")]).await?;
    let answer = rows.update_many(col(person::COLUMN.name).eq("b"), [email.set("")]).await;
    refused(answer, ErrorKind::UniqueViolation, "W3: the empty text is a value");
    Ok(())
}

pub async fn w3_each_type_is_unique_by_its_least_value_and_not_by_null(db: Database) -> Proof {
    let rows = table::<sole::Entity>(&db).await?;
    let year_1000 = sure(NaiveDate::from_ymd_opt(1000, 1, 1));
    let midnight = year_1000.and_time(NaiveTime::MIN);
    let least = |id| sole::ActiveModel {
        flag: Set(Some(false)),
        tiny: Set(Some(i8::MIN)),
        octet: Set(Some(0)),
        whole: Set(Some(i32::MIN)),
        big: Set(Some(i64::MIN)),
        size: Set(Some(0)),
        score: Set(Some(f64::MIN)),
        price: Set(Some(Decimal::from_i128_with_scale(-999_999_999_999_999_999, 4))),
        code: Set(Some(String::new())),
        token: Set(Some(Uuid::nil())),
        at: Set(Some(midnight.and_utc())),
        local: Set(Some(midnight)),
        day: Set(Some(year_1000)),
        clock: Set(Some(NaiveTime::MIN)),
        mood: Set(Some(Mood::Glad)),
        ..sole::row(id)
    };
    rows.insert_many([sole::row(1), sole::row(2), least(3)]).await?;
    for column in sole::Column::iter().filter(|column| !matches!(column, sole::Column::Id)) {
        let mut again = sole::row(4);
        again.set(column, sure(least(4).get(column).into_value()));
        let error = refused(rows.insert(again).await, ErrorKind::UniqueViolation, "W3: the least value is one");
        unique(&error, "sole", &[column.as_str()]);
    }
    assert_eq!(rows.count(all()).await?, 3, "W3: nothing was written");
    Ok(())
}

pub async fn w3_unique_is_by_code_point(db: Database) -> Proof {
    let rows = table::<word::Entity>(&db).await?;
    for (id, text) in
        (0..).zip(["a", "A", "a ", " a", "á", "a\u{301}", "ß", "ss", "", "x\u{200b}", "x", "ı", "i", "I", "İ"])
    {
        rows.insert(word::row(id, text)).await?;
    }
    for text in ["a", "A", "a ", "á", "a\u{301}", "ß", ""] {
        let error =
            refused(rows.insert(word::row(99, text)).await, ErrorKind::UniqueViolation, "W3: the same text twice");
        unique(&error, "word", &["text"]);
    }
    Ok(())
}

pub async fn w3_a_unique_key_of_two_columns_counts_both(db: Database) -> Proof {
    let rows = table::<ledger::Entity>(&db).await?;
    rows.insert_many([ledger::row(1, "a", Some(1)), ledger::row(2, "a", Some(2)), ledger::row(3, "b", Some(1))])
        .await?;
    let error =
        refused(rows.insert(ledger::row(4, "a", Some(1))).await, ErrorKind::UniqueViolation, "W3: both are taken");
    unique(&error, "ledger", &["book", "page"]);
    let change = ledger::ActiveModel { id: Set(3), book: Set("a".into()), ..Default::default() };
    let error = refused(rows.update(change).await, ErrorKind::UniqueViolation, "W3: one half moves onto another row");
    unique(&error, "ledger", &["book", "page"]);
    Ok(())
}

pub async fn w3_a_row_is_found_by_the_later_half_of_a_unique_key(db: Database) -> Proof {
    let rows = table::<ledger::Entity>(&db).await?;
    rows.insert_many([ledger::row(1, "a", Some(1)), ledger::row(2, "b", Some(1)), ledger::row(3, "a", None)]).await?;
    rows.update(ledger::ActiveModel { page: Set(Some(7)), ..ledger::row(3, "a", None) }).await?;
    let page = col(ledger::COLUMN.page);
    assert_eq!(rows.count(page.eq(1)).await?, 2, "W3: the index of the key hides no row");
    assert_eq!(rows.count(page.eq(7)).await?, 1, "W3: nor one that has a value now");
    assert_eq!(rows.update_many(page.eq(7), [page.set(8)]).await?, 1, "W3: nor from a change");

    db.create_tables(&crate::entities![seat, person]).await?;
    let (people, seats) = (db.repository::<person::Entity>(), db.repository::<seat::Entity>());
    let sitting = people.insert(person::row("a")).await?.id;
    seats.insert(seat::row(1, "left", sitting)).await?;
    assert!(people.delete(sitting).await?);
    let left = there(seats.get(1).await?, "W3");
    assert_eq!(left.person_id, None, "W3: nor from the delete of its parent");
    Ok(())
}

pub async fn w3_a_null_in_a_unique_key_collides_with_nothing(db: Database) -> Proof {
    let rows = table::<ledger::Entity>(&db).await?;
    rows.insert_many([ledger::row(1, "a", None), ledger::row(2, "a", None)]).await?;
    rows.insert(ledger::row(3, "a", None)).await?;
    assert_eq!(rows.count(col(ledger::COLUMN.page).is_null()).await?, 3, "W3: a row with a null never collides");
    let answer = rows.update_many(col(ledger::COLUMN.id).lte(2), [col(ledger::COLUMN.page).set(5)]).await;
    refused(answer, ErrorKind::UniqueViolation, "W3: until the null is gone");
    Ok(())
}

pub async fn w3_a_deleted_row_frees_its_unique_value(db: Database) -> Proof {
    let rows = table::<word::Entity>(&db).await?;
    rows.insert(word::row(1, "a")).await?;
    rows.delete(1).await?;
    rows.insert(word::row(2, "a")).await?;
    rows.update(word::row(2, "b")).await?;
    rows.insert(word::row(3, "a")).await?;
    assert_eq!(rows.count(all()).await?, 2, "W3: what is gone does not collide");
    Ok(())
}

pub async fn w3_concurrent_inserts_of_one_value_leave_one(db: Database) -> Proof {
    let rows = table::<word::Entity>(&db).await?;
    let tasks = (0..8).map(|id| {
        let rows = rows.clone();
        tokio::spawn(async move { rows.insert(word::row(id, "same")).await })
    });
    let mut inserted = 0;
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(Ok(_)) => inserted += 1,
            Ok(answer) => drop(refused(answer, ErrorKind::UniqueViolation, "W3: the others are told why")),
            Err(error) => panic!("W3: a task of the case ended with {error}"),
        }
    }
    assert_eq!((inserted, rows.count(all()).await?), (1, 1), "W3: one of eight");
    Ok(())
}

pub async fn w2_a_failed_write_leaves_the_database_usable(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    rows.insert(maybe::row(1)).await?;
    // More failures than any pool of the suite has connections.
    for _ in 0..40 {
        refused(rows.insert(maybe::row(1)).await, ErrorKind::UniqueViolation, "W2: the key is there");
    }
    rows.insert(maybe::row(2)).await?;
    assert_eq!(rows.count(all()).await?, 2, "W2: a refused write leaves nothing open");
    Ok(())
}
