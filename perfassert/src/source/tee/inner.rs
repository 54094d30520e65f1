//! The subscriber behind a tee.

use std::any::TypeId;
use std::ops::Deref;

use tracing_core::Dispatch;

use super::wrapped::Parts;

/// Whatever would be the thread's default without the tee.
pub(super) struct Inner {
    dispatch: Dispatch,
    is_wrapped: bool,
}

impl Inner {
    pub(super) fn new(dispatch: Dispatch) -> Self {
        Inner { is_wrapped: dispatch.is::<Parts>(), dispatch }
    }

    /// Whether its parts can be found through the tee: see [`subscriber`](super::subscriber).
    pub(super) fn is_wrapped(&self) -> bool {
        self.is_wrapped
    }

    /// Its part of the type `id`, for as long as this is there.
    pub(super) fn find(&self, id: TypeId) -> Option<*const ()> {
        self.dispatch.downcast_ref::<Parts>()?.find(id)
    }
}

impl Deref for Inner {
    type Target = Dispatch;

    fn deref(&self) -> &Dispatch {
        &self.dispatch
    }
}
