//! One page of a result, with the total.

use crate::{Error, ErrorKind, Result};

/// Which page: numbers start at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageRequest {
    /// The page's number, from 1.
    pub number: u64,
    /// Rows a page, at least 1.
    pub size: u64,
}

impl PageRequest {
    /// The page with this number, of `size` rows.
    #[must_use]
    pub fn new(number: u64, size: u64) -> Self {
        Self { number, size }
    }

    /// The first page, of `size` rows.
    #[must_use]
    pub fn first(size: u64) -> Self {
        Self::new(1, size)
    }

    /// Limit and offset.
    pub(crate) fn window(self) -> Result<(u64, u64)> {
        let refuse = |why: &str| Err(Error::new(ErrorKind::InvalidQuery, why));
        match (self.number, self.size) {
            (_, 0) => refuse("a page of size 0 holds nothing"),
            (0, _) => refuse("pages are numbered from 1"),
            (number, size) => (number - 1)
                .checked_mul(size)
                .map(|offset| (size, offset))
                .ok_or_else(|| Error::new(ErrorKind::InvalidQuery, "the page's number is too large")),
        }
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows, in order; fewer than `size` on the last page, none after it.
    pub items: Vec<T>,
    /// The page's number, from 1.
    pub number: u64,
    /// Rows a page.
    pub size: u64,
    /// How many rows match in all, counted just before the rows were read.
    pub total: u64,
}

impl<T> Page<T> {
    /// How many pages there are; 0 where nothing matches.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(self.size)
    }

    /// Whether a page follows.
    #[must_use]
    pub fn has_next(&self) -> bool {
        self.number < self.pages()
    }
}
