//! Small tables, as a service would declare them and let SeaORM make them.

use sea_orm::entity::prelude::*;

/// One column of each kind, all nullable: a test sets those that it is about.
pub mod thing {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "thing")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(3))")]
        pub code: Option<String>,
        pub whole: Option<i32>,
        pub big: Option<i64>,
        pub ratio: Option<f32>,
        pub score: Option<f64>,
        pub price: Option<Decimal>,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub money: Option<Decimal>,
        #[sea_orm(column_type = "Decimal(Some((38, 10)))")]
        pub exact: Option<Decimal>,
        pub at: Option<DateTimeUtc>,
        pub zoned: Option<DateTimeWithTimeZone>,
        pub clock: Option<Time>,
        pub extra: Option<Json>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Unsigned numbers.
pub mod size {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "size")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub count: Option<u32>,
        pub bytes: Option<u64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A native enum, one of whose words has an apostrophe.
pub mod guess {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "answer")]
    pub enum Answer {
        #[sea_orm(string_value = "yes")]
        Yes,
        #[sea_orm(string_value = "don't know")]
        DontKnow,
    }

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "guess")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub answer: Answer,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Two unique keys, a default, a check.
pub mod member {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(unique)]
        pub name: String,
        #[sea_orm(unique)]
        pub email: Option<String>,
        #[sea_orm(extra = "CHECK (points >= 0)")]
        pub points: i32,
        #[sea_orm(default_value = "guest")]
        pub role: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A member of whom only this is known.
    pub fn row(id: i32, name: &str) -> ActiveModel {
        use sea_orm::Set;
        ActiveModel { id: Set(id), name: Set(name.to_owned()), points: Set(0), ..Default::default() }
    }
}

pub mod parent {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "parent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(has_many)]
        pub children: HasMany<super::child::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod child {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "child")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub parent_id: i32,
        #[sea_orm(belongs_to, from = "parent_id", to = "id")]
        pub parent: HasOne<super::parent::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A hook of SeaORM fills `stamp`.
pub mod stamped {
    use super::*;
    use sea_orm::Set;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stamped")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub text: String,
        pub stamp: Option<String>,
    }

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn before_save<C: ConnectionTrait>(mut self, _: &C, _: bool) -> Result<Self, DbErr> {
            self.stamp = Set(Some(format!("saw {}", self.text.as_ref())));
            Ok(self)
        }
    }
}
