//! Everything that is stored, as one persistent value.
//!
//! Persistent maps make a copy cost nothing: a transaction is a copy that takes the place of the original when it commits, a
//! reader keeps the copy that it began with, and to roll back is to drop it.

use super::{
    compare::Key,
    error,
    lookup::{self, Lookup, arranged, differs},
    scan::Bounds,
};
use crate::{
    Result,
    backend::Row,
    schema::{Column, Kind, Table},
};
use imbl::OrdMap;
use std::{collections::BTreeSet, fmt, sync::Arc};

/// The tables by name. A schema's name does not count, as in a `SQLite` file: two tables of one name are one.
#[derive(Clone, Default)]
pub(super) struct State {
    tables: OrdMap<String, Arc<Rows>>,
}

/// The rows of one table, and what finds them.
#[derive(Clone)]
pub(super) struct Rows {
    /// What the table was created from.
    pub(super) table: Arc<Table>,
    /// Who refers to this table: the child's name and the position of its foreign key.
    pub(super) children: Arc<Vec<(String, usize)>>,
    by_key: OrdMap<Key, Arc<Row>>,
    /// The indexes of the table, then its foreign keys: children are found through them.
    lookups: Vec<Lookup>,
    /// The highest integer key that was ever given.
    last: i64,
}

/// A row and its key.
pub(super) type Entry<'r> = (&'r Key, &'r Arc<Row>);

/// A row that changes: its key, what it was, what it becomes.
pub(super) type Changed = (Key, Arc<Row>, Arc<Row>);

impl State {
    /// The rows of a table.
    ///
    /// # Errors
    /// `TableNotFound`.
    pub(super) fn rows(&self, table: &str) -> Result<&Rows> {
        self.tables.get(table).map(|rows| &**rows).ok_or_else(|| error::table_not_found(table))
    }

    /// The rows of the table that an operation means.
    ///
    /// # Errors
    /// `TableNotFound`; `SchemaMismatch` where it was created from another definition.
    pub(super) fn of(&self, table: &Arc<Table>) -> Result<&Rows> {
        let rows = self.rows(&table.name)?;
        if Arc::ptr_eq(&rows.table, table) || rows.table == *table {
            Ok(rows)
        } else {
            Err(error::mismatch(&table.name))
        }
    }

    /// The rows of the table that a read means, which may name a part of its columns.
    ///
    /// # Errors
    /// `TableNotFound`; `SchemaMismatch` where it was created from another definition.
    pub(super) fn seen_as(&self, table: &Arc<Table>) -> Result<&Rows> {
        let rows = self.rows(&table.name)?;
        // A limit of length says what is written: a reference may name its parent's key with its own.
        let alike =
            |one: &Kind, other: &Kind| one == other || matches!((one, other), (Kind::Text { .. }, Kind::Text { .. }));
        let known =
            |column: &Column| rows.table.column(&column.name).is_ok_and(|there| alike(&there.kind, &column.kind));
        if Arc::ptr_eq(&rows.table, table) || table.columns.iter().all(known) {
            Ok(rows)
        } else {
            Err(error::mismatch(&table.name))
        }
    }

    /// The rows of a table, to be changed.
    ///
    /// # Errors
    /// `TableNotFound`.
    pub(super) fn rows_mut(&mut self, table: &str) -> Result<&mut Rows> {
        self.tables.get_mut(table).map(Arc::make_mut).ok_or_else(|| error::table_not_found(table))
    }

    /// Adds an empty table.
    pub(super) fn create(&mut self, table: Arc<Table>) {
        self.tables.insert(table.name.clone(), Arc::new(Rows::new(table)));
    }

    /// Whether there is a table of this name.
    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }
}

/// Names and numbers only: what is printed ends in logs.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.tables.iter().map(|(name, rows)| (name, rows.by_key.len()))).finish()
    }
}

impl Rows {
    fn new(table: Arc<Table>) -> Self {
        let indexes = table.indexes.iter().enumerate();
        let indexes = indexes.map(|(at, index)| Lookup::new(&index.columns, index.unique.then_some(at)));
        let references = table.foreign_keys.iter().map(|foreign_key| Lookup::new(&foreign_key.columns, None));
        let lookups = indexes.chain(references).collect();
        Self { table, children: Arc::default(), by_key: OrdMap::new(), lookups, last: 0 }
    }

