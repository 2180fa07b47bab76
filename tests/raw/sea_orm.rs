//! `SeaORM`'s own queries run in our pool and in our transaction.

use crate::{
    entities::{author, book},
    place::{Place, on_each, refused},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Statement, prelude::Expr,
};
use seabed::{Database, Error, ErrorKind, raw, transaction::Transaction};

on_each! {
    entities_are_found_inserted_changed_and_deleted
    relations_and_joins_are_read
    its_queries_are_a_part_of_the_transaction
    an_error_goes_through_and_dooms_the_transaction
    what_it_writes_the_repository_reads
}

async fn filled(place: &Place) -> Database {
    let db = place.open(2).await;
    let authors = db.repository::<author::Entity>();
    let books = db.repository::<book::Entity>();
    let (ann, ben) = (authors.insert(author::row("Ann")).await, authors.insert(author::row("Ben")).await);
    let (ann, ben) = (ann.expect("inserted").id, ben.expect("inserted").id);
    let rows = [(ann, "Waves", Some(300)), (ann, "Tides", None), (ben, "Reefs", Some(120))];
    books.insert_many(rows.map(|(author, title, pages)| book::row(author, title, pages))).await.expect("inserted");
    db
}

async fn entities_are_found_inserted_changed_and_deleted(place: &Place) {
    let db = filled(place).await;
    let orm = db.sea_orm().expect("a connection");
    assert_eq!(orm.get_database_backend(), place.dialect);
    let cleo = author::row("Cleo").insert(&orm).await.expect("inserted");
    let found = author::Entity::find_by_id(cleo.id).one(&orm).await.expect("an answer");
    assert_eq!(found.as_ref().map(|it| it.name.as_str()), Some("Cleo"));
    let mut changed: author::ActiveModel = cleo.into();
    changed.name = Set("Clio".to_owned());
    let renamed = changed.update(&orm).await.expect("changed");
    assert_eq!(renamed.name, "Clio");
    let many = author::Entity::insert_many([author::row("Dan"), author::row("Eve")]).exec(&orm).await;
    many.expect("inserted");
    let names = author::Entity::find().filter(author::Column::Name.is_in(["Dan", "Eve", "Clio"])).count(&orm).await;
    assert_eq!(names.expect("a count"), 3);
    let set = author::Entity::update_many()
        .col_expr(author::Column::Name, Expr::value("Zoe"))
        .filter(author::Column::Name.eq("Eve"));
    assert_eq!(set.exec(&orm).await.expect("changed").rows_affected, 1);
    assert_eq!(renamed.delete(&orm).await.expect("deleted").rows_affected, 1);
    let pages = author::Entity::find().order_by_asc(author::Column::Name).paginate(&orm, 3);
    assert_eq!(pages.num_pages().await.expect("pages"), 2);
    assert_eq!(pages.fetch_page(1).await.expect("a page").len(), 1);
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Written {
    name: String,
    title: String,
}

async fn relations_and_joins_are_read(place: &Place) {
    let db = filled(place).await;
    let orm = db.sea_orm().expect("a connection");
    let with =
        author::Entity::find().find_with_related(book::Entity).order_by_asc(author::Column::Name).all(&orm).await;
    let with: Vec<_> = with.expect("rows").into_iter().map(|(author, books)| (author.name, books.len())).collect();
    assert_eq!(with, [("Ann".to_owned(), 2), ("Ben".to_owned(), 1)]);
    let also =
        book::Entity::find().find_also_related(author::Entity).filter(book::Column::Title.eq("Reefs")).one(&orm).await;
    let (reefs, ben) = also.expect("an answer").expect("a row");
    assert_eq!((reefs.pages, ben.map(|it| it.name)), (Some(120), Some("Ben".to_owned())));
    let ann = author::Entity::find()
        .filter(author::Column::Name.eq("Ann"))
        .one(&orm)
        .await
        .expect("an answer")
        .expect("a row");
    assert_eq!(ann.find_related(book::Entity).all(&orm).await.expect("rows").len(), 2);
    let joined = book::Entity::find()
        .select_only()
        .column(book::Column::Title)
        .column_as(author::Column::Name, "name")
        .join(JoinType::InnerJoin, book::Relation::Author.def())
        .filter(book::Column::Pages.gt(100))
        .order_by_asc(book::Column::Title)
        .into_model::<Written>();
    let joined = joined.all(&orm).await.expect("rows");
    assert_eq!(joined[0], Written { name: "Ben".into(), title: "Reefs".into() });
    let mark = if place.dialect == sea_orm::DbBackend::Postgres { "$1" } else { "?" };
    let text = format!("select a.name, b.title from author a join book b on b.author_id = a.id where b.title = {mark}");
    let statement = Statement::from_sql_and_values(place.dialect, text, ["Waves".into()]);
    let raw = Written::find_by_statement(statement).one(&orm).await.expect("an answer");
    assert_eq!(raw, Some(Written { name: "Ann".into(), title: "Waves".into() }));
}

async fn work(tx: &Transaction) -> Result<(), Error> {
    let orm = tx.sea_orm()?;
    tx.raw(raw!("insert into author (name) values ('Cleo')")).execute().await?;
    author::row("Dan").insert(&orm).await?;
    let names = author::Entity::find().count(&orm).await?;
    assert_eq!(names, 4);
    book::Entity::delete_many().exec(&orm).await?;
    Ok(())
}

async fn its_queries_are_a_part_of_the_transaction(place: &Place) {
    let db = filled(place).await;
    let ended = db.transact(|tx| async move { work(&tx).await.and(Err::<(), _>(Error::rejected("no"))) }).await;
    refused(ended, ErrorKind::Rejected);
    let left = |db: Database| async move {
        let orm = db.sea_orm().expect("a connection");
        (
            author::Entity::find().count(&orm).await.expect("a count"),
            book::Entity::find().count(&orm).await.expect("a count"),
        )
    };
    assert_eq!(left(db.clone()).await, (2, 3), "nothing of it is kept");
    db.transact(|tx| async move { work(&tx).await }).await.expect("committed");
    assert_eq!(left(db.clone()).await, (4, 0));
    let kept = db.begin(seabed::TransactionOptions::default()).await.expect("begun");
    let orm = kept.sea_orm().expect("a connection");
    kept.commit().await.expect("committed");
    let late = author::Entity::find().one(&orm).await.map_err(Error::from);
    refused(late, ErrorKind::TransactionClosed);
}

async fn an_error_goes_through_and_dooms_the_transaction(place: &Place) {
    let db = filled(place).await;
    let ended = db.try_transact(|tx| async move {
        let orm = tx.sea_orm()?;
        author::row("Cleo").insert(&orm).await?;
        let twice = author::row("Ann").insert(&orm).await.expect_err("there is an Ann");
        refused(Err::<(), _>(Error::from(twice.clone())), ErrorKind::UniqueViolation);
        refused(author::Entity::find().all(&orm).await.map_err(Error::from), ErrorKind::TransactionFailed);
        Err::<(), DbErr>(twice)
    });
    let error = Error::from(ended.await.expect_err("rolled back"));
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(author::Entity::find().count(&db.sea_orm().expect("a connection")).await.expect("a count"), 2);
}

async fn what_it_writes_the_repository_reads(place: &Place) {
    let db = filled(place).await;
    let orm = db.sea_orm().expect("a connection");
    let ann = author::Entity::find()
        .filter(author::Column::Name.eq("Ann"))
        .one(&orm)
        .await
        .expect("an answer")
        .expect("a row");
    let written = book::row(ann.id, "Shoals", None).insert(&orm).await.expect("inserted");
    let read = db.repository::<book::Entity>().get(written.id).await.expect("an answer");
    assert_eq!(read, Some(written), "UUIDs and instants are in the stored form");
}
