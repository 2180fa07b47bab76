//! Text in styles, said with colours on a terminal and plainly elsewhere.

/// What a piece of text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// Ordinary.
    #[default]
    Plain,
    /// A heading.
    Bold,
    /// Less important.
    Faint,
    /// Comes, or is safe: green.
    Added,
    /// Goes, or loses something: red.
    Removed,
    /// Becomes another, or makes others wait: yellow.
    Changed,
    /// A danger that must be seen: white on red.
    Alarm,
}

impl Style {
    /// How a terminal begins it (ECMA-48, 8.3.117).
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Added => "\x1b[32m",
            Self::Removed => "\x1b[31m",
            Self::Changed => "\x1b[33m",
            Self::Alarm => "\x1b[1;97;41m",
        }
    }

    /// A word with a terminal's colours.
    pub(crate) fn paint(self, word: &str) -> String {
        let code = self.code();
        if code.is_empty() { word.to_owned() } else { format!("{code}{word}\x1b[0m") }
    }
}

/// Lines of text in styles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    lines: Vec<Vec<(Style, String)>>,
}

impl Text {
    /// As it is, for files and pipes.
    #[must_use]
    pub fn plain(&self) -> String {
        self.said(|text, _, piece| text.push_str(piece))
    }

    /// With a terminal's colours.
    #[must_use]
    pub fn coloured(&self) -> String {
        self.said(|text, style, piece| text.push_str(&style.paint(piece)))
    }

    /// With colours where standard output is a terminal and `NO_COLOR` is not set (<https://no-color.org>).
    #[must_use]
    pub fn for_stdout(&self) -> String {
        use std::io::IsTerminal as _;
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty());
        if wanted && std::io::stdout().is_terminal() { self.coloured() } else { self.plain() }
    }

    pub(crate) fn line(&mut self) -> Line<'_> {
        self.lines.push(Vec::new());
        Line { text: self }
    }

    /// A text that may have several lines, each behind so many spaces.
    pub(crate) fn block(&mut self, indent: usize, style: Style, text: &str) {
        for line in text.lines() {
            self.line().put(Style::Plain, " ".repeat(indent)).put(style, line);
        }
    }

    /// Sentences, broken between words before they are too long to read; what follows the first line is indented as the text is.
    pub(crate) fn sentence(&mut self, indent: usize, head: (Style, &str), style: Style, text: &str) {
        let within = indent + head.1.chars().count();
        let mut rest = String::new();
        let mut first = true;
        let mut end = |this: &mut Self, rest: &mut String| {
            let line = this.line();
            if std::mem::take(&mut first) {
                line.put(Style::Plain, " ".repeat(indent)).put(head.0, head.1).put(style, std::mem::take(rest));
            } else {
                line.put(Style::Plain, " ".repeat(within)).put(style, std::mem::take(rest));
            }
        };
        for word in text.split_whitespace() {
            if !rest.is_empty() && within + rest.chars().count() + 1 + word.chars().count() > WIDTH {
                end(self, &mut rest);
            }
            if !rest.is_empty() {
                rest.push(' ');
            }
            rest.push_str(word);
        }
        end(self, &mut rest);
    }

    fn said(&self, put: impl Fn(&mut String, Style, &str)) -> String {
        let mut text = String::new();
        for line in &self.lines {
            let end = line.iter().rposition(|(_, piece)| !piece.trim().is_empty()).map_or(0, |last| last + 1);
            line[..end].iter().for_each(|(style, piece)| put(&mut text, *style, piece));
            text.push('\n');
        }
        text
    }
}

/// How long a line of words may be.
pub(crate) const WIDTH: usize = 100;

/// A line in the making.
pub(crate) struct Line<'a> {
    text: &'a mut Text,
}

impl Line<'_> {
    pub(crate) fn put(self, style: Style, piece: impl Into<String>) -> Self {
        if let Some(line) = self.text.lines.last_mut() {
            line.push((style, piece.into()));
        }
        self
    }

    /// What stands at the right edge, behind two spaces at least.
    pub(crate) fn right(self, style: Style, piece: &str) -> Self {
        let so_far: usize =
            self.text.lines.last().map_or(0, |line| line.iter().map(|(_, piece)| piece.chars().count()).sum());
        let gap = WIDTH.saturating_sub(so_far + piece.chars().count()).max(2);
        self.put(Style::Plain, " ".repeat(gap)).put(style, piece)
    }
}
