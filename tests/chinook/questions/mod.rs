//! The questions, each beside the SQL of its name.

mod figures;
mod rows;

use futures::{FutureExt, future::BoxFuture};
use seabed::{Database, Result};

type Question = fn(Database) -> BoxFuture<'static, Result<String>>;

macro_rules! questions {
    ($($module:ident::$name:ident,)*) => {
        /// Every question by its name, in that order.
        pub const QUESTIONS: &[(&str, Question)] =
            &[$( (stringify!($name), |db| async move { $module::$name(&db).await }.boxed()), )*];
    };
}

questions! {
    rows::q01_names_beyond_ascii,
    rows::q02_longest_tracks,
    figures::q03_genres,
    figures::q04_revenue_by_country,
    figures::q05_best_customers,
    figures::q06_composers,
    rows::q07_states_of_countries,
    rows::q08_private_customers,
    rows::q09_employees_and_their_managers,
    rows::q10_third_page_of_invoices,
    rows::q11_all_pages_of_customers,
    figures::q12_prices,
    figures::q13_formats,
    figures::q14_playlists,
    figures::q15_fullest_albums,
    figures::q16_figures_of_invoices,
    figures::q17_unsold_tracks,
    rows::q18_large_invoices_of_a_year,
    rows::q19_long_tracks_of_an_artist,
    rows::q20_literal_text,
}
