//! What the functions on a stack say, by their addresses: each is looked up once in a process.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::crates::{self, Standing};
use super::names::Name;
use super::optimised::is_optimised;
use super::symbols::Symbols;
use crate::alloc::Owner;
use crate::lock::lock;
use crate::mix::Mixing;
use crate::record::explain::Code;
use crate::site::{Function, functions_at, is_users, package};

/// A function was met that may have others compiled into it, and the build does not tell which.
static HAS_UNKNOWN: AtomicBool = AtomicBool::new(false);

/// See [`HAS_UNKNOWN`].
pub(super) fn has_unknown() -> bool {
    HAS_UNKNOWN.load(Relaxed)
}

/// What a call says that returns to an address.
#[derive(Clone, Copy)]
pub(super) struct Said {
    pub(super) standing: Standing,
    /// Whether it is that of an initialiser which runs once: a `OnceLock`'s, a `LazyLock`'s, a `thread_local!`'s.
    pub(super) initialises: Option<Of>,
}

/// What an initialiser runs once in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Process,
    Thread,
}

/// What is said by the calls that return to `address`.
pub(super) fn said_at(address: usize) -> Said {
    static KNOWN: Mutex<Option<HashMap<usize, Said, Mixing>>> = Mutex::new(None);
    let known = lock(&KNOWN).get_or_insert_with(HashMap::default).get(&address).copied();
    known.unwrap_or_else(|| {
        let said = look_up(address);
        lock(&KNOWN).get_or_insert_with(HashMap::default).insert(address, said);
        said
    })
}

fn look_up(address: usize) -> Said {
    let symbol = Symbols::get().and_then(|symbols| symbols.function_of_call(address));
    let name = symbol.as_deref().map(Name::parse);
    // Where functions are compiled into one another, a symbol is only that of the outermost.
    let standing = match name {
        _ if is_optimised() => by_lines(address),
        Some(name) => by_name(name),
        None => Standing::Neutral,
    };
    Said { standing, initialises: name.and_then(|name| initialises(name.path, name.function)) }
}

/// Those of a process are not generic, so that each has a symbol of its own also where the application is optimised.
fn initialises(path: &str, function: &str) -> Option<Of> {
    let (crate_name, module) = path.split_once("::")?;
    let is = |of: &str, begins: &str, name: &str| {
        crate_name == of && module.starts_with(begins) && function.starts_with(name)
    };
    if is("std", "sys::sync::once", "call") || is("once_cell", "imp::", "initialize") {
        Some(Of::Process)
    } else if is("std", "sys::thread_local::native::lazy", "get_or_init_slow")
        || is("std", "sys::thread_local::native::lazy", "initialize")
        || is("std", "sys::thread_local::os", "get")
    {
        Some(Of::Thread)
    } else {
        None
    }
}

/// Whose code the function is that has this demangled name.
pub(crate) fn code_of(name: &str) -> Code {
    let Name { crate_name, trait_crate, .. } = Name::parse(name);
    crate_name.or(trait_crate).map_or(Code::Beneath, crates::code_of)
}

/// Whether the function that has this demangled name is a driver's: it stands in the crate of one, and implements nothing of the
/// application's.
pub(crate) fn is_drivers(name: &str) -> bool {
    let Name { crate_name, trait_crate, .. } = Name::parse(name);
    crates::are_a_drivers(crate_name, trait_crate)
}

fn by_name(name: Name<'_>) -> Standing {
    let Name { crate_name, trait_crate, path, function } = name;
    crates::standing([crate_name, trait_crate], path, function)
}

fn by_lines(address: usize) -> Standing {
    let functions = functions_at(address);
    let mut standing = Standing::Neutral;
    for function in &functions {
        standing = standing.then(of_function(function));
    }
    standing
}

fn of_function(function: &Function) -> Standing {
    let name = function.name.as_deref().unwrap_or_default();
    let Some(file) = &function.file else {
        let standing = by_name(Name::parse(name));
        if name.contains("::") && standing != Standing::Neutral {
            HAS_UNKNOWN.store(true, Relaxed);
        }
        return standing;
    };
    if is_users(name, file) || crates::is_a_test_of_ours(name) {
        return Standing::Decides(Owner::Application);
    }
    let crate_name = package(file).replace('-', "_");
    let Name { function, .. } = Name::parse(name);
    crates::standing([Some(&crate_name), None], &format!("{crate_name}::{}", module(file)), function)
}

