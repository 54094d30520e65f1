//! What the functions on a stack say, by their addresses: each is looked up once in a process.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::driving;
use super::once::{Initialiser, initialises};
use super::optimised::is_optimised;
use super::standing::{FrameMeaning, is_a_test_of_ours, standing, standing_of_dependency};
use super::symbols::function_of_call;
use crate::alloc::{DriverWork, Owner};
use crate::crates::{self, Name};
use crate::lock::lock;
use crate::mix::Mixing;
use crate::site::{Function, function_path_with_crate, functions_at, is_users, package};

/// A function was met that may have others compiled into it, and the build does not tell which.
static HAS_UNKNOWN: AtomicBool = AtomicBool::new(false);

/// See [`HAS_UNKNOWN`].
pub(super) fn has_unknown() -> bool {
    HAS_UNKNOWN.load(Relaxed)
}

/// What a call says that returns to an address, or several one after the other.
#[derive(Clone, Copy)]
pub(super) struct CallOwner {
    pub(super) standing: FrameMeaning,
    /// Whether a block is kept of a thread or a task, and given back when nobody waits for it.
    pub(super) is_unwaited: bool,
    /// What it is an initialiser of, if it is one.
    pub(super) initialises: Option<Initialiser>,
    /// What the driver is at, whose it is.
    pub(super) driving: DriverWork,
    /// Whether it belongs to what a driver tells of its queries.
    pub(super) is_tee: bool,
}

/// What is said by the calls that return to `address`.
pub(super) fn said_at(address: usize) -> CallOwner {
    static KNOWN: Mutex<Option<HashMap<usize, CallOwner, Mixing>>> = Mutex::new(None);
    let known = lock(&KNOWN).get_or_insert_with(HashMap::default).get(&address).copied();
    known.unwrap_or_else(|| {
        let said = look_up(address);
        lock(&KNOWN).get_or_insert_with(HashMap::default).insert(address, said);
        said
    })
}

/// The innermost function of the application on a stack of return addresses, where symbols alone tell it.
pub(crate) fn function_of_application(stack: &[usize]) -> Option<String> {
    let is_own = |address: &&usize| said_at(**address).standing == FrameMeaning::Decides(Owner::Application);
    if is_optimised() {
        return None;
    }
    function_of_call(*stack.iter().find(is_own)?).map(|name| function_path_with_crate(&name))
}

fn look_up(address: usize) -> CallOwner {
    let symbol = function_of_call(address);
    // Where functions are compiled into one another, a symbol is only that of the outermost.
    let said = match &symbol {
        _ if is_optimised() => by_lines(address),
        Some(name) if Name::parse(name).crate_name.is_some_and(crates::is_namesake) => by_lines(address),
        Some(name) => by_name(name),
        None => CallOwner::NOTHING,
    };
    CallOwner {
        initialises: symbol.as_deref().and_then(|name| initialises(Name::parse(name))),
        is_tee: symbol.is_some_and(|name| name.contains("perfassert::source::tee::")),
        ..said
    }
}

fn by_name(name: &str) -> CallOwner {
    let Name { crate_name, trait_crate, path, function } = Name::parse(name);
    let driver = [crate_name, trait_crate].into_iter().flatten().find(|it| crates::is_driver(it));
    CallOwner::by(standing([crate_name, trait_crate], path, function), driver, name)
}

fn by_lines(address: usize) -> CallOwner {
    functions_at(address).iter().fold(CallOwner::NOTHING, |said, function| said.then(of_function(function)))
}

fn of_function(function: &Function) -> CallOwner {
    let name = function.name.as_deref().unwrap_or_default();
    let Some(file) = &function.file else {
        let said = by_name(name);
        if name.contains("::") && said.standing != FrameMeaning::Neutral {
            HAS_UNKNOWN.store(true, Relaxed);
        }
        return said;
    };
    if is_users(name, file) || is_a_test_of_ours(name) {
        return CallOwner::by(FrameMeaning::Decides(Owner::Application), None, name);
    }
    let crate_name = package(file).replace('-', "_");
    let path = format!("{crate_name}::{}", module(file));
    let standing = standing_of_dependency(&crate_name, &path, Name::parse(name).function);
    CallOwner::by(standing, Some(&crate_name), name)
}

/// The module that a file is: `runtime::task::raw` of `/.../tokio-1.54.0/src/runtime/task/raw.rs`.
fn module(file: &std::path::Path) -> String {
    let path: Vec<_> = file.iter().map(OsStr::to_string_lossy).collect();
    let inside = path.iter().rposition(|name| name == "src").map_or(&[][..], |src| &path[src + 1..]);
    let names =
        inside.iter().map(|name| name.trim_end_matches(".rs")).filter(|name| !matches!(*name, "mod" | "lib"));
    names.collect::<Vec<_>>().join("::")
}

