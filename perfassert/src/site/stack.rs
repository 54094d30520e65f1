//! The calling thread's stack, as return addresses.
//!
//! Walking a stack costs microseconds, more than some queries, and a loop has the same one in each round. So a thread keeps the
//! last few that were walked, and where each of their return addresses stands in memory. If they all still stand there, below
//! a function that has its own frame at the same place, then the calls are the same ones, and nothing is walked.

/// How far up the stack the user's code is looked for. Below it lie the subscriber, the driver, and what is built upon it: in a
/// debug build, 70 frames and more of sea-orm's.
const FRAMES: usize = 128;

#[cfg(known_stacks)]
pub(super) use self::known::here;

/// The return addresses of the calling thread, from the inside out.
#[cfg(not(known_stacks))]
pub(super) fn here() -> std::sync::Arc<[usize]> {
    let mut addresses = Vec::with_capacity(FRAMES);
    backtrace::trace(|frame| {
        addresses.push(frame.ip().addr());
        addresses.len() < FRAMES
    });
    addresses.into()
}

#[cfg(known_stacks)]
mod known {
    #![allow(unsafe_code)] // Reads words of the calling thread's own stack.

    use std::cell::RefCell;
    use std::ops::Range;
    use std::sync::Arc;

    use super::FRAMES;
    use crate::alloc::pause;

    /// Stacks that a thread keeps. A loop has as many as it has queries.
    const KEPT: usize = 16;

    /// A stack that was walked.
    struct Known {
        /// Where [`here`] had a variable of its own.
        mark: usize,
        /// Where the return addresses stand: one above the other, and all of them above the mark.
        slots: Box<[usize]>,
        addresses: Arc<[usize]>,
    }

    /// What a thread keeps.
    #[derive(Default)]
    struct Stacks {
        /// The thread's stack, once it was asked for; empty if that cannot be told.
        memory: Option<Range<usize>>,
        known: Vec<Known>,
        /// The one to be replaced next.
        oldest: usize,
    }

    thread_local! {
        static STACKS: RefCell<Stacks> =
            const { RefCell::new(Stacks { memory: None, known: Vec::new(), oldest: 0 }) };
    }

    /// The return addresses of the calling thread, from the inside out. The caller has paused the counting.
    #[inline(never)] // Its frame is the fixed point.
    pub(in super::super) fn here() -> Arc<[usize]> {
        let mark = std::hint::black_box(0_u8);
        let mark = std::ptr::from_ref(std::hint::black_box(&mark)).addr();
        let known = STACKS.try_with(|stacks| stacks.borrow().find(mark));
        known.ok().flatten().unwrap_or_else(|| {
            let walked = Known::walk(mark);
            let addresses = Arc::clone(&walked.addresses);
            let _ = STACKS.try_with(|stacks| stacks.borrow_mut().keep(walked));
            addresses
        })
    }

    impl Stacks {
        fn find(&self, mark: usize) -> Option<Arc<[usize]>> {
            let known = self.known.iter().find(|known| known.mark == mark && known.stands())?;
            Some(Arc::clone(&known.addresses))
        }

        fn keep(&mut self, walked: Known) {
            let memory = self.memory.get_or_insert_with(memory);
            if !walked.lies_in(memory) || !walked.stands() {
                return;
            }
            if self.known.len() < KEPT {
                self.known.push(walked);
            } else {
                self.known[self.oldest] = walked;
                self.oldest = (self.oldest + 1) % KEPT;
            }
        }
    }

    impl Drop for Stacks {
        fn drop(&mut self) {
            let _paused = pause();
            self.known = Vec::new();
        }
    }

    impl Known {
        /// Walks the calling thread's stack, from the caller of the function that has `mark` in its frame.
        fn walk(mark: usize) -> Self {
            let (mut slots, mut addresses) = (Vec::with_capacity(FRAMES), Vec::with_capacity(FRAMES));
            backtrace::trace(|frame| {
                // Where the stack ended when the function was left for the next: the address to come back to is pushed there.
                let slot = frame.sp().addr().wrapping_sub(size_of::<usize>());
                let address = frame.ip().addr();
                if slot > mark && address != 0 {
                    slots.push(slot);
                    addresses.push(address);
                }
                addresses.len() < FRAMES
            });
            Known { mark, slots: slots.into(), addresses: addresses.into() }
        }

