//! A `schema` rule takes the shape and gives it back.

mod entities;

use entities::{account, user};
use seabed::schema::{Shape, TableExtra};

seabed::rules!(account::Entity { schema: shape });

fn shape(_: Shape) -> TableExtra {
    TableExtra::default()
}

fn main() {
    let _ = (account::COLUMN, user::COLUMN);
}
