//! Unique keys and foreign keys, from both ends.

use super::{alias, author, badge, book, database, node, note, place, refused, remark, sample, tag};
use crate::{prelude::*, repository::Entity};

fn constraint(error: &Error) -> (&str, Vec<&str>, &str) {
    let fields = error.fields().iter().map(String::as_str).collect();
    (error.entity_name().unwrap_or_default(), fields, error.constraint_name().unwrap_or_default())
}

async fn count<E: Entity>(db: &Database) -> u64 {
    db.repository::<E>().count(all()).await.expect("a count")
}

fn place(line: i32, seat: i32, holder: Option<&str>, day: Option<i16>) -> place::Model {
    place::Model { line, seat, holder: holder.map(ToOwned::to_owned), day }
}

#[tokio::test]
async fn a_second_row_of_the_same_key_is_refused() {
    let places = database().await.repository::<place::Entity>();
    places.insert(place(1, 2, None, None)).await.expect("a place");
    let error = refused(places.insert(place(1, 2, None, None)).await, ErrorKind::UniqueViolation);
    assert_eq!(constraint(&error), ("place", vec!["line", "seat"], "pk_place"));
}

#[tokio::test]
async fn a_unique_index_refuses_equal_values_and_takes_several_nulls() {
    let places = database().await.repository::<place::Entity>();
    let several = [
        place(1, 1, Some("a"), Some(1)),
        place(1, 2, Some("a"), Some(2)),
        place(1, 3, Some("a"), None),
        place(1, 4, Some("a"), None),
        place(1, 5, None, None),
        place(1, 6, None, None),
        // Another case is another text.
        place(1, 7, Some("A"), Some(1)),
    ];
    places.insert_many(several).await.expect("places");
    let error = refused(places.insert(place(2, 1, Some("a"), Some(1))).await, ErrorKind::UniqueViolation);
    assert_eq!(constraint(&error), ("place", vec!["holder", "day"], "ux_place_holder_day"));
    let moved = place::ActiveModel { line: Set(1), seat: Set(3), day: Set(Some(1)), ..Default::default() };
    refused(places.update(moved.clone()).await, ErrorKind::UniqueViolation);
    // What is gone is free again, and a row does not collide with itself.
    assert!(places.delete((1, 1)).await.expect("an answer"));
    places.update(moved.clone()).await.expect("free");
    places.update(moved).await.expect("its own");
}

#[tokio::test]
async fn an_insert_of_several_rows_is_all_or_nothing() {
    let db = database().await;
    let places = db.repository::<place::Entity>();
    let twice = [place(1, 1, None, None), place(1, 2, None, None), place(1, 1, None, None)];
    refused(places.insert_many(twice).await, ErrorKind::UniqueViolation);
    assert_eq!(count::<place::Entity>(&db).await, 0);
    places.insert(place(1, 1, None, None)).await.expect("nothing was kept");
}

#[tokio::test]
async fn an_update_of_many_keeps_unique_values_apart() {
    let db = database().await;
    let authors = db.repository::<author::Entity>();
    let rank = col(author::Column::Rank);
    for n in 1..=3 {
        let row = author::ActiveModel { code: Set(n.to_string()), rank: Set(Some(n)), ..Default::default() };
        authors.insert(row).await.expect("an author");
    }
    // A server looks after each row: whether all could move up depends on which one it takes first.
    refused(authors.update_where(crate::all(), vec![rank.increment(1)]).await, ErrorKind::InvalidQuery);
    let error = refused(authors.update_where(crate::all(), vec![rank.set(7)]).await, ErrorKind::UniqueViolation);
    assert_eq!(constraint(&error), ("author", vec!["rank"], "ux_author_rank"));
    let ranks: Vec<_> = authors.find(all().order_by(rank.asc())).await.expect("authors");
    assert_eq!(ranks.iter().map(|author| author.rank).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
}

#[tokio::test]
async fn a_child_needs_its_parent() {
    let db = database().await;
    let error = refused(super::book(&db, 1).await, ErrorKind::ForeignKeyViolation);
    assert_eq!(constraint(&error), ("book", vec!["author_id"], "fk_book_author_id"));
    let id = super::author(&db, "a").await;
    let book = super::book(&db, id).await.expect("a book");
    let books = db.repository::<book::Entity>();
    let moved = book::ActiveModel { id: Set(book.id), author_id: Set(Some(id + 1)) };
    refused(books.update(moved).await, ErrorKind::ForeignKeyViolation);
    let orphan = book::ActiveModel { id: Set(book.id), author_id: Set(None) };
    books.update(orphan).await.expect("a null refers to nobody");
}

#[tokio::test]
async fn rows_of_one_insert_may_refer_to_each_other() {
    let db = database().await;
    let nodes = db.repository::<node::Entity>();
    let node = |id, parent_id| node::Model { id, parent_id };
    nodes.insert_many([node(2, Some(1)), node(1, None), node(3, Some(3))]).await.expect("a tree");
    refused(nodes.insert_many([node(5, Some(4)), node(6, Some(9))]).await, ErrorKind::ForeignKeyViolation);
    assert_eq!(count::<node::Entity>(&db).await, 3);
}

#[tokio::test]
async fn restrict_refuses_while_a_child_is_there() {
    let db = database().await;
    let authors = db.repository::<author::Entity>();
    let id = super::author(&db, "a").await;
    let book = super::book(&db, id).await.expect("a book");
    let error = refused(authors.delete(id).await, ErrorKind::ForeignKeyViolation);
    assert_eq!(constraint(&error), ("author", vec![], "fk_book_author_id"));
    assert_eq!(count::<author::Entity>(&db).await, 1);
    assert!(db.repository::<book::Entity>().delete(book.id).await.expect("an answer"));
    assert!(authors.delete(id).await.expect("free"));
}

#[tokio::test]
async fn rows_of_one_table_that_restrict_each_other_go_leaf_by_leaf() {
    let db = database().await;
    let nodes = db.repository::<node::Entity>();
    let tree = [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(4))];
    nodes.insert_many(tree.map(|(id, parent_id)| node::Model { id, parent_id })).await.expect("a tree");
    refused(nodes.delete_many(col(node::Column::Id).lte(2)).await, ErrorKind::ForeignKeyViolation);
    refused(nodes.delete(4).await, ErrorKind::ForeignKeyViolation);
    let whole = nodes.delete_where(crate::all(), crate::repository::Deletion::ByRule).await;
    refused(whole, ErrorKind::ForeignKeyViolation);
    assert_eq!(nodes.delete_many(col(node::Column::Id).eq(3)).await.expect("a leaf"), 1);
}

