//! What a `schema` rule can say are the words that there are.

mod entities;

use entities::{account, user};
use seabed::schema::{Shape, Words, step::index};

seabed::rules!(account::Entity { schema: shape });

fn shape(it: Shape) -> Shape {
    it.indexed(index(&["owner"]).desc("balance"))
        .indexed(index(&["owner"]).only(Words::default().postgresql("balance > 0")))
        .indexed(index(&["owner", "balance"]).uniqe())
        .indexd(index(&[]).expression("lower(owner)"))
}

seabed::rules!(user::Entity { shema: bare });

fn bare(it: Shape) -> Shape {
    it.chek("name", "name <> ''")
}

fn main() {
    let _ = (account::COLUMN, user::COLUMN);
}
