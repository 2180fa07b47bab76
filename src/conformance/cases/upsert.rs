//! Law W4: a new row that meets one by the named key changes that one, and no other key is looked at.

use crate::{
    Database, ErrorKind, TransactionOptions, all,
    backend::{Change, ChangeTo, Insert, Must, OnConflict, Only, Operation, Outcome},
    col,
    conformance::{
        check::{Proof, Rows, refused, refused_at, table, there},
        entities::{ledger, member, person, preset, tally, word},
    },
    repository::EntityInfo,
    schema::name::bounded,
};
use sea_orm::{NotSet, Set};
use std::sync::Arc;

pub(super) fn named(name: &str) -> person::ActiveModel {
    person::ActiveModel { name: Set(name.into()), visits: Set(0), ..Default::default() }
}

pub async fn w4_an_upsert_inserts_what_is_not_there(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let row = rows.upsert(person::ActiveModel { age: Set(Some(3)), ..named("a") }, [person::Column::Name]).await?;
    assert_eq!((row.name.as_str(), row.age, row.visits), ("a", Some(3), 0), "W4: as it was given");
    assert_eq!(rows.find(all()).await?, [row], "V1: and as it is read");
    Ok(())
}

pub async fn w4_an_upsert_writes_what_is_set_and_leaves_the_rest(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let old = person::ActiveModel { age: Set(Some(3)), email: Set(Some("a@x".into())), visits: Set(9), ..named("a") };
    let old = rows.insert(old).await?;
    let other = rows.insert(person::ActiveModel { age: Set(Some(1)), ..named("b") }).await?;
    let new = person::ActiveModel { email: Set(None), visits: Set(1), ..named("a") };
    let row = rows.upsert(new, [person::Column::Name]).await?;
    let expected = person::Model { email: None, visits: 1, ..old };
    assert_eq!(row, expected, "W4: email and visits are set, the age stays, and so does the key");
    assert_eq!(rows.get(row.id).await?, Some(expected), "V1: as it is read");
    assert_eq!(rows.get(other.id).await?, Some(other), "W4: no other row is touched");
    assert_eq!(rows.count(all()).await?, 2, "W4: nor added");
    Ok(())
}

pub async fn w4_a_whole_model_sets_every_column(db: Database) -> Proof {
    let rows = table::<preset::Entity>(&db).await?;
    rows.insert(preset::ActiveModel { id: Set(1), ..Default::default() }).await?;
    let model = preset::Model { id: 1, status: "s".into(), weight: 2, active: false, score: None };
    assert_eq!(rows.upsert(model.clone(), [preset::Column::Id]).await?, model, "W4: by the primary key");
    assert_eq!(rows.get(1).await?, Some(model), "V1");
    Ok(())
}

pub async fn w4_what_is_not_set_takes_its_default_on_insert_alone(db: Database) -> Proof {
    let rows = table::<preset::Entity>(&db).await?;
    let new = || preset::ActiveModel { id: Set(1), weight: Set(3), ..Default::default() };
    let first = rows.upsert(new(), [preset::Column::Id]).await?;
    assert_eq!((first.status.as_str(), first.weight, first.active), ("new 'one'", 3, true), "W6: defaults");
    rows.update(preset::ActiveModel { id: Set(1), status: Set("old".into()), ..Default::default() }).await?;
    let second = rows.upsert(new(), [preset::Column::Id]).await?;
    assert_eq!((second.status.as_str(), second.weight), ("old", 3), "W4: a default overwrites nothing");
    Ok(())
}

pub async fn w4_a_row_that_sets_only_its_key_comes_back_as_it_was(db: Database) -> Proof {
    let rows = table::<preset::Entity>(&db).await?;
    let old = rows.insert(preset::ActiveModel { id: Set(1), weight: Set(3), ..Default::default() }).await?;
    let new = |id| preset::ActiveModel { id: Set(id), ..Default::default() };
    assert_eq!(rows.upsert(new(1), [preset::Column::Id]).await?, old, "W4: nothing is set, the row is answered");
    let both = rows.upsert_many([new(2), new(1)], [preset::Column::Id]).await?;
    assert_eq!((both[0].id, both[0].weight, &both[1]), (2, 7, &old), "W4: in bulk too");
    Ok(())
}

