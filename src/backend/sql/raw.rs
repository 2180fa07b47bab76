//! Statements in the server's own words, over the same fenced checkout.

use super::{
    bound::{bound, letter},
    checkout::Checkout,
    statement::Statement,
};
use crate::{
    Error, ErrorKind, Result,
    backend::raw::{RawOutcome, RawStatement, RawWant},
    schema::Flavor,
};

/// A raw statement whose values our drivers can bind.
pub(super) struct Raw {
    statement: Statement,
    want: RawWant,
    writes: bool,
    spoils: bool,
    commits: bool,
}

impl Raw {
    /// What is refused before it is sent.
    pub fn of(flavor: Flavor, raw: RawStatement) -> Result<Self> {
        if raw.dialect() != Some(super::words(flavor)) {
            return Err(Error::new(ErrorKind::InvalidQuery, format!("the statement is not in the words of {flavor}")));
        }
        if raw.want() == RawWant::Documents {
            return Err(Error::unsupported(format!("{flavor} answers rows: `all`, `one` or `rows`")));
        }
        let (want, writes) = (raw.want(), !raw.reads());
        let (spoils, commits) = (raw.changes_session(), raw.commits());
        let (sql, values) = raw.into_parts();
        let mut statement = Statement::new(flavor, &sql);
        statement.values = values.into_iter().map(|value| bound(flavor, value)).collect::<Result<_>>()?;
        if flavor == Flavor::Postgres && !statement.values.is_empty() {
            // The driver keeps a prepared statement by its text alone, with the types of the values that came first: other types
            // are another text. On a line of its own, for the text may end in a comment.
            let types: String = statement.values.iter().map(letter).collect();
            statement.push("\n/* ").push(&types).push(" */");
        }
        Ok(Self { statement, want, writes, spoils, commits })
    }

    /// Whether it needs a connection that may write.
    pub fn writes(&self) -> bool {
        self.writes || self.spoils
    }

    /// MySQL would commit what came before it, and nobody would know.
    pub fn may_stand_inside(&self) -> Result<()> {
        if self.commits {
            let why = "a definition inside a transaction commits it on MySQL and MariaDB: run it before or after";
            return Err(Error::unsupported(why));
        }
        Ok(())
    }

    pub async fn run(self, checkout: &mut Checkout) -> Result<RawOutcome> {
        // Before it is sent: given up half-way it may have been done.
        checkout.spoiled |= self.spoils;
        match self.want {
            RawWant::Rows | RawWant::Documents => checkout.query(self.statement).await.map(RawOutcome::Rows),
            RawWant::Count => checkout.count(self.statement).await.map(RawOutcome::Count),
            RawWant::Script => checkout.script(&self.statement.sql).await.map(RawOutcome::Count),
        }
    }
}
