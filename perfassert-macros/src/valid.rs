//! Which arguments are right. Every rejection is here, points at what is wrong, and lists what is accepted.

mod library;
mod reach;
mod scaling;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprUnary, Ident, Lit, LitInt, LitStr, Path, UnOp};

use crate::item::Function;
use crate::parse::{Argument, Arguments, Name};
use crate::size;

pub(crate) use scaling::scalable;

/// The attributes there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    MaxQueries,
    MaxAllocs,
    MaxCount,
    NoNPlusOne,
    Snapshot,
    Scaling,
}

/// What an option takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OptionValue {
    Number,
    Size,
    Text,
    Sizes,
}

const QUERY_OPTIONS: &[(&str, OptionValue)] = &[
    ("select", OptionValue::Number),
    ("insert", OptionValue::Number),
    ("update", OptionValue::Number),
    ("delete", OptionValue::Number),
    ("ddl", OptionValue::Number),
    ("copy", OptionValue::Number),
    ("other", OptionValue::Number),
    ("endpoint", OptionValue::Text),
];

const ALLOC_OPTIONS: &[(&str, OptionValue)] = &[
    ("bytes", OptionValue::Size),
    ("peak", OptionValue::Size),
    ("live", OptionValue::Size),
    ("per_iter", OptionValue::Number),
    ("endpoint", OptionValue::Text),
];

const SCALING_OPTIONS: &[(&str, OptionValue)] =
    &[("n", OptionValue::Sizes), ("queries", OptionValue::Text), ("allocs", OptionValue::Text)];

impl Attribute {
    const ALL: [Self; 6] =
        [Self::MaxQueries, Self::MaxAllocs, Self::MaxCount, Self::NoNPlusOne, Self::Snapshot, Self::Scaling];

    /// The attribute of that name.
    pub(crate) fn named(name: &Ident) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| name == attribute.name())
    }

    fn name(self) -> &'static str {
        match self {
            Self::MaxQueries => "max_queries",
            Self::MaxAllocs => "max_allocs",
            Self::MaxCount => "max_count",
            Self::NoNPlusOne => "no_n_plus_one",
            Self::Snapshot => "snapshot",
            Self::Scaling => "scaling",
        }
    }

    fn accepted(self) -> &'static [&'static str] {
        match self {
            Self::MaxQueries => &[
                "#[max_queries(5)]",
                "#[max_queries(5, select = 3, insert = 1)], and update, delete, ddl, copy, other",
                "#[max_queries(2, endpoint = \"GET /orders/{id}\")]",
            ],
            Self::MaxAllocs => &[
                "#[max_allocs(1000)]",
                "#[max_allocs(1000, bytes = \"64 KiB\", peak = \"1 MiB\", live = 0)]",
                "#[max_allocs(200, endpoint = \"GET /orders/{id}\")]",
                "#[max_allocs(per_iter = 3)]",
            ],
            Self::MaxCount => &["#[max_count(\"cache.miss\" = 3)]"],
            Self::NoNPlusOne => &["#[no_n_plus_one]", "#[no_n_plus_one(threshold = 3)], from 2"],
            Self::Snapshot => &["#[perfassert::snapshot]"],
            Self::Scaling => &[
                "#[scaling(queries = \"constant\")]",
                "#[scaling(n = [1, 10, 100], queries = \"constant\", allocs = \"linear\")], and logarithmic, quadratic",
            ],
        }
    }

    fn options(self) -> &'static [(&'static str, OptionValue)] {
        match self {
            Self::MaxQueries => QUERY_OPTIONS,
            Self::MaxAllocs => ALLOC_OPTIONS,
            Self::MaxCount | Self::Snapshot => &[],
            Self::Scaling => SCALING_OPTIONS,
            Self::NoNPlusOne => &[("threshold", OptionValue::Number)],
        }
    }

    /// What kind of value an option takes, or that there is no such option here.
    fn takes(self, name: &Ident) -> syn::Result<OptionValue> {
        let known = |attribute: Self| attribute.options().iter().find(|(option, _)| name == option);
        if let Some((_, takes)) = known(self) {
            return Ok(*takes);
        }
        let why = match Self::ALL.into_iter().find(|other| known(*other).is_some()) {
            Some(other) => format!("`{name}` is an option of #[{}]", other.name()),
            None => format!("there is no option `{name}`"),
        };
        Err(self.rejection(name, &why))
    }

    /// An error at these tokens.
    pub(crate) fn rejection(self, at: impl ToTokens, why: &str) -> syn::Error {
        syn::Error::new_spanned(at, self.message(why))
    }

    fn message(self, why: &str) -> String {
        format!("{why}; accepted:\n    {}", self.accepted().join("\n    "))
    }
}