impl CallOwner {
    pub(super) const NOTHING: Self = CallOwner {
        standing: FrameMeaning::Neutral,
        is_unwaited: false,
        initialises: None,
        driving: DriverWork { driver: None, executes: false },
        is_tee: false,
    };

    /// By the function of that name, where it is a driver's with the crate of that.
    fn by(standing: FrameMeaning, driver: Option<&str>, name: &str) -> Self {
        let driver = driver.filter(|_| standing == FrameMeaning::Decides(Owner::Driver));
        CallOwner {
            standing,
            is_unwaited: standing == FrameMeaning::Unwaited,
            driving: driver.map(|driver| driving::of_function(driver, name)).unwrap_or_default(),
            ..Self::NOTHING
        }
    }

    /// What two say together of whose an allocation is, of which `outer` has called this one.
    pub(super) fn then(self, outer: CallOwner) -> CallOwner {
        let is_silent = matches!(self.standing, FrameMeaning::Neutral | FrameMeaning::Unwaited);
        CallOwner {
            standing: self.standing.then(outer.standing),
            is_unwaited: self.is_unwaited || is_silent && outer.is_unwaited,
            driving: if self.standing.owner().is_some() { self.driving } else { self.called_by(outer) },
            is_tee: self.is_tee || outer.is_tee,
            ..Self::NOTHING
        }
    }

    /// What the driver's function `outer` is at that has called this.
    fn called_by(self, outer: CallOwner) -> DriverWork {
        let DriverWork { driver, executes } = outer.driving;
        DriverWork {
            driver: driver.filter(|_| !self.is_tee),
            executes: executes && self.standing == FrameMeaning::Neutral && !self.is_unwaited,
        }
    }
}

impl FrameMeaning {
    fn then(self, outer: FrameMeaning) -> FrameMeaning {
        match (self, outer) {
            (FrameMeaning::Neutral | FrameMeaning::Unwaited, _) => outer,
            (FrameMeaning::Library, FrameMeaning::Neutral | FrameMeaning::Unwaited) => FrameMeaning::Library,
            (FrameMeaning::Library, FrameMeaning::Loop(_)) => FrameMeaning::Decides(Owner::Application),
            (FrameMeaning::Library, _) => outer,
            (FrameMeaning::Decides(_) | FrameMeaning::Loop(_), _) => self,
        }
    }

    /// Whose the allocation is, where that is known.
    pub(super) fn owner(self) -> Option<Owner> {
        match self {
            FrameMeaning::Neutral | FrameMeaning::Unwaited | FrameMeaning::Library => None,
            FrameMeaning::Decides(owner) | FrameMeaning::Loop(owner) => Some(owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(functions: &[FrameMeaning]) -> CallOwner {
        functions.iter().fold(CallOwner::NOTHING, |said, outer| said.then(CallOwner::by(*outer, None, "")))
    }

    #[track_caller]
    fn check(functions: &[FrameMeaning], expected: Option<Owner>) {
        assert_eq!(said(functions).standing.owner(), expected, "{functions:?}");
    }

    const OWN: FrameMeaning = FrameMeaning::Decides(Owner::Application);
    const DRIVER: FrameMeaning = FrameMeaning::Decides(Owner::Driver);
    const RUNTIME: FrameMeaning = FrameMeaning::Loop(Owner::Runtime);
    const NEUTRAL: FrameMeaning = FrameMeaning::Neutral;
    const LIBRARY: FrameMeaning = FrameMeaning::Library;

    #[test]
    fn the_first_that_knows_decides() {
        check(&[NEUTRAL, LIBRARY, DRIVER, OWN], Some(Owner::Driver));
        // A callback of the application's in a driver.
        check(&[LIBRARY, OWN, DRIVER, OWN], Some(Owner::Application));
        // A queue that a worker grows, and a task of a library's that the application has spawned.
        check(&[NEUTRAL, RUNTIME, OWN], Some(Owner::Runtime));
        check(&[NEUTRAL, LIBRARY, NEUTRAL, RUNTIME, OWN], Some(Owner::Application));
        // The report of a panic, made with a library.
        check(&[LIBRARY, FrameMeaning::Decides(Owner::Harness), OWN], Some(Owner::Harness));
        check(&[NEUTRAL, LIBRARY], None);
    }

    #[test]
    fn what_is_kept_of_a_thread_is_the_applications_and_nobody_waits_for_it() {
        let of_a_thread = said(&[NEUTRAL, FrameMeaning::Unwaited, NEUTRAL, OWN]);
        assert!(of_a_thread.is_unwaited);
        assert_eq!(of_a_thread.standing.owner(), Some(Owner::Application));
        // What the thread does is not.
        assert!(!said(&[NEUTRAL, OWN, FrameMeaning::Unwaited]).is_unwaited);
        assert!(!said(&[NEUTRAL, LIBRARY, FrameMeaning::Unwaited, RUNTIME]).is_unwaited);
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
