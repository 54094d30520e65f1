//! Initialisers that run once: those of a `OnceLock`, a `LazyLock`, a `thread_local!` and their kin.

#[cfg(inherit_threads)]
use std::collections::HashMap;
#[cfg(inherit_threads)]
use std::sync::Mutex;

#[cfg(inherit_threads)]
use super::symbols::function_of_call;
use crate::crates::Name;
#[cfg(inherit_threads)]
use crate::lock::lock;
#[cfg(inherit_threads)]
use crate::mix::Mixing;
#[cfg(inherit_threads)]
use crate::site::walk::{Mark, WHOLE, walk};

/// What an initialiser runs once in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Initialiser {
    Process,
    Thread,
}

/// What the call initialises that returns to `address`, by its symbol alone: in an optimised program all else is dear to look up.
#[cfg(inherit_threads)]
fn initialises_at(address: usize) -> Option<Initialiser> {
    static KNOWN: Mutex<Option<HashMap<usize, Option<Initialiser>, Mixing>>> = Mutex::new(None);
    let known = lock(&KNOWN).get_or_insert_with(HashMap::default).get(&address).copied();
    known.unwrap_or_else(|| {
        let of = function_of_call(address).and_then(|name| initialises(Name::parse(&name)));
        lock(&KNOWN).get_or_insert_with(HashMap::default).insert(address, of);
        of
    })
}

/// What a function initialises, if it does. Those of a process are not generic, so that each has a symbol of its own also where the application is optimised.
pub(super) fn initialises(name: Name<'_>) -> Option<Initialiser> {
    let (crate_name, module) = name.path.split_once("::")?;
    let is = |of: &str, begins: &str, function: &str| {
        crate_name == of && module.starts_with(begins) && name.function.starts_with(function)
    };
    if is("std", "sys::sync::once", "call") || is("once_cell", "imp::", "initialize") {
        Some(Initialiser::Process)
    } else if is("std", "sys::thread_local::native::lazy", "get_or_init_slow")
        || is("std", "sys::thread_local::native::lazy", "initialize")
        || is("std", "sys::thread_local::os", "get")
    {
        Some(Initialiser::Thread)
    } else {
        None
    }
}

/// Whether the calling thread is inside an initialiser of the process: a thread that it starts there serves every test.
#[cfg(inherit_threads)]
#[inline(never)] // Its frame is the fixed point.
pub(crate) fn is_in_one_time_initialiser() -> bool {
    let _paused = crate::alloc::pause();
    let variable = 0_u8;
    let (mut frames, mut is_inside) = (0, false);
    walk(Mark::of(&variable), |address| {
        is_inside = initialises_at(address) == Some(Initialiser::Process);
        frames += 1;
        !is_inside && frames < WHOLE
    });
    is_inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initialisers_run_once_in_a_process_or_a_thread() {
        let check = |name: &str, expected| {
            assert_eq!(initialises(Name::parse(name)), expected, "{name}");
        };
        check("std::sys::sync::once::futex::Once::call", Some(Initialiser::Process));
        check("std::sync::once::Once::call_once_force", None);
        check("once_cell::imp::initialize_or_wait", Some(Initialiser::Process));
        check(
            "std::sys::thread_local::native::lazy::Storage<T,D>::get_or_init_slow",
            Some(Initialiser::Thread),
        );
        check("std::thread::local::LocalKey<T>::with", None);
        check("shop::once::call", None);
    }
}
