//! The parts of a running server: which are there, in which version, and what to do about those that are not fine.

use std::path::Path;
use std::time::Duration;

use media::tool;
use playback::transcode::NodeReport;
use serde::Serialize;
use utoipa::ToSchema;

use crate::wiring::{House, Workshop};

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing to do.
    Fine,
    /// The server works, with less.
    Degraded,
    /// The server cannot do its work.
    Failed,
}

/// One part of the server.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Part {
    /// What it is called.
    pub name: &'static str,
    /// How it is.
    pub status: Status,
    /// What was found: a version, a place, an error.
    pub found: String,
    /// What to do where it is not fine.
    pub advice: Option<String>,
}

impl Part {
    /// A part with nothing to do about it.
    pub fn fine(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, status: Status::Fine, found: found.into(), advice: None }
    }

    /// A part without which the server does less.
    pub fn degraded(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { name, status: Status::Degraded, found: found.into(), advice: Some(advice.into()) }
    }

    /// A part without which the server does nothing.
    pub fn failed(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, status: Status::Failed, found: found.into(), advice: Some(advice.into()) }
    }
}

/// A part that does not answer within this time is away.
const PATIENCE: Duration = Duration::from_secs(3);

/// Below this much free space artwork, logs of the database and indexes are in danger.
const LITTLE_SPACE: u64 = 1 << 30;

/// The parts that requests need, asked quickly.
pub async fn health(house: &House) -> Vec<Part> {
    let postgres = async {
        let answer =
            tokio::time::timeout(PATIENCE, sqlx::query("SELECT 1").execute(&house.pool)).await;
        match answer {
            Ok(Ok(_)) => Part::fine("postgresql", house.postgres_version.to_string()),
            Ok(Err(error)) => Part::failed("postgresql", error.to_string(), "see `revenge doctor`"),
            Err(_) => Part::failed("postgresql", "no answer", "see `revenge doctor`"),
        }
    };
    let cache = async {
        match tokio::time::timeout(PATIENCE, house.cache.health()).await {
            Ok(Ok(())) => Part::fine("cache", house.cache.engine()),
            Ok(Err(error)) => {
                Part::degraded("cache", error.to_string(), "start Dragonfly, or correct cache.host")
            }
            Err(_) => {
                Part::degraded("cache", "no answer", "start Dragonfly, or correct cache.host")
            }
        }
    };
    let search = async {
        match tokio::time::timeout(PATIENCE, house.search.health()).await {
            Ok(Ok(())) => Part::fine("search", house.search.engine()),
            Ok(Err(error)) => Part::degraded(
                "search",
                error.to_string(),
                "start Typesense, or correct search.host",
            ),
            Err(_) => {
                Part::degraded("search", "no answer", "start Typesense, or correct search.host")
            }
        }
    };
    let (postgres, cache, search) = tokio::join!(postgres, cache, search);
    vec![postgres, cache, search]
}

/// Every part, looked at thoroughly.
pub async fn report(house: &House) -> Vec<Part> {
    let mut parts = health(house).await;
    parts.push(tool_part("ffmpeg", house.tools.ffmpeg.as_deref()).await);
    parts.push(tool_part("ffprobe", house.tools.ffprobe.as_deref()).await);
    parts.push(disk_part(&house.data_dir));
    parts.extend(house.playback.nodes().await.into_iter().map(node_part));
    parts
}

/// Another machine that converts films.
fn node_part(node: NodeReport) -> Part {
    let NodeReport { url, offer, trouble } = node;
    let advice = "films are converted elsewhere meanwhile; start `revenge transcoder` there, of this version and with the secret of transcode.nodes";
    match (offer, trouble) {
        (Some(offer), None) => {
            let version = offer.build.split(" Copyright").next().unwrap_or_default();
            Part::fine("transcoder", format!("{url}: {version}, {} cores", offer.n_cores))
        }
        (_, trouble) => {
            let trouble = trouble.unwrap_or_else(|| "it was not asked yet".to_owned());
            Part::degraded("transcoder", format!("{url}: {trouble}"), advice)
        }
    }
}

/// The folders of every library: there, and readable.
pub async fn folders(workshop: &Workshop) -> anyhow::Result<Vec<Part>> {
    let owner = workshop.owner().await?;
    let libraries = workshop.catalog.list_libraries(&owner).await?;
    let mut parts = Vec::new();
    for library in libraries {
        for folder in library.folders.unwrap_or_default() {
            let found = format!("{} of {}", folder.path, library.name);
            parts.push(if folder.is_reachable {
                Part::fine("folder", found)
            } else {
                let advice = "mount the disk or give the server's user the right to read it; nothing is lost meanwhile";
                Part::degraded("folder", format!("{found}: cannot be read"), advice)
            });
        }
    }
    Ok(parts)
}

/// FFmpeg or FFprobe.
pub async fn tool_part(name: &'static str, program: Option<&Path>) -> Part {
    let what = match name {
        "ffmpeg" => "pictures of films without artwork",
        _ => "files other than Matroska, MP4 and common audio",
    };
    let advice = || {
        format!(
            "install it (Debian: apt install ffmpeg) or set media.{name}; without it there are no {what}"
        )
    };
    let Some(program) = program else { return Part::degraded(name, "not found", advice()) };
    match tool::version(program).await {
        Ok(version) => Part::fine(name, format!("{version} at {}", program.display())),
        Err(error) => Part::degraded(name, error.to_string(), advice()),
    }
}

/// The disk that holds the data folder.
pub fn disk_part(folder: &Path) -> Part {
    match rustix::fs::statvfs(folder) {
        Ok(facts) => {
            let free = facts.f_bavail.saturating_mul(facts.f_frsize);
            let found = format!("{} free at {}", human_bytes(free), folder.display());
            if free < LITTLE_SPACE {
                Part::degraded("disk", found, "make room: below 1 GiB the database may stop")
            } else {
                Part::fine("disk", found)
            }
        }
        Err(error) => Part::failed(
            "disk",
            format!("{}: {error}", folder.display()),
            "make the data folder readable",
        ),
    }
}

fn human_bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < 1024.0 {
            return format!("{value:.1} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1} TiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!(human_bytes(512), "512.0 B");
        assert_eq!(human_bytes(5 << 30), "5.0 GiB");
        assert_eq!(human_bytes(3 << 40), "3.0 TiB");
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_failed_disk() {
        assert_eq!(disk_part(Path::new("/nowhere/at/all")).status, Status::Failed);
        assert_ne!(disk_part(Path::new("/")).status, Status::Failed);
    }
}