pub async fn w4_a_conflict_on_another_key_is_an_error(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let old = rows.insert(person::ActiveModel { email: Set(Some("a@x".into())), ..named("a") }).await?;
    let new = person::ActiveModel { email: Set(Some("a@x".into())), visits: Set(7), ..named("b") };
    // MySQL's ON DUPLICATE KEY UPDATE would change the row of that name.
    let answer = rows.upsert(new.clone(), [person::Column::Name]).await;
    let error = refused_at(answer, ErrorKind::UniqueViolation, "person", "email", "W4: the email is taken");
    assert_eq!(error.constraint_name(), Some(&*bounded("ux", "person", &["email"])), "W2: by that index");
    let answer = rows.upsert_many([named("c"), new, named("d")], [person::Column::Name]).await;
    refused_at(answer, ErrorKind::UniqueViolation, "person", "email", "W4: in bulk too");
    assert_eq!(rows.find(all()).await?, [old], "W4: the row is as it was, and alone");
    Ok(())
}

pub async fn w4_a_change_that_meets_another_key_is_an_error(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert_many([person::ActiveModel { email: Set(Some("a@x".into())), ..named("a") }, named("b")]).await?;
    let before = rows.find(all().order_by(col(person::COLUMN.id).asc())).await?;
    let new = person::ActiveModel { email: Set(Some("a@x".into())), ..named("b") };
    let answer = rows.upsert(new, [person::Column::Name]).await;
    refused_at(answer, ErrorKind::UniqueViolation, "person", "email", "W4: the email of another row");
    assert_eq!(rows.find(all().order_by(col(person::COLUMN.id).asc())).await?, before, "W4: nothing changed");
    Ok(())
}

pub async fn w4_the_named_key_goes_before_every_other(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let old =
        rows.insert_many([person::ActiveModel { email: Set(Some("a@x".into())), ..named("a") }, named("b")]).await?;
    // It meets `b` by its name and `a` by its primary key, which is not the key that was named.
    let new = person::ActiveModel { id: Set(old[0].id), visits: Set(5), ..named("b") };
    let row = rows.upsert(new, [person::Column::Name]).await?;
    assert_eq!((row.id, row.visits), (old[1].id, 5), "W4: the row of that name, whose primary key stays");
    assert_eq!(there(rows.get(old[0].id).await?, "W4"), old[0], "W4: the other row is left alone");
    Ok(())
}

pub async fn w4_a_null_in_the_key_meets_nothing(db: Database) -> Proof {
    let rows = table::<ledger::Entity>(&db).await?;
    let key = || [ledger::Column::Page, ledger::Column::Book];
    rows.upsert_many([ledger::row(1, "a", None), ledger::row(2, "a", Some(1)), ledger::row(3, "a", None)], key())
        .await?;
    let again = [ledger::row(4, "a", None), ledger::row(5, "a", Some(1))];
    let answered = rows.upsert_many(again, key()).await?;
    let expected =
        [(4, "a", None), (2, "a", Some(1))].map(|(id, book, page)| ledger::Model { id, book: book.into(), page });
    assert_eq!(answered, expected, "W4: the null is a new row, the other is the one that was there");
    assert_eq!(rows.count(all()).await?, 4, "W3, W4: nulls never meet");
    let answer = rows.upsert(ledger::row(1, "a", None), key()).await;
    refused_at(answer, ErrorKind::UniqueViolation, "ledger", "id", "W4: the primary key is not what was named");
    Ok(())
}

