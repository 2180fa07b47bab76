//! Composes a program while the memory backend runs it: what is asked next depends on the rows that are there.

use crate::{
    filters,
    legal::Watch,
    play::{self, Answers, Door},
    program::{Answer, Call, Program, Step},
    random::Random,
    servers::Opened,
    values,
};
use anyhow::Result;
use seabed::{
    Context,
    backend::{
        Aggregate, Change, ChangeTo, Comparison, Delete, Figure, Filter, Insert, Nulls, Operation, Order, Row, Select,
        TransactionOptions, Update, value,
    },
    schema::Table,
    sea_orm::Value,
};
use std::sync::Arc;

/// What is asked, and how often. A kind that stands here is asked of every backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Select,
    Count,
    Exists,
    Insert,
    InsertMany,
    UpdateOne,
    Update,
    Increment,
    DeleteOne,
    Delete,
}

const WHAT: [(u64, What); 10] = [
    (24, What::Select),
    (8, What::Count),
    (4, What::Exists),
    (22, What::Insert),
    (10, What::InsertMany),
    (9, What::UpdateOne),
    (8, What::Update),
    (6, What::Increment),
    (7, What::DeleteOne),
    (4, What::Delete),
];

/// Rows that a table may have before more are deleted than inserted.
const FULL: usize = 40;

/// What is known while a program is made.
pub struct Composer<'r> {
    pub random: &'r mut Random,
    pub tables: Vec<Arc<Table>>,
    pub rows: Vec<Vec<Row>>,
    watch: Watch,
}

/// A program of about so many operations on these tables, and the answers of memory.
///
/// # Errors
/// The tables cannot be made in memory.
pub async fn program(
    memory: &Opened,
    tables: Vec<Arc<Table>>,
    operations: usize,
    random: &mut Random,
) -> Result<(Program, Vec<Answers>)> {
    play::create(memory, &tables).await?;
    let rows = vec![Vec::new(); tables.len()];
    let mut composer = Composer { random, watch: Watch::new(&tables), rows, tables: tables.clone() };
    let mut program = Program { tables, steps: Vec::new() };
    let mut answers = Vec::new();
    let mut asked = 0;
    while asked < operations {
        memory.clock.set(program.steps.len());
        let (step, answer) = match composer.random.below(24) {
            0 | 1 => composer.together(memory).await?,
            2 => composer.partition(memory).await?,
            _ => composer.alone(memory).await,
        };
        asked += step.calls().len();
        program.steps.push(step);
        answers.push(answer);
    }
    for table in composer.tables.clone() {
        let call = Call { kind: "table", operation: Operation::Select(Select::all(table)) };
        let mut door = Door::Alone(Arc::clone(memory.database.backend()));
        answers.push(vec![door.call(&call).await]);
        program.steps.push(Step::Alone(call));
    }
    Ok((program, answers))
}

