//! A plan: what will run, in order, with its risk and its way back, before anything runs (law S2).

use super::Step;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How dangerous a step is; the later, the more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Done in a moment; nobody notices.
    #[default]
    Safe,
    /// Others wait while the server reads the table, or until it gets its lock.
    Locks,
    /// The server writes the table anew, or reads all of it under a lock.
    Rewrites,
    /// It fails where the rows that are there do not fit.
    DataDependent,
    /// Values that are there are lost or cut.
    Destructive,
    /// There is no way back.
    Irreversible,
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safe => "safe",
            Self::Locks => "locks",
            Self::Rewrites => "rewrites",
            Self::DataDependent => "data-dependent",
            Self::Destructive => "destructive",
            Self::Irreversible => "irreversible",
        })
    }
}

/// What is to be known of a step before it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// A short name that an acknowledgement gives, such as `drops-column`.
    pub code: String,
    /// How dangerous.
    pub risk: Risk,
    /// Why, in a sentence.
    pub why: String,
    /// A safer way, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safer: Option<String>,
    /// A question whose first cell counts the rows that stand in the way, where it depends on them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
}

/// One statement in the words of one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// Whether it must stand outside a transaction.
    #[serde(default)]
    pub alone: bool,
    /// How to know, on a server that commits at every DDL statement, that it was done.
    #[serde(default)]
    pub done: Done,
}

/// How to know that a statement was done before a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// It may be run again: it changes nothing the second time.
    #[default]
    Again,
    /// The table is there.
    Table(String),
    /// The table is gone.
    NoTable(String),
    /// The column is there.
    Column(String, String),
    /// The column is gone.
    NoColumn(String, String),
    /// The index is there and finished.
    Index(String, String),
    /// The index is gone.
    NoIndex(String, String),
    /// The constraint is there.
    Constraint(String, String),
    /// The constraint is gone.
    NoConstraint(String, String),
    /// This question's first cell is true.
    Asked(String),
    /// Nobody can know: after a crash the deployer says it.
    Unknown,
}

/// A step, and what it means on this database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// The step.
    pub step: Step,
    /// What will run.
    pub statements: Vec<Statement>,
    /// The steps of the way back; none where there is none.
    pub reverse: Option<Vec<Step>>,
    /// What is to be known of it.
    pub warnings: Vec<Warning>,
}

impl Planned {
    /// The greatest risk of its warnings.
    #[must_use]
    pub fn risk(&self) -> Risk {
        self.warnings.iter().map(|warning| warning.risk).max().unwrap_or_default()
    }
}

/// Something that is there and that no entity owns, or that differs and is no entity's to change: told, never touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The table, where it is about one.
    pub table: Option<String>,
    /// What it is, such as `index hand_made`.
    pub what: String,
    /// How it differs.
    pub why: String,
}

/// Something that only a person knows: a column that went and one that came may be one that was renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The table; none where the question is about tables.
    pub table: Option<String>,
    /// What went.
    pub from: String,
    /// What came.
    pub to: String,
}

/// What will run, in order; empty where the database is as it is wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Planned>,
    /// What is left alone.
    pub drift: Vec<Drift>,
    /// What is not known; a plan with questions is not applied.
    pub questions: Vec<Question>,
}

impl Plan {
    /// Whether there is nothing to do and nothing to ask.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.questions.is_empty()
    }

    /// The greatest risk of its steps.
    #[must_use]
    pub fn risk(&self) -> Risk {
        self.steps.iter().map(Planned::risk).max().unwrap_or_default()
    }
}
