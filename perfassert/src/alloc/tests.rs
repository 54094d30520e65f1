//! What is told apart (A3, A4), and what is taken back.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, realloc};
use std::cell::RefCell;
use std::hint::black_box;
use std::panic::catch_unwind;
use std::sync::mpsc;
use std::thread;

use super::*;

#[cfg(inherit_threads)]
mod threads;

/// A fresh shard, counting for a scope of its own.
fn shard(outer: Option<&'static Shard>) -> &'static Shard {
    let _paused = pause();
    Shard::leak(Box::leak(Box::default()), outer)
}

/// What `work` counts on this thread.
fn totals(work: impl FnOnce()) -> Totals {
    let shard = shard(None);
    let before = set_current(Some(shard));
    work();
    set_current(before);
    shard.totals()
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).unwrap()
}

/// A block that is written to, so that nothing is optimised away.
fn take(layout: Layout) -> *mut u8 {
    // SAFETY: no layout in these tests has size zero.
    black_box(unsafe { alloc(layout) })
}

fn give(block: *mut u8, layout: Layout) {
    // SAFETY: each caller has the block from `take`, `alloc_zeroed` or `realloc`, with this layout.
    unsafe { dealloc(black_box(block), layout) };
}

fn resize(block: *mut u8, from: Layout, to: usize) -> *mut u8 {
    // SAFETY: each caller has the block from `take` with the layout `from`, and `to` is not zero.
    black_box(unsafe { realloc(black_box(block), from, to) })
}

#[test]
fn a_block_taken_and_given_back() {
    let counted = totals(|| give(take(layout(24)), layout(24)));
    assert_eq!(counted, Totals { allocs: 1, frees: 1, bytes: 24, ..Totals::default() });
}

#[test]
fn a_zeroed_block_is_its_own_kind() {
    // SAFETY: the size is not zero.
    let counted = totals(|| give(black_box(unsafe { alloc_zeroed(layout(1 << 20)) }), layout(1 << 20)));
    assert_eq!(counted, Totals { zeroed: 1, frees: 1, bytes: 1 << 20, ..Totals::default() });
}

#[track_caller]
fn check_resized(from: usize, to: usize, expected: Totals) {
    let counted = totals(|| give(resize(take(layout(from)), layout(from), to), layout(to)));
    assert_eq!(counted, expected, "{from} to {to}");
}

#[test]
fn only_a_growing_realloc_obtains_memory() {
    let resized = |bytes| Totals { allocs: 1, reallocs: 1, frees: 1, bytes, ..Totals::default() };
    // In place, moved, and remapped.
    check_resized(24, 25, resized(25));
    check_resized(24, 4096, resized(4096));
    check_resized(1 << 20, 1 << 24, resized(1 << 24));
    let shrunk = |from| Totals { allocs: 1, frees: 1, bytes: from, ..Totals::default() };
    check_resized(4096, 24, shrunk(4096));
    check_resized(64, 64, shrunk(64));
}

#[test]
fn what_has_no_size_is_no_allocation() {
    let counted = totals(|| {
        drop(black_box(Box::new(())));
        drop(black_box(vec![(); 1000]));
        drop(black_box(Vec::<u64>::new()));
    });
    assert_eq!(counted, Totals::default());
}

#[test]
fn over_aligned_blocks() {
    for align in [16, 64, 4096] {
        let layout = Layout::from_size_align(100, align).unwrap();
        let counted = totals(|| {
            let block = take(layout);
            assert_eq!(block.addr() % align, 0);
            give(resize(block, layout, 300), Layout::from_size_align(300, align).unwrap());
        });
        assert_eq!(counted, Totals { allocs: 1, reallocs: 1, frees: 1, bytes: 300, live: 0, zeroed: 0 });
    }
}

#[test]
fn live_is_what_is_left_and_may_be_negative() {
    let mut kept = None;
    assert_eq!(totals(|| kept = Some(take(layout(40)))).live, 40);
    let given = totals(|| give(kept.take().unwrap(), layout(40)));
    assert_eq!((given.frees, given.live), (1, -40));
}

/// An inner allocator that says which of its methods was called, and that has no memory left.
#[derive(Default)]
struct Inner {
    called: RefCell<Vec<&'static str>>,
    exhausted: bool,
}

impl Inner {
    fn call(&self, method: &'static str, block: impl FnOnce() -> *mut u8) -> *mut u8 {
        let _paused = pause();
        self.called.borrow_mut().push(method);
        if self.exhausted { std::ptr::null_mut() } else { block() }
    }
}

