use std::sync::Arc;

use proptest::prelude::*;
use uuid::Uuid;

use super::scan::nearest;
use super::{NONE, Rows, Seen, values};
use crate::likeness::{DIMENSIONS, Neighbour, Vector, dot, length};

/// Documents of a segment, some without a vector.
fn segment(vectors: &[Option<[i8; DIMENSIONS]>], first_id: u128) -> Rows {
    let mut rows = Rows::default();
    for (vector, id) in vectors.iter().zip(first_id..) {
        let place = rows.ids.len() as u32;
        rows.places.push(if vector.is_some() { place } else { NONE });
        if let Some(numbers) = vector {
            let values: Vec<u64> = values(Uuid::from_u128(id), &Vector(*numbers)).collect();
            rows.push(&values);
        }
    }
    rows
}

/// The plain way: the cosine of each, sorted.
fn naive(
    asked: &Vector,
    segments: &[Vec<(u128, [i8; DIMENSIONS])>],
    limit: usize,
) -> Vec<Neighbour> {
    let near = |(id, numbers): &(u128, [i8; DIMENSIONS])| Neighbour {
        id: Uuid::from_u128(*id),
        likeness: dot(asked.numbers(), numbers) as f32 / (asked.length() * length(numbers)),
    };
    let mut all: Vec<Neighbour> = segments.iter().flatten().map(near).collect();
    all.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.id.cmp(&b.id)));
    all.truncate(limit);
    all
}

/// Vectors with the ends of the range and zeros more often than by chance, never all zeros.
fn vector() -> impl Strategy<Value = [i8; DIMENSIONS]> {
    let number = prop_oneof![4 => Just(0_i8), 1 => Just(127), 1 => Just(-127), 6 => -127..=127_i8];
    prop::collection::vec(number, DIMENSIONS).prop_map(|it| {
        let mut numbers = [0; DIMENSIONS];
        numbers.copy_from_slice(&it);
        numbers[0] = numbers[0].max(1);
        numbers
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_found_is_what_comparing_each_finds(
        asked in vector(),
        pool in prop::collection::vec(vector(), 1..12),
        segments in prop::collection::vec(prop::collection::vec(prop::option::of(0..12_usize), 0..40), 0..4),
        limit in 1..30_usize,
        n_threads in 1..5_usize,
    ) {
        let asked = Vector(asked);
        let (mut seen, mut plain) = (Vec::new(), Vec::new());
        for (nth, of_segment) in (0_u128..).zip(&segments) {
            // Few different ones, so that there are equals, of which the smaller id is nearer.
            let vectors: Vec<_> = of_segment.iter().map(|it| it.map(|it| pool[it % pool.len()])).collect();
            let rows = segment(&vectors, nth * 1000);
            let places = rows.places.iter().copied().filter(|it| *it != NONE).collect();
            let ids = (nth * 1000..).zip(&vectors);
            plain.push(ids.filter_map(|(id, it)| Some((id, (*it)?))).collect());
            seen.push(Seen { rows: Arc::new(rows), places });
        }
        prop_assert_eq!(nearest(&asked, &seen, limit, n_threads), naive(&asked, &plain, limit));
    }
}

#[test]
fn the_largest_product_fits() {
    let most = [127; DIMENSIONS];
    let rows = segment(&[Some(most), Some(most.map(|it: i8| -it))], 1);
    let seen = [Seen { rows: Arc::new(rows), places: vec![0, 1] }];
    let found: Vec<f32> =
        nearest(&Vector(most), &seen, 9, 1).iter().map(|it| it.likeness).collect();
    assert!((found[0] - 1.0).abs() < 1e-6 && (found[1] + 1.0).abs() < 1e-6, "{found:?}");
}
