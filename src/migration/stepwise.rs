//! Migrations made of steps: what [`migration!`](crate::migration!) declares, found by name at link time.
//!
//! A `MigratorTrait` lists trait objects, which cannot be asked for their steps; the name leads from one to the other.

use super::prelude::MigrationTrait;
use crate::{Result, schema::Step};
use sea_orm::DbErr;

/// A migration that is made of steps.
#[derive(Clone, Copy, Debug)]
pub struct Stepwise {
    /// Its name, such as `m20260401_120000_add_sku`.
    pub name: &'static str,
    /// The text of its file, whose digest is noted when it is applied (law S4).
    pub source: &'static str,
    /// Its steps, in order.
    pub steps: fn() -> Result<Vec<Step>>,
}

inventory::collect!(Stepwise);

/// The steps of the migration of this name; none where it is written by hand.
#[must_use]
pub fn stepwise(name: &str) -> Option<&'static Stepwise> {
    inventory::iter::<Stepwise>().find(|stepwise| stepwise.name == name)
}

/// Several histories as one, by name and so by the day each migration was written: a service's own migrations and those of a library.
///
/// ```
/// use seabed::migration::{merged, prelude::*};
/// assert!(merged([vec![], vec![]]).is_empty());
/// ```
#[must_use]
pub fn merged(histories: impl IntoIterator<Item = Vec<Box<dyn MigrationTrait>>>) -> Vec<Box<dyn MigrationTrait>> {
    let mut all: Vec<_> = histories.into_iter().flatten().collect();
    all.sort_by(|a, b| a.name().cmp(b.name()));
    all
}

/// What sea-orm-migration's own runner gets to hear: steps need the lock and the journal of ours.
#[doc(hidden)]
pub fn refused() -> DbErr {
    DbErr::Migration(
        "it is made of steps: run it by `seabed::migration` (`cargo run -p migration -- apply`)".to_owned(),
    )
}

/// Declares the migration of this file: its name, which is the file's, and the function that gives its steps.
///
/// ```text
/// use seabed::migration::prelude::*;
///
/// seabed::migration!("m20260401_120000_add_sku", steps);
///
/// fn steps() -> Result<Vec<Step>> {
///     Ok(vec![…])
/// }
/// ```
#[macro_export]
macro_rules! migration {
    ($name:literal, $steps:path) => {
        /// The migration of this file.
        #[derive(Clone, Copy, Debug)]
        pub struct Migration;

        impl $crate::migration::prelude::MigrationName for Migration {
            fn name(&self) -> &str {
                $name
            }
        }

        #[$crate::migration::prelude::async_trait]
        impl $crate::migration::prelude::MigrationTrait for Migration {
            async fn up(
                &self,
                _: &$crate::migration::prelude::SchemaManager,
            ) -> ::std::result::Result<(), $crate::migration::prelude::DbErr> {
                Err($crate::migration::refused())
            }
        }

        $crate::__private::inventory::submit! {
            $crate::migration::Stepwise {
                name: $name,
                source: include_str!(concat!($name, ".rs")),
                steps: $steps,
            }
        }
    };
}
