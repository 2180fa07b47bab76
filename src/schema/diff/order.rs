//! The order of steps: each finds what it needs, and no rule is given up before the one that takes its place is there.

use crate::schema::Action;

/// When a step runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// References that go, while what they lead to is still there.
    DropReference,
    Rename,
    DropCheck,
    /// Indexes that stand in the way of a column's new type, or have the name of one that comes.
    FreeIndex,
    CreateTable,
    AddColumn,
    AlterColumn,
    SetKey,
    AddIndex,
    /// After those that take their place: so that what is unique stays unique, and MySQL's references keep an index.
    DropIndex,
    DropColumn,
    AddCheck,
    AddReference,
    DropTable,
    Comment,
}

/// Steps with their phase; within one they keep the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Ordered(Vec<(Phase, Action)>);

impl Ordered {
    pub(super) fn push(&mut self, phase: Phase, action: Action) {
        self.0.push((phase, action));
    }

    pub(super) fn finish(mut self) -> Vec<Action> {
        self.0.sort_by_key(|(phase, _)| *phase);
        self.0.into_iter().map(|(_, action)| action).collect()
    }

    /// Whether a table is another before those that are new are referred to it.
    pub(super) fn touches(&self, table: &str) -> bool {
        let columns = Phase::AddColumn..=Phase::DropColumn;
        self.0.iter().any(|(phase, action)| columns.contains(phase) && action.table() == Some(table))
    }
}
