//! Cast and crew in TMDb's answers.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use crate::document::{Many, Number, Text};
use crate::{Credit, Role};

use super::pictures::Pictures;

/// Beyond these, lists of the largest productions hold hundreds of people nobody looks for.
const MAX_CAST: usize = 200;
const MAX_CREW: usize = 100;

/// People of a film, an episode or, joined over its episodes, a series.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct People {
    pub cast: Many<Player>,
    pub crew: Many<Worker>,
    pub guest_stars: Many<Player>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Player {
    id: Text,
    name: Text,
    profile_path: Text,
    character: Text,
    order: Number,
    /// Of a series: every character over all episodes.
    roles: Many<Part>,
    total_episode_count: Number,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Worker {
    id: Text,
    name: Text,
    profile_path: Text,
    department: Text,
    job: Text,
    /// Of a series: every job over all episodes.
    jobs: Many<Part>,
    total_episode_count: Number,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Part {
    character: Text,
    job: Text,
    episode_count: Number,
}

/// Who created a series.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Creator {
    id: Text,
    name: Text,
    profile_path: Text,
}

pub(super) fn credits(people: &People, creators: &[Creator], pictures: &Pictures) -> Vec<Credit> {
    let mut credits: Vec<Credit> = creators
        .iter()
        .filter_map(|it| person(&it.id, &it.name, &it.profile_path, Role::Creator, pictures))
        .collect();
    credits.extend(crew(&people.crew, pictures));
    credits.extend(cast(&people.cast, Role::Actor, pictures));
    credits.extend(cast(&people.guest_stars, Role::Guest, pictures));
    // One person may hold many jobs of one role; each role is said once.
    let mut seen = HashSet::new();
    credits.retain(|it| {
        let part = it.character.clone();
        seen.insert((it.name.clone(), it.role, part))
    });
    credits
}

fn cast(players: &[Player], role: Role, pictures: &Pictures) -> Vec<Credit> {
    let mut players: Vec<&Player> = players.iter().collect();
    players.sort_by_key(|it| it.order.int().unwrap_or(i32::MAX));
    let credits = players.into_iter().take(MAX_CAST).filter_map(|it| {
        let main = it.roles.iter().max_by_key(|it| it.episode_count.int().unwrap_or_default());
        let character = main.map_or(&it.character, |it| &it.character);
        Some(Credit {
            character: character.get().map(str::to_owned),
            episode_count: it.total_episode_count.int(),
            ..person(&it.id, &it.name, &it.profile_path, role, pictures)?
        })
    });
    credits.collect()
}

fn crew(workers: &[Worker], pictures: &Pictures) -> Vec<Credit> {
    let mut credits: Vec<Credit> = workers
        .iter()
        .flat_map(|it| {
            let jobs: Vec<&Text> = if it.jobs.is_empty() {
                vec![&it.job]
            } else {
                it.jobs.iter().map(|it| &it.job).collect()
            };
            jobs.into_iter().filter_map(move |job| {
                let role = role(it.department.get().unwrap_or_default(), job.get()?);
                Some(Credit {
                    job: job.get().map(str::to_owned),
                    episode_count: it.total_episode_count.int(),
                    ..person(&it.id, &it.name, &it.profile_path, role, pictures)?
                })
            })
        })
        .collect();
    credits.sort_by_key(|it| it.role);
    credits.truncate(MAX_CREW);
    credits
}

fn person(
    id: &Text,
    name: &Text,
    portrait: &Text,
    role: Role,
    pictures: &Pictures,
) -> Option<Credit> {
    let ids = id.id().map(|it| ("tmdb".to_owned(), it));
    Some(Credit {
        picture: pictures.portrait(portrait),
        ids: BTreeMap::from_iter(ids),
        ..Credit::new(name.get()?, role)
    })
}

/// Our role of one of its departments and jobs.
fn role(department: &str, job: &str) -> Role {
    match (department, job) {
        (_, "Director" | "Co-Director" | "Series Director") => Role::Director,
        (_, "Director of Photography" | "Cinematography") => Role::Cinematographer,
        (_, "Casting" | "Casting Director") => Role::Casting,
        (_, "Original Music Composer" | "Music" | "Composer" | "Main Title Theme Composer") => {
            Role::Composer
        }
        (_, "Editor" | "Co-Editor") => Role::Editor,
        (
            _,
            "Writer"
            | "Screenplay"
            | "Story"
            | "Author"
            | "Novel"
            | "Characters"
            | "Teleplay"
            | "Original Story"
            | "Original Series Creator"
            | "Comic Book"
            | "Short Story"
            | "Book",
        ) => Role::Writer,
        (_, "Producer" | "Executive Producer" | "Co-Producer" | "Co-Executive Producer") => {
            Role::Producer
        }
        (_, "Creator") => Role::Creator,
        ("Art" | "Costume & Make-Up" | "Visual Effects", _) => Role::Design,
        ("Sound", _) => Role::Sound,
        _ => Role::Crew,
    }
}
