//! What depends on the rows that are there is asked of them, before the step runs.

use crate::{
    Error, ErrorKind, Result, Status,
    backend::Deploy,
    schema::{Planned, Risk, Warning},
};

/// A warning whose rows were counted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counted {
    /// The warning; `Safe` where it depended on rows and there are none.
    pub warning: Warning,
    /// How many rows there are.
    pub rows: u64,
}

impl Counted {
    /// Whether rows stand in the way of the step: then the server would refuse it half-way.
    #[must_use]
    pub fn stands_in_the_way(&self) -> bool {
        self.warning.risk == Risk::DataDependent && self.rows > 0
    }

    /// The refusal, with the number and the question that counts them; none where nothing stands in the way.
    #[must_use]
    pub fn refusal(&self) -> Option<Error> {
        if !self.stands_in_the_way() {
            return None;
        }
        let rows = if self.rows == 1 { "1 row stands".to_owned() } else { format!("{} rows stand", self.rows) };
        let why = format!("{rows} in the way ({}): {}", self.warning.code, self.warning.why);
        let error = Error::new(ErrorKind::Migration, why);
        Some(match &self.warning.count {
            Some(count) => error.with_detail(format!("counted by {count}")),
            None => error,
        })
    }
}

/// Counts the rows that the warnings of a step ask for, and takes a `DataDependent` one with none for safe. Asked just before the
/// step runs: an earlier one may give the table its name, or mend its rows.
///
/// # Errors
/// What the question meets: where the table or a column is only made by an earlier step, it cannot be asked yet.
pub async fn counted(deploy: &mut dyn Deploy, planned: &mut Planned) -> Result<Vec<Counted>> {
    let mut outcome = Vec::new();
    for warning in &mut planned.warnings {
        if let Some(rows) = rows(deploy, warning).await? {
            outcome.push(Counted { warning: warning.clone(), rows });
        }
    }
    Ok(outcome)
}

/// The same for a plan of which nothing ran: what the server cannot answer yet, because an earlier step makes the table or the column,
/// stays as it is.
pub(super) async fn counted_so_far(deploy: &mut dyn Deploy, planned: &mut Planned) -> Result<Vec<Counted>> {
    let mut outcome = Vec::new();
    for warning in &mut planned.warnings {
        match rows(deploy, warning).await {
            Ok(Some(rows)) => outcome.push(Counted { warning: warning.clone(), rows }),
            Err(error) if error.status() != Status::Permanent => return Err(error),
            Ok(None) | Err(_) => {}
        }
    }
    Ok(outcome)
}

/// Asks how many rows there are, and lets the warning know.
async fn rows(deploy: &mut dyn Deploy, warning: &mut Warning) -> Result<Option<u64>> {
    let Some(count) = &warning.count else { return Ok(None) };
    let cell = deploy.ask(count).await?.into_iter().flatten().next().flatten();
    let rows = cell.as_deref().and_then(|cell| cell.parse().ok()).ok_or_else(|| {
        Error::new(ErrorKind::Migration, format!("the question of `{}` gave no number", warning.code))
    })?;
    match warning.risk {
        Risk::DataDependent if rows == 0 => warning.risk = Risk::Safe,
        Risk::Destructive => warning.why = format!("{} ({rows} now)", warning.why),
        _ => {}
    }
    Ok(Some(rows))
}
