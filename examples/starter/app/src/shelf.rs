//! The one service: it holds a repository, and knows of no database.

use sea_orm::prelude::Decimal;
use seabed::prelude::*;
use shop_entity::item::{self, COLUMN};
use std::sync::Arc;

/// What is there to be sold.
pub struct Shelf {
    items: Arc<dyn Repository<item::Entity>>,
    db: Database,
}

impl Shelf {
    /// Over this database.
    pub fn new(db: &Database) -> Self {
        Self { items: db.repository(), db: db.clone() }
    }

    /// Puts something on the shelf, for so many cents; what is there already gets the new price.
    pub async fn put(&self, name: &str, cents: i64) -> Result<item::Model> {
        let price = Decimal::new(cents, 2);
        if let Some(there) = self.items.find(col(COLUMN.name).eq(name)).await?.pop() {
            let change = item::ActiveModel { id: Set(there.id), price: Set(price), ..Default::default() };
            return self.items.update(change).await;
        }
        let (name, price, added_at) = (Set(name.to_owned()), Set(price), Set(self.db.now()));
        self.items.insert(item::ActiveModel { name, price, added_at, ..Default::default() }).await
    }

    /// How many there are.
    pub async fn count(&self) -> Result<u64> {
        self.items.count(all()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_put_changes_the_price() -> Result<()> {
        let db = Database::memory();
        db.create_tables(&shop_migration::entities()).await?;
        let shelf = Shelf::new(&db);
        shelf.put("a lamp", 100).await?;
        assert_eq!(shelf.put("a lamp", 200).await?.price, Decimal::new(200, 2));
        assert_eq!(shelf.count().await?, 1);
        Ok(())
    }
}