/// The module that a file is: `runtime::task::raw` of `/.../tokio-1.54.0/src/runtime/task/raw.rs`.
fn module(file: &std::path::Path) -> String {
    let path: Vec<_> = file.iter().map(OsStr::to_string_lossy).collect();
    let inside = path.iter().rposition(|name| name == "src").map_or(&[][..], |src| &path[src + 1..]);
    let names =
        inside.iter().map(|name| name.trim_end_matches(".rs")).filter(|name| !matches!(*name, "mod" | "lib"));
    names.collect::<Vec<_>>().join("::")
}

impl Standing {
    /// What two functions say together, of which `outer` has called this one.
    pub(super) fn then(self, outer: Standing) -> Standing {
        match (self, outer) {
            (Standing::Neutral, _) => outer,
            (Standing::Library, Standing::Neutral) => Standing::Library,
            (Standing::Library, Standing::Loop(_)) => Standing::Decides(Owner::Application),
            (Standing::Library, _) => outer,
            (Standing::Decides(_) | Standing::Loop(_), _) => self,
        }
    }

    /// Whose the allocation is, where that is known.
    pub(super) fn owner(self) -> Option<Owner> {
        match self {
            Standing::Neutral | Standing::Library => None,
            Standing::Decides(owner) | Standing::Loop(owner) => Some(owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(functions: &[Standing], expected: Option<Owner>) {
        let said = functions.iter().fold(Standing::Neutral, |said, outer| said.then(*outer));
        assert_eq!(said.owner(), expected, "{functions:?}");
    }

    const OWN: Standing = Standing::Decides(Owner::Application);
    const DRIVER: Standing = Standing::Decides(Owner::Driver);
    const RUNTIME: Standing = Standing::Loop(Owner::Runtime);
    const NEUTRAL: Standing = Standing::Neutral;
    const LIBRARY: Standing = Standing::Library;

    #[test]
    fn the_first_that_knows_decides() {
        check(&[NEUTRAL, LIBRARY, DRIVER, OWN], Some(Owner::Driver));
        // A callback of the application's in a driver.
        check(&[LIBRARY, OWN, DRIVER, OWN], Some(Owner::Application));
        // A queue that a worker grows, and a task of a library's that the application has spawned.
        check(&[NEUTRAL, RUNTIME, OWN], Some(Owner::Runtime));
        check(&[NEUTRAL, LIBRARY, NEUTRAL, RUNTIME, OWN], Some(Owner::Application));
        // The report of a panic, made with a library.
        check(&[LIBRARY, Standing::Decides(Owner::Harness), OWN], Some(Owner::Harness));
        check(&[NEUTRAL, LIBRARY], None);
    }

    #[test]
    fn initialisers_run_once_in_a_process_or_a_thread() {
        let check = |name: &str, expected| {
            let Name { path, function, .. } = Name::parse(name);
            assert_eq!(initialises(path, function), expected, "{name}");
        };
        check("std::sys::sync::once::futex::Once::call", Some(Of::Process));
        check("std::sync::once::Once::call_once_force", None);
        check("once_cell::imp::initialize_or_wait", Some(Of::Process));
        check("std::sys::thread_local::native::lazy::Storage<T,D>::get_or_init_slow", Some(Of::Thread));
        check("std::thread::local::LocalKey<T>::with", None);
        check("shop::once::call", None);
    }

    #[test]
    fn a_file_is_a_module() {
        let check = |file: &str, expected: &str| assert_eq!(module(file.as_ref()), expected);
        check("/home/me/.cargo/registry/src/x/tokio-1.54.0/src/runtime/task/raw.rs", "runtime::task::raw");
        check("/home/me/.cargo/registry/src/x/tokio-1.54.0/src/runtime/blocking/mod.rs", "runtime::blocking");
        check("/rustc/59807616e/library/std/src/io/stdio.rs", "io::stdio");
        check("/home/me/.cargo/registry/src/x/bytes-1.1.0/src/lib.rs", "");
        check("/home/me/shop/build.rs", "");
    }
}
