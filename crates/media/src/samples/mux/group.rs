//! When the pictures of a group of MPEG-1 or MPEG-2 are shown. Only some of them say so; between those, the numbers of their
//! order and how many fields each is shown for tell. Films on discs show every other picture for three fields.

use crate::samples::Sample;

/// A picture that waits for its group to be whole.
#[derive(Debug)]
pub(super) struct Waiting {
    pub sample: Sample,
    /// When it is shown, where its packet says so.
    pub stated: Option<i64>,
    /// Its place in the order of showing.
    pub order: u32,
    /// For how many fields it is shown.
    pub n_fields: u8,
}

/// The times of a group, one for each picture. `after` is when the group before ends, for a group that states no time at all.
/// `frame` is the time of two fields. A part of the group gets the times that it gets within the whole, as long as it has the
/// first picture of the group and all that are shown before it.
pub(super) fn times(group: &[Waiting], after: Option<i64>, frame: i64) -> Option<Vec<i64>> {
    let mut shown: Vec<usize> = (0..group.len()).collect();
    shown.sort_by_key(|it| group[*it].order);
    // Fields from the beginning of the group to each picture.
    let mut n_before = Vec::with_capacity(group.len());
    let mut n_fields = 0_i64;
    for at in &shown {
        n_before.push(n_fields);
        n_fields += i64::from(group[*at].n_fields);
    }
    let stated = |place: &usize| group[shown[*place]].stated.map(|it| (*place, it));
    let mut anchor = match (0..shown.len()).find_map(|it| stated(&it)) {
        Some(anchor) => anchor,
        None => (0, after?),
    };
    let mut times = vec![0; group.len()];
    for (place, at) in shown.iter().enumerate() {
        anchor = stated(&place).unwrap_or(anchor);
        let n_since = n_before[place] - n_before[anchor.0];
        times[*at] = anchor.1.saturating_add(n_since.saturating_mul(frame).div_euclid(2));
    }
    Some(times)
}

/// When a group is over that has these times.
pub(super) fn end(group: &[Waiting], times: &[i64], frame: i64) -> Option<i64> {
    let ends = times
        .iter()
        .zip(group)
        .map(|(time, it)| time.saturating_add(i64::from(it.n_fields).saturating_mul(frame) / 2));
    ends.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(pictures: &[(u32, Option<i64>, u8)]) -> Vec<Waiting> {
        let waiting = pictures.iter().map(|(order, stated, n_fields)| Waiting {
            sample: Sample::at(0, 1, 0, false),
            stated: *stated,
            order: *order,
            n_fields: *n_fields,
        });
        waiting.collect()
    }

    #[test]
    fn pictures_without_a_time_are_as_many_fields_from_those_with_one_as_are_shown_between() {
        // Decoded as I B B P B B, every other shown for three fields.
        let film = group(&[
            (2, Some(1005), 3),
            (0, None, 3),
            (1, None, 2),
            (5, None, 2),
            (3, None, 2),
            (4, Some(1040), 3),
        ]);
        let times = times(&film, None, 10).expect("one is stated");
        assert_eq!(times, [1005, 980, 995, 1055, 1020, 1040]);
        assert_eq!(end(&film, &times, 10), Some(1065));
        let part = super::times(&film[..3], None, 10).expect("one is stated");
        assert_eq!(part, times[..3], "the same without what comes behind");
    }

    #[test]
    fn a_group_that_states_nothing_follows_the_one_before() {
        let film = group(&[(1, None, 2), (0, None, 2), (2, None, 2)]);
        assert_eq!(times(&film, Some(500), 40), Some(vec![540, 500, 580]));
        assert_eq!(times(&film, None, 40), None);
        assert_eq!(times(&[], Some(1), 40), Some(Vec::new()));
    }
}
