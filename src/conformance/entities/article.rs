//! Every rule but the tenant's: times, version, soft delete, folded text.

use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "article")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    #[sea_orm(unique)]
    pub title: String,
    #[sea_orm(indexed)]
    pub title_folded: String,
    #[sea_orm(column_type = "String(StringLen::N(8))")]
    pub teaser: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(8))")]
    pub teaser_folded: Option<String>,
    pub words: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
    pub deleted_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::rules!(Entity {
    created_at: CreatedAt,
    updated_at: UpdatedAt,
    version: Version,
    soft_delete: DeletedAt,
    folded: [Title => TitleFolded, Teaser => TeaserFolded],
});

/// An article; what rules write is left to them.
pub fn row(id: i32, title: &str) -> ActiveModel {
    ActiveModel { id: Set(id), title: Set(title.into()), words: Set(0), ..Default::default() }
}

/// A change of the words of the version that was read.
pub fn counted(read: &Model, words: i32) -> ActiveModel {
    ActiveModel { id: Set(read.id), version: Set(read.version), words: Set(words), ..Default::default() }
}
