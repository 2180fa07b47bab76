//! Questions about rows, or parts of them.

use crate::{
    entities::{album, artist, customer, employee, invoice, track},
    show::line,
};
use chrono::{NaiveDate, NaiveTime};
use sea_orm::prelude::{DateTimeUtc, Decimal};
use seabed::{Database, PageRequest, Result, all, col, sea_orm};
use std::collections::BTreeMap;

seabed::projection! {
    struct Artist of artist { artist_id: i32, name: Option<String> }
}

seabed::projection! {
    struct Played of track { name: String, composer: Option<String>, bytes: Option<i32>, unit_price: Decimal }
}

seabed::projection! {
    struct Region of customer { country: Option<String>, state: Option<String> }
}

pub async fn q01_names_beyond_ascii(db: &Database) -> Result<String> {
    let name = col(artist::COLUMN.name);
    let beyond = name.contains("ã") | name.contains("é") | name.contains("ö") | name.contains("Â") | name.contains("í");
    let artists: Vec<Artist> = db.repository().project(beyond.order_by(name.asc())).await?;
    Ok(artists.into_iter().map(|artist| line![artist.artist_id, artist.name]).collect())
}

pub async fn q02_longest_tracks(db: &Database) -> Result<String> {
    let longest = all().order_by(col(track::COLUMN.milliseconds).desc()).limit(12);
    let tracks: Vec<Played> = db.repository().project(longest).await?;
    Ok(tracks.into_iter().map(|track| line![track.name, track.composer, track.bytes, track.unit_price]).collect())
}

pub async fn q07_states_of_countries(db: &Database) -> Result<String> {
    let (country, state) = (col(customer::COLUMN.country), col(customer::COLUMN.state));
    let regions =
        db.repository().project_distinct::<Region>(all().order_by(country.asc()).order_by(state.asc())).await?;
    Ok(regions.into_iter().map(|region| line![region.country, region.state]).collect())
}

pub async fn q08_private_customers(db: &Database) -> Result<String> {
    let private = col(customer::COLUMN.company).is_null() & col(customer::COLUMN.state).is_null();
    let customers = db.repository().find(private.order_by(col(customer::COLUMN.last_name).desc())).await?;
    Ok(customers.into_iter().map(|row| line![row.last_name, row.first_name, row.fax, row.postal_code]).collect())
}

pub async fn q09_employees_and_their_managers(db: &Database) -> Result<String> {
    let employees = db.repository().find(all().order_by(col(employee::COLUMN.hire_date).asc())).await?;
    let names: BTreeMap<i32, String> = employees.iter().map(|row| (row.employee_id, row.last_name.clone())).collect();
    let line = |row: employee::Model| {
        let manager = row.reports_to.and_then(|manager| names.get(&manager).cloned());
        line![row.last_name, row.title, manager, row.birth_date, row.hire_date]
    };
    Ok(employees.into_iter().map(line).collect())
}

pub async fn q10_third_page_of_invoices(db: &Database) -> Result<String> {
    let dearest = all().order_by(col(invoice::COLUMN.total).desc());
    let page = db.repository::<invoice::Entity>().page(dearest, PageRequest::new(3, 25)).await?;
    let lines = page.items.iter().map(|row| line![row.invoice_id, row.total, row.billing_state]);
    Ok(line![page.total, page.pages()] + &lines.collect::<String>())
}

pub async fn q11_all_pages_of_customers(db: &Database) -> Result<String> {
    let by_place = all().order_by(col(customer::COLUMN.country).desc()).order_by(col(customer::COLUMN.city).asc());
    let customers = db.repository::<customer::Entity>();
    let mut lines = String::new();
    for number in 1.. {
        let page = customers.page(by_place.clone(), PageRequest::new(number, 7)).await?;
        if page.items.is_empty() {
            break;
        }
        lines.extend(page.items.iter().map(|row| line![number, row.country, row.city, row.last_name]));
    }
    Ok(lines)
}

pub async fn q18_large_invoices_of_a_year(db: &Database) -> Result<String> {
    let new_year = |year| NaiveDate::from_ymd_opt(year, 1, 1).expect("a date").and_time(NaiveTime::MIN).and_utc();
    let date = col(invoice::COLUMN.invoice_date);
    let of_2023 = date.gte::<DateTimeUtc>(new_year(2023)) & date.lt::<DateTimeUtc>(new_year(2024));
    let large = of_2023 & col(invoice::COLUMN.total).gt(Decimal::new(890, 2));
    let invoices = db.repository().find(large.order_by(date.asc())).await?;
    let line = |row: invoice::Model| {
        line![row.invoice_id, row.invoice_date, row.total, row.billing_state, row.billing_country]
    };
    Ok(invoices.into_iter().map(line).collect())
}

pub async fn q19_long_tracks_of_an_artist(db: &Database) -> Result<String> {
    let artists = col(artist::COLUMN.name).eq("Iron Maiden");
    let artists = db.repository().values::<i32>(artists, col(artist::COLUMN.artist_id)).await?;
    let albums = col(album::COLUMN.artist_id).is_in(artists).order_by(col(album::COLUMN.title).asc());
    let albums = db.repository().find(albums).await?;
    let millis = col(track::COLUMN.milliseconds);
    let of_them = col(track::COLUMN.album_id).is_in(albums.iter().map(|album| album.album_id));
    let tracks = db.repository().find((of_them & millis.gt(420_000)).order_by(millis.desc())).await?;
    let mut lines = String::new();
    for album in &albums {
        let tracks = tracks.iter().filter(|track| track.album_id == Some(album.album_id));
        lines.extend(tracks.map(|track| line![album.title, track.name, track.milliseconds]));
    }
    Ok(lines)
}

pub async fn q20_literal_text(db: &Database) -> Result<String> {
    let tracks = db.repository::<track::Entity>();
    let name = col(track::COLUMN.name);
    let counts = line![
        tracks.count(name.contains("love")).await?,
        tracks.count(name.contains("Love")).await?,
        tracks.count(name.starts_with("The ")).await?,
        tracks.count(name.ends_with(")")).await?,
    ];
    let odd = name.contains("%") | name.contains("_") | name.contains("\\") | name.ends_with("?");
    let odd = tracks.find(odd.order_by(name.asc())).await?;
    Ok(odd.into_iter().fold(counts, |lines, row| lines + &line![row.track_id, row.name]))
}
