//! SQLite alters little of a table: the rest is the text of its CREATE TABLE, edited, and the table made anew of it beside the old
//! one, filled from it and put in its place (sqlite.org, "ALTER TABLE", 7).
//!
//! The text is the one that is there, cut at its commas: one definition is exchanged, and what others wrote beside it stays word
//! for word.

use super::{
    Place, done,
    tokens::{Piece, Token, names, tokens},
};
use crate::{
    Error, Result,
    schema::{
        Done, Flavor, Statement,
        picture::{IndexPicture, PartPicture},
    },
};

/// A CREATE TABLE in its parts.
#[derive(Clone, Debug)]
pub(super) struct Create {
    pub items: Vec<Item>,
    /// What follows the last bracket.
    tail: String,
}

/// What stands between two commas.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The column that it defines; none where it is a constraint of the table.
    pub column: Option<String>,
    /// Its text in pieces, each with the word that it begins with: the name and the type, then the constraints.
    pub clauses: Vec<Clause>,
}

/// A constraint with what follows it, or the name and type of a column.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// `PRIMARY`, `UNIQUE`, `CHECK`, `FOREIGN`, `REFERENCES`, `NOT`, `NULL`, `DEFAULT`, `COLLATE`, `GENERATED`; empty for the type.
    pub word: &'static str,
    /// The name that it is given.
    pub name: Option<String>,
    pub text: String,
}

const WORDS: [&str; 12] = [
    "PRIMARY",
    "UNIQUE",
    "CHECK",
    "FOREIGN",
    "REFERENCES",
    "NOT",
    "NULL",
    "DEFAULT",
    "COLLATE",
    "GENERATED",
    "AS",
    "CONSTRAINT",
];

impl Create {
    pub fn parse(place: &Place<'_>) -> Result<Self> {
        let live = place.live()?;
        let told = |why: &str| Error::unsupported(why.to_owned()).entity(place.whole);
        let text = live.create.as_deref().ok_or_else(|| told("the text of its CREATE TABLE is not known"))?;
        let tokens = tokens(text, false);
        if tokens.iter().take(2).any(|token| token.is(text, "VIRTUAL")) {
            return Err(told("a virtual table is not made anew"));
        }
        let open = tokens.iter().position(|token| token.piece == Piece::Mark('('));
        let open = open.ok_or_else(|| told("the text of its CREATE TABLE has no columns"))?;
        let (mut depth, mut start, mut first) = (0_u32, tokens[open].at.end, open + 1);
        let mut items = Vec::new();
        for (place, token) in tokens.iter().enumerate().skip(open) {
            let ends = match token.piece {
                Piece::Mark('(') => {
                    depth += 1;
                    false
                }
                Piece::Mark(')') => {
                    depth -= 1;
                    depth == 0
                }
                Piece::Mark(',') => depth == 1,
                _ => false,
            };
            if ends {
                items.push(Item::parse(text, start, token.at.start, &tokens[first..place]));
                (start, first) = (token.at.end, place + 1);
            }
            if depth == 0 {
                return Ok(Self { items, tail: text[token.at.end..].to_owned() });
            }
        }
        Err(told("the text of its CREATE TABLE does not end"))
    }

    /// The text, for a table of this quoted name.
    pub fn write(&self, name: &str) -> String {
        let items: Vec<String> = self.items.iter().map(Item::text).collect();
        format!("CREATE TABLE {name} ({}){}", items.join(","), self.tail)
    }

    pub fn column(&mut self, name: &str) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.column.as_deref().is_some_and(|column| same(column, name)))
    }

    /// Adds a column behind the last one.
    pub fn add_column(&mut self, definition: &str) {
        let at = self.items.iter().rposition(|item| item.column.is_some()).map_or(0, |at| at + 1);
        self.items.insert(at, Item::new(definition));
    }

    /// Adds a constraint of the table. Behind the last comma may stand the rest of a line with a remark, so it goes before.
    pub fn add_constraint(&mut self, definition: &str) {
        let at = self.items.iter().rposition(|item| item.column.is_some()).map_or(0, |at| at + 1);
        self.items.insert(at, Item::new(definition));
    }

    /// Takes the clauses away that `gone` knows, of columns and of the table.
    pub fn drop_clauses(&mut self, mut gone: impl FnMut(Option<&str>, &Clause) -> bool) -> usize {
        let mut count = 0;
        for item in &mut self.items {
            let column = item.column.clone();
            let before = item.clauses.len();
            item.clauses.retain(|clause| clause.word.is_empty() || !gone(column.as_deref(), clause));
            count += before - item.clauses.len();
        }
        self.items.retain(|item| item.column.is_some() || item.clauses.iter().any(|clause| !clause.word.is_empty()));
        count
    }
}

