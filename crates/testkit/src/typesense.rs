//! A Typesense server of a test's own, in this process. It holds what it is given to the published API document, refuses
//! what that does not allow, and really searches, slowly.

#![expect(clippy::disallowed_types, reason = "it refuses as Typesense does, not as our API does")]

mod documents;
mod filter;
mod matching;
mod parameters;
mod schema;
mod vectors;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use documents::Collection;
use parameters::Parameters;
use schema::Schema;

/// The key the server wants.
pub const API_KEY: &str = "the-key-of-the-test-server";

/// The server; it ends when dropped.
#[derive(Debug)]
pub struct TypesenseServer {
    url: String,
    task: JoinHandle<()>,
    state: Arc<ServerState>,
}

#[derive(Debug, Default)]
struct ServerState {
    store: Mutex<Store>,
    is_broken: AtomicBool,
}

#[derive(Debug, Default)]
struct Store {
    collections: BTreeMap<String, Collection>,
    aliases: BTreeMap<String, String>,
}

type Shared = State<Arc<ServerState>>;

/// A refusal as Typesense words it.
#[derive(Debug)]
struct Refusal(StatusCode, String);

type Answer = Result<Json<Value>, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "message": self.1 }))).into_response()
    }
}

fn bad_request(message: impl Into<String>) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, message.into())
}

fn not_found(message: impl Into<String>) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, message.into())
}

impl TypesenseServer {
    /// Starts an empty server on a free port of this machine.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start() -> Self {
        let state = Arc::new(ServerState::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let app = routes(Arc::clone(&state));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("serving does not end by itself");
        });
        Self { url: format!("http://{address}"), task, state }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on every request is answered by an error of the server, or again as it should be.
    pub fn set_broken(&self, is_broken: bool) {
        self.state.is_broken.store(is_broken, Ordering::SeqCst);
    }

    /// The names of the collections.
    pub fn collections(&self) -> Vec<String> {
        self.state.store().collections.keys().cloned().collect()
    }
}

impl Drop for TypesenseServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ServerState {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// A collection by its name or an alias.
    fn collection(&mut self, name: &str) -> Result<&mut Collection, Refusal> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.collections.get_mut(name).ok_or_else(|| not_found("Not found."))
    }
}

fn routes(state: Arc<ServerState>) -> Router {
    Router::new()
        .route("/health", get(|| async { Json(json!({ "ok": true })) }))
        .route("/collections", get(list_collections).post(create_collection))
        .route("/collections/{name}", get(get_collection).delete(delete_collection))
        .route("/collections/{name}/documents", axum::routing::delete(delete_documents))
        // As Typesense's own client writes it.
        .route("/collections/{name}/documents/", axum::routing::delete(delete_documents))
        .route("/collections/{name}/documents/import", post(import))
        .route("/collections/{name}/documents/export", get(export))
        .route("/collections/{name}/documents/search", get(search))
        .route("/aliases", get(list_aliases))
        .route("/aliases/{name}", put(put_alias).get(get_alias).delete(delete_alias))
        .route("/multi_search", post(multi_search))
        .fallback(|| async { not_found("Not Found") })
        .layer(middleware::from_fn_with_state(Arc::clone(&state), admit))
        .with_state(state)
}

async fn admit(State(state): Shared, request: Request, next: Next) -> Response {
    if state.is_broken.load(Ordering::SeqCst) {
        return Refusal(StatusCode::SERVICE_UNAVAILABLE, "Not Ready or Lagging".into())
            .into_response();
    }
    let key = request.headers().get("x-typesense-api-key");
    let is_known = key.is_some_and(|it| it == API_KEY);
    if is_known || request.uri().path() == "/health" {
        return next.run(request).await;
    }
    let message = "Forbidden - a valid `x-typesense-api-key` header must be sent.";
    Refusal(StatusCode::UNAUTHORIZED, message.into()).into_response()
}

async fn list_collections(State(state): Shared) -> Json<Value> {
    Json(state.store().collections.values().map(Collection::describe).collect())
}

async fn create_collection(
    State(state): Shared,
    body: String,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let body = serde_json::from_str(&body).map_err(|_| bad_request("Bad JSON."))?;
    let schema = Schema::parse(&body)?;
    let mut store = state.store();
    if store.collections.contains_key(&schema.name) {
        let message = format!("A collection with name `{}` already exists.", schema.name);
        return Err(Refusal(StatusCode::CONFLICT, message));
    }
    let collection = Collection::new(schema);
    let described = collection.describe();
    store.collections.insert(collection.name().to_owned(), collection);
    Ok((StatusCode::CREATED, Json(described)))
}

async fn get_collection(State(state): Shared, Path(name): Path<String>) -> Answer {
    Ok(Json(state.store().collection(&name)?.describe()))
}

