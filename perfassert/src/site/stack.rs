//! The calling thread's stack, as return addresses.

use std::sync::Arc;

#[cfg(known_stacks)]
use super::known::{self, Stacks};
use super::walk::{Mark, WHOLE, is_whole_wanted, walk};

/// How far up the stack the user's code is looked for. Below it lie the subscriber, the driver, and what is built upon it: in a
/// debug build, 70 frames and more of sea-orm's.
const FRAMES: usize = 128;

#[cfg(known_stacks)]
thread_local! {
    /// The stacks of a thread's last queries. A loop has as many as it has queries.
    static OF_QUERIES: std::cell::RefCell<Stacks<Arc<[usize]>, 1, 16>> = const { std::cell::RefCell::new(Stacks::new()) };
}

/// The return addresses of the calling thread, from the inside out. The caller has paused the counting.
#[inline(never)] // Its frame is the fixed point.
pub(super) fn here() -> Arc<[usize]> {
    let variable = 0_u8;
    let mark = Mark::of(&variable);
    let all = || {
        let most = if is_whole_wanted() { WHOLE } else { FRAMES };
        let mut frames = 0;
        let walked = walk(mark, |_| {
            frames += 1;
            frames < most
        });
        let addresses = walked.addresses.as_slice().into();
        (walked, addresses)
    };
    #[cfg(known_stacks)]
    let stack = known::or_walk(&OF_QUERIES, mark, all);
    #[cfg(not(known_stacks))]
    let (_, stack) = all();
    stack
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
