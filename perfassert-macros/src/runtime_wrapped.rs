//! Functions that a test attribute above ours has already made: a runtime is built and drives the body to its end.
//!
//! The body is recognised by the exact form in which the known attributes leave it, so that a test which builds its own
//! runtime stays as its author wrote it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The function's body with `wrap` applied to the future in it, or `None` if no known attribute made it.
pub(crate) fn wrap(body: &TokenStream, wrap: impl Fn(&TokenStream) -> TokenStream) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let future = tokio(&tokens).or_else(|| sqlx(&tokens)).or_else(|| actix(&tokens))?;
    Some(replace(&tokens, &future, &wrap))
}

/// Where the future's block is: an index on each level of groups.
type Path = Vec<usize>;

/// `let body = async { ... };` and then a runtime.
fn tokio(tokens: &[TokenTree]) -> Option<Path> {
    let block = async_block_after(tokens, &["let", "body", "="])?;
    let names_a_runtime = |token: &TokenTree| token.to_string().contains("block_on");
    tokens.iter().any(names_a_runtime).then_some(vec![block])
}

/// `::sqlx::test_block_on(async { ... })`, or a function of the same name that `TestFn::run_test` calls.
fn sqlx(tokens: &[TokenTree]) -> Option<Path> {
    if starts_with(tokens, &[":", ":", "sqlx", ":", ":", "test_block_on"]) {
        let call = group(tokens.get(6)?, Delimiter::Parenthesis)?;
        return Some(vec![6, async_block_after(&call, &[])?]);
    }
    let calls = tokens.iter().any(|token| matches!(token, TokenTree::Ident(name) if name == "TestFn"));
    let is_block = |token: &TokenTree| group(token, Delimiter::Brace).is_some();
    (starts_with(tokens, &["async", "fn"]) && calls).then_some(vec![tokens.iter().position(is_block)?])
}

/// `<actix_rt::System>::new().block_on(async move { ... })`
fn actix(tokens: &[TokenTree]) -> Option<Path> {
    let driver =
        tokens.iter().position(|token| matches!(token, TokenTree::Ident(name) if name == "block_on"))?;
    let names_the_system = |token: &TokenTree| matches!(token, TokenTree::Ident(name) if name == "System");
    if !starts_with(tokens, &["<"]) || !tokens[..driver].iter().any(names_the_system) {
        return None;
    }
    let call = group(tokens.get(driver + 1)?, Delimiter::Parenthesis)?;
    Some(vec![driver + 1, async_block_after(&call, &[])?])
}

/// The index of the block of `async { ... }` or `async move { ... }` behind `before`.
fn async_block_after(tokens: &[TokenTree], before: &[&str]) -> Option<usize> {
    let rest = starts_with(tokens, before).then(|| &tokens[before.len()..])?;
    let keywords = if starts_with(rest, &["async", "move"]) { 2 } else { 1 };
    let block = before.len() + keywords;
    (starts_with(rest, &["async"]) && group(tokens.get(block)?, Delimiter::Brace).is_some()).then_some(block)
}

pub(crate) fn starts_with(tokens: &[TokenTree], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.to_string() == **word)
}

pub(crate) fn group(token: &TokenTree, delimiter: Delimiter) -> Option<Vec<TokenTree>> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => {
            Some(group.stream().into_iter().collect())
        }
        // A macro's argument may arrive in invisible parentheses.
        TokenTree::Group(invisible) if invisible.delimiter() == Delimiter::None => {
            invisible.stream().into_iter().next().and_then(|token| group(&token, delimiter))
        }
        _ => None,
    }
}

fn replace(tokens: &[TokenTree], path: &[usize], wrap: &impl Fn(&TokenStream) -> TokenStream) -> TokenStream {
    let Some((&here, deeper)) = path.split_first() else {
        return wrap(&tokens.iter().cloned().collect());
    };
    let replaced = tokens.iter().enumerate().map(|(index, token)| match token {
        TokenTree::Group(old) if index == here => {
            let inner: Vec<TokenTree> = old.stream().into_iter().collect();
            let mut new = Group::new(old.delimiter(), replace(&inner, deeper, wrap));
            new.set_span(old.span());
            TokenTree::Group(new)
        }
        other => other.clone(),
    });
    replaced.collect()
}
