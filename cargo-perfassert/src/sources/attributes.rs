//! What the attributes of a function mean: limits and the other gates, and what says how the test is run.

use perfassert_record::attributes::{Order, SIZES, THRESHOLD};
use perfassert_record::counts::Metric;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, Meta, Token};

use super::names::Names;
use crate::clean::clean;

/// One attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attribute {
    /// The condition of the `cfg_attr` that it stands in; empty without one.
    pub(crate) condition: String,
    /// As it is written: `#[ignore = "slow"]`.
    pub(crate) text: String,
    pub(crate) meaning: Meaning,
}

/// What an attribute means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Limits(Vec<Limit>),
    /// From how many repetitions on; not known where that is no number.
    NPlusOne(Option<i64>),
    Scaling {
        orders: Vec<(String, Order)>,
        largest: Option<u64>,
    },
    Snapshot,
    /// The harness does not run the test (`ignore`), or wants it to panic (`should_panic`).
    Exempt(&'static str),
}

/// A limit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) metric: Metric,
    pub(crate) endpoint: Option<String>,
    /// Not known where it is no number.
    pub(crate) max: Option<i64>,
}

/// Those attributes that say something of a test.
pub(super) fn read(attributes: &[syn::Attribute], names: &Names<'_>) -> Vec<Attribute> {
    let mut read = Vec::new();
    for attribute in attributes {
        add(&attribute.meta, "", names, &mut read);
    }
    read
}

fn add(meta: &Meta, condition: &str, names: &Names<'_>, to: &mut Vec<Attribute>) {
    if let (true, Meta::List(list)) = (meta.path().is_ident("cfg_attr"), meta) {
        let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
        let Ok(all) = parser.parse2(list.tokens.clone()) else { return };
        let mut all = all.iter();
        let outer = if condition.is_empty() { String::new() } else { format!("{condition}, ") };
        let condition = outer + &all.next().map(written).unwrap_or_default();
        all.for_each(|inner| add(inner, &condition, names, to));
        return;
    }
    let exempt = ["ignore", "should_panic"].into_iter().find(|name| meta.path().is_ident(name));
    let ours = || names.may_be(meta.path()).map(|name| meaning(name, meta));
    if let Some(meaning) = exempt.map(Meaning::Exempt).or_else(ours) {
        to.push(Attribute {
            condition: condition.to_owned(),
            text: format!("#[{}]", written(meta)),
            meaning,
        });
    }
}

fn meaning(name: &str, meta: &Meta) -> Meaning {
    match name {
        "snapshot" => Meaning::Snapshot,
        "no_n_plus_one" => {
            let usual = || i64::try_from(THRESHOLD).ok();
            let arguments = arguments(meta);
            let named = arguments.iter().map(option).find(|(name, _)| name == "threshold");
            Meaning::NPlusOne(named.map_or_else(usual, |(_, value)| number(value)))
        }
        "scaling" => scaling(meta),
        _ => Meaning::Limits(limits(name, meta)),
    }
}

fn scaling(meta: &Meta) -> Meaning {
    let usual = SIZES.last().and_then(|size| u64::try_from(*size).ok());
    let (mut orders, mut largest) = (Vec::new(), usual);
    for argument in &arguments(meta) {
        let (name, value) = option(argument);
        if let Expr::Array(sizes) = value {
            let last = sizes.elems.last().and_then(number);
            largest = last.and_then(|size| u64::try_from(size).ok());
        } else if let Some(order) =
            text(value).and_then(|name| Order::ALL.into_iter().find(|order| order.name() == name))
        {
            orders.push((name, order));
        }
    }
    Meaning::Scaling { orders, largest }
}

/// What the attribute `name` limits; nothing if it is not one of perfassert's that do.
pub(super) fn limits(name: &str, meta: &Meta) -> Vec<Limit> {
    let arguments = arguments(meta);
    let options: Vec<_> = arguments.iter().map(option).collect();
    let endpoint = options.iter().find(|(option, _)| option == "endpoint").and_then(|(_, value)| text(value));
    let limit = |(option, value): &(String, &Expr)| {
        Some(Limit { metric: metric(name, option)?, max: number(value), endpoint: endpoint.clone() })
    };
    options.iter().filter_map(limit).collect()
}

fn arguments(meta: &Meta) -> Vec<Expr> {
    let Meta::List(list) = meta else { return Vec::new() };
    let arguments = list.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated);
    arguments.map(|arguments| arguments.into_iter().collect()).unwrap_or_default()
}

