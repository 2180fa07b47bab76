//! The tables of ratios.

use crate::{
    measure::{Figures, Measured},
    peer::Peer,
};
use comfy_table::Table;

/// Prints microseconds a call, and the ratio to the first peer: of the clock, and of the processor in this process.
pub fn print(server: &str, peers: &[Box<dyn Peer>], rows: &[Measured]) {
    let first = peers[0].name();
    println!("\n{server}: the clock, medians; in brackets the ratio to {first}");
    println!("{}", table(peers, rows, |figures| figures.clock));
    println!("{server}: the processor's time in this process, medians; in brackets the ratio to {first}");
    println!("{}", table(peers, rows, |figures| figures.processor));
}

fn table(peers: &[Box<dyn Peer>], rows: &[Measured], figure: impl Fn(&Figures) -> f64) -> Table {
    let mut table = Table::new();
    let mut header = vec!["workload".to_owned()];
    header.extend(peers.iter().map(|peer| peer.name().to_owned()));
    table.set_header(header);
    for row in rows {
        let mut cells = vec![row.name.to_owned()];
        let first = row.medians.first().map_or(1.0, &figure);
        cells.extend(row.medians.iter().map(&figure).map(|median| format!("{median:.1} µs ({:.2})", median / first)));
        table.add_row(cells);
    }
    table
}