        /// Whether all of it lies in `memory`, one above the other.
        fn lies_in(&self, memory: &Range<usize>) -> bool {
            let ends = [self.mark].into_iter().chain(self.slots.iter().copied());
            memory.contains(&self.mark)
                && ends.is_sorted_by(|below, above| below < above)
                && self.slots.iter().all(|slot| {
                    slot.is_multiple_of(align_of::<usize>())
                        && memory.contains(&(slot + size_of::<usize>() - 1))
                })
        }

        /// Whether the addresses stand where they stood. The mark is that of a function that is being executed on this thread, and
        /// `self` [lies in](Self::lies_in) the thread's stack.
        fn stands(&self) -> bool {
            self.slots.iter().zip(self.addresses.iter()).all(|(slot, address)| {
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
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hint::black_box;
    use std::sync::Arc;

    use super::here;

    /// Calls down a path of one of two functions at each level.
    #[inline(never)]
    fn left(path: &[bool], found: &mut impl FnMut()) {
        match path {
            [] => found(),
            [true, rest @ ..] => left(black_box(rest), found),
            [false, rest @ ..] => right(black_box(rest), found),
        }
        black_box(path);
    }

    /// Has a larger frame than [`left`] on some levels, so that different paths are equally deep.
    #[inline(never)]
    fn right(path: &[bool], found: &mut impl FnMut()) {
        let room = black_box([path.len(); 4]);
        match path {
            [] => found(),
            [true, rest @ ..] => left(black_box(rest), found),
            [false, rest @ ..] => right(black_box(rest), found),
        }
        black_box((path, room));
    }

    fn paths(levels: u32) -> impl Iterator<Item = Vec<bool>> {
        (0..1_u32 << levels).map(move |bits| (0..levels).map(|level| bits >> level & 1 == 1).collect())
    }

    /// The stack at the end of `path`, and the one that is walked for it by somebody else.
    fn at(path: &[bool]) -> (Arc<[usize]>, Vec<usize>) {
        let mut stacks = None;
        left(path, &mut || {
            let mut walked = Vec::new();
            backtrace::trace(|frame| {
                walked.push(frame.ip().addr());
                true
            });
            walked.retain(|address| *address != 0);
            stacks = Some((here(), walked));
        });
        stacks.expect("the end is reached")
    }

    #[test]
    fn each_way_to_get_somewhere_has_a_stack_of_its_own() {
        let mut stacks = HashSet::new();
        for path in paths(6) {
            stacks.insert(at(&path).0);
        }
        assert_eq!(stacks.len(), 1 << 6);
    }

    #[test]
    fn a_stack_is_what_walking_it_finds() {
        for _ in 0..3 {
            for path in paths(6) {
                let (stack, walked) = at(&path);
                // The innermost differ, because the two are taken on different lines.
                assert!(walked.ends_with(&stack[1..]), "{path:?}: {stack:x?}, {walked:x?}");
            }
        }
    }

    #[cfg(known_stacks)]
    #[test]
    fn a_loop_is_walked_once() {
        let stacks: Vec<_> = (0..black_box(1000)).map(|_| at(&[true, false]).0).collect();
        assert!(stacks.iter().all(|stack| Arc::ptr_eq(stack, &stacks[0])));
    }

    #[cfg(known_stacks)]
    #[test]
    fn lines_that_take_turns_are_walked_once_each() {
        let (mut distinct, mut walks) = (HashSet::new(), HashSet::new());
        for _ in 0..100 {
            for path in paths(3) {
                let stack = at(&path).0;
                walks.insert(stack.as_ptr().addr());
                distinct.insert(stack);
            }
        }
        assert_eq!((distinct.len(), walks.len()), (8, 8));
    }

    #[cfg(known_stacks)]
    #[test]
    fn a_thread_has_stacks_of_its_own() {
        let path = [false, true];
        let threads: Vec<_> =
            (0..8).map(|_| std::thread::spawn(move || (at(&path).0, at(&path).0.len()))).collect();
        for thread in threads {
            let (stack, depth) = thread.join().expect("the thread ends");
            assert_eq!(stack.len(), depth);
        }
    }
}
