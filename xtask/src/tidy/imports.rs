//! Who imports whom: `use` trees, paths in code and paths in the bodies of macros, held against [`edges`].

use super::{
    Finding, Source,
    edges::{self, DRIVERS, ENTITY_TRAITS, INSIDE, PLANE, REGISTRY, TYPED},
};
use anyhow::Result;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::{
    Attribute, Item, ItemMod, ItemUse, Macro, UseTree,
    spanned::Spanned,
    visit::{self, Visit},
};

/// The modules of the library, as its files lay them out.
#[derive(Debug, Default)]
pub struct Tree {
    modules: BTreeSet<String>,
    /// The folders inside `src/backend/`.
    insides: BTreeSet<String>,
    /// What the crate's root re-exports, and from where.
    reexports: BTreeMap<String, String>,
}

impl Tree {
    pub fn new(paths: &[String], root: &str) -> Result<Self> {
        let mut tree = Self::default();
        for path in paths {
            let parts: Vec<_> = path.split('/').collect();
            match parts.as_slice() {
                ["src", "lib.rs" | "main.rs"] => {}
                ["src", file] => drop(tree.modules.insert(file.trim_end_matches(".rs").to_owned())),
                ["src", module, rest @ ..] => {
                    tree.modules.insert((*module).to_owned());
                    if let ("backend", [inside, _, ..]) = (*module, rest)
                        && !PLANE.contains(inside)
                    {
                        tree.insides.insert((*inside).to_owned());
                    }
                }
                _ => {}
            }
        }
        for item in syn::parse_file(root)?.items {
            if let Item::Use(item) = item {
                leaves(&item.tree, &mut Vec::new(), &mut |path, name| {
                    let from = path.iter().find(|part| *part != "crate" && *part != "self");
                    if let Some(from) = from.filter(|from| tree.modules.contains(*from)) {
                        tree.reexports.insert(name.to_owned(), from.clone());
                    }
                });
            }
        }
        Ok(tree)
    }

    /// The row of the table for a path in the library, and the name that a message gives it.
    fn row(&self, path: &[String]) -> Option<(String, Option<String>)> {
        let first = path.first()?;
        let module = if self.modules.contains(first) { first } else { self.reexports.get(first)? };
        let inside = path.get(1).filter(|second| module == "backend" && self.insides.contains(*second));
        Some(match inside {
            Some(inside) => (INSIDE.to_owned(), Some(inside.clone())),
            None => (module.clone(), None),
        })
    }
}

/// Where a path leads.
#[derive(Clone, Debug)]
enum Target {
    /// Into the library.
    Own(Vec<String>),
    /// Into another crate.
    Foreign(Vec<String>),
}

/// What breaks the rule in one file. Its tests may name what they like.
pub fn check(source: &Source, tree: &Tree) -> Vec<Finding> {
    let here = module_of(&source.path);
    let Some((row, inside)) = tree.row(&here).filter(|_| !source.is_for_tests()) else {
        return Vec::new();
    };
    let mut walk = Walk { here: here.clone(), aliases: BTreeMap::new(), found: Vec::new() };
    Aliases(&mut walk).visit_file(&source.syntax);
    walk.visit_file(&source.syntax);
    let mut findings = BTreeSet::new();
    for (line, target) in walk.found {
        let broken = match &target {
            Target::Own(path) => own(path, &row, inside.as_deref(), source, tree),
            Target::Foreign(path) => foreign(path, &row),
        };
        findings.extend(broken.map(|text| source.finding(line, text)));
    }
    findings.into_iter().collect()
}

fn own(path: &[String], row: &str, inside: Option<&str>, source: &Source, tree: &Tree) -> Option<String> {
    let (to, to_inside) = tree.row(path)?;
    let Some(allowed) = edges::allowed(row) else {
        return Some(format!("`{row}` has no row in the table of imports (xtask/src/tidy/edges.rs)"));
    };
    let path = path.join("::");
    if let Some(to_inside) = to_inside {
        let may = inside == Some(&to_inside) || REGISTRY.contains(&source.path.as_str());
        let only = REGISTRY.map(|file| file.trim_start_matches("src/")).join(" and ");
        return (!may).then(|| format!("`{path}` is the inside of a backend: only {only} may name it"));
    }
    if to == row || allowed.contains(&to.as_str()) || allowed == ["*"] {
        return None;
    }
    let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
    Some(format!("{row} may not name {to} (`{path}`); it may name: {allowed}"))
}

