//! What came of it, as a table and as a page.

use crate::{cases::Case, place::Backend, play::Verdict};
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};

/// What MongoDB's column was made with.
const ON: &str = "Its column was made on a program of others that speaks MongoDB's protocol ([which](mongodb.md)).";

/// One row of the matrix.
pub struct Line<'c> {
    pub case: &'c Case,
    pub verdicts: Vec<(Backend, Verdict)>,
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Right => "right",
        Verdict::Refused(_) => "refused",
        Verdict::Wrong(_) => "**wrong**",
        Verdict::None => "no such thing",
    }
}

fn title(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "SQLite",
        Backend::Postgres => "PostgreSQL",
        Backend::Mysql => "MariaDB",
        Backend::Mongodb => "MongoDB",
    }
}

/// How many ended how.
pub fn totals(lines: &[Line<'_>]) -> String {
    let all: Vec<&Verdict> = lines.iter().flat_map(|line| &line.verdicts).map(|(_, verdict)| verdict).collect();
    let of = |is: fn(&Verdict) -> bool| all.iter().filter(|verdict| is(verdict)).count();
    format!(
        "{} right, {} refused as they must be, {} wrong, {} that a server does not have",
        of(|it| *it == Verdict::Right),
        of(|it| matches!(it, Verdict::Refused(_))),
        of(|it| matches!(it, Verdict::Wrong(_))),
        of(|it| *it == Verdict::None),
    )
}

/// For a terminal, with what is wrong below it.
pub fn table(lines: &[Line<'_>], backends: &[Backend], all: bool) -> String {
    let mut table = Table::new();
    let titles = std::iter::once("change").chain(backends.iter().map(|it| title(*it)));
    table.load_style(UTF8_FULL_CONDENSED).set_header(titles);
    let mut below = String::new();
    for line in lines {
        let words = line.verdicts.iter().map(|(_, verdict)| word(verdict));
        table.add_row(std::iter::once(line.case.change).chain(words));
        for (backend, verdict) in &line.verdicts {
            match verdict {
                Verdict::Wrong(why) => below += &format!("\nwrong: {} on {}: {why}", line.case.name, title(*backend)),
                Verdict::Refused(why) if all => {
                    below += &format!("\nrefused: {} on {}: {why}", line.case.name, title(*backend));
                }
                _ => {}
            }
        }
    }
    format!("{table}{below}\n{}", totals(lines))
}

/// The page for the docs.
pub fn page(lines: &[Line<'_>]) -> String {
    let mut page = String::from(
        "# Every change of an entity, on every backend\n\n\
         Made by `cargo xtask schema-matrix`, never by hand. Each change is one of a 26-column entity with two rows and a parent: the \
         first version is made by a plan, rows are written through its repository, then somebody adds an index, a column, a check, a \
         table, a view and a trigger by hand. The second version is planned against the live database and applied. It is **right** where \
         a second plan is empty, every row reads back through the new repository with the values that it should have, an \
         insert of the new version works, and what was made by hand is there word for word. It is **refused** where doing it \
         would lose or invent data; then everything is as it was, and the old version goes on.\n\n\
         MongoDB's checks, columns and indexes made by hand are said in its own words; it has no triggers, and an index that ignores case \
         stands in for one on an expression. ",
    );
    page += ON;
    let titles: Vec<&str> = Backend::ALL.into_iter().map(title).collect();
    page += &format!("\n\n| change | {} |\n|---{}|\n", titles.join(" | "), "|---".repeat(titles.len()));
    let mut reasons: Vec<&str> = Vec::new();
    for line in lines {
        page += &format!("| {} ", line.case.change);
        for (_, verdict) in &line.verdicts {
            page += &format!("| {}", word(verdict));
            if let (Verdict::Refused(_), Some((_, why))) = (verdict, line.case.refused) {
                let at = reasons.iter().position(|reason| *reason == why).unwrap_or_else(|| {
                    reasons.push(why);
                    reasons.len() - 1
                });
                page += &format!(" ({})", at + 1);
            }
            page.push(' ');
        }
        page += "|\n";
    }
    page += &format!("\n{}.\n\nWhy it is refused:\n\n", totals(lines));
    for (at, reason) in reasons.iter().enumerate() {
        page += &format!("{}. {reason}\n", at + 1);
    }
    page
}
