//! What is said of a column in a `schema` rule names a column of its entity.

mod entities;

use entities::{
    account::{self, Column},
    user,
};
use seabed::{
    schema::{Shape, step::index},
    sea_orm::IdenStatic,
};

seabed::rules!(account::Entity { schema: shape });

fn shape(it: Shape) -> Shape {
    it.native(Column::Extras, "json")
        .comment(Column::Balanc, "in cents")
        .indexed(index(&[Column::Owner.as_str()]).descending(Column::Blance.as_str()))
}

fn main() {
    let _ = (account::COLUMN, user::COLUMN);
}