fn foreign(path: &[String], row: &str) -> Option<String> {
    let first = path.first()?.as_str();
    if DRIVERS.contains(&first) && row != INSIDE {
        return Some(format!("the driver `{first}` is named only under src/backend/<x>/"));
    }
    let typed = path.iter().skip(1).find(|part| ENTITY_TRAITS.contains(&part.as_str()) || *part == "*");
    let typed = typed.filter(|_| first == "sea_orm" && !TYPED.contains(&row))?;
    Some(format!("`sea_orm::…::{typed}` is of the typed plane; it is named only in: {}", TYPED.join(", ")))
}

/// `src/backend/sql/pool.rs` is `backend::sql::pool`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<_> = inner.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || (last == "lib" && parts.len() == 1)) {
        parts.pop();
    }
    parts
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

/// Whether an item is compiled for tests only.
pub fn is_test(item: &Item) -> bool {
    is_for_tests(match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return false,
    })
}

/// Every path that a `use` brings in, with the name it gets.
fn leaves(tree: &UseTree, path: &mut Vec<String>, take: &mut impl FnMut(&[String], &str)) {
    let mut leaf = |path: &mut Vec<String>, ident: String, name: &str| {
        if ident == "self" {
            let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name.to_owned() };
            take(path, &name);
        } else {
            path.push(ident);
            take(path, name);
            path.pop();
        }
    };
    match tree {
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            leaves(&step.tree, path, take);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, path, take)),
        UseTree::Name(name) => leaf(path, name.ident.to_string(), &name.ident.to_string()),
        UseTree::Rename(name) => leaf(path, name.ident.to_string(), &name.rename.to_string()),
        UseTree::Glob(_) => leaf(path, "*".to_owned(), "*"),
    }
}

struct Walk {
    here: Vec<String>,
    /// What a name at the start of a path stands for in this file.
    aliases: BTreeMap<String, Target>,
    found: Vec<(usize, Target)>,
}

