//! Composes a program while the memory backend runs it: what is asked next depends on the rows that are there.

use crate::{
    filters,
    legal::Watch,
    play::{self, Answers, Door},
    program::{Answer, Call, Program, Step, bare},
    random::Random,
    servers::Opened,
    values,
};
use anyhow::Result;
use seabed::{
    Context,
    backend::{
        Aggregate, Begin, Figure, Filter, Operation, Row, Select,
        keyset::{Keyset, Side},
    },
    schema::Table,
    sea_orm::Value,
};
use std::sync::Arc;

/// What is asked, and how often. A kind that stands here is asked of every backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Select,
    Project,
    Count,
    Exists,
    Figures,
    Groups,
    Insert,
    InsertMany,
    Upsert,
    UpdateOne,
    Update,
    Increment,
    Restore,
    DeleteOne,
    Delete,
}

const WHAT: [(u64, What); 15] = [
    (18, What::Select),
    (6, What::Project),
    (6, What::Count),
    (3, What::Exists),
    (5, What::Figures),
    (6, What::Groups),
    (20, What::Insert),
    (8, What::InsertMany),
    (11, What::Upsert),
    (10, What::UpdateOne),
    (7, What::Update),
    (5, What::Increment),
    (3, What::Restore),
    (6, What::DeleteOne),
    (4, What::Delete),
];

/// Rows that a table may have before more are deleted than inserted.
const FULL: usize = 40;
/// The most pages of one walk.
const PAGES: usize = 12;

/// What is known while a program is made.
pub struct Composer<'r> {
    pub random: &'r mut Random,
    pub tables: Vec<Arc<Table>>,
    /// What the tables hold, whosever it is and whether deleted or not.
    pub rows: Vec<Vec<Row>>,
    pub watch: Watch,
    /// Two tenants.
    pub tenants: Vec<Value>,
    /// Whether every backend has locked reads.
    pub locks: bool,
    /// Whether the call that is made is inside a transaction.
    pub inside: bool,
    memory: &'r Opened,
    steps: Vec<Step>,
    answers: Vec<Answers>,
    /// What memory contradicts itself in.
    wrong: Option<String>,
}

/// A program, what memory answers, and what it contradicts itself in.
pub struct Composed {
    pub program: Program,
    pub answers: Vec<Answers>,
    pub wrong: Option<String>,
}

/// A program of about so many operations on these tables, and the answers of memory.
///
/// # Errors
/// The tables cannot be made in memory.
pub async fn program(
    memory: &Opened,
    tables: Vec<Arc<Table>>,
    operations: usize,
    locks: bool,
    random: &mut Random,
) -> Result<Composed> {
    play::create(memory, &tables).await?;
    let rows = vec![Vec::new(); tables.len()];
    let owner = tables.iter().find_map(|table| Some(table.columns[table.rules.tenant?].kind.clone()));
    let mut composer = Composer {
        watch: Watch::new(&tables),
        tenants: owner.as_ref().map(values::tenants).unwrap_or_default(),
        random,
        rows,
        tables,
        locks,
        inside: false,
        memory,
        steps: Vec::new(),
        answers: Vec::new(),
        wrong: None,
    };
    let mut asked = 0;
    while asked < operations {
        let before = composer.steps.len();
        match composer.random.below(24) {
            0 | 1 => composer.together().await?,
            2 => composer.partition().await?,
            3 => composer.walk().await,
            _ => composer.alone().await,
        }
        asked += composer.steps[before..].iter().map(|step| step.calls().len()).sum::<usize>();
    }
    for table in composer.tables.clone() {
        let call = Call::new("table", Operation::Select(Select::all(bare(&table))));
        let answer = composer.door().call(&call).await;
        composer.push(Step::Alone(call), vec![answer]);
    }
    let Composer { tables, steps, answers, wrong, .. } = composer;
    Ok(Composed { program: Program { tables, steps }, answers, wrong })
}

