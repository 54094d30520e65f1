//! Where the executions of a statement came from, by the stacks of some of them.

use std::hash::Hasher;

use crate::mix::Mixer;
use crate::site::{Capture, is_whole_wanted};

/// Each of the first executions is captured.
const CAPTURED_FIRST: u64 = 16;

/// After that fewer than so many executions of a statement from several stacks are not captured in a row.
const UNEVEN: u64 = 16;

/// Distinct stacks that are kept of a statement. The same loop has one or two.
const STACKS: usize = 32;

/// The stacks of a statement's executions. A capture costs as much as a query of some drivers: of a statement that has come from
/// one stack so far, the next is taken when its executions have doubled at the latest, of others every few executions. The steps
/// are uneven, so that what takes turns is met as often as it is executed. A driver that carries a stack along has one for each.
#[derive(Clone, PartialEq)]
pub(crate) struct Lines {
    stacks: Vec<Capture>,
    /// How many executions were seen with each stack.
    seen: Vec<u64>,
    /// Executions between two captures: the stacks before and after them, and how many.
    between: Vec<(usize, usize, u64)>,
    /// The stack that was captured last.
    last: usize,
    /// Executions since then.
    since: u64,
    total: u64,
    /// The execution that is captured next.
    next: u64,
}

/// What is known of one group of stacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StackShare {
    /// Those that were captured, and what lies between two of them.
    pub(crate) sure: u64,
    /// Those between one of it and one of another, shared out.
    pub(crate) about: u64,
}

impl Default for Lines {
    fn default() -> Self {
        let (stacks, seen, between) = (Vec::new(), Vec::new(), Vec::new());
        Lines { stacks, seen, between, last: 0, since: 0, total: 0, next: 1 }
    }
}

impl Lines {
    /// Whether the next execution is one whose stack is wanted.
    pub(super) fn wants_next(&self) -> bool {
        self.total + 1 >= self.next || is_whole_wanted()
    }

    pub(super) fn add(&mut self, stack: Option<&Capture>) {
        self.total += 1;
        let Some(index) = stack.and_then(|stack| self.index_of(stack)) else {
            self.since += 1;
            return;
        };
        if self.since > 0 {
            let since = std::mem::take(&mut self.since);
            let (before, after) = (self.last, index);
            match self.between.iter_mut().find(|(from, to, _)| (*from, *to) == (before, after)) {
                Some((_, _, n)) => *n += since,
                None => self.between.push((before, after, since)),
            }
        }
        self.seen[index] += 1;
        self.last = index;
        if self.total >= self.next {
            self.next = self.total + 1 + self.passed_over();
        }
    }

    /// How many executions are not captured before the next one is: the same number each time.
    fn passed_over(&self) -> u64 {
        if self.total < CAPTURED_FIRST {
            return 0;
        }
        let mut mixer = Mixer::default();
        mixer.write_u64(self.total);
        mixer.finish() % if self.stacks.len() == 1 { self.total } else { UNEVEN }
    }

    fn index_of(&mut self, stack: &Capture) -> Option<usize> {
        if self.stacks.get(self.last).is_some_and(|last| last == stack) {
            return Some(self.last);
        }
        if let Some(index) = self.stacks.iter().position(|known| known == stack) {
            return Some(index);
        }
        (self.stacks.len() < STACKS || is_whole_wanted()).then(|| {
            self.stacks.push(stack.clone());
            self.seen.push(0);
            self.stacks.len() - 1
        })
    }

    /// Whether each execution was captured: what is known of a line's share is exact then, and not about right.
    pub(crate) fn is_exact(&self) -> bool {
        self.seen.iter().sum::<u64>() == self.total
    }

    /// The distinct stacks, in the order in which they were met.
    pub(crate) fn stacks(&self) -> &[Capture] {
        &self.stacks
    }

    /// The executions by group of stacks, where `group_of` has a group for each stack, or none for one that says nothing.
    ///
    /// If there is one group, all are its.
    pub(crate) fn shares(&self, group_of: &[Option<usize>]) -> Vec<StackShare> {
        let groups = group_of.iter().flatten().max().map_or(0, |last| last + 1);
        let mut shares = vec![StackShare::default(); groups];
        if let [only] = shares.as_mut_slice() {
            *only = StackShare { sure: self.total, about: 0 };
            return shares;
        }
        let group = |stack: usize| group_of.get(stack).copied().flatten();
        for (stack, n) in self.seen.iter().enumerate() {
            if let Some(group) = group(stack) {
                shares[group].sure += n;
            }
        }
        for (before, after, n) in self.between.iter().chain([&(self.last, usize::MAX, self.since)]) {
            match (group(*before), group(*after)) {
                (Some(before), Some(after)) if before == after => shares[before].sure += n,
                (Some(before), Some(after)) => {
                    shares[before].about += n / 2;
                    shares[after].about += n - n / 2;
                }
                (Some(group), None) | (None, Some(group)) => shares[group].about += n,
                (None, None) => {}
            }
        }
        shares
    }
}

