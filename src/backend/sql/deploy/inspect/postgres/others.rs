//! What is there and is no table: views, triggers, rules, policies, sequences, types, routines, statistics. Each with a statement
//! that would make it again, in which nothing says where it is.

use super::{
    super::{Ask, BOOKS, other},
    literal,
};
use crate::{Result, schema::Picture};

/// `{here}` is the schema's name as a literal. What an extension owns is its own.
const QUESTION: &str = r"WITH n AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = {here}), o(class, oid, kind, name, of, text) AS (
SELECT 'pg_class'::regclass, c.oid, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, c.relname::text, NULL,
  format('CREATE %s %I%s AS%s', CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, c.relname,
    ' WITH (' || array_to_string(c.reloptions, ', ') || ')', E'\n' || rtrim(pg_get_viewdef(c.oid), ';'))
  FROM pg_class c JOIN n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
UNION ALL SELECT 'pg_class'::regclass, m.oid, 'index', i.relname::text, m.relname::text, pg_get_indexdef(i.oid, 0, true)
  FROM pg_class m JOIN n ON n.oid = m.relnamespace JOIN pg_index x ON x.indrelid = m.oid
  JOIN pg_class i ON i.oid = x.indexrelid WHERE m.relkind = 'm'
UNION ALL SELECT 'pg_class'::regclass, c.oid, 'foreign table', c.relname::text, NULL,
  format('CREATE FOREIGN TABLE %I (%s) SERVER %I', c.relname, (SELECT string_agg(format('%I %s', a.attname,
    format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum) FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), s.srvname)
  FROM pg_class c JOIN n ON n.oid = c.relnamespace JOIN pg_foreign_table f ON f.ftrelid = c.oid
  JOIN pg_foreign_server s ON s.oid = f.ftserver
UNION ALL SELECT 'pg_class'::regclass, c.oid, 'sequence', c.relname::text, NULL,
  format('CREATE SEQUENCE %I AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s', c.relname,
    format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
    CASE WHEN s.seqcycle THEN ' CYCLE' END)
  FROM pg_class c JOIN n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))
UNION ALL SELECT 'pg_class'::regclass, c.oid, 'trigger', t.tgname::text, c.relname::text, pg_get_triggerdef(t.oid, true)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN n ON n.oid = c.relnamespace
  WHERE NOT t.tgisinternal AND coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0'
UNION ALL SELECT 'pg_class'::regclass, c.oid, 'rule', r.rulename::text, c.relname::text, pg_get_ruledef(r.oid, true)
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN'
UNION ALL SELECT 'pg_class'::regclass, c.oid, 'policy', p.polname::text, c.relname::text,
  format('CREATE POLICY %I ON %I AS %s FOR %s TO %s%s%s', p.polname, c.relname,
    CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
    (SELECT string_agg(CASE WHEN role = 0 THEN 'PUBLIC' ELSE role::regrole::text END, ', ') FROM unnest(p.polroles) role),
    ' USING (' || pg_get_expr(p.polqual, c.oid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, c.oid) || ')')
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN n ON n.oid = c.relnamespace
UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid, 'statistics', s.stxname::text, c.relname::text,
  replace(pg_get_statisticsobjdef(s.oid), format('STATISTICS %I.', n.nspname), 'STATISTICS ')
  FROM pg_statistic_ext s JOIN n ON n.oid = s.stxnamespace JOIN pg_class c ON c.oid = s.stxrelid
UNION ALL SELECT 'pg_type'::regclass, t.oid, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, t.typname::text, NULL,
  CASE t.typtype
    WHEN 'e' THEN format('CREATE TYPE %I AS ENUM (%s)', t.typname, (SELECT string_agg(quote_literal(e.enumlabel), ', '
      ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
    WHEN 'c' THEN format('CREATE TYPE %I AS (%s)', t.typname, (SELECT string_agg(format('%I %s', a.attname,
      format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum) FROM pg_attribute a
      WHERE a.attrelid = t.typrelid AND NOT a.attisdropped))
    WHEN 'r' THEN format('CREATE TYPE %I AS RANGE (SUBTYPE = %s)', t.typname,
      (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid))
    WHEN 'd' THEN format('CREATE DOMAIN %I AS %s%s%s%s%s', t.typname, format_type(t.typbasetype, t.typtypmod),
      (SELECT format(' COLLATE %I', l.collname) FROM pg_collation l JOIN pg_type b ON b.oid = t.typbasetype
        WHERE l.oid = t.typcollation AND l.oid <> b.typcollation), ' DEFAULT ' || t.typdefault,
      CASE WHEN t.typnotnull THEN ' NOT NULL' END, (SELECT string_agg(format(' CONSTRAINT %I %s', k.conname,
      pg_get_constraintdef(k.oid)), '' ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
    ELSE format('CREATE TYPE %I', t.typname) END
  FROM pg_type t JOIN n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c' OR (t.typtype = 'b' AND t.typcategory <> 'A'))
UNION ALL SELECT 'pg_proc'::regclass, p.oid, 'routine', format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), NULL,
  CASE WHEN p.prokind = 'a' THEN format('CREATE AGGREGATE %I(%s)', p.proname, pg_get_function_identity_arguments(p.oid))
    ELSE pg_get_functiondef(p.oid) END
  FROM pg_proc p JOIN n ON n.oid = p.pronamespace)
SELECT o.kind, o.name, o.of, o.text FROM o
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')";

pub(super) async fn read<A: Ask>(asker: &mut A, place: &str, picture: &mut Picture) -> Result<()> {
    let question = QUESTION.replace("{here}", &literal(place));
    for mut row in asker.ask::<4>(&question).await? {
        let (kind, name, of) = (row.take(0), row.take(1), row.maybe(2));
        if of.as_deref().is_some_and(|of| BOOKS.contains(&of)) {
            continue;
        }
        let mut text = row.take(3);
        if kind == "routine" {
            text = bare(&text, place);
        }
        picture.others.push(other(&kind, name, of, text));
    }
    Ok(())
}

/// A routine's text without the name of its schema, which the server always writes.
fn bare(text: &str, place: &str) -> String {
    for start in ["CREATE OR REPLACE FUNCTION ", "CREATE OR REPLACE PROCEDURE "] {
        let Some(rest) = text.strip_prefix(start) else { continue };
        let rest = [super::quoted(place), place.to_owned()].iter().find_map(|it| rest.strip_prefix(&format!("{it}.")));
        if let Some(rest) = rest {
            return [start, rest].concat();
        }
    }
    text.to_owned()
}
