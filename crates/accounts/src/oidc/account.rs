//! The account of whom a provider signed in: found, made by rule, and given what the rules say.

use kernel::id::PersonId;
use kernel::{Error, Result};
use sqlx::PgConnection;

use super::provider::{Claimed, Provider};
use super::{Invited, refusal};
use crate::invitation::Newcomer;
use crate::{Accounts, Device, person, store};

/// Characters that people's names keep.
const MAX_NAME: usize = 64;

impl Accounts {
    /// Whose account it is, made where an invitation or a rule says so.
    pub(super) async fn find_or_make(
        &self,
        db: &mut PgConnection,
        provider: &Provider,
        claimed: &Claimed,
        invited: Option<Invited>,
        device: &Device,
    ) -> Result<PersonId> {
        let now = self.0.clock.now();
        let Provider { settings, .. } = provider;
        if let Some(person) =
            store::identity::use_identity(db, &settings.issuer, &claimed.subject, now).await?
        {
            let found = store::person::find_person(db, person).await?;
            return found
                .filter(|it| !it.is_disabled)
                .map(|it| it.id)
                .ok_or_else(refusal::no_account);
        }
        let makes =
            settings.makes_account(&claimed.groups) && store::person::has_people(db).await?;
        if invited.is_none() && !makes {
            return Err(refusal::no_account());
        }
        let name = name_of(&claimed.name).ok_or_else(|| {
            Error::invalid("name", "the provider does not say what you are called")
        })?;
        if let Some(Invited { token, language }) = invited {
            let newcomer = Newcomer { name: &name, password_hash: "", language: &language };
            let invitation = self.valid(db, &token).await?.id;
            let person = self.make_invited(db, invitation, newcomer, device).await;
            let person = person.map_err(|error| match error {
                Error::Conflict { .. } => refusal::name_taken(),
                error => error,
            })?;
            self.insert_identity(db, provider, person, claimed).await?;
            return Ok(person);
        }
        let role = settings.role_by_rule(&claimed.groups).unwrap_or(&settings.role);
        let role = self.role_named(db, role).await?.ok_or_else(|| {
            Error::Internal(anyhow::anyhow!("sign_in.oidc: there is no role {role}"))
        })?;
        let person = self.make_without_password(db, &name, &role, device).await?;
        self.insert_identity(db, provider, person, claimed).await?;
        Ok(person)
    }

    pub(super) async fn insert_identity(
        &self,
        db: &mut PgConnection,
        provider: &Provider,
        person: PersonId,
        claimed: &Claimed,
    ) -> Result<()> {
        let now = self.0.clock.now();
        let (id, issuer) = (self.ids().next(), &*provider.settings.issuer);
        let name: String =
            claimed.name.chars().filter(|it| !it.is_control()).take(MAX_NAME).collect();
        let row = store::identity::IdentityRow {
            id,
            person,
            issuer,
            subject: &claimed.subject,
            name: &name,
        };
        store::identity::insert_identity(db, &row, now).await
    }

    /// Gives a person the role and the libraries that the provider's rules say; tells whose sessions to forget.
    pub(super) async fn apply_rules(
        &self,
        db: &mut PgConnection,
        provider: &Provider,
        id: PersonId,
        groups: &[String],
    ) -> Result<Option<store::believed::Believed>> {
        let settings = &provider.settings;
        let Some(mut person) = store::person::find_person(db, id).await? else { return Ok(None) };
        let before = person.clone();
        if let Some(name) = settings.role_by_rule(groups) {
            if let Some(role) = self.role_named(db, name).await? {
                person.role = role;
            } else {
                tracing::warn!(role = name, provider = settings.id, "oidc.no_such_role");
            }
        }
        if let Some(given) = settings.libraries_by_rule(groups) {
            let known = (self.0.library_names)().await?;
            for name in given.names.iter().filter(|it| known.iter().all(|(_, name)| name != *it)) {
                tracing::warn!(library = name, provider = settings.id, "oidc.no_such_library");
            }
            person.all_libraries = given.all;
            let given = known.into_iter().filter(|(_, name)| given.names.contains(name));
            person.library_ids = given.map(|it| it.0).collect();
        }
        let mut is_same = before.role.id == person.role.id
            && before.all_libraries == person.all_libraries
            && before.library_ids.len() == person.library_ids.len()
            && before.library_ids.iter().all(|it| person.library_ids.contains(it));
        if !is_same {
            store::person::update_person(db, &person, &person::name_key(&person.name)).await?;
            store::person::update_grants(db, id, &person.library_ids).await?;
            if store::person::count_administrators(db).await? == 0 {
                // A rule never leaves a server that nobody can administer.
                tracing::warn!(provider = settings.id, "oidc.last_administrator");
                person.role = before.role;
                store::person::update_person(db, &person, &person::name_key(&person.name)).await?;
                is_same = before.all_libraries == person.all_libraries;
            }
        }
        if is_same {
            return Ok(None);
        }
        let now = self.0.clock.now();
        let subject = format!("{} ({})", person.name, person.role.name);
        store::audit::insert_audit(db, now, Some(id), "person_changed_by_provider", &subject, "")
            .await?;
        store::believed::of_person(db, id).await.map(Some)
    }
}

/// A name as an account may have it, of what a provider says: without the domain of an address of mail.
fn name_of(claimed: &str) -> Option<String> {
    let name: String = claimed.chars().filter(|it| !it.is_control()).collect();
    let name = name.split_once('@').map_or(&*name, |(local, _)| local).trim();
    let name: String = name.chars().take(MAX_NAME).collect();
    person::checked_name(&name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_people_are_called() {
        let check = |claimed: &str, expect: Option<&str>| {
            assert_eq!(name_of(claimed).as_deref(), expect, "{claimed:?}");
        };
        check("ana", Some("ana"));
        check(" Ana Nováková ", Some("Ana Nováková"));
        check("ana@example.org", Some("ana"));
        check("a\nna", Some("ana"));
        check("@example.org", None);
        check("", None);
        assert_eq!(name_of(&"x".repeat(100)).expect("a name").len(), MAX_NAME);
    }
}
