//! One value as it was written, before a key says what it must be. Text is read as the type that the key wants, because
//! the environment knows nothing else.

use std::{path::PathBuf, time::Duration};

/// The longest time that can be configured.
const DAY: Duration = Duration::from_hours(24);

/// A value of TOML, of a variable or of code. No `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Bool(bool),
    List(Vec<String>),
    Table,
    /// What no key wants: a float, a date, a mixed list.
    Other,
}

/// What a key says of a value that it cannot take.
type Read<T> = Result<T, String>;

impl Value {
    pub(super) fn text(&self) -> Read<&str> {
        match self {
            Self::Text(text) if text.is_empty() => Err("is empty".to_owned()),
            Self::Text(text) => Ok(text),
            _ => Err("must be text".to_owned()),
        }
    }

    pub(super) fn path(&self) -> Read<PathBuf> {
        self.text().map(PathBuf::from)
    }

    /// The path of a file that is there.
    pub(super) fn file(&self) -> Read<PathBuf> {
        let path = self.path()?;
        if path.is_file() { Ok(path) } else { Err("names a file that is not there".to_owned()) }
    }

    pub(super) fn whole(&self, least: u32, most: u32) -> Read<u32> {
        let number = match self {
            Self::Whole(number) => u32::try_from(*number).ok(),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
    }

    pub(super) fn boolean(&self) -> Read<bool> {
        match self {
            Self::Bool(value) => Ok(*value),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err("must be `true` or `false`".to_owned()),
        }
    }

    /// A time from `least` to a day: a whole number of seconds, or text such as `500ms`, `5s`, `2m`, `1h 30m`.
    pub(super) fn duration(&self, least: Duration) -> Read<Duration> {
        let duration = match self {
            Self::Whole(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
            Self::Text(text) => match text.trim().parse() {
                Ok(seconds) => Some(Duration::from_secs(seconds)),
                Err(_) => humantime::parse_duration(text.trim()).ok(),
            },
            _ => None,
        };
        let duration = duration.ok_or("must be a time such as `500ms`, `5s` or `2m`, or a whole number of seconds")?;
        if (least..=DAY).contains(&duration) {
            Ok(duration)
        } else {
            Err(format!("must be from {} to one day", humantime::format_duration(least)))
        }
    }

    /// One secret, or several: a list, or text that is one in TOML, or words between spaces.
    pub(super) fn secrets(&self) -> Read<Vec<String>> {
        self.words().ok_or_else(|| "must be text or a list of texts".to_owned())
    }

    /// A program and its arguments: a list, or text that is one in TOML, or words between spaces. No shell reads it.
    pub(super) fn command(&self) -> Read<Vec<String>> {
        self.words()
            .ok_or_else(|| "must be a program and its arguments, such as `[\"pass\", \"show\", \"db\"]`".to_owned())
    }

    fn words(&self) -> Option<Vec<String>> {
        let words: Option<Vec<String>> = match self {
            Self::List(words) => Some(words.clone()),
            Self::Text(text) if text.trim_start().starts_with('[') => list(text),
            Self::Text(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
            _ => None,
        };
        words.filter(|words| words.first().is_some_and(|first| !first.is_empty()))
    }
}

fn list(text: &str) -> Option<Vec<String>> {
    match toml::de::DeValue::parse(text.trim()) {
        Ok(value) => match super::source::value(value.get_ref()) {
            Value::List(words) => Some(words),
            _ => None,
        },
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_time_is_text_with_a_unit_or_whole_seconds() {
        let read = |value: Value| value.duration(Duration::from_millis(1));
        for (written, millis) in [("500ms", 500), ("5s", 5_000), ("2m", 120_000), ("1h 30m", 5_400_000), ("7", 7_000)] {
            assert_eq!(read(text(written)), Ok(Duration::from_millis(millis)), "{written}");
        }
        assert_eq!(read(Value::Whole(30)), Ok(Duration::from_secs(30)));
        assert_eq!(read(text("24h")), Ok(DAY));
    }

    #[test]
    fn a_time_out_of_range_says_the_range() {
        let read = |value: Value| value.duration(Duration::from_millis(1)).unwrap_err();
        for value in [text("0s"), Value::Whole(0), text("25h"), Value::Whole(86_401)] {
            assert_eq!(read(value), "must be from 1ms to one day");
        }
        for value in [text("hunter2"), text("-1s"), Value::Whole(-1), text("1.5"), Value::Bool(true), Value::Other] {
            assert!(read(value).starts_with("must be a time such as"));
        }
    }

    #[test]
    fn whole_numbers_and_booleans_may_be_text() {
        assert_eq!(text("5").whole(1, 10), Ok(5));
        assert_eq!(Value::Whole(10).whole(1, 10), Ok(10));
        for value in [text("0"), text("11"), text("five"), Value::Whole(-1), Value::Other] {
            assert_eq!(value.whole(1, 10), Err("must be a whole number from 1 to 10".to_owned()));
        }
        assert_eq!((text("TRUE").boolean(), Value::Bool(false).boolean()), (Ok(true), Ok(false)));
        assert!(text("yes").boolean().is_err() && Value::Whole(1).boolean().is_err());
    }

    #[test]
    fn a_command_is_a_list_or_words() {
        let words = |words: &[&str]| Ok(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(text("pass show db").command(), words(&["pass", "show", "db"]));
        assert_eq!(text(r#"["pass", "show", "my db"]"#).command(), words(&["pass", "show", "my db"]));
        assert_eq!(Value::List(vec!["pass".to_owned()]).command(), words(&["pass"]));
        for value in [text("[1]"), text("[\"open"), text(" "), Value::List(vec![]), Value::Bool(true)] {
            assert!(value.command().unwrap_err().starts_with("must be a program"));
        }
    }
}
