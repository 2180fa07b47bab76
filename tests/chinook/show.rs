//! Values as `psql` shows them.

use sea_orm::prelude::{DateTimeUtc, Decimal};
use seabed::sea_orm;

/// One value.
pub trait Show {
    fn show(&self) -> String;
}

macro_rules! printed {
    ($($type:ty)*) => { $( impl Show for $type { fn show(&self) -> String { self.to_string() } } )* };
}
printed! { String i32 i64 u64 usize Decimal }

/// Rounded by the question's SQL, too.
impl Show for f64 {
    fn show(&self) -> String {
        format!("{self:.6}")
    }
}

impl Show for DateTimeUtc {
    fn show(&self) -> String {
        self.format("%Y-%m-%d %H:%M:%S").to_string()
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "∅".to_owned(), Show::show)
    }
}

/// One line of an answer: its values with tabs between them.
macro_rules! line {
    ($($value:expr),+ $(,)?) => {
        [$( $crate::show::Show::show(&$value) ),+].join("\t") + "\n"
    };
}
pub(crate) use line;
