//! Where the library is: `crate = my::perfassert`, for a crate that has it by another name or through another crate.

use quote::ToTokens;
use syn::{Expr, ExprLit, ExprPath, Lit, Path};

use super::Attribute;
use crate::parse::{Arguments, Name};

/// Takes the option `crate` off the arguments, which every attribute has.
pub(super) fn take(attribute: Attribute, arguments: &mut Arguments) -> syn::Result<Option<Path>> {
    let (mut library, mut others) = (None, Arguments(syn::punctuated::Punctuated::new()));
    for argument in std::mem::take(&mut arguments.0) {
        match &argument.name {
            Some(Name::Option(name)) if name == "crate" => {
                if library.replace(path(attribute, &argument.value)?).is_some() {
                    return Err(attribute.rejection(name, "`crate` stands here twice"));
                }
            }
            _ => others.0.push(argument),
        }
    }
    *arguments = others;
    Ok(library)
}

/// A path, or a text that is one.
fn path(attribute: Attribute, value: &Expr) -> syn::Result<Path> {
    let path = match value {
        Expr::Path(ExprPath { qself: None, path, .. }) => Some(path.clone()),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.parse_with(Path::parse_mod_style).ok(),
        _ => None,
    };
    path.ok_or_else(|| {
        attribute.rejection(value, "`crate` is the path of perfassert, as in `crate = my::perfassert`")
    })
}

/// The one path of attributes that stand together.
pub(super) fn same(a: Option<Path>, b: Option<Path>) -> syn::Result<Option<Path>> {
    let text = |path: &Path| path.to_token_stream().to_string();
    match (a, b) {
        (Some(a), Some(b)) if text(&a) != text(&b) => Err(syn::Error::new_spanned(
            b,
            format!("another attribute of this test has `crate = {}`, and both are of one crate", text(&a)),
        )),
        (a, b) => Ok(a.or(b)),
    }
}
