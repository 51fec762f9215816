//! `revenge transcoder`: FFmpeg for a server on another machine. Nothing of that server's is needed here.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use media::tool::Confined;
use media::transcode::Abilities;
use playback::node::{serve, tls};
use playback::transcode::encoders::{Finding, try_libass};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::serve::start_log;
use crate::cli::Transcoder;
use crate::config::TranscoderSection;
use crate::http::origin::Proxies;
use crate::wiring::Tools;
use crate::wiring::places::{max_films, n_cores};
use crate::{Setting, block_on, listen};

/// What the command's flags set.
pub fn flags(transcoder: &Transcoder) -> Vec<(&'static str, &'static str, String)> {
    let listen = transcoder.listen.map(|it| ("--listen", "transcoder.listen", it.to_string()));
    listen.into_iter().collect()
}

/// Takes orders until it is told to stop.
pub fn run(setting: &Setting) -> anyhow::Result<()> {
    start_log(&setting.config.log)?;
    let section = &setting.config.transcoder;
    let secret = section.secret.clone().filter(|it| !it.is_empty());
    if secret.is_none() && !section.listen.ip().is_loopback() {
        bail!(
            "transcoder.secret: without one, everybody who reaches {} could convert here; set it, or listen on 127.0.0.1",
            section.listen
        );
    }
    let acceptor = acceptor(section)?;
    block_on(async {
        let listener = TcpListener::bind(section.listen).await.with_context(|| {
            format!("cannot listen on {}; choose another port with --listen", section.listen)
        })?;
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        let tools = Tools::find(&setting.config).await;
        let program = tools.ffmpeg.context(
            "there is no FFmpeg: install it (Debian: apt install ffmpeg) or set media.ffmpeg",
        )?;
        let n_cores = n_cores();
        let ffmpeg = Confined::new(program, setting.program.clone());
        let has_libass = try_libass(&ffmpeg).await == Finding::Works;
        let router = serve::router(serve::Settings {
            ffmpeg,
            abilities: Abilities { has_zscale: tools.has_zscale, has_libass, ..Abilities::NONE },
            build: tools.build,
            n_cores,
            max_films: max_films(section.max_films, n_cores),
            secret,
        });
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let address = listener.local_addr()?;
        tracing::info!(address = %address, scheme, "transcoder.ready");
        let words = format!("Revenge's transcoder is ready at {scheme}://{address}\n");
        // Nobody may be reading; it works all the same.
        if let Err(error) = std::io::stdout().write_all(words.as_bytes()) {
            tracing::debug!(error = %error, "greeting.unread");
        }
        let stop = CancellationToken::new();
        let listening = tokio::spawn(listen::listen(
            listener,
            acceptor,
            router,
            Proxies::default(),
            stop.clone(),
        ));
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        tracing::info!("transcoder.stopping");
        stop.cancel();
        listening.await?;
        Ok(())
    })
}

fn acceptor(section: &TranscoderSection) -> anyhow::Result<Option<TlsAcceptor>> {
    let read = |path: &PathBuf| {
        std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    match (&section.certificate, &section.certificate_key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            let acceptor = tls::acceptor(&read(certificate)?, &read(key)?);
            Ok(Some(acceptor.context("transcoder.certificate")?))
        }
        _ => bail!("transcoder.certificate and transcoder.certificate_key need each other"),
    }
}
