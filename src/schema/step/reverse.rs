//! The way back of a step.

use super::{Action, Sql};

impl Action {
    /// The steps that take this one back; none where nobody knows them. What a way back cannot know is lost: a column that comes
    /// again has its default or null, a table that comes again is empty.
    ///
    /// ```
    /// use seabed::migration::prelude::*;
    /// let step = rename_column("item", "sku", "code").step()?;
    /// assert_eq!(step.action.reverse(), Some(vec![rename_column("item", "code", "sku").step()?.action]));
    /// assert_eq!(backfill("item").set("n", "n + 1").step()?.action.reverse(), None);
    /// # Ok::<_, seabed::Error>(())
    /// ```
    #[must_use]
    pub fn reverse(&self) -> Option<Vec<Self>> {
        let action = match self.clone() {
            Self::CreateTable(table) => Self::DropTable(table),
            Self::DropTable(table) => Self::CreateTable(table),
            Self::RenameTable { from, to } => Self::RenameTable { from: to, to: from },
            Self::AddColumn { table, column, fill: _ } => Self::DropColumn { table, column },
            Self::DropColumn { table, column } => Self::AddColumn { table, column, fill: None },
            Self::RenameColumn { table, from, to } => Self::RenameColumn { table, from: to, to: from },
            // What an expression made, nobody knows how to make back.
            Self::AlterColumn { from: None, .. } | Self::AlterColumn { using: Some(_), .. } | Self::Backfill(_) => {
                return None;
            }
            Self::AlterColumn { table, from: Some(from), to, using: None, fill: _ } => {
                Self::AlterColumn { table, from: Some(to), to: from, using: None, fill: None }
            }
            Self::AddIndex { table, index } => Self::DropIndex { table, index },
            Self::DropIndex { table, index } => Self::AddIndex { table, index },
            Self::RenameIndex { table, from, to } => Self::RenameIndex { table, from: to, to: from },
            Self::AddForeignKey { table, key } => Self::DropForeignKey { table, key },
            Self::DropForeignKey { table, key } => Self::AddForeignKey { table, key },
            Self::AddCheck { table, check } => Self::DropCheck { table, check },
            Self::DropCheck { table, check } => Self::AddCheck { table, check },
            Self::SetKey { table, from, to } => Self::SetKey { table, from: to, to: from },
            Self::SetComment { table, column, from, to } => {
                let column = column.map(|mut column| {
                    column.extra.comment.clone_from(&from);
                    column
                });
                Self::SetComment { table, column, from: to, to: from }
            }
            Self::Sql(Sql { down: None, .. }) => return None,
            Self::Sql(Sql { what, up, down: Some(down), probe: _, alone }) => {
                Self::Sql(Sql { what: format!("back: {what}"), up: down, down: Some(up), probe: None, alone })
            }
        };
        Some(vec![action])
    }
}
