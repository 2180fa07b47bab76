//! Chinook's tables, as a service would write them: the columns that the questions are about.

/// What a track sounds like.
pub mod genre {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "genre")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub genre_id: i32,
        #[sea_orm(column_type = "String(StringLen::N(120))")]
        pub name: Option<String>,
        #[sea_orm(has_many)]
        pub tracks: HasMany<super::track::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a track is stored as.
pub mod media_type {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "media_type")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub media_type_id: i32,
        #[sea_orm(column_type = "String(StringLen::N(120))")]
        pub name: Option<String>,
        #[sea_orm(has_many)]
        pub tracks: HasMany<super::track::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who plays.
pub mod artist {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "artist")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub artist_id: i32,
        #[sea_orm(column_type = "String(StringLen::N(120))")]
        pub name: Option<String>,
        #[sea_orm(has_many)]
        pub albums: HasMany<super::album::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What an artist publishes.
pub mod album {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "album")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub album_id: i32,
        #[sea_orm(column_type = "String(StringLen::N(160))")]
        pub title: String,
        pub artist_id: i32,
        #[sea_orm(belongs_to, from = "artist_id", to = "artist_id")]
        pub artist: BelongsTo<super::artist::Entity>,
        #[sea_orm(has_many)]
        pub tracks: HasMany<super::track::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is sold.
pub mod track {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "track")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub track_id: i32,
        #[sea_orm(column_type = "String(StringLen::N(200))")]
        pub name: String,
        pub album_id: Option<i32>,
        pub media_type_id: i32,
        pub genre_id: Option<i32>,
        #[sea_orm(column_type = "String(StringLen::N(220))")]
        pub composer: Option<String>,
        pub milliseconds: i32,
        pub bytes: Option<i32>,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub unit_price: Decimal,
        #[sea_orm(belongs_to, from = "album_id", to = "album_id")]
        pub album: BelongsTo<Option<super::album::Entity>>,
        #[sea_orm(belongs_to, from = "media_type_id", to = "media_type_id")]
        pub media_type: BelongsTo<super::media_type::Entity>,
        #[sea_orm(belongs_to, from = "genre_id", to = "genre_id")]
        pub genre: BelongsTo<Option<super::genre::Entity>>,
        #[sea_orm(has_many)]
        pub lines: HasMany<super::invoice_line::Entity>,
        #[sea_orm(has_many, via = "playlist_track")]
        pub playlists: HasMany<super::playlist::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who sells; a tree.
pub mod employee {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "employee")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub employee_id: i32,
        #[sea_orm(column_type = "String(StringLen::N(20))")]
        pub last_name: String,
        #[sea_orm(column_type = "String(StringLen::N(20))")]
        pub first_name: String,
        #[sea_orm(column_type = "String(StringLen::N(30))")]
        pub title: Option<String>,
        pub reports_to: Option<i32>,
        pub birth_date: Option<DateTimeUtc>,
        pub hire_date: Option<DateTimeUtc>,
        #[sea_orm(column_type = "String(StringLen::N(60))")]
        pub email: Option<String>,
        #[sea_orm(self_ref, relation_enum = "Manager", from = "reports_to", to = "employee_id")]
        pub manager: HasOne<Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who buys.
pub mod customer {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "customer")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub customer_id: i32,
        #[sea_orm(column_type = "String(StringLen::N(40))")]
        pub first_name: String,
        #[sea_orm(column_type = "String(StringLen::N(20))")]
        pub last_name: String,
        #[sea_orm(column_type = "String(StringLen::N(80))")]
        pub company: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(40))")]
        pub city: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(40))")]
        pub state: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(40))")]
        pub country: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(10))")]
        pub postal_code: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(24))")]
        pub fax: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(60))")]
        pub email: String,
        pub support_rep_id: Option<i32>,
        #[sea_orm(belongs_to, from = "support_rep_id", to = "employee_id")]
        pub support_rep: BelongsTo<Option<super::employee::Entity>>,
        #[sea_orm(has_many)]
        pub invoices: HasMany<super::invoice::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a customer pays.
pub mod invoice {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invoice")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub invoice_id: i32,
        pub customer_id: i32,
        pub invoice_date: DateTimeUtc,
        #[sea_orm(column_type = "String(StringLen::N(40))")]
        pub billing_city: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(40))")]
        pub billing_state: Option<String>,
        #[sea_orm(column_type = "String(StringLen::N(40))")]
        pub billing_country: Option<String>,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub total: Decimal,
        #[sea_orm(belongs_to, from = "customer_id", to = "customer_id")]
        pub customer: BelongsTo<super::customer::Entity>,
        #[sea_orm(has_many)]
        pub lines: HasMany<super::invoice_line::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// One track on an invoice.
pub mod invoice_line {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invoice_line")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub invoice_line_id: i32,
        pub invoice_id: i32,
        pub track_id: i32,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub unit_price: Decimal,
        pub quantity: i32,
        #[sea_orm(belongs_to, from = "invoice_id", to = "invoice_id")]
        pub invoice: BelongsTo<super::invoice::Entity>,
        #[sea_orm(belongs_to, from = "track_id", to = "track_id")]
        pub track: BelongsTo<super::track::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A list of tracks.
pub mod playlist {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "playlist")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub playlist_id: i32,
        #[sea_orm(column_type = "String(StringLen::N(120))")]
        pub name: Option<String>,
        #[sea_orm(has_many, via = "playlist_track")]
        pub tracks: HasMany<super::track::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A track on a list.
pub mod playlist_track {
    use seabed::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "playlist_track")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub playlist_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub track_id: i32,
        #[sea_orm(belongs_to, from = "playlist_id", to = "playlist_id")]
        pub playlist: BelongsTo<super::playlist::Entity>,
        #[sea_orm(belongs_to, from = "track_id", to = "track_id")]
        pub track: BelongsTo<super::track::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
