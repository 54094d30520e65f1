//! What the name of a function says: the crates that it may stand in, and its path.

/// A function by its demangled name, of either mangling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    /// The crate of the type or module that it stands in.
    pub(crate) crate_name: Option<&'a str>,
    /// The crate of the trait that it implements a method of.
    pub(crate) trait_crate: Option<&'a str>,
    /// The path that begins with `crate_name`, without generic arguments of the function itself.
    pub(crate) path: &'a str,
    /// The last part of the name that is no closure.
    pub(crate) function: &'a str,
}

impl<'a> Name<'a> {
    /// Reads `<shop::Order as sqlx_core::from_row::FromRow>::from_row` and `shop::orders::list::{{closure}}`.
    pub(crate) fn parse(name: &'a str) -> Self {
        let (of, trait_crate) = match name.strip_prefix('<').and_then(inside_brackets) {
            Some((inside, _)) => match split_as(inside) {
                Some((of, as_trait)) => (of, first_segment(as_trait)),
                None => (inside, None),
            },
            None => (name, None),
        };
        let of = bare(of);
        Name { crate_name: first_segment(of), trait_crate, path: of, function: function(name) }
    }
}

/// What stands before the bracket that closes an open one, and what after.
fn inside_brackets(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut before) = (1, 0_u8);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if before != b'-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
        before = byte;
    }
    None
}

/// Splits `Type as Trait`, where the type may have brackets of its own.
fn split_as(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut before) = (0_u32, 0_u8);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' | b'(' | b'[' => depth += 1,
            b'>' if before == b'-' => {}
            b'>' | b')' | b']' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 && text[at..].starts_with(" as ") => {
                return Some((&text[..at], &text[at + 4..]));
            }
            _ => {}
        }
        before = byte;
    }
    None
}

/// A type without what refers to it: `shop::Cart` of `&mut dyn shop::Cart`.
fn bare(mut text: &str) -> &str {
    const BEFORE: [&str; 10] = ["&", "mut ", "dyn ", "*const ", "*mut ", "(", "[", "<", "impl ", " "];
    while let Some(rest) = BEFORE.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest;
    }
    text
}

/// The crate at the beginning of a path; a single word is a generic parameter, a primitive type, or a function of C.
fn first_segment(path: &str) -> Option<&str> {
    let path = bare(path);
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (end > 0 && path[end..].starts_with("::")).then(|| &path[..end])
}

/// The function's own name: `list` of `shop::orders::list::{{closure}}`.
fn function(name: &str) -> &str {
    let mut rest = name;
    loop {
        let (before, last) = rest.rsplit_once("::").unwrap_or(("", rest));
        let is_function = last.starts_with(|c: char| c.is_alphabetic() || c == '_') && !last.ends_with('>');
        if is_function || before.is_empty() {
            return last;
        }
        // `list::<shop::Order>`, `list<shop::Order>`, `{{closure}}`.
        rest = match last.ends_with('>').then(|| without_arguments(rest)).flatten() {
            Some(without) => without,
            None => before,
        };
    }
}

/// The name before the generic arguments at its end.
fn without_arguments(name: &str) -> Option<&str> {
    let bytes = name.as_bytes();
    let mut depth = 0_u32;
    for at in (0..bytes.len()).rev() {
        match bytes[at] {
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' => depth += 1,
            b'<' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (at > 0).then(|| name[..at].trim_end_matches("::"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, crate_name: Option<&str>, trait_crate: Option<&str>, function: &str) {
        let parsed = Name::parse(name);
        assert_eq!(
            (parsed.crate_name, parsed.trait_crate, parsed.function),
            (crate_name, trait_crate, function)
        );
    }

    #[test]
    fn functions_and_closures() {
        check("shop::orders::list", Some("shop"), None, "list");
        check("shop::orders::list::{{closure}}::{{closure}}", Some("shop"), None, "list");
        check("shop::orders::list::{closure#0}", Some("shop"), None, "list");
        check("shop::orders::list::<shop::Order, fn(&str) -> u8>::{closure#1}", Some("shop"), None, "list");
        check("sqlx_core::query::fetch<alloc::vec::Vec<u8>>", Some("sqlx_core"), None, "fetch");
        check("sqlite3_exec", None, None, "sqlite3_exec");
        check("__rust_alloc", None, None, "__rust_alloc");
        check("main", None, None, "main");
    }

    #[test]
    fn methods_of_types_and_of_traits() {
        check(
            "<shop::Order as sqlx_core::from_row::FromRow<R>>::from_row",
            Some("shop"),
            Some("sqlx_core"),
            "from_row",
        );
        check("<F as axum::handler::Handler<(M,T1),S>>::call", None, Some("axum"), "call");
        check("<&mut shop::Cart as core::ops::drop::Drop>::drop", Some("shop"), Some("core"), "drop");
        check("<(dyn shop::Task + 'a) as core::any::Any>::type_id", Some("shop"), Some("core"), "type_id");
        check("<alloc::vec::Vec<T,A> as core::ops::drop::Drop>::drop", Some("alloc"), Some("core"), "drop");
        check("<core::option::Option<fn() -> u8> as a::B>::c", Some("core"), Some("a"), "c");
        check(
            "<sqlx_core::pool::Pool<sqlx_postgres::Postgres>>::acquire::{closure#0}",
            Some("sqlx_core"),
            None,
            "acquire",
        );
        check("<[u8] as alloc::slice::ToOwned>::to_owned", None, Some("alloc"), "to_owned");
        check("core::ptr::drop_in_place<shop::Cart>", Some("core"), None, "drop_in_place");
        check(
            "core::ops::function::FnOnce::call_once{{vtable.shim}}",
            Some("core"),
            None,
            "call_once{{vtable.shim}}",
        );
    }
}
