//! How many pictures a second a stream has, by what is rounded.

use crate::stream::Rational;

/// Pictures a second of nearly all films; over 1001 where the second number says so.
const USUAL: [(u32, u32); 14] = [
    (24_000, 1001),
    (24, 1),
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
    (48, 1),
    (20, 1),
    (15, 1),
    (15_000, 1001),
    (12, 1),
    (10, 1),
];
/// Fewer pictures tell no rate.
const LEAST_TIMES: usize = 8;

/// The rates that films have.
pub(crate) fn usual() -> impl Iterator<Item = Rational> {
    USUAL.iter().map(|(num, den)| Rational { num: *num, den: *den })
}

/// The rate of pictures that are shown at these times in milliseconds, which the container has rounded.
pub(crate) fn of_times(times_ms: &mut Vec<i64>) -> Option<Rational> {
    times_ms.sort_unstable();
    times_ms.dedup();
    if times_ms.len() < LEAST_TIMES {
        return None;
    }
    let span = times_ms.last()? - times_ms.first()?;
    let n_steps = times_ms.len() as f64 - 1.0;
    let off = |it: &Rational| (n_steps * 1000.0 / it.as_f64() - span as f64).abs();
    // Both ends are rounded.
    let near = usual().filter(|it| off(it) <= 1.0).min_by(|a, b| off(a).total_cmp(&off(b)));
    near.or_else(|| Rational::new((times_ms.len() as u64 - 1) * 1000, span.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_told_by_rounded_times() {
        for rate in [(24_000, 1001), (25, 1), (30_000, 1001), (60, 1)] {
            let rate = Rational { num: rate.0, den: rate.1 };
            let times = (0..25).map(|it| (f64::from(it) * 1000.0 / rate.as_f64()).round() as i64);
            assert_eq!(of_times(&mut times.collect()), Some(rate));
        }
        assert_eq!(of_times(&mut (0..10).map(|it| it * 70).collect()), Rational::new(100, 7));
        assert_eq!(of_times(&mut vec![0, 40, 80]), None);
        assert_eq!(of_times(&mut vec![5; 40]), None);
    }
}
