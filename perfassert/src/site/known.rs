//! Stacks that a thread had before are recognised, and not walked again.
//!
//! Walking a stack costs microseconds, more than some queries and far more than an allocation, and a loop has the same one in each
//! round. So a thread keeps those that were walked, and where each of their return addresses stands in memory. If they all still
//! stand there, above a function that has its own frame at the same place, then the calls are the same ones: the innermost address
//! stands where it did, so it says which function called and how large its frame is, and with that where the next one stands.
#![allow(unsafe_code)] // Reads words of the calling thread's own stack.

use std::cell::RefCell;
use std::ops::Range;
use std::thread::LocalKey;

use super::walk::{Mark, WalkedStack};
use crate::alloc::pause;

/// A stack that was walked, and what was made of it.
struct KnownStack<T> {
    mark: Mark,
    /// Where each return address stands, and it: one above the other, and all of them above the mark.
    words: Box<[(usize, usize)]>,
    /// The one by which it is told from most others.
    telling: usize,
    value: T,
}

/// What a thread keeps, spread over places by the marks, up to `KEPT` in each.
pub(crate) struct Stacks<T, const PLACES: usize, const KEPT: usize> {
    /// The thread's stack, once it was asked for; empty if that cannot be told.
    memory: Option<Range<usize>>,
    /// Those that are met often come to stand in front.
    places: [Vec<KnownStack<T>>; PLACES],
}

/// What was made of the calling thread's stack; if it was not met before, what `walk` makes of it now. The caller has paused the
/// counting.
pub(crate) fn or_walk<T: Clone, const PLACES: usize, const KEPT: usize>(
    stacks: &'static LocalKey<RefCell<Stacks<T, PLACES, KEPT>>>,
    mark: Mark,
    walk: impl FnOnce() -> (WalkedStack, T),
) -> T {
    // A thread that ends has none any more, and a signal may come while they are in use.
    let with = |access: &mut dyn FnMut(&mut Stacks<T, PLACES, KEPT>)| {
        let _ = stacks.try_with(|stacks| stacks.try_borrow_mut().map(|mut stacks| access(&mut stacks)));
    };
    let mut found = None;
    with(&mut |stacks| found = stacks.find(mark));
    found.unwrap_or_else(|| {
        let (walked, value) = walk();
        let mut known = Some(KnownStack {
            mark: walked.mark,
            telling: walked.telling.min(walked.slots.len().saturating_sub(1)),
            words: walked.slots.into_iter().zip(walked.addresses).collect(),
            value: value.clone(),
        });
        with(&mut |stacks| known.take().into_iter().for_each(|known| stacks.keep(known)));
        value
    })
}

impl<T: Clone, const PLACES: usize, const KEPT: usize> Stacks<T, PLACES, KEPT> {
    pub(crate) const fn new() -> Self {
        Stacks { memory: None, places: [const { Vec::new() }; PLACES] }
    }

    fn place(&mut self, mark: Mark) -> &mut Vec<KnownStack<T>> {
        // Frames are aligned to 16 bytes.
        &mut self.places[(mark.0 >> 4) % PLACES]
    }

    fn find(&mut self, mark: Mark) -> Option<T> {
        let place = self.place(mark);
        let at = place.iter().position(|known| known.mark == mark && known.stands())?;
        let value = place[at].value.clone();
        if at > 0 {
            place.swap(at, at - 1);
        }
        Some(value)
    }

    fn keep(&mut self, known: KnownStack<T>) {
        let memory = self.memory.get_or_insert_with(memory);
        if !known.lies_in(memory) || !known.stands() {
            return;
        }
        let place = self.place(known.mark);
        if place.len() == KEPT {
            place.pop();
        }
        place.push(known);
    }
}

impl<T, const PLACES: usize, const KEPT: usize> Drop for Stacks<T, PLACES, KEPT> {
    fn drop(&mut self) {
        let _paused = pause();
        self.places = [const { Vec::new() }; PLACES];
    }
}

impl<T> KnownStack<T> {
    /// Whether all of it lies in `memory`, one above the other.
    fn lies_in(&self, memory: &Range<usize>) -> bool {
        let ends = [self.mark.0].into_iter().chain(self.words.iter().map(|(slot, _)| *slot));
        memory.contains(&self.mark.0)
            && ends.is_sorted_by(|below, above| below < above)
            && self.words.iter().all(|(slot, _)| {
                slot % align_of::<usize>() == 0 && memory.contains(&(slot + size_of::<usize>() - 1))
            })
    }

    /// Whether the addresses stand where they stood. The mark is that of a function that is being executed on this thread, and
    /// `self` [lies in](Self::lies_in) the thread's stack.
    ///
    /// From the one that tells it from others inwards, and then outwards.
    fn stands(&self) -> bool {
        let (inner, outer) = self.words.split_at(self.words.len().min(self.telling + 1));
        inner.iter().rev().chain(outer).all(|(slot, address)| {
            // SAFETY: the slot is aligned. It lies above the frame of a function that is being executed and below the end of
            // this thread's stack, and all between these two is mapped for as long as the function is executed. The word
            // is read as a debugger reads it: it may be anything, and is compared and nothing else.
            let word = unsafe { std::ptr::with_exposed_provenance::<usize>(*slot).read_volatile() };
            word == *address
        })
    }
}

/// Where the calling thread's stack is. Empty if that cannot be told: a stack is walked each time then, as it is where somebody
/// else has made the stack that the thread is executing on, as coroutines do.
fn memory() -> Range<usize> {
    let mut memory = 0..0;
    // SAFETY: `pthread_getattr_np` initialises the attributes if it returns 0; only then they are read, and destroyed.
    // Everything else that is passed are variables of this function.
    unsafe {
        let mut attributes = std::mem::zeroed::<libc::pthread_attr_t>();
        if libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes) == 0 {
            let (mut begin, mut size) = (std::ptr::null_mut(), 0);
            if libc::pthread_attr_getstack(&raw const attributes, &raw mut begin, &raw mut size) == 0 {
                memory = begin.addr()..begin.addr() + size;
            }
            libc::pthread_attr_destroy(&raw mut attributes);
        }
    }
    memory
}
