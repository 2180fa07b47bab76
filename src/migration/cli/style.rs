//! Colours, by meaning. They are `anstyle`'s, which clap writes its own help with: no crate more, and `anstream` takes them away
//! where nobody sees them.

use anstyle::{AnsiColor, Reset, Style};
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};

pub(super) const END: Reset = Reset;
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// A word in a colour.
pub(super) fn in_style(style: Style, word: &str) -> String {
    format!("{style}{word}{END}")
}

/// A table with this head.
pub(super) fn table<const N: usize>(head: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(head);
    table
}

/// `1 migration`, `2 migrations`.
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
