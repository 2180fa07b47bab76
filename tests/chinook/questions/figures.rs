//! Questions about groups and sums.

use crate::{
    entities::{album, artist, customer, genre, invoice, invoice_line, media_type, track},
    show::line,
};
use sea_orm::prelude::{DateTimeUtc, Decimal};
use seabed::{Database, Result, all, by, col, repository::has_any, sea_orm};
use std::collections::BTreeMap;

/// What some rows are called, by their keys.
async fn genres(db: &Database) -> Result<BTreeMap<i32, Option<String>>> {
    let rows = db.repository::<genre::Entity>().find(all()).await?;
    Ok(rows.into_iter().map(|row| (row.genre_id, row.name)).collect())
}

pub async fn q03_genres(db: &Database) -> Result<String> {
    type Figures = (u64, i64, f64, Decimal, Decimal, Option<i64>);
    let (price, millis) = (col(track::COLUMN.unit_price), col(track::COLUMN.milliseconds));
    let groups = by(col(track::COLUMN.genre_id)).count().desc();
    let groups = groups.sum(millis).average(millis).min(price).max(price).sum(col(track::COLUMN.bytes));
    let found: Vec<(Option<i32>, Figures)> = db.repository().group(all(), groups).await?;
    let names = genres(db).await?;
    let line = |(genre, (count, sum, average, least, greatest, bytes)): (Option<i32>, Figures)| {
        let name = genre.and_then(|genre| names.get(&genre).cloned().flatten());
        line![name, count, sum, average, least, greatest, bytes]
    };
    Ok(found.into_iter().map(line).collect())
}

pub async fn q04_revenue_by_country(db: &Database) -> Result<String> {
    type Figures = (u64, Decimal, Decimal, u64);
    let total = col(invoice::COLUMN.total);
    let groups = by(col(invoice::COLUMN.billing_country)).count().sum(total).desc().average(total);
    let found: Vec<(Option<String>, Figures)> =
        db.repository().group(all(), groups.count_distinct(col(invoice::COLUMN.billing_city))).await?;
    let line = |(country, (count, sum, average, cities))| line![country, count, sum, average, cities];
    Ok(found.into_iter().map(line).collect())
}

pub async fn q05_best_customers(db: &Database) -> Result<String> {
    let groups = by(col(invoice::COLUMN.customer_id)).sum(col(invoice::COLUMN.total)).desc().limit(10);
    let best: Vec<(i32, (Decimal, DateTimeUtc))> =
        db.repository().group(all(), groups.max(col(invoice::COLUMN.invoice_date))).await?;
    let keys: Vec<i32> = best.iter().map(|(customer, _)| *customer).collect();
    let customers = db.repository().find(col(customer::COLUMN.customer_id).is_in(keys)).await?;
    let customers: BTreeMap<i32, customer::Model> = customers.into_iter().map(|row| (row.customer_id, row)).collect();
    let line = |(customer, (sum, last)): (i32, (Decimal, DateTimeUtc))| {
        let customer = &customers[&customer];
        line![customer.first_name, customer.last_name, customer.company, sum, last]
    };
    Ok(best.into_iter().map(line).collect())
}

pub async fn q06_composers(db: &Database) -> Result<String> {
    let groups = by(col(track::COLUMN.composer)).count().desc().limit(25);
    let found: Vec<(Option<String>, u64)> = db.repository().group(all(), groups).await?;
    Ok(found.into_iter().map(|(composer, count)| line![composer, count]).collect())
}

pub async fn q13_formats(db: &Database) -> Result<String> {
    type Figures = (u64, Option<i64>, String, String, u64);
    let name = col(track::COLUMN.name);
    let groups = by(col(track::COLUMN.media_type_id)).count().sum(col(track::COLUMN.bytes)).desc().min(name).max(name);
    let found: Vec<(i32, Figures)> =
        db.repository().group(all(), groups.count_distinct(col(track::COLUMN.composer))).await?;
    let types = db.repository::<media_type::Entity>().find(all()).await?;
    let types: BTreeMap<i32, Option<String>> = types.into_iter().map(|row| (row.media_type_id, row.name)).collect();
    let line = |(kind, (count, bytes, first, last, composers)): (i32, Figures)| {
        line![types[&kind], count, bytes, first, last, composers]
    };
    Ok(found.into_iter().map(line).collect())
}

pub async fn q15_fullest_albums(db: &Database) -> Result<String> {
    let album = col(track::COLUMN.album_id);
    let groups = by(album).count().desc().sum(col(track::COLUMN.milliseconds)).limit(10);
    let fullest: Vec<(i32, (u64, i64))> = db.repository().group(album.is_not_null(), groups).await?;
    let keys = fullest.iter().map(|(album, _)| *album);
    let repository = db.repository::<album::Entity>();
    let albums = repository.find(col(album::COLUMN.album_id).is_in(keys)).await?;
    let artists = repository.load_one::<artist::Entity>(&albums).await?;
    let albums: BTreeMap<i32, _> = albums.into_iter().zip(artists).map(|both| (both.0.album_id, both)).collect();
    let line = |(album, (count, millis)): (i32, (u64, i64))| {
        let (album, artist) = &albums[&album];
        line![album.title, artist.as_ref().and_then(|artist| artist.name.clone()), count, millis]
    };
    Ok(fullest.into_iter().map(line).collect())
}

pub async fn q16_figures_of_invoices(db: &Database) -> Result<String> {
    let invoices = db.repository::<invoice::Entity>();
    let (total, date) = (col(invoice::COLUMN.total), col(invoice::COLUMN.invoice_date));
    let state = col(invoice::COLUMN.billing_state);
    Ok(line![
        invoices.count(all()).await?,
        invoices.sum::<Decimal>(all(), total).await?,
        invoices.average::<Decimal>(all(), total).await?,
        invoices.min::<Decimal>(all(), total).await?,
        invoices.max::<Decimal>(all(), total).await?,
        invoices.min::<DateTimeUtc>(all(), date).await?,
        invoices.max::<DateTimeUtc>(all(), date).await?,
        invoices.count_distinct(all(), col(invoice::COLUMN.billing_country)).await?,
        invoices.count_distinct(all(), state).await?,
        invoices.min::<String>(all(), state).await?,
    ])
}

pub async fn q17_unsold_tracks(db: &Database) -> Result<String> {
    let unsold = !has_any::<invoice_line::Entity, _>() & col(track::COLUMN.genre_id).is_not_null();
    let groups = by(col(track::COLUMN.genre_id)).count().desc();
    let found: Vec<(i32, u64)> = db.repository().group(unsold, groups).await?;
    let names = genres(db).await?;
    Ok(found.into_iter().map(|(genre, count)| line![names[&genre], count]).collect())
}
