//! Whether this program has tokio-postgres in it. The feature alone does not say so: one package of a workspace turns it on
//! for all others.
//!
//! A program that has the driver has its name: as the target of its log records, in its symbols, as the path of its sources
//! in messages of panics and in debug information. So the program's file is searched, once in a process. Whoever cannot read that file is taken to have the driver.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, Read};
use std::sync::OnceLock;

use crate::alloc::pause;

/// How much is read at a time.
const CHUNK: usize = 1 << 20;
/// How much of a chunk is looked at again with the next: more than the longest name.
const OVERLAP: usize = 64;

pub(in crate::source) fn has_driver() -> bool {
    static HAS_DRIVER: OnceLock<bool> = OnceLock::new();
    *HAS_DRIVER.get_or_init(|| {
        let _paused = pause();
        let program = std::env::current_exe().and_then(File::open);
        program.and_then(|mut program| contains_driver(&mut program)).unwrap_or(true)
    })
}

fn contains_driver(program: &mut impl Read) -> io::Result<bool> {
    // Both backwards, or they would be found where they stand here.
    let (name, path) = (reversed(b"sergtsop_oikot"), reversed(b".0-sergtsop-oikot"));
    let mut buffer = vec![0; CHUNK];
    let mut kept = 0;
    loop {
        let read = program.read(&mut buffer[kept..])?;
        if read == 0 {
            return Ok(false);
        }
        let bytes = &buffer[..kept + read];
        if occurrences(bytes).any(|at| bytes[at..].starts_with(&path) || is_crate(bytes, at, &name)) {
            return Ok(true);
        }
        let tail = bytes.len().saturating_sub(OVERLAP)..bytes.len();
        kept = tail.len();
        buffer.copy_within(tail, 0);
    }
}

/// Where a name of the crate may begin: two bytes before each `k`, which is rare. The standard library is optimised in a
/// debug build too, and is what looks for it.
fn occurrences(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        rest.skip_until(b'k').ok().filter(|skipped| *skipped > 0)?;
        Some((bytes.len() - rest.len()).saturating_sub(3))
    })
}

/// Whether the name stands at `at` and is the crate's, not that of our own module: it is the target of a record, or the
/// first in a symbol of either mangling.
fn is_crate(bytes: &[u8], at: usize, name: &[u8]) -> bool {
    let (before, rest) = bytes.split_at(at);
    let Some(after) = rest.strip_prefix(name) else { return false };
    let targets: [&[u8]; 4] = [b"::prepare", b"::query", b"::simple_query", b"::connection"];
    targets.iter().any(|target| after.starts_with(target))
        || before.ends_with(b"_ZN14")
        || before.ends_with(b"_14")
}

fn reversed<const N: usize>(text: &[u8; N]) -> [u8; N] {
    let mut text = black_box(*text);
    text.reverse();
    black_box(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(program: &[u8], expected: bool) {
        // Wherever it stands with regard to the chunks.
        for offset in [0, 5, CHUNK - 20, CHUNK, 2 * CHUNK - OVERLAP - 9] {
            let mut bytes = vec![b' '; offset];
            bytes.extend_from_slice(program);
            assert_eq!(contains_driver(&mut bytes.as_slice()).unwrap(), expected, "{offset}");
        }
    }

    #[test]
    fn the_driver_is_told_from_our_own_module() {
        let name = String::from_utf8(reversed(b"sergtsop_oikot").to_vec()).unwrap();
        check(format!("message{name}::queryexecuting").as_bytes(), true);
        check(format!("_ZN14{name}5query5query17h").as_bytes(), true);
        check(format!("_RNvNtCs1234_14{name}5query5query").as_bytes(), true);
        check(
            format!("/home/me/.cargo/registry/src/{}0.7.18/src", name.replace('_', "-") + "-").as_bytes(),
            true,
        );
        check(format!("_ZN10perfassert6source14{name}6decode4read").as_bytes(), false);
        check(format!("NtNtCs1234_10perfassert6source14{name}6decode").as_bytes(), false);
        check(format!("perfassert::{name}::init").as_bytes(), false);
        check(b"", false);
    }
}
