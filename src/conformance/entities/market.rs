//! Tables of tenants: a parent, its child, a table of no tenant that refers to it, and other kinds of tenants.

/// The parent: a text tenant, a key that the database makes, a name that is unique for each tenant.
pub mod shop {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shop")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique_key = "name")]
        pub tenant: String,
        #[sea_orm(unique_key = "name")]
        pub name: String,
        pub area: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}

    crate::rules!(Entity { tenant: Tenant });

    /// A shop of whoever calls.
    pub fn row(name: &str) -> ActiveModel {
        ActiveModel { name: Set(name.into()), area: Set(1), ..Default::default() }
    }
}

/// The child: deleted softly; it may refer to another of its own table.
pub mod sale {
    use sea_orm::{Set, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sale")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub tenant: String,
        pub shop_id: i64,
        pub refunds: Option<i32>,
        pub amount: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::shop::Entity", from = "Column::ShopId", to = "super::shop::Column::Id")]
        Shop,
        #[sea_orm(belongs_to = "Entity", from = "Column::Refunds", to = "Column::Id")]
        Refunded,
    }

    impl ActiveModelBehavior for ActiveModel {}

    crate::rules!(Entity { tenant: Tenant, soft_delete: DeletedAt });

    /// A sale of this shop.
    pub fn row(id: i32, shop: i64) -> ActiveModel {
        ActiveModel { id: Set(id), shop_id: Set(shop), amount: Set(i64::from(id)), ..Default::default() }
    }
}

/// Of no tenant, and refers to a table of tenants.
pub mod receipt {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "receipt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub shop_id: Option<i64>,
        #[sea_orm(belongs_to, from = "shop_id", to = "id", on_delete = "SetNull")]
        pub shop: BelongsTo<Option<super::shop::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A receipt of this shop, or of none.
    pub fn row(id: i32, shop: Option<i64>) -> ActiveModel {
        ActiveModel { id: Set(id), shop_id: Set(shop) }
    }
}

/// A tenant that is a UUID.
pub mod badge {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "badge")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub tenant: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}

    crate::rules!(Entity { tenant: Tenant });

    /// A badge of whoever calls.
    pub fn row(id: i32) -> ActiveModel {
        ActiveModel { id: Set(id), ..Default::default() }
    }
}

/// A tenant that is a whole number.
pub mod stall {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stall")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub tenant: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}

    crate::rules!(Entity { tenant: Tenant });

    /// A stall of whoever calls.
    pub fn row(id: i32) -> ActiveModel {
        ActiveModel { id: Set(id), ..Default::default() }
    }
}
