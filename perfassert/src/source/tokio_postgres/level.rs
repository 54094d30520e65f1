//! The global maximum level of `log`, below which a driver does not even ask the logger.
//!
//! It is raised for us, and what the user had set is kept: our logger hands on no more than that. A logger that is not
//! ours filters by itself before it hands a record to `tracing`.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use log::{Level, LevelFilter};

/// The user's own, where we have raised it. The highest level stands for that we have not.
static USERS: AtomicUsize = AtomicUsize::new(LevelFilter::Trace as usize);

/// Whether the user's logger would get a record of that level without us.
pub(super) fn is_users(level: Level) -> bool {
    level as usize <= USERS.load(Relaxed)
}

/// The user's own, for the logger that is being installed.
pub(super) fn install(users: LevelFilter) {
    USERS.store(users as usize, Relaxed);
    log::set_max_level(users.max(LevelFilter::Debug));
}

/// What the driver logs is let through from now on.
pub(super) fn raise() {
    if log::max_level() < LevelFilter::Debug {
        USERS.store(log::max_level() as usize, Relaxed);
        log::set_max_level(LevelFilter::Debug);
    }
}
