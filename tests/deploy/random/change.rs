//! Random tables, and random changes of them, each of which a person could make.

use super::spec::{Col, Ix, Ref, Spec, What};
use fastrand::Rng;
use seabed::{
    schema::{Flavor, Kind, OnDelete},
    sea_orm::Value,
};

/// Names that are words of SQL, have capitals, blanks, or letters beyond ASCII.
const NAMES: [&str; 12] =
    ["a", "b", "amount", "order", "Mixed", "two words", "größe", "length", "desc", "and", "x_1", "check"];

pub struct Dice {
    pub rng: Rng,
    pub flavor: Flavor,
    next: u32,
}

impl Dice {
    pub fn new(seed: u64, flavor: Flavor) -> Self {
        Self { rng: Rng::with_seed(seed), flavor, next: 0 }
    }

    fn one<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(..from.len())].clone()
    }

    fn chance(&mut self, of: u32) -> bool {
        self.rng.u32(..of) == 0
    }

    pub fn kind(&mut self) -> Kind {
        let variants = |names: &[&str]| Kind::Enum { variants: names.iter().map(|it| (*it).to_owned()).collect() };
        match self.rng.u32(..22) {
            0 => Kind::Bool,
            1 => Kind::Int8,
            2 => Kind::Int16,
            3 | 4 => Kind::Int32,
            5 | 6 => Kind::Int64,
            7 => Kind::UInt8,
            8 => Kind::UInt16,
            9 => Kind::UInt32,
            10 => Kind::UInt64,
            11 => Kind::Double,
            12 => Kind::Decimal { precision: self.rng.u32(7..15), scale: self.rng.u32(0..5) },
            13..=15 => Kind::Text { max: Some(self.rng.u32(4..60)) },
            16 => Kind::Text { max: None },
            17 => variants(self.rng.choice([&["1", "2", "open"][..], &["1", "2", "3", "it's"]]).expect("one")),
            18 => self.rng.choice([Kind::Bytes, Kind::Json]).expect("one"),
            19 => Kind::Uuid,
            20 => self.rng.choice([Kind::Instant, Kind::DateTime]).expect("one"),
            _ => self.rng.choice([Kind::Date, Kind::Time]).expect("one"),
        }
    }

    fn col(&mut self, spec: &Spec) -> Option<Col> {
        let free: Vec<&str> =
            NAMES.into_iter().filter(|name| spec.columns.iter().all(|col| col.name != *name)).collect();
        if free.is_empty() {
            return None;
        }
        let name = self.one(&free).to_owned();
        let kind = self.kind();
        self.next += 1;
        let default = if self.chance(3) { default(&kind) } else { None };
        let nullable = self.chance(2);
        // MySQL takes no backslash in one.
        let remark = if self.flavor.is_mysql() { "it's a remark" } else { "it's a \\ remark" };
        let comment = self.chance(8).then(|| remark.to_owned());
        Some(Col { name, before: None, kind, nullable, default, made: false, comment, id: self.next })
    }

    pub fn table(&mut self, all: &[Spec]) -> Option<Spec> {
        let names = ["item", "Order", "shop floor", "user"];
        let free: Vec<&str> = names.into_iter().filter(|name| all.iter().all(|spec| spec.name != *name)).collect();
        if free.is_empty() {
            return None;
        }
        let name = self.one(&free).to_owned();
        self.next += 2;
        let made = self.chance(2);
        let id = |name: &str, made: bool, id: u32| Col {
            name: name.to_owned(),
            before: None,
            kind: Kind::Int64,
            nullable: false,
            default: None,
            made,
            comment: None,
            id,
        };
        let mut spec = Spec {
            name,
            before: None,
            columns: vec![id("id", made, self.next), id("k", false, self.next - 1)],
            key: vec!["id".to_owned()],
            indexes: Vec::new(),
            references: Vec::new(),
            checks: Vec::new(),
            comment: None,
        };
        for _ in 0..self.rng.u32(1..7) {
            let col = self.col(&spec);
            spec.columns.extend(col);
        }
        for _ in 0..self.rng.u32(0..4) {
            self.index(&mut spec);
        }
        if self.chance(2) {
            self.check(&mut spec);
        }
        if self.chance(2) {
            self.reference(&mut spec, all);
        }
        Some(spec)
    }

    fn index(&mut self, spec: &mut Spec) {
        let fit: Vec<String> =
            spec.columns.iter().filter(|col| indexable(&col.kind)).map(|col| col.name.clone()).collect();
        let mut columns = Vec::new();
        for _ in 0..self.rng.u32(1..4) {
            let column = self.one(&fit);
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let all = [What::Plain, What::Plain, What::Descending, What::Some, What::Expression];
        let mut what = self.one(&all);
        if self.flavor.is_mysql() && matches!(what, What::Some | What::Expression) {
            what = What::Plain;
        }
        if what == What::Expression && spec.indexes.iter().any(|ix| ix.what == What::Expression) {
            return;
        }
        let unique = self.chance(3) && columns.iter().any(|column| distinct(&spec.col(column).kind));
        let ix = Ix { columns, unique, what };
        if !spec.indexes.iter().any(|other| other.columns == ix.columns) {
            spec.indexes.push(ix);
        }
    }

    fn check(&mut self, spec: &mut Spec) {
        let fit: Vec<String> = spec
            .columns
            .iter()
            .filter(|col| col.kind.is_whole() && !col.made && !spec.checks.iter().any(|(name, _)| *name == col.name))
            .map(|col| col.name.clone())
            .collect();
        if !fit.is_empty() {
            let least = self.rng.i64(-3..1);
            spec.checks.push((self.one(&fit), least));
        }
    }

    fn reference(&mut self, spec: &mut Spec, all: &[Spec]) {
        let parents: Vec<String> = all
            .iter()
            .take_while(|other| other.name != spec.name)
            .filter(|other| other.key == ["id"])
            .map(|other| other.name.clone())
            .collect();
        let free = |col: &&Col| {
            col.kind == Kind::Int64
                && !spec.references.iter().any(|it| it.column == col.name)
                && !spec.key.contains(&col.name)
        };
        let fit: Vec<String> = spec.columns.iter().filter(free).map(|col| col.name.clone()).collect();
        if parents.is_empty() || fit.is_empty() {
            return;
        }
        let column = self.one(&fit);
        let mut on_delete = self.one(&[OnDelete::Restrict, OnDelete::Cascade, OnDelete::SetNull]);
        if on_delete == OnDelete::SetNull && !spec.col(&column).nullable {
            on_delete = OnDelete::Cascade;
        }
        let parent = self.one(&parents);
        spec.references.push(Ref { column, parent, on_delete });
    }

    /// The same tables after some changes.
    pub fn changed(&mut self, before: &[Spec]) -> Vec<Spec> {
        let mut all = before.to_vec();
        for _ in 0..self.rng.u32(1..6) {
            self.change(&mut all);
        }
        // What is new has no name from before.
        let ids: Vec<u32> = before.iter().flat_map(|spec| &spec.columns).map(|col| col.id).collect();
        for spec in &mut all {
            spec.before = spec.before.take().filter(|_| ids.contains(&spec.columns[0].id));
            for col in &mut spec.columns {
                col.before = col.before.take().filter(|_| ids.contains(&col.id));
            }
        }
        all
    }

    fn change(&mut self, all: &mut Vec<Spec>) {
        let at = self.rng.usize(..all.len());
        let others = all.clone();
        let referred = |name: &str| others.iter().any(|other| other.references.iter().any(|it| it.parent == name));
        match self.rng.u32(..24) {
            0 => {
                let spec = self.table(all);
                all.extend(spec);
            }
            1 if all.len() > 1 => {
                let gone = all.remove(at).name;
                all.iter_mut().for_each(|spec| spec.references.retain(|it| it.parent != gone));
            }
            2 if all[at].before.is_none() => {
                let from = all[at].name.clone();
                let to = format!("{from}2");
                if others.iter().any(|other| other.name == to) {
                    return;
                }
                all.iter_mut()
                    .flat_map(|spec| &mut spec.references)
                    .filter(|it| it.parent == from)
                    .for_each(|it| it.parent.clone_from(&to));
                all[at].name = to;
                all[at].before = Some(from);
            }
            3 if !referred(&all[at].name) && !all[at].columns[0].made => {
                let whole = all[at].key.len() == 2;
                all[at].key = if whole { vec!["id".into()] } else { vec!["id".into(), "k".into()] };
            }
            4 => {
                let remark = all[at].comment.is_none().then(|| "another".to_owned());
                all[at].comment = remark;
            }
            _ => self.change_one(&mut all[at], &others),
        }
    }

    fn change_one(&mut self, spec: &mut Spec, all: &[Spec]) {
        match self.rng.u32(..16) {
            0 | 1 => {
                let col = self.col(spec);
                let at = self.rng.usize(1..=spec.columns.len());
                if let Some(col) = col {
                    spec.columns.insert(at, col);
                }
            }
            2 => self.index(spec),
            3 if !spec.indexes.is_empty() => {
                let at = self.rng.usize(..spec.indexes.len());
                spec.indexes.remove(at);
            }
            4 => self.check(spec),
            5 if !spec.checks.is_empty() => {
                spec.checks.pop();
            }
            6 if !spec.checks.is_empty() => spec.checks[0].1 -= 1,
            7 => self.reference(spec, all),
            8 if !spec.references.is_empty() => {
                spec.references.pop();
            }
            9 if !spec.references.is_empty() => {
                let other = spec.references[0].on_delete == OnDelete::Cascade;
                spec.references[0].on_delete = if other { OnDelete::Restrict } else { OnDelete::Cascade };
            }
            _ if spec.columns.len() > 2 => {
                let at = self.rng.usize(2..spec.columns.len());
                self.change_column(spec, at);
            }
            _ => {}
        }
    }

    fn change_column(&mut self, spec: &mut Spec, at: usize) {
        let name = spec.columns[at].name.clone();
        match self.rng.u32(..8) {
            0 => {
                spec.columns.remove(at);
                spec.indexes.retain(|ix| !ix.columns.contains(&name));
                spec.references.retain(|it| it.column != name);
                spec.checks.retain(|(column, _)| *column != name);
            }
            1 | 2 if !spec.references.iter().any(|it| it.on_delete == OnDelete::SetNull && it.column == name) => {
                spec.columns[at].nullable ^= true;
            }
            3 | 4 if !spec.references.iter().any(|it| it.column == name) => {
                let kind = if self.chance(2) { self.kind() } else { near(&spec.columns[at].kind) };
                if !indexable(&kind) {
                    spec.indexes.retain(|ix| !ix.columns.contains(&name));
                }
                if !distinct(&kind) {
                    spec.indexes.retain(|ix| !ix.unique || !ix.columns.contains(&name));
                }
                if !kind.is_whole() {
                    spec.checks.retain(|(column, _)| *column != name);
                }
                spec.columns[at].default = None;
                spec.columns[at].kind = kind;
            }
            5 => {
                let new = if spec.columns[at].default.is_none() { default(&spec.columns[at].kind) } else { None };
                spec.columns[at].default = new;
            }
            6 if spec.columns[at].before.is_none() => {
                let to = format!("{name} new");
                if spec.columns.iter().any(|col| col.name == to) {
                    return;
                }
                spec.columns[at].before = Some(name.clone());
                spec.columns[at].name.clone_from(&to);
                let renamed = |column: &mut String| {
                    if *column == name {
                        column.clone_from(&to);
                    }
                };
                spec.indexes.iter_mut().flat_map(|ix| &mut ix.columns).for_each(renamed);
                spec.references.iter_mut().map(|it| &mut it.column).for_each(renamed);
                spec.checks.iter_mut().map(|(column, _)| column).for_each(renamed);
            }
            _ => {
                let remark = spec.columns[at].comment.is_none().then(|| "said".to_owned());
                spec.columns[at].comment = remark;
            }
        }
    }
}