/// What attributes declare.
#[derive(Default)]
pub(crate) struct Declared {
    /// Expressions of the library's type `Gate`, in which `__perfassert` is its module for us: see `expand`.
    pub(crate) gates: Vec<TokenStream>,
    /// Where the library is, if that is said.
    pub(crate) library: Option<Path>,
    /// Those that the test runs with, as they were written.
    pub(crate) sizes: Option<Vec<LitInt>>,
}

impl Declared {
    /// What both declare.
    pub(crate) fn and(mut self, other: Declared) -> syn::Result<Declared> {
        if let (Some(_), Some(again)) = (&self.sizes, &other.sizes) {
            let at = again.first().map(ToTokens::to_token_stream);
            return Err(Attribute::Scaling.rejection(at, "#[scaling] stands here twice"));
        }
        self.gates.extend(other.gates);
        let library = library::same(self.library, other.library)?;
        Ok(Declared { gates: self.gates, library, sizes: self.sizes.or(other.sizes) })
    }
}

/// What an attribute with these arguments declares.
pub(crate) fn declared(attribute: Attribute, arguments: TokenStream) -> syn::Result<Declared> {
    let whole = arguments.clone();
    let mut arguments: Arguments = syn::parse2(arguments)
        .map_err(|error| syn::Error::new(error.span(), attribute.message(&error.to_string())))?;
    let library = library::take(attribute, &mut arguments)?;
    let gates = match attribute {
        Attribute::Scaling => {
            let (gate, sizes) = scaling::options(arguments, &whole)?;
            return Ok(Declared { gates: vec![gate], library, sizes: Some(sizes) });
        }
        Attribute::Snapshot if arguments.0.is_empty() => Ok(vec![quote!(Snapshot)]),
        Attribute::Snapshot => Err(attribute.rejection(whole, "it takes no arguments")),
        Attribute::MaxCount => counters(arguments, &whole),
        Attribute::NoNPlusOne => {
            reach::repeats(&arguments)?;
            let fields = fields(attribute, arguments)?;
            Ok(vec![quote! { NoNPlusOne(__perfassert::NoNPlusOne {
                #(#fields,)* ..__perfassert::NoNPlusOne::DEFAULT
            }.checked()) }])
        }
        Attribute::MaxQueries => limits(attribute, arguments, &whole, quote!(MaxQueries)),
        Attribute::MaxAllocs => limits(attribute, arguments, &whole, quote!(MaxAllocs)),
    };
    Ok(Declared { gates: gates?, library, sizes: None })
}