async fn delete_collection(State(state): Shared, Path(name): Path<String>) -> Answer {
    let deleted = state.store().collections.remove(&name);
    let missing = || not_found(format!("No collection with name `{name}` found."));
    Ok(Json(deleted.ok_or_else(missing)?.describe()))
}

async fn import(
    State(state): Shared,
    Path(name): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    body: String,
) -> Result<String, Refusal> {
    parameters::allow_only(
        &query,
        &["action", "batch_size", "return_id", "return_doc", "dirty_values"],
    )?;
    let action = query.get("action").map_or("create", String::as_str);
    if !["create", "update", "upsert", "emplace"].contains(&action) {
        return Err(bad_request("Parameter `action` must be a create|update|upsert."));
    }
    if !["create", "upsert"].contains(&action) {
        return Err(bad_request("The test server only creates and upserts."));
    }
    let mut store = state.store();
    let collection = store.collection(&name)?;
    let lines = body.lines().map(|line| match collection.import(line, action == "upsert") {
        Ok(()) => json!({ "success": true }).to_string(),
        Err(error) => {
            json!({ "success": false, "code": 400, "error": error, "document": line }).to_string()
        }
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

async fn export(
    State(state): Shared,
    Path(name): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<String, Refusal> {
    parameters::allow_only(&query, &["filter_by", "include_fields", "exclude_fields"])?;
    if ["filter_by", "exclude_fields"].iter().any(|it| query.contains_key(*it)) {
        return Err(bad_request("The test server exports all documents."));
    }
    let wanted = query.get("include_fields").map_or("", String::as_str);
    let mut store = state.store();
    let documents = store.collection(&name)?.documents.values();
    let lines: Vec<String> =
        documents.map(|it| documents::some_of(it, wanted).to_string()).collect();
    Ok(lines.join("\n"))
}

async fn delete_documents(
    State(state): Shared,
    Path(name): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    parameters::allow_only(&query, &["filter_by", "batch_size", "ignore_not_found", "truncate"])?;
    let filter_by = query.get("filter_by").filter(|it| !it.is_empty());
    let filter_by =
        filter_by.ok_or_else(|| bad_request("Parameter `filter_by` must be provided."))?;
    let mut store = state.store();
    let collection = store.collection(&name)?;
    let num_deleted = collection.delete_where(filter_by)?;
    Ok(Json(json!({ "num_deleted": num_deleted })))
}

async fn search(
    State(state): Shared,
    Path(name): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let parameters = Parameters::from_query(&query)?;
    let mut store = state.store();
    Ok(Json(matching::search(store.collection(&name)?, &parameters)?))
}

async fn multi_search(
    State(state): Shared,
    Query(query): Query<BTreeMap<String, String>>,
    body: String,
) -> Answer {
    let body: Value = serde_json::from_str(&body).map_err(|_| bad_request("Bad JSON."))?;
    let searches = body["searches"].as_array();
    let searches = searches.ok_or_else(|| bad_request("Missing `searches` array."))?;
    let run = |search: &Value| {
        let parameters = Parameters::from_json(search, &query)?;
        let name = search["collection"].as_str().ok_or_else(|| not_found("Not found."))?;
        matching::search(state.store().collection(name)?, &parameters)
    };
    let results = searches.iter().map(|search| {
        run(search).unwrap_or_else(|it| json!({ "code": it.0.as_u16(), "error": it.1 }))
    });
    Ok(Json(json!({ "results": results.collect::<Vec<_>>() })))
}

async fn list_aliases(State(state): Shared) -> Json<Value> {
    let store = state.store();
    let aliases =
        store.aliases.iter().map(|(name, it)| json!({ "name": name, "collection_name": it }));
    Json(json!({ "aliases": aliases.collect::<Vec<_>>() }))
}

async fn put_alias(State(state): Shared, Path(name): Path<String>, body: String) -> Answer {
    let body: Value = serde_json::from_str(&body).map_err(|_| bad_request("Bad JSON."))?;
    let target = body["collection_name"].as_str();
    let target = target.ok_or_else(|| bad_request("Parameter `collection_name` is required."))?;
    state.store().aliases.insert(name.clone(), target.to_owned());
    Ok(Json(json!({ "name": name, "collection_name": target })))
}

async fn get_alias(State(state): Shared, Path(name): Path<String>) -> Answer {
    let store = state.store();
    let target = store.aliases.get(&name).ok_or_else(|| not_found("Not found."))?;
    Ok(Json(json!({ "name": name, "collection_name": target })))
}

async fn delete_alias(State(state): Shared, Path(name): Path<String>) -> Answer {
    let target = state.store().aliases.remove(&name).ok_or_else(|| not_found("Not found."))?;
    Ok(Json(json!({ "name": name, "collection_name": target })))
}
