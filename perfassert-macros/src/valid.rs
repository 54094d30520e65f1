//! Which arguments are right. Every rejection is here, points at what is wrong, and lists what is accepted.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprUnary, Ident, Lit, LitStr, UnOp};

use crate::parse::{Argument, Arguments, Name};
use crate::size;

/// The attributes there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    MaxQueries,
    MaxAllocs,
    MaxCount,
    NoNPlusOne,
}

/// What an option takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Number,
    Size,
    Text,
}

const QUERY_OPTIONS: &[(&str, Takes)] = &[
    ("select", Takes::Number),
    ("insert", Takes::Number),
    ("update", Takes::Number),
    ("delete", Takes::Number),
    ("ddl", Takes::Number),
    ("copy", Takes::Number),
    ("other", Takes::Number),
    ("endpoint", Takes::Text),
];

const ALLOC_OPTIONS: &[(&str, Takes)] =
    &[("bytes", Takes::Size), ("peak", Takes::Size), ("live", Takes::Size), ("endpoint", Takes::Text)];

impl Attribute {
    /// The attribute of that name.
    pub(crate) fn named(name: &Ident) -> Option<Self> {
        let all = [Self::MaxQueries, Self::MaxAllocs, Self::MaxCount, Self::NoNPlusOne];
        all.into_iter().find(|attribute| name == attribute.name())
    }

    fn name(self) -> &'static str {
        match self {
            Self::MaxQueries => "max_queries",
            Self::MaxAllocs => "max_allocs",
            Self::MaxCount => "max_count",
            Self::NoNPlusOne => "no_n_plus_one",
        }
    }

    fn accepted(self) -> &'static str {
        match self {
            Self::MaxQueries => {
                "accepted are: #[max_queries(5)], #[max_queries(5, select = 3, insert = 1)] (kinds: select, insert, \
                 update, delete, ddl, copy, other), #[max_queries(2, endpoint = \"GET /orders/{id}\")]"
            }
            Self::MaxAllocs => {
                "accepted are: #[max_allocs(1000)], #[max_allocs(1000, bytes = \"64 KiB\", peak = \"1 MiB\", live = 0)], \
                 #[max_allocs(200, endpoint = \"GET /orders/{id}\")]"
            }
            Self::MaxCount => "accepted is: #[max_count(\"cache.miss\" = 3)]",
            Self::NoNPlusOne => "accepted are: #[no_n_plus_one], #[no_n_plus_one(threshold = 3)]",
        }
    }

    fn options(self) -> &'static [(&'static str, Takes)] {
        match self {
            Self::MaxQueries => QUERY_OPTIONS,
            Self::MaxAllocs => ALLOC_OPTIONS,
            Self::MaxCount => &[],
            Self::NoNPlusOne => &[("threshold", Takes::Number)],
        }
    }

    fn rejection(self, at: impl ToTokens, why: &str) -> syn::Error {
        syn::Error::new_spanned(at, format!("{why}; {}", self.accepted()))
    }
}

/// The gates that an attribute with these arguments declares: expressions of the library's type `Gate`.
pub(crate) fn gates(attribute: Attribute, arguments: TokenStream) -> syn::Result<Vec<TokenStream>> {
    let whole = arguments.clone();
    let arguments: Arguments = syn::parse2(arguments)
        .map_err(|error| syn::Error::new(error.span(), format!("{error}; {}", attribute.accepted())))?;
    match attribute {
        Attribute::MaxCount => counters(arguments, &whole),
        Attribute::NoNPlusOne => {
            let fields = fields(attribute, arguments)?;
            Ok(vec![quote! { NoNPlusOne(::perfassert::__private::NoNPlusOne {
                #(#fields,)* ..::perfassert::__private::NoNPlusOne::DEFAULT
            }) }])
        }
        Attribute::MaxQueries => limits(attribute, arguments, &whole, quote!(MaxQueries)),
        Attribute::MaxAllocs => limits(attribute, arguments, &whole, quote!(MaxAllocs)),
    }
}

