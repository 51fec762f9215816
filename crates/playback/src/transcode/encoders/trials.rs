//! The trials: hardware codes a short film that is made up, and works where all of it comes out.

use std::path::Path;

use media::cmaf::Piece;
use media::tool::{Confined, Limits, ToolError, run};
use media::transcode::{self, FIRST_RENDER_NODE, Hardware, Step, Work};
use serde::{Deserialize, Serialize};

use super::nodes::Nodes;
use super::{Choice, Chosen, Desk, Finding, Found, short, with_graphics};

/// Counts up when a trial would find out something else.
const TRIAL: u32 = 1;

/// What worked before, and where: of another build, other devices or another kernel it says nothing.
#[derive(Debug, Serialize, Deserialize)]
struct KeptTrial {
    of: String,
    chosen: Chosen,
}

impl Desk {
    /// Tries what the configuration allows, unless it is known from before.
    pub(super) async fn look(&self) -> Found {
        let nothing = |why: &str| {
            let findings = Hardware::ALL.map(|it| (it, Finding::NotTried(why.to_owned())));
            let libplacebo = Finding::NotTried(why.to_owned());
            Found { findings: findings.into(), chosen: None, libplacebo }
        };
        let Some(ffmpeg) = &self.ffmpeg else { return nothing("nothing is converted here") };
        if self.choice == Choice::Off {
            return nothing("switched off in the configuration");
        }
        let machine = tokio::task::spawn_blocking(Nodes::look).await.unwrap_or_default();
        let libplacebo = try_libplacebo(ffmpeg, &machine).await;
        let of = format!("{TRIAL}/{:?}/{}/{}", self.choice, machine.name(), self.build);
        if let Some(chosen) = self.read_kept(&of).await {
            let finding = |it: Hardware| {
                let is_it = it == chosen.hardware;
                let other = || Finding::NotTried(other_works(chosen.hardware));
                (it, if is_it { Finding::Works } else { other() })
            };
            let findings = Hardware::ALL.map(finding).into();
            return Found { findings, chosen: Some(chosen), libplacebo };
        }
        let built = Built::ask(&ffmpeg.program).await;
        let mut found = Found { findings: Vec::new(), chosen: None, libplacebo };
        for hardware in Hardware::ALL {
            let finding = match found.chosen {
                Some(chosen) => Finding::NotTried(other_works(chosen.hardware)),
                None => match self.try_hardware(hardware, &machine, &built).await {
                    Ok(chosen) => {
                        found.chosen = Some(chosen);
                        Finding::Works
                    }
                    Err(finding) => finding,
                },
            };
            found.findings.push((hardware, finding));
        }
        if let Some(chosen) = found.chosen {
            self.keep(KeptTrial { of, chosen }).await;
        }
        found
    }

    async fn try_hardware(
        &self,
        hardware: Hardware,
        machine: &Nodes,
        built: &Built,
    ) -> Result<Chosen, Finding> {
        if let Choice::Only(named) = self.choice
            && named != hardware
        {
            return Err(Finding::NotTried("the configuration names another".to_owned()));
        }
        if !built.has(hardware) {
            let why = format!("this FFmpeg was built without {}", hardware.encoder());
            return Err(Finding::Fails(why));
        }
        let mut nodes = machine.of(hardware);
        if nodes.is_empty() {
            if self.choice == Choice::Auto {
                let why = format!("there is no {}", hardware.node(FIRST_RENDER_NODE).pattern());
                return Err(Finding::NotTried(why));
            }
            // Who names it may know more than we.
            nodes.push(FIRST_RENDER_NODE);
        }
        let mut why = Vec::new();
        for render_node in nodes {
            let chosen = Chosen { hardware, render_node };
            match self.try_one(chosen).await {
                Ok(()) => return Ok(chosen),
                Err(error) => why.push(short(&error)),
            }
        }
        Err(Finding::Fails(why.join("; ")))
    }

