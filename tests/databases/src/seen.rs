//! What a server executed, as a multiset of normalised statements.

use std::collections::BTreeMap;

use perfassert::sql::{Class, normalize};

/// What a server executed in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<(Class, String), u64>);

impl Seen {
    /// From the texts that a witness gives, one for each execution of one statement.
    pub(crate) fn from_texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut seen = Self::default();
        for text in texts {
            let statement = normalize(text.as_ref());
            *seen.0.entry((statement.class, statement.text)).or_default() += 1;
        }
        seen
    }

    /// The statements of one class: text, and how often.
    #[must_use]
    pub fn of(&self, class: Class) -> BTreeMap<String, u64> {
        let of_class = self.0.iter().filter(|((this, _), _)| *this == class);
        of_class.map(|((_, text), count)| (text.clone(), *count)).collect()
    }
}
