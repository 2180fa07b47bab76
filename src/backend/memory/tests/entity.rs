//! Small entities: one with every type, and a family with every kind of relation.

macro_rules! child {
    ($name:ident, $table:literal, $type:ty, $on_delete:literal) => {
        pub mod $name {
            use super::author::{Column as Of, Entity as Author};
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
                pub author_id: $type,
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {
                #[sea_orm(belongs_to = "Author", from = "Column::AuthorId", to = "Of::Id", on_delete = $on_delete)]
                Author,
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

child!(book, "book", Option<i32>, "Restrict");
child!(tag, "tag", i32, "Cascade");
child!(note, "note", Option<i32>, "SetNull");
child!(badge, "badge", i32, "SetNull");

pub mod author {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub code: String,
        #[sea_orm(unique)]
        pub rank: Option<i32>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A child of a unique column that is not the key.
pub mod alias {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "alias")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub author_code: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::author::Entity",
            from = "Column::AuthorCode",
            to = "super::author::Column::Code"
        )]
        Author,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A grandchild.
pub mod remark {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "remark")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tag_id: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::tag::Entity",
            from = "Column::TagId",
            to = "super::tag::Column::Id",
            on_delete = "Cascade"
        )]
        Tag,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A tree.
pub mod node {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "node")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub parent_id: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "Entity", from = "Column::ParentId", to = "Column::Id")]
        Parent,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A key of two columns, and two columns that are unique together.
pub mod place {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "place")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seat: i32,
        #[sea_orm(unique_key = "holder")]
        pub holder: Option<String>,
        #[sea_orm(unique_key = "holder")]
        pub day: Option<i16>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One column of each type.
pub mod sample {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sample")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub text: Option<String>,
        pub small: Option<i16>,
        pub big: Option<i64>,
        pub count: Option<u32>,
        pub flag: Option<bool>,
        pub float: Option<f64>,
        #[sea_orm(column_type = "Decimal(Some((6, 2)))")]
        pub price: Option<Decimal>,
        pub uid: Option<Uuid>,
        pub blob: Option<Vec<u8>>,
        pub at: Option<DateTimeUtc>,
        pub day: Option<Date>,
        pub data: Option<Json>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
