//! From what a demo file should be to the FFmpeg call that makes it.
//!
//! A recipe is plain text, so that the manifest can tell whether a file was made by the same one.

use anyhow::Result;

use super::drawn;
use super::scene::{self, Scene};
use crate::ffmpeg::{BITEXACT, Ffmpeg};

/// One file of the demo folder.
pub struct Piece {
    /// Below the demo folder.
    pub path: String,
    /// How it is made.
    pub content: Content,
}

/// What a file holds.
pub enum Content {
    /// A text file: subtitles, NFO.
    Text(String),
    /// A JPEG of this width and height.
    Picture(Scene, [u32; 2]),
    /// A film or an episode.
    Video(Video),
    /// A piece of music.
    Song(Song),
}

/// A film or an episode.
#[derive(Clone)]
pub struct Video {
    pub scene: Scene,
    pub size: [u32; 2],
    pub rate: u32,
    pub seconds: u32,
    pub codec: VideoCodec,
    pub audio: Vec<AudioTrack>,
    /// Embedded text subtitles, by language (`eng`, `ger`).
    pub subtitles: Vec<&'static str>,
    /// Language of an embedded subtitle that is pictures.
    pub drawn: Option<&'static str>,
    /// Names of chapters of equal length.
    pub chapters: Vec<&'static str>,
}

/// How the picture is coded.
#[derive(Clone, Copy)]
pub enum VideoCodec {
    H264,
    /// 10 bit, with HDR10's static metadata.
    HevcHdr10,
    Vp9,
    Av1,
    /// MPEG-4 part 2, as in the AVI files of the 2000s.
    Mpeg4,
}

/// How a sound track is coded.
#[derive(Clone, Copy)]
pub enum AudioCodec {
    Aac,
    Ac3,
    Mp3,
    Opus,
    Flac,
}

/// One sound track: a steady tone, of another height for each language so that the ear tells them apart.
#[derive(Clone, Copy)]
pub struct AudioTrack {
    pub language: &'static str,
    pub codec: AudioCodec,
    pub channels: u32,
    pub tone_hz: u32,
}

/// A piece of music with its tags and cover.
pub struct Song {
    pub artist: &'static str,
    pub album: &'static str,
    pub year: u32,
    pub number: u32,
    pub title: &'static str,
    pub codec: AudioCodec,
    pub seconds: u32,
    /// The tone that the little melody starts from.
    pub tone_hz: u32,
    pub cover: Scene,
}

/// What is needed to make one file.
pub struct Recipe {
    /// Encoders without which the file is left out.
    pub encoders: Vec<&'static str>,
    /// Text files that FFmpeg reads, by the name that `arguments` use.
    pub inputs: Vec<(String, String)>,
    /// FFmpeg's arguments without the output; none for a text file.
    pub arguments: Option<Vec<String>>,
    /// What a text file holds.
    pub text: String,
}

/// Every file carries the same date of making, so that it never changes.
const CREATION_TIME: &str = "creation_time=2026-01-01T00:00:00Z";

impl Content {
    /// The recipe; `name` keeps the input files of concurrent calls apart.
    pub fn recipe(&self, name: &str, ffmpeg: &Ffmpeg) -> Result<Recipe> {
        match self {
            Self::Text(text) => {
                Ok(Recipe { encoders: vec![], inputs: vec![], arguments: None, text: text.clone() })
            }
            Self::Picture(scene, size) => picture(scene, ffmpeg, *size),
            Self::Video(video) => video.recipe(name, ffmpeg),
            Self::Song(song) => song.recipe(ffmpeg),
        }
    }
}

