//! Random reads.

use crate::{
    compose::{Composer, What},
    filters,
};
use seabed::{
    backend::{Aggregate, Deleted, Figure, GroupOrder, Lock, Nulls, Operation, Order, Select},
    schema::{Name, Table},
};
use std::sync::Arc;

impl Composer<'_> {
    pub fn read(&mut self, what: What, at: usize) -> (&'static str, Operation) {
        let table = Arc::clone(&self.tables[at]);
        match what {
            What::Project => {
                let select = self.project(at);
                (if select.distinct { "distinct" } else { "project" }, Operation::Select(select))
            }
            What::Count | What::Exists => {
                let figure = match what {
                    What::Exists => Figure::Exists,
                    _ if self.random.one_in(20) => Figure::Estimate,
                    _ => Figure::Count,
                };
                let aggregate = self.filtered(at, vec![figure]);
                (if what == What::Count { "count" } else { "exists" }, Operation::Aggregate(aggregate))
            }
            What::Figures => {
                let figures = self.figures(&table);
                ("figures", Operation::Aggregate(self.filtered(at, figures)))
            }
            What::Groups => ("groups", Operation::Aggregate(self.groups(at))),
            _ => {
                let select = self.select(at);
                (if select.lock.is_some() { "locked" } else { "select" }, Operation::Select(select))
            }
        }
    }

    /// Whether deleted rows count.
    pub fn deleted(&mut self, table: &Table) -> Deleted {
        if table.rules.soft_delete.is_none() && !self.random.one_in(20) {
            return Deleted::Without;
        }
        *self.random.pick(&[Deleted::Without, Deleted::Without, Deleted::Without, Deleted::With, Deleted::Only])
    }

    fn select(&mut self, at: usize) -> Select {
        let table = Arc::clone(&self.tables[at]);
        let filter = (!self.random.one_in(6)).then(|| filters::random(self, at, 4));
        let order = if self.random.coin() { self.order(&table) } else { Vec::new() };
        let limit = self.random.one_in(3).then(|| self.random.below(9));
        let offset = if self.random.one_in(4) { self.random.below(5) } else { 0 };
        let lock = self.random.one_in(if self.inside { 3 } else { 200 });
        // A row that a failed call has just let go may still be held by the server: whether it is skipped is luck.
        let lock = (lock && self.locks).then_some(Lock::Wait);
        let deleted = self.deleted(&table);
        Select { filter, order, limit, offset, lock, deleted, ..Select::all(table) }
    }

    fn project(&mut self, at: usize) -> Select {
        let mut select = Select { lock: None, ..self.select(at) };
        let count = self.random.size(4) + 1;
        let mut columns = self.names(&select.table, count);
        if self.random.one_in(40) {
            columns.extend(columns.first().cloned());
        }
        select.distinct = self.random.coin();
        if select.distinct && !self.random.one_in(20) {
            columns.retain(|name| select.table.column(name).is_ok_and(|column| column.kind.is_comparable()));
            select.order.retain(|one| columns.contains(&one.column));
        }
        select.columns = Some(columns);
        select
    }

    /// Some columns, each once.
    fn names(&mut self, table: &Table, count: usize) -> Vec<Name> {
        let mut names: Vec<Name> = table.columns.iter().map(|column| column.name.clone()).collect();
        self.random.shuffle(&mut names);
        names.truncate(count);
        names
    }

    pub fn order(&mut self, table: &Table) -> Vec<Order> {
        let count = self.random.size(3) + 1;
        let mut order = Vec::with_capacity(count);
        for _ in 0..count {
            let column = self.random.pick(&table.columns);
            // JSON has no order: asked now and then, to be refused.
            if column.kind.is_comparable() || self.random.one_in(8) {
                let nulls = *self.random.pick(&[Nulls::Lowest, Nulls::Lowest, Nulls::First, Nulls::Last]);
                order.push(Order { column: column.name.clone(), descending: self.random.coin(), nulls });
            }
        }
        order
    }

    fn filtered(&mut self, at: usize, figures: Vec<Figure>) -> Aggregate {
        let table = Arc::clone(&self.tables[at]);
        let filter = (!self.random.one_in(4)).then(|| filters::random(self, at, 3));
        let deleted = self.deleted(&table);
        Aggregate { filter, deleted, ..Aggregate::of(table, figures) }
    }

    fn figures(&mut self, table: &Table) -> Vec<Figure> {
        let count = self.random.size(4) + 1;
        (0..count).map(|_| self.figure(table)).collect()
    }

    fn figure(&mut self, table: &Table) -> Figure {
        let numbers: Vec<Name> =
            table.columns.iter().filter(|column| column.kind.is_number()).map(|column| column.name.clone()).collect();
        if !numbers.is_empty() && self.random.coin() {
            let column = self.random.pick(&numbers).clone();
            return if self.random.coin() { Figure::Sum(column) } else { Figure::Average(column) };
        }
        let column = self.random.pick(&table.columns);
        if !column.kind.is_comparable() && !self.random.one_in(10) {
            return Figure::Count;
        }
        let column = column.name.clone();
        match self.random.below(60) {
            0 => Figure::Sum(column),
            1 => Figure::Exists,
            2 => Figure::Min("no_such_column".into()),
            3..=10 => Figure::Count,
            11..=25 => Figure::CountDistinct(column),
            26..=42 => Figure::Min(column),
            _ => Figure::Max(column),
        }
    }

    fn groups(&mut self, at: usize) -> Aggregate {
        let table = Arc::clone(&self.tables[at]);
        let count = self.random.size(2) + 1;
        let mut group = self.names(&table, count);
        if !self.random.one_in(30) {
            group.retain(|name| table.column(name).is_ok_and(|column| column.kind.is_comparable()));
        }
        let mut figures = if self.random.one_in(8) { Vec::new() } else { self.figures(&table) };
        if !self.random.one_in(20) {
            figures.retain(|figure| !matches!(figure, Figure::Exists | Figure::Estimate));
        }
        let mut order = Vec::new();
        for _ in 0..self.random.size(3) {
            let beyond = usize::from(self.random.one_in(20));
            let position = self.random.size(group.len() + figures.len() + beyond);
            let average =
                matches!(position.checked_sub(group.len()).map(|at| figures.get(at)), Some(Some(Figure::Average(_))));
            if !average || self.random.one_in(10) {
                order.push(GroupOrder { position, descending: self.random.coin() });
            }
        }
        let limit = self.random.one_in(3).then(|| self.random.below(6));
        let offset = if self.random.one_in(5) { self.random.below(3) } else { 0 };
        Aggregate { group, order, limit, offset, ..self.filtered(at, figures) }
    }
}
