//! What people are kept from, and who may decide it.

use kernel::{Error, Hours, MAX_AGE, Parental, Permission, Result, Viewer};
use sqlx::PgConnection;

use crate::{Accounts, store};

/// The most tags that are blocked, or allowed.
const MAX_TAGS: usize = 100;
/// The longest name of a tag, in characters.
const MAX_TAG_CHARS: usize = 100;

impl Accounts {
    /// As it will be kept: tags written as the catalog writes them, each once.
    pub(crate) fn checked_parental(&self, given: &Parental) -> Result<Parental> {
        if given.max_age.is_some_and(|it| it > MAX_AGE) {
            return Err(Error::invalid("parental.max_age", "must be from 0 to 21"));
        }
        let blocked_tags = self.checked_tags("parental.blocked_tags", &given.blocked_tags)?;
        let allowed_tags = self.checked_tags("parental.allowed_tags", &given.allowed_tags)?;
        let hours = Hours::checked("parental.hours", given.hours.spans().to_vec())?;
        Ok(Parental { blocked_tags, allowed_tags, hours, ..*given })
    }

    fn checked_tags(&self, field: &'static str, tags: &[String]) -> Result<Vec<String>> {
        if tags.len() > MAX_TAGS {
            return Err(Error::invalid(field, "must be 100 tags at the most"));
        }
        let mut checked = Vec::with_capacity(tags.len());
        for tag in tags {
            if tag.chars().count() > MAX_TAG_CHARS || tag.contains('\0') {
                return Err(Error::invalid(field, "a tag has at most 100 characters"));
            }
            let folded = (self.0.fold_tag)(tag);
            if folded.is_empty() {
                return Err(Error::invalid(field, "a tag has letters or digits"));
            }
            checked.push(folded);
        }
        checked.sort_unstable();
        checked.dedup();
        Ok(checked)
    }

    /// Goes on only where `viewer` is kept from no more than `parental` says: who is kept from something themselves does not
    /// reach it through somebody else's account.
    pub(crate) async fn require_sight(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        parental: &Parental,
    ) -> Result<()> {
        if viewer.can(Permission::Administer) {
            return Ok(());
        }
        let me = store::person::find_person(db, viewer.person_id)
            .await?
            .ok_or(Error::Unauthenticated)?;
        if parental.is_within(&me.parental) {
            Ok(())
        } else {
            Err(Error::Forbidden("decide about accounts that are kept from less than you"))
        }
    }
}