fn picture(scene: &Scene, ffmpeg: &Ffmpeg, size: [u32; 2]) -> Result<Recipe> {
    let mut call = Call::default();
    call.push(&["-f", "lavfi", "-i", &scene::still(scene, ffmpeg, size)?]);
    call.push(&["-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]);
    call.push(BITEXACT);
    call.push(&["-f", "image2", "-update", "1"]);
    Ok(call.into_recipe(vec!["mjpeg"], vec![]))
}

impl Video {
    fn recipe(&self, name: &str, ffmpeg: &Ffmpeg) -> Result<Recipe> {
        let mut call = Call::default();
        let mut inputs = vec![];
        call.push(&["-f", "lavfi", "-i"]);
        call.push(&[&scene::video(&self.scene, ffmpeg, self.size, self.rate, self.seconds)?]);
        for track in &self.audio {
            let tone = format!(
                "sine=frequency={}:sample_rate=48000:duration={}",
                track.tone_hz, self.seconds
            );
            call.push(&["-f", "lavfi", "-i", &format!("{tone},volume=0.15")]);
        }
        for language in &self.subtitles {
            let file = format!("{name}.{language}.srt");
            call.push(&["-f", "srt", "-i", &file]);
            inputs.push((file, subtitles(language, self.seconds)));
        }
        if self.drawn.is_some() {
            call.push(&["-f", "sup", "-i", &drawn::address(self.size, self.seconds)]);
        }
        if !self.chapters.is_empty() {
            let file = format!("{name}.chapters");
            call.push(&["-f", "ffmetadata", "-i", &file]);
            inputs.push((file, chapters(&self.chapters, self.seconds)));
        }

        let n_texts = self.subtitles.len();
        let n_tracks = 1 + self.audio.len() + n_texts + usize::from(self.drawn.is_some());
        for track in 0..n_tracks {
            call.push(&["-map", &track.to_string()]);
        }
        call.push(BITEXACT);
        if !self.chapters.is_empty() {
            call.push(&["-map_chapters", &n_tracks.to_string()]);
        }
        call.push(&[
            "-metadata",
            &format!("title={}", self.scene.title),
            "-metadata",
            CREATION_TIME,
        ]);

        let mut encoders = vec![self.codec.encoder()];
        call.push(&["-c:v", self.codec.encoder()]);
        call.push(self.codec.arguments());
        call.push(&["-g", &(self.rate * 2).to_string()]);
        for (n, track) in self.audio.iter().enumerate() {
            encoders.push(track.codec.encoder());
            call.push(&[&format!("-c:a:{n}"), track.codec.encoder()]);
            call.push(&[&format!("-ac:a:{n}"), &track.channels.to_string()]);
            call.push(&[&format!("-metadata:s:a:{n}"), &format!("language={}", track.language)]);
            call.push(&[&format!("-disposition:a:{n}"), if n == 0 { "default" } else { "0" }]);
        }
        for (n, language) in self.subtitles.iter().enumerate() {
            call.push(&[&format!("-c:s:{n}"), "srt"]);
            call.push(&[&format!("-metadata:s:s:{n}"), &format!("language={language}")]);
        }
        if let Some(language) = self.drawn {
            call.push(&[&format!("-c:s:{n_texts}"), "copy"]);
            call.push(&[&format!("-metadata:s:s:{n_texts}"), &format!("language={language}")]);
        }
        // Ignored by all containers but MP4, where it puts the index first.
        call.push(&["-movflags", "+faststart"]);
        Ok(call.into_recipe(encoders, inputs))
    }
}

impl VideoCodec {
    fn encoder(self) -> &'static str {
        match self {
            Self::H264 => "libx264",
            Self::HevcHdr10 => "libx265",
            Self::Vp9 => "libvpx-vp9",
            Self::Av1 => "libsvtav1",
            Self::Mpeg4 => "mpeg4",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::H264 => &["-preset", "veryfast", "-crf", "28", "-pix_fmt", "yuv420p"],
            Self::HevcHdr10 => &[
                "-preset",
                "ultrafast",
                "-crf",
                "30",
                "-pix_fmt",
                "yuv420p10le",
                "-color_primaries",
                "bt2020",
                "-color_trc",
                "smpte2084",
                "-colorspace",
                "bt2020nc",
                "-tag:v",
                "hvc1",
                "-x265-params",
                "log-level=error:pools=none:frame-threads=1:repeat-headers=1:hdr10=1:\
                 colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400:\
                 master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)",
            ],
            Self::Vp9 => &["-deadline", "realtime", "-cpu-used", "8", "-crf", "38", "-b:v", "0"],
            Self::Av1 => &["-preset", "12", "-crf", "45", "-svtav1-params", "lp=1"],
            Self::Mpeg4 => &["-q:v", "6", "-vtag", "XVID"],
        }
    }
}

impl AudioCodec {
    fn encoder(self) -> &'static str {
        match self {
            Self::Aac => "aac",
            Self::Ac3 => "ac3",
            Self::Mp3 => "libmp3lame",
            Self::Opus => "libopus",
            Self::Flac => "flac",
        }
    }
}

