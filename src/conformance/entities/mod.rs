//! The entities of the suite: every portable type, every kind of key and relation, both of SeaORM's formats.

pub mod account;
pub mod article;
pub mod branch;
pub mod deposit;
pub mod everything;
pub mod family;
pub mod ghost;
pub mod ledger;
pub mod library;
pub mod market;
pub mod maybe;
pub mod member;
pub mod node;
pub mod outside;
pub mod placed;
pub mod preset;
pub mod renamed;
pub mod sole;
pub mod tally;
pub mod ticket;
pub mod word;
pub mod word_with_state;

pub use family::{note, person, pet, seat, stamp, visit};
pub use library::{author, book, book_tag, copy, cover, shelf, tag};
pub use market::{badge, receipt, sale, shop, stall};

use sea_orm::entity::prelude::*;

/// Text in the model, text with a check in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Shape {
    Round,
    RightAngled,
}

/// A native enum where a server has them; the apostrophe and the backslash are there because not every
/// tool escapes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "Enum", db_type = "Enum", enum_name = "mood")]
pub enum Mood {
    #[sea_orm(string_value = "glad")]
    Glad,
    #[sea_orm(string_value = "don't know")]
    DontKnow,
    #[sea_orm(string_value = "back\\slash")]
    BackSlash,
}
