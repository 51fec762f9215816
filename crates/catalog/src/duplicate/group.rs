//! Which files are alike. Pure.
//!
//! Every file is compared with those that play about as long: of 100,000 files, that are some ten million comparisons of
//! two numbers of 64 bits, a fraction of a second; and if all are of one length, some seconds.

use std::collections::{HashMap, HashSet};

use kernel::id::{FileId, ItemId};

/// Pictures that differ in no more bits look alike.
const MOST_BITS: u32 = 8;
/// Two encodings of one film differ in length by no more than this, or that part of it.
const NEAR_MS: i64 = 3_000;
const NEAR_PART: i64 = 100;

/// What a file is told by.
#[derive(Clone, Copy, Debug)]
pub struct Print {
    pub file: FileId,
    /// What it is a film of.
    pub item: ItemId,
    pub size_bytes: i64,
    pub duration_ms: Option<i64>,
    pub oshash: Option<i64>,
    pub picture_hash: Option<i64>,
}

/// A file of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alike {
    pub file: FileId,
    /// The smallest file of the group.
    pub group: FileId,
    /// Another has the same bytes.
    pub is_exact: bool,
    /// Bits to the nearest other.
    pub distance: i16,
}

/// The files that are like others, by id. `apart` are pairs of which a person said that they are not the same, the smaller
/// id first; versions of one item are not told of, unless they are the very same. `goes_on` is asked now and then.
pub fn groups(
    prints: &[Print],
    apart: &HashSet<(FileId, FileId)>,
    mut goes_on: impl FnMut() -> bool,
) -> Option<Vec<Alike>> {
    let mut found = Found {
        prints,
        apart,
        leaders: (0..prints.len()).collect(),
        near: vec![None; prints.len()],
    };
    found.join_exact();
    let mut by_length: Vec<(i64, u64, usize)> = prints
        .iter()
        .enumerate()
        .filter_map(|(at, it)| Some((it.duration_ms?, it.picture_hash?.cast_unsigned(), at)))
        .collect();
    by_length.sort_unstable();
    for (place, (length, hash, at)) in by_length.iter().enumerate() {
        if !goes_on() {
            return None;
        }
        let most = length + NEAR_MS.max(length / NEAR_PART);
        for (other_length, other_hash, other) in &by_length[place + 1..] {
            if *other_length > most {
                break;
            }
            let bits = (hash ^ other_hash).count_ones();
            if bits <= MOST_BITS && prints[*at].item != prints[*other].item {
                found.join(*at, *other, bits as i16, false);
            }
        }
    }
    Some(found.collect())
}

struct Found<'a> {
    prints: &'a [Print],
    apart: &'a HashSet<(FileId, FileId)>,
    /// The tree of joined files: each names another of its group, the first itself.
    leaders: Vec<usize>,
    /// The nearest other that was found: exact, and bits.
    near: Vec<Option<(bool, i16)>>,
}

