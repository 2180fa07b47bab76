//! The shop's migrations, in one history with those of the framework's tables.
//!
//! `cargo run -p shop-migration -- generate add_sku` writes the next one from what `shop-entity` wants.

mod m20260301_090000_first;

use seabed::{
    migration::{
        merged,
        prelude::{MigrationTrait, MigratorTrait},
    },
    repository::EntityInfo,
};

/// All migrations, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        merged([seabed_framework::Migrator::migrations(), vec![Box::new(m20260301_090000_first::Migration)]])
    }
}

/// All entities: the shop's, and those of the framework.
pub fn entities() -> Vec<EntityInfo> {
    use shop_entity::item;
    [seabed_framework::entities(), seabed::entities![item]].concat()
}
