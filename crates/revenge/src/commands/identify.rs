//! `revenge identify`: what the name parser and the prober make of a path.

use std::io::{BufRead as _, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use media::{Probe, Tools};
use naming::{Hint, Parsed};
use serde_json::{Value, json};

use crate::block_on;
use crate::cli::Identify;

/// A file on a disk that hangs must not hang the command.
const PATIENCE: Duration = Duration::from_secs(20);

/// Prints a table, or one JSON object a line.
pub fn run(identify: &Identify) -> anyhow::Result<()> {
    let hint = match identify.kind.as_str() {
        "movies" => Hint::Movies,
        "shows" => Hint::Shows,
        "any" => Hint::Any,
        other => anyhow::bail!("--kind: \"{other}\" is none of movies, shows, any"),
    };
    let paths = paths(identify)?;
    let names: Vec<String> = paths.iter().map(|it| it.to_string_lossy().into_owned()).collect();
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let parsed = naming::parse_listing(&texts, hint);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for ((path, name), parsed) in paths.iter().zip(&names).zip(&parsed) {
        let probe = if identify.probe && path.is_file() { Some(probe(path)) } else { None };
        if identify.json {
            writeln!(out, "{}", to_json(name, parsed, probe.as_ref())?)?;
        } else {
            write_table(&mut out, name, &to_json(name, parsed, probe.as_ref())?)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn paths(identify: &Identify) -> anyhow::Result<Vec<PathBuf>> {
    if identify.paths.is_empty() {
        let lines = std::io::stdin().lock().split(b'\n');
        let lines = lines.map(|line| {
            let mut line = line?;
            if line.ends_with(b"\r") {
                line.pop();
            }
            Ok(PathBuf::from(std::ffi::OsString::from(String::from_utf8_lossy(&line).into_owned())))
        });
        return lines.filter(|it| !matches!(it, Ok(path) if path.as_os_str().is_empty())).collect();
    }
    let mut paths = Vec::new();
    for path in &identify.paths {
        if path.is_dir() { collect(path, &mut paths, 0)? } else { paths.push(path.clone()) }
    }
    Ok(paths)
}

/// Every file below `folder`, in order. Deeper than any library is, it stops: links may run in a circle.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>, depth: usize) -> anyhow::Result<()> {
    const DEEPEST: usize = 32;
    if depth > DEEPEST {
        return Ok(());
    }
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), paths, depth + 1)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}

fn probe(path: &Path) -> Result<Probe, String> {
    let tools = Tools { ffprobe: media::tool::locate("ffprobe", None), timeout: PATIENCE };
    block_on(async { Ok(media::probe_file(path, &tools).await) })
        .map_err(|error| format!("{error:#}"))?
        .map(|probed| probed.probe)
        .map_err(|error| format!("{:#}", anyhow::Error::from(error)))
}

fn to_json(
    path: &str,
    parsed: &Parsed,
    probe: Option<&Result<Probe, String>>,
) -> anyhow::Result<Value> {
    let mut object = json!({ "path": path });
    if let (Some(fields), Value::Object(facts)) =
        (object.as_object_mut(), serde_json::to_value(parsed)?)
    {
        fields.extend(facts);
        match probe {
            Some(Ok(probe)) => {
                drop(fields.insert("probe".to_owned(), serde_json::to_value(probe)?));
            }
            Some(Err(problem)) => drop(fields.insert("problem".to_owned(), json!(problem))),
            None => {}
        }
    }
    Ok(object)
}

fn write_table(out: &mut impl Write, path: &str, object: &Value) -> std::io::Result<()> {
    writeln!(out, "{path}")?;
    for (key, value) in object.as_object().into_iter().flatten().filter(|(key, _)| *key != "path") {
        match value {
            Value::String(text) => writeln!(out, "  {key:16} {text}")?,
            Value::Object(_) | Value::Array(_) => writeln!(out, "  {key:16} {value}")?,
            value => writeln!(out, "  {key:16} {value}")?,
        }
    }
    writeln!(out)
}
