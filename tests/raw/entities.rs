//! A parent and its children, and a row of many types.

pub mod author {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        pub name: String,
        #[sea_orm(has_many)]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    pub fn row(name: &str) -> ActiveModel {
        ActiveModel { name: Set(name.into()), ..Default::default() }
    }
}

pub mod book {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "book")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub author_id: i64,
        pub title: String,
        pub pages: Option<i32>,
        pub at: DateTimeUtc,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<super::author::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    pub fn row(author: i64, title: &str, pages: Option<i32>) -> ActiveModel {
        ActiveModel {
            id: Set(Uuid::now_v7()),
            author_id: Set(author),
            title: Set(title.into()),
            pages: Set(pages),
            at: Set(DateTimeUtc::from_timestamp_millis(1_700_000_000_123).expect("an instant")),
        }
    }
}

pub mod sample {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sample")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub flag: bool,
        pub small: i16,
        pub big: i64,
        pub score: f64,
        #[sea_orm(column_type = "Decimal(Some((18, 2)))")]
        pub price: Decimal,
        pub name: String,
        pub data: Vec<u8>,
        pub extra: Json,
        pub token: Uuid,
        pub at: DateTimeUtc,
        pub local: DateTime,
        pub day: Date,
        pub clock: Time,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod entry {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(unique_key = "place")]
        pub name: String,
        #[sea_orm(unique_key = "place")]
        pub page: Option<i32>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
