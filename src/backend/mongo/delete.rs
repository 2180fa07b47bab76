//! Deletes: a row, and what its children's foreign keys say of it.

use super::{
    checkout::Checkout,
    condition::stages,
    constraint::{LISTED, any_of, has_children, matched, required, still_referred, values},
    lists,
    references::{self, Reference},
    schema::collection,
    write::{ROWS, matching, plain},
};
use crate::{
    Result,
    backend::{Delete, Outcome, normalise::restricts_itself},
    schema::{OnDelete, Table},
};
use mongodb::bson::{Bson, Document, doc};
use std::collections::HashMap;

/// Takes rows away, and what refers to them: first every cascade, then every `SET NULL`, then `RESTRICT` looks at what is left.
pub(super) async fn delete(checkout: &mut Checkout, delete: Delete) -> Result<Outcome> {
    let table = &*delete.table;
    let name = collection(table);
    let mut known: HashMap<String, Vec<Reference>> = HashMap::new();
    let first = references::to(checkout, &name, table).await?;
    if first.is_empty() {
        let parts = delete.filter.as_ref().and_then(lists::parts).map(|parts| parts.filters);
        let parts = parts.unwrap_or_else(|| delete.filter.clone().into_iter().collect());
        let queries: Result<Vec<_>> = parts.iter().map(|part| stages(table, part).map(|part| plain(&part))).collect();
        let queries: Option<Vec<Document>> = queries?.into_iter().collect();
        if let Some(mut queries) = queries {
            if queries.is_empty() {
                queries.push(Document::new());
            }
            let mut affected = 0;
            for query in queries {
                let command = doc! { "delete": &name, "deletes": [{ "q": query, "limit": 0 }] };
                affected += matched(&checkout.command(command, table).await?);
            }
            return Ok(Outcome::Affected(affected));
        }
    }
    let rows = matching(checkout, table, delete.filter.as_ref()).await?;
    for foreign_key in table.foreign_keys.iter().filter(|key| restricts_itself(table, key)) {
        let own = first.iter().filter(|one| one.child == name && one.name == foreign_key.name);
        for reference in own {
            if has_children(checkout, reference, &lists(&rows, reference), table).await? {
                return Err(still_referred(table, reference));
            }
        }
    }
    let affected = rows.len() as u64;
    known.insert(name.clone(), first);
    let mut orphans: Vec<(Reference, Vec<Vec<Bson>>)> = Vec::new();
    let mut waiting = vec![(name, rows)];
    while let Some((from, rows)) = waiting.pop() {
        remove(checkout, &from, &rows, table).await?;
        if !known.contains_key(&from) {
            let found = references::to(checkout, &from, table).await?;
            known.insert(from.clone(), found);
        }
        for reference in known.get(&from).cloned().unwrap_or_default() {
            let lists = lists(&rows, &reference);
            if lists.is_empty() {
                continue;
            }
            if reference.on_delete != OnDelete::Cascade {
                orphans.push((reference, lists));
                continue;
            }
            for chunk in lists.chunks(LISTED) {
                // One that has gone already is not found again.
                let find = doc! { "find": &reference.child, "filter": any_of(&reference.columns, chunk) };
                let children = checkout.documents(find, table).await?;
                if !children.is_empty() {
                    waiting.push((reference.child.clone(), children));
                }
            }
        }
    }
    for (reference, lists) in orphans.iter().filter(|(reference, _)| reference.on_delete == OnDelete::SetNull) {
        set_null(checkout, reference, lists, table).await?;
    }
    for (reference, lists) in &orphans {
        if has_children(checkout, reference, lists, table).await? {
            // Of the entity that was to be deleted, also where a cascade met the child: not every server tells more.
            return Err(still_referred(table, reference));
        }
    }
    Ok(Outcome::Affected(affected))
}

fn lists(rows: &[Document], reference: &Reference) -> Vec<Vec<Bson>> {
    rows.iter().filter_map(|row| values(row, &reference.parent_columns)).collect()
}

async fn remove(checkout: &mut Checkout, from: &str, rows: &[Document], about: &Table) -> Result<()> {
    for chunk in rows.chunks(ROWS) {
        let one = |row: &Document| doc! { "q": { "_id": row.get("_id").cloned() }, "limit": 1 };
        let deletes: Vec<Document> = chunk.iter().map(one).collect();
        checkout.command(doc! { "delete": from, "deletes": deletes }, about).await?;
    }
    Ok(())
}

async fn set_null(checkout: &mut Checkout, reference: &Reference, lists: &[Vec<Bson>], about: &Table) -> Result<()> {
    if let Some(column) = &reference.required {
        return if has_children(checkout, reference, lists, about).await? {
            Err(required(reference, column))
        } else {
            Ok(())
        };
    }
    let nulls: Document = reference.columns.iter().map(|column| (column.clone(), Bson::Null)).collect();
    for chunk in lists.chunks(LISTED) {
        let query = any_of(&reference.columns, chunk);
        let update = doc! { "q": query, "u": { "$set": nulls.clone() }, "multi": true };
        checkout.command(doc! { "update": &reference.child, "updates": [update] }, about).await?;
    }
    Ok(())
}