impl Item {
    fn new(text: &str) -> Self {
        let text = format!("\n  {text}");
        let tokens = tokens(&text, false);
        Self::parse(&text, 0, text.len(), &tokens)
    }

    fn parse(text: &str, start: usize, end: usize, tokens: &[Token]) -> Self {
        let of_table = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
        let column = match tokens.first() {
            Some(first) if of_table.iter().any(|word| first.is(text, word)) => None,
            Some(first) => first.name(text).or_else(|| Some(text[first.at.clone()].trim_matches('\'').to_owned())),
            None => None,
        };
        let mut cuts: Vec<(usize, &'static str, Option<String>)> = vec![(start, "", None)];
        let mut depth = 0_u32;
        let mut named = None;
        for (at, token) in tokens.iter().enumerate().skip(usize::from(column.is_some())) {
            match token.piece {
                Piece::Mark('(') => depth += 1,
                Piece::Mark(')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            let Some(word) = WORDS.iter().find(|word| token.is(text, word)).filter(|_| depth == 0) else { continue };
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let follows = |word: &str| before.is_some_and(|before| before.is(text, word));
            let next = |word: &str| tokens.get(at + 1).is_some_and(|next| next.is(text, word));
            // A word that belongs to what stands before it.
            let inner = match *word {
                "NULL" => follows("NOT") || follows("SET") || follows("DEFAULT"),
                "DEFAULT" => follows("SET"),
                "NOT" => next("DEFERRABLE"),
                "AS" => follows("ALWAYS"),
                "REFERENCES" => column.is_none(),
                _ => follows("CONSTRAINT"),
            };
            if inner {
                continue;
            }
            if *word == "CONSTRAINT" {
                named = Some((token.at.start, tokens.get(at + 1).and_then(|name| name.name(text))));
                continue;
            }
            // Before the first clause of a table's constraint there is nothing but space.
            let (from, name) = named.take().unwrap_or((token.at.start, None));
            cuts.push((from, if *word == "AS" { "GENERATED" } else { word }, name));
        }
        let ends: Vec<usize> = cuts.iter().skip(1).map(|cut| cut.0).chain([end]).collect();
        let clauses = cuts.into_iter().zip(ends);
        let clauses = clauses.map(|((from, word, name), to)| Clause { word, name, text: text[from..to].to_owned() });
        Self { column, clauses: clauses.collect() }
    }

    fn text(&self) -> String {
        self.clauses.iter().map(|clause| clause.text.as_str()).collect()
    }

    /// Another type; what is remarked before and behind it stays.
    pub fn retype(&mut self, name: &str, declared: &str) {
        if let Some(head) = self.clauses.first_mut() {
            let all = tokens(&head.text, false);
            if let (Some(first), Some(last)) = (all.first(), all.last()) {
                head.text = [&head.text[..first.at.start], name, " ", declared, &head.text[last.at.end..]].concat();
            }
        }
    }

    pub fn has(&self, word: &str) -> bool {
        self.clauses.iter().any(|clause| clause.word == word)
    }

    /// A clause more, behind the type; a remark behind the type stays behind it.
    pub fn add(&mut self, word: &'static str, text: &str) {
        let Some(head) = self.clauses.first_mut() else { return };
        let end = tokens(&head.text, false).last().map_or(head.text.len(), |last| last.at.end);
        let rest = head.text.split_off(end);
        let space = if rest.is_empty() && self.clauses.len() > 1 { " " } else { "" };
        let clause = Clause { word, name: None, text: format!(" {text}{rest}{space}") };
        self.clauses.insert(1, clause);
    }
}

impl Clause {
    /// The names in its first brackets: of a key or of a unique constraint.
    pub fn columns(&self) -> Vec<String> {
        let tokens = tokens(&self.text, false);
        let open = tokens.iter().position(|token| token.piece == Piece::Mark('(')).unwrap_or(tokens.len());
        let inner = tokens.iter().skip(open + 1).take_while(|token| token.piece != Piece::Mark(')'));
        let bare = |token: &&Token| token.piece == Piece::Word && is_order(&self.text[token.at.clone()]);
        inner.filter(|token| !bare(token)).filter_map(|token| token.name(&self.text)).collect()
    }

    /// The table that it refers to, and the columns there.
    pub fn parent(&self) -> Option<(String, Vec<String>)> {
        let all = tokens(&self.text, false);
        let at = all.iter().position(|token| token.is(&self.text, "REFERENCES"))?;
        let parent = all.get(at + 1)?.name(&self.text)?;
        let behind = Self { word: "", name: None, text: self.text[all[at + 1].at.end..].to_owned() };
        let listed = all.get(at + 2).is_some_and(|token| token.piece == Piece::Mark('('));
        Some((parent, if listed { behind.columns() } else { Vec::new() }))
    }

    pub fn names(&self, column: &str) -> bool {
        names(&self.text, column, false)
    }
}

fn is_order(name: &str) -> bool {
    ["ASC", "DESC", "COLLATE", "AUTOINCREMENT"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// SQLite's names have no case.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// The statements that put a table of this text in the place of the one that is there; `moved` says of each column that is
/// filled the expression over the old row. What hangs on the table comes again behind it: `without` are the indexes that do not.
///
/// Foreign keys MUST be off before the transaction begins, or the drop would delete the children (hazard M6).
pub(super) fn statements(
    place: &Place<'_>,
    create: &Create,
    moved: &[(String, String)],
    without: &[&str],
) -> Result<Vec<Statement>> {
    let live = place.live()?;
    let old = place.table();
    let aside = format!("{}_seabed_rebuilt", place.schema.map_or(place.name.to_owned(), |_| place.whole.to_owned()));
    let new = place.quoted(&aside);
    let moved: Vec<_> = moved.iter().map(|(column, value)| (place.quoted(column), value.clone())).collect();
    let counts = live.create.as_deref().is_some_and(counts);
    let anew = Anew { name: place.whole, old: &old, aside: &aside, new: &new, counts };
    let mut sql = anew.statements(create.write(&new), &moved)?;
    let left = live.indexes.iter().filter(|index| !index.constraint && !without.contains(&index.name.as_str()));
    sql.extend(left.map(|index| pictured(place, index, &index.name)));
    let triggers = place.have.others.iter().filter(|other| {
        other.kind == "trigger" && other.table.as_deref().is_some_and(|table| same(table, place.whole))
    });
    sql.extend(triggers.map(|trigger| trigger.text.clone()));
    Ok(sql.into_iter().map(|sql| done(sql, Done::Unknown)).collect())
}

/// A table of SQLite that is made anew: raw and quoted, the name that it has and the one that it has meanwhile.
pub(in crate::schema::ddl) struct Anew<'a> {
    pub name: &'a str,
    pub old: &'a str,
    pub aside: &'a str,
    pub new: &'a str,
    /// Whether the keys of the old one count on for ever.
    pub counts: bool,
}

impl Anew<'_> {
    /// Made, filled and put in the old one's place; `moved` says of each quoted column the expression over the old row. Its indexes and
    /// triggers are gone.
    pub fn statements(&self, create: String, moved: &[(String, String)]) -> Result<Vec<String>> {
        let (old, new) = (self.old, self.new);
        let text = |text: &str| super::super::literal(text, Flavor::Sqlite);
        let (targets, values): (Vec<&str>, Vec<&str>) = moved.iter().map(|(to, from)| (&**to, &**from)).unzip();
        let fill = format!("INSERT INTO {new} ({}) SELECT {} FROM {old}", targets.join(", "), values.join(", "));
        let goes_on = self.counts && counts(&create);
        let mut sql = vec![create, fill];
        if goes_on {
            // Keys of rows that are gone do not come again (law W7).
            let (aside, name) = (text(self.aside)?, text(self.name)?);
            sql.push(format!("DELETE FROM sqlite_sequence WHERE name = {aside}"));
            sql.push(format!(
                "INSERT INTO sqlite_sequence (name, seq) SELECT {aside}, seq FROM sqlite_sequence WHERE name = {name}"
            ));
        }
        sql.push(format!("DROP TABLE {old}"));
        // Else the new name would be looked for in every view and trigger, which name a table that is not there at this moment.
        sql.push("PRAGMA legacy_alter_table = ON".to_owned());
        sql.push(format!("ALTER TABLE {new} RENAME TO {old}"));
        sql.push("PRAGMA legacy_alter_table = OFF".to_owned());
        Ok(sql)
    }
}

/// Whether a CREATE TABLE says that keys count on for ever.
fn counts(create: &str) -> bool {
    tokens(create, false).iter().any(|token| token.is(create, "AUTOINCREMENT"))
}

/// The statement that makes an index that is there, under this name.
pub(super) fn pictured(place: &Place<'_>, index: &IndexPicture, name: &str) -> String {
    let part = |part: &PartPicture| {
        let mut sql = match (&part.column, &part.expression) {
            (Some(column), _) => place.quoted(column),
            (None, expression) => expression.clone().unwrap_or_default(),
        };
        if let Some(collation) = &part.collation {
            sql.push_str(&format!(" COLLATE {}", place.quoted(collation)));
        }
        if part.descending {
            sql.push_str(" DESC");
        }
        sql
    };
    let parts: Vec<String> = index.parts.iter().map(part).collect();
    let only = index.predicate.as_ref().map(|only| format!(" WHERE {only}")).unwrap_or_default();
    let written = format!("({}){only}", parts.join(", "));
    super::index::create(name, index.unique, &place.table(), &written, place.flavor)
}
