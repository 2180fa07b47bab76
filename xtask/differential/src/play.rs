//! Runs a program on one backend and keeps every answer.

use crate::{
    program::{Answer, Call, Failure, Program, Step, bare},
    servers::Opened,
};
use anyhow::{Context as _, Result};
use seabed::{
    Context, Error,
    backend::{Backend, Operation, Outcome, Row, Select, Session},
    schema::Table,
};
use std::sync::Arc;

/// The answers of one step: of its call, or of begin, of each call and of the end.
pub type Answers = Vec<Answer>;

/// Where calls go.
#[derive(Debug)]
pub enum Door {
    Alone(Arc<dyn Backend>),
    Inside(Box<dyn Session>),
}

impl Door {
    /// What comes of a call.
    pub async fn call(&mut self, call: &Call) -> Answer {
        let answered = self.run(&call.context(), call.operation.clone()).await;
        let doomed = matches!(self, Self::Inside(session) if session.doomed());
        match answered {
            Ok(Outcome::Rows(rows)) => Answer::Rows(rows.into_vec()),
            Ok(Outcome::Affected(rows)) => Answer::Affected(rows),
            Ok(_) => Answer::Done,
            Err(error) => failed(&error, doomed),
        }
    }

    /// Every row of a table, as they stand here, whosever they are and whether deleted or not.
    pub async fn rows(&mut self, table: &Table) -> Vec<Row> {
        self.select(&Context::default(), Select::all(bare(table))).await
    }

    /// The rows that match; none where the question is refused.
    pub async fn select(&mut self, context: &Context, select: Select) -> Vec<Row> {
        match self.run(context, Operation::Select(select)).await {
            Ok(Outcome::Rows(rows)) => rows.into_vec(),
            _ => Vec::new(),
        }
    }

    async fn run(&mut self, context: &Context, operation: Operation) -> seabed::Result<Outcome> {
        match self {
            Self::Alone(backend) => backend.run(context, operation).await,
            Self::Inside(session) => session.run(context, operation).await,
        }
    }

    /// The end of a transaction.
    pub async fn end(self, commit: bool) -> Answer {
        let Self::Inside(session) = self else { return Answer::Done };
        let context = Context::default();
        let ended = if commit { session.commit(&context).await } else { session.rollback(&context).await };
        ended.map_or_else(|error| failed(&error, true), |()| Answer::Done)
    }
}

/// What is compared of an error.
pub fn failed(error: &Error, doomed: bool) -> Answer {
    let mut text = error.to_string();
    if let Some(detail) = error.detail() {
        text = format!("{text} ({detail})");
    }
    let entity = error.entity_name().map(ToOwned::to_owned);
    Answer::Failed(Failure { kind: error.kind(), entity, fields: error.fields().to_vec(), doomed, text })
}

/// Makes the tables and runs the whole program.
///
/// # Errors
/// The tables cannot be made.
pub async fn play(opened: &Opened, program: &Program) -> Result<Vec<Answers>> {
    let backend = opened.database.backend();
    create(opened, &program.tables).await?;
    let mut answers = Vec::with_capacity(program.steps.len());
    for (number, step) in program.steps.iter().enumerate() {
        opened.clock.set(number);
        answers.push(match step {
            Step::Alone(call) => vec![Door::Alone(Arc::clone(backend)).call(call).await],
            Step::Together { options, calls, commit } => match backend.begin(&Context::default(), *options).await {
                Err(error) => vec![failed(&error, true)],
                Ok(session) => {
                    let mut door = Door::Inside(session);
                    let mut answers = vec![Answer::Done];
                    for call in calls {
                        answers.push(door.call(call).await);
                    }
                    answers.push(door.end(*commit).await);
                    answers
                }
            },
        });
    }
    Ok(answers)
}

/// Makes the tables.
///
/// # Errors
/// What the server says.
pub async fn create(opened: &Opened, tables: &[Arc<Table>]) -> Result<()> {
    let made = opened.database.backend().create_tables(&Context::default(), tables).await;
    made.map_err(|error| anyhow::anyhow!("{error} ({})", error.detail().unwrap_or_default()))
        .with_context(|| format!("{}: the tables cannot be made", opened.kind.name()))
}
