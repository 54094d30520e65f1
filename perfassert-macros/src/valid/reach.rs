//! Limits that can be reached. One that another one is always in front of fails nothing, and is a mistake. What is a constant is
//! looked at where its value is known: see `checked` in the library.

use quote::ToTokens;
use syn::{Expr, ExprLit, Lit};

use super::{Attribute, size};
use crate::parse::{Argument, Arguments, Name};

/// What `max_queries` limits altogether, and by kind.
const KINDS: [&str; 7] = ["select", "insert", "update", "delete", "ddl", "copy", "other"];

/// An error where a limit is above one for what it is a part of.
pub(super) fn limits(attribute: Attribute, arguments: &Arguments) -> syn::Result<()> {
    match attribute {
        Attribute::MaxQueries => KINDS.iter().try_for_each(|kind| below(attribute, arguments, kind, None)),
        _ => below(attribute, arguments, "live", Some("peak")),
    }
}

/// An error for a threshold that a statement which is sent once is at.
pub(super) fn repeats(arguments: &Arguments) -> syn::Result<()> {
    match named(arguments, Some("threshold")) {
        Some((argument, 0 | 1)) => Err(Attribute::NoNPlusOne.rejection(
            &argument.value,
            "what is sent once does not repeat: a threshold is a whole number from 2",
        )),
        _ => Ok(()),
    }
}

fn below(attribute: Attribute, arguments: &Arguments, part: &str, whole: Option<&str>) -> syn::Result<()> {
    match named(arguments, Some(part)).zip(named(arguments, whole)) {
        Some(((argument, inner), (of, outer))) if inner > outer => {
            let (part_value, whole_value) = (argument.value.to_token_stream(), of.value.to_token_stream());
            let limit =
                whole.map_or_else(|| whole_value.to_string(), |name| format!("{name} = {whole_value}"));
            let why =
                format!("`{part} = {part_value}` is never reached: the limit `{limit}` is exceeded first");
            Err(attribute.rejection(&argument.value, &why))
        }
        _ => Ok(()),
    }
}

/// An argument with a literal for its value: that of the name, or the one without.
fn named<'a>(arguments: &'a Arguments, name: Option<&str>) -> Option<(&'a Argument, u64)> {
    let is_it = |argument: &&Argument| match (&argument.name, name) {
        (Some(Name::Option(option)), Some(name)) => option == name,
        (None, None) => true,
        _ => false,
    };
    let argument = arguments.0.iter().find(is_it)?;
    Some((argument, literal(&argument.value)?))
}

fn literal(value: &Expr) -> Option<u64> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => size::bytes(&text.value()),
        _ => None,
    }
}
