//! What a step makes of tables, without a database.

use super::{Named, NamedIndex, Snapshot, fault};
use crate::{
    Error, Result,
    schema::{Action, IndexDef, Name, Part, diff},
};

impl Snapshot {
    /// What is there after a step. Statements of one's own and changes of rows leave the tables as they were: what they do to
    /// a schema nobody knows here.
    ///
    /// # Errors
    /// `SchemaMismatch` with entity and field where the step is about what is not there, or makes what is there already.
    pub fn apply(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::CreateTable(table) => {
                if self.tables.iter().any(|other| other.name == table.name && other.schema == table.schema) {
                    return Err(fault("the table is there already").entity(&table.name));
                }
                self.tables.push(Named::of(table));
                self.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
            }
            Action::DropTable(table) => {
                self.named(&table.name)?;
                self.tables.retain(|other| other.name != table.name || other.schema != table.schema);
            }
            Action::RenameTable { from, to } => {
                self.named(from)?.name.clone_from(to);
                let references = self.tables.iter_mut().flat_map(|table| &mut table.references);
                references.filter(|key| key.parent == *from).for_each(|key| key.parent.clone_from(to));
                self.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
            }
            Action::RenameColumn { table, from, to } => self.rename_column(table, from, to)?,
            Action::Sql(_) | Action::Backfill(_) => {}
            of_a_table => {
                if let Some(table) = of_a_table.table() {
                    self.named(table)?.apply(of_a_table)?;
                }
            }
        }
        Ok(())
    }

    fn named(&mut self, table: &str) -> Result<&mut Named> {
        let found = self.tables.iter_mut().find(|named| named.name == table);
        found.ok_or_else(|| fault("there is no such table").entity(table))
    }

    fn rename_column(&mut self, table: &str, from: &str, to: &str) -> Result<()> {
        let rename = |name: &mut String| {
            if *name == from {
                to.clone_into(name);
            }
        };
        let named = self.named(table)?;
        named.column(from)?.name = Name::Owned(to.to_owned());
        named.key.iter_mut().for_each(rename);
        named.indexes.iter_mut().flat_map(|index| &mut index.columns).for_each(rename);
        named.references.iter_mut().flat_map(|key| &mut key.columns).for_each(rename);
        for index in &mut named.extra.indexes {
            for part in &mut index.parts {
                match part {
                    Part::Column(name) | Part::Descending(name) => rename(name),
                    Part::Expression(text) => diff::in_words(text, from, to),
                }
            }
            index.only.iter_mut().for_each(|text| diff::in_words(text, from, to));
        }
        named.extra.checks.iter_mut().for_each(|check| diff::in_words(&mut check.condition, from, to));
        let references = self.tables.iter_mut().flat_map(|table| &mut table.references);
        references.filter(|key| key.parent == table).flat_map(|key| &mut key.parent_columns).for_each(rename);
        Ok(())
    }
}

impl Named {
    fn apply(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::AddColumn { column, .. } => {
                if self.columns.iter().any(|other| other.name == column.name) {
                    return Err(self.at("the column is there already", &column.name));
                }
                let mut column = column.clone();
                column.extra.renamed_from = None;
                self.columns.push(column);
            }
            Action::DropColumn { column, .. } => {
                self.column(&column.name)?;
                self.columns.retain(|other| other.name != column.name);
            }
            Action::AlterColumn { to, .. } => {
                let mut column = to.clone();
                column.extra.renamed_from = None;
                *self.column(&to.name)? = column;
            }
            Action::AddIndex { index, .. } => self.add_index(index),
            Action::DropIndex { index, .. } => {
                let gone = |name: &str| name == index.name;
                let before = self.indexes.len() + self.extra.indexes.len();
                self.indexes.retain(|other| !gone(&other.name));
                self.extra.indexes.retain(|other| !gone(&other.name));
                if before == self.indexes.len() + self.extra.indexes.len() {
                    return Err(self.at("there is no such index", &index.name));
                }
            }
            Action::RenameIndex { from, to, .. } => {
                let names = self.indexes.iter_mut().map(|index| &mut index.name);
                let mut names = names.chain(self.extra.indexes.iter_mut().map(|index| &mut index.name));
                match names.find(|name| **name == *from) {
                    Some(name) => name.clone_from(to),
                    None => return Err(fault("there is no such index").entity(&self.name).field(from)),
                }
            }
            Action::AddForeignKey { key, .. } => self.references.push(key.clone()),
            Action::DropForeignKey { key, .. } => self.references.retain(|other| {
                (&other.columns, &other.parent, &other.parent_columns)
                    != (&key.columns, &key.parent, &key.parent_columns)
            }),
            Action::AddCheck { check, .. } => self.extra.checks.push(check.clone()),
            Action::DropCheck { check, .. } => self.extra.checks.retain(|other| other.name != check.name),
            Action::SetKey { to, .. } => self.key.clone_from(to),
            Action::SetComment { column: Some(column), to, .. } => {
                self.column(&column.name)?.extra.comment.clone_from(to);
            }
            Action::SetComment { column: None, to, .. } => self.extra.comment.clone_from(to),
            Action::CreateTable(_)
            | Action::DropTable(_)
            | Action::RenameTable { .. }
            | Action::RenameColumn { .. }
            | Action::Sql(_)
            | Action::Backfill(_) => {}
        }
        self.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        self.references.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    }

    /// An index that attributes can say stands among theirs.
    fn add_index(&mut self, index: &IndexDef) {
        let columns: Option<Vec<String>> = index
            .parts
            .iter()
            .map(|part| if let Part::Column(name) = part { Some(name.clone()) } else { None })
            .collect();
        match columns.filter(|_| index.only.is_none()) {
            Some(columns) => {
                self.indexes.push(NamedIndex { name: index.name.clone(), columns, unique: index.unique });
            }
            None => self.extra.indexes.push(IndexDef { renamed_from: None, ..index.clone() }),
        }
    }

    fn column(&mut self, name: &str) -> Result<&mut crate::schema::Column> {
        let unknown = self.at("there is no such column", name);
        self.columns.iter_mut().find(|column| column.name == name).ok_or(unknown)
    }

    fn at(&self, why: &str, field: &str) -> Error {
        fault(why).entity(&self.name).field(field)
    }
}
