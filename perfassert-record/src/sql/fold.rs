//! Lists whose length is no part of a statement's identity: `IN (...)`, the rows of `VALUES`, `ARRAY[...]`.
//!
//! In such a list an item that is written like an earlier one is written once:
//! `IN (?, ?, ?)` becomes `IN (?)`, and `VALUES (?, now()), (?, now())` becomes `VALUES (?, now())`.

/// What separates and encloses the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Items between parentheses or brackets, one level below the list's depth.
    Enclosed,
    /// Rows in parentheses, at the list's depth.
    Rows,
}

/// A list that is being written.
#[derive(Debug)]
pub(super) struct List {
    pub(super) shape: Shape,
    /// The depth at which the items' commas stand.
    pub(super) depth: u32,
    /// How many items there were.
    pub(super) items: u64,
    /// Where the text of the current item starts.
    item_start: usize,
    /// Where the text ends if the current item is not written.
    separator_start: usize,
    /// The texts of the first few different items.
    kept: [(usize, usize); KEPT],
    kept_count: usize,
}

/// With so many different items before it, an item is no longer compared with them.
const KEPT: usize = 4;

impl List {
    /// A list whose first item starts at the end of what is written.
    pub(super) fn new(shape: Shape, depth: u32, text: &str) -> List {
        let (item_start, separator_start) = (text.len(), text.len());
        List { shape, depth, items: 0, item_start, separator_start, kept: [(0, 0); KEPT], kept_count: 0 }
    }

    /// Writes a comma; the next item starts behind it.
    pub(super) fn separate(&mut self, text: &mut String) {
        self.separator_start = text.len();
        text.push_str(", ");
        self.item_start = text.len();
    }

    /// Ends the current item, and takes it back if it was there before.
    pub(super) fn end_item(&mut self, text: &mut String) {
        let item = (self.item_start, text.len());
        if item.0 >= item.1 {
            text.truncate(self.separator_start);
            return;
        }
        self.items += 1;
        let is_repeated = {
            let is_same = |kept: &(usize, usize)| text[kept.0..kept.1] == text[item.0..];
            self.kept[..self.kept_count].iter().any(is_same)
        };
        if is_repeated {
            text.truncate(self.separator_start);
        } else if let Some(slot) = self.kept.get_mut(self.kept_count) {
            *slot = item;
            self.kept_count += 1;
        }
    }

    /// Whether it is the list of a batch.
    pub(super) fn is_batch(&self) -> bool {
        self.items > self.kept_count as u64 || (self.shape == Shape::Rows && self.items > 1)
    }
}