impl Composer<'_> {
    async fn alone(&mut self, memory: &Opened) -> (Step, Answers) {
        let mut door = Door::Alone(Arc::clone(memory.database.backend()));
        let call = self.next(&mut door).await;
        let answer = self.ask(&mut door, &call).await;
        (Step::Alone(call), vec![answer])
    }

    async fn together(&mut self, memory: &Opened) -> Result<(Step, Answers)> {
        let read_only = self.random.one_in(8);
        let options = if read_only { TransactionOptions::default().read_only() } else { TransactionOptions::default() };
        let session = memory.database.backend().begin(&Context::default(), options).await?;
        let mut door = Door::Inside(session);
        let (mut calls, mut answers) = (Vec::new(), vec![Answer::Done]);
        self.watch.begin();
        let mut left = self.random.size(6) + 1;
        while left > 0 {
            let call = self.next(&mut door).await;
            let answer = self.ask(&mut door, &call).await;
            left -= 1;
            if matches!(&answer, Answer::Failed(failure) if failure.doomed) {
                // One more call says that it is doomed; a third would say nothing new.
                left = left.min(1);
            }
            calls.push(call);
            answers.push(answer);
        }
        let commit = !self.random.one_in(4);
        let ended = door.end(commit).await;
        self.watch.end(commit && !ended.failed());
        answers.push(ended);
        self.look(&mut Door::Alone(Arc::clone(memory.database.backend()))).await;
        Ok((Step::Together { options, calls, commit }, answers))
    }

    /// Three counts that must fit: true, false, known.
    async fn partition(&mut self, memory: &Opened) -> Result<(Step, Answers)> {
        let at = self.random.size(self.tables.len());
        let table = Arc::clone(&self.tables[at]);
        let filter = filters::valid(self, at, 3);
        let known = filters::known(&table, &filter);
        let count = |filter: Filter| Call {
            kind: "partition",
            operation: Operation::Aggregate(Aggregate {
                filter: Some(filter),
                ..Aggregate::of(Arc::clone(&table), vec![Figure::Count])
            }),
        };
        let calls =
            vec![count(filter.clone().and(known.clone())), count(filter.negated().and(known.clone())), count(known)];
        let options = TransactionOptions::default().read_only();
        let mut door = Door::Inside(memory.database.backend().begin(&Context::default(), options).await?);
        let mut answers = vec![Answer::Done];
        for call in &calls {
            answers.push(door.call(call).await);
        }
        answers.push(door.end(true).await);
        Ok((Step::Together { options, calls, commit: true }, answers))
    }

    async fn ask(&mut self, door: &mut Door, call: &Call) -> Answer {
        let answer = door.call(call).await;
        self.watch.after(call, &answer);
        if call.operation.is_write() && !answer.failed() {
            self.look(door).await;
        }
        answer
    }

    /// Learns what the tables hold.
    async fn look(&mut self, door: &mut Door) {
        for (table, rows) in self.tables.iter().zip(&mut self.rows) {
            *rows = door.rows(table).await;
        }
    }

    /// A call that every backend must answer alike.
    async fn next(&mut self, door: &mut Door) -> Call {
        loop {
            let at = self.random.size(self.tables.len());
            let full = self.rows[at].len() > FULL;
            let what = if full && self.random.one_in(4) { What::Delete } else { self.random.weighted(&WHAT) };
            let call = self.call(what, at);
            if self.watch.refuses(door, &call).await.is_none() {
                return call;
            }
        }
    }

    fn call(&mut self, what: What, at: usize) -> Call {
        let table = Arc::clone(&self.tables[at]);
        let (kind, operation) = match what {
            What::Select => ("select", self.select(at)),
            What::Count | What::Exists => {
                let figure = if what == What::Count { Figure::Count } else { Figure::Exists };
                let filter = (!self.random.one_in(6)).then(|| filters::random(self, at, 4));
                let aggregate = Aggregate { filter, ..Aggregate::of(table, vec![figure]) };
                (if what == What::Count { "count" } else { "exists" }, Operation::Aggregate(aggregate))
            }
            What::Insert => ("insert", Operation::Insert(Insert::of(table, vec![self.row(at)]))),
            What::InsertMany => {
                let count = if self.random.one_in(12) { self.random.size(20) } else { self.random.size(4) + 1 };
                let rows = (0..count).map(|_| self.row(at)).collect();
                ("insert many", Operation::Insert(Insert::of(table, rows)))
            }
            What::UpdateOne => {
                let filter = self.key_filter(at);
                let update = Update {
                    filter: Some(filter),
                    returning: self.random.coin(),
                    ..Update::all(table, self.changes(at, false))
                };
                ("update one", Operation::Update(update))
            }
            What::Update => ("update", self.update(at, false)),
            What::Increment => ("increment", self.update(at, true)),
            What::DeleteOne => {
                let filter = Some(self.key_filter(at));
                ("delete one", Operation::Delete(Delete { filter, ..Delete::all(table) }))
            }
            What::Delete => {
                let filter = (!self.random.one_in(20)).then(|| filters::random(self, at, 2));
                ("delete", Operation::Delete(Delete { filter, ..Delete::all(table) }))
            }
        };
        Call { kind, operation }
    }

    fn select(&mut self, at: usize) -> Operation {
        let table = Arc::clone(&self.tables[at]);
        let filter = (!self.random.one_in(6)).then(|| filters::random(self, at, 4));
        let order = if self.random.coin() { self.order(&table) } else { Vec::new() };
        let limit = self.random.one_in(3).then(|| self.random.below(9));
        let offset = if self.random.one_in(4) { self.random.below(5) } else { 0 };
        Operation::Select(Select { filter, order, limit, offset, ..Select::all(table) })
    }

    fn order(&mut self, table: &Table) -> Vec<Order> {
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

    fn update(&mut self, at: usize, increment: bool) -> Operation {
        let table = Arc::clone(&self.tables[at]);
        let filter = (!self.random.one_in(12)).then(|| filters::random(self, at, 2));
        Operation::Update(Update { filter, ..Update::all(table, self.changes(at, increment)) })
    }

    fn changes(&mut self, at: usize, increment: bool) -> Vec<Change> {
        let table = Arc::clone(&self.tables[at]);
        let mut columns: Vec<usize> = (0..table.columns.len()).filter(|column| !table.key.contains(column)).collect();
        if increment && columns.iter().any(|column| table.columns[*column].kind.is_number()) {
            columns.retain(|column| table.columns[*column].kind.is_number());
        }
        if self.random.one_in(60) {
            columns.push(0);
        }
        self.random.shuffle(&mut columns);
        let count = if increment { 1 } else { self.random.size(3) + 1 };
        columns.truncate(count);
        let fresh = self.row(at);
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
    pub fn key_filter(&mut self, at: usize) -> Filter {
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
        if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) }
    }

    /// A new row that mostly can be inserted.
    fn row(&mut self, at: usize) -> Vec<Option<Value>> {
        let table = Arc::clone(&self.tables[at]);
        let mut row: Vec<Option<Value>> = Vec::with_capacity(table.columns.len());
        for (position, column) in table.columns.iter().enumerate() {
            row.push(if table.auto_key() == Some(position) {
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
        self.refer(&table, &mut row);
        if self.random.one_in(25) {
            self.spoil(&table, &mut row);
        }
        row
    }

    /// Lets a row's references point to rows that are there, nearly always.
    fn refer(&mut self, table: &Table, row: &mut [Option<Value>]) {
        for foreign_key in &table.foreign_keys {
            let Some(at) = self.tables.iter().position(|table| table.name == foreign_key.parent) else { continue };
            let own = self.tables[at].name == table.name;
            let nullable = foreign_key.columns.iter().all(|column| table.columns[*column].nullable);
            let parent = Arc::clone(&self.tables[at]);
            if nullable && (self.rows[at].is_empty() || self.random.one_in(if own { 3 } else { 6 })) {
                for &column in &foreign_key.columns {
                    row[column] = Some(table.columns[column].kind.null());
                }
            } else if !self.rows[at].is_empty() && !self.random.one_in(15) {
                let of = self.random.pick(&self.rows[at]).clone();
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

    /// A value of this column that is there, or another.
    pub fn known_value(&mut self, at: usize, column: usize) -> Value {
        if !self.rows[at].is_empty() && !self.random.one_in(3) {
            let value = self.random.pick(&self.rows[at])[column].clone();
            if !value::is_null(&value) {
                return value;
            }
        }
        values::asked(&self.tables[at].columns[column].kind, self.random)
    }
}