impl Song {
    fn recipe(&self, ffmpeg: &Ffmpeg) -> Result<Recipe> {
        let mut call = Call::default();
        // Three plucked notes a second, walking up in fifths.
        let melody = format!(
            "aevalsrc='0.3*sin(2*PI*{}*pow(2,mod(floor(3*t)*7,12)/12)*t)*exp(-4*mod(t,1/3))'\
             :sample_rate=44100:duration={}",
            self.tone_hz, self.seconds
        );
        call.push(&["-f", "lavfi", "-i", &melody]);
        let has_cover = !matches!(self.codec, AudioCodec::Opus);
        if has_cover {
            call.push(&["-f", "lavfi", "-i", &scene::still(&self.cover, ffmpeg, [500, 500])?]);
            call.push(&[
                "-map",
                "0:a",
                "-map",
                "1:v",
                "-frames:v",
                "1",
                "-c:v",
                "mjpeg",
                "-pix_fmt",
                "yuvj420p",
            ]);
            call.push(&[
                "-disposition:v",
                "attached_pic",
                "-metadata:s:v",
                "comment=Cover (front)",
            ]);
        }
        call.push(BITEXACT);
        call.push(&["-c:a", self.codec.encoder(), "-ac", "2"]);
        for (key, value) in [
            ("title", self.title),
            ("artist", self.artist),
            ("album_artist", self.artist),
            ("album", self.album),
            ("genre", "Ambient"),
        ] {
            call.push(&["-metadata", &format!("{key}={value}")]);
        }
        call.push(&[
            "-metadata",
            &format!("date={}", self.year),
            "-metadata",
            &format!("track={}", self.number),
        ]);
        Ok(call.into_recipe(vec![self.codec.encoder(), "mjpeg"], vec![]))
    }
}

/// SubRip text with a line every four seconds.
pub fn subtitles(language: &str, seconds: u32) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    for (n, start) in (1..).zip((1..seconds.saturating_sub(3)).step_by(4)) {
        let line = match language {
            "ger" => format!("Das ist Zeile {n}, auf Deutsch."),
            "fre" => format!("Voici la ligne {n}, en français."),
            "sdh" => format!("[waves, line {n}]\nTHE KEEPER: This is line {n}."),
            _ => format!("This is line {n}, in English."),
        };
        let (from, to) = (clock(start), clock(start + 3));
        writeln!(text, "{n}\n{from},000 --> {to},000\n{line}\n")
            .expect("a string takes all that is written");
    }
    text
}

fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn chapters(names: &[&str], seconds: u32) -> String {
    use std::fmt::Write as _;

    let length_ms = seconds * 1000 / names.len() as u32;
    let mut text = String::from(";FFMETADATA1\n");
    for (n, name) in (0..).zip(names) {
        let (start, end) = (n * length_ms, (n + 1) * length_ms);
        writeln!(text, "[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={name}")
            .expect("a string takes all that is written");
    }
    text
}

/// FFmpeg's arguments as they grow.
#[derive(Default)]
struct Call(Vec<String>);

impl Call {
    fn push(&mut self, arguments: &[&str]) {
        self.0.extend(arguments.iter().map(|&it| it.to_owned()));
    }

    fn into_recipe(self, encoders: Vec<&'static str>, inputs: Vec<(String, String)>) -> Recipe {
        Recipe { encoders, inputs, arguments: Some(self.0), text: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::{chapters, subtitles};

    #[test]
    fn subtitles_end_before_the_film_does() {
        let text = subtitles("eng", 12);
        assert!(text.starts_with("1\n00:00:01,000 --> 00:00:04,000\nThis is line 1"), "{text}");
        assert!(text.contains("00:00:05,000 --> 00:00:08,000"), "{text}");
        assert!(!text.contains("00:00:13"), "{text}");
    }

    #[test]
    fn chapters_share_the_film_evenly() {
        let text = chapters(&["One", "Two"], 10);
        assert!(text.contains("START=5000\nEND=10000\ntitle=Two"), "{text}");
    }
}
