//! `#[scaling]`: the function as it was written, once, and for each size a test function that calls it.
//!
//! These carry the user's own test attributes, so each size has a runtime and a database of its own. All stand inside a plain test
//! function, which hands them to the library.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, Ident, LitInt, Pat, Signature};

use super::{Library, async_body, return_type};
use crate::item::Function;
use crate::runtime_wrapped;
use crate::setup;

/// What the compiler and the harness ask the whole test for, and lints, which hold for everything inside.
const OF_THE_TEST: [&str; 8] = ["doc", "ignore", "should_panic", "allow", "expect", "warn", "deny", "forbid"];

/// What is about the function as it was written. All others are the test attribute and its kin.
const OF_THE_BODY: [&str; 5] = ["track_caller", "inline", "cold", "must_use", "deprecated"];

pub(super) fn expand(
    test: &TokenStream,
    used: &TokenStream,
    function: Function,
    sizes: &[LitInt],
    library: &Library,
) -> TokenStream {
    let import = library.import();
    let name = function.name();
    let Function { attributes, visibility, signature, body } = function;
    let (outer, rest): (Vec<_>, Vec<_>) =
        attributes.into_iter().partition(|attribute| is_one_of(attribute, &OF_THE_TEST));
    let (inner, own): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|attribute| is_one_of(attribute, &OF_THE_BODY));
    let (ident, output, written) = (&signature.ident, &signature.output, plain(&signature));
    let output_type = return_type(&signature);
    // `#[tokio::test]` above leaves the size alone, and a runtime in the body.
    let wrapped = runtime_wrapped::wrap(&body.stream(), |body| {
        let (setup, body) = setup::split(&name, body);
        let body = async_body(&quote!(sized_async), &quote!(&__PERFASSERT_TEST), &output_type, &body);
        quote!(#setup #body)
    });
    let runs = sizes.iter().map(|size| run(&own, &signature, size, wrapped.is_some()));
    let body = wrapped.as_ref().map_or_else(|| body.to_token_stream(), |wrapped| quote!({ #wrapped }));
    quote! {
        #(#outer)*
        #[allow(unnameable_test_items)]
        #[::core::prelude::v1::test]
        #visibility fn #ident() #output {
            #used
            #import
            #[allow(clippy::needless_update)]
            static __PERFASSERT_TEST: __perfassert::Test =
                __perfassert::Test { module: ::core::module_path!(), #test };
            #(#inner)*
            #written #body
            __perfassert::scaling::<#output_type>(&__PERFASSERT_TEST, &[#(#runs),*])
        }
    }
}

/// `Size { n: 4, run: { #[sqlx::test] async fn lists_n_4(pool: Pool) { ... } lists_n_4 } }`
///
/// `#[sqlx::test]` names its database after the function.
fn run(attributes: &[syn::Attribute], signature: &Signature, size: &LitInt, is_driven: bool) -> TokenStream {
    let ident = &signature.ident;
    let name = format_ident!("{}_n_{}", ident, size.base10_digits());
    let (parameters, names): (Vec<_>, Vec<_>) = passed(signature).unzip();
    let (output, asyncness) = (&signature.output, &signature.asyncness);
    let call = quote!(#ident(#(#names,)* #size));
    let body = match asyncness {
        None if is_driven => call,
        Some(_) => quote!(__perfassert::sized_async(&__PERFASSERT_TEST, #call).await),
        None => quote!(__perfassert::sized(&__PERFASSERT_TEST, move || #call)),
    };
    quote! {
        __perfassert::Size {
            n: #size,
            run: {
                #(#attributes)*
                #asyncness fn #name(#(#parameters),*) #output { #body }
                #name
            },
        }
    }
}

/// The parameters that a test attribute provides, each with the name by which it is passed on.
fn passed(signature: &Signature) -> impl Iterator<Item = (FnArg, Ident)> {
    let provided = signature.inputs.len().saturating_sub(1);
    signature.inputs.iter().take(provided).enumerate().filter_map(|(index, argument)| {
        let FnArg::Typed(typed) = argument else { return None };
        let name = match &*typed.pat {
            Pat::Ident(pattern) => pattern.ident.clone(),
            _ => format_ident!("argument_{index}"),
        };
        let mut typed = typed.clone();
        typed.pat = Box::new(syn::parse_quote!(#name));
        Some((FnArg::Typed(typed), name))
    })
}

/// The signature without attributes of parameters, which belong to the test attribute.
fn plain(signature: &Signature) -> Signature {
    let mut signature = signature.clone();
    for argument in &mut signature.inputs {
        if let FnArg::Typed(typed) = argument {
            typed.attrs.clear();
        }
    }
    signature
}

/// Takes off the function what would not have it with a size.
pub(super) fn keep_plain(function: &mut Function) {
    function.attributes.retain(|attribute| is_one_of(attribute, &["doc", "allow", "expect"]));
    // Nobody calls it: the error is what the user is to see, and no warning besides.
    function.attributes.push(syn::parse_quote!(#[allow(dead_code)]));
    function.signature = plain(&function.signature);
}

fn is_one_of(attribute: &syn::Attribute, names: &[&str]) -> bool {
    names.iter().any(|name| attribute.path().is_ident(name))
}
