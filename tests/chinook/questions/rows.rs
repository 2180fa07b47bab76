//! Questions about rows, or parts of them.

use crate::{
    entities::{customer, invoice, track},
    show::line,
};
use chrono::{NaiveDate, NaiveTime};
use futures::TryStreamExt;
use sea_orm::prelude::{DateTimeUtc, Decimal};
use seabed::{Database, Result, all, col, sea_orm};

seabed::projection! {
    struct Region of customer { country: Option<String>, state: Option<String> }
}

seabed::projection! {
    struct Called of track { track_id: i32, name: String }
}

pub async fn q07_states_of_countries(db: &Database) -> Result<String> {
    let (country, state) = (col(customer::COLUMN.country), col(customer::COLUMN.state));
    let regions =
        db.repository().project_distinct::<Region>(all().order_by(country.asc()).order_by(state.asc())).await?;
    Ok(regions.into_iter().map(|region| line![region.country, region.state]).collect())
}

pub async fn q18_stream_of_large_invoices(db: &Database) -> Result<String> {
    let new_year = |year| NaiveDate::from_ymd_opt(year, 1, 1).expect("a date").and_time(NaiveTime::MIN).and_utc();
    let date = col(invoice::COLUMN.invoice_date);
    let of_2023 = date.gte::<DateTimeUtc>(new_year(2023)) & date.lt::<DateTimeUtc>(new_year(2024));
    let large = of_2023 & col(invoice::COLUMN.total).gt(Decimal::new(890, 2));
    let invoices = db.repository::<invoice::Entity>();
    let mut rows = invoices.stream(large.order_by(date.asc()));
    let mut lines = String::new();
    while let Some(row) = rows.try_next().await? {
        lines += &line![row.invoice_id, row.invoice_date, row.total, row.billing_state, row.billing_country];
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
    let odd: Vec<Called> = tracks.project(odd.order_by(name.asc())).await?;
    Ok(odd.into_iter().fold(counts, |lines, row| lines + &line![row.track_id, row.name]))
}
