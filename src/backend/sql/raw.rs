//! Statements in the server's own words, over the same fenced checkout.

use super::{checkout::Checkout, statement::Statement};
use crate::{
    Result,
    backend::raw::{RawOutcome, RawStatement, RawWant, reads},
};

/// Runs a raw statement.
pub(super) async fn raw(checkout: &mut Checkout, raw: RawStatement) -> Result<RawOutcome> {
    let mut statement = Statement::new(checkout.flavor(), &raw.sql);
    statement.values = raw.values;
    match raw.want {
        RawWant::Rows => checkout.query(statement).await.map(RawOutcome::Rows),
        RawWant::Count => checkout.count(statement).await.map(RawOutcome::Count),
        RawWant::Script => checkout.batch(&raw.sql).await.map(|()| RawOutcome::Ran),
    }
}

/// Whether it needs a connection that may write.
pub(super) fn writes(raw: &RawStatement) -> bool {
    raw.want == RawWant::Script || !reads(&raw.sql)
}
