//! Age ratings of several countries on one scale: the age in years that each stands for.

/// Letters and words that name an age without a number in them.
const NAMED: &[(&str, i16)] = &[
    // United States, films and television.
    ("G", 0),
    ("PG", 8),
    ("R", 17),
    ("X", 18),
    ("TV-Y", 0),
    ("TV-G", 0),
    ("TV-PG", 8),
    ("TV-MA", 17),
    // United Kingdom, Australia, New Zealand.
    ("U", 0),
    ("UC", 0),
    ("M", 15),
    // Spain, France, Italy, India.
    ("APTA", 0),
    ("TP", 0),
    ("T", 0),
    ("UA", 12),
    ("A", 18),
    // Netherlands.
    ("AL", 0),
];

/// The age in years that `rating` stands for; `None` when it is unrated or of an unknown system.
///
/// Countries may stand before it (`US:PG-13`, `de/16`, `FSK 16`); of several ratings the first that is known counts.
pub fn age(rating: &str) -> Option<i16> {
    rating.split(" / ").find_map(single)
}

fn single(rating: &str) -> Option<i16> {
    let bare = rating.rsplit([':', '/']).next().unwrap_or(rating).trim().to_ascii_uppercase();
    let bare = bare.strip_prefix("RATED ").unwrap_or(&bare);
    if let Some((_, age)) = NAMED.iter().find(|(name, _)| *name == bare) {
        return Some(*age);
    }
    // "TV-Y7", "PG-13", "NC-17", "FSK 12", "12A", "R18+", "16+": the number is the age.
    let start = bare.find(|it: char| it.is_ascii_digit())?;
    let digits: String = bare[start..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|age| *age <= 21)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_of_several_countries_fall_on_one_scale() {
        for (rating, expect) in [
            ("PG-13", Some(13)),
            ("Rated R", Some(17)),
            ("US:PG-13 / DE:FSK 12", Some(13)),
            ("de/16", Some(16)),
            ("FSK 0", Some(0)),
            ("TV-Y7", Some(7)),
            ("TV-MA", Some(17)),
            ("12A", Some(12)),
            ("R18+", Some(18)),
            ("Not Rated", None),
            ("", None),
            ("1999", None),
        ] {
            assert_eq!(age(rating), expect, "{rating}");
        }
    }
}
