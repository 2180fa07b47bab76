//! The questions, each beside the SQL of its name.

mod figures;
mod pages;
mod relations;
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
    pages::q01_names_beyond_ascii,
    relations::q02_customers_of_a_genre,
    figures::q03_genres,
    figures::q04_revenue_by_country,
    figures::q05_best_customers,
    figures::q06_composers,
    rows::q07_states_of_countries,
    pages::q08_pages_of_customers_backward,
    relations::q09_employees_and_their_managers,
    pages::q10_third_page_of_invoices,
    pages::q11_pages_of_customers_forward,
    relations::q12_playlists_of_an_artist,
    figures::q13_formats,
    relations::q14_playlists,
    figures::q15_fullest_albums,
    figures::q16_figures_of_invoices,
    figures::q17_unsold_tracks,
    rows::q18_stream_of_large_invoices,
    relations::q19_long_tracks_of_an_artist,
    rows::q20_literal_text,
}
