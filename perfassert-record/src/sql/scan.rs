//! Where strings, comments, numbers and operators end, and what names look like.
//!
//! A function takes the position of a first byte and gives the position after the last.

/// Whether a byte can be part of an unquoted name. Everything beyond ASCII can.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// White space, and the control characters that no grammar has a use for.
pub(super) const fn is_blank(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

/// A run of bytes that `accept` takes.
pub(super) fn run(bytes: &[u8], from: usize, accept: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|&byte| !accept(byte)).map_or(bytes.len(), |length| from + length)
}

/// A number in any notation, with everything that is glued to it: `1`, `.5`, `1_000`, `0xFF`, `1.5e-3`.
pub(super) fn number(bytes: &[u8], from: usize) -> usize {
    let is_hex = bytes[from] == b'0' && bytes.get(from + 1).is_some_and(|byte| byte | 0x20 == b'x');
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        let is_exponent_sign = matches!(byte, b'+' | b'-')
            && !is_hex
            && bytes[at - 1] | 0x20 == b'e'
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !(is_word(byte) || byte == b'.' || is_exponent_sign) {
            break;
        }
        at += 1;
    }
    at
}

/// What a quoted text showed on the way to its end.
pub(super) struct Quoted {
    /// The position after the closing quote, or `None` when there is none.
    pub(super) end: Option<usize>,
    /// A quote came right after a backslash, so that readings with and without escapes differ from here.
    pub(super) disputed: bool,
}

/// A text between quotes, in which a doubled quote stands for one, and so does a backslash and a quote if `escapes`.
pub(super) fn quoted(bytes: &[u8], open: usize, escapes: bool) -> Quoted {
    let quote = bytes[open];
    let mut disputed = false;
    let mut backslashes = 0_usize;
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'\\' {
            backslashes += 1;
            continue;
        }
        let is_escaped = backslashes % 2 == 1;
        backslashes = 0;
        if byte != quote {
            continue;
        }
        disputed |= is_escaped;
        if escapes && is_escaped {
            continue;
        }
        if bytes.get(at) == Some(&quote) {
            at += 1;
            continue;
        }
        return Quoted { end: Some(at), disputed };
    }
    Quoted { end: None, disputed }
}

/// A dollar-quoted text, `$$...$$` or `$tag$...$tag$`: `None` if this is none, and the end of the input if it is
/// never closed.
pub(super) fn dollar_quoted(bytes: &[u8], from: usize) -> Option<(usize, bool)> {
    let tag_end = run(bytes, from + 1, is_word);
    let starts_with_digit = bytes.get(from + 1).is_some_and(u8::is_ascii_digit);
    if starts_with_digit || bytes.get(tag_end) != Some(&b'$') {
        return None;
    }
    let tag = &bytes[from..=tag_end];
    let mut at = tag_end + 1;
    // Linear, although it compares at every `$`: a tag has no `$` inside, so no byte is compared twice.
    while let Some(offset) = bytes[at..].iter().position(|&byte| byte == b'$') {
        at += offset;
        if bytes[at..].starts_with(tag) {
            return Some((at + tag.len(), true));
        }
        at += 1;
    }
    Some((bytes.len(), false))
}

/// A comment up to the end of its line. diesel's list of binds has no end but that of the text.
pub(super) fn line_comment(bytes: &[u8], from: usize) -> usize {
    if bytes[from..].starts_with(b"-- binds: [") {
        return bytes.len();
    }
    run(bytes, from, |byte| byte != b'\n')
}

/// A comment between `/*` and `*/`, with others inside it if `nests`; `None` if it is never closed.
pub(super) fn block_comment(bytes: &[u8], from: usize, nests: bool) -> Option<usize> {
    let mut depth = 1_usize;
    let mut at = from + 2;
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'*', b'/') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            (b'/', b'*') if nests => {
                depth += 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    None
}

/// An operator. One that is not known is taken byte by byte.
pub(super) fn operator(bytes: &[u8], from: usize) -> usize {
    const LONG: &[&[u8]] = &[
        b"<=>", b"<->", b"<#>", b"<+>", b"<~>", b"<%>", b"->>", b"#>>", b"!~~*", b"!~~", b"!~*", b"~~*",
        b"-|-", b"||/", b"@@@", b"<<=", b">>=", b"<<|", b"|>>", b"&<|", b"|&>",
    ];
    const SHORT: &[&[u8]] = &[
        b"<=", b">=", b"<>", b"!=", b"==", b"=>", b"||", b"&&", b"->", b"@>", b"<@", b"@@", b"@?", b"#>",
        b"#-", b"!~", b"~*", b"~~", b"<<", b">>", b"&<", b"&>", b"|/", b"^@", b"**",
    ];
    if !bytes.get(from + 1).is_some_and(u8::is_ascii_punctuation) {
        return from + 1;
    }
    let known = LONG.iter().chain(SHORT).find(|operator| bytes[from..].starts_with(operator));
    from + known.map_or(1, |operator| operator.len())
}

/// Whether a quoted text can be a name at all.
pub(super) fn is_name(content: &str) -> bool {
    let is_odd = |byte: u8| byte == b'\\' || byte.is_ascii_control();
    (1..=128).contains(&content.len()) && !content.bytes().any(is_odd)
}

/// Whether a quoted text is a name that would nearly do without its quotes.
pub(super) fn is_plain_name(content: &str) -> bool {
    let starts_well = content.bytes().next().is_some_and(|byte| is_word(byte) && !byte.is_ascii_digit());
    starts_well && content.len() <= 64 && content.bytes().all(|byte| is_word(byte) || byte == b'$')
}
