use kernel::id::LibraryId;
use kernel::{Cursor, Guard};
use testkit::database::rolled_back;

use super::*;
use crate::sample::{
    NewItem, analyze, insert_item, insert_library, insert_many_items, insert_plays_of_all,
};
use crate::{migrations, sample};

const DIRECTIONS: [Direction; 2] = [Direction::Asc, Direction::Desc];

async fn plan(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    wanted: &Wanted<'_>,
) -> String {
    let sql = format!("EXPLAIN {}", list_sql(wanted, scope));
    let limit = Limit::new(None);
    let rows = bound(sql, scope, person, wanted, &[], limit).fetch_all(db).await.expect("a plan");
    rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
}

/// Two libraries of some thousand items, half of them played by the person.
async fn stock(db: &mut PgConnection, person: PersonId) -> [LibraryId; 2] {
    let libraries = [insert_library(db, "Films").await, insert_library(db, "More films").await];
    for library in libraries {
        insert_many_items(db, library, 4000).await;
        insert_plays_of_all(db, person.0, library).await;
    }
    analyze(db).await;
    libraries
}

#[tokio::test]
async fn every_sort_uses_an_index() {
    let mut db = rolled_back(&migrations(), "catalog,public").await;
    let person = sample::viewer(1, []).person_id;
    let libraries = stock(&mut db, person).await;
    let filter = ItemFilter::default();
    for sort in ItemSort::ALL {
        for direction in DIRECTIONS {
            let first = Wanted { filter: &filter, sort, direction, after: None };
            let kept = Guard { hidden: vec![-19], wanted: Vec::new() };
            for scope in [
                LibraryScope::of([libraries[0]]),
                LibraryScope::of(libraries),
                LibraryScope::of(libraries).guarded(kept),
            ] {
                let limit = Limit::new(None);
                let rows =
                    list_items(&mut db, &scope, person, &first, limit).await.expect("a page");
                let after = rows.last().map(|it| it.0.clone());
                assert!(after.is_some(), "{sort:?} lists something");
                for after in [None, after.as_ref()] {
                    let wanted = Wanted { after, ..first };
                    let plan = plan(&mut db, &scope, person, &wanted).await;
                    let case = format!("{sort:?} {direction:?} next={} {plan}", after.is_some());
                    assert!(!plan.contains("Seq Scan on item"), "{case}");
                    assert!(!plan.contains("Seq Scan on group_progress"), "{case}");
                    // Several libraries: only the few first rows of each are sorted, above the loop over them.
                    let sorts = plan.matches("Sort").count() - plan.matches("Sort Key").count();
                    let merges = usize::from(scope.ids().len() > 1);
                    assert!(sorts <= merges, "{case}");
                    if merges == 1 {
                        let (sort, looped) = (plan.find("Sort"), plan.find("Nested Loop"));
                        assert!(sort < looped && looped.is_some(), "{case}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn pages_walk_the_whole_list_while_items_are_added() {
    let mut db = rolled_back(&migrations(), "catalog,public").await;
    let person = sample::viewer(1, []).person_id;
    let libraries = [insert_library(&mut db, "Films").await, insert_library(&mut db, "More").await];
    for library in libraries {
        insert_many_items(&mut db, library, 150).await;
        insert_plays_of_all(&mut db, person.0, library).await;
    }
    let filter = ItemFilter::default();
    let limit = Limit::new(Some(7));
    for scope in [LibraryScope::of([libraries[0]]), LibraryScope::of(libraries)] {
        for sort in ItemSort::ALL {
            for direction in DIRECTIONS {
                let all = Wanted { filter: &filter, sort, direction, after: None };
                let whole = list_items(&mut db, &scope, person, &all, Limit::new(Some(500))).await;
                let before: Vec<_> =
                    whole.expect("the whole list").into_iter().map(|it| it.1.id).collect();
                let mut seen = Vec::new();
                let mut after: Option<Place> = None;
                loop {
                    let wanted = Wanted { after: after.as_ref(), ..all };
                    let rows =
                        list_items(&mut db, &scope, person, &wanted, limit).await.expect("a page");
                    let page = kernel::Page::of(rows, limit, |it| it.0.clone());
                    seen.extend(page.items.iter().map(|it| it.1.id));
                    let Some(next) = page.next else { break };
                    after = Some(Cursor::decode(&next).expect("our own cursor"));
                    let title = format!(
                        "Added {sort:?} {direction:?} {} {}",
                        seen.len(),
                        scope.ids().len()
                    );
                    let id =
                        kernel::id::ItemId(uuid::Uuid::from_u128(0xA0 << 120 | fastrand(&title)));
                    insert_item(&mut db, id, NewItem::film(libraries[0], &title)).await;
                }
                let mut unique = seen.clone();
                unique.sort_unstable();
                unique.dedup();
                assert_eq!(unique.len(), seen.len(), "{sort:?} {direction:?} repeats nothing");
                seen.retain(|it| before.contains(it));
                assert_eq!(seen, before, "{sort:?} {direction:?} leaves nothing out");
            }
        }
    }
}

/// A number that is the same for the same text and hardly for another.
fn fastrand(text: &str) -> u128 {
    u128::from(xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
}

#[tokio::test]
async fn filters_leave_in_what_they_say() {
    let mut db = rolled_back(&migrations(), "catalog,public").await;
    let person = sample::viewer(1, []).person_id;
    let library = insert_library(&mut db, "Films").await;
    let scope = LibraryScope::of([library]);
    let ids = kernel::id::Ids::new(kernel::Clock::manual(sample::at(1)), kernel::Rng::seeded(1));
    for (title, year) in
        [("Akira", Some(1988)), ("Alien", Some(1979)), ("Brazil", Some(1985)), ("9", None)]
    {
        let id = ids.next();
        insert_item(&mut db, id, NewItem { year, ..NewItem::film(library, title) }).await;
        if title == "Akira" {
            sample::run(&mut db, "INSERT INTO favourite (person_id, item_id, item_key) VALUES ('00000000-0000-0000-0000-000000000001', $1, 'movie:Akira')", id).await;
            sample::run(&mut db, "WITH genre AS (INSERT INTO label (kind, name, identity) VALUES ('genre', 'Animation', 'animation') RETURNING id) INSERT INTO item_label (item_id, label_id) SELECT $1, id FROM genre", id).await;
        }
        if title == "Brazil" {
            sample::run(&mut db, "INSERT INTO progress (person_id, item_id, item_key, is_played, last_played_at) VALUES ('00000000-0000-0000-0000-000000000001', $1, 'movie:Brazil', TRUE, now())", id).await;
        }
        if title == "Alien" {
            sample::run(&mut db, "UPDATE item SET kind = 'documentary' WHERE id = $1", id).await;
        }
    }
    let cases = [
        (ItemFilter::default(), vec!["9", "Akira", "Alien", "Brazil"]),
        (
            ItemFilter { starts_with: Some("A".to_owned()), ..Default::default() },
            vec!["Akira", "Alien"],
        ),
        (ItemFilter { starts_with: Some("al".to_owned()), ..Default::default() }, vec!["Alien"]),
        (ItemFilter { starts_with: Some("#".to_owned()), ..Default::default() }, vec!["9"]),
        (ItemFilter { year_from: Some(1980), ..Default::default() }, vec!["Akira", "Brazil"]),
        (ItemFilter { year_to: Some(1985), ..Default::default() }, vec!["Alien", "Brazil"]),
        (ItemFilter { genre: Some("animation".to_owned()), ..Default::default() }, vec!["Akira"]),
        (ItemFilter { favourite: true, ..Default::default() }, vec!["Akira"]),
        (ItemFilter { played: Some(true), ..Default::default() }, vec!["Brazil"]),
        (ItemFilter { played: Some(false), ..Default::default() }, vec!["9", "Akira", "Alien"]),
        (ItemFilter { kind: Some("documentary".to_owned()), ..Default::default() }, vec!["Alien"]),
    ];
    for (filter, titles) in cases {
        let wanted = Wanted {
            filter: &filter,
            sort: ItemSort::Title,
            direction: Direction::Asc,
            after: None,
        };
        let rows =
            list_items(&mut db, &scope, person, &wanted, Limit::new(None)).await.expect("a page");
        let seen: Vec<_> = rows.iter().map(|it| it.1.title.as_str()).collect();
        assert_eq!(seen, titles, "{filter:?}");
    }
}
