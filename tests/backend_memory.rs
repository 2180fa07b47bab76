//! The memory backend keeps the contract.
#![cfg(feature = "conformance")]

use futures::{FutureExt, future::BoxFuture};
use seabed::{
    Config, Result,
    conformance::{Harness, Opened, Stack},
};

struct InMemory;

impl Harness for InMemory {
    fn open<'a>(&'a self, _case: &'a str, stack: Stack) -> BoxFuture<'a, Result<Opened>> {
        async move { Ok(Opened::ready(stack.connect(Config::from_url("memory:")?).await?)) }.boxed()
    }
}

seabed::conformance!(InMemory, memory);
