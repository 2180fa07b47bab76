//! Figures per group.

use super::{
    Entity, IntoQuery, Read, Repository,
    answer::{Answer, Cells, ComparableField, NumericField, OrderedField, pair},
    figure::Typed,
};
use crate::{
    Result,
    backend::{Figure, GroupOrder},
    schema::Name,
};
use sea_orm::{IdenStatic, ModelTrait, sea_query::ArrayType};
use std::{fmt, marker::PhantomData};

/// Groups by a column: the start of [`Groups`].
#[must_use]
pub fn by<E: Entity>(column: impl ComparableField<E>) -> Groups<E> {
    let start = Groups {
        group: Vec::new(),
        figures: Vec::new(),
        order: Vec::new(),
        last: Part::Group(0),
        limit: None,
        offset: 0,
        entity: PhantomData,
    };
    start.and(column)
}

/// A part of an answer: a column of the group, or a figure.
#[derive(Clone, Copy, Debug)]
enum Part {
    Group(usize),
    Figure(usize),
}

/// By which columns rows are grouped, and what is asked of each group.
///
/// [`asc`](Self::asc) and [`desc`](Self::desc) order by what was named last: `by(town).count().desc().sum(grams)` has the
/// largest groups first. Groups without an order, and groups that it does not tell apart, come by their columns. Null is a
/// group, and the lowest one.
pub struct Groups<E> {
    group: Vec<(&'static str, ArrayType)>,
    figures: Vec<Typed>,
    order: Vec<(Part, bool)>,
    last: Part,
    limit: Option<u64>,
    offset: u64,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Groups<E> {
    /// By this column, too.
    #[must_use]
    pub fn and(mut self, column: impl ComparableField<E>) -> Self {
        let column = column.column();
        self.last = Part::Group(self.group.len());
        self.group.push((column.as_str(), E::Model::get_value_type(column)));
        self
    }

    fn figure(mut self, figure: Typed) -> Self {
        self.last = Part::Figure(self.figures.len());
        self.figures.push(figure);
        self
    }

    /// How many rows it has: `i64` or `u64`.
    #[must_use]
    pub fn count(self) -> Self {
        self.figure(Typed::count())
    }

    /// How many different values a column has, nulls left out: `i64` or `u64`.
    #[must_use]
    pub fn count_distinct(self, column: impl ComparableField<E>) -> Self {
        self.figure(Typed::count_distinct(column))
    }

    /// The sum of a column of numbers: `i64`, `Decimal` or `f64`, as that of the whole table.
    #[must_use]
    pub fn sum(self, column: impl NumericField<E>) -> Self {
        self.figure(Typed::sum(column))
    }

    /// The mean of a column of numbers: `f64` or `Decimal`, as that of the whole table. Groups are not ordered by it.
    #[must_use]
    pub fn average(self, column: impl NumericField<E>) -> Self {
        self.figure(Typed::average(column))
    }

    /// The least value of a column, of the type of the model's field.
    #[must_use]
    pub fn min(self, column: impl OrderedField<E>) -> Self {
        self.figure(Typed::min(column))
    }

    /// The greatest value of a column, of the type of the model's field.
    #[must_use]
    pub fn max(self, column: impl OrderedField<E>) -> Self {
        self.figure(Typed::max(column))
    }

    /// Ordered by what was named last, from low to high, null first; within the orders given before.
    #[must_use]
    pub fn asc(mut self) -> Self {
        self.order.push((self.last, false));
        self
    }

    /// Ordered by what was named last, from high to low, null last; within the orders given before.
    #[must_use]
    pub fn desc(mut self) -> Self {
        self.order.push((self.last, true));
        self
    }

    /// At most so many groups; 0 gives none.
    #[must_use]
    pub fn limit(mut self, groups: u64) -> Self {
        self.limit = Some(self.limit.map_or(groups, |limit| limit.min(groups)));
        self
    }

    /// Without the first so many groups.
    #[must_use]
    pub fn offset(mut self, groups: u64) -> Self {
        self.offset = groups;
        self
    }

    /// As a repository is asked for it.
    pub(super) fn read(self) -> Grouping {
        let groups = self.group.len();
        let position = |part| match part {
            Part::Group(at) => at,
            Part::Figure(at) => groups + at,
        };
        Grouping {
            order: self
                .order
                .into_iter()
                .map(|(part, descending)| GroupOrder { position: position(part), descending })
                .collect(),
            group: self.group.into_iter().map(|(name, _)| name.into()).collect(),
            figures: self.figures.into_iter().map(|typed| typed.figure).collect(),
            limit: self.limit,
            offset: self.offset,
        }
    }
}

impl<E> Clone for Groups<E> {
    fn clone(&self) -> Self {
        Self {
            group: self.group.clone(),
            figures: self.figures.clone(),
            order: self.order.clone(),
            entity: PhantomData,
            ..*self
        }
    }
}

impl<E> fmt::Debug for Groups<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group: Vec<_> = self.group.iter().map(|(name, _)| name).collect();
        let figures: Vec<_> = self.figures.iter().map(|typed| &typed.figure).collect();
        f.debug_struct("Groups").field("group", &group).field("figures", &figures).finish_non_exhaustive()
    }
}