/// A type to which values usually go over.
fn near(kind: &Kind) -> Kind {
    match kind {
        Kind::Int8 | Kind::UInt8 => Kind::Int16,
        Kind::Int16 | Kind::UInt16 | Kind::Int64 => Kind::Int32,
        Kind::Int32 | Kind::UInt32 | Kind::UInt64 => Kind::Int64,
        Kind::Text { max: Some(max) } if *max < 40 => Kind::Text { max: Some(max + 20) },
        Kind::Text { max: Some(_) } => Kind::Text { max: None },
        Kind::Decimal { precision, scale } => Kind::Decimal { precision: precision + 2, scale: scale + 1 },
        Kind::Double => Kind::Decimal { precision: 12, scale: 4 },
        Kind::DateTime => Kind::Instant,
        Kind::Instant | Kind::Date => Kind::DateTime,
        _ => Kind::Text { max: Some(50) },
    }
}

pub fn indexable(kind: &Kind) -> bool {
    !matches!(kind, Kind::Text { max: None } | Kind::Bytes | Kind::Json)
}

/// Whether each row has a value of its own.
pub fn distinct(kind: &Kind) -> bool {
    indexable(kind) && !matches!(kind, Kind::Bool | Kind::Enum { .. })
}

fn default(kind: &Kind) -> Option<Value> {
    let value: Value = match kind {
        Kind::Bool => true.into(),
        Kind::Double => 1.5.into(),
        Kind::Text { max: Some(_) } => "d'\\".into(),
        Kind::Enum { variants } => variants.last()?.clone().into(),
        whole if whole.is_whole() => 7_i64.into(),
        _ => return None,
    };
    Some(value)
}
