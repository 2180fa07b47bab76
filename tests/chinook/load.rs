//! The data, through repositories into any backend.

use crate::entities::{
    album, artist, customer, employee, genre, invoice, invoice_line, media_type, playlist, playlist_track, track,
};
use chrono::NaiveDateTime;
use sea_orm::{
    IntoActiveModel,
    prelude::{DateTimeUtc, Decimal, Json},
};
use seabed::{Database, Entity, Result, sea_orm};
use std::{env, fs, path::Path};

/// Where it is, seen from the checkout; the variable `SEABED_CHINOOK` names another file.
const DATA: &str = "../shared/data/chinook/ChinookData.json";

/// The whole data set.
pub struct Data(Json);

/// One row of it.
struct Row<'d>(&'d Json);

impl Data {
    /// `None` where it is not there; then it is said that the test was skipped.
    pub fn read(test: &str) -> Option<Self> {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
        let file = env::var_os("SEABED_CHINOOK").map_or_else(beside, Into::into);
        let Ok(json) = fs::read_to_string(&file) else {
            println!("SKIPPED {test}: there is no {}", file.display());
            return None;
        };
        Some(Self(json.trim_start_matches('\u{feff}').parse().expect("the data is JSON")))
    }

    /// Makes the tables and fills them, parents first.
    pub async fn load(&self, db: &Database) -> Result<()> {
        db.create_tables(&seabed::entities![
            genre,
            media_type,
            artist,
            album,
            track,
            employee,
            customer,
            invoice,
            invoice_line,
            playlist,
            playlist_track
        ])
        .await?;
        self.catalogue(db).await?;
        self.people(db).await?;
        self.sales(db).await
    }

    async fn catalogue(&self, db: &Database) -> Result<()> {
        self.rows::<genre::Entity>(db, "Genre", |row| genre::Model {
            genre_id: row.id("GenreId"),
            name: row.text("Name"),
        })
        .await?;
        self.rows::<media_type::Entity>(db, "MediaType", |row| media_type::Model {
            media_type_id: row.id("MediaTypeId"),
            name: row.text("Name"),
        })
        .await?;
        self.rows::<artist::Entity>(db, "Artist", |row| artist::Model {
            artist_id: row.id("ArtistId"),
            name: row.text("Name"),
        })
        .await?;
        self.rows::<album::Entity>(db, "Album", |row| album::Model {
            album_id: row.id("AlbumId"),
            title: row.text("Title").expect("a title"),
            artist_id: row.id("ArtistId"),
        })
        .await?;
        self.rows::<track::Entity>(db, "Track", |row| track::Model {
            track_id: row.id("TrackId"),
            name: row.text("Name").expect("a name"),
            album_id: row.number("AlbumId"),
            media_type_id: row.id("MediaTypeId"),
            genre_id: row.number("GenreId"),
            composer: row.text("Composer"),
            milliseconds: row.id("Milliseconds"),
            bytes: row.number("Bytes"),
            unit_price: row.decimal("UnitPrice"),
        })
        .await?;
        self.rows::<playlist::Entity>(db, "Playlist", |row| playlist::Model {
            playlist_id: row.id("PlaylistId"),
            name: row.text("Name"),
        })
        .await?;
        self.rows::<playlist_track::Entity>(db, "PlaylistTrack", |row| playlist_track::Model {
            playlist_id: row.id("PlaylistId"),
            track_id: row.id("TrackId"),
        })
        .await
    }

    async fn people(&self, db: &Database) -> Result<()> {
        self.rows::<employee::Entity>(db, "Employee", |row| employee::Model {
            employee_id: row.id("EmployeeId"),
            last_name: row.text("LastName").expect("a name"),
            first_name: row.text("FirstName").expect("a name"),
            title: row.text("Title"),
            reports_to: row.number("ReportsTo"),
            birth_date: row.instant("BirthDate"),
            hire_date: row.instant("HireDate"),
            email: row.text("Email"),
        })
        .await?;
        self.rows::<customer::Entity>(db, "Customer", |row| customer::Model {
            customer_id: row.id("CustomerId"),
            first_name: row.text("FirstName").expect("a name"),
            last_name: row.text("LastName").expect("a name"),
            company: row.text("Company"),
            city: row.text("City"),
            state: row.text("State"),
            country: row.text("Country"),
            postal_code: row.text("PostalCode"),
            fax: row.text("Fax"),
            email: row.text("Email").expect("an address"),
            support_rep_id: row.number("SupportRepId"),
        })
        .await
    }

    async fn sales(&self, db: &Database) -> Result<()> {
        self.rows::<invoice::Entity>(db, "Invoice", |row| invoice::Model {
            invoice_id: row.id("InvoiceId"),
            customer_id: row.id("CustomerId"),
            invoice_date: row.instant("InvoiceDate").expect("a date"),
            billing_city: row.text("BillingCity"),
            billing_state: row.text("BillingState"),
            billing_country: row.text("BillingCountry"),
            total: row.decimal("Total"),
        })
        .await?;
        self.rows::<invoice_line::Entity>(db, "InvoiceLine", |row| invoice_line::Model {
            invoice_line_id: row.id("InvoiceLineId"),
            invoice_id: row.id("InvoiceId"),
            track_id: row.id("TrackId"),
            unit_price: row.decimal("UnitPrice"),
            quantity: row.id("Quantity"),
        })
        .await
    }

    async fn rows<E: Entity>(&self, db: &Database, name: &str, model: impl Fn(Row<'_>) -> E::Model) -> Result<()> {
        let rows = self.0[name].as_array().expect("a list of rows");
        // As if it were made by hand: every field is said, the key too.
        let rows: Vec<E::ActiveModel> =
            rows.iter().map(|row| sea_orm::ActiveModelTrait::reset_all(model(Row(row)).into_active_model())).collect();
        let count = rows.len();
        assert_eq!(db.repository::<E>().insert_many(rows).await?.len(), count, "{name}: all rows");
        Ok(())
    }
}

impl Row<'_> {
    fn number(&self, field: &str) -> Option<i32> {
        Some(i32::try_from(self.0[field].as_i64()?).expect("32 bits"))
    }

    fn id(&self, field: &str) -> i32 {
        self.number(field).expect("a number")
    }

    /// The data's JSON says a null text as an empty one.
    fn text(&self, field: &str) -> Option<String> {
        self.0[field].as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
    }

    fn decimal(&self, field: &str) -> Decimal {
        self.0[field].to_string().parse().expect("a decimal")
    }

    fn instant(&self, field: &str) -> Option<DateTimeUtc> {
        let text = self.0[field].as_str()?;
        Some(NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").expect("an instant").and_utc())
    }
}