pub async fn w4_a_key_may_have_several_columns(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    let key = || [member::Column::Handle, member::Column::TeamId];
    let some = [member::row(1, "a", "x"), member::row(2, "a", "x"), member::row(1, "A", "x")];
    rows.upsert_many(some, key()).await?;
    let answered =
        rows.upsert_many([member::row(1, "A", "z"), member::row(3, "a", "y"), member::row(2, "a", "y")], key());
    let roles: Vec<_> = answered.await?.into_iter().map(|row| (row.team_id, row.handle, row.role)).collect();
    let expected = [(1, "A", "z"), (3, "a", "y"), (2, "a", "y")].map(|(t, h, r)| (t, h.to_owned(), r.to_owned()));
    assert_eq!(roles, expected, "W4: in order, each by both columns, by code point");
    let left = there(rows.get((1, "a".to_owned())).await?, "W4");
    assert_eq!((left.role.as_str(), rows.count(all()).await?), ("x", 4), "W4: who was not named is as it was");
    Ok(())
}

pub async fn w4_what_is_no_unique_key_is_refused(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    for key in [vec![person::Column::Age], vec![person::Column::Name, person::Column::Email], vec![]] {
        refused(rows.upsert(named("a"), key).await, ErrorKind::InvalidQuery, "W4: no unique key has these columns");
    }
    let answer = rows.upsert(named("a"), [person::Column::Age]).await;
    refused_at(answer, ErrorKind::InvalidQuery, "person", "age", "W4: it is told");
    assert_eq!(rows.count(all()).await?, 0, "W4: nothing was written");
    Ok(())
}

pub async fn w4_two_rows_of_one_key_are_refused(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let law = "W4: which of them is to win?";
    let answer = rows.upsert_many([named("a"), named("b"), named("a")], [person::Column::Name]).await;
    refused_at(answer, ErrorKind::InvalidQuery, "person", "name", law);
    // They set different columns, and are two statements.
    let older = person::ActiveModel { age: Set(Some(4)), ..named("a") };
    let answer = rows.upsert_many([named("a"), older], [person::Column::Name]).await;
    refused_at(answer, ErrorKind::InvalidQuery, "person", "name", law);
    assert_eq!(rows.count(all()).await?, 0, "W4: nothing was written");
    let both = rows.upsert_many([named("a"), named("A"), named("a ")], [person::Column::Name]).await?;
    assert_eq!(both.len(), 3, "V2: other texts are other keys");
    Ok(())
}

pub async fn w4_many_rows_come_back_in_order(db: Database) -> Proof {
    let rows = table::<tally::Entity>(&db).await?;
    rows.insert_many((0..2_000).filter(|n| n % 3 == 0).map(tally::row).collect::<Vec<_>>()).await?;
    let new = |n: i32| tally::ActiveModel { a: Set(i64::from(n) + 1), ..tally::row(n) };
    let answered = rows.upsert_many((0..2_000).rev().map(new).collect::<Vec<_>>(), [tally::Column::Number]).await?;
    assert!(answered.iter().map(|row| row.number).eq((0..2_000).rev()), "W6: in the order in which they were given");
    assert!(answered.iter().all(|row| row.a == i64::from(row.number) + 1), "W4: each with its own value");
    let mut stored = rows.find(all()).await?;
    stored.sort_by_key(|row| std::cmp::Reverse(row.number));
    assert!(stored == answered, "V1: each is read as it was returned, and there is no other");
    Ok(())
}

pub async fn w4_rows_may_set_different_columns(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let old = |name: &str| person::ActiveModel { age: Set(Some(1)), visits: Set(1), ..named(name) };
    rows.insert_many([old("a"), old("b"), old("c")]).await?;
    let new = [
        person::ActiveModel { age: Set(Some(2)), ..named("c") },
        person::ActiveModel { email: Set(Some("n@x".into())), ..named("new") },
        person::ActiveModel { visits: Set(5), ..named("a") },
        person::ActiveModel { age: Set(None), ..named("b") },
    ];
    let answered = rows.upsert_many(new, [person::Column::Name]).await?;
    let seen: Vec<_> = answered.iter().map(|row| (row.name.as_str(), row.age, row.visits)).collect();
    let expected = [("c", Some(2), 0), ("new", None, 0), ("a", Some(1), 5), ("b", None, 0)];
    assert_eq!(seen, expected, "W4: each row writes what it sets");
    for row in answered {
        assert_eq!(rows.get(row.id).await?, Some(row), "V1");
    }
    Ok(())
}

