use async_trait::async_trait;

use super::*;
use crate::Facts;

/// A provider that knows one thing.
#[derive(Debug)]
struct Shelf {
    name: &'static str,
    /// Finds the thing by this other's id.
    finds_by: &'static str,
    /// Tells this id of another, too.
    tells: Option<(&'static str, &'static str)>,
    is_down: bool,
}

#[async_trait]
impl Provider for Shelf {
    fn name(&self) -> &'static str {
        self.name
    }

    fn attribution(&self) -> Attribution {
        Attribution { name: self.name, text: "From a shelf.", url: "https://example.org/" }
    }

    fn knows(&self, subject: Subject) -> bool {
        subject == Subject::Movie
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        if self.is_down {
            return Err(ProviderError::KeyRefused);
        }
        Ok(vec![Hit::new(self.name, "1", query.title.clone())])
    }

    async fn find(
        &self,
        _: Subject,
        ids: &BTreeMap<String, String>,
        _: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        Ok(ids.contains_key(self.finds_by).then(|| Hit::new(self.name, "1", "Heat")))
    }

    async fn describe(&self, _: Subject, id: &str, _: &Locale) -> Result<Described, ProviderError> {
        let told = self.tells.map(|(name, id)| (name.to_owned(), id.to_owned()));
        let ids = [(self.name.to_owned(), id.to_owned())].into_iter().chain(told).collect();
        Ok(Described { facts: Facts { ids, ..Facts::default() }, ..Described::default() })
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        if self.is_down { Err(ProviderError::KeyRefused) } else { Ok(()) }
    }
}

fn providers() -> Providers {
    let shelf = |name, finds_by, tells, is_down| -> Arc<dyn Provider> {
        Arc::new(Shelf { name, finds_by, tells, is_down })
    };
    Providers::of(vec![
        shelf("a", "imdb", None, false),
        shelf("b", "none", Some(("imdb", "tt1")), true),
        shelf("c", "other", None, false),
    ])
}

fn query() -> Query {
    Query {
        subject: Subject::Movie,
        title: "Heat".to_owned(),
        other_titles: Vec::new(),
        year: None,
        ids: BTreeMap::new(),
        paths: Vec::new(),
        hashes: Vec::new(),
        locale: Locale::default(),
    }
}

#[tokio::test]
async fn a_search_asks_all_in_order_and_tells_who_failed() {
    let found = providers().lineup(&["c".to_owned()]).search(&query()).await;
    let order: Vec<_> = found.hits.iter().map(|it| it.provider.as_str()).collect();
    assert_eq!(order, ["c", "a"]);
    assert_eq!(found.failures, [("b", ProviderError::KeyRefused)]);
    let one = providers().lineup(&[]).only("a").search(&query()).await;
    assert_eq!(one.hits.len(), 1);
    let series = Query { subject: Subject::Series, ..query() };
    assert!(providers().lineup(&[]).search(&series).await.hits.is_empty());
}

#[tokio::test]
async fn ids_that_one_tells_find_the_thing_at_the_next() {
    let ids = BTreeMap::from([("b".to_owned(), "7".to_owned())]);
    let answers =
        providers().lineup(&[]).describe_all(Subject::Movie, &ids, &Locale::default()).await;
    let told: Vec<_> = answers.iter().map(|it| (it.provider, it.id.as_deref())).collect();
    assert_eq!(told, [("a", Some("1")), ("b", Some("7")), ("c", None)]);
    assert_eq!(answers[2].outcome, Err(ProviderError::NotFound));
}

#[tokio::test]
async fn a_key_is_checked_at_the_provider_it_is_for() {
    let lineup = providers().lineup(&[]);
    assert_eq!(lineup.check("a").await, Ok(()));
    assert_eq!(lineup.check("b").await, Err(ProviderError::KeyRefused));
    assert_eq!(lineup.check("nobody").await, Err(ProviderError::NotFound));
    assert_eq!(providers().try_out(&Settings::default(), "a").await, Ok(()));
}

#[tokio::test]
async fn no_provider_is_in_use_unless_somebody_wants_one() {
    let none = Providers::none();
    none.apply(&Settings::default()).expect("applied");
    assert!(none.lineup(&[]).is_empty());
}
