//! The endpoints of the mail server.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Json;
use wire::{Allowed, Problem, Result, may};

use crate::Notices;
use crate::mail_server::MailServerPatch;
use crate::way::{MailServer, Security};

pub(super) fn routes() -> OpenApiRouter<Notices> {
    OpenApiRouter::new().routes(routes!(find_mail_server, update_mail_server, delete_mail_server))
}

/// The server that takes this server's mail, without its password.
#[derive(Debug, Serialize, ToSchema)]
struct MailServerView {
    /// Its name or address.
    host: String,
    /// Its port.
    port: u16,
    /// How the connection is kept from being read.
    security: Security,
    /// Who this server is to it.
    username: Option<String>,
    /// Whether a password is kept.
    has_password: bool,
    /// Whom mail is from.
    sender: String,
}

impl From<MailServer> for MailServerView {
    fn from(server: MailServer) -> Self {
        let MailServer { host, port, security, username, password, sender } = server;
        Self { host, port, security, username, has_password: password.is_some(), sender }
    }
}

/// The mail server, if there is one.
#[derive(Debug, Serialize, ToSchema)]
struct MailServerAnswer {
    /// It.
    mail_server: Option<MailServerView>,
}

/// A mail server to be used.
#[derive(Deserialize, ToSchema)]
struct MailServerInput {
    /// Its name or address: `smtp.example.org`.
    host: String,
    /// Its port; 25, 587 or 465 by its security where left out.
    port: Option<u16>,
    /// How the connection is kept from being read.
    security: Security,
    /// Who this server is to it; left out where it does not ask.
    username: Option<String>,
    /// What proves that. Left out, the one that was entered for the same host stays.
    password: Option<String>,
    /// Whom mail is from: `revenge@example.org`.
    sender: String,
}

/// The server that takes this server's mail.
#[utoipa::path(get, path = "/notices/mail-server", tag = "notices", operation_id = "find_mail_server",
    security(("session" = ["administer"])),
    responses((status = 200, body = MailServerAnswer), (status = "4XX", body = Problem)))]
async fn find_mail_server(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Administer>,
) -> Result<Json<MailServerAnswer>> {
    let mail_server = notices.find_mail_server(&viewer).await?.map(MailServerView::from);
    Ok(Json(MailServerAnswer { mail_server }))
}

/// Say which server takes this server's mail.
#[utoipa::path(put, path = "/notices/mail-server", tag = "notices", operation_id = "update_mail_server",
    request_body = MailServerInput, security(("session" = ["administer"])),
    responses((status = 200, body = MailServerAnswer), (status = "4XX", body = Problem)))]
async fn update_mail_server(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Json(input): Json<MailServerInput>,
) -> Result<Json<MailServerAnswer>> {
    let MailServerInput { host, port, security, username, password, sender } = input;
    let patch = MailServerPatch { host, port, security, username, password, sender };
    let mail_server = Some(notices.update_mail_server(&viewer, patch).await?.into());
    Ok(Json(MailServerAnswer { mail_server }))
}

/// Send no mail any more.
#[utoipa::path(delete, path = "/notices/mail-server", tag = "notices", operation_id = "delete_mail_server",
    security(("session" = ["administer"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_mail_server(
    State(notices): State<Notices>,
    Allowed(viewer, ..): Allowed<may::Administer>,
) -> Result<StatusCode> {
    notices.delete_mail_server(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}
