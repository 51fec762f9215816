//! Where a film is cut: at key frames, some seconds apart, the same for every track.

use super::SECOND_NS;

/// A segment is at least this long, where key frames allow: shorter ones make too many requests.
const SHORTEST_NS: i64 = 4 * SECOND_NS;

/// The beginning of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// When it is shown, from the beginning of the film; 0 for the first.
    pub start_ns: i64,
    /// The number of the key frame among all in the index.
    pub key: usize,
}

/// All segments of a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Ascending, and never empty for a film that opened.
    pub cuts: Vec<Cut>,
    /// When the film is over.
    pub end_ns: i64,
}

impl Plan {
    /// Joins the stretches between key frames to segments. `keys_ns` ascends; of `breaks`, places in it that ascend too, a
    /// segment begins at each, however short the one before is.
    pub(super) fn new(keys_ns: &[i64], breaks: &[usize], end_ns: i64) -> Self {
        let mut cuts: Vec<Cut> = Vec::new();
        for (key, &start_ns) in keys_ns.iter().enumerate() {
            match cuts.last() {
                // The first segment has all that comes first, sound before the picture too.
                None => cuts.push(Cut { start_ns: 0, key }),
                Some(last)
                    if start_ns < end_ns
                        && (start_ns - last.start_ns >= SHORTEST_NS
                            || breaks.binary_search(&key).is_ok()) =>
                {
                    cuts.push(Cut { start_ns, key });
                }
                Some(_) => {}
            }
        }
        Self { end_ns: end_ns.max(cuts.last().map_or(0, |it| it.start_ns + 1)), cuts }
    }

    /// When segment `number` ends.
    pub fn end_of(&self, number: usize) -> i64 {
        self.cuts.get(number + 1).map_or(self.end_ns, |it| it.start_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_frames_are_joined_to_segments_of_at_least_four_seconds() {
        let seconds = |list: &[i64]| list.iter().map(|it| it * SECOND_NS).collect::<Vec<_>>();
        let table: [(&[i64], i64, &[i64]); 6] = [
            (&[0, 2, 4, 6, 8, 10], 12, &[0, 4, 8]),
            (&[0, 30, 31, 60], 61, &[0, 30, 60]),
            (&[1, 3, 5, 9], 10, &[0, 5, 9]),
            (&[0], 7200, &[0]),
            (&[], 10, &[]),
            (&[0, 5, 10], 9, &[0, 5]),
        ];
        for (keys, end, expected) in table {
            let plan = Plan::new(&seconds(keys), &[], end * SECOND_NS);
            let starts: Vec<i64> = plan.cuts.iter().map(|it| it.start_ns).collect();
            assert_eq!(starts, seconds(expected), "{keys:?}");
        }
    }

    #[test]
    fn a_segment_begins_where_it_has_to() {
        let keys = [0, 2, 4, 5, 8, 9].map(|it| it * SECOND_NS);
        let plan = Plan::new(&keys, &[1, 3], 10 * SECOND_NS);
        let keys: Vec<usize> = plan.cuts.iter().map(|it| it.key).collect();
        assert_eq!(keys, [0, 1, 3, 5]);
    }

    #[test]
    fn a_segment_ends_where_the_next_begins_and_the_last_with_the_film() {
        let plan = Plan::new(&[0, 5 * SECOND_NS], &[], 8 * SECOND_NS);
        assert_eq!((plan.end_of(0), plan.end_of(1)), (5 * SECOND_NS, 8 * SECOND_NS));
    }
}