impl Found<'_> {
    fn join_exact(&mut self) {
        let mut same: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
        for (at, it) in self.prints.iter().enumerate() {
            if let Some(oshash) = it.oshash {
                same.entry((oshash, it.size_bytes)).or_default().push(at);
            }
        }
        for files in same.into_values() {
            // Whoever was told apart from one may be the same as another of them.
            for (place, one) in files.iter().enumerate() {
                for other in &files[place + 1..] {
                    if self.join(*one, *other, 0, true) {
                        break;
                    }
                }
            }
        }
    }

    fn join(&mut self, one: usize, other: usize, bits: i16, is_exact: bool) -> bool {
        let (a, b) = (self.prints[one].file, self.prints[other].file);
        if self.apart.contains(&(a.min(b), a.max(b))) {
            return false;
        }
        for at in [one, other] {
            let near = self.near[at].get_or_insert((is_exact, bits));
            *near = (near.0 || is_exact, near.1.min(bits));
        }
        let (a, b) = (self.leader(one), self.leader(other));
        self.leaders[a] = b;
        true
    }

    fn leader(&mut self, mut at: usize) -> usize {
        while self.leaders[at] != at {
            self.leaders[at] = self.leaders[self.leaders[at]];
            at = self.leaders[at];
        }
        at
    }

    fn collect(mut self) -> Vec<Alike> {
        let mut smallest: HashMap<usize, FileId> = HashMap::new();
        for at in 0..self.prints.len() {
            let (leader, file) = (self.leader(at), self.prints[at].file);
            smallest.entry(leader).and_modify(|it| *it = (*it).min(file)).or_insert(file);
        }
        let mut alike = Vec::new();
        for at in 0..self.prints.len() {
            if let Some((is_exact, distance)) = self.near[at] {
                let group = smallest[&self.leader(at)];
                alike.push(Alike { file: self.prints[at].file, group, is_exact, distance });
            }
        }
        alike.sort_unstable_by_key(|it| it.file);
        alike
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn file(n: u128) -> FileId {
        FileId(Uuid::from_u128(n))
    }

    fn print(n: u128, hash: u64, seconds: i64) -> Print {
        Print {
            file: file(n),
            item: ItemId(Uuid::from_u128(n)),
            size_bytes: 1000 + n as i64,
            duration_ms: Some(seconds * 1000),
            oshash: Some(n as i64),
            picture_hash: Some(hash.cast_signed()),
        }
    }

    /// Files by group, as numbers.
    fn found(prints: &[Print], apart: &[(u128, u128)]) -> Vec<(u128, u128, bool, i16)> {
        let apart = apart.iter().map(|it| (file(it.0), file(it.1))).collect();
        let all = groups(prints, &apart, || true).expect("not stopped");
        all.iter()
            .map(|it| (it.group.0.as_u128(), it.file.0.as_u128(), it.is_exact, it.distance))
            .collect()
    }

    #[test]
    fn few_bits_and_a_like_length_make_a_group() {
        let prints = [
            print(1, 0xff00_ff00_1234_5678, 1200),
            // Three bits, two seconds.
            print(2, 0xff00_ff00_1234_567f, 1202),
            // Nine bits.
            print(3, 0xffff_ff01_1234_5678, 1200),
            // The same picture, another length.
            print(4, 0xff00_ff00_1234_5678, 1300),
        ];
        assert_eq!(found(&prints, &[]), [(1, 1, false, 3), (1, 2, false, 3)]);
        assert_eq!(found(&prints, &[(1, 2)]), []);
        assert_eq!(found(&[], &[]), []);
    }

    #[test]
    fn the_same_bytes_are_told_of_even_as_versions_of_one_item_and_looks_are_not() {
        let mut prints = [print(1, 0, 60), print(2, 0, 60), print(3, 0, 60)];
        for it in &mut prints {
            it.item = ItemId(Uuid::from_u128(9));
            it.picture_hash = Some(5);
        }
        assert_eq!(found(&prints, &[]), []);
        (prints[2].oshash, prints[2].size_bytes) = (prints[0].oshash, prints[0].size_bytes);
        assert_eq!(found(&prints, &[]), [(1, 1, true, 0), (1, 3, true, 0)]);
        prints[2].size_bytes += 1;
        assert_eq!(found(&prints, &[]), [], "a sum alone is not the same");
    }

    #[test]
    fn groups_are_joined_by_what_lies_between_and_left_by_whom_a_person_took_out() {
        let prints = [
            print(1, 0b0000_0000, 60),
            print(2, 0b0011_1111, 60),
            print(3, 0b1111_0011_1111, 60),
            Print { picture_hash: None, ..print(4, 0, 60) },
            Print { duration_ms: None, ..print(5, 0, 60) },
        ];
        let all = [(1, 1, false, 6), (1, 2, false, 4), (1, 3, false, 4)];
        assert_eq!(found(&prints, &[]), all);
        assert_eq!(found(&prints, &[(1, 2), (2, 3)]), [], "ten bits are between the others");
        assert_eq!(found(&prints, &[(1, 2), (1, 3)]), [(2, 2, false, 4), (2, 3, false, 4)]);
    }

    #[test]
    fn a_hundred_thousand_files_are_compared_and_it_can_be_stopped() {
        // Numbers that look like any, by xorshift; of every thousandth there is a second one, four bits off.
        let (mut state, mut prints) = (0x9e37_79b9_7f4a_7c15_u64, Vec::new());
        for n in 0..100_000_u128 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            prints.push(print(n + 1, state, 600 + (state % 3000) as i64));
            if n % 1000 == 0 {
                prints.push(print(
                    n + 1_000_000,
                    state ^ 0x8000_0100_0010_0001,
                    601 + (state % 3000) as i64,
                ));
            }
        }
        let all = found(&prints, &[]);
        assert_eq!(all.iter().filter(|it| it.1 >= 1_000_000).count(), 100);
        for (group, file, is_exact, distance) in all {
            assert!(!is_exact && distance <= 8);
            assert!(file < 1_000_000 || (group, distance) == (file - 999_999, 4), "{group} {file}");
        }
        assert_eq!(groups(&prints, &HashSet::new(), || false), None);
    }
}
