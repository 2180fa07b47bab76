//! How often related rows are asked for, and with which tables: the guard finds the rules there.

use crate::support::{Answer, Scripted};
use sea_orm::Value;
use seabed::{
    Database,
    backend::{Filter, Operation, Outcome, Select},
    col,
    repository::has,
};

mod author {
    use sea_orm::entity::prelude::*;
    use seabed::sea_orm;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(has_many)]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod book {
    use sea_orm::entity::prelude::*;
    use seabed::sea_orm;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "book")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub author_id: i32,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "author_id", to = "id")]
        pub author: BelongsTo<super::author::Entity>,
        #[sea_orm(has_many, via = "book_tag")]
        pub tags: HasMany<super::tag::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    seabed::rules!(Entity { soft_delete: DeletedAt });
}

mod tag {
    use sea_orm::entity::prelude::*;
    use seabed::sea_orm;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tag")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(has_many, via = "book_tag")]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod book_tag {
    use sea_orm::entity::prelude::*;
    use seabed::sea_orm;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "book_tag")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub book_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_id: i32,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "book_id", to = "id")]
        pub book: BelongsTo<super::book::Entity>,
        #[sea_orm(belongs_to, from = "tag_id", to = "id")]
        pub tag: BelongsTo<super::tag::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    seabed::rules!(Entity { soft_delete: DeletedAt });
}

fn authors(count: i32) -> Vec<author::Model> {
    (1..=count).map(|id| author::Model { id }).collect()
}

fn tags(count: i32) -> Vec<tag::Model> {
    (1..=count).map(|id| tag::Model { id }).collect()
}

fn selects(backend: &Scripted) -> Vec<Select> {
    let select = |operation| match operation {
        Operation::Select(select) => select,
        other => panic!("loads are selects: {other:?}"),
    };
    backend.operations().into_iter().map(select).collect()
}

#[tokio::test]
async fn a_hop_is_one_query_for_ten_thousand_keys() {
    for (parents, queries) in [(0, 0), (1, 1), (10_000, 1), (10_001, 2)] {
        let backend = Scripted::new([]);
        let repository = Database::from_backend(backend.backend()).repository::<author::Entity>();
        let mut rows = authors(parents);
        rows.extend(authors(parents));
        let loaded = repository.load_many::<book::Entity>(&rows).await.expect("no books");
        assert_eq!((loaded.len(), selects(&backend).len()), (rows.len(), queries), "{parents} different keys");
    }
}

#[tokio::test]
async fn a_junction_is_one_query_more() {
    let link = |book: i32, tag: i32| vec![Value::from(book), Value::from(tag), Value::ChronoDateTimeUtc(None)];
    let book = |id: i32| vec![Value::from(id), Value::from(1), Value::ChronoDateTimeUtc(None)];
    let answers = [
        Answer::Ok(Outcome::Rows(vec![link(7, 2), link(5, 1), link(5, 2), link(5, 2), link(9, 1)].into())),
        Answer::Ok(Outcome::Rows(vec![book(7), book(5)].into())),
    ];
    let backend = Scripted::new(answers);
    let repository = Database::from_backend(backend.backend()).repository::<tag::Entity>();
    let loaded = repository.load_many::<book::Entity>(&tags(3)).await.expect("books");
    let ids: Vec<Vec<i32>> = loaded.iter().map(|group| group.iter().map(|book| book.id).collect()).collect();
    assert_eq!(ids, [vec![5], vec![7, 5], vec![]], "in the order of the books; a link without its book is none");
    let asked: Vec<String> = selects(&backend).iter().map(|select| select.table.name.clone()).collect();
    assert_eq!(asked, ["book_tag", "book"]);
}

#[tokio::test]
async fn related_tables_keep_their_rules() {
    let backend = Scripted::new([]);
    let repository = Database::from_backend(backend.backend()).repository::<tag::Entity>();
    repository.load_many::<book::Entity>(&tags(1)).await.expect("no books");
    repository.find(has(col(book::COLUMN.id).eq(1))).await.expect("no tags");
    let asked = selects(&backend);
    let rule = |select: &Select| select.table.rules.soft_delete;
    assert_eq!((rule(&asked[0]), rule(&asked[1])), (Some(2), Some(2)), "the junction's, and the book's");
    let mut related = Vec::new();
    walk(asked[2].filter.as_ref().expect("a filter"), &mut related);
    assert_eq!(related, [("book_tag".to_owned(), Some(2)), ("book".to_owned(), Some(2))], "in a condition, too");
}

/// The related tables of a condition, with their soft-delete rules.
fn walk(filter: &Filter, found: &mut Vec<(String, Option<usize>)>) {
    match filter {
        Filter::And(all) | Filter::Or(all) => all.iter().for_each(|one| walk(one, found)),
        Filter::Not(inner) => walk(inner, found),
        Filter::Related(related) => {
            found.push((related.table.name.clone(), related.table.rules.soft_delete));
            related.filter.iter().for_each(|inner| walk(inner, found));
        }
        _ => {}
    }
}
