use super::*;

fn offer(provider: &str, id: &str, title: &str, year: Option<i32>, ids: &[(&str, &str)]) -> Offer {
    let mut hit = Hit::new(provider, id, title);
    hit.year = year;
    hit.ids = ids.iter().map(|(name, id)| ((*name).to_owned(), (*id).to_owned())).collect();
    Offer::of(Subject::Movie, hit)
}

#[test]
fn what_several_providers_offer_is_one_title() {
    let mut series = offer("tmdb", "1", "Open Sky", Some(2001), &[]);
    series.subject = Subject::Series;
    let found = merged(vec![
        (0.7, offer("tmdb", "9", "Open Skies", Some(2003), &[])),
        (0.9, offer("tmdb", "1", "Open Sky", Some(2001), &[("imdb", "tt1")])),
        (0.8, offer("wikidata", "Q1", "Ciel ouvert", None, &[("imdb", "tt1")])),
        (0.8, offer("omdb", "tt7", "The Open Sky", Some(2001), &[])),
        // Another film of that name and year, which its provider tells apart.
        (0.9, offer("tmdb", "2", "Open Sky", Some(2001), &[])),
        (0.9, series),
    ]);
    let shown: Vec<_> = found.iter().map(|it| (it.subject, it.id.as_str())).collect();
    let expected = [
        (Subject::Movie, "1"),
        (Subject::Movie, "2"),
        (Subject::Series, "1"),
        (Subject::Movie, "9"),
    ];
    assert_eq!(shown, expected);
    let ids: Vec<_> = found[0].ids.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    assert_eq!(ids, [("imdb", "tt1"), ("omdb", "tt7"), ("tmdb", "1"), ("wikidata", "Q1")]);
}
