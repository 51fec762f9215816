//! The endpoints that sign somebody in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Json;
use wire::{Problem, Result};

use super::asked::Asked;
use super::{SignedInView, signed_in_answer};
use crate::Accounts;
use crate::device::DeviceKind;
use crate::second_factor::Proof;
use crate::sign_in::{SecondAnswer, SecondQuestion, SignIn};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(answer_second_question))
        .routes(routes!(begin_passkey_sign_in))
        .routes(routes!(finish_passkey_sign_in))
}

/// Name and password.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SignInBody {
    /// The person's name.
    name: String,
    /// The person's password.
    password: String,
    /// What the device calls itself in the list of sessions.
    device: Option<String>,
    /// What the device is; by its user agent where it does not say.
    device_kind: Option<DeviceKind>,
}

/// What is asked after a right password. Nobody is signed in yet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecondQuestionView {
    /// Send it with the answer.
    challenge: String,
    /// When it is too late to answer.
    expires_at: DateTime<Utc>,
    /// The code of an authenticator app answers it.
    totp: bool,
    /// A recovery code answers it.
    recovery_code: bool,
    /// A passkey answers it: what `navigator.credentials.get` is given as `publicKey`, bytes as base64url.
    passkey: Option<Value>,
}

/// Sign in with name and password. People with a second factor are asked for it: 202.
///
/// After failures one must wait, from elsewhere longer than with a device that signed in before: browsers are known by a
/// cookie, apps by the header `X-Revenge-Device` with the `device_secret` they were given.
#[utoipa::path(post, path = "/sessions", tag = "accounts", operation_id = "sign_in", security(()),
    request_body = SignInBody,
    responses((status = 201, body = SignedInView), (status = 202, body = SecondQuestionView),
        (status = "4XX", body = Problem)))]
pub(super) async fn sign_in(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<SignInBody>,
) -> Result<Response> {
    let SignInBody { name, password, device, device_kind } = body;
    let device = asked.device(device, device_kind);
    let outcome = accounts.sign_in(&name, &password, &device, asked.site.as_ref()).await?;
    sign_in_answer(&accounts, &asked, outcome)
}

/// A session, or the question before it.
pub(super) fn sign_in_answer(
    accounts: &Accounts,
    asked: &Asked,
    outcome: SignIn,
) -> Result<Response> {
    Ok(match outcome {
        SignIn::Done(signed_in) => {
            let answer = signed_in_answer(accounts, &asked.origin, *signed_in)?;
            (StatusCode::CREATED, answer).into_response()
        }
        SignIn::Asked(question) => {
            let SecondQuestion { challenge, totp, passkey, recovery_code } = question;
            let body = SecondQuestionView {
                challenge: challenge.ticket,
                expires_at: challenge.expires_at,
                totp,
                recovery_code,
                passkey,
            };
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
    })
}

/// The answer to the second question: exactly one of the three.
#[derive(Debug, Deserialize, ToSchema)]
struct SecondAnswerBody {
    /// The `challenge` that asked.
    challenge: String,
    /// The code of the authenticator app.
    totp: Option<String>,
    /// A recovery code; it is used up.
    recovery_code: Option<String>,
    /// What `navigator.credentials.get` gave, bytes as base64url.
    passkey: Option<Value>,
}

/// Answer the second question, and so end the sign-in. From the same device and address, five tries.
#[utoipa::path(post, path = "/sessions/second-factor", tag = "accounts", operation_id = "answer_second_question",
    security(()), request_body = SecondAnswerBody,
    responses((status = 201, body = SignedInView), (status = "4XX", body = Problem)))]
async fn answer_second_question(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<SecondAnswerBody>,
) -> Result<Response> {
    let answer = match (body.totp, body.recovery_code, body.passkey) {
        (Some(code), None, None) => SecondAnswer::Code(Proof::Totp(code)),
        (None, Some(code), None) => SecondAnswer::Code(Proof::RecoveryCode(code)),
        (None, None, Some(credential)) => SecondAnswer::Passkey(credential),
        _ => {
            let wanted = "give exactly one of totp, recovery_code and passkey";
            return Err(kernel::Error::invalid("answer", wanted).into());
        }
    };
    let device = asked.device(None, None);
    let signed_in = accounts
        .answer_second_question(&body.challenge, answer, &device, asked.site.as_ref())
        .await?;
    let answer = signed_in_answer(&accounts, &asked.origin, signed_in)?;
    Ok((StatusCode::CREATED, answer).into_response())
}

/// Something a passkey is to sign.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PasskeyQuestion {
    /// Send it with what the passkey signed.
    pub challenge: String,
    /// When it is too late.
    pub expires_at: DateTime<Utc>,
    /// What `navigator.credentials` is given as `publicKey`, bytes as base64url.
    pub options: Value,
}

/// Begin to sign in by passkey alone.
#[utoipa::path(post, path = "/sessions/passkey/options", tag = "accounts", operation_id = "begin_passkey_sign_in",
    security(()), responses((status = 200, body = PasskeyQuestion), (status = "4XX", body = Problem)))]
async fn begin_passkey_sign_in(
    State(accounts): State<Accounts>,
    asked: Asked,
) -> Result<Json<PasskeyQuestion>> {
    let device = asked.device(None, None);
    let (challenge, options) = accounts.begin_passkey_sign_in(asked.site.as_ref(), &device).await?;
    let (challenge, expires_at) = (challenge.ticket, challenge.expires_at);
    Ok(Json(PasskeyQuestion { challenge, expires_at, options }))
}

/// What a passkey signed.
#[derive(Debug, Deserialize, ToSchema)]
struct PasskeySignIn {
    /// The `challenge` that asked.
    challenge: String,
    /// What `navigator.credentials.get` gave, bytes as base64url.
    credential: Value,
    /// What the device calls itself in the list of sessions.
    device: Option<String>,
    /// What the device is; by its user agent where it does not say.
    device_kind: Option<DeviceKind>,
}

/// Sign in by passkey alone: no name, no password.
#[utoipa::path(post, path = "/sessions/passkey", tag = "accounts", operation_id = "finish_passkey_sign_in",
    security(()), request_body = PasskeySignIn,
    responses((status = 201, body = SignedInView), (status = "4XX", body = Problem)))]
async fn finish_passkey_sign_in(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<PasskeySignIn>,
) -> Result<Response> {
    let PasskeySignIn { challenge, credential, device, device_kind } = body;
    let device = asked.device(device, device_kind);
    let signed_in = accounts
        .finish_passkey_sign_in(asked.site.as_ref(), &device, &challenge, credential)
        .await?;
    let answer = signed_in_answer(&accounts, &asked.origin, signed_in)?;
    Ok((StatusCode::CREATED, answer).into_response())
}
