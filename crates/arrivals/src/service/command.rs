//! A whole import on the owner's word at the command line: all stages in one go, beside a running server or without one.

use ::jobs::JobError;
use catalog::arrival::{ArrivalState, NewArrival};
use kernel::id::PersonId;
use kernel::{Error, Result};

use super::{Arrivals, From, Import, Watch, import};
use crate::find::PathRule;
use crate::plan::{Plan, Target};
use crate::source::Source;

/// What the owner says beside where to read.
#[derive(Clone, Debug, Default)]
pub struct Commanded {
    /// Who is who: a name there, and what becomes of them.
    pub people: Vec<(String, Mapping)>,
    /// Which folder is which.
    pub paths: Vec<PathRule>,
    /// New accounts see all libraries.
    pub new_people_see_all: bool,
    /// Nothing is written; the import is forgotten again.
    pub is_dry: bool,
}

/// What becomes of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// They are called so here; whoever is not there yet gets an account.
    Called(String),
    /// Nothing of theirs is brought.
    Skipped,
}

impl Arrivals {
    /// Does all of it, and says what became of it.
    pub async fn import_unscoped(
        &self,
        source: Source,
        from: From,
        commanded: Commanded,
        watch: &dyn Watch,
    ) -> Result<Import, JobError> {
        let (asked, origin) = self.asked(source, from)?;
        let new = NewArrival {
            source: source.as_str().to_owned(),
            origin,
            asked: self.seal(&asked).await?,
        };
        let id = self.catalog.create_arrival(new).await?.id;
        let done = self.import_all(id, &commanded, watch).await;
        let outcome = import(self.catalog.find_arrival(id).await?)?;
        if commanded.is_dry || done.is_err() {
            self.catalog.delete_arrival(id).await?;
        }
        done.map(|()| outcome)
    }

    async fn import_all(
        &self,
        id: catalog::arrival::ArrivalId,
        commanded: &Commanded,
        watch: &dyn Watch,
    ) -> Result<(), JobError> {
        self.read(&self.catalog.find_arrival(id).await?, watch).await?;
        let known = self.people().await?;
        let plan = import(self.catalog.find_arrival(id).await?)?.plan;
        let mut plan = plan.ok_or(Error::NotFound("import"))?;
        tell(&mut plan, commanded, &known)?;
        self.keep_plan(id, &plan).await?;
        self.check(&self.catalog.find_arrival(id).await?, watch).await?;
        if commanded.is_dry {
            return Ok(());
        }
        let settled = self.make_people(None, plan).await?;
        self.keep_plan(id, &settled).await?;
        self.bring(&self.catalog.find_arrival(id).await?, watch).await?;
        self.catalog.set_arrival_state(id, ArrivalState::Done, None).await?;
        Ok(())
    }
}

/// Has the plan say what the owner says.
fn tell(plan: &mut Plan, commanded: &Commanded, known: &[(PersonId, String)]) -> Result<()> {
    for (name, mapping) in &commanded.people {
        let person = plan.people.iter_mut().find(|it| it.name.eq_ignore_ascii_case(name));
        let person = person
            .ok_or_else(|| Error::invalid("person", format!("nobody there is called {name}")))?;
        person.to = match mapping {
            Mapping::Skipped => Target::Nobody,
            Mapping::Called(name) => {
                let same = known.iter().find(|it| it.1.to_lowercase() == name.to_lowercase());
                match same {
                    Some((person_id, _)) => Target::Person { person_id: *person_id },
                    None => Target::New { name: accounts::person::checked_name(name)? },
                }
            }
        };
    }
    plan.paths.clone_from(&commanded.paths);
    plan.new_people_see_all = commanded.new_people_see_all;
    Ok(())
}
