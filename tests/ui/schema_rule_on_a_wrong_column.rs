//! What a `schema` rule says of a column names one by its type, not by a text.

mod entities;

use entities::{account, user};
use seabed::schema::Shape;

seabed::rules!(account::Entity { schema: shape });

fn shape(it: Shape) -> Shape {
    it.comment("balanse", "in cents")
}

fn main() {
    let _ = (account::COLUMN, user::COLUMN);
}