pub async fn w4_an_upsert_of_many_is_all_or_nothing(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert_many([person::ActiveModel { email: Set(Some("a@x".into())), ..named("a") }, named("b")]).await?;
    let before = rows.find(all().order_by(col(person::COLUMN.id).asc())).await?;
    let mut new: Vec<_> = (0..1_200).map(|n| named(&format!("n{n}"))).collect();
    new.push(person::ActiveModel { visits: Set(9), ..named("b") });
    new.push(person::ActiveModel { age: Set(Some(1)), email: Set(Some("a@x".into())), ..named("last") });
    let answer = rows.upsert_many(new, [person::Column::Name]).await.map(|rows| rows.len());
    refused(answer, ErrorKind::UniqueViolation, "W6: the last of 1,202 rows collides");
    assert_eq!(rows.find(all().order_by(col(person::COLUMN.id).asc())).await?, before, "W6: nothing is written");
    Ok(())
}

/// An upsert on the erased plane that counts a visit: 1 where the name is new, one more where it is there.
pub(super) fn visit(table: &Arc<crate::schema::Table>, names: &[&str], only: Vec<Only>) -> crate::Result<Insert> {
    let [name, visits] = [table.position("name")?, table.position("visits")?];
    let row = |text: &&str| {
        let mut row = vec![None; table.columns.len()];
        row[name] = Some((*text).into());
        row[visits] = Some(1_i64.into());
        row
    };
    let changes = vec![Change { column: "visits".into(), to: ChangeTo::Increment(1_i64.into()) }];
    let on_conflict = OnConflict { key: vec!["name".into()], take: Vec::new(), changes, only };
    Ok(Insert { on_conflict: Some(on_conflict), ..Insert::of(Arc::clone(table), names.iter().map(row).collect()) })
}

async fn run(db: &Database, insert: Insert) -> crate::Result<Outcome> {
    db.backend().run(&crate::Context::current(), Operation::Insert(insert)).await
}

pub async fn w4_an_increment_adds_to_the_row_that_is_there(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let table = EntityInfo::of::<person::Entity>().table()?;
    run(&db, visit(&table, &["a", "b"], Vec::new())?).await?;
    run(&db, visit(&table, &["b", "c"], Vec::new())?).await?;
    let mut visits: Vec<_> = rows.find(all()).await?.into_iter().map(|row| (row.name, row.visits)).collect();
    visits.sort();
    let expected = [("a", 1), ("b", 2), ("c", 1)].map(|(name, visits)| (name.to_owned(), visits));
    assert_eq!(visits, expected, "W4: inserted as given, or one more");
    Ok(())
}

pub async fn w4_a_row_that_is_not_as_it_must_be_refuses_the_whole(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let table = EntityInfo::of::<person::Entity>().table()?;
    rows.insert_many([person::ActiveModel { age: Set(Some(3)), ..named("a") }, named("b")]).await?;
    let before = rows.find(all().order_by(col(person::COLUMN.id).asc())).await?;
    let age = |must, otherwise| Only { column: "age".into(), must, otherwise };
    let law = "W4: `b` has no age";
    for only in
        [age(Must::Equal(3_i32.into()), ErrorKind::VersionConflict), age(Must::Never, ErrorKind::VersionConflict)]
    {
        let answer = run(&db, visit(&table, &["new", "b"], vec![only])?).await;
        refused_at(answer, ErrorKind::VersionConflict, "person", "age", law);
    }
    let visits = Only { column: "visits".into(), must: Must::EqualNew, otherwise: ErrorKind::UniqueViolation };
    let answer = run(
        &db,
        visit(&table, &["new", "b"], vec![age(Must::Equal(Option::<i32>::None.into()), ErrorKind::Rejected), visits])?,
    )
    .await;
    let error =
        refused_at(answer, ErrorKind::UniqueViolation, "person", "name", "W4: it is told as a key that is taken");
    assert_eq!(error.constraint_name(), Some(&*bounded("ux", "person", &["name"])), "W4: by its name");
    assert_eq!(
        rows.find(all().order_by(col(person::COLUMN.id).asc())).await?,
        before,
        "W4: nothing of the whole is left"
    );

    run(&db, visit(&table, &["a", "other"], vec![age(Must::Equal(3_i32.into()), ErrorKind::VersionConflict)])?).await?;
    assert_eq!(rows.count(col(person::COLUMN.visits).eq(1)).await?, 2, "W4: where it is as it must be, it is written");
    Ok(())
}

