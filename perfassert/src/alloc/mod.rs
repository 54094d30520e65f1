//! The counting allocator: [`Alloc`] adds numbers to the [`Shard`] of whoever is being measured on this thread.
//!
//! The hook takes no lock, allocates nothing, and writes only counters that belong to its own thread.
#![allow(unsafe_code)] // `GlobalAlloc` is an unsafe trait.

mod blocks;
mod gauge;
mod owner;
mod probe;
mod shard;
mod totals;
mod watched;

use std::alloc::{GlobalAlloc, Layout, System};

pub(crate) use blocks::{Keeping, alive, keep};
pub(crate) use gauge::{Gauge, Memory};
#[cfg(looks)]
pub(crate) use owner::Caller;
#[cfg(any(looks, feature = "tracing-events"))]
pub(crate) use owner::{Driver, DriverWork};
pub(crate) use owner::{Owner, Stack};
pub(crate) use probe::is_installed;
pub(crate) use shard::{Place, Shard, Watch, pause, set_current};
use totals::Call;
pub(crate) use totals::{Counted, Totals};
#[cfg(looks)]
pub(crate) use watched::set_look;
#[cfg(feature = "tracing-events")]
pub(crate) use watched::set_on_driver;

/// A global allocator that counts, around one that allocates.
///
/// The default feature `allocator` installs `Alloc<System>` by itself.
/// A suite that has a global allocator already turns that feature off and wraps its own:
///
/// ```toml
/// [dev-dependencies]
/// perfassert = { version = "0.1", default-features = false, features = ["macros", "inherit-threads", "call-sites"] }
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
/// Features are the same for all members of a workspace that are tested together.
/// Where one member does so, each test program of the others has `perfassert::Alloc::system()` as its global allocator.
///
/// # Implementation
///
/// Every method is forwarded to the same method of the inner allocator, so that `alloc_zeroed` stays cheap for large
/// blocks and `realloc` can grow in place.
/// A call counts when it succeeded; one for less than 64 KiB is taken to succeed.
/// Outside of tests nothing is known of a call but its size. Inside, the stack is looked at: see ARCHITECTURE.md.
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

/// A call for so much or more may fail.
const LARGE: usize = 64 * 1024;

// SAFETY: every method returns what the same method of the inner allocator returned for the same arguments, so the
// contract of `GlobalAlloc` holds because it holds for `A`. The counting in between does not unwind: it reads a
// constant-initialised thread-local without a destructor and writes atomics. Where stacks are looked at it allocates, under
// `pause`, so that the calls it makes here are counted for nobody and looked at by nobody.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Alloc<A> {
    #[cfg_attr(not(debug_assertions), inline)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = layout.size();
        match shard::current() {
            // SAFETY: the caller's promises about `layout` are passed on, here and below.
            None => unsafe { self.inner.alloc(layout) },
            Some(shard) if shard.is_plain() && size < LARGE => {
                // Before the call, so that nothing has to be kept over it.
                shard.add(Call::Alloc, size);
                // SAFETY: as above.
                unsafe { self.inner.alloc(layout) }
            }
            // SAFETY: as above.
            Some(shard) => unsafe { self.alloc_closely(shard, layout) },
        }
    }

    #[cfg_attr(not(debug_assertions), inline)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let size = layout.size();
        match shard::current() {
            // SAFETY: the caller's promises about `layout` are passed on, here and below.
            None => unsafe { self.inner.alloc_zeroed(layout) },
            Some(shard) if shard.is_plain() && size < LARGE => {
                shard.add(Call::AllocZeroed, size);
                // SAFETY: as above.
                unsafe { self.inner.alloc_zeroed(layout) }
            }
            // SAFETY: as above.
            Some(shard) => unsafe { self.alloc_zeroed_closely(shard, layout) },
        }
    }

    #[cfg_attr(not(debug_assertions), inline)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match blocks::are_kept() {
            // SAFETY: the caller's promises about `block` and `layout` are passed on, here and below.
            false => unsafe { self.inner.dealloc(block, layout) },
            // SAFETY: as above.
            true => unsafe { self.dealloc_kept(block, layout) },
        }
    }

    #[cfg_attr(not(debug_assertions), inline)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let old_size = layout.size();
        let shard = shard::current();
        let is_plain = shard.is_none_or(|shard| shard.is_plain() && new_size < LARGE);
        if is_plain && !blocks::are_kept() {
            if let Some(shard) = shard.filter(|_| new_size > old_size) {
                shard.add(Call::Realloc, new_size - old_size);
            }
            // SAFETY: the caller's promises about `block`, `layout` and `new_size` are passed on.
            return unsafe { self.inner.realloc(block, layout, new_size) };
        }
        // SAFETY: as above.
        unsafe { self.realloc_closely(shard, block, layout, new_size) }
    }
}

/// What is done at more length, each as the last call of the method that it is for: that saves no registers then, which would be half of
/// what counting costs.
impl<A: GlobalAlloc> Alloc<A> {
    /// # Safety
    ///
    /// As of [`GlobalAlloc::alloc`].
    #[cold]
    #[inline(never)]
    unsafe fn alloc_closely(&self, shard: &Shard, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises about `layout` are passed on.
        obtained(shard, Call::Alloc, layout.size(), unsafe { self.inner.alloc(layout) })
    }

    /// # Safety
    ///
    /// As of [`GlobalAlloc::alloc_zeroed`].
    #[cold]
    #[inline(never)]
    unsafe fn alloc_zeroed_closely(&self, shard: &Shard, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises about `layout` are passed on.
        obtained(shard, Call::AllocZeroed, layout.size(), unsafe { self.inner.alloc_zeroed(layout) })
    }

    /// # Safety
    ///
    /// As of [`GlobalAlloc::dealloc`].
    #[cold]
    #[inline(never)]
    unsafe fn dealloc_kept(&self, block: *mut u8, layout: Layout) {
        // Before the call: from then on the address may be another thread's.
        watched::given_back(block);
        // SAFETY: the caller's promises about `block` and `layout` are passed on.
        unsafe { self.inner.dealloc(block, layout) };
    }

    /// # Safety
    ///
    /// As of [`GlobalAlloc::realloc`].
    #[cold]
    #[inline(never)]
    unsafe fn realloc_closely(
        &self,
        shard: Option<&Shard>,
        block: *mut u8,
        layout: Layout,
        new_size: usize,
    ) -> *mut u8 {
        let old_size = layout.size();
        let kept = blocks::take(block.addr());
        // SAFETY: the caller's promises about `block`, `layout` and `new_size` are passed on.
        let moved = unsafe { self.inner.realloc(block, layout, new_size) };
        if moved.is_null() {
            watched::stays(block, kept);
        } else {
            resized(shard, kept, moved, (old_size, new_size));
        }
        moved
    }
}

/// Counts a call that returned `block`.
fn obtained(shard: &Shard, call: Call, size: usize, block: *mut u8) -> *mut u8 {
    match block.is_null() {
        true => {}
        false if shard.is_plain() => shard.add(call, size),
        false => watched::obtained(shard, call, block, size),
    }
    block
}

/// Counts a `realloc` that returned `block`.
fn resized(shard: Option<&Shard>, kept: Option<blocks::Shares>, block: *mut u8, sizes: (usize, usize)) {
    let (from, to) = sizes;
    match shard {
        Some(shard) if kept.is_none() && shard.is_plain() => {
            if to > from {
                shard.add(Call::Realloc, to - from);
            }
        }
        _ => watched::resized(shard, kept, block, from, to),
    }
}

#[cfg(all(test, feature = "allocator"))]
mod tests;
