//! What is related: one to many, one to one, many to many, by keys of several columns; the tree is [`node`](super::node).

/// Has books.
pub mod author {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub name: String,
        #[sea_orm(has_many)]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// An author.
    pub fn row(id: i32, name: &str) -> ActiveModel {
        ActiveModel { id: Set(id), name: Set(name.into()) }
    }
}

/// Belongs to an author or to nobody, has one cover, and tags that other books have, too.
pub mod book {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "book")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub author_id: Option<i32>,
        pub title: String,
        pub pages: Option<i32>,
        pub extra: Option<Json>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<Option<super::author::Entity>>,
        #[sea_orm(has_one)]
        pub cover: HasOne<super::cover::Entity>,
        #[sea_orm(has_many, via = "book_tag")]
        pub tags: HasMany<super::tag::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A book.
    pub fn row(id: i32, author: Option<i32>, title: &str, pages: Option<i32>) -> ActiveModel {
        ActiveModel {
            id: Set(id),
            author_id: Set(author),
            title: Set(title.into()),
            pages: Set(pages),
            ..Default::default()
        }
    }
}

/// One for a book at most.
pub mod cover {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cover")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub book_id: i32,
        pub colour: String,
        #[sea_orm(belongs_to, from = "book_id", to = "id", on_delete = "Cascade")]
        pub book: BelongsTo<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// The cover of this book.
    pub fn row(book: i32, colour: &str) -> ActiveModel {
        ActiveModel { book_id: Set(book), colour: Set(colour.into()), ..Default::default() }
    }
}

/// Is on many books.
pub mod tag {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tag")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub name: String,
        #[sea_orm(has_many, via = "book_tag")]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A tag.
    pub fn row(id: i32, name: &str) -> ActiveModel {
        ActiveModel { id: Set(id), name: Set(name.into()) }
    }
}

/// The junction of books and tags.
pub mod book_tag {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "book_tag")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub book_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_id: i32,
        #[sea_orm(belongs_to, from = "book_id", to = "id", on_delete = "Cascade")]
        pub book: BelongsTo<super::book::Entity>,
        #[sea_orm(belongs_to, from = "tag_id", to = "id", on_delete = "Cascade")]
        pub tag: BelongsTo<super::tag::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// This tag on this book.
    pub fn row((book, tag): (i32, i32)) -> ActiveModel {
        ActiveModel { book_id: Set(book), tag_id: Set(tag) }
    }
}

/// A key of two columns, one of them text. In SeaORM's compact format.
pub mod shelf {
    use sea_orm::{Set, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shelf")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hall: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::copy::Entity")]
        Copy,
    }

    impl Related<super::copy::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Copy.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A shelf.
    pub fn row(hall: i32, code: &str) -> ActiveModel {
        ActiveModel { hall: Set(hall), code: Set(code.into()) }
    }
}

/// Stands on a shelf, or is lent.
pub mod copy {
    use sea_orm::{Set, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "copy")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub hall: i32,
        pub code: Option<String>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::shelf::Entity",
            from = "(Column::Hall, Column::Code)",
            to = "(super::shelf::Column::Hall, super::shelf::Column::Code)"
        )]
        Shelf,
    }

    impl Related<super::shelf::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Shelf.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A copy on this shelf.
    pub fn row(id: i32, hall: i32, code: Option<&str>) -> ActiveModel {
        ActiveModel { id: Set(id), hall: Set(hall), code: Set(code.map(Into::into)) }
    }
}
