//! What the library's macros need a compiler's eye for: the names in the holes of a raw statement.
//!
//! `SeaORM`'s own `raw_sql!` looks names up where it is called, so it cannot be called from another macro; and it writes the text
//! for one server alone.

// The same reader of tokens as the one that writes the statement, so that both see the same holes.
#[path = "../../src/backend/raw/lex.rs"]
mod lex;

use lex::{Lexer, Token, Words};
use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;
use std::collections::BTreeSet;
use syn::{
    Error, LitStr, Result, Token as Of,
    parse::{Parse, ParseStream},
};

/// `raw!(crate, "text", dialect: "text", …)`: the library's `raw!` says which crate it is.
#[proc_macro]
pub fn raw(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let made = syn::parse::<Call>(input).and_then(Call::expand);
    made.unwrap_or_else(Error::into_compile_error).into()
}

struct Call {
    library: TokenTree,
    texts: Vec<(Option<Ident>, LitStr)>,
}

impl Parse for Call {
    fn parse(input: ParseStream) -> Result<Self> {
        let library = input.parse()?;
        let mut texts = Vec::new();
        while !input.is_empty() {
            input.parse::<Of![,]>()?;
            if input.is_empty() {
                break;
            }
            let dialect = if input.peek(LitStr) {
                None
            } else {
                let name: Ident = input.parse()?;
                input.parse::<Of![:]>()?;
                Some(name)
            };
            texts.push((dialect, input.parse()?));
        }
        if texts.is_empty() {
            return Err(input.error("the text of a statement"));
        }
        Ok(Self { library, texts })
    }
}

impl Call {
    fn expand(self) -> Result<TokenStream> {
        let (library, mut said, mut bound) = (&self.library, TokenStream::new(), TokenStream::new());
        let (mut texts, mut holes) = (BTreeSet::new(), BTreeSet::new());
        for (dialect, text) in &self.texts {
            let name = dialect.as_ref().map(ToString::to_string);
            let words = match name.as_deref() {
                None => Words::Any,
                Some("sqlite") => Words::Sqlite,
                Some("postgres") => Words::Postgres,
                Some("mysql") => Words::MySql,
                Some("mongodb") => Words::Mongo,
                Some(_) => {
                    return Err(Error::new_spanned(dialect, "a dialect is one of sqlite, postgres, mysql and mongodb"));
                }
            };
            if !texts.insert(name) {
                return Err(Error::new_spanned(text, "a second text for the same servers"));
            }
            said.extend(match dialect {
                None => quote!(.general(#text)),
                Some(dialect) => quote!(.#dialect(#text)),
            });
            for (path, all) in self::holes(text, words)? {
                if holes.insert((path.clone(), all)) {
                    let value = place(&path, text.span());
                    bound.extend(if all {
                        quote!(.bind_all(#path, (#value).iter().cloned()))
                    } else {
                        quote!(.bind(#path, (#value).to_owned()))
                    });
                }
            }
        }
        Ok(quote!(#library::raw::Raw::default() #said #bound))
    }
}

/// The holes of a text, by their paths.
fn holes(text: &LitStr, words: Words) -> Result<Vec<(String, bool)>> {
    let value = text.value();
    let mut holes = Vec::new();
    for (at, token) in Lexer::with_holes(&value, words) {
        let wrong = match token {
            Token::Hole { path, all } => {
                holes.push((path.to_owned(), all));
                continue;
            }
            Token::Stray => {
                "a hole is a name, `{id}`, a field, `{row.id}`, or a list, `{..ids}`; a brace itself is said twice"
            }
            Token::Unclosed => "a quote or a comment is not closed",
            Token::Placeholder(_) => "a placeholder of the server's own: write a hole, `{id}`",
            _ => continue,
        };
        let near: String = value[at.start..].chars().take(20).collect();
        return Err(Error::new(text.span(), format!("{wrong}; near `{near}`")));
    }
    Ok(holes)
}

/// The expression of a path, as if it stood where the text stands.
fn place(path: &str, span: Span) -> TokenStream {
    let mut value = TokenStream::new();
    for (index, part) in path.split('.').enumerate() {
        if index > 0 {
            value.extend(quote!(.));
        }
        let number = part.parse::<usize>().ok().filter(|_| index > 0);
        value.extend([match number {
            Some(number) => TokenTree::from(Literal::usize_unsuffixed(number)),
            None => TokenTree::from(Ident::new(part, span)),
        }]);
    }
    value
}
