//! What is done about a call that is looked at: whose it is, where it came from, and the block that it has to do with.

use std::sync::OnceLock;

use super::blocks::{self, Share, Shares};
use super::gauge::Gauge;
use super::owner::{Caller, DriverWork, Owner};
use super::pause;
use super::shard::Shard;
use super::totals::Call;

/// Looks at the calling thread's stack. The caller has paused the counting.
pub(crate) type CallerLookup = fn() -> Caller;

static LOOK: OnceLock<CallerLookup> = OnceLock::new();

/// From now on `look` tells whose the calls are that are looked at. The first that is set stays.
#[cfg(looks)]
pub(crate) fn set_look(look: CallerLookup) {
    let _ = LOOK.set(look);
}

/// Is told when a driver allocates. The caller has paused the counting.
pub(crate) type OnDriver = fn(DriverWork);

static ON_DRIVER: OnceLock<OnDriver> = OnceLock::new();

/// From now on `on_driver` is told whenever a driver obtains memory on a thread that is looked at.
#[cfg(feature = "tracing-events")]
pub(crate) fn set_on_driver(on_driver: OnDriver) {
    let _ = ON_DRIVER.set(on_driver);
}

fn look() -> Caller {
    match LOOK.get() {
        Some(look) => look(),
        None if std::thread::panicking() => Caller { owner: Owner::Harness, ..Caller::UNKNOWN },
        None => Caller::UNKNOWN,
    }
}

/// `block` was obtained.
#[inline(never)]
pub(super) fn obtained(shard: &Shard, call: Call, block: *mut u8, size: usize) {
    let _paused = pause();
    let caller = look();
    shard.add_of(caller, call, size);
    remember(shard, caller, block, size);
    if let Some(on_driver) = ON_DRIVER.get().filter(|_| caller.driving.driver.is_some()) {
        on_driver(caller.driving);
    }
}

/// `block` was resized. What scopes had obtained of it before stays theirs.
///
/// A shard of which only the numbers are wanted counts the growth as the application's.
#[inline(never)]
pub(super) fn resized(shard: Option<&Shard>, kept: Option<Shares>, block: *mut u8, from: usize, to: usize) {
    let _paused = pause();
    let growth = to.saturating_sub(from);
    let caller = |shard: &Shard| if shard.is_plain() { Caller::UNKNOWN } else { look() };
    let shard = shard.filter(|_| growth > 0).map(|shard| (shard, caller(shard)));
    if let Some((shard, caller)) = shard {
        shard.add_of(caller, Call::Realloc, growth);
    }
    let grown = shard.and_then(|(shard, caller)| Some((gauge(shard, caller)?, caller)));
    let Some(mut shares) = kept.or_else(|| grown.map(|_| Shares::of_others(from))) else { return };
    shares.shrink(from.saturating_sub(to));
    match grown {
        Some((gauge, Caller { stack, .. })) => shares.grow(Share { gauge, size: growth, stack }),
        None => shares.grow_by_others(growth),
    }
    blocks::insert(block.addr(), shares);
}

/// The gauge that a call moves: one of the application's for what it can see the end of.
fn gauge(shard: &Shard, caller: Caller) -> Option<&'static Gauge> {
    shard.gauge().filter(|_| caller.owner == Owner::Application && !caller.is_unwaited)
}

fn remember(shard: &Shard, caller: Caller, block: *mut u8, size: usize) {
    if let Some(gauge) = gauge(shard, caller) {
        let mut shares = Shares::default();
        shares.grow(Share { gauge, size, stack: caller.stack });
        blocks::insert(block.addr(), shares);
    }
}

/// A block is about to be given back.
pub(super) fn given_back(block: *mut u8) {
    if let Some(shares) = blocks::take(block.addr()) {
        shares.give_back();
    }
}

/// A block could not be resized, and stays what it was.
pub(super) fn stays(block: *mut u8, kept: Option<Shares>) {
    if let Some(kept) = kept {
        let _paused = pause();
        blocks::insert(block.addr(), kept);
    }
}
