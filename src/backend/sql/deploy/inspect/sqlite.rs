//! SQLite: its pragmas as tables, and the texts that it keeps.

use super::{Ask, BOOKS, create, last, other};
use crate::{
    Result,
    schema::{
        Picture,
        picture::{
            CheckPicture, ColumnPicture, ForeignKeyPicture, IndexPicture, KeyPicture, PartPicture, TablePicture,
        },
    },
};
use std::collections::BTreeMap;

pub(super) async fn read<A: Ask>(asker: &mut A) -> Result<Picture> {
    let mut picture = Picture::default();
    let texts = objects(asker, &mut picture).await?;
    columns(asker, &mut picture, &texts.tables).await?;
    indexes(asker, &mut picture, &texts.indexes).await?;
    foreign_keys(asker, &mut picture, &texts.tables).await?;
    Ok(picture)
}

/// What the texts tell, by the name of the table or the index.
#[derive(Default)]
struct Texts {
    tables: BTreeMap<String, create::Table>,
    indexes: BTreeMap<String, String>,
}

async fn objects<A: Ask>(asker: &mut A, picture: &mut Picture) -> Result<Texts> {
    // The tables beside a virtual one are its own.
    let question = "WITH l AS MATERIALIZED (SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main') \
        SELECT m.type, m.name, m.tbl_name, m.sql, l.type, CAST(l.wr AS TEXT), CAST(l.strict AS TEXT) \
        FROM sqlite_master m LEFT JOIN l ON l.name = m.name AND m.type = 'table' \
        WHERE m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.sql IS NOT NULL";
    let mut texts = Texts::default();
    for mut row in asker.ask::<7>(question).await? {
        let (kind, name, of, sql) = (row.take(0), row.take(1), row.take(2), row.take(3));
        if BOOKS.contains(&&*of) || row.get(4) == "shadow" {
            continue;
        }
        match &*kind {
            "table" if row.get(4) == "virtual" => picture.others.push(other("virtual table", name, None, sql)),
            "table" => {
                let said = create::table(&sql);
                let checks = said.checks.iter().map(|(name, condition)| CheckPicture {
                    name: name.clone(),
                    condition: condition.clone(),
                    enforced: true,
                });
                let mut table = TablePicture { checks: checks.collect(), create: Some(sql), ..TablePicture::default() };
                for (at, option) in [(5, "without rowid"), (6, "strict")] {
                    if row.yes(at) {
                        table.options.insert(option.to_owned(), "yes".to_owned());
                    }
                }
                picture.tables.insert(name.clone(), table);
                texts.tables.insert(name, said);
            }
            "index" => drop(texts.indexes.insert(name, sql)),
            kind => picture.others.push(other(kind, name, (kind == "trigger").then_some(of), sql)),
        }
    }
    Ok(texts)
}

/// The condition on `m` that it is a table with rows of its own.
const TABLE: &str = "m.type = 'table' AND m.rootpage > 0 AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

async fn columns<A: Ask>(asker: &mut A, picture: &mut Picture, texts: &BTreeMap<String, create::Table>) -> Result<()> {
    let question = format!(
        "SELECT m.name, p.name, p.type, CAST(p.\"notnull\" AS TEXT), p.dflt_value, CAST(p.pk AS TEXT), CAST(p.hidden AS TEXT) \
         FROM sqlite_master m JOIN pragma_table_xinfo(m.name, 'main') p WHERE {TABLE} AND p.hidden <> 1 \
         ORDER BY m.name, p.cid"
    );
    let mut keys: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
    for mut row in asker.ask::<7>(&question).await? {
        let Some((of, table)) = picture.tables.get_key_value(row.get(0)).map(|(of, _)| of.clone()).and_then(|of| {
            let table = picture.tables.get_mut(&of)?;
            Some((of, table))
        }) else {
            continue;
        };
        let name = row.take(1);
        let said = texts.get(&of).and_then(|text| text.columns.iter().find(|column| column.name == name));
        let place = row.get(5).parse().unwrap_or(0);
        if place > 0 {
            keys.entry(of).or_default().push((place, name.clone()));
        }
        table.columns.push(ColumnPicture {
            declared: row.take(2),
            nullable: !row.yes(3),
            default: row.maybe(4),
            generated: said.and_then(|said| said.generated.clone()).filter(|_| matches!(row.get(6), "2" | "3")),
            auto: if said.is_some_and(|said| said.counted) { "yes".to_owned() } else { String::new() },
            collation: said.and_then(|said| said.collation.clone()),
            touched: None,
            comment: None,
            name,
        });
    }
    for (of, mut columns) in keys {
        columns.sort();
        let columns = columns.into_iter().map(|(_, name)| name).collect();
        let name = texts.get(&of).map(|text| text.key.clone()).unwrap_or_default();
        if let Some(table) = picture.tables.get_mut(&of) {
            table.key = Some(KeyPicture { name, columns });
        }
    }
    Ok(())
}

