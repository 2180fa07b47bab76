//! Runs one case: a runtime, a database, a bound of time, and the cleaning up whatever happened.

use super::{CASES, Harness, Opened, Stack, check::Proof};
use crate::Database;
use futures::future::BoxFuture;
use std::time::Duration;

/// The environment variable that names the backends that must not be skipped, with commas between them.
const REQUIRE: &str = "SEABED_TEST_REQUIRE";

/// One sentence of the contract, and its proof.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Case {
    /// The law of the contract, such as `Q2`.
    pub law: &'static str,
    /// The name: the law in lower case and the sentence, such as `q2_null_sorts_lowest`.
    pub name: &'static str,
    pub(super) proof: fn(Database) -> BoxFuture<'static, Proof>,
}

/// Runs the case of this name, as the tests made by [`conformance!`](crate::conformance!) do: on a runtime of its own, within
/// the harness' patience.
///
/// # Panics
/// Where the case fails, where the harness fails, and where the backend is absent though `SEABED_TEST_REQUIRE` names it.
pub fn prove(harness: &dyn Harness, backend: &str, stack: Stack, name: &str) {
    let Some(case) = CASES.iter().find(|case| case.name == name) else { panic!("no case is named {name}") };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => panic!("no runtime for {name}: {error}"),
    };
    let ended = runtime.block_on(attempt(harness, backend, stack, case));
    // A case that hangs in blocking code must not hang the whole run.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match ended {
        Ended::Proven => {}
        Ended::Skipped(reason) => {
            println!("SKIPPED conformance::{backend}::{}::{name}: {reason}", stack.name());
            assert!(!required(backend), "{backend} is required by {REQUIRE}, but: {reason}");
        }
        Ended::Failed(why) => panic!("{name} on {backend} ({}): {why}", stack.name()),
        Ended::Panicked(panic) => std::panic::resume_unwind(panic),
    }
}

enum Ended {
    Proven,
    Skipped(String),
    Failed(String),
    Panicked(Box<dyn std::any::Any + Send>),
}

async fn attempt(harness: &dyn Harness, backend: &str, stack: Stack, case: &Case) -> Ended {
    let unique = format!("{backend}_{}_{}", stack.name(), case.name);
    let (database, cleanup) = match harness.open(&unique, stack).await {
        Ok(Opened::Ready(database, cleanup)) => (database, cleanup),
        Ok(Opened::Absent(reason)) => return Ended::Skipped(reason),
        Err(error) => return Ended::Failed(format!("no database: {error}; detail: {:?}", error.detail())),
    };
    // In a task of its own, so that a panic still cleans up.
    let mut task = tokio::spawn((case.proof)(database.clone()));
    let ended = match tokio::time::timeout(harness.patience(), &mut task).await {
        Ok(Ok(Ok(()))) => Ended::Proven,
        Ok(Ok(Err(failure))) => Ended::Failed(failure.to_string()),
        Ok(Err(error)) => match error.try_into_panic() {
            Ok(panic) => Ended::Panicked(panic),
            Err(error) => Ended::Failed(error.to_string()),
        },
        Err(_) => {
            task.abort();
            Ended::Failed(format!("no end within {} s", harness.patience().as_secs()))
        }
    };
    let closed = database.close().await;
    drop(database);
    let cleaned = cleanup().await;
    match (ended, closed.and(cleaned)) {
        (Ended::Proven, Err(error)) => Ended::Failed(format!("proven, but not cleaned up: {error}")),
        (ended, _) => ended,
    }
}

fn required(backend: &str) -> bool {
    std::env::var(REQUIRE).is_ok_and(|list| list.split(',').any(|name| name.trim() == backend))
}

/// Makes a test of every case on both stacks: `seabed::conformance!(MyHarness::new(), mine)`.
///
/// The tests are named `conformance::mine::plain::q2_null_sorts_lowest`. The first argument is an expression that gives a
/// [`Harness`](crate::conformance::Harness), made anew for each test; the second is the backend's name, as
/// `SEABED_TEST_REQUIRE` knows it. Invoke it once in a module.
#[macro_export]
macro_rules! conformance {
    ($harness:expr, $backend:ident) => {
        fn conformance_harness() -> impl $crate::conformance::Harness {
            $harness
        }

        mod conformance {
            mod $backend {
                mod plain {
                    use super::super::super::conformance_harness;
                    $crate::__conformance_cases! { $crate::__conformance_tests, $backend Plain }
                }
                mod layered {
                    use super::super::super::conformance_harness;
                    $crate::__conformance_cases! { $crate::__conformance_tests, $backend Layered }
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ($backend:ident $stack:ident; $( $law:ident $module:ident::$name:ident, )*) => { $(
        #[test]
        fn $name() {
            let harness = conformance_harness();
            let stack = $crate::conformance::Stack::$stack;
            $crate::conformance::prove(&harness, stringify!($backend), stack, stringify!($name));
        }
    )* };
}
