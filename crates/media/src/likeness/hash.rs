//! One number for all pictures of a film: they are laid out as one, five beside each other, made small and grey, and of its
//! 64 slowest waves each is a bit, set where it is stronger than most. What differs in few bits looks alike, whatever its
//! size, its codec or its noise.

use std::f64::consts::PI;

use super::PICTURES;

/// Pictures beside each other.
const COLUMNS: usize = 5;
/// The side of what is hashed, and of the waves of it that count.
const SIDE: usize = 64;
const WAVES: usize = 8;
/// Grey values that differ by less on the whole tell nothing: black, or a test card.
const LEAST_CONTRAST: f64 = 4.0;

/// A picture: three bytes a pixel, row by row.
#[derive(Debug)]
pub struct Picture {
    /// Pixels of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green and blue of each pixel.
    pub pixels: Vec<u8>,
}

/// The hash of the pictures of a film, all of one size. None where they are too few, or show nothing.
pub fn hash(pictures: &[Picture]) -> Option<u64> {
    let first = pictures.first()?;
    let (width, height) = (first.width, first.height);
    let is_right = |it: &Picture| {
        (it.width, it.height) == (width, height) && it.pixels.len() == width * height * 3
    };
    if pictures.len() != PICTURES || width == 0 || height == 0 || !pictures.iter().all(is_right) {
        return None;
    }
    let small = small(pictures, width, height);
    let mean = small.iter().sum::<f64>() / small.len() as f64;
    let variance = small.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / small.len() as f64;
    if variance.sqrt() < LEAST_CONTRAST {
        return None;
    }
    let waves = waves(&small);
    let mut sorted = waves;
    sorted.sort_by(f64::total_cmp);
    let median = f64::midpoint(sorted[WAVES * WAVES / 2 - 1], sorted[WAVES * WAVES / 2]);
    Some(waves.iter().fold(0, |bits, it| bits << 1 | u64::from(*it > median)))
}

/// All pictures as one, with a side of [`SIDE`], in grey values from 0 to 255.
fn small(pictures: &[Picture], width: usize, height: usize) -> Vec<f64> {
    let (whole_width, whole_height) = (width * COLUMNS, height * (PICTURES / COLUMNS));
    let (across, down) = (weights(whole_width), weights(whole_height));
    let mut small = vec![0.0; SIDE * SIDE];
    for y in 0..whole_height {
        let mut row = [0.0; SIDE];
        for (at, (from, shares)) in across.iter().enumerate() {
            row[at] = shares
                .iter()
                .enumerate()
                .map(|(n, share)| share * grey(pictures, (width, height), from + n, y))
                .sum();
        }
        for (at, (from, shares)) in down.iter().enumerate() {
            let Some(share) = y.checked_sub(*from).and_then(|it| shares.get(it)) else { continue };
            for (sum, value) in small[at * SIDE..][..SIDE].iter_mut().zip(row) {
                *sum += share * value;
            }
        }
    }
    small
}

