//! What a look at a live server finds.

use std::fmt;

/// One law that a server, a setting, a table or a column breaks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The law, such as `V2`.
    pub law: &'static str,
    /// The entity, where it is about one.
    pub entity: Option<String>,
    /// The field, where it is about one.
    pub field: Option<String>,
    /// What was found, and what breaks by it.
    pub why: String,
    /// The statement that would mend it, where one is known.
    pub mend: Option<String>,
}

impl Finding {
    /// About the server as a whole.
    #[must_use]
    pub fn new(law: &'static str, why: impl Into<String>) -> Self {
        Self { law, entity: None, field: None, why: why.into(), mend: None }
    }

    /// About this entity.
    #[must_use]
    pub fn entity(mut self, entity: impl Into<String>) -> Self {
        self.entity = Some(entity.into());
        self
    }

    /// About this field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// This statement would mend it.
    #[must_use]
    pub fn mend(mut self, statement: impl Into<String>) -> Self {
        self.mend = Some(statement.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.law)?;
        if let Some(entity) = &self.entity {
            write!(f, " {entity}")?;
            if let Some(field) = &self.field {
                write!(f, ".{field}")?;
            }
        }
        write!(f, ": {}", self.why)
    }
}
