//! What is right of `#[scaling]`: its options, and the function that it stands on.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, FnArg, Ident, Lit, LitInt, Pat};

use super::{Attribute, OptionValue, text, without_name};
use crate::item::Function;
use crate::parse::{Argument, Arguments, Name};

/// The sizes of an attribute that names none, as the library has them.
const USUAL: [&str; 3] = ["1", "4", "16"];

/// The gate that the options declare, and the sizes as they were written.
pub(super) fn options(arguments: Arguments, whole: &TokenStream) -> syn::Result<(TokenStream, Vec<LitInt>)> {
    let attribute = Attribute::Scaling;
    let (mut sizes, mut limits) = (None, Vec::<(Ident, Order)>::new());
    for Argument { name, value } in arguments.0 {
        let name = match name {
            Some(Name::Option(name)) => name,
            Some(Name::Counter(text)) => {
                return Err(attribute.rejection(text, "an option is named by a word"));
            }
            None => return Err(attribute.rejection(&value, &unnamed(&value))),
        };
        let takes = attribute.takes(&name)?;
        if limits.iter().any(|(known, _)| *known == name) || name == "n" && sizes.is_some() {
            return Err(attribute.rejection(&name, &format!("`{name}` stands here twice")));
        }
        match takes {
            OptionValue::Sizes => sizes = Some(ascending(&value)?),
            _ => limits.push((name.clone(), order(&name, &value)?)),
        }
    }
    if limits.is_empty() {
        return Err(attribute.rejection(whole, "nothing is said of `queries` or `allocs`"));
    }
    let sizes = sizes.unwrap_or_else(|| USUAL.map(|n| LitInt::new(n, whole.span())).to_vec());
    let faster = limits.iter().find(|(_, order)| order.word != "constant");
    if let Some((_, order)) = faster.filter(|_| sizes.len() < 3) {
        return Err(attribute.rejection(&order.at, "it takes three sizes to tell how fast a count grows"));
    }
    let fields = limits.iter().map(|(name, order)| {
        let order = Ident::new(order.variant, order.at.span());
        quote!(#name: ::core::option::Option::Some(__perfassert::Order::#order))
    });
    let numbers = sizes.iter().map(|size| size.base10_parse::<usize>()).collect::<syn::Result<Vec<_>>>()?;
    let gate = quote!(Scaling(__perfassert::Scaling {
        n: &[#(#numbers),*], #(#fields,)* ..__perfassert::Scaling::NONE
    }));
    Ok((gate, sizes))
}

/// An order, by name and in the library.
struct Order {
    word: &'static str,
    variant: &'static str,
    at: syn::LitStr,
}

fn order(name: &Ident, value: &Expr) -> syn::Result<Order> {
    let at = text(Attribute::Scaling, name, value)?;
    let (word, variant) = match at.value().as_str() {
        "constant" => ("constant", "Constant"),
        "logarithmic" => ("logarithmic", "Logarithmic"),
        "linear" => ("linear", "Linear"),
        "quadratic" => ("quadratic", "Quadratic"),
        _ => {
            return Err(
                Attribute::Scaling.rejection(at, "an order is constant, logarithmic, linear or quadratic")
            );
        }
    };
    Ok(Order { word, variant, at: at.clone() })
}

fn unnamed(value: &Expr) -> String {
    match value {
        Expr::Array(_) => "the sizes are named".to_owned(),
        Expr::Lit(_) => "an order says of what".to_owned(),
        _ => without_name(Attribute::Scaling, value),
    }
}

fn ascending(value: &Expr) -> syn::Result<Vec<LitInt>> {
    let reject = |at: &dyn ToTokens, why| Err(Attribute::Scaling.rejection(at, why));
    let Expr::Array(array) = value else { return reject(value, "the sizes are a list of numbers") };
    let mut sizes: Vec<LitInt> = Vec::new();
    let mut largest = 0;
    for element in &array.elems {
        let number = match element {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number,
            _ => return reject(element, "a size is a whole number from 1"),
        };
        match number.base10_parse::<usize>() {
            Ok(0) | Err(_) => return reject(number, "a size is a whole number from 1"),
            Ok(n) if n <= largest => return reject(number, "sizes ascend"),
            Ok(n) => largest = n,
        }
        sizes.push(number.clone());
    }
    if sizes.len() < 2 {
        return reject(value, "it takes two sizes to tell that a count grows");
    }
    Ok(sizes)
}

/// An error where the function cannot run with several sizes.
pub(crate) fn scalable(function: &Function) -> syn::Result<()> {
    let name = &function.signature.ident;
    let misplaced = |at: &dyn ToTokens, why: &str| {
        let all = format!(
            "{why}; #[scaling] stands above the test attribute, and the test takes the size as its last parameter:\n    \
             #[scaling(queries = \"constant\")]\n    #[tokio::test]\n    async fn {name}(n: usize) {{ ... }}"
        );
        Err(syn::Error::new_spanned(at, all))
    };
    if let Some(cases) = cases(function) {
        return Err(syn::Error::new_spanned(
            cases,
            "a test with cases is several tests, and #[scaling] compares the sizes of one; put it on a test of its own",
        ));
    }
    if !function.attributes.iter().any(|attribute| is_called(attribute, &["test", "rstest"])) {
        return misplaced(name, "there is no test attribute beneath");
    }
    match function.signature.inputs.last() {
        Some(FnArg::Typed(size)) if matches!(*size.pat, Pat::Ident(_) | Pat::Wild(_)) => {}
        Some(other) => return misplaced(other, "the last parameter is no size"),
        None => return misplaced(name, "there is no parameter for the size"),
    }
    match function.signature.generics.params.first() {
        Some(generic) => Err(syn::Error::new_spanned(generic, "a test has no generic parameters")),
        None => Ok(()),
    }
}

/// What makes several tests of the function. rstest does only with an attribute beside it or on a parameter.
fn cases(function: &Function) -> Option<&syn::Attribute> {
    let on_parameters = function.signature.inputs.iter().flat_map(|argument| match argument {
        FnArg::Typed(typed) => typed.attrs.as_slice(),
        FnArg::Receiver(_) => &[],
    });
    let on_it = function.attributes.iter();
    on_it
        .filter(|attribute| is_called(attribute, &["case", "apply", "test_case", "test_matrix"]))
        .chain(on_parameters.filter(|attribute| is_called(attribute, &["case", "values", "files"])))
        .next()
}

/// Whether the last word of its path is one of these: `test` is that of `#[tokio::test]`.
fn is_called(attribute: &syn::Attribute, names: &[&str]) -> bool {
    attribute.path().segments.last().is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}
