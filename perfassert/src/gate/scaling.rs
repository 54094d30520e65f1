//! How fast a count grows with the size of what a test works on: pure, from one count for each size.
//!
//! A constant count is equal at all sizes. For the other orders the slopes are compared: from each size to the next, how much the
//! count rises per unit of the order. Where a later slope is steeper than one before it, the count grows faster than the order.
//! Offsets fall out of that, and what grows more slowly passes.

use crate::spec::Order;

/// A count at one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SizedCount {
    pub(super) n: usize,
    pub(super) count: i64,
}

/// What the counts of all sizes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    /// As fast as is allowed, or more slowly.
    Allowed,
    TooFast,
    /// Less for more: something outlives one size and serves the next.
    Falls,
}

/// The value of the order at a size.
fn value(order: Order, n: usize) -> f64 {
    let n = n as f64;
    match order {
        Order::Constant => 0.0,
        Order::Logarithmic => n.log2(),
        Order::Linear => n,
        Order::Quadratic => n * n,
    }
}

/// The same as a whole number, where it is one.
fn whole(order: Order, n: usize) -> Option<i128> {
    match order {
        Order::Constant => Some(0),
        Order::Logarithmic => n.is_power_of_two().then(|| i128::from(n.ilog2())),
        Order::Linear => i128::try_from(n).ok(),
        Order::Quadratic => i128::try_from(n).ok()?.checked_pow(2),
    }
}

/// Judges the counts at ascending sizes. `step` is by how much the count rises at once where it rises in steps: a statement for each
/// hundred rows.
pub(super) fn growth(points: &[SizedCount], step: i64, allowed: Order) -> Growth {
    let pairs = || points.iter().enumerate().flat_map(|(i, a)| points[i + 1..].iter().map(move |b| (a, b)));
    if pairs().any(|(a, b)| b.count < a.count) {
        return Growth::Falls;
    }
    let too_fast = match allowed {
        Order::Constant => pairs().any(|(a, b)| b.count > a.count),
        _ => pairs().any(|(a, b)| {
            let later = points.iter().filter(|c| c.n > b.n);
            later.into_iter().any(|c| is_steeper(a, b, c, step, allowed))
        }),
    };
    if too_fast { Growth::TooFast } else { Growth::Allowed }
}

/// Whether the count rises more steeply from `b` to `c` than from `a` to `b`, beyond what either may be off by `slack`.
fn is_steeper(a: &SizedCount, b: &SizedCount, c: &SizedCount, slack: i64, order: Order) -> bool {
    // Pairs are n(n - 1)/2: what is taken off n² makes it rise more slowly at first.
    let leeway = if order == Order::Quadratic { 1.25 } else { 1.0 };
    slope(b, c, -slack, order) > leeway * slope(a, b, slack, order)
}

/// How much the count rises per unit of the order, and `slack` more.
fn slope(a: &SizedCount, b: &SizedCount, slack: i64, order: Order) -> f64 {
    (b.count as f64 - a.count as f64 + slack as f64) / (value(order, b.n) - value(order, a.n))
}

/// The slowest order that allows the counts; the one that fits them exactly, where one does.
///
/// Of what may be a staircase or a logarithm nothing but a clear bend says that it is the latter.
pub(super) fn order(points: &[SizedCount], step: i64) -> Option<Order> {
    let allows = |order: &Order| growth(points, step, *order) == Growth::Allowed;
    let exact = || GROWING.into_iter().find(|order| exact(points, *order).is_some());
    let bent = || Some(Order::Logarithmic).filter(|order| is_bent(points, step) && allows(order));
    let slowest = || [Order::Linear, Order::Quadratic].into_iter().find(allows);
    Some(Order::Constant).filter(allows).or_else(exact).or_else(bent).or_else(slowest)
}

/// Whether the count rises less steeply per unit, the larger the size: beyond a doubt.
fn is_bent(points: &[SizedCount], step: i64) -> bool {
    points.windows(3).any(|points| {
        let [a, b, c] = points else { return false };
        slope(b, c, step, Order::Linear) < slope(a, b, -step, Order::Linear)
    })
}

/// The counts as a formula, where one runs through all of them: `1 + n`, `n/100`, `2n²`.
///
/// A line runs through any two points, so it takes three.
pub(super) fn formula(points: &[SizedCount]) -> Option<String> {
    let constant = points.first().filter(|first| points.iter().all(|point| point.count == first.count));
    if let Some(point) = constant {
        return Some(point.count.to_string());
    }
    GROWING.into_iter().find_map(|order| Some((order, exact(points, order)?))).map(|(order, line)| {
        let LinearFit { offset, rise, run } = line;
        let times = if rise == 1 { String::new() } else { rise.to_string() };
        let term = match order {
            Order::Constant => times,
            Order::Logarithmic => format!("{times} log n").trim_start().to_owned(),
            Order::Linear => format!("{times}n"),
            Order::Quadratic => format!("{times}n²"),
        };
        let term = if run == 1 { term } else { format!("{term}/{run}") };
        match offset {
            0 => term,
            1.. => format!("{offset} + {term}"),
            _ => format!("{term} - {}", -offset),
        }
    })
}

/// The orders of what grows, the usual first.
const GROWING: [Order; 3] = [Order::Linear, Order::Logarithmic, Order::Quadratic];

/// `offset + rise / run * x`
struct LinearFit {
    offset: i128,
    rise: i128,
    run: i128,
}

