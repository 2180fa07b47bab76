//! Random writes.

use crate::{
    compose::{Composer, What},
    filters,
    random::Random,
    values,
};
use seabed::{
    ErrorKind,
    backend::{
        Change, ChangeTo, Comparison, Delete, Deleted, Filter, Insert, Must, OnConflict, Only, Operation, Row, Update,
    },
    schema::{Name, Table},
    sea_orm::Value,
};
use std::sync::Arc;

impl Composer<'_> {
    pub fn write(&mut self, what: What, at: usize, tenant: Option<&Value>) -> (&'static str, Operation) {
        let table = Arc::clone(&self.tables[at]);
        match what {
            What::Insert => ("insert", Operation::Insert(Insert::of(table, vec![self.row(at, tenant)]))),
            What::InsertMany => {
                let count = if self.random.one_in(12) { self.random.size(20) } else { self.random.size(4) + 1 };
                let rows = (0..count).map(|_| self.row(at, tenant)).collect();
                ("insert many", Operation::Insert(Insert::of(table, rows)))
            }
            What::Upsert => ("upsert", Operation::Insert(self.upsert(at, tenant))),
            What::UpdateOne => {
                let (filter, row) = self.key_filter(at);
                let expects = self.version(&table, row.as_ref());
                let update = Update {
                    filter: Some(filter),
                    returning: self.random.coin(),
                    expects,
                    deleted: self.deleted(&table),
                    ..Update::all(table, self.changes(at, false, tenant))
                };
                ("update one", Operation::Update(update))
            }
            What::Restore if table.rules.soft_delete.is_some() => {
                let name = table.columns[table.rules.soft_delete.unwrap_or(0)].name.clone();
                let null = table.columns[table.rules.soft_delete.unwrap_or(0)].kind.null();
                let filter = self.random.coin().then(|| self.key_filter(at).0);
                let deleted = if self.random.one_in(4) { Deleted::With } else { Deleted::Only };
                let changes = vec![Change { column: name, to: ChangeTo::Value(null) }];
                ("restore", Operation::Update(Update { filter, deleted, ..Update::all(table, changes) }))
            }
            What::Increment => ("increment", self.update(at, true, tenant)),
            What::DeleteOne => {
                let filter = Some(self.key_filter(at).0);
                self.delete(&table, filter)
            }
            What::Delete => {
                let filter = (!self.random.one_in(20)).then(|| filters::random(self, at, 2));
                let (_, delete) = self.delete(&table, filter);
                ("delete", delete)
            }
            _ => ("update", self.update(at, false, tenant)),
        }
    }

    fn delete(&mut self, table: &Arc<Table>, filter: Option<Filter>) -> (&'static str, Operation) {
        let forever = self.random.one_in(if table.rules.soft_delete.is_some() { 3 } else { 12 });
        let deleted = self.deleted(table);
        let delete = Operation::Delete(Delete { filter, deleted, forever, ..Delete::all(Arc::clone(table)) });
        (if forever { "delete forever" } else { "delete one" }, delete)
    }

    /// The version that was read, nearly always the one that is there.
    fn version(&mut self, table: &Table, row: Option<&Row>) -> Option<Value> {
        let position = table.rules.version?;
        if self.random.one_in(20) {
            return None;
        }
        match row {
            Some(row) if !self.random.one_in(10) => Some(row[position].clone()),
            _ => Some(Value::from(self.random.between(1, 3))),
        }
    }

    /// New rows, some of them with the keys of rows that are there.
    fn upsert(&mut self, at: usize, tenant: Option<&Value>) -> Insert {
        let table = Arc::clone(&self.tables[at]);
        let mut keys = vec![table.key.clone()];
        keys.extend(table.indexes.iter().filter(|index| index.unique).map(|index| index.columns.clone()));
        let mut key = self.random.pick(&keys).clone();
        if self.random.one_in(60) {
            key = vec![self.random.size(table.columns.len())];
        }
        let versions = table.rules.version.filter(|_| self.random.coin());
        let count = if self.random.one_in(3) { self.random.size(5) + 1 } else { 1 };
        let mut rows = Vec::with_capacity(count);
        for _ in 0..count {
            let mut row = self.row(at, tenant);
            let there =
                (!self.rows[at].is_empty() && !self.random.one_in(3)).then(|| self.random.pick(&self.rows[at]).clone());
            for &column in &key {
                if let (Some(there), Some(cell)) = (&there, row.get_mut(column)) {
                    *cell = Some(there[column].clone());
                }
            }
            if let Some(version) = versions.filter(|version| *version < row.len()) {
                let given = there.as_ref().filter(|_| !self.random.one_in(8)).map(|there| there[version].clone());
                row[version] = Some(given.unwrap_or_else(|| Value::from(self.random.between(1, 2))));
            } else if let Some(version) = table.rules.version.filter(|version| *version < row.len()) {
                row[version] = None;
            }
            rows.push(row);
        }
        let mut others: Vec<usize> =
            (0..table.columns.len()).filter(|column| !key.contains(column) && !table.key.contains(column)).collect();
        self.random.shuffle(&mut others);
        if self.random.one_in(80) {
            others.insert(0, table.key[0]);
        }
        let take = others.len().min(self.random.size(4));
        let taken: Vec<Name> = others[..take].iter().map(|column| table.columns[*column].name.clone()).collect();
        let mut changes = if self.random.one_in(3) { self.changes(at, false, tenant) } else { Vec::new() };
        if !self.random.one_in(30) {
            let key: Vec<&Name> = key.iter().map(|column| &table.columns[*column].name).collect();
            changes.retain(|change| !taken.contains(&change.column) && !key.contains(&&change.column));
        }
        let mut only = Vec::new();
        if self.random.one_in(8) {
            let column = self.random.size(table.columns.len());
            let must = match self.random.below(4) {
                0 => Must::Never,
                1 => Must::EqualNew,
                _ => Must::Equal(self.known_value(at, column)),
            };
            let otherwise = *self.random.pick(&[ErrorKind::UniqueViolation, ErrorKind::VersionConflict]);
            if table.columns[column].kind.is_comparable() {
                only.push(Only { column: table.columns[column].name.clone(), must, otherwise });
            }
        }
        let key = key.iter().map(|column| table.columns[*column].name.clone()).collect();
        let on_conflict = Some(OnConflict { key, take: taken, changes, only });
        Insert { on_conflict, ..Insert::of(table, rows) }
    }

    fn update(&mut self, at: usize, increment: bool, tenant: Option<&Value>) -> Operation {
        let table = Arc::clone(&self.tables[at]);
        let pinned = increment && self.random.coin();
        let filter = if pinned {
            Some(self.key_filter(at).0)
        } else {
            (!self.random.one_in(12)).then(|| filters::random(self, at, 2))
        };
        let expects = if self.random.one_in(12) { self.version(&table, None) } else { None };
        let deleted = self.deleted(&table);
        Operation::Update(Update {
            filter,
            expects,
            deleted,
            ..Update::all(table, self.changes(at, increment, tenant))
        })
    }

    fn changes(&mut self, at: usize, increment: bool, tenant: Option<&Value>) -> Vec<Change> {
        let table = Arc::clone(&self.tables[at]);
        let mut columns: Vec<usize> = (0..table.columns.len()).filter(|column| !table.key.contains(column)).collect();
        if !self.random.one_in(40) {
            let by_rule = automatic(&table);
            columns.retain(|column| !by_rule.contains(column));
        }
        if increment && columns.iter().any(|column| table.columns[*column].kind.is_number()) {
            columns.retain(|column| table.columns[*column].kind.is_number());
        }
        if self.random.one_in(60) {
            columns.push(0);
        }
        self.random.shuffle(&mut columns);
        let count = if increment { 1 } else { self.random.size(3) + 1 };
        columns.truncate(count);
        let fresh = self.row(at, tenant);
        let change = |column: usize, random: &mut Random| {
            let kind = &table.columns[column].kind;
            let to = if kind.is_number() && (increment || random.one_in(5)) {
                ChangeTo::Increment(values::step(kind, random))
            } else {
                let given = fresh.get(column).cloned().flatten();
                ChangeTo::Value(given.unwrap_or_else(|| values::valid(kind, random)))
            };
            Change { column: table.columns[column].name.clone(), to }
        };
        let mut changes: Vec<Change> = columns.into_iter().map(|column| change(column, self.random)).collect();
        if self.random.one_in(60)
            && let Some(first) = changes.first().cloned()
        {
            changes.push(first);
        }
        changes
    }

    /// A filter on the whole key, nearly always of a row that is there.
    pub fn key_filter(&mut self, at: usize) -> (Filter, Option<Row>) {
        let table = Arc::clone(&self.tables[at]);
        let row = if self.rows[at].is_empty() || self.random.one_in(8) {
            None
        } else {
            Some(self.random.pick(&self.rows[at]).clone())
        };
        let parts = table.key.iter().map(|&key| {
            let column = &table.columns[key];
            let value = row.as_ref().map_or_else(|| values::key(&column.kind, self.random), |row| row[key].clone());
            Filter::Compare(column.name.clone(), Comparison::Eq, value)
        });
        let mut parts: Vec<Filter> = parts.collect();
        (if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) }, row)
    }

    /// A new row that mostly can be inserted.
    fn row(&mut self, at: usize, tenant: Option<&Value>) -> Vec<Option<Value>> {
        let table = Arc::clone(&self.tables[at]);
        let mut row: Vec<Option<Value>> = Vec::with_capacity(table.columns.len());
        let by_rule = automatic(&table);
        for (position, column) in table.columns.iter().enumerate() {
            row.push(if table.rules.tenant == Some(position) {
                match self.random.below(40) {
                    0 => Some(values::valid(&column.kind, self.random)),
                    1..=10 => tenant.cloned(),
                    _ => None,
                }
            } else if by_rule.contains(&position) && !self.random.one_in(12) {
                None
            } else if table.rules.version == Some(position) {
                // A version at the end of its range is one that nobody reaches; which column is told is the server's choice.
                Some(Value::from(self.random.between(1, 4)))
            } else if table.auto_key() == Some(position) {
                let (next, may_make) = self.watch.next_key(at);
                if may_make && !self.random.one_in(8) {
                    None
                } else {
                    Some(Value::from(if self.random.one_in(4) { self.random.between(1, 30) } else { next }))
                }
            } else if table.key.contains(&position) {
                Some(values::key(&column.kind, self.random))
            } else if (column.nullable || column.default.is_some()) && self.random.one_in(5) {
                None
            } else if column.nullable && self.random.one_in(6) {
                Some(column.kind.null())
            } else if table.indexes.iter().any(|index| index.unique && index.columns.contains(&position))
                && !self.random.one_in(4)
            {
                Some(values::key(&column.kind, self.random))
            } else {
                Some(values::valid(&column.kind, self.random))
            });
        }
        self.refer(&table, &mut row, tenant);
        if self.random.one_in(25) {
            self.spoil(&table, &mut row);
        }
        row
    }

    /// Lets a row's references point to rows that are there, nearly always.
    fn refer(&mut self, table: &Table, row: &mut [Option<Value>], tenant: Option<&Value>) {
        for foreign_key in &table.foreign_keys {
            let Some(at) = self.tables.iter().position(|table| table.name == foreign_key.parent) else { continue };
            let own = self.tables[at].name == table.name;
            let nullable = foreign_key.columns.iter().all(|column| table.columns[*column].nullable);
            let parent = Arc::clone(&self.tables[at]);
            let theirs = |row: &&Row| match (parent.rules.tenant, tenant) {
                (Some(column), Some(tenant)) => format!("{:?}", row[column]).contains(&same(tenant)),
                _ => true,
            };
            let there: Vec<Row> = self.rows[at].iter().filter(theirs).cloned().collect();
            if nullable && (there.is_empty() || self.random.one_in(if own { 3 } else { 6 })) {
                for &column in &foreign_key.columns {
                    row[column] = Some(table.columns[column].kind.null());
                }
            } else if !there.is_empty() && !self.random.one_in(15) {
                let of = self.random.pick(&there).clone();
                for (&column, name) in foreign_key.columns.iter().zip(&foreign_key.parent_columns) {
                    row[column] = parent.position(name).ok().map(|position| of[position].clone());
                }
            }
        }
    }

    /// Makes a row one that is refused.
    fn spoil(&mut self, table: &Table, row: &mut Vec<Option<Value>>) {
        let at = self.random.size(row.len());
        let column = &table.columns[at];
        match self.random.below(8) {
            0 => drop(row.pop()),
            1 | 2 if !column.nullable && !column.auto_increment => row[at] = Some(column.kind.null()),
            3 if column.default.is_none() && !column.auto_increment => row[at] = None,
            _ => row[at] = Some(values::invalid(&column.kind, self.random)),
        }
    }
}

/// What is the same of a tenant in a context and in a column.
fn same(tenant: &Value) -> String {
    match tenant {
        Value::BigInt(Some(id)) => format!("({id})"),
        other => format!("{other:?}"),
    }
}

/// The columns that rules write.
fn automatic(table: &Table) -> Vec<usize> {
    let rules = &table.rules;
    let columns = [rules.version, rules.created_at, rules.updated_at, rules.soft_delete, rules.tenant];
    columns.into_iter().flatten().chain(rules.folded.iter().map(|rule| rule.folded)).collect()
}
