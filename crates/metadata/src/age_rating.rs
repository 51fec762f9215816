//! Age ratings of many countries on one scale: the age in years that each stands for.
//!
//! The age is that from which a person may see it alone, as the authority or the broadcasters of the country mean it; where
//! they only advise, it is the age the advice names. Symbols stand as they are written; case, spaces and the authority's
//! name before them do not count.

mod tables;

use tables::{ANYWHERE, COUNTRIES};

/// The age in years that `rating` stands for; `None` when it is unrated or of an unknown system.
///
/// Countries may stand before it (`US:PG-13`, `de/16`, `FSK 16`); of several ratings the first that is known counts.
pub fn age(rating: &str) -> Option<i16> {
    rating.split(" / ").find_map(single)
}

/// The age in years that `rating` stands for in `country` (ISO 3166-1, two letters).
pub fn age_in(country: &str, rating: &str) -> Option<i16> {
    let symbol = symbol(rating);
    if is_unrated(&symbol) {
        return None;
    }
    of_country(country, &symbol).or_else(|| of_anywhere(&symbol))
}

fn single(rating: &str) -> Option<i16> {
    let rating = rating.trim();
    if let Some((country, rest)) = rating.split_once([':', '/'])
        && let country = country.trim()
        && country.len() == 2
    {
        return age_in(country, rest);
    }
    // An authority's name tells the country as well.
    let upper = rating.to_ascii_uppercase();
    let named = tables::AUTHORITIES.iter().find(|(name, _)| {
        upper.strip_prefix(name).is_some_and(|it| !it.starts_with(|it: char| it.is_alphabetic()))
    });
    if let Some((name, country)) = named {
        return age_in(country, &upper[name.len()..]);
    }
    let symbol = symbol(rating);
    if is_unrated(&symbol) { None } else { of_anywhere(&symbol) }
}

/// Capital letters without what surrounds the symbol itself.
fn symbol(rating: &str) -> String {
    let upper = rating.trim().to_uppercase();
    let bare = upper.trim_start_matches([':', '/', '-', ' ']).trim_end_matches(['.', ' ']);
    let bare = bare.strip_prefix("RATED ").unwrap_or(bare);
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_unrated(symbol: &str) -> bool {
    [
        "",
        "NR",
        "UR",
        "UNRATED",
        "NOT RATED",
        "N/A",
        "NA",
        "NONE",
        "TBC",
        "E/C",
        "EXEMPT",
        "(BANNED)",
    ]
    .contains(&symbol)
}

fn of_country(country: &str, symbol: &str) -> Option<i16> {
    let country = country.to_ascii_uppercase();
    let (_, table) = COUNTRIES.iter().find(|(code, _)| *code == country)?;
    table.iter().find(|(name, _)| *name == symbol).map(|it| it.1)
}

/// Without a country: the symbols that only one meaning is usual for, and numbers.
fn of_anywhere(symbol: &str) -> Option<i16> {
    if let Some((_, age)) = ANYWHERE.iter().find(|(name, _)| *name == symbol) {
        return Some(*age);
    }
    // "TV-Y7", "PG-13", "NC-17", "FSK 12", "12A", "R18+", "16+": the number is the age.
    let start = symbol.find(|it: char| it.is_ascii_digit())?;
    let digits: String = symbol[start..].chars().take_while(char::is_ascii_digit).collect();
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
            ("Rated PG-13", Some(13)),
            ("US:PG-13 / DE:FSK 12", Some(13)),
            ("us:R", Some(17)),
            ("de/16", Some(16)),
            ("DE:16", Some(16)),
            ("FSK 0", Some(0)),
            ("FSK-18", Some(18)),
            ("TV-Y7", Some(7)),
            ("TV-MA", Some(17)),
            ("12A", Some(12)),
            ("R18+", Some(18)),
            ("Not Rated", None),
            ("Unrated", None),
            ("US:NR", None),
            ("US:NR / GB:15", Some(15)),
            ("", None),
            ("1999", None),
            ("AU:M", Some(15)),
            ("au:MA15+", Some(15)),
            ("CA:14A", Some(14)),
            ("SE:Btl", Some(0)),
            ("BR:L", Some(0)),
            ("IN:UA 13+", Some(13)),
            ("JP:R15+", Some(15)),
            ("ES:APTA", Some(0)),
            ("ES:TP", Some(0)),
            ("FR:U", Some(0)),
            ("FR:TP", Some(0)),
            ("NL:AL", Some(0)),
            ("KR:ALL", Some(0)),
            ("KR:15", Some(15)),
            ("MX:B15", Some(15)),
            ("MX:C", Some(18)),
            ("IE:15A", Some(15)),
            ("DK:A", Some(0)),
            ("IN:A", Some(18)),
            ("ÉÉ:é", None),
        ] {
            assert_eq!(age(rating), expect, "{rating}");
        }
    }

    #[test]
    fn one_symbol_means_what_its_country_means() {
        for (country, rating, expect) in [
            ("US", "G", Some(0)),
            ("US", "PG", Some(8)),
            ("US", "NC-17", Some(18)),
            ("GB", "PG", Some(8)),
            ("AU", "PG", Some(8)),
            ("FI", "S", Some(0)),
            ("FI", "K-16", Some(16)),
            ("NO", "A", Some(0)),
            ("DK", "A", Some(0)),
            ("IN", "A", Some(18)),
            ("PT", "M/12", Some(12)),
            ("AU", "M", Some(15)),
            ("NZ", "R16", Some(16)),
            ("IT", "VM14", Some(14)),
            ("IT", "T", Some(0)),
            ("RU", "6+", Some(6)),
            ("HK", "IIB", Some(16)),
            ("HK", "III", Some(18)),
            ("PH", "R-13", Some(13)),
            ("CA", "PG", Some(8)),
            ("CA", "G", Some(0)),
            ("DE", "0", Some(0)),
            ("DE", "", None),
            ("XX", "18", Some(18)),
        ] {
            assert_eq!(age_in(country, rating), expect, "{country} {rating}");
        }
    }

    #[test]
    fn every_table_is_in_capitals_and_says_each_symbol_once() {
        for (country, table) in COUNTRIES {
            for (position, (name, age)) in table.iter().enumerate() {
                assert_eq!(*name, symbol(name), "{country}");
                assert!((0..=21).contains(age), "{country} {name}");
                assert!(table[position + 1..].iter().all(|(it, _)| it != name), "{country} {name}");
            }
        }
    }
}
