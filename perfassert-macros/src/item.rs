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
        match input.parse::<TokenTree>() {
            Ok(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
                Ok(Function { attributes, visibility, signature, body })
            }
            _ => Err(place.error("this attribute belongs on a test function with a body")),
        }
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
    /// Whether the test is to panic.
    pub(crate) fn should_panic(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.path().is_ident("should_panic"))
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
