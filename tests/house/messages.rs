//! What the library, the attributes and the subcommand say to people: all of it in one file, so that a reviewer reads it in one place.

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};

/// The expected file. `PERFASSERT_MESSAGES=write` writes it.
const EXPECTED: &str = "house/messages.txt";

/// The texts of a file that are no names, patterns or documentation, in order.
fn texts(source: &str) -> Vec<String> {
    let tokens = source.parse().expect("it compiles");
    let mut texts = Vec::new();
    collect(tokens, &mut texts);
    texts
}

fn collect(tokens: TokenStream, texts: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            // Documentation, reasons of lints; and what is compiled for tests, up to the end of the item.
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                tokens.next_if(|token| is_punct(token, '!'));
                let attribute = tokens.next().map(|token| token.to_string()).unwrap_or_default();
                if attribute.replace(' ', "").contains("cfg(test)") {
                    let is_end = |token: &TokenTree| {
                        matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
                            || is_punct(token, ';')
                    };
                    tokens.by_ref().find(is_end);
                }
            }
            TokenTree::Group(group) => collect(group.stream(), texts),
            TokenTree::Literal(literal) => texts.extend(text(&literal).filter(|text| is_a_message(text))),
            _ => {}
        }
    }
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// The value of a literal that is a text.
fn text(literal: &Literal) -> Option<String> {
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
}

/// Some words, and not in capitals as SQL is.
fn is_a_message(text: &str) -> bool {
    let words = || text.split_whitespace().filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    words().count() >= 3
}

#[test]
fn all_messages_stand_in_one_file() {
    let mut sources = super::published_sources();
    sources.sort();
    let mut all = String::from(
        "What perfassert says to people, file by file. PERFASSERT_MESSAGES=write writes this anew.\n",
    );
    for (file, source) in sources {
        let is_test = file.split('/').any(|part| ["tests", "tests.rs", "test_records.rs"].contains(&part));
        let texts = texts(&source);
        if is_test || texts.is_empty() {
            continue;
        }
        all += &format!("\n{file}\n");
        for text in texts {
            let text = text.trim_end().replace('\n', "\n    ");
            all += &format!("  - {text}\n");
        }
    }
    let path = super::root().join("tests").join(EXPECTED);
    if std::env::var_os("PERFASSERT_MESSAGES").is_some_and(|value| value == "write") {
        std::fs::write(&path, &all).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let new: Vec<_> = all.lines().filter(|line| !expected.lines().any(|known| known == *line)).collect();
    assert!(all == expected, "messages changed; read them aloud, then PERFASSERT_MESSAGES=write: {new:#?}");
}

#[test]
fn messages_are_told_from_names() {
    let check = |source: &str, expected: &[&str]| assert_eq!(texts(source), expected, "{source}");
    check("fn a() { fail(\"no query was observed\") }", &["no query was observed"]);
    check("/// No query was observed\nfn a() { b(\"orders::list\", \"SELECT id FROM orders\") }", &[]);
    check("#[expect(missing_docs, reason = \"this is not a message\")] fn a() {}", &[]);
    check("#[cfg(test)] mod tests { const A: &str = \"this is not a message\"; }", &[]);
}
