//! Related rows, grouped by the rows that they were loaded for.

use std::ops::Index;

/// Related rows in groups: one group for each row that they were loaded for, in the order of those, empty where there is none.
///
/// The rows themselves stand in one piece, so that what belongs to them can be loaded by one more call and be joined:
///
/// ```
/// use seabed::repository::Loaded;
///
/// let pets = Loaded::from(vec![vec!["Rex", "Tom"], vec![], vec!["Ada"]]);
/// assert_eq!(pets.rows(), ["Rex", "Tom", "Ada"]);
/// assert_eq!(&pets[0], ["Rex", "Tom"]);
///
/// // `visits.load_many(pets.rows())` gives a group for each pet:
/// let visits = Loaded::from(vec![vec![1, 2], vec![], vec![3]]);
/// let pets = pets.join(visits);
/// assert_eq!(pets.into_groups(), [vec![("Rex", vec![1, 2]), ("Tom", vec![])], vec![], vec![("Ada", vec![3])]]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded<M> {
    rows: Vec<M>,
    /// Where each group ends.
    ends: Vec<usize>,
}

impl<M> Loaded<M> {
    /// All rows, group after group: what the next call loads for.
    #[must_use]
    pub fn rows(&self) -> &[M] {
        &self.rows
    }

    /// How many groups there are: as many as rows were loaded for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no group.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The rows of the group at this position.
    #[must_use]
    pub fn get(&self, group: usize) -> Option<&[M]> {
        let end = *self.ends.get(group)?;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.rows.get(start..end)
    }

    /// Group by group.
    pub fn iter(&self) -> impl Iterator<Item = &[M]> {
        (0..self.len()).filter_map(|group| self.get(group))
    }

    /// The groups as vectors.
    #[must_use]
    pub fn into_groups(self) -> Vec<Vec<M>> {
        let (mut rows, mut start) = (self.rows.into_iter(), 0);
        let group = |end| {
            let group = rows.by_ref().take(end - start).collect();
            start = end;
            group
        };
        self.ends.into_iter().map(group).collect()
    }

    /// Each row with what was loaded for it, in the same groups: `children` was loaded for [`rows`](Self::rows).
    ///
    /// # Panics
    /// Where `children` has another number of groups than there are rows: it was loaded for others.
    #[must_use]
    pub fn join<C>(self, children: Loaded<C>) -> Loaded<(M, Vec<C>)> {
        assert_eq!(children.len(), self.rows.len(), "the children were loaded for other rows");
        Loaded { rows: self.rows.into_iter().zip(children.into_groups()).collect(), ends: self.ends }
    }

    /// Each of these rows with its group: `rows` are those that they were loaded for.
    ///
    /// # Panics
    /// Where there is another number of rows than of groups.
    #[must_use]
    pub fn of<P>(self, rows: Vec<P>) -> Vec<(P, Vec<M>)> {
        assert_eq!(rows.len(), self.len(), "they were loaded for other rows");
        rows.into_iter().zip(self.into_groups()).collect()
    }

    /// Rows that are told one after the other, each with the position of its group.
    pub(super) fn collect(groups: impl Iterator<Item = Vec<M>>) -> Self {
        let mut loaded = Self { rows: Vec::new(), ends: Vec::new() };
        for group in groups {
            loaded.rows.extend(group);
            loaded.ends.push(loaded.rows.len());
        }
        loaded
    }
}

impl<M> From<Vec<Vec<M>>> for Loaded<M> {
    fn from(groups: Vec<Vec<M>>) -> Self {
        Self::collect(groups.into_iter())
    }
}

impl<M> IntoIterator for Loaded<M> {
    type Item = Vec<M>;
    type IntoIter = std::vec::IntoIter<Vec<M>>;
    fn into_iter(self) -> Self::IntoIter {
        self.into_groups().into_iter()
    }
}

/// The group at a position; panics where there is none, as a slice does.
impl<M> Index<usize> for Loaded<M> {
    type Output = [M];
    fn index(&self, group: usize) -> &[M] {
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.rows[start..self.ends[group]]
    }
}
