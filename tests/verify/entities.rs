//! A parent and a child with a column of every kind that a table can break.

pub mod author {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        pub name: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod article {
    use sea_orm::entity::prelude::*;

    /// With a variant that MySQL's family writes back as an escape.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))")]
    pub enum State {
        #[sea_orm(string_value = "draft")]
        Draft,
        #[sea_orm(string_value = "isn't")]
        Isnt,
        #[sea_orm(string_value = "a\\b")]
        Backslash,
    }

    /// A native enum, so that the list of variants is known.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "Enum", db_type = "Enum", enum_name = "kind")]
    pub enum Kind {
        #[sea_orm(string_value = "long")]
        Long,
        #[sea_orm(string_value = "isn't")]
        Isnt,
        #[sea_orm(string_value = "a\\b")]
        Backslash,
    }

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "article")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub author_id: i64,
        #[sea_orm(column_type = "String(StringLen::N(80))", unique_key = "place")]
        pub title: String,
        #[sea_orm(unique_key = "place")]
        pub page: i32,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub price: Decimal,
        pub at: DateTimeUtc,
        pub local: Option<DateTime>,
        pub kind: Kind,
        pub state: State,
        pub data: Option<Json>,
        pub count: u32,
        pub flag: bool,
        pub score: f64,
        pub raw: Option<Vec<u8>>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<super::author::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use seabed::repository::EntityInfo;

/// Both, parents first.
pub fn both() -> Vec<EntityInfo> {
    seabed::entities![author, article]
}