#[tokio::test]
async fn cascade_goes_down_and_is_not_counted() {
    let db = database().await;
    let (a, b) = (super::author(&db, "a").await, super::author(&db, "b").await);
    let (tags, remarks) = (db.repository::<tag::Entity>(), db.repository::<remark::Entity>());
    for author_id in [a, a, b] {
        let tag =
            tags.insert(tag::ActiveModel { author_id: Set(author_id), ..Default::default() }).await.expect("a tag");
        let remark = remark::ActiveModel { tag_id: Set(tag.id), ..Default::default() };
        remarks.insert_many([remark.clone(), remark]).await.expect("remarks");
    }
    assert_eq!(db.repository::<author::Entity>().delete_many(col(author::Column::Id).eq(a)).await.expect("deleted"), 1);
    assert_eq!((count::<tag::Entity>(&db).await, count::<remark::Entity>(&db).await), (1, 2));
}

#[tokio::test]
async fn set_null_lets_children_go_and_refuses_a_required_field() {
    let db = database().await;
    let id = super::author(&db, "a").await;
    let (authors, notes) = (db.repository::<author::Entity>(), db.repository::<note::Entity>());
    notes.insert(note::ActiveModel { author_id: Set(Some(id)), ..Default::default() }).await.expect("a note");
    assert!(authors.delete(id).await.expect("an answer"));
    assert_eq!(notes.one(all()).await.expect("an answer").map(|note| note.author_id), Some(None));

    let id = super::author(&db, "b").await;
    let badges = db.repository::<badge::Entity>();
    badges.insert(badge::ActiveModel { author_id: Set(id), ..Default::default() }).await.expect("a badge");
    let error = refused(authors.delete(id).await, ErrorKind::NotNullViolation);
    assert_eq!(constraint(&error), ("badge", vec!["author_id"], "fk_badge_author_id"));
    assert_eq!(count::<author::Entity>(&db).await, 1);
}

#[tokio::test]
async fn a_value_that_children_refer_to_does_not_change() {
    let db = database().await;
    let id = super::author(&db, "a").await;
    let (authors, aliases) = (db.repository::<author::Entity>(), db.repository::<alias::Entity>());
    let alias = |name: &str, code: &str| alias::Model { name: name.into(), author_code: code.into() };
    aliases.insert(alias("x", "a")).await.expect("an alias");
    refused(aliases.insert(alias("y", "A")).await, ErrorKind::ForeignKeyViolation);
    let renamed = author::ActiveModel { id: Set(id), code: Set("b".into()), ..Default::default() };
    let error = refused(authors.update(renamed.clone()).await, ErrorKind::ForeignKeyViolation);
    assert_eq!(constraint(&error), ("author", vec![], "fk_alias_author_code"));
    let same = author::ActiveModel { code: Set("a".into()), rank: Set(Some(1)), ..renamed.clone() };
    authors.update(same).await.expect("nothing that counts changed");
    aliases.delete("x".to_owned()).await.expect("deleted");
    authors.update(renamed).await.expect("nobody refers to it");
}

#[tokio::test]
async fn a_required_field_is_required() {
    let db = database().await;
    let error = refused(
        db.repository::<author::Entity>().insert(author::ActiveModel::default()).await,
        ErrorKind::NotNullViolation,
    );
    assert_eq!(error.fields(), ["code"]);
    db.repository::<sample::Entity>().insert(sample::ActiveModel::default()).await.expect("all is optional");
}