/// An error where one case of several is to panic: a gate's panic could stand in for that case's own.
pub(crate) fn cases(function: &Function) -> syn::Result<()> {
    match function.panicking_case() {
        Some(panics) => Err(syn::Error::new_spanned(
            panics,
            "a budget cannot tell its own panic from the one that this case is to end in; put the case into a test of its own",
        )),
        None => Ok(()),
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
    no_iterations_of_an_endpoint(attribute, &arguments)?;
    reach::limits(attribute, &arguments)?;
    let fields = fields(attribute, arguments)?;
    Ok(vec![quote! {
        #kind(__perfassert::#kind { #(#fields,)* ..__perfassert::#kind::NONE }.checked())
    }])
}

fn no_iterations_of_an_endpoint(attribute: Attribute, arguments: &Arguments) -> syn::Result<()> {
    let option = |wanted: &str| {
        arguments.0.iter().find_map(|argument| match &argument.name {
            Some(Name::Option(name)) if name == wanted => Some(name),
            _ => None,
        })
    };
    match (option("per_iter"), option("endpoint")) {
        (Some(per_iter), Some(_)) => Err(attribute.rejection(
            per_iter,
            "`per_iter` is about the iterations of `perfassert::per_iter`, not about an endpoint; put it into an attribute of its own",
        )),
        _ => Ok(()),
    }
}

/// `"cache.miss" = 3`, once or several times.
fn counters(arguments: Arguments, whole: &TokenStream) -> syn::Result<Vec<TokenStream>> {
    let attribute = Attribute::MaxCount;
    if arguments.0.is_empty() {
        return Err(attribute.rejection(whole, "there is no limit here"));
    }
    let mut gates = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for Argument { name, value } in arguments.0 {
        let counter = match name {
            Some(Name::Counter(counter)) => counter,
            Some(Name::Option(word)) => return Err(attribute.rejection(word, "a counter is named by a text")),
            None if matches!(&value, Expr::Lit(ExprLit { lit: Lit::Str(_), .. })) => {
                return Err(attribute.rejection(value, "this counter has no limit"));
            }
            None => return Err(attribute.rejection(value, "a counter is named by a text")),
        };
        if seen.contains(&counter.value()) {
            return Err(attribute.rejection(&counter, &format!("{} stands here twice", counter.token())));
        }
        let max = number(attribute, &value)?;
        gates.push(
            quote! { MaxCount(__perfassert::MaxCount { counter: #counter, max: #max, is_for_all: false }) },
        );
        seen.push(counter.value());
    }
    Ok(gates)
}

/// The fields of the library's struct: one per argument. What stands without a name comes first and is the limit itself.
fn fields(attribute: Attribute, arguments: Arguments) -> syn::Result<Vec<TokenStream>> {
    let mut fields = Vec::new();
    let mut seen: Vec<Ident> = Vec::new();
    for (index, Argument { name, value }) in arguments.0.into_iter().enumerate() {
        let name = match name {
            None if index == 0 && attribute != Attribute::NoNPlusOne => {
                let max = number(attribute, &value)?;
                fields.push(quote!(max: ::core::option::Option::Some(#max)));
                continue;
            }
            None if attribute == Attribute::NoNPlusOne => {
                return Err(attribute.rejection(value, "the threshold is named"));
            }
            None => return Err(attribute.rejection(&value, &without_name(attribute, &value))),
            Some(Name::Counter(text)) => {
                return Err(attribute.rejection(text, "an option is named by a word"));
            }
            Some(Name::Option(name)) => name,
        };
        let takes = attribute.takes(&name)?;
        if seen.contains(&name) {
            return Err(attribute.rejection(&name, &format!("`{name}` stands here twice")));
        }
        let value = match takes {
            OptionValue::Number => number(attribute, &value)?,
            OptionValue::Size => size(attribute, &value)?,
            OptionValue::Text | OptionValue::Sizes => text(attribute, &name, &value)?.into_token_stream(),
        };
        fields.push(if attribute == Attribute::NoNPlusOne {
            quote!(#name: #value)
        } else {
            quote!(#name: ::core::option::Option::Some(#value))
        });
        seen.push(name);
    }
    Ok(fields)
}

/// What is wrong with an argument without a name that is not the first.
fn without_name(attribute: Attribute, value: &Expr) -> String {
    match value {
        Expr::Path(word) if attribute.options().iter().any(|(option, _)| word.path.is_ident(option)) => {
            format!("the option `{}` has no value", word.path.to_token_stream())
        }
        _ => "only the first argument goes without a name".to_owned(),
    }
}

/// A whole number, or a constant of any integer type; one below 0 is found where its value is known.
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
    Ok(quote!(__perfassert::limit((#value) as ::core::primitive::i128)))
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
