//! The one walk: table by table, what is there beside what is wanted.

use super::{
    Answer, Difference, checks, columns, drift, indexes,
    order::{Ordered, Phase},
    ours::{self, full},
    references, renames,
};
use crate::{
    Result,
    schema::{Action, Drift, Picture, Question, Reference, Table, model::parents_first, picture::TablePicture},
};
use std::{collections::BTreeMap, sync::Arc};

/// Both sides, and what was found so far.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    /// What is there, under the new names.
    pub(super) have: Picture,
    pub(super) want: Picture,
    pub(super) tables: &'a [Arc<Table>],
    /// What the last migration left, under the new names.
    pub(super) owned: Vec<Table>,
    pub(super) old_tables: BTreeMap<String, String>,
    /// By the new names of table and column.
    pub(super) old_columns: BTreeMap<(String, String), String>,
    /// Columns that get another type, by table.
    pub(super) retyped: Vec<(String, String)>,
    /// References that stay: the table, the name that they have, and as they are wanted.
    pub(super) kept: Vec<(String, String, Reference)>,
    pub(super) steps: Ordered,
    pub(super) drift: Vec<Drift>,
    pub(super) questions: Vec<Question>,
}

/// A table that is there and wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'p> {
    /// Its full name, the new one.
    pub(super) name: &'p str,
    pub(super) have: &'p TablePicture,
    pub(super) want: &'p TablePicture,
    pub(super) table: &'p Table,
    /// As the last migration left it.
    pub(super) owned: Option<&'p Table>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(have: &Picture, want: &Picture, tables: &'a [Arc<Table>], owned: &[Table]) -> Self {
        let picture = |picture: &Picture| {
            let mut picture = picture.clone();
            tables.iter().map(AsRef::as_ref).chain(owned).for_each(|table| qualify(&mut picture, table));
            picture
        };
        Self {
            have: picture(have),
            want: picture(want),
            tables,
            owned: owned.to_vec(),
            old_tables: BTreeMap::new(),
            old_columns: BTreeMap::new(),
            retyped: Vec::new(),
            kept: Vec::new(),
            steps: Ordered::default(),
            drift: Vec::new(),
            questions: Vec::new(),
        }
    }

    pub(super) fn difference(mut self, answers: &[Answer]) -> Result<Difference> {
        renames::find(&mut self, answers)?;
        let (have, want) = (std::mem::take(&mut self.have), std::mem::take(&mut self.want));
        let owned = std::mem::take(&mut self.owned);
        let tables = parents_first(self.tables);
        let (there, new): (Vec<&Table>, Vec<&Table>) =
            tables.iter().map(AsRef::as_ref).partition(|table| have.tables.contains_key(&full(table)));
        let coming: Vec<String> = new.iter().flat_map(|it| ours::indexes(it)).map(|index| index.name).collect();
        for table in there {
            let name = full(table);
            let (Some(have), Some(want)) = (have.tables.get(&name), want.tables.get(&name)) else { continue };
            let owned = owned.iter().find(|owned| full(owned) == name);
            let pair = Pair { name: &name, have, want, table, owned };
            columns::compare(&mut self, pair);
            references::compare(&mut self, pair);
            checks::compare(&mut self, pair);
            indexes::compare(&mut self, pair, &coming);
            drift::of_table(&mut self, pair);
        }
        self.drop_tables(&have, &owned);
        references::release_retyped(&mut self);
        self.create_tables(&new);
        drift::of_others(&mut self, &have, &want, &owned);
        Ok(Difference { steps: self.steps.finish(), drift: self.drift, questions: self.questions })
    }

    /// Parents first. A reference to a table that is not there yet, or not yet as it is to be, comes last.
    fn create_tables(&mut self, new: &[&Table]) {
        let mut waiting: Vec<String> = new.iter().map(|table| full(table)).collect();
        for table in new {
            let name = full(table);
            waiting.retain(|other| *other != name);
            let mut table = (*table).clone();
            for at in (0..table.foreign_keys.len()).rev() {
                let parent = ours::parent(&table, &table.foreign_keys[at]);
                if waiting.contains(&parent) || (parent != name && self.steps.touches(&parent)) {
                    let key = ours::reference(&table, &table.foreign_keys[at]);
                    table.foreign_keys.remove(at);
                    self.steps.push(Phase::AddReference, Action::AddForeignKey { table: name.clone(), key });
                }
            }
            self.steps.push(Phase::CreateTable, Action::CreateTable(table));
        }
    }

    /// Children first; where tables are children of each other, their references go before.
    fn drop_tables(&mut self, have: &Picture, owned: &[Table]) {
        let gone = owned.iter().filter(|table| {
            let name = full(table);
            have.tables.contains_key(&name) && self.wanted(&name).is_none()
        });
        let gone: Vec<Arc<Table>> = gone.cloned().map(Arc::new).collect();
        let mut dropped: Vec<String> = Vec::new();
        for table in parents_first(&gone).iter().rev() {
            let name = full(table);
            dropped.push(name.clone());
            for key in ours::references(table) {
                let is_gone = dropped.contains(&key.parent) && key.parent != name;
                if is_gone {
                    self.steps.push(Phase::DropReference, Action::DropForeignKey { table: name.clone(), key });
                }
            }
            self.steps.push(Phase::DropTable, Action::DropTable(table.as_ref().clone()));
        }
    }

    /// The table that is wanted under this name.
    pub(super) fn wanted(&self, name: &str) -> Option<&'a Arc<Table>> {
        self.tables.iter().find(|table| full(table) == name)
    }

    /// The table that the last migration left under this name.
    pub(super) fn owned(&self, name: &str) -> Option<&Table> {
        self.owned.iter().find(|table| full(table) == name)
    }

    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        self.have.tables.get(table).is_some_and(|table| table.column(column).is_some())
    }

    /// Whether there is an index, of whatever name, that is what the wanted one of this name is.
    pub(super) fn has_structure(&self, table: &str, index: &str) -> bool {
        let (Some(have), Some(want)) = (self.have.tables.get(table), self.want.tables.get(table)) else { return false };
        want.index(index).is_some_and(|want| have.indexes.iter().any(|have| indexes::same(have, want)))
    }

    pub(super) fn tell(&mut self, table: &str, what: impl Into<String>, why: impl Into<String>) {
        self.drift.push(Drift { table: Some(table.to_owned()), what: what.into(), why: why.into() });
    }
}

/// A picture does not say the connection's own schema, an entity may: then the table is known by the entity's name for it.
fn qualify(picture: &mut Picture, table: &Table) {
    let name = full(table);
    if name == table.name || picture.tables.contains_key(&name) {
        return;
    }
    if let Some(there) = picture.tables.remove(&table.name) {
        picture.tables.insert(name.clone(), there);
        let keys = picture.tables.values_mut().flat_map(|table| &mut table.foreign_keys);
        keys.filter(|key| key.parent == table.name).for_each(|key| key.parent.clone_from(&name));
    }
}
