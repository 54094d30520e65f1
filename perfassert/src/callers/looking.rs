//! The look at a stack, and what it takes to be sure of what was seen.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::{Mutex, OnceLock};

use super::frames::{self, CallOwner, said_at};
use super::mangled::{first_name, from_crate};
use super::standing::FrameMeaning;
use super::symbols::Symbols;
use crate::alloc::{self, Caller, Owner, Stack};
use crate::inconclusive::Inconclusive;
use crate::lock::lock;
use crate::mix::Mixing;
#[cfg(known_stacks)]
use crate::site::known::{self, Stacks};
use crate::site::walk::{Mark, WHOLE, is_whole_wanted, walk};

/// Where nobody has decided after so many frames, a recursion of the application's has.
const FRAMES: usize = 256;

#[cfg(known_stacks)]
thread_local! {
    static STACKS: std::cell::RefCell<Stacks<Caller, 256, 128>> = const { std::cell::RefCell::new(Stacks::new()) };
}

thread_local! {
    static WANTS_WHOLE: Cell<bool> = const { Cell::new(false) };
}

/// On the calling thread stacks are kept beyond the function that decides.
#[cfg(inherit_threads)]
pub(crate) fn want_whole_stacks() {
    WANTS_WHOLE.set(true);
}

/// From now on the allocator can ask.
pub(crate) fn listen() {
    alloc::set_look(look);
}

/// Who calls the allocator on this thread. The caller has paused the counting.
#[inline(never)] // Its frame is the fixed point.
fn look() -> Caller {
    let variable = 0_u8;
    let mark = Mark::of(&variable);
    let all = || {
        let is_whole = WANTS_WHOLE.get() || is_whole_wanted();
        let (mut said, mut decided, mut once, mut frames) = (CallOwner::NOTHING, None, None, 0);
        let mut walked = walk(mark, |address| {
            frames += 1;
            let outer = said_at(address);
            if decided.is_none() {
                said = said.then(outer);
                decided = said.standing.owner().map(|_| frames);
            }
            // What an initialiser does that runs once has the application's functions further in.
            if once.is_none() && outer.initialises.is_some() {
                once = Some(frames);
            }
            let owner = said.standing.owner();
            let is_known = once.is_some() || owner.is_some_and(|owner| owner != Owner::Application);
            match is_whole {
                true => frames < WHOLE,
                false => !is_known && frames < FRAMES,
            }
        });
        let owner = said.standing.owner().unwrap_or(match said.standing {
            // A thread that the application has started in a library, or a deep recursion.
            FrameMeaning::Library => Owner::Application,
            _ if frames >= FRAMES => Owner::Application,
            _ => Owner::Runtime,
        });
        let owner = if owner == Owner::Application && once.is_some() { Owner::Once } else { owner };
        let telling = once.or(decided).unwrap_or(frames);
        if !is_whole {
            walked.truncate(telling);
        }
        // Further out the stacks of a test are all the same.
        walked.telling = telling.saturating_sub(1);
        let CallOwner { is_unwaited, driving, .. } = said;
        let caller = Caller { owner, is_unwaited, driving, stack: kept(&walked.addresses) };
        (walked, caller)
    };
    #[cfg(known_stacks)]
    let caller = known::or_walk(&STACKS, mark, all);
    #[cfg(not(known_stacks))]
    let (_, caller) = all();
    caller
}

/// The stack with these addresses, of which there is one.
fn kept(addresses: &[usize]) -> Stack {
    static STACKS: Mutex<Option<HashSet<Stack, Mixing>>> = Mutex::new(None);
    let mut stacks = lock(&STACKS);
    let stacks = stacks.get_or_insert_with(HashSet::default);
    stacks.get(addresses).copied().unwrap_or_else(|| {
        let stack = Box::leak(Box::from(addresses));
        stacks.insert(stack);
        stack
    })
}

/// Whether a driver or a runtime is a part of this program: only then has anything to be told apart outside of tests.
pub(crate) fn depends_on_timing() -> bool {
    static DEPENDS: OnceLock<bool> = OnceLock::new();
    let _paused = alloc::pause();
    *DEPENDS.get_or_init(|| {
        let Some(symbols) = Symbols::get() else { return true };
        let mut crates = HashSet::<&[u8], Mixing>::default();
        crates.extend(symbols.names().filter_map(first_crate));
        crates
            .into_iter()
            .filter_map(|name| std::str::from_utf8(name).ok())
            .any(crate::crates::depends_on_timing)
    })
}

/// The crate that a mangled name begins with: that of a function in a module. Each crate has some.
fn first_crate(symbol: &[u8]) -> Option<&[u8]> {
    first_name(from_crate(symbol)?).map(|(name, _)| name)
}

/// Why it cannot be told whose allocations are. Asked when some were looked at.
pub(crate) fn inconclusive() -> Option<Inconclusive> {
    let _paused = alloc::pause();
    if Symbols::get().is_none() {
        return Some(Inconclusive::to_allocations(
            "this program has no symbols, so the application's allocations cannot be told from those of drivers and runtimes",
            "do not strip the tests: remove `strip = true` or \"symbols\" from their profile",
        ));
    }
    (frames::has_unknown() && depends_on_timing()).then(|| {
        Inconclusive::to_allocations(
            "this program is optimised and has no line tables, so the application's allocations cannot be told from those of the drivers \
             and runtimes that it was compiled into",
            "set `debug = \"line-tables-only\"` in the profile of the tests",
        )
    })
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[track_caller]
    fn check_first(symbol: &str, expected: Option<&str>) {
        assert_eq!(first_crate(symbol.as_bytes()), expected.map(str::as_bytes), "{symbol}");
    }

    #[test]
    fn a_symbol_begins_with_a_crate() {
        check_first("_ZN5tokio7runtime4task3raw4poll17h0123456789abcdefE", Some("tokio"));
        check_first("_RNvNtNtCs1aB_5tokio7runtime4task4poll", Some("tokio"));
        check_first("_RNCNvCs1aB_4shop4main0B3_", Some("shop"));
        check_first("sqlite3_exec", None);
        check_first("_ZN", None);
    }

    #[test]
    fn this_program_has_symbols() {
        assert!(inconclusive().is_none());
        let symbols = Symbols::get().unwrap();
        let name = symbols.function_of_call((a_function as *const ()).addr() + 2).unwrap();
        assert!(name.ends_with("looking::tests::a_function"), "{name}");
        assert!(symbols.function_of_call(black_box(&name) as *const _ as usize).is_none());
    }

    fn a_function() {
        black_box(());
    }
}