    async fn try_one(&self, chosen: Chosen) -> Result<(), String> {
        let Some((ffmpeg, abilities)) = self.with_access(chosen) else { return Ok(()) };
        run_trial(&ffmpeg, transcode::trial(chosen.hardware, abilities)).await
    }

    async fn read_kept(&self, of: &str) -> Option<Chosen> {
        let text = tokio::fs::read(self.kept.as_ref()?).await.ok()?;
        let kept: KeptTrial = serde_json::from_slice(&text).ok()?;
        (kept.of == of).then_some(kept.chosen)
    }

    /// Where it cannot be kept, it is found out again after the next start.
    async fn keep(&self, trial: KeptTrial) {
        let Some(path) = &self.kept else { return };
        let Ok(text) = serde_json::to_vec(&trial) else { return };
        let part = path.with_extension("part");
        let written = async {
            if let Some(folder) = path.parent() {
                tokio::fs::create_dir_all(folder).await?;
            }
            tokio::fs::write(&part, text).await?;
            tokio::fs::rename(&part, path).await
        };
        if let Err(error) = written.await {
            tracing::debug!(%error, "encoder.not_kept");
        }
    }
}

/// Finds out whether FFmpeg draws text into pictures, with a script that lies in memory.
pub async fn try_libass(ffmpeg: &Confined) -> Finding {
    match run_trial(ffmpeg, transcode::trial_of_libass()).await {
        Ok(()) => Finding::Works,
        Err(error) => Finding::Fails(short(&error)),
    }
}

async fn try_libplacebo(ffmpeg: &Confined, machine: &Nodes) -> Finding {
    if !machine.has_graphics() {
        return Finding::NotTried("there is no graphics card".to_owned());
    }
    match run_trial(&with_graphics(ffmpeg), transcode::trial_of_libplacebo()).await {
        Ok(()) => Finding::Works,
        Err(error) => Finding::Fails(short(&error)),
    }
}

/// Makes the trial's film; works where all of it comes out.
async fn run_trial(ffmpeg: &Confined, work: Work) -> Result<(), String> {
    let mut input = Vec::new();
    for piece in &work.feed.pieces {
        if let Piece::Made(bytes) = piece {
            input.extend(bytes);
        }
    }
    let mut making = work.making;
    let mut steps = Vec::new();
    let mut garbled = None;
    let take = |bytes: &[u8]| match making.push(bytes) {
        Ok(made) => steps.extend(made),
        Err(error) => garbled = Some(error),
    };
    let ffmpeg = ffmpeg.holding(work.order.held_bytes());
    let args = work.order.args();
    let ran = ffmpeg.run_with(&args, Limits::TRIAL, input.as_slice(), take).await;
    ran.map_err(|error| match error {
        ToolError::Failed { stderr, status, .. } if stderr.is_empty() => status,
        ToolError::Failed { stderr, .. } => stderr,
        error => error.to_string(),
    })?;
    if let Some(error) = garbled {
        return Err(error.to_string());
    }
    steps.extend(making.finish());
    for step in steps {
        match step {
            Step::Beginning(_) => {}
            Step::Part(_, Ok(made)) if made.n_missing == 0 => {}
            Step::Part(_, Ok(made)) => return Err(format!("{} pictures lost", made.n_missing)),
            Step::Part(_, Err(error)) => return Err(error.to_string()),
        }
    }
    Ok(())
}

fn other_works(hardware: Hardware) -> String {
    format!("{} works", hardware.title())
}

/// The encoders that an FFmpeg has.
struct Built(String);

impl Built {
    async fn ask(program: &Path) -> Self {
        let words = ["-hide_banner".into(), "-encoders".into()];
        let said = run(program, &words, Limits::PROBE).await;
        Self(said.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default())
    }

    fn has(&self, hardware: Hardware) -> bool {
        let mut names = self.0.lines().filter_map(|it| it.split_whitespace().nth(1));
        names.any(|it| it == hardware.encoder())
    }
}
