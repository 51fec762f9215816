//! `revenge identify`: what the name parser and the prober make of a path.
//!
//! A path from the command line or standard input is read alone, so that what stands on other lines changes nothing. The files
//! below a folder are read together, as a scan does: there they explain each other.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use media::{Probe, Tools};
use naming::{Hint, Parsed};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::block_on;
use crate::cli::Identify;

/// A file on a disk that hangs must not hang the command.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest line that is read as a path; no system has longer ones.
const LONGEST_LINE: u64 = 64 * 1024;

/// What is said of one path.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    #[serde(flatten)]
    parsed: Option<&'a Parsed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probe: Option<&'a Probe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
}

/// Prints a table, or one JSON object a line.
pub fn run(identify: &Identify) -> anyhow::Result<()> {
    let hint = match identify.kind.as_str() {
        "movies" => Hint::Movies,
        "shows" => Hint::Shows,
        "any" => Hint::Any,
        other => anyhow::bail!("--kind: \"{other}\" is none of movies, shows, any"),
    };
    let out = BufWriter::new(io::stdout().lock());
    let mut printer = Printer { out, hint, is_json: identify.json, probes: identify.probe };
    let printed = if identify.paths.is_empty() {
        printer.print_lines(BufReader::new(io::stdin().lock()))
    } else {
        identify.paths.iter().try_for_each(|it| printer.print_argument(it))
    };
    match printed.and_then(|()| printer.out.flush()) {
        // "| head": nobody reads on.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

/// Where the answers go, and how they are written.
struct Printer<W> {
    out: W,
    hint: Hint,
    is_json: bool,
    probes: bool,
}

impl<W: Write> Printer<W> {
    /// One answer for each line that is not empty, while they come: whoever writes line by line is answered line by line.
    fn print_lines<R: io::Read>(&mut self, mut input: BufReader<R>) -> io::Result<()> {
        let mut line = Vec::new();
        loop {
            line.clear();
            if (&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            if line.last() != Some(&b'\n') && line.len() as u64 == LONGEST_LINE {
                input.skip_until(b'\n')?;
                line.truncate(256);
                let path = String::from_utf8_lossy(&line);
                self.print_line(&Line {
                    path: &path,
                    parsed: None,
                    probe: None,
                    problem: Some("the line is longer than any path"),
                })?;
                continue;
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            if !text.is_empty() {
                self.print_alone(&String::from_utf8_lossy(text))?;
            }
            if input.buffer().is_empty() {
                self.out.flush()?;
            }
        }
    }

    fn print_argument(&mut self, path: &Path) -> io::Result<()> {
        if !path.is_dir() {
            return self.print_alone(&path.to_string_lossy());
        }
        let mut files = Vec::new();
        collect(path, &mut files, 0)?;
        let names: Vec<Cow<str>> = files.iter().map(|it| it.to_string_lossy()).collect();
        let texts: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let parsed = naming::parse_listing(&texts, self.hint);
        texts.iter().zip(&parsed).try_for_each(|(path, parsed)| self.print(path, parsed))
    }

    fn print_alone(&mut self, path: &str) -> io::Result<()> {
        let parsed = naming::parse(&with_slashes(path), self.hint);
        self.print(path, &parsed)
    }

    fn print(&mut self, path: &str, parsed: &Parsed) -> io::Result<()> {
        let file = Path::new(path);
        let probed = if self.probes && file.is_file() { Some(probe(file)) } else { None };
        let (probe, problem) = match &probed {
            Some(Ok(probe)) => (Some(probe), None),
            Some(Err(problem)) => (None, Some(problem.as_str())),
            None => (None, None),
        };
        self.print_line(&Line { path, parsed: Some(parsed), probe, problem })
    }

    fn print_line(&mut self, line: &Line) -> io::Result<()> {
        if !self.is_json {
            return write_table(&mut self.out, line);
        }
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}

/// `C:\Films\Alien.mkv` with slashes. Where a slash parts the folders already, a backslash is a sign like any other.
fn with_slashes(path: &str) -> Cow<'_, str> {
    if path.contains('\\') && !path.contains('/') {
        Cow::Owned(path.replace('\\', "/"))
    } else {
        Cow::Borrowed(path)
    }
}

/// Every file below `folder`, in order. Deeper than any library is, it stops: links may run in a circle.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>, depth: usize) -> io::Result<()> {
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

fn write_table(out: &mut impl Write, line: &Line) -> io::Result<()> {
    writeln!(out, "{}", line.path)?;
    let object = serde_json::to_value(line)?;
    for (key, value) in object.as_object().into_iter().flatten().filter(|(key, _)| *key != "path") {
        match value {
            Value::Object(probe) if key == "probe" => write_probe(out, probe)?,
            Value::String(text) => writeln!(out, "  {key:16} {text}")?,
            value => writeln!(out, "  {key:16} {value}")?,
        }
    }
    writeln!(out)
}

/// What the prober found: a line for each fact and for each member of a list, without what is unknown or does not apply.
fn write_probe(out: &mut impl Write, probe: &Map<String, Value>) -> io::Result<()> {
    for (key, value) in probe {
        match value {
            Value::Array(members) => {
                for member in members {
                    writeln!(out, "  {key:16} {}", facts(member))?;
                }
            }
            value if is_empty(value) => {}
            value => writeln!(out, "  {key:16} {}", facts(value))?,
        }
    }
    Ok(())
}

fn facts(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let known = fields.iter().filter(|(_, value)| !is_empty(value));
            known.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
        }
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(members) => members.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};

    use naming::Hint;
    use serde_json::Value;

    use super::{LONGEST_LINE, Printer};

    fn answers(input: &[u8]) -> Vec<Value> {
        let mut printer =
            Printer { out: Vec::new(), hint: Hint::Any, is_json: true, probes: false };
        printer.print_lines(BufReader::new(input)).expect("a Vec takes all");
        let text = String::from_utf8(printer.out).expect("JSON is UTF-8");
        text.lines().map(|it| serde_json::from_str(it).expect("one object a line")).collect()
    }

    #[test]
    fn a_table_shows_a_line_for_each_stream_and_nothing_that_is_unknown() {
        let probe = serde_json::json!({
            "container": "matroska", "duration_ms": null, "chapters": [], "warnings": ["cut off"],
            "streams": [{ "index": 0, "codec": "h264", "hdr": null, "flags": { "forced": false } }],
        });
        let mut out = Vec::new();
        super::write_probe(&mut out, probe.as_object().unwrap()).unwrap();
        let expected = "  container        matroska\n  warnings         cut off\n  streams          \
                        index=0 codec=\"h264\"\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn every_line_is_answered_by_one_object_in_order() {
        let found = answers(
            b"Alien (1979).mkv\r\n\nShow.S01E02.Name.1080p.WEB-DL.H.264-GRP.mkv\nHeat.1995.mkv",
        );
        let titles: Vec<_> =
            found.iter().map(|it| it["title"].as_str().unwrap_or_default()).collect();
        assert_eq!(titles, ["Alien", "Name", "Heat"]);
        assert_eq!(found[0]["year"], 1979);
        assert_eq!(found[1]["series"], "Show");
        assert_eq!(found[1]["video_codec"], "h264");
        assert!(found[2].get("season").is_none(), "what is unknown is absent");
    }

    #[test]
    fn lines_do_not_explain_each_other() {
        let alone = answers(b"Film (2010)/a.mkv\n");
        let among = answers(b"Film (2010)/b.mkv\nFilm (2010)/a.mkv\nFilm (2010)/c.mkv\n");
        assert_eq!(alone[0], among[1]);
    }

    #[test]
    fn paths_of_windows_have_folders() {
        let found =
            answers(b"C:\\Films\\Alien (1979)\\movie.mkv\n\\\\NAS\\TV\\Lost\\Season 1\\02.mkv\n");
        assert_eq!(found[0]["title"], "Alien");
        assert_eq!(found[0]["path"], "C:\\Films\\Alien (1979)\\movie.mkv");
        assert_eq!((&found[1]["series"], &found[1]["episode"]), (&"Lost".into(), &2.into()));
    }

    #[test]
    fn a_line_that_is_no_path_is_answered_too() {
        let mut input = b"Am\xe9lie (2001).mkv\n".to_vec();
        input.extend(vec![b'a'; LONGEST_LINE as usize * 2]);
        input.extend(b"\nHeat.1995.mkv\n");
        let found = answers(&input);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0]["year"], 2001);
        assert!(found[1]["problem"].is_string());
        assert_eq!(found[2]["title"], "Heat");
    }

    /// Takes nothing until it was flushed, and remembers how often.
    struct Pipe(usize);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            self.0 += 1;
            Ok(())
        }
    }

    /// Gives one line a read, as a person or program does that waits for answers.
    struct OneByOne(std::vec::IntoIter<&'static [u8]>);

    impl std::io::Read for OneByOne {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let line = self.0.next().unwrap_or_default();
            into[..line.len()].copy_from_slice(line);
            Ok(line.len())
        }
    }

    #[test]
    fn who_writes_line_by_line_is_answered_line_by_line() {
        let lines: Vec<&[u8]> = vec![b"a.mkv\n", b"b.mkv\n", b"c.mkv\n"];
        let mut printer = Printer { out: Pipe(0), hint: Hint::Any, is_json: true, probes: false };
        printer.print_lines(BufReader::new(OneByOne(lines.into_iter()))).expect("a pipe takes all");
        assert_eq!(printer.out.0, 3);
    }
}