/// The line through all points, with the order's value as `x`.
fn exact(points: &[SizedCount], order: Order) -> Option<LinearFit> {
    let xs: Option<Vec<i128>> = points.iter().map(|point| whole(order, point.n)).collect();
    let xs = xs.filter(|xs| xs.len() > 2)?;
    let (run, rise) = (xs[1] - xs[0], i128::from(points[1].count - points[0].count));
    let shared = common_divisor(run, rise);
    let (run, rise) = (run / shared, rise / shared);
    let start = i128::from(points[0].count);
    let mut on_the_line = points
        .iter()
        .zip(&xs)
        .map(|(point, x)| (i128::from(point.count) - start).checked_mul(run) == rise.checked_mul(x - xs[0]));
    let offset = start - rise.checked_mul(xs[0])? / run;
    (rise > 0 && on_the_line.all(|is_on| is_on) && rise * xs[0] % run == 0).then_some(LinearFit {
        offset,
        rise,
        run,
    })
}

fn common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs().max(1) } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: [Order; 4] = [Order::Constant, Order::Logarithmic, Order::Linear, Order::Quadratic];

    fn points(sizes: &[usize], count: impl Fn(i64) -> i64) -> Vec<SizedCount> {
        sizes.iter().map(|n| SizedCount { n: *n, count: count(*n as i64) }).collect()
    }

    /// Each order, judged: `.` allowed, `!` too fast, `v` falls; and the formula.
    #[track_caller]
    fn check(sizes: &[usize], count: impl Fn(i64) -> i64, verdicts: &str, said: &str) {
        let points = points(sizes, count);
        let verdict = |order| match growth(&points, 1, order) {
            Growth::Allowed => '.',
            Growth::TooFast => '!',
            Growth::Falls => 'v',
        };
        let judged: String = ORDERS.into_iter().map(verdict).collect();
        let words = formula(&points).or_else(|| Some(order(&points, 1)?.name().to_owned()));
        assert_eq!((judged.as_str(), words.as_deref().unwrap_or("faster")), (verdicts, said), "{points:?}");
    }

    const SIZES: &[usize] = &[1, 4, 16];

    #[test]
    fn queries_are_exact() {
        check(SIZES, |_| 2, "....", "2");
        check(SIZES, |_| 0, "....", "0");
        check(SIZES, |n| 1 + n, "!!..", "1 + n");
        check(SIZES, |n| n, "!!..", "n");
        check(SIZES, |n| 7 + 3 * n, "!!..", "7 + 3n");
        check(SIZES, |n| 2 * n - 2, "!!..", "2n - 2");
        check(SIZES, |n| 1 + i64::from(n.ilog2()), "!...", "1 + log n");
        check(SIZES, |n| 3 * i64::from(n.ilog2()), "!...", "3 log n");
        check(SIZES, |n| n * n, "!!!.", "n²");
        check(SIZES, |n| 1 + n * n, "!!!.", "1 + n²");
        check(SIZES, |n| 50 + n + n * n, "!!!.", "quadratic");
        check(SIZES, |n| n * (n - 1) / 2, "!!!.", "quadratic");
        check(SIZES, |n| n * i64::from(n.ilog2()), "!!!.", "quadratic");
        check(SIZES, |n| n * n * n, "!!!!", "faster");
    }

    #[test]
    fn a_staircase_is_as_fast_as_the_slope_beneath_it() {
        check(SIZES, |n| (n + 9) / 10, "!...", "linear");
        check(SIZES, |n| (n + 2) / 3, "!!..", "linear");
        check(SIZES, |n| (n + 99) / 100, "....", "1");
        check(&[1, 100, 250], |n| (n + 99) / 100, "!!..", "linear");
        check(&[100, 200, 400], |n| n / 100, "!...", "n/100");
        check(&[2, 4, 8], |n| 1 + 3 * n / 2, "!!..", "1 + 3n/2");
        check(&[10, 100, 1000], |n| 1 + n / 10, "!!..", "1 + n/10");
    }

    #[test]
    fn sizes_that_are_few_or_close_tell_less() {
        check(&[1, 10], |_| 3, "....", "3");
        check(&[1, 10], |n| n, "!...", "linear");
        check(&[1, 2, 4], |n| n * (n - 1) / 2, "!!..", "linear");
    }

    #[test]
    fn more_sizes_tell_more() {
        check(&[1, 2, 3, 4, 5, 6, 7, 8], |n| n * n, "!!!.", "n²");
        check(&[1, 2, 3, 4, 5, 6, 7, 8], |n| 4 + n, "!!..", "4 + n");
        check(&[3, 30, 300], |n| 4 + n, "!!..", "4 + n");
    }

    #[test]
    fn less_for_more_is_no_order() {
        check(SIZES, |n| if n == 1 { 5 } else { 1 }, "vvvv", "faster");
        check(SIZES, |n| 16 - n, "vvvv", "faster");
        check(SIZES, |n| if n == 16 { 3 } else { n }, "vvvv", "faster");
    }

    #[test]
    fn no_number_is_too_large() {
        let largest = i64::MAX;
        check(&[1, 2, 1 << 60], |n| if n > 2 { largest } else { 0 }, "!!!.", "quadratic");
        check(&[1 << 61, 1 << 62, 1 << 63], |_| largest, "....", &largest.to_string());
    }
}
