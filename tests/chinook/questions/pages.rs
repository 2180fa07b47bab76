//! Questions that are answered page by page.

use crate::{
    entities::{artist, customer, employee, invoice},
    show::line,
};
use seabed::{
    Database, PageRequest, Result, all, col,
    repository::{KeysetRequest, Query},
};

/// What a walk by place goes through: a nullable column, another one in the other direction, and the key.
fn by_state(private: bool) -> Query<customer::Entity> {
    let state = col(customer::COLUMN.state);
    if private {
        let companies = col(customer::COLUMN.company);
        let query = companies.is_null().order_by(state.desc().nulls_first());
        return query.order_by(col(customer::COLUMN.last_name).asc());
    }
    all().order_by(state.asc()).order_by(col(customer::COLUMN.country).desc())
}

pub async fn q01_names_beyond_ascii(db: &Database) -> Result<String> {
    let name = col(artist::COLUMN.name);
    let beyond = name.contains("ã") | name.contains("é") | name.contains("ö") | name.contains("Â") | name.contains("í");
    let (artists, beyond) = (db.repository::<artist::Entity>(), beyond.order_by(name.asc()));
    let mut lines = String::new();
    for number in 1.. {
        let slice = artists.slice(beyond.clone(), PageRequest::new(number, 5)).await?;
        lines.extend(slice.items.into_iter().map(|artist| line![artist.artist_id, artist.name]));
        if !slice.has_next {
            break;
        }
    }
    Ok(lines)
}

pub async fn q08_pages_of_customers_backward(db: &Database) -> Result<String> {
    let customers = db.repository::<customer::Entity>();
    let mut lines = String::new();
    let mut request = KeysetRequest::last(10);
    for number in 1.. {
        let page = customers.keyset(by_state(true), request).await?;
        assert_eq!(page.has_next(), number > 1, "what follows page {number} from the end");
        lines.extend(page.items.iter().map(|row| line![number, row.state, row.last_name, row.first_name]));
        let Some(token) = page.previous else { break };
        request = KeysetRequest::before(10, token);
    }
    Ok(lines)
}

pub async fn q10_third_page_of_invoices(db: &Database) -> Result<String> {
    let dearest = all().order_by(col(invoice::COLUMN.total).desc());
    let invoices = db.repository::<invoice::Entity>();
    let page = invoices.page(dearest, PageRequest::new(3, 25)).await?;
    let customers = invoices.load_one::<customer::Entity>(&page.items).await?;
    let customers: Vec<customer::Model> = customers.into_iter().flatten().collect();
    let keepers = db.repository::<customer::Entity>().load_one::<employee::Entity>(&customers).await?;
    let rows = page.items.iter().zip(customers.iter().zip(keepers));
    let lines = rows.map(|(row, (customer, keeper))| {
        let keeper = keeper.map(|keeper| keeper.last_name);
        line![row.invoice_id, row.total, row.billing_state, customer.last_name, keeper]
    });
    Ok(line![page.total, page.pages()] + &lines.collect::<String>())
}

pub async fn q11_pages_of_customers_forward(db: &Database) -> Result<String> {
    let customers = db.repository::<customer::Entity>();
    let mut lines = String::new();
    let mut request = KeysetRequest::first(7);
    for number in 1.. {
        let page = customers.keyset(by_state(false), request).await?;
        assert_eq!(page.has_previous(), number > 1, "what precedes page {number}");
        lines.extend(page.items.iter().map(|row| line![number, row.state, row.country, row.last_name]));
        let Some(token) = page.next else { break };
        request = KeysetRequest::after(7, token);
    }
    Ok(lines)
}
