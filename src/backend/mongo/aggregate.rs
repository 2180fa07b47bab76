//! Stand-in until the pure half is merged.
use super::checkout::Checkout;
use crate::{
    Error, Result,
    backend::{Aggregate, Outcome},
};

pub(super) async fn aggregate(_: &mut Checkout, _: Aggregate) -> Result<Outcome> {
    Err(Error::unsupported("stand-in"))
}
