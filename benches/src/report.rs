//! The table of ratios.

use crate::{measure::Measured, peer::Peer};
use comfy_table::Table;

/// Prints microseconds a call, and the ratio to the first peer.
pub fn print(peers: &[Box<dyn Peer>], rows: &[Measured]) {
    let mut table = Table::new();
    let mut header = vec!["workload".to_owned()];
    header.extend(peers.iter().map(|peer| peer.name().to_owned()));
    table.set_header(header);
    for row in rows {
        let mut cells = vec![row.name.to_owned()];
        cells.extend(row.medians.iter().map(|median| format!("{median:.1} µs ({:.2})", median / row.medians[0])));
        table.add_row(cells);
    }
    println!("{table}");
    println!("medians; in brackets the ratio to {}", peers[0].name());
}
