//! Whether this program has a driver in it. A feature of ours does not say so: one package of a workspace turns it on for all
//! others.
//!
//! A program that has the driver has its name: as the target of its log records, in its symbols, as the path of its sources
//! in messages of panics and in debug information. So the program's file is searched, once in a process for each driver. Whoever
//! cannot read that file is taken to have the driver.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, Read};
use std::sync::OnceLock;

use crate::alloc::pause;

/// How much is read at a time.
const CHUNK: usize = 1 << 20;
/// How much of a chunk is looked at again with the next: more than the longest name.
const OVERLAP: usize = 64;

/// A driver that may be linked. Names stand backwards, or they would be found where they stand here.
pub(super) struct Driver {
    name: &'static [u8],
    /// The beginning of the name of its package's directory.
    path: &'static [u8],
    /// A byte that is rare in programs, and where it stands in both names, from 0.
    rare: (u8, usize),
    /// What follows the name where it is the path of one of its modules.
    modules: &'static [&'static [u8]],
    is_linked: OnceLock<bool>,
}

/// tokio-postgres.
#[cfg(feature = "tokio-postgres")]
pub(super) static TOKIO_POSTGRES: Driver = Driver {
    name: b"sergtsop_oikot",
    path: b".0-sergtsop-oikot",
    rare: (b'k', 2),
    modules: &[b"::prepare", b"::query", b"::simple_query", b"::connection"],
    is_linked: OnceLock::new(),
};

/// That of sqlx for SQLite.
#[cfg(feature = "tracing-events")]
pub(super) static SQLX_SQLITE: Driver = Driver {
    name: b"etilqs_xlqs",
    path: b".0-etilqs-xlqs",
    rare: (b'q', 1),
    modules: &[b"::connection", b"::logger"],
    is_linked: OnceLock::new(),
};

impl Driver {
    pub(super) fn is_linked(&self) -> bool {
        *self.is_linked.get_or_init(|| {
            let _paused = pause();
            let program = std::env::current_exe().and_then(File::open);
            program.and_then(|mut program| self.is_in(&mut program)).unwrap_or(true)
        })
    }

    fn is_in(&self, program: &mut impl Read) -> io::Result<bool> {
        let (name, path) = (reversed(self.name), reversed(self.path));
        let mut buffer = vec![0; CHUNK];
        let mut kept = 0;
        loop {
            let read = program.read(&mut buffer[kept..])?;
            if read == 0 {
                return Ok(false);
            }
            let bytes = &buffer[..kept + read];
            let is_at = |at: usize| bytes[at..].starts_with(&path) || self.is_crate(bytes, at, &name);
            if self.occurrences(bytes).any(is_at) {
                return Ok(true);
            }
            let tail = bytes.len().saturating_sub(OVERLAP)..bytes.len();
            kept = tail.len();
            buffer.copy_within(tail, 0);
        }
    }

    /// Where a name of the crate may begin. The standard library is optimised in a debug build too, and is what looks for the
    /// rare byte.
    fn occurrences(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        let (rare, before) = self.rare;
        let mut rest = bytes;
        std::iter::from_fn(move || {
            rest.skip_until(rare).ok().filter(|skipped| *skipped > 0)?;
            Some((bytes.len() - rest.len()).saturating_sub(before + 1))
        })
    }

    /// Whether the name stands at `at` and is the crate's, not that of a module of ours: it is the path of one of its modules, or
    /// the first in a symbol of either mangling.
    fn is_crate(&self, bytes: &[u8], at: usize, name: &[u8]) -> bool {
        let (before, rest) = bytes.split_at(at);
        let Some(after) = rest.strip_prefix(name) else { return false };
        let length = name.len();
        self.modules.iter().any(|module| after.starts_with(module))
            || before.ends_with(format!("_ZN{length}").as_bytes())
            || before.ends_with(format!("_{length}").as_bytes())
    }
}

fn reversed(text: &[u8]) -> Vec<u8> {
    black_box(text).iter().rev().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(driver: &Driver, program: &str, expected: bool) {
        // Wherever it stands with regard to the chunks.
        for offset in [0, 5, CHUNK - 20, CHUNK, 2 * CHUNK - OVERLAP - 9] {
            let mut bytes = vec![b' '; offset];
            bytes.extend_from_slice(program.as_bytes());
            assert_eq!(driver.is_in(&mut bytes.as_slice()).unwrap(), expected, "{offset}");
        }
    }

    fn name_of(driver: &Driver) -> String {
        String::from_utf8(reversed(driver.name)).unwrap()
    }

    #[track_caller]
    fn check_found(driver: &Driver, length: usize) {
        let name = name_of(driver);
        let directory = name.replace('_', "-");
        check(driver, &format!("_ZN{length}{name}5query5query17h"), true);
        check(driver, &format!("_RNvNtCs1234_{length}{name}5query5query"), true);
        check(driver, &format!("/home/me/.cargo/registry/src/{directory}-0.7.18/src"), true);
        check(driver, &format!("perfassert::{name}::init"), false);
        check(driver, "", false);
    }

    #[cfg(feature = "tokio-postgres")]
    #[test]
    fn the_driver_is_told_from_our_own_module() {
        check_found(&TOKIO_POSTGRES, 14);
        let name = name_of(&TOKIO_POSTGRES);
        check(&TOKIO_POSTGRES, &format!("message{name}::queryexecuting"), true);
        check(&TOKIO_POSTGRES, &format!("_ZN10perfassert6source14{name}6decode4read"), false);
        check(&TOKIO_POSTGRES, &format!("NtNtCs1234_10perfassert6source14{name}6decode"), false);
    }

    #[cfg(feature = "tracing-events")]
    #[test]
    fn the_driver_is_told_from_its_worker() {
        check_found(&SQLX_SQLITE, 11);
        check(&SQLX_SQLITE, "sqlx-sqlite-worker", false);
    }
}
