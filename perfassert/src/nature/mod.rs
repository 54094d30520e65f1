//! What a statement does by its nature, from its normalised text: so that what is sent again and again for a reason is not accused.

mod page;
mod walk;

pub(crate) use page::is_page;
pub(crate) use walk::{
    acts, expects_a_version, inserts_or_fails, is_limited, is_window, locks, takes_what_is_left,
};
