//! The rows that the cases of law Q9 are about.

use crate::{
    Database, Result,
    conformance::{
        check::{Rows, table},
        entities::{author, book, book_tag, copy, cover, node, shelf, tag},
    },
    repository::{Entity, IntoQuery},
};
use sea_orm::ModelTrait;

/// Ann wrote Alpha (red and blue) and Beta (red), Bob wrote Gamma, Cid nothing; Orphan (blue) is nobody's. The tag green is on no
/// book. Gamma's pages are not known. Alpha and Gamma have covers.
pub async fn library(db: &Database) -> Result<(Rows<author::Entity>, Rows<book::Entity>)> {
    db.create_tables(&crate::entities![author, book, cover, tag, book_tag]).await?;
    let authors = db.repository::<author::Entity>();
    authors.insert_many([author::row(3, "Cid"), author::row(1, "Ann"), author::row(2, "Bob")]).await?;
    let books = db.repository::<book::Entity>();
    let rows = [
        book::row(4, None, "Orphan", Some(50)),
        book::row(2, Some(1), "Beta", Some(200)),
        book::row(1, Some(1), "Alpha", Some(100)),
        book::row(3, Some(2), "Gamma", None),
    ];
    books.insert_many(rows).await?;
    let tags = db.repository::<tag::Entity>();
    tags.insert_many([tag::row(1, "red"), tag::row(2, "blue"), tag::row(3, "green")]).await?;
    db.repository::<book_tag::Entity>().insert_many([(1, 2), (1, 1), (2, 1), (4, 2)].map(book_tag::row)).await?;
    db.repository::<cover::Entity>().insert_many([cover::row(1, "leather"), cover::row(3, "paper")]).await?;
    Ok((authors, books))
}

/// 1 is the root, 2 and 3 are under it, 4 and 5 under 2.
pub async fn tree(db: &Database) -> Result<Rows<node::Entity>> {
    let nodes = table::<node::Entity>(db).await?;
    let rows = [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(2))];
    nodes.insert_many(rows.map(|(id, parent)| node::row(id, parent))).await?;
    Ok(nodes)
}

/// Shelves with codes that differ by case alone, and copies: two on them, two without a code, one in another hall.
pub async fn shelves(db: &Database) -> Result<(Rows<shelf::Entity>, Rows<copy::Entity>)> {
    db.create_tables(&crate::entities![shelf, copy]).await?;
    let shelves = db.repository::<shelf::Entity>();
    shelves.insert_many([shelf::row(1, "a"), shelf::row(1, "A"), shelf::row(1, "b"), shelf::row(2, "b")]).await?;
    let copies = db.repository::<copy::Entity>();
    let rows = [(1, 1, Some("a")), (2, 1, Some("A")), (3, 1, None), (4, 2, None), (5, 2, Some("b"))];
    copies.insert_many(rows.map(|(id, hall, code)| copy::row(id, hall, code))).await?;
    Ok((shelves, copies))
}

/// The keys of the rows that match, ascending.
pub async fn ids<E: Entity>(rows: &Rows<E>, query: impl IntoQuery<E> + Send) -> Result<Vec<i32>> {
    let mut ids: Vec<i32> = rows.find(query).await?.iter().map(id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// The key of a row, where it is a single `i32` named `id`.
fn id<M: ModelTrait>(row: &M) -> i32 {
    use sea_orm::{IdenStatic, Iterable, Value};
    type Columns<M> = <<M as ModelTrait>::Entity as sea_orm::EntityTrait>::Column;
    let key = Columns::<M>::iter().find(|column| column.as_str() == "id").map(|column| row.get(column));
    match key {
        Some(Value::Int(Some(id))) => id,
        other => panic!("a key of the suite is an i32: {other:?}"),
    }
}
