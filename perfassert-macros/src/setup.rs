//! What other attributes put in front of a body. It is set-up, so it stays outside of what is measured.
//!
//! Like in [`runtime_wrapped`](crate::runtime_wrapped), only the exact form in which the known attributes leave a body is recognised.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::runtime_wrapped::{group, starts_with};

/// The body of the function `name`, split into set-up and what is the test's own.
pub(crate) fn split(name: &str, body: &TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let logging = test_log(&tokens);
    let rest = &tokens[logging..];
    let own = logging + rstest(name, rest).or_else(|| rstest_case(name, rest)).unwrap_or(0);
    let (setup, own) = tokens.split_at(own);
    (setup.iter().cloned().collect(), own.iter().cloned().collect())
}

/// `{ mod init { ... } init::init(); }`
fn test_log(tokens: &[TokenTree]) -> usize {
    let block = tokens.first().and_then(|token| group(token, Delimiter::Brace));
    let sets_up = block.is_some_and(|block| {
        starts_with(&block, &["mod", "init"])
            && block.len() > 3
            && starts_with(&block[3..], &["init", ":", ":", "init"])
    });
    usize::from(sets_up)
}

/// The function itself once more, fixtures, and the call: `fn name(shop: Shop) { ... } let shop = ...; name(shop)`.
fn rstest(name: &str, tokens: &[TokenTree]) -> Option<usize> {
    let body = tokens.iter().position(|token| group(token, Delimiter::Brace).is_some())?;
    let itself = tokens[..body].windows(2).any(|words| starts_with(words, &["fn", name]));
    let call = call(tokens)?;
    (itself && call > body && starts_with(&tokens[call..], &[name])).then_some(call)
}

/// A case, its arguments, and the call: `let n = 1; let shop = ...; name(n, shop)`.
fn rstest_case(name: &str, tokens: &[TokenTree]) -> Option<usize> {
    let is_case = name.strip_prefix("case_")?.starts_with(|c: char| c.is_ascii_digit());
    let call = call(tokens).filter(|_| is_case)?;
    let is_end = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let words = |tokens: &[TokenTree]| tokens.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut names = Vec::new();
    for statement in tokens[..call].split_inclusive(is_end) {
        let ends = is_end(statement.last()?);
        match words(statement).as_slice() {
            [word, name, equals, ..] if word == "let" && equals == "=" && ends => names.push(name.clone()),
            _ => return None,
        }
    }
    let arguments = words(&group(&tokens[call + 1], Delimiter::Parenthesis)?);
    let arguments: Vec<_> =
        arguments.into_iter().filter(|word| !matches!(word.as_str(), "," | "&")).collect();
    (!names.is_empty() && names == arguments).then_some(call)
}

/// Where the call of one function by its name is, if a body ends in one.
fn call(tokens: &[TokenTree]) -> Option<usize> {
    let awaited = tokens.len().checked_sub(2).filter(|at| starts_with(&tokens[*at..], &[".", "await"]));
    let call = awaited.unwrap_or(tokens.len()).checked_sub(2)?;
    let named = matches!(&tokens[call], TokenTree::Ident(_));
    (named && group(&tokens[call + 1], Delimiter::Parenthesis).is_some()).then_some(call)
}
