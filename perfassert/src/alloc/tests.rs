//! What is told apart (A3, A4), and live bytes (A13 to A15).

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, realloc};
use std::cell::RefCell;
use std::hint::black_box;
use std::panic::catch_unwind;

use super::*;

#[cfg(inherit_threads)]
mod threads;

/// A fresh shard, counting for a scope of its own.
fn shard() -> &'static Shard {
    let _paused = pause();
    Shard::leak()
}

/// What `work` counts on this thread.
fn totals(work: impl FnOnce()) -> Counted {
    let shard = shard();
    counted_into(shard, work);
    shard.totals().of(Owner::Application)
}

fn counted_into(shard: &'static Shard, work: impl FnOnce()) {
    let before = set_current(Some(shard));
    work();
    set_current(before);
}

/// What of the memory is left that `work` obtains on this thread, and was at most.
fn memory(work: impl FnOnce()) -> Memory {
    let (shard, gauge, _keeping) = gauged(None);
    counted_into(shard, work);
    gauge.read()
}

/// A shard of which the live bytes are wanted.
fn gauged(outer: Option<&'static Gauge>) -> (&'static Shard, &'static Gauge, Keeping) {
    crate::callers::notice(&|| ());
    let shard = shard();
    let _paused = pause();
    let gauge = Gauge::leak(outer);
    shard.watch(Watch { gauge: Some(gauge), ..Watch::default() });
    (shard, gauge, keep())
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
    assert_eq!(counted, Counted { allocs: 1, bytes: 24, ..Counted::default() });
}

#[test]
fn a_zeroed_block_is_its_own_kind() {
    // SAFETY: the size is not zero.
    let counted = totals(|| give(black_box(unsafe { alloc_zeroed(layout(1 << 20)) }), layout(1 << 20)));
    assert_eq!(counted, Counted { zeroed: 1, bytes: 1 << 20, ..Counted::default() });
}

#[track_caller]
fn check_resized(from: usize, to: usize, expected: Counted) {
    let counted = totals(|| give(resize(take(layout(from)), layout(from), to), layout(to)));
    assert_eq!(counted, expected, "{from} to {to}");
    let Memory { live, peak, frees } =
        memory(|| give(resize(take(layout(from)), layout(from), to), layout(to)));
    assert_eq!((live, peak, frees), (0, from.max(to) as i64, 1), "{from} to {to}");
}

#[test]
fn only_a_growing_realloc_obtains_memory() {
    let resized = |bytes| Counted { allocs: 1, reallocs: 1, bytes, ..Counted::default() };
    // In place, moved, and remapped.
    check_resized(24, 25, resized(25));
    check_resized(24, 4096, resized(4096));
    check_resized(1 << 20, 1 << 24, resized(1 << 24));
    let shrunk = |from| Counted { allocs: 1, bytes: from, ..Counted::default() };
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
    assert_eq!(counted, Counted::default());
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
        assert_eq!(counted, Counted { allocs: 1, reallocs: 1, bytes: 300, zeroed: 0 });
    }
}

#[test]
fn live_is_what_is_left() {
    let mut kept = None;
    assert_eq!(memory(|| kept = Some(take(layout(40)))), Memory { live: 40, peak: 40, frees: 0 });
    // What others obtained offsets nothing.
    let other = Memory { live: 8, peak: 8, frees: 0 };
    let leaked = memory(|| {
        give(kept.take().unwrap(), layout(40));
        kept = Some(take(layout(8)));
    });
    assert_eq!(leaked, other);
    give(kept.take().unwrap(), layout(8));
}

#[test]
fn growth_of_what_others_obtained_is_the_growth_alone() {
    let mut block = take(layout(100));
    assert_eq!(memory(|| block = resize(block, layout(100), 150)), Memory { live: 50, peak: 50, frees: 0 });
    let grown_and_shrunk = memory(|| {
        block = resize(block, layout(150), 200);
        block = resize(block, layout(200), 120);
    });
    assert_eq!(grown_and_shrunk, Memory { live: 0, peak: 50, frees: 0 });
    give(block, layout(120));
}

#[test]
fn what_an_inner_scope_obtains_moves_the_outer_gauge() {
    let (outer, outer_gauge, _keeping) = gauged(None);
    let (inner, inner_gauge, _keeping) = gauged(Some(outer_gauge));
    let (mut a, mut b) = (None, None);
    counted_into(outer, || a = Some(take(layout(100))));
    counted_into(inner, || b = Some(take(layout(50))));
    give(a.unwrap(), layout(100));
    assert_eq!(inner_gauge.read(), Memory { live: 50, peak: 50, frees: 0 });
    assert_eq!(outer_gauge.read(), Memory { live: 50, peak: 150, frees: 1 });
    let alive = |gauge| {
        let _paused = pause();
        alive(gauge).into_values().collect::<Vec<_>>()
    };
    assert_eq!((alive(inner_gauge), alive(outer_gauge)), (vec![(1, 50)], vec![(1, 50)]));
    give(b.unwrap(), layout(50));
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
    assert_eq!(counted, Counted { allocs: 1, zeroed: 1, reallocs: 1, bytes: 24 });
}

#[test]
fn a_call_that_fails_is_not_counted() {
    let wrapper = Alloc::new(Inner { exhausted: true, ..Inner::default() });
    let block = take(layout(8));
    // SAFETY: the size is not zero, and a failed `realloc` leaves the block as it is.
    let counted = totals(|| unsafe {
        assert!(wrapper.alloc(layout(LARGE)).is_null());
        assert!(wrapper.alloc_zeroed(layout(LARGE)).is_null());
        assert!(wrapper.realloc(block, layout(8), LARGE).is_null());
    });
    assert_eq!(counted, Counted::default());
    // What could not be resized is still what it was.
    let failed = memory(|| {
        let block = take(layout(8));
        // SAFETY: as above.
        assert!(unsafe { wrapper.realloc(block, layout(8), 16) }.is_null());
    });
    assert_eq!(failed, Memory { live: 8, peak: 8, frees: 0 });
    give(block, layout(8));
}

#[test]
fn the_peak_is_the_highest_sum() {
    let peak = memory(|| {
        let (a, b) = (take(layout(100)), take(layout(50)));
        give(b, layout(50));
        let c = take(layout(20));
        give(a, layout(100));
        give(c, layout(20));
    });
    assert_eq!(peak, Memory { live: 0, peak: 150, frees: 3 });
}

/// The report of a panic is the harness's, and what an unwinding frees is freed.
#[test]
fn a_caught_panic_leaves_nothing_behind() {
    let (_, counts) = crate::measure("a panic", || {
        let _ = catch_unwind(|| {
            let _block = black_box(vec![0_u8; 1024]);
            panic!("as it should");
        });
    });
    let of = |metric| counts.get(&metric);
    assert_eq!((of(crate::Metric::Allocs), of(crate::Metric::BytesLive)), (Some(1), Some(0)), "{counts:?}");
}
