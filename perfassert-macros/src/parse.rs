//! The arguments of an attribute as they stand: some values, some of them named.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Token};

/// One argument.
pub(crate) struct Argument {
    pub(crate) name: Option<Name>,
    pub(crate) value: Expr,
}

/// What stands before the `=`.
pub(crate) enum Name {
    Option(Ident),
    Counter(LitStr),
}

/// All arguments.
pub(crate) struct Arguments(pub(crate) Punctuated<Argument, Token![,]>);

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Punctuated::parse_terminated(input).map(Arguments)
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let is_word = input.peek(Ident) || input.peek(Token![crate]);
        let name = if is_word && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            Some(Name::Option(input.call(Ident::parse_any)?))
        } else if input.peek(LitStr) && input.peek2(Token![=]) {
            Some(Name::Counter(input.parse()?))
        } else {
            None
        };
        if name.is_some() {
            input.parse::<Token![=]>()?;
        }
        Ok(Argument { name, value: input.parse()? })
    }
}
