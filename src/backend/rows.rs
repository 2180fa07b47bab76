//! The rows of an answer.

use super::Row;
use sea_orm::Value;
use std::{
    convert::Infallible,
    iter::Take,
    vec::{self, IntoIter},
};

/// The cells that a block holds at most, unless one row has more.
const CELLS: usize = 1_024;

/// Rows in their order. Their cells stand side by side in blocks, because an allocation for each row is what reading many rows
/// costs most.
///
/// ```
/// use seabed::backend::Rows;
///
/// let rows = Rows::from(vec![vec![1.into(), "one".into()], vec![2.into(), "two".into()]]);
/// assert_eq!(rows.len(), 2);
/// assert_eq!(rows.into_iter().map(|row| row.len()).sum::<usize>(), 4);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Rows {
    blocks: Vec<Block>,
    rows: usize,
}

/// Rows of one width, one after the other.
#[derive(Clone, Debug)]
struct Block {
    width: usize,
    rows: usize,
    cells: Vec<Value>,
}

impl Rows {
    /// How many rows they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether they are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Appends a row.
    ///
    /// # Errors
    /// That of the first cell that is one; the row is not there then.
    pub(super) fn push<E>(&mut self, cells: impl ExactSizeIterator<Item = Result<Value, E>>) -> Result<(), E> {
        let block = self.block(cells.len());
        for cell in cells {
            match cell {
                Ok(cell) => block.cells.push(cell),
                Err(error) => {
                    block.cells.truncate(block.rows * block.width);
                    return Err(error);
                }
            }
        }
        block.rows += 1;
        self.rows += 1;
        Ok(())
    }

    /// The block that the next row goes to: the first holds one row, each of the others twice as much as the one before.
    fn block(&mut self, width: usize) -> &mut Block {
        let last = self.blocks.last();
        let before = last.map_or(0, |block| block.cells.capacity());
        let fits = |block: &Block| block.width == width && block.cells.len() + width <= block.cells.capacity();
        if !last.is_some_and(fits) {
            let cells = Vec::with_capacity((before * 2).clamp(width, CELLS.max(width)));
            self.blocks.push(Block { width, rows: 0, cells });
        }
        let at = self.blocks.len() - 1;
        &mut self.blocks[at]
    }

    /// What `make` makes of the cells of each row.
    ///
    /// # Errors
    /// The first error of `make`.
    pub(crate) fn each<T, E>(
        self,
        mut make: impl FnMut(&mut Take<&mut IntoIter<Value>>) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let mut all = Vec::with_capacity(self.rows);
        for Block { width, rows, cells } in self.blocks {
            let mut cells = cells.into_iter();
            for _ in 0..rows {
                let mut row = cells.by_ref().take(width);
                all.push(make(&mut row)?);
                row.for_each(drop);
            }
        }
        Ok(all)
    }

    /// Each row as a list of its own.
    #[must_use]
    pub fn into_vec(self) -> Vec<Row> {
        let Ok(rows) = self.each(|row| Ok::<_, Infallible>(row.collect()));
        rows
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(list: I) -> Self {
        let mut rows = Self::default();
        for row in list {
            let Ok(()) = rows.push(row.into_iter().map(Ok::<_, Infallible>));
        }
        rows
    }
}

impl From<Vec<Row>> for Rows {
    fn from(rows: Vec<Row>) -> Self {
        rows.into_iter().collect()
    }
}

impl IntoIterator for Rows {
    type Item = Row;
    type IntoIter = vec::IntoIter<Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: std::ops::Range<i32>) -> Row {
        cells.map(Value::from).collect()
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let many = || (0..3_000).map(|n| row(n..n + 3));
        for rows in [
            many().collect::<Vec<_>>(),
            many().chain([row(0..0), row(0..0), row(0..5_000), row(7..9)]).chain(many()).collect(),
            Vec::new(),
        ] {
            let kept = Rows::from(rows.clone());
            assert_eq!((kept.len(), kept.is_empty()), (rows.len(), rows.is_empty()));
            assert_eq!(kept.into_vec(), rows);
        }
    }

    #[test]
    fn what_is_left_of_a_row_does_not_reach_the_next() {
        let rows = Rows::from(vec![row(0..3), row(10..13), row(20..23)]);
        let firsts = rows.each(|row| Ok::<_, Infallible>(row.next()));
        assert_eq!(firsts, Ok([0, 10, 20].map(|n| Some(Value::from(n))).to_vec()));
    }

    #[test]
    fn a_row_that_breaks_off_is_not_there() {
        let mut rows = Rows::from(vec![row(0..2), row(2..4)]);
        assert_eq!(rows.push([Ok(Value::from(9)), Err("broken")].into_iter()), Err("broken"));
        assert_eq!(rows.push([4, 5].map(|n| Ok::<_, &str>(Value::from(n))).into_iter()), Ok(()));
        assert_eq!(rows.into_vec(), [row(0..2), row(2..4), row(4..6)]);
    }
}
