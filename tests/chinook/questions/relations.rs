//! Questions about rows that belong together: found by each other, loaded for each other.

use crate::{
    entities::{album, artist, customer, employee, genre, invoice, invoice_line, playlist, track},
    show::line,
};
use sea_orm::RelationTrait;
use seabed::{
    Database, Result, all, col,
    repository::{Filter, has},
    sea_orm,
};

/// Who bought something of a genre: over invoices, their lines and the tracks.
fn bought(name: &str) -> Filter<customer::Entity> {
    let track: Filter<track::Entity> = has(col(genre::COLUMN.name).eq(name));
    let line: Filter<invoice_line::Entity> = has(track);
    let invoice: Filter<invoice::Entity> = has(line);
    has(invoice)
}

/// Tracks on the albums of an artist.
fn played_by(name: &str) -> Filter<track::Entity> {
    let album: Filter<album::Entity> = has(col(artist::COLUMN.name).eq(name));
    has(album)
}

pub async fn q02_customers_of_a_genre(db: &Database) -> Result<String> {
    let blues_alone = bought("Blues") & !bought("Jazz");
    let customers = db.repository().find(blues_alone.order_by(col(customer::COLUMN.last_name).desc())).await?;
    Ok(customers.into_iter().map(|row| line![row.customer_id, row.last_name, row.country]).collect())
}

pub async fn q09_employees_and_their_managers(db: &Database) -> Result<String> {
    let employees = db.repository::<employee::Entity>();
    let rows = employees.find(all().order_by(col(employee::COLUMN.hire_date).asc())).await?;
    let manager = employee::Relation::Manager;
    let managers = employees.load_by::<employee::Entity, _>(manager.def(), &rows, all()).await?;
    let reports = employees.load_by::<employee::Entity, _>(manager.def().rev(), &rows, all()).await?;
    let groups = managers.iter().zip(reports.iter());
    let line = |(row, (managers, reports)): (employee::Model, (&[employee::Model], &[employee::Model]))| {
        let manager = managers.first().map(|manager| manager.last_name.clone());
        line![row.last_name, row.title, manager, reports.len(), row.birth_date, row.hire_date]
    };
    Ok(rows.into_iter().zip(groups).map(line).collect())
}

pub async fn q12_playlists_of_an_artist(db: &Database) -> Result<String> {
    let playlists = db.repository::<playlist::Entity>();
    let lists = playlists.find(has(played_by("Iron Maiden")).order_by(col(playlist::COLUMN.playlist_id).asc())).await?;
    let longest = played_by("Iron Maiden").order_by(col(track::COLUMN.milliseconds).desc());
    let tracks = playlists.load_many_with::<track::Entity, _>(&lists, longest).await?;
    let line = |(list, tracks): (playlist::Model, Vec<track::Model>)| {
        let longest = tracks.first().map(|track| track.name.clone());
        line![list.playlist_id, list.name, tracks.len(), longest]
    };
    Ok(tracks.of(lists).into_iter().map(line).collect())
}

pub async fn q14_playlists(db: &Database) -> Result<String> {
    let playlists = db.repository::<playlist::Entity>();
    let lists = playlists.find(all().order_by(col(playlist::COLUMN.name).asc())).await?;
    let tracks = playlists.load_many::<track::Entity>(&lists).await?;
    let line = |(list, tracks): (&playlist::Model, &[track::Model])| {
        let millis: i64 = tracks.iter().map(|track| i64::from(track.milliseconds)).sum();
        let first = tracks.iter().map(|track| track.name.clone()).min();
        line![list.playlist_id, list.name, tracks.len(), millis, first]
    };
    Ok(lists.iter().zip(tracks.iter()).map(line).collect())
}

pub async fn q19_long_tracks_of_an_artist(db: &Database) -> Result<String> {
    let (artists, albums) = (db.repository::<artist::Entity>(), db.repository::<album::Entity>());
    let found = artists.find(col(artist::COLUMN.name).eq("Iron Maiden")).await?;
    let by_title = all().order_by(col(album::COLUMN.title).asc());
    let of_artist = artists.load_many_with::<album::Entity, _>(&found, by_title).await?;
    let millis = col(track::COLUMN.milliseconds);
    let long = millis.gt(420_000).order_by(millis.desc());
    let of_albums = albums.load_many_with::<track::Entity, _>(of_artist.rows(), long).await?;
    let mut lines = String::new();
    for (album, tracks) in of_artist.join(of_albums).into_iter().flatten() {
        if tracks.is_empty() {
            lines += &line![album.title, None::<String>, None::<i32>];
        }
        lines.extend(tracks.iter().map(|track| line![album.title, track.name, track.milliseconds]));
    }
    Ok(lines)
}
