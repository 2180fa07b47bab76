//! Names of Rust from names of a database.

/// Words that are no names in Rust, but with `r#`; and those that are none at all.
const KEYWORDS: [&str; 46] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "use", "virtual", "where", "while",
];

/// `InvoiceLine` and `invoice-line` are `invoice_line`; a keyword gets an underscore.
pub(super) fn module(name: &str) -> String {
    let mut snake = String::new();
    let mut before = None;
    for c in name.chars() {
        let lower = before.is_some_and(|b: char| b.is_lowercase() || b.is_ascii_digit());
        if c.is_uppercase() && lower && !snake.ends_with('_') {
            snake.push('_');
        }
        if c.is_alphanumeric() {
            snake.extend(c.to_lowercase());
        } else if !snake.ends_with('_') {
            snake.push('_');
        }
        before = Some(c);
    }
    let reserved = KEYWORDS.contains(&snake.as_str()) || ["self", "super", "crate", "mod"].contains(&snake.as_str());
    if snake.starts_with(|c: char| c.is_ascii_digit()) {
        snake.insert(0, '_');
    }
    if reserved || snake.is_empty() {
        snake.push('_');
    }
    snake
}

/// `invoice_line` is `InvoiceLine`.
pub(super) fn variant(name: &str) -> String {
    let words = module(name);
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    words.split('_').map(capital).collect()
}
