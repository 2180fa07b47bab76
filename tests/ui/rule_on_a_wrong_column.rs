//! A rule names a column of its entity.

mod entities;

use entities::{account, user};

seabed::rules!(account::Entity { version: Revision });

fn main() {
    let _ = (account::COLUMN, user::COLUMN);
}
