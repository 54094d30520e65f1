//! A test function whose body stays tokens: it is moved, never looked into.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Visibility};

pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let place = input.fork();
        let elsewhere = |_| place.error("this attribute belongs on a test function");
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse().map_err(elsewhere)?;
        let body = input.parse().ok().and_then(braces);
        let body =
            body.ok_or_else(|| place.error("this attribute belongs on a test function with a body"))?;
        Ok(Function { attributes, visibility, signature, body })
    }
}

/// The body in its braces. One that came as `$body:block` through a macro has a group around it that cannot be seen.
fn braces(tree: TokenTree) -> Option<Group> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let mut inner = group.stream().into_iter();
            inner.next().filter(|_| inner.next().is_none()).and_then(braces)
        }
        _ => None,
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attribute in &self.attributes {
            attribute.to_tokens(tokens);
        }
        self.visibility.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

impl Function {
    /// The function's name as a path shows it.
    pub(crate) fn name(&self) -> String {
        let name = self.signature.ident.to_string();
        name.strip_prefix("r#").map_or_else(|| name.clone(), str::to_owned)
    }

    /// Whether the test is to panic.
    pub(crate) fn should_panic(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.path().is_ident("should_panic"))
    }

    /// The attribute by which one case of a parameterised test is to panic, and the others are not.
    ///
    /// rstest gives an attribute that stands before a case to that case.
    pub(crate) fn panicking_case(&self) -> Option<&Attribute> {
        let named = |attribute: &Attribute, name: &str| {
            attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
        };
        let last_case = self.attributes.iter().rposition(|attribute| named(attribute, "case")).unwrap_or(0);
        let of_rstest =
            self.attributes[..last_case].iter().find(|attribute| named(attribute, "should_panic"));
        let panics = |attribute: &&Attribute| match &attribute.meta {
            syn::Meta::List(list) => {
                list.tokens.clone().into_iter().any(|token| token.to_string() == "panics")
            }
            _ => false,
        };
        let of_test_case =
            || self.attributes.iter().filter(|attribute| named(attribute, "test_case")).find(panics);
        of_rstest.or_else(of_test_case)
    }

    /// Whether its test attribute, be it expanded already or not, asks for a runtime with several threads.
    pub(crate) fn is_multi_thread(&self) -> bool {
        let asks =
            |attribute: &Attribute| attribute.to_token_stream().to_string().contains("\"multi_thread\"");
        self.attributes.iter().any(asks)
            || self.body.stream().to_string().contains("Builder :: new_multi_thread ()")
    }

    /// Gives the function another body.
    pub(crate) fn set_body(&mut self, body: TokenStream) {
        let mut group = Group::new(Delimiter::Brace, body);
        group.set_span(self.body.span());
        self.body = group;
    }
}
