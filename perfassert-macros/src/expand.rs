//! What an attribute becomes: the same function, with one call around its body.

mod scaling;

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, ReturnType, Signature};

use crate::item::Function;
use crate::runtime_wrapped;
use crate::setup;
use crate::valid::{self, Attribute, Declared};

/// The attribute itself, with those of ours that stand beneath it: together they are one scope.
///
/// Where something is wrong, the function stays as it is beside the errors, so that the user sees no others.
pub(crate) fn attribute(attribute: Attribute, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#error #item);
        }
    };
    let cases = valid::cases(&function).map(|()| Declared::default());
    let mut declared = both(valid::declared(attribute, arguments), cases);
    let (mut paths, mut is_scaling) = (Vec::new(), attribute == Attribute::Scaling);
    let above = declared.as_ref().ok().and_then(|declared| declared.library.clone());
    for ours in take_ours(&mut function, above.as_ref()) {
        is_scaling |= ours.attribute == Attribute::Scaling;
        let more = ours.arguments.and_then(|arguments| valid::declared(ours.attribute, arguments));
        declared = both(declared, more);
        paths.push(ours.path);
    }
    if is_scaling {
        declared = both(declared, valid::scalable(&function).map(|()| Declared::default()));
    }
    // What is taken off the function would look unused where it is imported.
    let used = quote!(#(#[allow(unused_imports)] use #paths as _;)*);
    match declared {
        Ok(Declared { gates, library, sizes }) => {
            let (test, library) = (test(&function, &gates), Library(library));
            match sizes {
                None => measured(&test, &used, function, &library).into_token_stream(),
                Some(sizes) => scaling::expand(&test, &used, function, &sizes, &library),
            }
        }
        Err(errors) => {
            if is_scaling {
                // The test attribute does not take the size.
                scaling::keep_plain(&mut function);
            }
            let (errors, body) = (errors.into_compile_error(), function.body.stream());
            function.set_body(quote!(#used #body));
            quote!(#errors #function)
        }
    }
}

/// The function with one call around its body.
fn measured(test: &TokenStream, used: &TokenStream, mut function: Function, library: &Library) -> Function {
    let import = library.import();
    let (name, output) = (function.name(), return_type(&function.signature));
    let body = function.body.stream();
    let here = expression(test, &quote!(::core::module_path!()));
    let measure = |body: &TokenStream| {
        let (setup, body) = setup::split(&name, body);
        let body = async_body(&quote!(body), &here, &output, &body);
        quote!(#setup #body)
    };
    if function.signature.asyncness.is_some() {
        let (body, ident) = (measure(&body), function.signature.ident.clone());
        function.set_body(quote!(#used #import #body));
        function.attributes.push(library.around(&quote!(#ident { #test })));
    } else if let Some(wrapped) = runtime_wrapped::wrap(&body, measure) {
        function.set_body(quote!(#used #wrapped));
        surround(&here, &mut function, library);
    } else {
        let (setup, body) = setup::split(&name, &body);
        function.set_body(quote! {
            #used
            #import
            #setup
            __perfassert::run(#here, move || -> #output { #body })
        });
    }
    function
}

/// The second stage, on whatever function the test attribute made of an `async` one.
pub(crate) fn around(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut function) = syn::parse2::<Function>(item.clone()) else { return item };
    let Ok(OriginalFunction { again, library, ident, test }) = syn::parse2(attribute) else { return item };
    if function.signature.asyncness.is_some() {
        if again || function.attributes.is_empty() {
            // No attribute drives it: the body judges by itself.
            return item;
        }
        // test_case puts the last attribute before those that it keeps.
        function.attributes.push(library.around(&quote!(again #ident { #test })));
        return function.into_token_stream();
    }
    // A case of a parameterised test stands in a module of its own, beside the function that was written.
    let module = if function.signature.ident == ident {
        quote!(::core::module_path!())
    } else {
        quote!(__perfassert::parent(::core::module_path!()))
    };
    surround(&expression(&test, &module), &mut function, &library);
    function.into_token_stream()
}

/// The function as it was written: `(library) name { fields of the test }`, with the word `again` before the name at the second
/// attempt.
struct OriginalFunction {
    again: bool,
    library: Library,
    ident: Ident,
    test: TokenStream,
}

impl Parse for OriginalFunction {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let library = input.parse::<Group>()?.stream();
        let library = Library(if library.is_empty() { None } else { Some(syn::parse2(library)?) });
        let again = input.peek2(Ident);
        if again {
            input.parse::<Ident>()?;
        }
        Ok(OriginalFunction { again, library, ident: input.parse()?, test: input.parse::<Group>()?.stream() })
    }
}

fn surround(test: &TokenStream, function: &mut Function, library: &Library) {
    let (import, output, body) = (library.import(), return_type(&function.signature), function.body.stream());
    function.set_body(quote! {
        #import
        __perfassert::around(#test, move || -> #output { #body })
    });
}

/// Where the library is, if not at `::perfassert`.
struct Library(Option<syn::Path>);

impl Library {
    fn path(&self) -> TokenStream {
        self.0.as_ref().map_or_else(|| quote!(::perfassert), ToTokens::to_token_stream)
    }

    /// Makes `__perfassert` of its module for us: whatever we expand to names it by that, inside of a function.
    fn import(&self) -> TokenStream {
        let path = self.path();
        quote!(use #path::__private as __perfassert;)
    }

    /// The attribute of the second stage.
    fn around(&self, written: &TokenStream) -> syn::Attribute {
        let (path, said) = (self.path(), &self.0);
        syn::parse_quote!(#[#path::__private::__around((#said) #written)])
    }
}

/// The body as a future, given to a function of the library.
fn async_body(
    function: &TokenStream,
    test: &TokenStream,
    output: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    quote! {
        __perfassert::#function(#test, async move {
            // Tells the compiler the type, so that `?` and `return` work as in the function itself.
            #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::empty_loop)]
            if false {
                let never: #output = loop {};
                return never;
            }
            #body
        })
        .await
    }
}

/// One of our attributes, taken off the function.
struct OwnAttribute {
    path: syn::Path,
    attribute: Attribute,
    arguments: syn::Result<TokenStream>,
}

/// Takes off the function those of our attributes that stand beneath this one.
fn take_ours(function: &mut Function, library: Option<&syn::Path>) -> Vec<OwnAttribute> {
    let mut ours = Vec::new();
    function.attributes.retain(|attribute| match ours_of(attribute, library) {
        Some(found) => {
            ours.push(found);
            false
        }
        None => true,
    });
    ours
}

fn ours_of(attribute: &syn::Attribute, library: Option<&syn::Path>) -> Option<OwnAttribute> {
    let path = attribute.path();
    let first = &path.segments.first()?.ident;
    let is_beneath = |library: &syn::Path| {
        let (library, path) = (library.segments.iter(), path.segments.iter());
        library.len() + 1 == path.len() && library.zip(path).all(|(a, b)| a.ident == b.ident)
    };
    if path.segments.len() > 1 && first != "perfassert" && !library.is_some_and(is_beneath) {
        return None;
    }
    let named = Attribute::named(&path.segments.last()?.ident)?;
    Some(OwnAttribute {
        path: path.clone(),
        attribute: named,
        arguments: match &attribute.meta {
            syn::Meta::Path(_) => Ok(TokenStream::new()),
            syn::Meta::List(list) => Ok(list.tokens.clone()),
            syn::Meta::NameValue(meta) => Err(named.rejection(meta, "arguments stand in parentheses")),
        },
    })
}

/// What both declare, or the errors of both.
fn both(a: syn::Result<Declared>, b: syn::Result<Declared>) -> syn::Result<Declared> {
    match (a, b) {
        (Ok(a), Ok(b)) => a.and(b),
        (Err(mut a), Err(b)) => {
            a.combine(b);
            Err(a)
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    }
}

/// What the library knows of the test, but for its module.
fn test(function: &Function, gates: &[TokenStream]) -> TokenStream {
    let (name, should_panic, multi_thread) =
        (function.name(), function.should_panic(), function.is_multi_thread());
    quote! {
        package: ::core::env!("CARGO_PKG_NAME"),
        manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
        is_binary: ::core::option_env!("CARGO_BIN_NAME").is_some(),
        function: #name,
        file: ::core::file!(),
        should_panic: #should_panic,
        multi_thread: #multi_thread,
        gates: &[#(__perfassert::Gate::#gates),*],
        assert_snapshot: __perfassert::__assert_snapshot!(),
    }
}

/// A reference to the test, in a block of its own, so that no name of the user's is shadowed.
fn expression(test: &TokenStream, module: &TokenStream) -> TokenStream {
    quote! {
        {
            // An attribute with all its options leaves nothing to the default.
            #[allow(clippy::needless_update)]
            static __PERFASSERT_TEST: __perfassert::Test =
                __perfassert::Test { module: #module, #test };
            &__PERFASSERT_TEST
        }
    }
}

fn return_type(signature: &Signature) -> TokenStream {
    match &signature.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, output) => output.to_token_stream(),
    }
}
