//! Queries that arrive some time after they were sent: a worker may answer before it logs.
//!
//! A command on its way to a worker holds a handle of the span in which it was sent.

use std::future::poll_fn;
#[cfg(feature = "tracing-events")]
use std::sync::Arc;
use std::sync::atomic::Ordering::Acquire;
#[cfg(feature = "tracing-events")]
use std::sync::atomic::Ordering::Release;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::Scope;
use crate::alloc::pause;

/// How long the end of a scope waits.
const SETTLE: Duration = Duration::from_millis(50);

impl Scope {
    /// One more handle of a span of this scope is held by somebody.
    #[cfg(feature = "tracing-events")]
    pub(crate) fn hold(self: &Arc<Self>) {
        for scope in self.lineage() {
            scope.held.fetch_add(1, Acquire);
        }
    }

    /// One handle less.
    #[cfg(feature = "tracing-events")]
    pub(crate) fn release(self: &Arc<Self>) {
        for scope in self.lineage() {
            scope.held.fetch_sub(1, Release);
        }
    }

    /// How many handles of the spans of this scope and of those inside it are held: commands on their way to a worker, tasks that
    /// carry the span.
    pub(super) fn held(&self) -> usize {
        self.held.load(Acquire)
    }
}

/// Waits until nobody holds a span of the scope.
pub(crate) fn settle(scope: &Scope) {
    let start = Instant::now();
    while scope.held() > 0 && start.elapsed() < SETTLE {
        std::thread::yield_now();
    }
}

/// The same, giving way to the other tasks of the runtime.
pub(crate) async fn settle_async(scope: &Scope) {
    let start = Instant::now();
    poll_fn(|cx| {
        let _paused = pause();
        if scope.held() == 0 || start.elapsed() >= SETTLE {
            return Poll::Ready(());
        }
        std::thread::yield_now();
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
