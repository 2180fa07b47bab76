//! What SQLite keeps in the text of a CREATE statement alone: checks, names of constraints, collations, AUTOINCREMENT, the
//! expressions of computed columns and of indexes.

/// A word, a quoted name, a text or a mark, with its place.
#[derive(Clone, Copy, Debug)]
struct Token<'s> {
    raw: &'s str,
    start: usize,
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        self.raw.eq_ignore_ascii_case(word)
    }

    /// The name that it is, without its quotes.
    fn name(&self) -> String {
        let end = match self.raw.chars().next() {
            Some(quote @ ('"' | '`' | '\'')) => quote,
            Some('[') => ']',
            _ => return self.raw.to_owned(),
        };
        let inner = self.raw.get(1..self.raw.len() - 1).unwrap_or_default();
        inner.replace(&format!("{end}{end}"), &end.to_string())
    }
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let length = match c {
            '\'' | '"' | '`' => quoted(rest, c),
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let raw = &rest[..length];
        if !c.is_whitespace() && !raw.starts_with("--") && !raw.starts_with("/*") {
            tokens.push(Token { raw, start: at });
        }
        at += length;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.') || !c.is_ascii()
}

/// How long a quoted thing is; a doubled quote does not end it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(end) = rest[at..].find(quote) {
        at += end + 1;
        if !rest[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    rest.len()
}

/// The position behind the bracket that closes the one at `open`.
fn behind(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.raw {
            "(" => depth += 1,
            ")" if depth <= 1 => return at + 1,
            ")" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// What stands in the bracket at `open`.
fn inside<'t, 's>(tokens: &'t [Token<'s>], open: usize) -> &'t [Token<'s>] {
    let end = behind(tokens, open);
    tokens.get(open + 1..end.saturating_sub(1)).unwrap_or_default()
}

