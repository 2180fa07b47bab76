//! A parent and its children, one for each thing that a delete of the parent may do.

/// The parent: an integer key that the database makes, a required and a nullable unique column.
pub mod person {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        pub name: String,
        #[sea_orm(unique)]
        pub email: Option<String>,
        pub age: Option<i32>,
        pub visits: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A person whose key the database makes.
    pub fn row(name: &str) -> ActiveModel {
        ActiveModel { name: Set(name.into()), visits: Set(0), ..Default::default() }
    }
}

/// A child that keeps its parent: Restrict.
pub mod pet {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pet")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub owner_id: i64,
        pub name: String,
        #[sea_orm(belongs_to, from = "owner_id", to = "id", on_delete = "Restrict")]
        pub owner: BelongsTo<super::person::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A pet of this person.
    pub fn row(owner: i64, name: &str) -> ActiveModel {
        ActiveModel { owner_id: Set(owner), name: Set(name.into()), ..Default::default() }
    }
}

/// A child that goes with its parent: Cascade.
pub mod visit {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person_id: i64,
        #[sea_orm(belongs_to, from = "person_id", to = "id", on_delete = "Cascade")]
        pub person: BelongsTo<super::person::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A visit of this person.
    pub fn row(person: i64) -> ActiveModel {
        ActiveModel { person_id: Set(person), ..Default::default() }
    }
}

/// A child of a child: it goes with its visit. In SeaORM's compact format.
pub mod stamp {
    use sea_orm::{Set, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stamp")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub visit_id: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::visit::Entity",
            from = "Column::VisitId",
            to = "super::visit::Column::Id",
            on_delete = "Cascade"
        )]
        Visit,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A stamp on this visit.
    pub fn row(id: i32, visit: Uuid) -> ActiveModel {
        ActiveModel { id: Set(id), visit_id: Set(visit) }
    }
}

/// A child that stays and forgets its parent: `SetNull`.
pub mod note {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub author_id: Option<i64>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "SetNull")]
        pub author: BelongsTo<Option<super::person::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A note of this person, or of nobody.
    pub fn row(author: Option<i64>) -> ActiveModel {
        ActiveModel { author_id: Set(author), ..Default::default() }
    }
}

/// A child that forgets its parent, which is the later half of a unique key.
pub mod seat {
    use sea_orm::{Set, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "seat")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        #[sea_orm(unique_key = "place")]
        pub side: String,
        #[sea_orm(unique_key = "place")]
        pub person_id: Option<i64>,
        #[sea_orm(belongs_to, from = "person_id", to = "id", on_delete = "SetNull")]
        pub person: BelongsTo<Option<super::person::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// A seat of this person.
    pub fn row(id: i32, side: &str, person: i64) -> ActiveModel {
        ActiveModel { id: Set(id), side: Set(side.into()), person_id: Set(Some(person)) }
    }
}
