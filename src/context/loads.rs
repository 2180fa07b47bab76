//! Counts reads that ask for one row, or for the rows of one parent, by the place in the program that asks: a loop of them is one
//! read too many per row.

use std::{
    collections::BTreeMap,
    fmt,
    panic::Location,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Reads of single rows from one place, from which on it is a loop.
const LOOP: u64 = 10;

/// What was counted in one [`Context`](super::Context); see [`watch_loads`](super::Context::watch_loads).
#[derive(Clone, Default)]
pub struct Loads(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    by_place: BTreeMap<(Place, String), u64>,
    /// Loops that the log was not told of yet.
    untold: Vec<Repeated>,
}

/// A line of the program: file, line, column.
type Place = (&'static str, u32, u32);

/// Reads of single rows that one place in the program made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repeated {
    /// The file, the line and the column of the call.
    pub place: String,
    /// The entity that was read.
    pub entity: String,
    /// How often.
    pub count: u64,
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` is read {} times, one at a time", self.place, self.entity, self.count)
    }
}

impl Loads {
    /// The places that read single rows at least so many times, in the order of the program's files.
    #[must_use]
    pub fn repeated(&self, at_least: u64) -> Vec<Repeated> {
        let counts = self.counts();
        let often = counts.by_place.iter().filter(|(_, count)| **count >= at_least);
        often.map(|((place, entity), count)| repeated(*place, entity, *count)).collect()
    }

    /// Counts one read of a single row.
    pub(crate) fn note(&self, place: &'static Location<'static>, entity: &str) {
        let mut counts = self.counts();
        let place = (place.file(), place.line(), place.column());
        let count = counts.by_place.entry((place, entity.to_owned())).or_default();
        *count += 1;
        if *count == LOOP {
            counts.untold.push(repeated(place, entity, LOOP));
        }
    }

    /// The loops that were not told yet; each is given once.
    pub(crate) fn untold(&self) -> Vec<Repeated> {
        std::mem::take(&mut self.counts().untold)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Numbers stay numbers, whoever panicked beside them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn repeated((file, line, column): Place, entity: &str, count: u64) -> Repeated {
    Repeated { place: format!("{file}:{line}:{column}"), entity: entity.to_owned(), count }
}

impl fmt::Debug for Loads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.repeated(1)).finish()
    }
}