impl Composer<'_> {
    fn door(&self) -> Door {
        Door::Alone(Arc::clone(self.memory.database.backend()))
    }

    fn push(&mut self, step: Step, answers: Answers) {
        self.steps.push(step);
        self.answers.push(answers);
        self.memory.clock.set(self.steps.len());
    }

    async fn alone(&mut self) {
        let mut door = self.door();
        let call = self.next(&mut door).await;
        let answer = self.ask(&mut door, &call).await;
        self.push(Step::Alone(call), vec![answer]);
    }

    async fn together(&mut self) -> Result<()> {
        let read_only = self.random.one_in(8);
        let options = if read_only { Begin::default().read_only() } else { Begin::default() };
        let session = self.memory.database.backend().begin(&Context::default(), options).await?;
        let mut door = Door::Inside(session);
        let (mut calls, mut answers) = (Vec::new(), vec![Answer::Done]);
        self.watch.begin();
        self.inside = true;
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
        self.inside = false;
        let commit = !self.random.one_in(4);
        let ended = door.end(commit).await;
        self.watch.end(commit && !ended.failed());
        answers.push(ended);
        let mut door = self.door();
        self.look(&mut door).await;
        self.push(Step::Together { options, calls, commit }, answers);
        Ok(())
    }

    /// Three counts that must fit: true, false, known.
    async fn partition(&mut self) -> Result<()> {
        let at = self.random.size(self.tables.len());
        let table = Arc::clone(&self.tables[at]);
        let filter = filters::valid(self, at, 3);
        let known = filters::known(&table, &filter);
        let tenant = self.tenants.first().cloned();
        let count = |filter: Filter| Call {
            tenant: tenant.clone(),
            ..Call::new(
                "partition",
                Operation::Aggregate(Aggregate {
                    filter: Some(filter),
                    ..Aggregate::of(Arc::clone(&table), vec![Figure::Count])
                }),
            )
        };
        let calls =
            vec![count(filter.clone().and(known.clone())), count(filter.negated().and(known.clone())), count(known)];
        let options = Begin::default().read_only();
        let mut door = Door::Inside(self.memory.database.backend().begin(&Context::default(), options).await?);
        let mut answers = vec![Answer::Done];
        for call in &calls {
            answers.push(door.call(call).await);
        }
        answers.push(door.end(true).await);
        self.push(Step::Together { options, calls, commit: true }, answers);
        Ok(())
    }

    /// Pages by place, forward or backward, as cursors and streams ask for them; they must be the whole sorted read in pieces.
    /// As streams do they grow, and now and then something is written in between.
    async fn walk(&mut self) {
        let at = self.random.size(self.tables.len());
        let table = Arc::clone(&self.tables[at]);
        let filter = self.random.coin().then(|| filters::valid(self, at, 2));
        let mut order = self.order(&table);
        order.retain(|one| table.column(&one.column).is_ok_and(|column| column.kind.is_comparable()));
        let Ok(keyset) = Keyset::new(Arc::clone(&table), &order) else { return };
        let backward = self.random.coin();
        let stream = self.random.coin();
        let writes = stream && self.random.coin();
        let (tenant, deleted) = (self.tenant(), self.deleted(&table));
        let order = if backward { keyset.reversed().order().to_vec() } else { keyset.order().to_vec() };
        let select = Select { filter: filter.clone(), order, deleted, ..Select::all(table) };
        let mut asked = self.random.below(5) + 1;
        let (mut page, mut seen, mut ended) = (select.clone(), Vec::new(), false);
        for _ in 0..PAGES {
            page.limit = Some(asked);
            let kind = if stream { "batch" } else { "page" };
            let call = Call { tenant: tenant.clone(), ..Call::new(kind, Operation::Select(page.clone())) };
            let answer = self.door().call(&call).await;
            let rows = if let Answer::Rows(rows) = &answer { rows.clone() } else { Vec::new() };
            self.push(Step::Alone(call), vec![answer]);
            seen.extend(rows.clone());
            ended = (rows.len() as u64) < asked;
            let Some(last) = rows.last().filter(|_| !ended) else { break };
            let next = if backward {
                keyset.before(&keyset.beside(last, Side::Before))
            } else {
                keyset.after(&keyset.beside(last, Side::After))
            };
            let Ok(next) = next else { break };
            page.filter = Some(filter.clone().map_or(next.clone(), |filter| filter.and(next)));
            if stream {
                asked *= 2;
            }
            if writes {
                self.alone().await;
            }
        }
        let call = Call { tenant, ..Call::new("whole", Operation::Select(select)) };
        let answer = self.door().call(&call).await;
        if let (Answer::Rows(whole), true, false) = (&answer, ended, writes)
            && *whole != seen
        {
            self.wrong.get_or_insert(format!("step {}: pages that are not the whole", self.steps.len()));
        }
        self.push(Step::Alone(call), vec![answer]);
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
        let tenant = self.tenant();
        let (kind, operation) = match what {
            What::Select | What::Project | What::Count | What::Exists | What::Figures | What::Groups => {
                self.read(what, at)
            }
            _ => self.write(what, at, tenant.as_ref()),
        };
        Call { kind, operation, tenant }
    }

    /// Whose rows a call is about; now and then it says nothing.
    fn tenant(&mut self) -> Option<Value> {
        if self.tenants.is_empty() || self.random.one_in(25) {
            return None;
        }
        let other = self.random.one_in(3);
        self.tenants.get(usize::from(other)).cloned()
    }

    /// A value of this column that is there, or another.
    pub fn known_value(&mut self, at: usize, column: usize) -> Value {
        if !self.rows[at].is_empty() && !self.random.one_in(3) {
            let value = self.random.pick(&self.rows[at])[column].clone();
            if !seabed::backend::value::is_null(&value) {
                return value;
            }
        }
        values::asked(&self.tables[at].columns[column].kind, self.random)
    }
}