// SAFETY: null, or what the system's allocator returns for the same arguments.
unsafe impl GlobalAlloc for Inner {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on, here and below.
        self.call("alloc", || unsafe { System.alloc(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.call("dealloc", || {
            // SAFETY: as above.
            unsafe { System.dealloc(block, layout) };
            std::ptr::null_mut()
        });
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        self.call("alloc_zeroed", || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as above.
        self.call("realloc", || unsafe { System.realloc(block, layout, new_size) })
    }
}

#[test]
fn each_method_is_forwarded_to_its_own() {
    let wrapper = Alloc::new(Inner::default());
    // SAFETY: sizes are not zero, and each block is given back with the layout that it has.
    let counted = totals(|| unsafe {
        let zeroed = wrapper.alloc_zeroed(layout(8));
        wrapper.dealloc(zeroed, layout(8));
        let block = wrapper.realloc(wrapper.alloc(layout(8)), layout(8), 16);
        wrapper.dealloc(block, layout(16));
    });
    assert_eq!(*wrapper.inner.called.borrow(), ["alloc_zeroed", "dealloc", "alloc", "realloc", "dealloc"]);
    assert_eq!(counted, Totals { allocs: 1, zeroed: 1, reallocs: 1, frees: 2, bytes: 24, live: 0 });
}

#[test]
fn a_call_that_fails_is_not_counted() {
    let wrapper = Alloc::new(Inner { exhausted: true, ..Inner::default() });
    let block = take(layout(8));
    // SAFETY: the size is not zero, and a failed `realloc` leaves the block as it is.
    let counted = totals(|| unsafe {
        assert!(wrapper.alloc(layout(8)).is_null());
        assert!(wrapper.alloc_zeroed(layout(8)).is_null());
        assert!(wrapper.realloc(block, layout(8), 16).is_null());
    });
    assert_eq!(counted, Totals::default());
    give(block, layout(8));
}

#[test]
fn what_an_inner_scope_counts_its_outer_one_does_too() {
    let outer = shard(None);
    let inner = shard(Some(outer));
    let before = set_current(Some(inner));
    give(take(layout(8)), layout(8));
    set_current(Some(outer));
    give(take(layout(8)), layout(8));
    set_current(before);
    assert_eq!((inner.totals().allocs, outer.totals().allocs), (1, 2));
}

#[test]
fn the_peak_is_the_highest_sum() {
    let shard = shard(None);
    let before = set_current(Some(shard));
    let (a, b) = (take(layout(100)), take(layout(50)));
    give(b, layout(50));
    let c = take(layout(20));
    assert_eq!(shard.peak(), 150);
    shard.restart_peak();
    assert_eq!(shard.peak(), 120);
    give(a, layout(100));
    give(c, layout(20));
    assert_eq!(shard.peak(), 120);
    set_current(before);
}

#[test]
fn counting_stops_while_the_thread_panics_and_goes_on_afterwards() {
    struct AllocatesInPanic;
    impl Drop for AllocatesInPanic {
        fn drop(&mut self) {
            give(take(layout(8)), layout(8));
        }
    }
    let counted = totals(|| {
        let result = catch_unwind(|| {
            let _allocates = AllocatesInPanic;
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(result.is_err());
        give(take(layout(8)), layout(8));
    });
    // `Box<()>` is none; what the unwinding itself takes is not counted.
    assert!(counted.allocs <= 2, "{counted:?}");
    assert!(counted.allocs >= 1, "{counted:?}");
}

#[test]
fn a_window_is_taken_back_from_every_level() {
    let outer = shard(None);
    let inner = shard(Some(outer));
    let before = set_current(Some(inner));
    let kept = take(layout(8));
    window::open();
    let logged = take(layout(100));
    window::close();
    give(logged, layout(100));
    give(kept, layout(8));
    set_current(before);
    for shard in [inner, outer] {
        assert_eq!(shard.totals(), Totals { allocs: 1, frees: 1, bytes: 8, ..Totals::default() });
        assert_eq!(shard.peak(), 8);
    }
}

#[test]
fn a_window_that_nobody_closes_loses_nothing() {
    let work = |n: usize| {
        move || {
            window::open();
            for _ in 0..n {
                give(take(layout(8)), layout(8));
            }
            window::close();
        }
    };
    assert_eq!(totals(work(16)).allocs, 0);
    assert_eq!(totals(work(17)).allocs, 17);
    let left_open = totals(|| {
        window::open();
        give(take(layout(8)), layout(8));
    });
    assert_eq!(left_open.allocs, 1);
    // Closed where another scope is current.
    let other = totals(|| {
        give(take(layout(8)), layout(8));
        window::close();
    });
    assert_eq!(other.allocs, 1);
}

#[test]
fn a_reader_waits_for_a_window_of_another_thread() {
    let shard = shard(None);
    let (opened, is_open) = mpsc::channel();
    thread::scope(|threads| {
        threads.spawn(move || {
            let before = set_current(Some(shard));
            window::open();
            let block = take(layout(8));
            opened.send(()).unwrap();
            give(block, layout(8));
            window::close();
            set_current(before);
        });
        is_open.recv().unwrap();
        while shard.in_window.load(std::sync::atomic::Ordering::Acquire) {
            window::wait_until_closed(shard);
        }
        // What is sent through the channel is the other thread's too, and was taken back or counted as a whole.
        assert!(shard.totals().allocs <= 1);
    });
}
