//! The counting allocator: [`Alloc`] adds numbers to the [`Shard`] of whoever is being measured on this thread.
//!
//! The hook takes no lock, allocates nothing, and writes only counters that belong to its own thread.
#![allow(unsafe_code)] // `GlobalAlloc` is an unsafe trait.

mod probe;
mod shard;
#[cfg_attr(
    not(any(feature = "tracing-events", inherit_threads)),
    allow(dead_code, reason = "nobody opens one")
)]
pub(crate) mod window;

use std::alloc::{GlobalAlloc, Layout, System};

pub(crate) use probe::is_installed;
pub(crate) use shard::{Gauge, Shard, Totals, pause, set_current};

/// A global allocator that counts, around one that allocates.
///
/// The default feature `allocator` installs `Alloc<System>` by itself.
/// A suite that has a global allocator already turns that feature off and wraps its own:
///
/// ```toml
/// [dev-dependencies]
/// perfassert = { version = "0.1", default-features = false, features = ["macros", "inherit-threads"] }
/// ```
///
/// ```
/// # #[cfg(not(feature = "allocator"))]
/// # mod m {
/// use std::alloc::System; // or mimalloc, jemalloc, another counting one
///
/// #[global_allocator]
/// static GLOBAL: perfassert::Alloc<System> = perfassert::Alloc::new(System);
/// # }
/// ```
///
/// # Implementation
///
/// Every method is forwarded to the same method of the inner allocator, so that `alloc_zeroed` stays cheap for large
/// blocks and `realloc` can grow in place.
/// A call counts when it succeeded.
/// Nothing is counted while the thread panics: the first backtrace alone allocates tens of megabytes.
#[derive(Debug, Default)]
pub struct Alloc<A = System> {
    inner: A,
}

impl Alloc<System> {
    /// Counts on top of the system's allocator.
    #[must_use]
    pub const fn system() -> Self {
        Self::new(System)
    }
}

impl<A> Alloc<A> {
    /// Counts on top of `inner`.
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

#[cfg(feature = "allocator")]
#[global_allocator]
static GLOBAL: Alloc = Alloc::system();

// SAFETY: every method returns what the same method of the inner allocator returned for the same arguments, so the
// contract of `GlobalAlloc` holds because it holds for `A`. The counting in between neither allocates nor unwinds:
// it reads a constant-initialised thread-local without a destructor and writes atomics.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Alloc<A> {
    #[cfg_attr(not(debug_assertions), inline)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises about `layout` are passed on.
        let block = unsafe { self.inner.alloc(layout) };
        if !block.is_null() {
            shard::on_alloc(layout.size());
        }
        block
    }

    #[cfg_attr(not(debug_assertions), inline)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises about `layout` are passed on.
        let block = unsafe { self.inner.alloc_zeroed(layout) };
        if !block.is_null() {
            shard::on_alloc_zeroed(layout.size());
        }
        block
    }

    #[cfg_attr(not(debug_assertions), inline)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises about `block` and `layout` are passed on.
        unsafe { self.inner.dealloc(block, layout) };
        shard::on_dealloc(layout.size());
    }

    #[cfg_attr(not(debug_assertions), inline)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promises about `block`, `layout` and `new_size` are passed on.
        let moved = unsafe { self.inner.realloc(block, layout, new_size) };
        if !moved.is_null() {
            shard::on_realloc(layout.size(), new_size);
        }
        moved
    }
}

#[cfg(all(test, feature = "allocator"))]
mod tests;
