//! A persistence layer for Rust services: written once against `Arc<dyn Repository<E>>`, run on SQLite, PostgreSQL,
//! MySQL/MariaDB or memory by one line of configuration, with the same answers on each.
//!
//! Two planes, because a service wants models and a database wants rows: the typed one is [`repository`], the erased one
//! [`backend`]; one bridge joins them, and layers around the backend are written once for all entities.
//!
//! | feature | default | gives |
//! |---|---|---|
//! | `sqlite` | yes | `sqlite:` URLs |
//! | `postgres` | yes | `postgres:` and `postgresql:` URLs |
//! | `mysql` | yes | `mysql:` and `mariadb:` URLs |
//! | `conformance` | no | the suite that proves a backend: the module `conformance` |
//! | `framework` | yes | the framework's own services and entities: the module `framework` |

pub mod backend;
pub mod capability;
pub mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod context;
pub mod database;
pub mod error;
#[cfg(feature = "framework")]
pub mod framework;
pub mod key;
pub mod layer;
pub mod migration;
pub mod outbox;
pub mod raw;
pub mod repository;
pub mod schema;
pub mod testing;
pub mod transaction;

pub use capability::{Capabilities, Capability};
pub use config::Config;
pub use context::Context;
pub use database::{Database, Health};
pub use error::{Error, ErrorKind, Result, Status};
pub use repository::{
    Entity, Filter, InsertOptions, KeysetPage, KeysetRequest, Page, PageRequest, Query, Repository, all, by, col, has,
    has_any,
};
pub use sea_orm;

/// What the macros name.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use sea_orm;
    pub use seabed_macros::raw;
}
pub use transaction::{Isolation, Retry, Transaction, TransactionOptions};

/// What a service needs: `use seabed::prelude::*;`. The macros stay at the root: `seabed::entities!`, `seabed::projection!`,
/// `seabed::raw!`, `seabed::rules!`.
pub mod prelude {
    pub use crate::{
        Config, Context, Database, Error, ErrorKind, InsertOptions, Isolation, KeysetRequest, PageRequest, Repository,
        Result, Transaction, TransactionOptions, all, by, col, has,
    };
    pub use sea_orm::Set;
}

/// The README's programs are compiled and run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
