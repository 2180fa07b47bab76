//! What nobody owns: told, never touched.

use super::{
    ours::full,
    walk::{Pair, Walk},
};
use crate::schema::{Drift, Picture, Table};

/// What else the server says of a table.
pub(super) fn of_table(walk: &mut Walk<'_>, pair: Pair<'_>) {
    let names = pair.have.options.keys().chain(pair.want.options.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    for name in names {
        let (have, want) = (pair.have.options.get(name), pair.want.options.get(name));
        if have != want {
            let said = |it: Option<&String>| it.map_or("the server's default", String::as_str).to_owned();
            walk.tell(pair.name, name.as_str(), format!("it is {}, and would be {}", said(have), said(want)));
        }
    }
}

/// Tables that nobody owns, and what is no table.
pub(super) fn of_others(walk: &mut Walk<'_>, have: &Picture, want: &Picture, owned: &[Table]) {
    let nobodys = |name: &&String| walk.wanted(name).is_none() && !owned.iter().any(|table| full(table) == **name);
    let tables: Vec<&String> = have.tables.keys().filter(nobodys).collect();
    let drift = |table: Option<String>, what: String| Drift { table, what, why: "no entity names it".to_owned() };
    for name in tables {
        walk.drift.push(drift(Some(name.clone()), format!("table {name}")));
    }
    for other in have.others.iter().filter(|other| !want.others.contains(other)) {
        walk.drift.push(drift(other.table.clone(), format!("{} {}", other.kind, other.name)));
    }
}
