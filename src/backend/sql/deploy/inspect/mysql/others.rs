//! What is there and is no table: views, triggers, routines, events, MariaDB's sequences. Each with a statement that would make it
//! again; who made it is left out, for that is a user of this server.

use super::{
    super::{Ask, BOOKS, Row, other},
    Here,
};
use crate::{
    Result,
    schema::{Flavor, Picture},
};
use std::collections::BTreeMap;

const QUESTION: &str = "SELECT 'view', CAST(TABLE_NAME AS CHAR), NULL, CAST(SECURITY_TYPE AS CHAR), CAST(CHECK_OPTION AS CHAR), NULL, \
    NULL, CAST(VIEW_DEFINITION AS CHAR) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = {here} \
    UNION ALL SELECT 'trigger', CAST(TRIGGER_NAME AS CHAR), CAST(EVENT_OBJECT_TABLE AS CHAR), CAST(ACTION_TIMING AS CHAR), \
    CAST(EVENT_MANIPULATION AS CHAR), NULL, NULL, CAST(ACTION_STATEMENT AS CHAR) \
    FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {here} \
    UNION ALL SELECT 'parameter', CAST(SPECIFIC_NAME AS CHAR), NULL, CAST(ROUTINE_TYPE AS CHAR), CAST(PARAMETER_MODE AS CHAR), \
    LPAD(ORDINAL_POSITION, 5, '0'), CAST(PARAMETER_NAME AS CHAR), CAST(DTD_IDENTIFIER AS CHAR) \
    FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = {here} AND ORDINAL_POSITION > 0 \
    UNION ALL SELECT 'routine', CAST(ROUTINE_NAME AS CHAR), NULL, CAST(ROUTINE_TYPE AS CHAR), CAST(DTD_IDENTIFIER AS CHAR), \
    CONCAT(CASE IS_DETERMINISTIC WHEN 'YES' THEN 'DETERMINISTIC ' ELSE '' END, SQL_DATA_ACCESS), CAST(SECURITY_TYPE AS CHAR), \
    CAST(ROUTINE_DEFINITION AS CHAR) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {here} \
    UNION ALL SELECT 'event', CAST(EVENT_NAME AS CHAR), NULL, CAST(INTERVAL_VALUE AS CHAR), CAST(INTERVAL_FIELD AS CHAR), \
    CAST(EXECUTE_AT AS CHAR), CAST(STATUS AS CHAR), CAST(EVENT_DEFINITION AS CHAR) \
    FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {here}";

impl Here {
    pub(super) async fn others<A: Ask>(
        &self,
        asker: &mut A,
        sequences: Vec<String>,
        picture: &mut Picture,
    ) -> Result<()> {
        let rows = self.ask::<A, 8>(asker, QUESTION).await?;
        let (mut parameters, mut rest) = (BTreeMap::new(), Vec::new());
        for row in rows {
            if row.get(0) == "parameter" {
                let name = Flavor::MariaDb.quoted(row.get(6));
                // Only a procedure's says which way it goes.
                let way = if row.get(3) == "PROCEDURE" { format!("{} ", row.get(4)) } else { String::new() };
                let place = (row.get(3).to_owned(), row.get(1).to_owned());
                let known: &mut BTreeMap<String, String> = parameters.entry(place).or_default();
                known.insert(row.get(5).to_owned(), format!("{way}{name} {}", row.get(7)));
            } else {
                rest.push(row);
            }
        }
        for mut row in rest {
            let text = match row.get(0) {
                "view" => view(&row),
                "trigger" => trigger(&row),
                "event" => event(&row),
                _ => {
                    let of = (row.get(3).to_owned(), row.get(1).to_owned());
                    let known = parameters.get(&of).into_iter().flat_map(BTreeMap::values);
                    routine(&row, &known.cloned().collect::<Vec<_>>().join(", "))
                }
            };
            let (kind, name, of) = (row.take(0), row.take(1), row.maybe(2));
            if of.as_deref().is_none_or(|of| !BOOKS.contains(&of)) {
                picture.others.push(other(&kind, name, of, self.bare(&text)));
            }
        }
        self.sequences(asker, sequences, picture).await
    }

    async fn sequences<A: Ask>(&self, asker: &mut A, names: Vec<String>, picture: &mut Picture) -> Result<()> {
        let here = Flavor::MariaDb.quoted(&self.place);
        let parts = names.iter().enumerate().map(|(at, name)| {
            format!(
                "SELECT '{at}', CAST(minimum_value AS CHAR), CAST(maximum_value AS CHAR), CAST(start_value AS CHAR), \
                 CAST(increment AS CHAR), CAST(cache_size AS CHAR), CAST(cycle_option AS CHAR) FROM {here}.{}",
                Flavor::MariaDb.quoted(name)
            )
        });
        let question = parts.collect::<Vec<_>>().join(" UNION ALL ");
        if question.is_empty() {
            return Ok(());
        }
        for row in asker.ask::<7>(&question).await? {
            let Some(name) = row.get(0).parse::<usize>().ok().and_then(|at| names.get(at)) else { continue };
            let text = format!(
                "CREATE SEQUENCE {} START WITH {} MINVALUE {} MAXVALUE {} INCREMENT BY {} CACHE {}{}",
                Flavor::MariaDb.quoted(name),
                row.get(3),
                row.get(1),
                row.get(2),
                row.get(4),
                row.get(5),
                if row.yes(6) { " CYCLE" } else { "" }
            );
            picture.others.push(other("sequence", name.clone(), None, text));
        }
        Ok(())
    }
}

fn name(row: &Row, at: usize) -> String {
    Flavor::MariaDb.quoted(row.get(at))
}

fn invoker(text: &str) -> &'static str {
    if text == "INVOKER" { "SQL SECURITY INVOKER " } else { "" }
}

fn view(row: &Row) -> String {
    let check = match row.get(4) {
        "" | "NONE" => String::new(),
        scope => format!(" WITH {scope} CHECK OPTION"),
    };
    format!("CREATE {}VIEW {} AS {}{check}", invoker(row.get(3)), name(row, 1), row.get(7))
}

fn trigger(row: &Row) -> String {
    let when = [row.get(3), row.get(4)].join(" ");
    format!("CREATE TRIGGER {} {when} ON {} FOR EACH ROW {}", name(row, 1), name(row, 2), row.get(7))
}

fn event(row: &Row) -> String {
    let when = match row.get(3) {
        "" => format!("AT '{}'", row.get(5)),
        every => format!("EVERY '{every}' {}", row.get(4)),
    };
    let off = if row.get(6) == "ENABLED" { "" } else { " DISABLE" };
    format!("CREATE EVENT {} ON SCHEDULE {when}{off} DO {}", name(row, 1), row.get(7))
}

fn routine(row: &Row, parameters: &str) -> String {
    let returns = if row.get(3) == "FUNCTION" { format!("RETURNS {} ", row.get(4)) } else { String::new() };
    let (kind, said, body) = (row.get(3), row.get(5), row.get(7));
    format!("CREATE {kind} {}({parameters}) {returns}{said} {}{body}", name(row, 1), invoker(row.get(6)))
}