fn limits(
    attribute: Attribute,
    arguments: Arguments,
    whole: &TokenStream,
    kind: TokenStream,
) -> syn::Result<Vec<TokenStream>> {
    let limits_something = |argument: &Argument| match &argument.name {
        Some(Name::Option(name)) => name != "endpoint",
        _ => true,
    };
    if !arguments.0.iter().any(limits_something) {
        return Err(attribute.rejection(whole, "there is no limit here"));
    }
    let fields = fields(attribute, arguments)?;
    Ok(vec![quote! {
        #kind(::perfassert::__private::#kind { #(#fields,)* ..::perfassert::__private::#kind::NONE })
    }])
}

/// `"cache.miss" = 3`, once or several times.
fn counters(arguments: Arguments, whole: &TokenStream) -> syn::Result<Vec<TokenStream>> {
    let attribute = Attribute::MaxCount;
    if arguments.0.is_empty() {
        return Err(attribute.rejection(whole, "there is no limit here"));
    }
    let gate = |Argument { name, value }| match name {
        Some(Name::Counter(counter)) => {
            let max = number(attribute, &value)?;
            Ok(quote! { MaxCount(::perfassert::__private::MaxCount { counter: #counter, max: #max }) })
        }
        _ => Err(attribute.rejection(value, "a counter is named by a text")),
    };
    arguments.0.into_iter().map(gate).collect()
}

/// The fields of the library's struct: one per argument. What stands without a name comes first and is the limit itself.
fn fields(attribute: Attribute, arguments: Arguments) -> syn::Result<Vec<TokenStream>> {
    let mut fields = Vec::new();
    let mut seen: Vec<Ident> = Vec::new();
    for (index, Argument { name, value }) in arguments.0.into_iter().enumerate() {
        let name = match name {
            None if index == 0 && attribute != Attribute::NoNPlusOne => {
                let max = number(attribute, &value)?;
                fields.push(quote!(max: Some(#max)));
                continue;
            }
            None if attribute == Attribute::NoNPlusOne => {
                return Err(attribute.rejection(value, "the threshold is named"));
            }
            None => return Err(attribute.rejection(value, "only the first argument goes without a name")),
            Some(Name::Counter(text)) => {
                return Err(attribute.rejection(text, "an option is named by a word"));
            }
            Some(Name::Option(name)) => name,
        };
        let takes = attribute.options().iter().find(|(option, _)| name == option).map(|(_, takes)| *takes);
        let Some(takes) = takes else {
            return Err(attribute.rejection(&name, &format!("there is no option `{name}`")));
        };
        if seen.contains(&name) {
            return Err(attribute.rejection(&name, &format!("`{name}` stands here twice")));
        }
        let value = match takes {
            Takes::Number => number(attribute, &value)?,
            Takes::Size => size(attribute, &value)?,
            Takes::Text => text(attribute, &name, &value)?.into_token_stream(),
        };
        fields.push(if attribute == Attribute::NoNPlusOne {
            quote!(#name: #value)
        } else {
            quote!(#name: Some(#value))
        });
        seen.push(name);
    }
    Ok(fields)
}

/// A whole number, or a constant of any integer type.
fn number(attribute: Attribute, value: &Expr) -> syn::Result<TokenStream> {
    let wrong = match value {
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) => false,
        Expr::Lit(_) => true,
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), .. }) => true,
        _ => false,
    };
    if wrong {
        return Err(attribute.rejection(value, "a limit is a whole number from 0"));
    }
    Ok(quote!((#value) as u64))
}

/// A number of bytes, or a text with a unit.
fn size(attribute: Attribute, value: &Expr) -> syn::Result<TokenStream> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value else { return number(attribute, value) };
    match size::bytes(&text.value()) {
        Some(bytes) => Ok(quote!(#bytes)),
        None => {
            Err(attribute
                .rejection(text, "a size is a whole number and a unit: B, kB, KiB, MB, MiB, GB or GiB"))
        }
    }
}

fn text<'a>(attribute: Attribute, name: &Ident, value: &'a Expr) -> syn::Result<&'a LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        _ => Err(attribute.rejection(value, &format!("`{name}` is a text"))),
    }
}
