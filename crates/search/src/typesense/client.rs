//! The requests to a Typesense server, each within a time, with errors that say what the operator can do.

use std::time::Duration;

use anyhow::anyhow;
use kernel::{Error, Result};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::import_errors;

/// A search that takes longer is of no use to one who types.
const SEARCH_TIME: Duration = Duration::from_secs(2);
/// An import of a batch, or the deletion of a large collection.
const WRITE_TIME: Duration = Duration::from_mins(1);
/// Two fields of every document there is.
const EXPORT_TIME: Duration = Duration::from_mins(10);
/// No line of an export is as long.
const MAX_LINE: usize = 64 * 1024;

/// Where the Typesense server is.
#[derive(Clone)]
pub struct TypesenseConfig {
    /// `http://host:8108`
    pub url: Url,
    /// A key that may do everything with our collections.
    pub api_key: String,
    /// What our alias is called and our collections begin with.
    pub collection: String,
}

impl std::fmt::Debug for TypesenseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TypesenseConfig")
            .field("url", &self.url.as_str())
            .field("collection", &self.collection)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    config: TypesenseConfig,
}

impl Client {
    pub fn new(http: reqwest::Client, config: TypesenseConfig) -> Self {
        Self { http, config }
    }

    pub async fn health(&self) -> Result<()> {
        let answer = self.send(self.request(Method::GET, &["health"], SEARCH_TIME)).await?;
        let answer: Value = answer.json().await.map_err(unavailable)?;
        if answer["ok"] == true { Ok(()) } else { Err(unavailable(anyhow!("it is not healthy"))) }
    }

    /// What is at `path`; `None` where there is nothing.
    pub async fn get(&self, path: &[&str]) -> Result<Option<Value>> {
        let answer =
            self.request(Method::GET, path, SEARCH_TIME).send().await.map_err(unavailable)?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(checked(answer).await?.json().await.map_err(unavailable)?))
    }

    /// Makes a collection; says whether it did, or it was there.
    pub async fn create_collection(&self, schema: &Value) -> Result<bool> {
        let request = self.request(Method::POST, &["collections"], WRITE_TIME).json(schema);
        let answer = request.send().await.map_err(unavailable)?;
        if answer.status() == StatusCode::CONFLICT {
            return Ok(false);
        }
        checked(answer).await.map(|_| true)
    }

    /// Deletes a collection; one that is gone already is no error.
    pub async fn delete_collection(&self, name: &str) -> Result<()> {
        let request = self.request(Method::DELETE, &["collections", name], WRITE_TIME);
        let answer = request.send().await.map_err(unavailable)?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(());
        }
        checked(answer).await.map(drop)
    }

    pub async fn set_alias(&self, alias: &str, collection: &str) -> Result<()> {
        let request = self.request(Method::PUT, &["aliases", alias], WRITE_TIME);
        self.send(request.json(&json!({ "collection_name": collection }))).await.map(drop)
    }

    /// Writes documents, one JSON per line. Each is written or not by itself: any that is not is an error here.
    pub async fn import(&self, collection: &str, lines: String) -> Result<()> {
        let path = ["collections", collection, "documents", "import"];
        let request = self.request(Method::POST, &path, WRITE_TIME);
        let request = request.query(&[("action", "upsert")]).body(lines);
        let answer = self.send(request).await?.text().await.map_err(unavailable)?;
        let errors = import_errors(&answer);
        if errors.is_empty() {
            return Ok(());
        }
        Err(Error::Internal(anyhow!("Typesense refused documents: {errors:?}")))
    }

    /// Reads these fields of all documents, one JSON per line, as they come.
    pub async fn export(
        &self,
        collection: &str,
        fields: &str,
        mut read: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let path = ["collections", collection, "documents", "export"];
        let request = self.request(Method::GET, &path, EXPORT_TIME);
        let mut answer = self.send(request.query(&[("include_fields", fields)])).await?;
        let mut rest = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unavailable)? {
            rest.extend_from_slice(&chunk);
            let whole = rest.iter().rposition(|it| *it == b'\n').map_or(0, |at| at + 1);
            for line in rest[..whole].split(|it| *it == b'\n').filter(|it| !it.is_empty()) {
                read(line)?;
            }
            rest.drain(..whole);
            if rest.len() > MAX_LINE {
                return Err(unavailable(anyhow!("an export without ends of lines")));
            }
        }
        if rest.is_empty() { Ok(()) } else { read(&rest) }
    }

    /// Deletes the documents that `filter` matches.
    pub async fn delete_where(&self, collection: &str, filter: &str) -> Result<()> {
        let path = ["collections", collection, "documents"];
        let request = self.request(Method::DELETE, &path, WRITE_TIME);
        self.send(request.query(&[("filter_by", filter)])).await.map(drop)
    }

    /// Runs searches, sent as a body: their filters can be longer than an address may be. One answer each.
    pub async fn search(&self, searches: &[Value]) -> Result<Vec<Value>> {
        let request = self.request(Method::POST, &["multi_search"], SEARCH_TIME);
        let answer = self.send(request.json(&json!({ "searches": searches }))).await?;
        let mut answer: Value = answer.json().await.map_err(unavailable)?;
        let results = (0..searches.len()).map(|at| {
            let result = answer["results"][at].take();
            // Inside a multi-search an error is part of an answer that is itself fine.
            match result["code"].as_u64() {
                None => Ok(result),
                Some(404) => Err(unavailable(anyhow!("{}", result["error"]))),
                Some(code) => {
                    Err(Error::Internal(anyhow!("Typesense: {code}: {}", result["error"])))
                }
            }
        });
        results.collect()
    }

    fn request(&self, method: Method, path: &[&str], time: Duration) -> RequestBuilder {
        let mut url = self.config.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        self.http
            .request(method, url)
            .header("X-TYPESENSE-API-KEY", &self.config.api_key)
            .timeout(time)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        checked(request.send().await.map_err(unavailable)?).await
    }
}

async fn checked(answer: Response) -> Result<Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = answer.text().await.unwrap_or_default();
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let message = body["message"].as_str().unwrap_or("no reason given");
    Err(match status.as_u16() {
        401 | 403 => unavailable(anyhow!("it refuses our key; check search.api_key")),
        404 | 408 | 422 | 429 | 500.. => unavailable(anyhow!("{status}: {message}")),
        _ => Error::Internal(anyhow!("Typesense: {status}: {message}")),
    })
}

pub(super) fn unavailable(source: impl Into<anyhow::Error>) -> Error {
    Error::Unavailable { service: "Typesense", source: source.into() }
}
