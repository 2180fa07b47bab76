//! A rule is one of those that there are.

mod entities;

use entities::{account, user};

seabed::rules!(account::Entity { verison: Balance });

fn main() {
    let _ = (account::COLUMN, user::COLUMN);
}
