//! Names as they stand in the symbol table, without demangling them: in either mangling a path is its names, each with its length before.

/// What follows a symbol's prefix: the crate, and how the path goes on.
pub(super) fn from_crate(symbol: &[u8]) -> Option<&[u8]> {
    match symbol {
        // `_ZN5tokio7runtime...`
        [b'_', b'Z', b'N', rest @ ..] => Some(rest),
        // `_RNvNtCs1234_5tokio7runtime...`
        [b'_', b'R', rest @ ..] => {
            let crate_root = rest.windows(2).position(|two| two == b"Cs")?;
            let hash = rest[crate_root..].iter().position(|byte| *byte == b'_')?;
            rest.get(crate_root + hash + 1..)
        }
        _ => None,
    }
}

/// The first name of a path, and what follows it.
pub(super) fn first_name(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = path.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length: usize = std::str::from_utf8(&path[..digits]).ok()?.parse().ok()?;
    path[digits..].split_at_checked(length)
}