async fn indexes<A: Ask>(asker: &mut A, picture: &mut Picture, texts: &BTreeMap<String, String>) -> Result<()> {
    let question = format!(
        "SELECT m.name, l.name, CAST(l.\"unique\" AS TEXT), l.origin, x.name, CAST(x.\"desc\" AS TEXT), x.coll, \
         CAST(x.seqno AS TEXT) FROM sqlite_master m JOIN pragma_index_list(m.name, 'main') l \
         JOIN pragma_index_xinfo(l.name, 'main') x WHERE {TABLE} AND x.key = 1 AND l.origin <> 'pk' \
         ORDER BY m.name, l.name, x.seqno"
    );
    for mut row in asker.ask::<8>(&question).await? {
        let Some(table) = picture.tables.get_mut(row.get(0)) else { continue };
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let name = row.take(1);
        let (mut expressions, predicate) = texts.get(&name).map(|sql| create::index(sql, &names)).unwrap_or_default();
        let column = row.maybe(4);
        let own = table.columns.iter().find(|own| column.as_ref() == Some(&own.name));
        let own = own.and_then(|own| own.collation.as_deref()).unwrap_or("BINARY");
        let collation = row.said(6).filter(|collation| !collation.eq_ignore_ascii_case(own));
        let at = row.get(7).parse().unwrap_or(0);
        let expression = (column.is_none() && at < expressions.len()).then(|| expressions.swap_remove(at));
        let index = last(
            &mut table.indexes,
            |last| last.name == name,
            || IndexPicture {
                name: name.clone(),
                unique: row.yes(2),
                predicate,
                method: "btree".to_owned(),
                constraint: row.get(3) == "u",
                valid: true,
                ..IndexPicture::default()
            },
        );
        let Some(index) = index else { continue };
        let descending = row.yes(5);
        index.parts.push(PartPicture { column, expression, descending, collation, ..PartPicture::default() });
    }
    Ok(())
}

async fn foreign_keys<A: Ask>(
    asker: &mut A,
    picture: &mut Picture,
    texts: &BTreeMap<String, create::Table>,
) -> Result<()> {
    let question = format!(
        "SELECT m.name, CAST(f.id AS TEXT), f.\"table\", f.\"from\", f.\"to\", f.on_delete, f.on_update \
         FROM sqlite_master m JOIN pragma_foreign_key_list(m.name, 'main') f WHERE {TABLE} ORDER BY m.name, f.id, f.seq"
    );
    let mut open: Option<(String, usize)> = None;
    for mut row in asker.ask::<7>(&question).await? {
        let parent = of_any_case(picture, row.take(2));
        let parent_key = picture.tables.get(&parent).and_then(|table| table.key.clone());
        let Some(table) = picture.tables.get_mut(row.get(0)) else { continue };
        let id = (row.get(0).to_owned(), row.get(1).parse().unwrap_or(0));
        if open.as_ref() != Some(&id) {
            // The last of the text has the first number.
            let said = texts.get(&id.0).map(|text| &text.foreign_keys);
            let said = said.and_then(|said| said.iter().rev().nth(id.1).cloned()).unwrap_or_default();
            table.foreign_keys.push(ForeignKeyPicture {
                name: said.0,
                odd: said.1,
                parent,
                on_delete: row.take(5),
                on_update: row.take(6),
                ..ForeignKeyPicture::default()
            });
            open = Some(id);
        }
        let Some(key) = table.foreign_keys.last_mut() else { continue };
        // Where the text names no columns of the parent, they are its key's.
        let to = row.maybe(4).or_else(|| parent_key?.columns.get(key.columns.len()).cloned());
        key.columns.push(row.take(3));
        key.parent_columns.extend(to);
    }
    Ok(())
}

/// A table's name as the table says it: SQLite finds it in any case.
fn of_any_case(picture: &Picture, name: String) -> String {
    if picture.tables.contains_key(&name) {
        return name;
    }
    picture.tables.keys().find(|other| other.eq_ignore_ascii_case(&name)).cloned().unwrap_or(name)
}
