//! What the scopes inside a scope have allocated, which counts for it as well: those that are open are asked, the others have left their
//! sums.

use std::collections::HashMap;
use std::sync::Arc;

use super::Scope;
use super::parts::Number;
use crate::alloc::{Place, Totals};
use crate::invitation::has_joined;
use crate::lock::lock;
use crate::mix::Mixing;

/// So many may be open before it is looked which of them are over.
const FEW: usize = 32;

/// The scopes inside a scope.
#[derive(Default)]
pub(super) struct Inner {
    /// The requests and sections that stand directly in it and may still change.
    open: Vec<(Arc<Scope>, Number)>,
    /// Set-ups in it that are over, and have threads that may live on.
    set_ups: Vec<SetUp>,
    /// How many there were when it was looked last.
    left_open: usize,
    left: FinishedParts,
}

/// Threads of a set-up that is over: what they do from then on counts for the scope around it.
struct SetUp {
    scope: Arc<Scope>,
    /// What they had counted by then.
    before: Totals,
}

/// What those that are over have left.
#[derive(Default)]
struct FinishedParts {
    totals: Totals,
    /// By stack.
    places: HashMap<usize, Place, Mixing>,
}

impl FinishedParts {
    fn add(&mut self, totals: Totals, places: &[Place]) {
        self.totals += totals;
        for place in places {
            match self.places.get_mut(&place.stack.as_ptr().addr()) {
                Some(known) => known.counted += place.counted,
                None => {
                    self.places.insert(place.stack.as_ptr().addr(), *place);
                }
            }
        }
    }
}

impl Inner {
    fn has_many(&self) -> bool {
        self.open.len() + self.set_ups.len() >= FEW.max(2 * self.left_open)
    }

    /// Keeps of those that nobody can reach any more, not even by a weak handle, only what was seen of them.
    fn fold(&mut self) {
        // Of each of them a process that has joined a test tells at its end.
        if has_joined() {
            return;
        }
        let is_gone = |set_up: &mut SetUp| {
            set_up.scope.fold_inner();
            Arc::get_mut(&mut set_up.scope).is_some()
        };
        for SetUp { scope, before } in extract(&mut self.set_ups, is_gone) {
            self.left.add(scope.totals_so_far() - before, &scope.places_so_far());
        }
        let is_over = |(scope, _): &mut (Arc<Scope>, Number)| {
            scope.fold_inner();
            Arc::get_mut(scope).is_some()
        };
        for (scope, number) in extract(&mut self.open, is_over) {
            let totals = scope.totals_so_far();
            scope.freeze_at(totals);
            let summary = scope.summary().without_values();
            self.left.add(totals, &summary.places);
            lock(&scope.root().parts).end(number, summary);
        }
        self.left_open = self.open.len() + self.set_ups.len();
    }
}

/// Takes out those that are so, in any order.
fn extract<T>(all: &mut Vec<T>, mut is_so: impl FnMut(&mut T) -> bool) -> Vec<T> {
    let (mut taken, mut index) = (Vec::new(), 0);
    while index < all.len() {
        if is_so(&mut all[index]) {
            taken.push(all.swap_remove(index));
        } else {
            index += 1;
        }
    }
    taken
}

impl Scope {
    /// A request or section begins in this scope.
    pub(super) fn begin_inside(&self, part: &Arc<Scope>) {
        let number = lock(&part.root().parts).begin();
        let mut inner = lock(&self.inner);
        if inner.has_many() {
            inner.fold();
        }
        inner.open.push((Arc::clone(part), number));
    }

    /// A set-up in this scope has ended.
    pub(super) fn end_inside(&self, set_up: &Arc<Scope>) {
        let mut inner = lock(&self.inner);
        if inner.has_many() {
            inner.fold();
        }
        inner.set_ups.push(SetUp { scope: Arc::clone(set_up), before: set_up.totals_so_far() });
    }

    /// Those that are over are kept no longer.
    pub(super) fn fold_inner(&self) {
        lock(&self.inner).fold();
    }

    /// The requests and sections in this scope that may still change.
    pub(super) fn open_inside(&self, open: &mut Vec<(Arc<Scope>, Number)>) {
        let directly = lock(&self.inner).open.clone();
        for part in directly {
            part.0.open_inside(open);
            open.push(part);
        }
    }

    /// The same, without their numbers. In a process that has joined a test, all that have begun.
    pub(crate) fn open_parts(&self) -> Vec<Arc<Scope>> {
        let mut open = Vec::new();
        self.open_inside(&mut open);
        open.into_iter().map(|(scope, _)| scope).collect()
    }

    /// What has been counted here and inside.
    pub(super) fn totals_so_far(&self) -> Totals {
        let inner = lock(&self.inner);
        let mut totals = self.shard_totals();
        totals += inner.left.totals;
        inner.set_ups.iter().for_each(|SetUp { scope, before }| totals += scope.totals_so_far() - *before);
        inner.open.iter().for_each(|(part, _)| totals += part.totals_so_far());
        totals
    }

    /// Where the application has obtained memory here and inside.
    pub(super) fn places_so_far(&self) -> Vec<Place> {
        let inner = lock(&self.inner);
        let mut places = self.shard_places();
        places.extend(inner.left.places.values());
        places.extend(inner.set_ups.iter().flat_map(|set_up| set_up.scope.places_so_far()));
        places.extend(inner.open.iter().flat_map(|(part, _)| part.places_so_far()));
        places.extend(self.pool_places());
        places
    }
}
