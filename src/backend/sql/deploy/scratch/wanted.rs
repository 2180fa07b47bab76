//! What is to be built in a scratch place, and what was read there in the words of the real one.

use super::PREFIX;
use crate::{
    Result,
    schema::{Column, ColumnExtra, Flavor, Index, Picture, Table, ddl, model::parents_first},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Tables with the places where they are built.
pub(super) struct Wanted {
    tables: Vec<Table>,
    /// Parents that are not among the tables: made with what is referred to, and not told of.
    stubs: Vec<Table>,
    /// The scratch twin of each schema that an entity names.
    pub(super) twins: BTreeMap<String, String>,
    home: String,
}

impl Wanted {
    /// `home` is the schema that the connection works in, `place` its scratch place.
    pub(super) fn new(tables: &[Arc<Table>], home: &str, place: &str) -> Self {
        let mut twins = BTreeMap::new();
        let tables: Vec<Table> = parents_first(tables)
            .iter()
            .map(|table| {
                let mut table = Table::clone(table);
                let next = twins.len() + 1;
                table.schema = table
                    .schema
                    .filter(|schema| schema != home)
                    .map(|schema| twins.entry(schema).or_insert_with(|| format!("{place}_{next}")).clone());
                table
            })
            .collect();
        let stubs = stubs(&tables);
        Self { tables, stubs, twins, home: home.to_owned() }
    }

    /// The statements that build them. References that are made afterwards may lead in circles.
    pub(super) fn statements(&self, flavor: Flavor) -> Result<Vec<String>> {
        let mut statements = Vec::new();
        let mut references = Vec::new();
        for table in self.stubs.iter().chain(&self.tables) {
            if flavor == Flavor::Postgres {
                let alone = Table { foreign_keys: Vec::new(), ..table.clone() };
                statements.extend(ddl::create_table(&alone, flavor, false)?);
                references.extend(table.foreign_keys.iter().map(|key| ddl::mend::add_foreign_key(table, key, flavor)));
            } else {
                statements.extend(ddl::create_table(table, flavor, false)?);
            }
        }
        statements.extend(references);
        Ok(statements)
    }

    /// One picture of what was read in the scratch place and its twins, with the names of the real ones.
    pub(super) fn told(&self, main: Picture, twins: Vec<(String, Picture)>) -> Picture {
        let mut whole = main;
        for (schema, picture) in twins {
            for (name, mut table) in picture.tables {
                for key in &mut table.foreign_keys {
                    if !key.parent.contains('.') {
                        key.parent = format!("{schema}.{}", key.parent);
                    }
                }
                whole.tables.insert(format!("{schema}.{name}"), table);
            }
            whole.others.extend(picture.others);
        }
        let home = format!("{}.", self.home);
        for table in whole.tables.values_mut() {
            for key in &mut table.foreign_keys {
                if let Some((twin, parent)) = key.parent.split_once('.')
                    && twin.starts_with(PREFIX)
                {
                    let schema = self.twins.iter().find(|(_, it)| *it == twin).map(|(schema, _)| schema);
                    key.parent = schema.map_or_else(|| parent.to_owned(), |schema| format!("{schema}.{parent}"));
                } else if let Some(parent) = key.parent.strip_prefix(&home) {
                    key.parent = parent.to_owned();
                }
            }
        }
        let real = |twin: &String| self.twins.iter().find(|(_, it)| *it == twin).map(|(schema, _)| schema.clone());
        for stub in &self.stubs {
            let schema = stub.schema.as_ref().and_then(real);
            whole.tables.remove(&schema.map_or_else(|| stub.name.clone(), |schema| format!("{schema}.{}", stub.name)));
        }
        whole
    }
}

/// The parents that are not there, with the columns that are referred to.
fn stubs(tables: &[Table]) -> Vec<Table> {
    let there: BTreeSet<_> = tables.iter().map(|table| (&table.schema, &table.name)).collect();
    let mut stubs: BTreeMap<(Option<String>, String), Table> = BTreeMap::new();
    for table in tables {
        for key in table.foreign_keys.iter().filter(|key| !there.contains(&(&table.schema, &key.parent))) {
            let stub = stubs
                .entry((table.schema.clone(), key.parent.clone()))
                .or_insert_with(|| Table { schema: table.schema.clone(), ..Table::empty(&key.parent) });
            let mut columns = Vec::new();
            for (name, position) in key.parent_columns.iter().zip(&key.columns) {
                columns.push(stub.columns.iter().position(|column| column.name == *name).unwrap_or_else(|| {
                    let child = &table.columns[*position];
                    let extra = ColumnExtra { native: child.extra.native.clone(), ..ColumnExtra::default() };
                    stub.columns.push(Column {
                        name: name.clone().into(),
                        kind: child.kind.clone(),
                        nullable: false,
                        default: None,
                        auto_increment: false,
                        extra,
                    });
                    stub.columns.len() - 1
                }));
            }
            if stub.key.is_empty() {
                stub.key = columns;
            } else if stub.key != columns {
                let name = format!("ux_{PREFIX}{}_{}", key.parent, stub.indexes.len());
                stub.indexes.push(Index { name, columns, unique: true });
            }
        }
    }
    stubs.into_values().collect()
}

/// The statements on SQLite, where a schema is part of a table's name and a parent need not be there.
pub(super) fn as_given(tables: &[Arc<Table>]) -> Result<Vec<String>> {
    let statements = tables.iter().map(|table| ddl::create_table(table, Flavor::Sqlite, false));
    Ok(statements.collect::<Result<Vec<_>>>()?.concat())
}
