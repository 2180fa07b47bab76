//! A program: tables and what is done to them, the same on every backend.

use seabed::{
    backend::{Operation, Row, TransactionOptions},
    schema::Table,
};
use std::sync::Arc;

/// Tables, and the steps on them in order.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub tables: Vec<Arc<Table>>,
    pub steps: Vec<Step>,
}

/// What is done at one time.
#[derive(Clone, Debug)]
pub enum Step {
    /// By itself: committed when it returns.
    Alone(Call),
    /// Several calls, and how they end.
    Together { options: TransactionOptions, calls: Vec<Call>, commit: bool },
}

/// One operation, by the name of its kind in the report.
#[derive(Clone, Debug)]
pub struct Call {
    pub kind: &'static str,
    pub operation: Operation,
}

/// What came of a call, or of a transaction's begin or end.
#[derive(Clone, Debug)]
pub enum Answer {
    Rows(Vec<Row>),
    Affected(u64),
    /// A call without an answer succeeded.
    Done,
    Failed(Failure),
}

/// What is compared of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: seabed::ErrorKind,
    pub entity: Option<String>,
    pub fields: Vec<String>,
    /// Whether the transaction can no longer commit.
    pub doomed: bool,
    /// For the reader alone.
    pub text: String,
}

impl Program {
    /// The same operations on other tables, found by their order.
    pub fn on(&self, tables: Vec<Arc<Table>>) -> Self {
        let mut other = self.clone();
        for call in other.steps.iter_mut().flat_map(Step::calls_mut) {
            let table = table_mut(&mut call.operation);
            if let Some(position) = self.tables.iter().position(|old| old.name == table.name) {
                *table = Arc::clone(&tables[position]);
            }
        }
        other.tables = tables;
        other
    }
}

impl Step {
    pub fn calls(&self) -> &[Call] {
        match self {
            Self::Alone(call) => std::slice::from_ref(call),
            Self::Together { calls, .. } => calls,
        }
    }

    pub fn calls_mut(&mut self) -> &mut [Call] {
        match self {
            Self::Alone(call) => std::slice::from_mut(call),
            Self::Together { calls, .. } => calls,
        }
    }
}

/// The table that an operation names.
///
/// # Panics
/// For an operation that this program does not know.
pub fn table_mut(operation: &mut Operation) -> &mut Arc<Table> {
    match operation {
        Operation::Select(o) => &mut o.table,
        Operation::Aggregate(o) => &mut o.table,
        Operation::Insert(o) => &mut o.table,
        Operation::Update(o) => &mut o.table,
        Operation::Delete(o) => &mut o.table,
        other => panic!("{} is new here", other.name()),
    }
}

impl Answer {
    pub fn failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}
