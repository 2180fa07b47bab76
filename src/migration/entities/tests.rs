use super::{file, name};
use crate::schema::{OnDelete, build::table};

#[test]
fn names_are_those_of_rust() {
    assert_eq!(name::module("InvoiceLine"), "invoice_line");
    assert_eq!(name::module("type"), "type_");
    assert_eq!(name::module("2nd try"), "_2nd_try");
    assert_eq!(name::variant("invoice_line"), "InvoiceLine");
}

#[test]
fn an_entity_is_written_as_a_person_would() {
    let artist =
        table("Artist").int32("ArtistId").auto_increment().text("Name", 120).nullable().primary_key(&["ArtistId"]);
    let artist = artist.build().expect("a table");
    let album = table("Album")
        .int32("AlbumId")
        .auto_increment()
        .text("Title", 160)
        .int32("ArtistId")
        .primary_key(&["AlbumId"])
        .index(&["ArtistId"])
        .references(&["ArtistId"], "Artist", &["ArtistId"], OnDelete::Cascade)
        .build()
        .expect("a table");
    let all = [artist, album];
    let text = file::entity(&all[1], &all);
    assert_eq!(
        text,
        r#"use seabed::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "Album")]
pub struct Model {
    #[sea_orm(primary_key, column_name = "AlbumId")]
    pub album_id: i32,
    #[sea_orm(column_name = "Title", column_type = "String(StringLen::N(160))")]
    pub title: String,
    #[sea_orm(column_name = "ArtistId", indexed)]
    pub artist_id: i32,
    #[sea_orm(belongs_to, from = "artist_id", to = "artist_id", on_delete = "Cascade")]
    pub artist: HasOne<super::artist::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
"#
    );
    let artist = file::entity(&all[0], &all);
    assert!(artist.contains("pub albums: HasMany<super::album::Entity>"), "{artist}");
    assert!(file::modules(&all).contains("seabed::entities![album, artist]"));
}