/// The parts between commas that stand in no bracket.
fn parts<'t, 's>(tokens: &'t [Token<'s>]) -> impl Iterator<Item = &'t [Token<'s>]> {
    let mut depth = 0_usize;
    tokens.split(move |token| {
        match token.raw {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.raw == ","
    })
}

/// Words as one text: what was between them is one space or nothing, and a column stands in the quotes that we write, because a
/// rename writes it in quotes of its own.
fn text(tokens: &[Token<'_>], columns: &[String]) -> String {
    let mut text = String::new();
    let mut end = tokens.first().map_or(0, |first| first.start);
    for token in tokens {
        if token.start > end {
            text.push(' ');
        }
        end = token.start + token.raw.len();
        let name = token.name();
        if token.raw.starts_with(['"', '[']) && columns.iter().any(|column| column.eq_ignore_ascii_case(&name)) {
            crate::schema::Flavor::Sqlite.quote(&mut text, &name);
        } else {
            text.push_str(token.raw);
        }
    }
    text
}

/// A table as its text tells of it.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub columns: Vec<Column>,
    /// Name (empty where it has none) and condition.
    pub checks: Vec<(String, String)>,
    /// In the order of the text: name, and what is odd of it.
    pub foreign_keys: Vec<(String, Option<String>)>,
    pub key: String,
}

#[derive(Debug, Default)]
pub(super) struct Column {
    pub name: String,
    pub collation: Option<String>,
    pub generated: Option<String>,
    pub counted: bool,
}

/// Reads the text of a CREATE TABLE.
pub(super) fn table(sql: &str) -> Table {
    let (all, mut table) = (tokens(sql), Table::default());
    let Some(open) = all.iter().position(|token| token.raw == "(") else { return table };
    let items: Vec<_> = parts(inside(&all, open)).collect();
    let constraint =
        |token: &Token<'_>| ["constraint", "check", "primary", "unique", "foreign"].iter().any(|word| token.is(word));
    let is_column = |item: &&&[Token<'_>]| item.first().is_some_and(|first| !constraint(first));
    let names: Vec<String> = items.iter().filter(is_column).map(|item| item[0].name()).collect();
    for item in &items {
        let mut column = item
            .first()
            .filter(|first| !constraint(first))
            .map(|first| Column { name: first.name(), ..Column::default() });
        clauses(item, usize::from(column.is_some()), &names, &mut table, &mut column);
        table.columns.extend(column);
    }
    table
}

/// Walks through a column's or a constraint's words; what stands in brackets belongs to the word before it.
fn clauses(item: &[Token<'_>], from: usize, names: &[String], table: &mut Table, column: &mut Option<Column>) {
    let (mut at, mut name) = (from, String::new());
    while let Some(token) = item.get(at) {
        at += 1;
        let next = item.get(at);
        if token.is("constraint") {
            name = next.map(Token::name).unwrap_or_default();
            at += 1;
        } else if token.is("check") {
            table.checks.push((std::mem::take(&mut name), text(inside(item, at), names)));
        } else if token.is("primary") {
            table.key = std::mem::take(&mut name);
        } else if token.is("unique") || token.is("default") || token.is("null") {
            name.clear();
        } else if token.is("references") {
            let tail = &item[at..];
            table.foreign_keys.push((std::mem::take(&mut name), deferred(tail)));
        } else if let Some(column) = column {
            if token.is("collate") {
                column.collation = next.map(Token::name);
                name.clear();
            } else if token.is("autoincrement") {
                column.counted = true;
            } else if token.is("as") && next.is_some_and(|next| next.raw == "(") {
                let stored = item.get(behind(item, at)).is_some_and(|word| word.is("stored"));
                let kept = if stored { "stored" } else { "virtual" };
                column.generated = Some(format!("{} {kept}", text(inside(item, at), names)));
            }
        }
        if item.get(at).is_some_and(|next| next.raw == "(") {
            at = behind(item, at);
        }
    }
}

/// Whether a reference is looked at at the end of a transaction; the words of the next clause are not its own.
fn deferred(tail: &[Token<'_>]) -> Option<String> {
    let end = tail.iter().skip(1).position(|token| token.is("references") || token.is("constraint"));
    let tail = &tail[..end.map_or(tail.len(), |end| end + 1)];
    let at = tail.iter().position(|token| token.is("deferrable"))?;
    if at > 0 && tail[at - 1].is("not") {
        return None;
    }
    let late = tail.get(at + 1).is_some_and(|word| word.is("initially"))
        && tail.get(at + 2).is_some_and(|word| word.is("deferred"));
    Some(if late { "deferrable initially deferred" } else { "deferrable" }.to_owned())
}

/// Reads the text of a CREATE INDEX: the expressions of its parts, and the condition of a partial one.
pub(super) fn index(sql: &str, columns: &[String]) -> (Vec<String>, Option<String>) {
    let all = tokens(sql);
    let Some(on) = all.iter().position(|token| token.is("on")) else { return Default::default() };
    let Some(open) = all.iter().skip(on + 2).position(|token| token.raw == "(").map(|at| at + on + 2) else {
        return Default::default();
    };
    let expressions = parts(inside(&all, open)).map(|part| {
        let mut part = part;
        while let [rest @ .., last] = part {
            let collated = rest.last().is_some_and(|before| before.is("collate"));
            part = match () {
                () if last.is("asc") || last.is("desc") => rest,
                () if collated => &rest[..rest.len() - 1],
                () => break,
            };
        }
        text(part, columns)
    });
    let expressions = expressions.collect();
    let rest = &all[behind(&all, open)..];
    let predicate = rest.first().filter(|word| word.is("where")).map(|_| text(&rest[1..], columns));
    (expressions, predicate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_table_tells_what_no_pragma_tells() {
        let table = table(
            "CREATE TABLE `it's (odd)` (`a, b` integer CONSTRAINT `pk x` PRIMARY KEY AUTOINCREMENT, -- why, (\n \
             [c, d] text COLLATE NOCASE CHECK ( \"a, b\"  > 0 /* , */ AND 'a, b' <> '') REFERENCES p DEFERRABLE INITIALLY DEFERRED, \
             e AS (`a, b` + (1)) STORED, \"check\" text DEFAULT ('collate x'), \
             CONSTRAINT ck CHECK (e > 0) CONSTRAINT `fk 1` FOREIGN KEY (e) REFERENCES q (id) ON DELETE CASCADE NOT DEFERRABLE)",
        );
        let names: Vec<_> = table.columns.iter().map(|column| &*column.name).collect();
        assert_eq!(names, ["a, b", "c, d", "e", "check"]);
        assert!(table.columns[0].counted && table.key == "pk x");
        assert_eq!(table.columns[1].collation.as_deref(), Some("NOCASE"));
        assert_eq!(table.columns[2].generated.as_deref(), Some("`a, b` + (1) stored"));
        let checks = [(String::new(), "`a, b` > 0 AND 'a, b' <> ''".to_owned()), ("ck".to_owned(), "e > 0".to_owned())];
        assert_eq!(table.checks, checks);
        let late = Some("deferrable initially deferred".to_owned());
        assert_eq!(table.foreign_keys, [(String::new(), late), ("fk 1".to_owned(), None)]);
    }

    #[test]
    fn the_text_of_an_index_tells_its_expressions() {
        let sql = "CREATE UNIQUE INDEX `on (x)` ON \"it's\" (lower(name) COLLATE NOCASE DESC, \"b\" ASC) WHERE  b>0";
        let (parts, only) = index(sql, &["b".to_owned()]);
        assert_eq!(parts, ["lower(name)", "`b`"]);
        assert_eq!(only.as_deref(), Some("b>0"));
        assert_eq!(index("CREATE INDEX i ON t (a)", &[]).1, None);
    }
}