pub async fn w4_a_row_that_never_may_be_there_is_inserted(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let table = EntityInfo::of::<person::Entity>().table()?;
    let never = || vec![Only { column: "visits".into(), must: Must::Never, otherwise: ErrorKind::VersionConflict }];
    run(&db, visit(&table, &["a", "b"], never())?).await?;
    refused(run(&db, visit(&table, &["c", "a"], never())?).await, ErrorKind::VersionConflict, "W4: it is there");
    assert_eq!(rows.count(all()).await?, 2, "W4: and the new one beside it is not");
    Ok(())
}

pub async fn w4_an_upsert_is_a_part_of_its_transaction(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert(named("a")).await?;
    let tx = db.begin(TransactionOptions::default()).await?;
    let inside = tx.repository::<person::Entity>();
    let some = || [person::ActiveModel { visits: Set(4), ..named("a") }, named("b")];
    inside.upsert_many(some(), [person::Column::Name]).await?;
    inside.upsert(person::ActiveModel { visits: Set(5), ..named("b") }, [person::Column::Name]).await?;
    assert_eq!(inside.count(col(person::COLUMN.visits).gt(0)).await?, 2, "T1: it reads what it wrote");
    tx.rollback().await?;
    assert_eq!(
        rows.count(col(person::COLUMN.visits).eq(0)).await?,
        1,
        "T1: rolled back, both the insert and the change"
    );
    db.transact(
        |tx| async move { tx.repository::<person::Entity>().upsert_many(some(), [person::Column::Name]).await },
    )
    .await?;
    assert_eq!(rows.count(col(person::COLUMN.visits).eq(4)).await?, 1, "T1: committed");
    Ok(())
}

pub async fn w4_a_row_of_the_wrong_kind_is_refused_before_it_is_met(db: Database) -> Proof {
    let rows = table::<word::Entity>(&db).await?;
    rows.insert(word::row(1, "a")).await?;
    let answer = rows.upsert(word::ActiveModel { prose: NotSet, ..word::row(1, "b") }, [word::Column::Id]).await;
    refused_at(answer, ErrorKind::NotNullViolation, "word", "prose", "W4: it could not be inserted");
    let answer = rows.upsert(word::row(1, "\0"), [word::Column::Id]).await;
    refused_at(answer, ErrorKind::InvalidValue, "word", "text", "V4: nor be stored");
    assert_eq!(there(rows.get(1).await?, "W4").text, "a", "W4: the row is as it was");
    Ok(())
}

pub async fn w7_upserts_leave_generated_keys_growing(db: Database) -> Proof {
    let rows: Rows<person::Entity> = table(&db).await?;
    let given = person::ActiveModel { id: Set(700), ..named("given") };
    assert_eq!(rows.upsert(given, [person::Column::Name]).await?.id, 700, "W7: what is given is kept");
    let made = rows.upsert(named("made"), [person::Column::Name]).await?;
    assert!(made.id > 700, "W7: the next one is above it: {}", made.id);
    let again = person::ActiveModel { id: Set(900), ..named("given") };
    assert_eq!(rows.upsert(again, [person::Column::Name]).await?.id, 700, "W4: the key of a row that is there stays");
    let mixed = [named("x"), person::ActiveModel { id: Set(5_000), ..named("y") }, named("made"), named("z")];
    let mixed = rows.upsert_many(mixed, [person::Column::Name]).await?;
    assert_eq!((mixed[1].id, mixed[2].id), (5_000, made.id), "W7: given and found");
    let next = rows.insert(named("next")).await?;
    assert!(next.id > 5_000, "W7: and a plain insert comes after them: {}", next.id);
    Ok(())
}
