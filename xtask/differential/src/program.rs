//! A program: tables and what is done to them, the same on every backend.

use seabed::{
    Context,
    backend::{Begin, Filter, Operation, Row},
    schema::{Rules, Table},
    sea_orm::Value,
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
#[expect(clippy::large_enum_variant, reason = "a program has a hundred of them, and most are alone")]
pub enum Step {
    /// By itself: committed when it returns.
    Alone(Call),
    /// Several calls, and how they end.
    Together { options: Begin, calls: Vec<Call>, commit: bool },
}

/// One operation, by the name of its kind in the report.
#[derive(Clone, Debug)]
pub struct Call {
    pub kind: &'static str,
    pub operation: Operation,
    /// Whose rows it is about.
    pub tenant: Option<Value>,
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
        let replace = |table: &mut Arc<Table>| {
            if let Some(position) = self.tables.iter().position(|old| old.name == table.name) {
                // A table without rules is read as it is.
                let rules = table.rules == Rules::default();
                *table = Arc::clone(&tables[position]);
                if rules && table.rules != Rules::default() {
                    *table = bare(table);
                }
            }
        };
        for call in other.steps.iter_mut().flat_map(Step::calls_mut) {
            replace(table_mut(&mut call.operation));
            if let Some(filter) = filter_mut(&mut call.operation) {
                related_tables(filter, &replace);
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

/// The condition of an operation.
pub fn filter_mut(operation: &mut Operation) -> Option<&mut Filter> {
    match operation {
        Operation::Select(o) => o.filter.as_mut(),
        Operation::Aggregate(o) => o.filter.as_mut(),
        Operation::Update(o) => o.filter.as_mut(),
        Operation::Delete(o) => o.filter.as_mut(),
        _ => None,
    }
}

/// Every table that a condition reaches.
fn related_tables(filter: &mut Filter, each: &impl Fn(&mut Arc<Table>)) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter_mut().for_each(|part| related_tables(part, each)),
        Filter::Not(inner) => related_tables(inner, each),
        Filter::Related(related) => {
            each(&mut related.table);
            if let Some(inner) = &mut related.filter {
                related_tables(inner, each);
            }
        }
        _ => {}
    }
}

/// The table without its rules: every row is in sight.
pub fn bare(table: &Table) -> Arc<Table> {
    Arc::new(Table { rules: Rules::default(), ..table.clone() })
}

impl Call {
    pub fn new(kind: &'static str, operation: Operation) -> Self {
        Self { kind, operation, tenant: None }
    }

    /// In which it is asked.
    pub fn context(&self) -> Context {
        match &self.tenant {
            Some(Value::BigInt(Some(id))) => Context::default().for_tenant(*id),
            Some(Value::Uuid(Some(id))) => Context::default().for_tenant(*id),
            Some(Value::String(Some(id))) => Context::default().for_tenant(id.as_str()),
            _ => Context::default(),
        }
    }
}

impl Answer {
    pub fn failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}
