//! Who is who, and which folder is which: what an administrator decides before anything is written. Pure.

use kernel::id::PersonId;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::find::PathRule;
use crate::source::{Household, MAX_PEOPLE, Person};

/// Folders that an administrator may name.
const MAX_RULES: usize = 100;
/// Letters of a folder at the most.
const MAX_FOLDER: usize = 1_000;

/// What is to be brought, and to whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportPlan)]
pub struct Plan {
    /// Each person of the other server.
    pub people: Vec<PersonPlan>,
    /// Folders of the other machine, and where they are here, where that does not show by itself.
    #[serde(default)]
    pub paths: Vec<PathRule>,
    /// Sets are brought.
    pub collections: bool,
    /// New accounts see all libraries; else an administrator says what they see.
    #[serde(default)]
    pub new_people_see_all: bool,
}

/// What becomes of a person of the other server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportPerson)]
pub struct PersonPlan {
    /// Their id there.
    pub source_id: String,
    /// Their name there.
    pub name: String,
    /// Who they are here.
    pub to: Target,
}

/// Who somebody is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = ImportTarget)]
pub enum Target {
    /// Nobody: nothing of theirs is brought.
    Nobody,
    /// Somebody who has an account.
    Person {
        /// Whose.
        person_id: PersonId,
    },
    /// Somebody who gets one, without a password that anybody knows: who looks after people gives them one.
    New {
        /// How they sign in.
        name: String,
    },
}

impl Plan {
    /// The first guess: people of the same name are the same, and the others are new.
    pub fn guess(household: &Household, known: &[(PersonId, String)]) -> Self {
        let mut taken: Vec<PersonId> = Vec::new();
        let has_lists = |person: &Person| household.lists.iter().any(|it| it.person == person.id);
        let people = household.people.iter().map(|person| {
            let same = known.iter().find(|(id, name)| {
                name.to_lowercase() == person.name.to_lowercase() && !taken.contains(id)
            });
            let to = match same {
                Some((id, _)) => {
                    taken.push(*id);
                    Target::Person { person_id: *id }
                }
                None if person.states.is_empty() && !has_lists(person) => Target::Nobody,
                None => Target::New { name: person.name.chars().take(64).collect() },
            };
            PersonPlan { source_id: person.id.clone(), name: person.name.clone(), to }
        });
        Self {
            people: people.collect(),
            collections: true,
            paths: Vec::new(),
            new_people_see_all: false,
        }
    }

    /// The plan as it will be kept: of these people and no others, within its bounds.
    pub fn checked(mut self, before: &Self, known: &[(PersonId, String)]) -> Result<Self> {
        if self.people.len() > MAX_PEOPLE {
            return Err(Error::invalid("people", "too many"));
        }
        if self.paths.len() > MAX_RULES {
            return Err(Error::invalid("paths", format!("at most {MAX_RULES}")));
        }
        for rule in &self.paths {
            let is_folder = |it: &str| (1..=MAX_FOLDER).contains(&it.trim().len());
            if !is_folder(&rule.from) || !is_folder(&rule.to) {
                return Err(Error::invalid("paths", "name a folder there and one here"));
            }
        }
        for person in &mut self.people {
            let there = before.people.iter().find(|it| it.source_id == person.source_id);
            let there =
                there.ok_or_else(|| Error::invalid("people", "nobody there has this id"))?;
            person.name.clone_from(&there.name);
            match &mut person.to {
                Target::Person { person_id } if !known.iter().any(|it| it.0 == *person_id) => {
                    return Err(Error::invalid("people", "nobody here has this id"));
                }
                Target::New { name } => *name = accounts::person::checked_name(name)?,
                Target::Nobody | Target::Person { .. } => {}
            }
        }
        Ok(self)
    }

    /// Who somebody of the other server is here.
    pub fn target(&self, source_id: &str) -> &Target {
        let found = self.people.iter().find(|it| it.source_id == source_id);
        found.map_or(&Target::Nobody, |it| &it.to)
    }
}