impl Walk {
    fn resolve(&self, path: &[String]) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(Target::Own(rest.to_vec())),
            "self" => Some(Target::Own([&self.here, rest].concat())),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let kept = self.here.len().checked_sub(ups)?;
                Some(Target::Own([&self.here[..kept], &path[ups..]].concat()))
            }
            name => Some(match self.aliases.get(name) {
                Some(Target::Own(base)) => Target::Own([base, rest].concat()),
                Some(Target::Foreign(base)) => Target::Foreign([base, rest].concat()),
                None if path.len() > 1 => Target::Foreign(path.to_vec()),
                None => return None,
            }),
        }
    }

    fn take(&mut self, line: usize, path: &[String]) {
        let target = self.resolve(path);
        self.found.extend(target.map(|target| (line, target)));
    }

    /// Paths that begin with `crate` in what syn does not read.
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<_> = tokens.into_iter().collect();
        for (index, tree) in trees.iter().enumerate() {
            match tree {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) if ident == "crate" || DRIVERS.iter().any(|driver| ident == driver) => {
                    let mut path = vec![ident.to_string()];
                    let mut rest = trees[index + 1..].chunks_exact(3);
                    while let Some([TokenTree::Punct(one), TokenTree::Punct(two), TokenTree::Ident(next)]) = rest.next()
                        && (one.as_char(), two.as_char()) == (':', ':')
                    {
                        path.push(next.to_string());
                    }
                    if path.len() > 1 {
                        self.take(ident.span().start().line, &path);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Walk {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if module.content.is_some() {
            self.here.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.here.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let line = item.span().start().line;
        leaves(&item.tree, &mut Vec::new(), &mut |path, _| self.take(line, path));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if parts.len() > 1 {
            self.take(path.span().start().line, &parts);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

/// The first pass: which names stand for what.
struct Aliases<'a>(&'a mut Walk);

impl<'ast> Visit<'ast> for Aliases<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(item) {
            return;
        }
        match item {
            Item::Mod(module) => {
                let path = [self.0.here.clone(), vec![module.ident.to_string()]].concat();
                self.0.aliases.insert(module.ident.to_string(), Target::Own(path));
            }
            Item::Use(item) => leaves(&item.tree, &mut Vec::new(), &mut |path, name| {
                if let Some(target) = self.0.resolve(path) {
                    self.0.aliases.insert(name.to_owned(), target);
                }
            }),
            _ => visit::visit_item(self, item),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "pub use error::{Error, Result}; pub use database::Database;";

    fn broken(path: &str, text: &str) -> Vec<String> {
        let files = ["backend/mod.rs", "backend/sql/mod.rs", "backend/memory/mod.rs", "error.rs", "layer/mod.rs"];
        let more = ["repository/mod.rs", "database/mod.rs", "schema.rs", "transaction/mod.rs", "novel.rs"];
        let paths: Vec<_> = files.iter().chain(&more).map(|file| format!("src/{file}")).collect();
        let tree = Tree::new(&paths, ROOT).expect("a tree");
        let source = Source::parse(path, text).expect("parsed");
        check(&source, &tree).into_iter().map(|finding| format!("{}: {}", finding.line, finding.text)).collect()
    }

    #[test]
    fn an_allowed_import_is_silent() {
        let text = "use crate::{Error, backend::{Backend, filter}}; use super::query; fn f(e: crate::schema::Table) {}";
        assert_eq!(broken("src/repository/mod.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_backend_may_not_know_the_typed_plane() {
        let found = broken("src/backend/filter.rs", "use std::fmt;\nuse crate::repository::Query;");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("2: backend may not name repository (`repository::Query`)"), "{found:?}");
    }

    #[test]
    fn a_name_of_the_crates_root_is_its_modules() {
        assert_eq!(broken("src/error.rs", "fn f(d: crate::Database) {}").len(), 1);
        assert_eq!(broken("src/layer/mod.rs", "use crate::Result;").len(), 0);
    }

    #[test]
    fn the_inside_of_a_backend_is_for_the_registry() {
        let text = "use crate::backend::sql::connect;";
        assert_eq!(broken("src/database/mod.rs", text).len(), 1);
        assert_eq!(broken("src/database/registry.rs", text).len(), 0);
        assert_eq!(broken("src/backend/sql/pool.rs", text).len(), 0);
        assert_eq!(broken("src/backend/memory/mod.rs", text).len(), 1);
        assert_eq!(broken("src/backend/mod.rs", "pub mod sql; fn f() { sql::connect() }").len(), 1);
    }

    #[test]
    fn a_path_through_an_imported_module_is_followed() {
        let text = "use crate::backend;\nfn f() { backend::sql::connect() }";
        assert_eq!(broken("src/database/mod.rs", text).len(), 1);
    }

    #[test]
    fn relative_paths_are_followed() {
        assert_eq!(broken("src/backend/filter.rs", "use super::super::repository::Query;").len(), 1);
        assert_eq!(broken("src/backend/sql/pool.rs", "use super::super::filter::Filter; use super::error;").len(), 0);
    }

    #[test]
    fn the_body_of_a_macro_is_read() {
        let text = "macro_rules! m { () => { $crate::repository::all() } }";
        assert_eq!(broken("src/layer/mod.rs", text).len(), 1);
    }

    #[test]
    fn a_driver_is_named_inside_a_backend_only() {
        assert_eq!(broken("src/repository/mod.rs", "use sqlx::Row;").len(), 1);
        assert_eq!(broken("src/repository/mod.rs", "fn f(r: sqlx::Error) {}").len(), 1);
        assert_eq!(broken("src/backend/sql/pool.rs", "use sqlx::Row;").len(), 0);
    }

    #[test]
    fn entity_traits_are_of_the_typed_plane() {
        let text = "use sea_orm::{EntityTrait, Value};";
        assert_eq!(broken("src/backend/value.rs", text).len(), 1);
        assert_eq!(broken("src/repository/mod.rs", text).len(), 0);
        assert_eq!(broken("src/backend/value.rs", "use sea_orm::{Value, prelude::Json};").len(), 0);
        assert_eq!(broken("src/backend/value.rs", "use sea_orm::prelude::*;").len(), 1);
    }

    #[test]
    fn tests_may_name_what_they_like() {
        let text = "#[cfg(test)] mod tests { use crate::repository::all; use sqlx::Row; }";
        assert_eq!(broken("src/backend/filter.rs", text).len(), 0);
    }

    #[test]
    fn a_module_without_a_row_is_told() {
        assert!(broken("src/novel.rs", "use crate::Error;")[0].contains("has no row"));
    }
}