/// [`Groups`] on the way to the erased plane.
#[derive(Clone, Debug, Default)]
pub struct Grouping {
    /// The columns.
    pub group: Vec<Name>,
    /// The figures of each group.
    pub figures: Vec<Figure>,
    /// In which order groups come.
    pub order: Vec<GroupOrder>,
    /// At most so many groups.
    pub limit: Option<u64>,
    /// After so many.
    pub offset: u64,
}

impl<E: Entity> dyn Repository<E> {
    /// Figures per group, in the groups' order. `K` is what a group is told by, `F` its figures: each one value, or a tuple of up
    /// to six; what may be null is an `Option`.
    ///
    /// ```
    /// # mod parcel {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "parcel")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub town: String, pub express: bool, pub grams: i32 }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// use seabed::prelude::*;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let db = Database::memory();
    /// # db.create_tables(&seabed::entities![parcel]).await?;
    /// let parcels = db.repository::<parcel::Entity>();
    /// # for (town, express, grams) in [("Ulm", true, 500), ("Köln", false, 250), ("Ulm", false, 1_000)] {
    /// #     parcels.insert(parcel::ActiveModel { town: Set(town.into()), express: Set(express), grams: Set(grams), ..Default::default() }).await?;
    /// # }
    /// let (town, grams) = (col(parcel::COLUMN.town), col(parcel::COLUMN.grams));
    /// let largest: Vec<(String, (u64, i64))> =
    ///     parcels.group(all(), by(town).count().sum(grams).desc().limit(10)).await?;
    /// assert_eq!(largest, [("Ulm".into(), (2, 1_500)), ("Köln".into(), (1, 250))]);
    ///
    /// let heaviest: Vec<((String, bool), i32)> =
    ///     parcels.group(grams.gt(300), by(town).and(col(parcel::COLUMN.express)).max(grams)).await?;
    /// assert_eq!(heaviest, [(("Ulm".into(), false), 1_000), (("Ulm".into(), true), 500)]);
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `InvalidQuery` for types that are not those of the columns and figures, for a query with an order or a window (groups have
    /// their own), and for groups ordered by an average or a sum of floats; `InvalidValue` for a sum that is out of range;
    /// `CorruptData` for a null where no `Option` was asked for.
    pub async fn group<K: Answer<ViaK>, F: Answer<ViaF>, ViaK, ViaF>(
        &self,
        query: impl IntoQuery<E> + Send,
        groups: Groups<E>,
    ) -> Result<Vec<(K, F)>> {
        let query = query.into_query();
        let entity = E::default();
        let entity = entity.table_name();
        query.without_window("a query for groups").map_err(|error| error.entity(entity))?;
        let keys = groups.group.iter().map(|(name, is)| (*name, vec![is.clone()])).collect();
        let figures = groups.figures.iter().map(|typed| (typed.name, typed.is.clone())).collect();
        let asked = pair::<E, K, _>(keys)?.into_iter().chain(pair::<E, F, _>(figures)?);
        let names: Vec<_> = asked.map(|asked| asked.name()).collect();
        let rows = self.read(Read::Groups(query, groups.read())).await?;
        let pair = |row| {
            let mut cells = Cells::new(entity, &names, row);
            Ok((K::take(&mut cells)?, F::take(&mut cells)?))
        };
        rows.into_iter().map(pair).collect()
    }
}