#[cfg(all(test, feature = "call-sites"))]
mod tests {
    use super::*;

    /// The executions of some lines, each a stack of its own, where only the wanted ones are captured.
    fn sampled(lines: impl IntoIterator<Item = usize>) -> (Lines, u64) {
        let (mut kept, mut captures) = (Lines::default(), 0);
        for line in lines {
            let wanted = kept.wants_next();
            captures += u64::from(wanted);
            kept.add(wanted.then(|| Capture::of([line])).as_ref());
        }
        (kept, captures)
    }

    #[track_caller]
    fn check(lines: impl IntoIterator<Item = usize>, expected: &[(u64, u64)]) {
        let (kept, _) = sampled(lines);
        let group_of: Vec<_> = (0..kept.stacks().len()).map(Some).collect();
        let shares: Vec<_> = kept.shares(&group_of).iter().map(|share| (share.sure, share.about)).collect();
        assert_eq!(shares, expected);
    }

    #[test]
    fn one_line_has_all() {
        check([7; 1], &[(1, 0)]);
        check([7; 250], &[(250, 0)]);
    }

    #[test]
    fn a_few_are_exact() {
        check([1, 2, 1, 2, 3], &[(2, 0), (2, 0), (1, 0)]);
    }

    /// Q38: a second line that comes later is seen when it has as many as the first.
    #[test]
    fn a_line_that_comes_later_is_seen() {
        let loops = |n| std::iter::repeat_n(1, n).chain(std::iter::repeat_n(2, n));
        for n in [3, 4, 7, 10, 100, 1000] {
            let (kept, _) = sampled(loops(n));
            let shares = kept.shares(&[Some(0), Some(1)]);
            assert_eq!(kept.stacks().len(), 2, "{n}");
            assert_eq!(shares.iter().map(|share| share.sure + share.about).sum::<u64>(), 2 * n as u64);
            assert!(shares.iter().all(|share| share.sure > 0 && share.sure <= n as u64), "{n}: {shares:?}");
        }
    }

    /// Whatever takes turns with whatever, nothing falls into step with it.
    #[test]
    fn lines_that_take_turns_have_about_what_they_executed() {
        let patterns: [&[usize]; 6] =
            [&[1, 2], &[1, 1, 2], &[1, 2, 2, 2], &[1, 2, 3], &[1, 1, 1, 2, 2], &[1, 2, 3, 4, 5, 6, 7]];
        for pattern in patterns {
            for n in [16, 44, 132, 250, 1000] {
                let executed = pattern.iter().cycle().take(n).copied();
                let (kept, _) = sampled(executed.clone());
                let group_of: Vec<_> = (0..kept.stacks().len()).map(Some).collect();
                let bound = if kept.is_exact() { 0 } else { n as u64 / 4 };
                for (line, share) in (1..).zip(kept.shares(&group_of)) {
                    let (told, is) =
                        (share.sure + share.about, executed.clone().filter(|at| *at == line).count());
                    assert!(told.abs_diff(is as u64) <= bound, "{pattern:?} {n}: {told}, not {is}");
                }
                assert_eq!(kept.is_exact(), n as u64 <= CAPTURED_FIRST);
            }
        }
    }

    /// The fixed fan-out: none of the lines is said to have had what was not seen of it.
    #[test]
    fn what_was_not_captured_is_sure_of_nobody() {
        for each in [2, 8] {
            let (kept, _) = sampled((1..=5).flat_map(|line| std::iter::repeat_n(line, each)));
            let group_of: Vec<_> = (0..kept.stacks().len()).map(Some).collect();
            assert!(kept.shares(&group_of).iter().all(|share| share.sure <= each as u64), "{each}");
        }
    }

    #[test]
    fn few_stacks_are_captured_and_kept() {
        assert_eq!(sampled([1; 250]).1, 21);
        assert_eq!(sampled([1; 10]).1, 10);
        let (mut kept, _) = sampled([]);
        (0..1000).for_each(|line| kept.add(Some(&Capture::of([line]))));
        assert_eq!(kept.stacks().len(), STACKS);
    }

    #[test]
    fn stacks_of_one_group_count_together() {
        let (kept, _) = sampled([1, 2, 3, 1, 2, 3]);
        let shares = kept.shares(&[Some(0), Some(0), Some(1)]);
        assert_eq!(shares, [StackShare { sure: 4, about: 0 }, StackShare { sure: 2, about: 0 }]);
        assert_eq!(kept.shares(&[None, None, Some(0)]), [StackShare { sure: 6, about: 0 }]);
        assert_eq!(kept.shares(&[None, None, None]), []);
    }
}
