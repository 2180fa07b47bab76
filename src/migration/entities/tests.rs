use super::{file, name};
use crate::schema::{OnDelete, build::table};

#[test]
fn names_are_those_of_rust() {
    let name = |like: &str| name::Free::default().name(like);
    assert_eq!(name("InvoiceLine"), "invoice_line");
    assert_eq!(name("type"), "type_");
    assert_eq!(name("self"), "itself", "and no `Self` is its variant");
    assert_eq!(name("2nd try"), "n2nd_try");
    assert_eq!(name("Straßen-Nr."), "straßen_nr");
    assert_eq!(name("²"), "unnamed");
    assert_eq!(name::variant("invoice_line"), "InvoiceLine");
    let mut names = name::Free::default();
    let names = ["line_2", "Line2", "LINE-2", "type", "Type"].map(|like| names.name(like));
    assert_eq!(names, ["line_2", "line2_2", "line_2_3", "type_", "type_2"], "each is a variant of its own");
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
    let names = name::Names::of(&all);
    let text = file::entity(1, &all, &names);
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
    let artist = file::entity(0, &all, &names);
    assert!(artist.contains("pub albums: HasMany<super::album::Entity>"), "{artist}");
    assert!(file::modules(&names).contains("seabed::entities![album, artist]"));
}