/// The name of an argument, empty for one without, and its value.
fn option(argument: &Expr) -> (String, &Expr) {
    let Expr::Assign(assignment) = argument else { return (String::new(), argument) };
    let name = match &*assignment.left {
        Expr::Path(word) => word.path.get_ident().map(ToString::to_string),
        counter => text(counter),
    };
    (name.unwrap_or_default(), &assignment.right)
}

/// What an option of an attribute limits.
fn metric(attribute: &str, option: &str) -> Option<Metric> {
    match (attribute, option) {
        (_, "endpoint") => None,
        ("max_queries", "") => Some(Metric::Queries),
        ("max_queries", kind) => format!("queries.{kind}").parse().ok(),
        ("max_allocs", "") => Some(Metric::Allocs),
        ("max_allocs", "bytes") => Some(Metric::Bytes),
        ("max_allocs", "peak") => Some(Metric::BytesPeak),
        ("max_allocs", "live") => Some(Metric::BytesLive),
        ("max_allocs", "per_iter") => Some(Metric::AllocsPerIter),
        ("max_count", counter) => Some(Metric::Counter(counter.to_owned())),
        _ => None,
    }
}

pub(super) fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// A number, or a size with a unit.
fn number(value: &Expr) -> Option<i64> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => i64::try_from(parse_size::parse_size(text(value)?).ok()?).ok(),
    }
}

/// The tokens as people write them.
pub(super) fn written(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    add_tokens(tokens.to_token_stream(), &mut text);
    clean(&text).into_owned()
}

fn add_tokens(tokens: TokenStream, text: &mut String) {
    let mut is_word = false;
    for tree in tokens {
        let was_word =
            std::mem::replace(&mut is_word, matches!(tree, TokenTree::Ident(_) | TokenTree::Literal(_)));
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                add_tokens(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(mark) => match mark.as_char() {
                ',' => text.push_str(", "),
                '=' => text.push_str(" = "),
                mark => text.push(mark),
            },
            word => {
                if was_word {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(attribute: &str, expected: &[(&str, &str, &str)]) {
        let text = format!("use perfassert::*; use other::snapshot; {attribute} fn lists() {{}}");
        let file = syn::parse_file(&text).unwrap();
        let Some(syn::Item::Fn(function)) = file.items.last() else { panic!("{text}") };
        let read = read(&function.attrs, &Names::of("perfassert", &file.items));
        let read: Vec<_> = read
            .iter()
            .map(|it| (it.condition.as_str(), it.text.as_str(), format!("{:?}", it.meaning)))
            .collect();
        let read: Vec<_> =
            read.iter().map(|(condition, text, meaning)| (*condition, *text, meaning.as_str())).collect();
        assert_eq!(read, expected, "{attribute}");
    }

    #[test]
    fn what_says_something_of_a_test() {
        check("#[test] #[inline] #[snapshot] #[other::max_queries(5)]", &[]);
        check("#[perfassert::snapshot]", &[("", "#[perfassert::snapshot]", "Snapshot")]);
        check("#[no_n_plus_one]", &[("", "#[no_n_plus_one]", "NPlusOne(Some(3))")]);
        check("#[no_n_plus_one(threshold=N)]", &[("", "#[no_n_plus_one(threshold = N)]", "NPlusOne(None)")]);
        check(
            "#[scaling(queries = \"constant\")]",
            &[(
                "",
                "#[scaling(queries = \"constant\")]",
                "Scaling { orders: [(\"queries\", Constant)], largest: Some(16) }",
            )],
        );
        check(
            "#[scaling(n=[1, 2], allocs = \"linear\")]",
            &[(
                "",
                "#[scaling(n = [1, 2], allocs = \"linear\")]",
                "Scaling { orders: [(\"allocs\", Linear)], largest: Some(2) }",
            )],
        );
        check(
            "#[cfg_attr(all(unix, not(ci)), ignore = \"slow (here)\", should_panic)]",
            &[
                ("all(unix, not(ci))", "#[ignore = \"slow (here)\"]", "Exempt(\"ignore\")"),
                ("all(unix, not(ci))", "#[should_panic]", "Exempt(\"should_panic\")"),
            ],
        );
        check(
            "#[max_queries(LIMIT, select = 3)]",
            &[(
                "",
                "#[max_queries(LIMIT, select = 3)]",
                "Limits([Limit { metric: Queries, endpoint: None, max: None }, \
                 Limit { metric: QueriesOf(Select), endpoint: None, max: Some(3) }])",
            )],
        );
    }
}
