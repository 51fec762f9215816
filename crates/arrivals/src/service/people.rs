//! Who people are here.

use accounts::NewPerson;
use kernel::id::PersonId;
use kernel::{BuiltInRole, Limit, Result, Viewer};

use super::Arrivals;
use crate::plan::{Plan, Target};
use crate::source::words;

/// Bytes of a password that nobody is told.
const SECRET_BYTES: usize = 24;

impl Arrivals {
    /// Everybody with an account, by id and name.
    pub(super) async fn people(&self) -> Result<Vec<(PersonId, String)>> {
        let mut people = Vec::new();
        let mut after = None;
        loop {
            let limit = Limit::new(Some(Limit::MAX));
            let page = self.accounts.list_people_unscoped(after, limit).await?;
            after = page.items.last().map(|it| it.id);
            people.extend(page.items.into_iter().map(|it| (it.id, it.name)));
            if page.next.is_none() || after.is_none() {
                return Ok(people);
            }
        }
    }

    /// Makes the accounts that the plan names. They may what members may, and have a password that nobody knows: no hash of
    /// the other server is taken over. Without a viewer the owner asks, at the command line.
    pub(super) async fn make_people(
        &self,
        viewer: Option<&Viewer>,
        mut plan: Plan,
    ) -> Result<Plan> {
        let all_libraries = plan.new_people_see_all;
        for person in &mut plan.people {
            let Target::New { name } = &person.to else { continue };
            let secret: [u8; SECRET_BYTES] = self.rng.bytes();
            let new = NewPerson {
                name: name.clone(),
                password: words::hex(&secret),
                role_id: accounts::role::id_of(BuiltInRole::Member),
                all_libraries,
                library_ids: Vec::new(),
            };
            let made = match viewer {
                Some(viewer) => self.accounts.create_person(viewer, new).await?,
                None => self.accounts.create_person_unscoped(new).await?,
            };
            person.to = Target::Person { person_id: made.id };
        }
        Ok(plan)
    }
}
