//! Whether the counting allocator is the one that this program runs on.

use std::hint::black_box;
use std::sync::OnceLock;

use super::{Owner, Shard, pause, set_current};

/// Allocates once and looks whether it was counted. Asked once per process.
pub(crate) fn is_installed() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        let _paused = pause();
        let shard = Shard::leak();
        set_current(Some(shard));
        drop(black_box(Box::new(black_box(0_u64))));
        set_current(None);
        shard.totals().of(Owner::Application).allocs == 1
    })
}
