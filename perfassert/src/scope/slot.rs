//! What others keep with a test, of which the scope knows nothing.

use std::any::Any;
use std::sync::OnceLock;

/// Room for one value of whatever type.
#[derive(Default)]
pub(crate) struct Slot(OnceLock<Box<dyn Any + Send + Sync>>);

impl Slot {
    /// The value, made at the first call. A slot has room for one type: another one finds it taken.
    pub(crate) fn get<T: Any + Default + Send + Sync>(&self) -> &T {
        let value = self.0.get_or_init(|| Box::<T>::default());
        value.downcast_ref().expect("each slot is for one type")
    }
}
