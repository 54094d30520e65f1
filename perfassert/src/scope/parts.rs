//! What was seen of the requests and sections of a test that are over, in the order in which they began. A test may have hundreds of
//! thousands, nearly all of them alike; these share one [`Summary`].

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Scope, Summary};
use crate::lock::lock;
use crate::mix::{Mixer, Mixing};

/// See the module.
#[derive(Default)]
pub(super) struct Parts {
    /// By number; of those that are still open nothing.
    over: Vec<Option<Arc<Summary>>>,
    /// What was seen, by hash.
    known: HashMap<u64, Vec<Arc<Summary>>, Mixing>,
    /// How often it was begun anew.
    times: usize,
}

/// Which of the parts one is.
#[derive(Clone, Copy)]
pub(super) struct Number {
    index: usize,
    times: usize,
}

impl Parts {
    /// One more begins.
    pub(super) fn begin(&mut self) -> Number {
        self.over.push(None);
        Number { index: self.over.len() - 1, times: self.times }
    }

    /// Those that have begun so far, open or not, are no parts of the test after all.
    pub(super) fn begin_anew(&mut self) {
        self.times += 1;
        self.over.clear();
        self.known.clear();
    }

    /// The part is over, and all that was seen of it is this.
    pub(super) fn end(&mut self, number: Number, summary: Summary) {
        if number.times == self.times {
            self.over[number.index] = Some(self.shared(summary));
        }
    }

    fn shared(&mut self, summary: Summary) -> Arc<Summary> {
        let mut hash = Mixer::default();
        summary.hash(&mut hash);
        let alike = self.known.entry(hash.finish()).or_default();
        if let Some(known) = alike.iter().find(|known| ***known == summary) {
            return Arc::clone(known);
        }
        let summary = Arc::new(summary);
        alike.push(Arc::clone(&summary));
        summary
    }
}

impl Scope {
    /// What was seen of the requests and sections of a test, in the order in which they began. Alike ones may be one.
    pub(crate) fn parts(&self) -> Vec<Arc<Summary>> {
        // First the open ones: while they are held here, they stay open.
        let mut open = Vec::new();
        self.open_inside(&mut open);
        let parts = lock(&self.parts);
        let (mut summaries, times) = (parts.over.clone(), parts.times);
        drop(parts);
        for (scope, number) in open.into_iter().filter(|(_, number)| number.times == times) {
            summaries[number.index] = Some(Arc::new(scope.summary()));
        }
        summaries.into_iter().flatten().collect()
    }
}