    /// One row.
    pub(super) fn get(&self, key: &Key) -> Option<(&Key, &Arc<Row>)> {
        self.by_key.get_key_value(key)
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// The indexes and foreign keys.
    pub(super) fn lookups(&self) -> &[Lookup] {
        &self.lookups
    }

    /// The rows between two keys, by primary key.
    pub(super) fn range<'r>(&'r self, bounds: &Bounds) -> impl DoubleEndedIterator<Item = Entry<'r>> + use<'r> {
        self.by_key.range::<_, Key>(bounds.range())
    }

    /// All rows, by primary key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &Arc<Row>)> {
        self.by_key.iter()
    }

    /// The sets of columns by which rows are found without a scan.
    pub(super) fn paths(&self) -> impl Iterator<Item = &[usize]> {
        std::iter::once(&*self.table.key).chain(self.lookups.iter().map(|lookup| &*lookup.columns))
    }

    /// Whether rows are found by these columns, in whichever order, without a scan.
    pub(super) fn has_path(&self, columns: &[usize]) -> bool {
        self.paths().any(|path| path.len() == columns.len() && path.iter().all(|column| columns.contains(column)))
    }

    /// The keys of the rows that have these values in these columns, whose order is that of one of the
    /// [`paths`](Self::paths) or another order of the same columns; by key.
    pub(super) fn find(&self, columns: &[usize], values: &Key) -> BTreeSet<Key> {
        if let Some(key) = arranged(columns, values, &self.table.key) {
            return self.by_key.contains_key(&key).then_some(key).into_iter().collect();
        }
        let through =
            self.lookups.iter().find_map(|lookup| Some((lookup, arranged(columns, values, &lookup.columns)?)));
        match through {
            Some((lookup, values)) => lookup.keys(&values).collect(),
            None => self
                .by_key
                .iter()
                .filter(|(_, row)| lookup::values(row, columns).is_some_and(|found| found == *values))
                .map(|(key, _)| key.clone())
                .collect(),
        }
    }

    /// The next integer key: above every one that was ever given, deleted ones included.
    pub(super) fn next(&mut self) -> Option<i64> {
        self.last = self.last.checked_add(1)?;
        Some(self.last)
    }

    /// Notes an integer key that the caller chose.
    pub(super) fn given(&mut self, key: i64) {
        self.last = self.last.max(key);
    }

    /// Adds a row.
    ///
    /// # Errors
    /// `UniqueViolation` by the primary key or a unique index.
    pub(super) fn insert(&mut self, row: Arc<Row>) -> Result<()> {
        let key: Key = self.table.key.iter().map(|&column| row[column].clone()).collect();
        if self.by_key.contains_key(&key) {
            return Err(error::duplicate_key(&self.table));
        }
        self.enter(&key, None, &row)?;
        self.by_key.insert(key, row);
        Ok(())
    }

    /// Changes rows whose keys stay. All of them leave the indexes before the first returns, so only the end state counts:
    /// two rows may swap unique values, and a whole column may move up by one. (`PostgreSQL` looks after each row, and may
    /// refuse in between what this allows.)
    ///
    /// # Errors
    /// `UniqueViolation` by a unique index.
    pub(super) fn replace(&mut self, changed: &[Changed]) -> Result<()> {
        for (key, old, new) in changed {
            for lookup in self.lookups.iter_mut().filter(|lookup| differs(old, new, &lookup.columns)) {
                lookup.remove(old, key);
            }
        }
        for (key, old, new) in changed {
            self.enter(key, Some(old), new)?;
            self.by_key.insert(key.clone(), Arc::clone(new));
        }
        Ok(())
    }

    /// Takes a row away.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Arc<Row>> {
        let row = self.by_key.remove(key)?;
        for lookup in &mut self.lookups {
            lookup.remove(&row, key);
        }
        Some(row)
    }

    /// Enters a row into the indexes where it differs from what it was.
    fn enter(&mut self, key: &Key, old: Option<&Row>, new: &Row) -> Result<()> {
        for lookup in &mut self.lookups {
            if old.is_some_and(|old| !differs(old, new, &lookup.columns)) {
                continue;
            }
            let Some(values) = lookup.values(new) else { continue };
            if let Some(index) = lookup.unique
                && lookup.keys(&values).next().is_some()
            {
                return Err(error::duplicate(&self.table, &self.table.indexes[index]));
            }
            lookup.add(&values, key);
        }
        Ok(())
    }
}