fn grey(pictures: &[Picture], (width, height): (usize, usize), x: usize, y: usize) -> f64 {
    let picture = &pictures[y / height * COLUMNS + x / width];
    let at = (y % height * width + x % width) * 3;
    let [red, green, blue] = [0, 1, 2].map(|it| f64::from(picture.pixels[at + it]));
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// For each of [`SIDE`] places, from which of `length` on how much of each makes it: bilinear, over all that it stands for.
fn weights(length: usize) -> Vec<(usize, Vec<f64>)> {
    let scale = length as f64 / SIDE as f64;
    let reach = scale.max(1.0);
    (0..SIDE)
        .map(|place| {
            let centre = (place as f64 + 0.5) * scale - 0.5;
            let from = (centre - reach).ceil().max(0.0) as usize;
            let to = ((centre + reach).floor() as usize).min(length - 1);
            let mut shares: Vec<f64> =
                (from..=to).map(|it| (1.0 - (it as f64 - centre).abs() / reach).max(0.0)).collect();
            let sum: f64 = shares.iter().sum();
            for share in &mut shares {
                *share /= sum;
            }
            (from, shares)
        })
        .collect()
}

/// The strengths of the slowest waves, by the second kind of the discrete cosine transform, row by row.
fn waves(small: &[f64]) -> [f64; WAVES * WAVES] {
    let wave =
        |at: usize, k: usize| (PI * k as f64 * (2 * at + 1) as f64 / (2 * SIDE) as f64).cos();
    let table: Vec<[f64; SIDE]> =
        (0..WAVES).map(|k| std::array::from_fn(|at| wave(at, k))).collect();
    let mut waves = [0.0; WAVES * WAVES];
    for (down, of_down) in table.iter().enumerate() {
        for (across, of_across) in table.iter().enumerate() {
            waves[down * WAVES + across] = small
                .chunks_exact(SIDE)
                .zip(of_down)
                .map(|(row, share)| {
                    share * row.iter().zip(of_across).map(|(it, share)| it * share).sum::<f64>()
                })
                .sum();
        }
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A film whose n-th picture is made of smooth spots that hang on `seed` and n.
    fn film(seed: usize, width: usize, height: usize, light: f64) -> Vec<Picture> {
        let picture = |n: usize| {
            let spot = |k: usize| {
                let at = (seed * 31 + n * 17 + k * 7) % 23;
                (at as f64 / 23.0, ((at * 11 + seed) % 23) as f64 / 23.0)
            };
            let (one, other) = (spot(1), spot(2));
            let mut pixels = Vec::new();
            for y in 0..height {
                for x in 0..width {
                    let (x, y) = (x as f64 / width as f64, y as f64 / height as f64);
                    let near = |spot: (f64, f64)| {
                        (-12.0 * ((x - spot.0).powi(2) + (y - spot.1).powi(2))).exp()
                    };
                    let value = (light * (140.0 * near(one) + 90.0 * near(other)) + 10.0) as u8;
                    pixels.extend([value, value / 2, value]);
                }
            }
            Picture { width, height, pixels }
        };
        (0..PICTURES).map(picture).collect()
    }

    fn apart(one: u64, other: u64) -> u32 {
        (one ^ other).count_ones()
    }

    #[test]
    fn size_and_light_change_few_bits_and_another_film_many() {
        let one = hash(&film(1, 160, 90, 1.0)).expect("a hash");
        for again in [film(1, 96, 54, 1.0), film(1, 160, 90, 0.8), film(1, 160, 120, 0.95)] {
            let again = hash(&again).expect("a hash");
            assert!(apart(one, again) <= 4, "{}", apart(one, again));
        }
        for seed in 2..8 {
            let other = hash(&film(seed, 160, 90, 1.0)).expect("a hash");
            assert!(apart(one, other) > 12, "{seed}: {}", apart(one, other));
        }
        assert!(one >> 63 == 1, "the first bit is that of the light of it all");
    }

    #[test]
    fn what_shows_nothing_has_no_hash() {
        let plain = |value: u8, n: usize| -> Vec<Picture> {
            let pixels = || vec![value; 160 * 90 * 3];
            (0..n).map(|_| Picture { width: 160, height: 90, pixels: pixels() }).collect()
        };
        assert_eq!(hash(&plain(0, PICTURES)), None);
        assert_eq!(hash(&plain(200, PICTURES)), None);
        assert_eq!(hash(&film(1, 160, 90, 1.0)[..24]), None);
        let mut torn = film(1, 160, 90, 1.0);
        torn[3].pixels.pop();
        assert_eq!(hash(&torn), None);
        assert_eq!(hash(&[]), None);
    }

    #[test]
    fn a_picture_keeps_its_light_when_it_is_made_small() {
        for length in [1, 10, 64, 800, 1420] {
            for (from, shares) in weights(length) {
                assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{length}");
                assert!(from + shares.len() <= length, "{length}");
            }
        }
    }
}
