//! What is wrong with a configuration: every fault is found, then all are told at once.
//!
//! A service that learns of one mistake at each start is deployed once for each. No fault quotes a value: the wrong
//! value may be a password in the wrong place.

use crate::{Error, ErrorKind, Result};
use std::fmt;

/// Where a setting was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A TOML text and the line in it, counted from 1.
    Line(String, usize),
    /// A variable of the environment.
    Variable(String),
    /// A call on the builder.
    Code,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(file, line) => write!(f, "{file}:{line}"),
            Self::Variable(name) => f.write_str(name),
            Self::Code => f.write_str("set in code"),
        }
    }
}

#[derive(Debug)]
struct Fault {
    kind: ErrorKind,
    text: String,
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// One more, and where it was written, if anywhere.
    pub(super) fn add(&mut self, text: impl fmt::Display, origin: Option<&Origin>) {
        self.add_as(ErrorKind::Config, text, origin);
    }

    /// One more, of another kind than `Config`.
    pub(super) fn add_as(&mut self, kind: ErrorKind, text: impl fmt::Display, origin: Option<&Origin>) {
        let text = origin.map_or_else(|| text.to_string(), |origin| format!("{text} ({origin})"));
        self.0.push(Fault { kind, text });
    }

    /// `Ok` where there is none; else one error, a line for each. Its kind is `Config`, unless all agree on another.
    pub(super) fn into_result(self) -> Result<()> {
        let Some(first) = self.0.first() else { return Ok(()) };
        let agreed = self.0.iter().all(|fault| fault.kind == first.kind);
        let kind = if agreed { first.kind } else { ErrorKind::Config };
        let message = match self.0.as_slice() {
            [one] => one.text.clone(),
            many => {
                let lines: String = many.iter().flat_map(|fault| ["\n- ", &*fault.text]).collect();
                format!("{} faults{lines}", many.len())
            }
        };
        Err(Error::new(kind, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_is_one_line_and_several_are_a_list() {
        let mut faults = Faults::default();
        faults.add("a", Some(&Origin::Line("seabed.toml".into(), 3)));
        assert_eq!(Faults(vec![]).into_result().map_err(|e| e.to_string()), Ok(()));
        faults.add_as(ErrorKind::UnknownScheme, "b", Some(&Origin::Variable("DATABASE_URL".into())));
        faults.add("c", None);
        let error = faults.into_result().unwrap_err();
        assert_eq!(error.to_string(), "configuration: 3 faults\n- a (seabed.toml:3)\n- b (DATABASE_URL)\n- c");
    }

    #[test]
    fn a_kind_that_all_faults_agree_on_is_the_kind_of_the_error() {
        let mut faults = Faults::default();
        faults.add_as(ErrorKind::UnknownScheme, "b", None);
        assert!(faults.into_result().unwrap_err().is(ErrorKind::UnknownScheme));
    }
}
