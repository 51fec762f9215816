//! `revenge doctor`.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use kernel::{Clock, Rng};
use metadata::{ProviderError, Providers};
use search::ModelPlace;

use crate::system::{self, Part, Status, places, reach};
use crate::wiring::{self, Workshop};
use crate::{Setting, block_on};

/// A part has failed.
const EXIT_FAILED: u8 = 4;

/// Checks every part, also when some are not there.
pub fn run(setting: &Setting, json: bool) -> ExitCode {
    let parts = match block_on(async { Ok(look(setting).await) }) {
        Ok(parts) => parts,
        Err(error) => {
            eprintln!("revenge: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let told = if json { tell_json(&parts) } else { tell(&parts) };
    if let Err(error) = told {
        eprintln!("revenge: {error:#}");
        return ExitCode::FAILURE;
    }
    if parts.iter().any(|it| it.status == Status::Failed) {
        ExitCode::from(EXIT_FAILED)
    } else {
        ExitCode::SUCCESS
    }
}

async fn look(setting: &Setting) -> Vec<Part> {
    let file = setting
        .file
        .as_ref()
        .map_or_else(|| "defaults and environment".to_owned(), |it| it.display().to_string());
    let mut parts = vec![Part::fine("configuration", file)];
    match Workshop::open(setting).await {
        Ok(workshop) => {
            workshop.playback.try_encoders().await;
            parts.extend(system::report(&workshop).await);
            match places::library_parts(&workshop).await {
                Ok(folders) => parts.extend(folders),
                Err(error) => parts.push(Part::failed(
                    "folders",
                    format!("{error:#}"),
                    "see the log of PostgreSQL",
                )),
            }
            workshop.close().await;
        }
        Err(error) => {
            let advice = "mend what it says, then run `revenge doctor` again";
            parts.push(Part::failed("postgresql", format!("{error:#}"), advice));
            let tools = &setting.config.media;
            let ffmpeg = media::tool::locate("ffmpeg", tools.ffmpeg.as_deref());
            let ffprobe = media::tool::locate("ffprobe", tools.ffprobe.as_deref());
            parts.push(system::tool_part("ffmpeg", ffmpeg.as_deref()).await);
            parts.push(system::tool_part("ffprobe", ffprobe.as_deref()).await);
            parts.push(places::data_part(&setting.data_dir));
        }
    }
    parts.extend(model_part(setting).await);
    parts.extend(provider_parts(setting).await);
    parts.push(port_part(setting));
    parts.extend(reach::parts(&setting.config.server).await);
    parts
}

/// Whether the text model reads, where one is configured.
async fn model_part(setting: &Setting) -> Option<Part> {
    const NAME: &str = "text_model";
    let path = setting.config.search.model.clone()?;
    let tried = tokio::task::spawn_blocking(move || ModelPlace::new(&path).open()?.try_out());
    Some(match tried.await {
        Ok(Ok(n_dimensions)) => Part::fine(NAME, format!("reads; {n_dimensions} dimensions")),
        Ok(Err(error)) => {
            let advice = "correct search.model; until then titles are compared as they were before";
            Part::degraded(NAME, error.to_string(), advice)
        }
        Err(error) => Part::degraded(NAME, error.to_string(), "try another model"),
    })
}

/// Every provider that is configured, and whether it accepts its key.
async fn provider_parts(setting: &Setting) -> Vec<Part> {
    let place = wiring::providers_place(&setting.data_dir, Clock::system(), Rng::system());
    let lineup = match Providers::open(&setting.config.metadata, place) {
        Ok(providers) => providers.lineup(&[]),
        Err(error) => {
            let advice = "correct the section metadata of the configuration";
            return vec![Part::failed("metadata", format!("{error:#}"), advice)];
        }
    };
    let mut parts = Vec::new();
    for name in lineup.names() {
        parts.push(match lineup.check(name).await {
            Ok(()) => Part::fine(name, "answers"),
            Err(error @ ProviderError::KeyRefused) => {
                let advice = format!("enter another key at metadata.{name}");
                Part::degraded(name, error.to_string(), advice)
            }
            Err(error) => {
                let advice = "fine if it is away for now; else check the address and the network";
                Part::degraded(name, error.to_string(), advice)
            }
        });
    }
    parts
}

fn port_part(setting: &Setting) -> Part {
    let address = SocketAddr::new(setting.config.server.host, setting.config.server.port);
    match TcpListener::bind(address) {
        Ok(_) => Part::fine("port", format!("{address} is free")),
        Err(error) => Part::degraded(
            "port",
            format!("{address}: {error}"),
            "fine if Revenge is running; else stop what listens there or set server.port",
        ),
    }
}

fn tell(parts: &[Part]) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    for part in parts {
        let status = match part.status {
            Status::Fine => "fine    ",
            Status::Degraded => "degraded",
            Status::Failed => "FAILED  ",
        };
        writeln!(out, "{:14} {status}  {}", part.name, part.found)?;
        if let Some(advice) = &part.advice {
            writeln!(out, "{:25}{advice}", "")?;
        }
    }
    Ok(())
}

fn tell_json(parts: &[Part]) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(parts)?)?;
    Ok(())
}
