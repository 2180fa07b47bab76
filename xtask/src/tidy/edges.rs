//! The import rule, as a table. `ARCHITECTURE.md` says why; a module without a row here is a mistake.

/// A module of the library and the modules it may name besides itself. `*` is every module but a backend's insides.
pub const EDGES: [(&str, &[&str]); 18] = [
    ("error", &[]),
    ("key", &["error"]),
    ("context", &["error"]),
    ("capability", &["error"]),
    ("config", &["error"]),
    ("schema", &["error"]),
    ("backend", &["capability", "context", "error", "schema"]),
    (INSIDE, &["backend", "capability", "config", "context", "error", "schema"]),
    ("layer", &["backend", "capability", "context", "error", "key", "schema"]),
    ("transaction", &["backend", "context", "error", "database", "schema"]),
    ("raw", &["backend", "capability", "context", "error", "transaction"]),
    ("repository", &["backend", "capability", "context", "error", "schema", "transaction", "key"]),
    ("database", &["*"]),
    ("migration", &["backend", "capability", "database", "error", "repository", "schema", "config"]),
    ("outbox", &["backend", "capability", "context", "database", "error", "repository", "schema", "transaction"]),
    ("framework", &["*"]),
    ("conformance", &["*"]),
    ("testing", &["*"]),
];

/// The row of `backend/<x>`: each may name itself, and no other.
pub const INSIDE: &str = "backend/<x>";

/// The folders of the erased plane that are no backend.
pub const PLANE: [&str; 3] = ["normalise", "raw", "rules"];

/// The files that may name a backend's insides.
pub const REGISTRY: [&str; 4] =
    ["src/database/registry.rs", "src/database/builder.rs", "src/testing/memory.rs", "src/testing/mod.rs"];

/// Crates that speak to a server or hold the data, named only inside a backend.
pub const DRIVERS: [&str; 6] = ["sqlx", "sea_query_sqlx", "deadpool", "mongodb", "redis", "imbl"];

/// What of SeaORM belongs to the typed plane.
pub const ENTITY_TRAITS: [&str; 16] = [
    "EntityTrait",
    "ActiveModelTrait",
    "ActiveModelBehavior",
    "ModelTrait",
    "ColumnTrait",
    "PrimaryKeyTrait",
    "PrimaryKeyToColumn",
    "PrimaryKeyArity",
    "EntityName",
    "EntityOrSelect",
    "Iterable",
    "IntoActiveModel",
    "TryIntoModel",
    "RelationTrait",
    "Related",
    "Linked",
];

/// Where they may be named.
pub const TYPED: [&str; 6] = ["repository", "framework", "conformance", "migration", "testing", "outbox"];

/// What a module may name; `None` where the table has no row for it.
pub fn allowed(row: &str) -> Option<&'static [&'static str]> {
    EDGES.iter().find(|(module, _)| *module == row).map(|(_, allowed)| *allowed)
}
