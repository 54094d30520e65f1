//! What is done about a call that is looked at: whose it is, where it came from, and the block that it has to do with.

use std::sync::OnceLock;

use super::blocks::{self, Block};
use super::owner::{Caller, Owner};
use super::pause;
use super::shard::{Call, Shard};

/// Looks at the calling thread's stack. The caller has paused the counting.
pub(crate) type Look = fn() -> Caller;

static LOOK: OnceLock<Look> = OnceLock::new();

/// From now on `look` tells whose the calls are that are looked at. The first that is set stays.
pub(crate) fn set_look(look: Look) {
    let _ = LOOK.set(look);
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
}

/// `block` was grown by so many bytes, or not at all. What of it the scope of `kept` had obtained stays that scope's.
///
/// A shard of which only the numbers are wanted counts the growth as the application's.
#[inline(never)]
pub(super) fn resized(shard: Option<&Shard>, kept: Option<Block>, block: *mut u8, from: usize, to: usize) {
    let _paused = pause();
    let growth = to.saturating_sub(from);
    let caller = |shard: &Shard| if shard.is_plain() { Caller::UNKNOWN } else { look() };
    let shard = shard.filter(|_| growth > 0).map(|shard| (shard, caller(shard)));
    if let Some((shard, caller)) = shard {
        shard.add_of(caller, Call::Realloc, growth);
    }
    match kept {
        Some(kept) => {
            let size = (kept.size + growth).saturating_sub(from.saturating_sub(to));
            kept.gauge.change(size as i64 - kept.size as i64);
            blocks::insert(block.addr(), Block { size, ..kept });
        }
        None => {
            if let Some((shard, caller)) = shard {
                remember(shard, caller, block, growth);
            }
        }
    }
}

fn remember(shard: &Shard, caller: Caller, block: *mut u8, size: usize) {
    if let Some(gauge) = shard.gauge().filter(|_| caller.owner == Owner::Application) {
        gauge.change(size as i64);
        blocks::insert(block.addr(), Block { gauge, size, stack: caller.stack });
    }
}

/// A block is about to be given back.
#[cold]
#[inline(never)]
pub(super) fn given_back(block: *mut u8) {
    if let Some(Block { gauge, size, .. }) = blocks::take(block.addr()) {
        gauge.give_back(size);
    }
}

/// A block could not be resized, and stays what it was.
#[cold]
pub(super) fn stays(block: *mut u8, kept: Option<Block>) {
    if let Some(kept) = kept {
        let _paused = pause();
        blocks::insert(block.addr(), kept);
    }
}
