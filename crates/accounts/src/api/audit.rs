//! The endpoint of who did what.

use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Cursor, Limit, Page};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use wire::extract::{Json, Query};
use wire::{Allowed, Problem, Result, may};

use crate::Accounts;
use crate::audit::{Act, AuditFilter};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// Which acts, and where in the list to go on.
#[derive(Debug, Deserialize, IntoParams)]
struct AuditQuery {
    /// Of this person.
    person: Option<PersonId>,
    /// Of this kind: `sign_in`, `sign_in_failed`, `password_changed` and so on.
    action: Option<String>,
    /// Not before this.
    from: Option<DateTime<Utc>>,
    /// Before this.
    until: Option<DateTime<Utc>>,
    /// Rows at the most, 1 to 500.
    limit: Option<u16>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// One security-relevant act.
#[derive(Debug, Serialize, ToSchema)]
struct AuditView {
    /// Its id.
    id: Uuid,
    /// When.
    at: DateTime<Utc>,
    /// By or upon whom; null for a failed sign-in under an unknown name, and for the command line.
    person_id: Option<PersonId>,
    /// What they are called, while they have an account.
    person: Option<String>,
    /// What was done.
    action: String,
    /// To what, in words.
    subject: String,
    /// From where; empty where it came from no address.
    address: String,
}

/// List who did what, the newest first.
#[utoipa::path(get, path = "/audit", tag = "accounts", operation_id = "list_audit", params(AuditQuery),
    security(("session" = ["see_audit"])),
    responses((status = 200, body = Page<AuditView>), (status = "4XX", body = Problem)))]
async fn list_audit(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::SeeAudit>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditView>>> {
    let AuditQuery { person, action, from, until, limit, cursor } = query;
    let after = cursor.as_deref().map(Cursor::decode).transpose()?;
    let filter = AuditFilter { person, action, from, until };
    let page = accounts.list_audit(&viewer, &filter, after, Limit::new(limit)).await?;
    Ok(Json(page.map(|it| {
        let Act { id, at, person_id, person_name, action, subject, address } = it;
        AuditView { id, at, person_id, person: person_name, action, subject, address }
    })))
}
