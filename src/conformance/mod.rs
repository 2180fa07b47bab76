//! The suite that proves a backend: one list of cases, each a sentence of the contract.
//!
//! The contract is worth what its proof is worth, so the proof is shipped: whoever writes a backend, wraps one in a layer or
//! runs an unusual server can run the same cases. A [`Harness`] says how an empty database is got, [`conformance!`](crate::conformance!) makes a
//! test of every case on two stacks: `plain` (backend and guard) and `layered` (all standard layers), because a layer that
//! breaks a law breaks it for everybody.
//!
//! ```
//! use futures::{FutureExt, future::BoxFuture};
//! use seabed::{Config, Database, Result, conformance::{Harness, Opened, Stack}};
//!
//! #[derive(Default)]
//! struct InMemory;
//!
//! impl Harness for InMemory {
//!     fn open<'a>(&'a self, _case: &'a str, stack: Stack) -> BoxFuture<'a, Result<Opened>> {
//!         async move { Ok(Opened::ready(stack.connect(Config::from_url("memory:")?).await?)) }.boxed()
//!     }
//! }
//!
//! seabed::conformance!(InMemory, memory);
//! # fn main() {}
//! ```
//!
//! Cases know nothing of a backend. What only some can do is asked of
//! [`Info::capabilities`](crate::backend::Info::capabilities) and proven both ways: where it is there it works, where it is
//! not it is refused by name.

mod cases;
mod check;
#[doc(hidden)]
pub mod entities;
mod harness;
mod list;
mod run;

pub use harness::{Cleanup, Harness, Opened, Stack};
pub use list::CASES;
pub use run::{Case, prove};
