//! Films of some fifteen seconds, long enough to be cut, made once by FFmpeg and mkvmerge.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use media::samples::{Film, FilmError, Index};

const VIDEO: &str = "-f lavfi -i testsrc2=s=160x90:r=24000/1001:d=13";
const SOUND: &str = "-f lavfi -i aevalsrc=sin(440*t)|sin(220*t):s=48000:d=13";
const WIDE_SOUND: &str = "-f lavfi -i aevalsrc=0.1|0.1|0.1|0.1|0.1|0.1:c=5.1:s=48000:d=13";

/// Tones that never repeat, so that a sample too many or too few is heard; quiet enough for every coder.
const SWEEP: &str =
    "-f lavfi -i aevalsrc=0.2*sin(6.2832*(200+20*t)*t)|0.2*sin(6.2832*(330+10*t)*t):s=48000:d=13";
const WIDE_SWEEP: &str = "-f lavfi -i aevalsrc=0.2*sin(6.2832*(200+20*t)*t)|0.2*sin(6.2832*(330+10*t)*t)|0.2*sin(6.2832*(500+15*t)*t)|0|0.1*sin(3000*t)|0.1*sin(4000*t):c=5.1:s=48000:d=13";

/// Name, inputs by letters (v picture, a stereo, s six channels, b and w the same as sweeps, t subtitles), arguments.
#[rustfmt::skip]
pub const FILMS: &[(&str, &str, &str)] = &[
    ("h264-aac.mkv", "va", "-c:v libx264 -g 24 -c:a aac"),
    ("h264-aac.mp4", "va", "-c:v libx264 -g 24 -c:a aac"),
    ("h264-aac.mov", "va", "-c:v libx264 -g 24 -c:a aac"),
    ("fragmented.mp4", "va", "-c:v libx264 -g 24 -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof"),
    ("fragmented-moov.mp4", "va", "-c:v libx264 -g 24 -c:a aac -movflags frag_keyframe"),
    ("sounds.mkv", "vasat", "-map 0 -map 1 -map 2 -map 3 -map 4 -c:v libx264 -g 48 -c:a:0 libmp3lame -c:a:1 ac3 -c:a:2 flac -c:s srt -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger -metadata:s:s:0 language=fre"),
    ("sounds.mp4", "vast", "-map 0 -map 1 -map 2 -map 3 -c:v libx264 -g 48 -c:a:0 libmp3lame -c:a:1 eac3 -c:s mov_text"),
    ("styled.mkv", "vat", "-c:v libx264 -g 48 -c:a aac -c:s ass"),
    ("hevc-eac3.mkv", "vs", "-c:v libx265 -x265-params log-level=error:keyint=48:bframes=4 -c:a eac3"),
    ("hevc-hev1.mp4", "va", "-c:v libx265 -tag:v hev1 -x265-params log-level=error:keyint=48 -c:a aac"),
    ("vp9-opus.webm", "va", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 48 -c:a libopus"),
    ("av1-opus.mkv", "va", "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 48 -c:a libopus"),
    ("av1-opus.mp4", "va", "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 48 -c:a libopus"),
    ("open-gop.mkv", "va", "-c:v libx264 -x264-params open-gop=1:keyint=24:min-keyint=24:scenecut=0:bframes=3 -c:a aac"),
    ("no-reorder.mkv", "va", "-c:v libx264 -bf 0 -g 24 -c:a aac"),
    ("one-group.mkv", "va", "-c:v libx264 -g 9999 -sc_threshold 0 -c:a aac"),
    ("every-frame.mkv", "va", "-c:v libx264 -g 1 -c:a aac"),
    ("variable.mkv", "va", "-vf select=not(eq(mod(n\\,5)\\,2)) -vsync vfr -c:v libx264 -g 24 -bf 3 -b_strategy 0 -c:a aac"),
    ("variable.mp4", "va", "-vf select=not(eq(mod(n\\,5)\\,2)) -vsync vfr -c:v libx264 -g 24 -bf 3 -b_strategy 0 -c:a aac"),
    ("low-rate.mkv", "va", "-c:v libx264 -g 24 -c:a aac -ar 22050"),
    ("h264-aac.ts", "va", "-c:v libx264 -g 24 -c:a aac"),
    ("h264-sounds.ts", "vas", "-map 0 -map 1 -map 2 -c:v libx264 -g 48 -c:a:0 libmp3lame -c:a:1 ac3 -metadata:s:a:0 language=ger -metadata:s:a:1 language=eng"),
    ("hevc-eac3.ts", "vs", "-c:v libx265 -x265-params log-level=error:keyint=48:bframes=4 -c:a eac3"),
    ("h264-ac3.m2ts", "vs", "-c:v libx264 -x264-params open-gop=1:keyint=24:min-keyint=24:scenecut=0:bframes=3 -c:a ac3"),
    ("h264-mp3.avi", "va", "-c:v libx264 -g 24 -bf 3 -c:a libmp3lame"),
    ("h264-ac3.mpg", "vs", "-c:v libx264 -g 24 -c:a ac3 -f vob"),
    ("h264-aac.flv", "va", "-c:v libx264 -g 24 -c:a aac"),
    ("h264-mp3.flv", "va", "-c:v libx264 -x264-params open-gop=1:keyint=24:min-keyint=24:scenecut=0:bframes=3 -c:a libmp3lame -ar 44100"),
    ("h264-ac3.avi", "va", "-c:v libx264 -g 48 -bf 0 -c:a ac3 -ar 44100"),
];

/// What no segment carries, and can only be made anew.
#[rustfmt::skip]
pub const SOURCES: &[(&str, &str, &str)] = &[
    ("h264-dts.mkv", "vw", "-c:v libx264 -g 48 -strict -2 -c:a dca"),
    ("h264-truehd.mkv", "vw", "-c:v libx264 -g 48 -strict -2 -c:a truehd"),
    ("h264-vorbis.mkv", "vb", "-c:v libx264 -g 48 -c:a libvorbis"),
    ("h264-pcm.mkv", "vb", "-c:v libx264 -g 48 -c:a pcm_s24le"),
    ("h264-alac.mp4", "vb", "-c:v libx264 -g 48 -c:a alac"),
    ("mpeg2-mp2.mkv", "vb", "-r 25 -c:v mpeg2video -bf 2 -g 12 -c:a mp2"),
    ("interlaced.mkv", "va", "-r 25 -vf tinterlace=4 -c:v mpeg2video -flags +ilme+ildct -g 12 -c:a mp2"),
    ("mpeg4.mkv", "va", "-c:v mpeg4 -bf 2 -g 48 -c:a libmp3lame"),
    ("mpeg4.mp4", "vb", "-c:v mpeg4 -g 48 -c:a aac -ar 44100"),
    ("sweeps.mkv", "vwwbbbb", "-map 0 -map 1 -map 2 -map 3 -map 4 -map 5 -map 6 -c:v libx264 -g 48 -c:a:0 ac3 -c:a:1 eac3 -c:a:2 aac -c:a:3 libmp3lame -c:a:4 flac -c:a:5 libopus"),
    ("sweeps.mp4", "vwbb", "-map 0 -map 1 -map 2 -map 3 -c:v libx264 -g 48 -c:a:0 ac3 -c:a:1 aac -c:a:2 libmp3lame"),
    ("low-sweep.mkv", "vb", "-c:v libx264 -g 48 -c:a flac -ar 22050"),
    ("open-gop.mp4", "va", "-c:v libx264 -x264-params open-gop=1:keyint=24:min-keyint=24:scenecut=0:bframes=3:slices=4 -c:a aac"),
    ("fields.mkv", "va", "-vf scale=160:96 -c:v libx264 -flags +ilme+ildct -x264-params open-gop=1:keyint=24:min-keyint=24:scenecut=0:bframes=3:tff=1 -c:a aac"),
    ("wrapping.mkv", "va", "-c:v libx265 -x265-params log-level=error:keyint=130:min-keyint=130:scenecut=0:bframes=4 -c:a aac"),
    ("hdr.mkv", "va", "-c:v libx265 -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -x265-params log-level=error:keyint=48:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc -c:a flac"),
    ("mpeg2-mp2.ts", "vb", "-r 25 -c:v mpeg2video -bf 2 -g 12 -c:a mp2"),
    ("mpeg2-mp2.mpg", "vb", "-r 25 -c:v mpeg2video -bf 2 -g 12 -c:a mp2"),
    ("mpeg1-mp2.mpg", "vb", "-r 25 -c:v mpeg1video -bf 2 -g 12 -c:a mp2 -f mpeg"),
    ("fields.mpg", "va", "-r 25 -vf tinterlace=4 -c:v mpeg2video -flags +ilme+ildct -g 12 -c:a mp2"),
    ("dvd.vob", "vwb", "-map 0 -map 1 -map 2 -r 25 -c:v mpeg2video -bf 2 -g 12 -c:a:0 ac3 -c:a:1 pcm_dvd -f dvd"),
    ("dts.vob", "vwb", "-map 0 -map 1 -map 2 -r 25 -c:v mpeg2video -bf 2 -g 12 -strict -2 -c:a:0 dca -c:a:1 pcm_dvd -sample_fmt:a:1 s32 -f vob"),
    ("sorenson.flv", "vb", "-c:v flv1 -g 24 -c:a libmp3lame -ar 44100"),
    ("screen.flv", "vb", "-r 12 -c:v flashsv -g 24 -c:a adpcm_swf -ar 44100"),
    ("speex.flv", "vb", "-c:v flv1 -g 24 -c:a libspeex -ar 16000 -ac 1"),
    ("nelly.flv", "vb", "-c:v flv1 -g 24 -c:a nellymoser -ar 22050 -ac 1"),
    ("wmv2-wma.wmv", "vb", "-c:v wmv2 -g 24 -c:a wmav2"),
    ("wmv1-wma.wmv", "vb", "-c:v wmv1 -g 24 -c:a wmav1 -ar 44100"),
    ("msmpeg4-mp3.asf", "vb", "-c:v msmpeg4 -g 24 -c:a libmp3lame"),
    ("latm.ts", "vb", "-c:v libx264 -g 48 -c:a aac -mpegts_flags +latm"),
    ("pcm.m2ts", "vwb", "-map 0 -map 1 -map 2 -c:v libx264 -g 48 -c:a:0 pcm_bluray -c:a:1 pcm_bluray -sample_fmt:a:1 s32"),
    ("mpeg2-fields.ts", "va", "-r 25 -vf tinterlace=4 -c:v mpeg2video -flags +ilme+ildct -g 12 -c:a mp2"),
    ("h264-dts.m2ts", "vw", "-c:v libx264 -g 48 -strict -2 -c:a dca"),
    ("sweeps.ts", "vwb", "-map 0 -map 1 -map 2 -c:v libx264 -g 48 -c:a:0 ac3 -c:a:1 aac"),
    ("xvid-mp3.avi", "vb", "-c:v mpeg4 -vtag XVID -bf 2 -g 48 -c:a libmp3lame"),
    ("packed.avi", "vb", "-c:v libxvid -bf 2 -g 48 -c:a ac3"),
    ("ten-bit.mkv", "va", "-c:v libx264 -pix_fmt yuv420p10le -g 48 -c:a ac3"),
];

/// What only copies the streams of others.
#[rustfmt::skip]
const COPIES: &[(&str, &str, &str)] = &[
    ("merged.mkv", "mkvmerge", "-o {out} {h264-aac.mkv}"),
    ("merged-sounds.mkv", "mkvmerge", "-o {out} {sounds.mkv}"),
    ("stripped.mkv", "mkvmerge", "-o {out} --compression -1:none --compression 1:none {hevc-eac3.mkv}"),
    ("late-sound.mkv", "ffmpeg", "-i {h264-aac.mkv} -itsoffset 0.7 -i {h264-aac.mkv} -map 0:v -map 1:a -c copy"),
    ("late-sweep.mkv", "ffmpeg", "-i {h264-pcm.mkv} -itsoffset 0.7 -i {h264-pcm.mkv} -map 0:v -map 1:a -c copy"),
    ("early-sweep.mkv", "ffmpeg", "-i {h264-pcm.mkv} -t 5 -i {h264-pcm.mkv} -map 0:v -map 1:a -c copy"),
    ("early-end.mkv", "ffmpeg", "-i {h264-aac.mkv} -t 5 -i {h264-aac.mkv} -map 0:v -map 1:a -c copy"),
    ("no-cues.mkv", "mkvmerge", "-o {out} --no-cues {h264-aac.mkv}"),
    ("live.mkv", "ffmpeg", "-i {sounds.mkv} -map 0 -c copy -live 1"),
];

/// Gives what is left of a film in a folder.
type Spoil = fn(&Path) -> Vec<u8>;

/// What becomes of others by cutting them off, joining and spoiling them.
const SPOILT: &[(&str, Spoil)] = &[
    ("twice.ts", |it| [read(it, "h264-aac.ts"), read(it, "h264-aac.ts")].concat()),
    ("jump.ts", |it| [read(it, "h264-sounds.ts"), read(it, "h264-aac.ts")].concat()),
    // Cells of a disc, each of which begins its clock anew.
    ("cells.vob", |it| [read(it, "dvd.vob"), read(it, "dvd.vob")].concat()),
    ("cut-off.vob", |it| cut_off(read(it, "dvd.vob"))),
    ("damaged.vob", |it| spoil(read(it, "dvd.vob"))),
    ("cut-off.flv", |it| cut_off(read(it, "h264-aac.flv"))),
    ("cut-off.wmv", |it| cut_off(read(it, "wmv2-wma.wmv"))),
    ("damaged.flv", |it| spoil(read(it, "h264-aac.flv"))),
    ("damaged.wmv", |it| spoil(read(it, "wmv2-wma.wmv"))),
    ("cut-off.ts", |it| cut_off(read(it, "h264-aac.ts"))),
    ("no-index.avi", |it| cut_off(read(it, "xvid-mp3.avi"))),
    ("cut-off.mkv", |it| cut_off(read(it, "no-cues.mkv"))),
    ("damaged.mkv", |it| {
        let mut bytes = read(it, "no-cues.mkv");
        let middle = bytes.len() / 2;
        bytes[middle..middle + 3000].fill(0xaa);
        bytes
    }),
    ("damaged.ts", |it| {
        let mut bytes = read(it, "h264-aac.ts");
        let middle = bytes.len() / 2;
        bytes[middle..middle + 3001].fill(0x47);
        bytes
    }),
    ("lying.mkv", |it| {
        let mut bytes = read(it, "h264-aac.mkv");
        // The Cues stand behind the clusters: every place in them is moved.
        let cues = bytes.windows(4).rposition(|it| it == [0x1c, 0x53, 0xbb, 0x6b]).unwrap();
        let places: Vec<usize> = (cues..bytes.len() - 1).filter(|at| bytes[*at] == 0xf1).collect();
        assert!(places.len() > 3, "cues");
        for at in places {
            let size = usize::from(bytes[at + 1] & 0x7f);
            bytes[at + 1 + size] ^= 0x15;
        }
        bytes
    }),
];

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap()
}

fn spoil(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle..middle + 5001].fill(0xba);
    bytes
}

fn cut_off(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() * 7 / 10);
    bytes
}

/// A film, with an index of ours where it has none.
pub fn open(name: &str) -> (File, Film) {
    let file = File::open(folder().join(name)).unwrap();
    let film = match Film::open(&file) {
        Err(FilmError::NoIndex) => Film::open_with(&file, Some(&index(&file, name))),
        opened => opened,
    };
    (file, film.unwrap_or_else(|it| panic!("{name}: {it}")))
}

/// An index of ours, kept and read again.
fn index(file: &File, name: &str) -> Index {
    let index = Index::of(file, None, &mut |_| ControlFlow::Continue(()));
    let index = index.unwrap_or_else(|it| panic!("{name}: {it}"));
    let again = Index::from_bytes(&index.to_bytes());
    assert_eq!(again.as_ref(), Some(&index), "{name}");
    index
}

const SUBTITLES: &str = "1\n00:00:00,100 --> 00:00:01,000\nHello\n\n2\n00:00:06,200 --> 00:00:07,900\n\
                         <i>Bye</i>\n\n3\n00:00:11,000 --> 00:00:12,000\nTwo\nlines\n";

/// A folder with every film in it. Made by whoever comes first; the others wait.
pub fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    let spoilt: Vec<&str> = SPOILT.iter().map(|it| it.0).collect();
    (spoilt, FILMS, SOURCES, COPIES, SUBTITLES, VIDEO, SOUND, WIDE_SOUND, SWEEP, WIDE_SWEEP)
        .hash(&mut hasher);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(root).unwrap();
    let folder = root.join(format!("films-{:016x}", hasher.finish()));
    let lock = File::create(root.join("films.lock")).unwrap();
    lock.lock().unwrap();
    if !folder.exists() {
        let draft = tempfile::tempdir_in(root).unwrap();
        fs::write(draft.path().join("text.srt"), SUBTITLES).unwrap();
        for (name, inputs, args) in FILMS.iter().chain(SOURCES) {
            let inputs = inputs.chars().map(|it| match it {
                'v' => VIDEO,
                'a' => SOUND,
                's' => WIDE_SOUND,
                'b' => SWEEP,
                'w' => WIDE_SWEEP,
                _ => "-i {text.srt}",
            });
            let inputs = inputs.collect::<Vec<_>>().join(" ");
            run(
                draft.path(),
                "ffmpeg",
                &format!("{inputs} -pix_fmt yuv420p -preset ultrafast {args}"),
                name,
            );
        }
        for (name, program, args) in COPIES {
            run(draft.path(), program, args, name);
        }
        for (name, make) in SPOILT {
            fs::write(draft.path().join(name), make(draft.path())).unwrap();
        }
        fs::rename(draft.keep(), &folder).unwrap();
    }
    folder
}

/// Whether a film is in packets, whose zero may be anywhere.
pub fn is_packed(name: &str) -> bool {
    ["ts", "mpg", "vob"].iter().any(|it| name.ends_with(it))
}

/// Whether a film is in a container that counts bytes and times otherwise than segments do.
pub fn is_other(name: &str) -> bool {
    is_packed(name) || name.ends_with("avi")
}

/// Names of all films that can be cut.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILMS
        .iter()
        .map(|it| it.0)
        .chain(COPIES.iter().map(|it| it.0))
        .filter(|it| !it.contains("-sweep"))
}

#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
pub fn run(folder: &Path, program: &str, args: &str, name: &str) {
    let out = folder.join(name);
    let mut command = Command::new(program);
    let args = if args.contains("libx264") {
        args.to_owned()
    } else {
        args.replace("-preset ultrafast ", "")
    };
    if program == "ffmpeg" {
        command.args(["-v", "error", "-nostdin", "-y", "-fflags", "+bitexact"]);
    }
    for arg in args.split_whitespace() {
        match arg.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            Some("out") => command.arg(&out),
            Some(other) => command.arg(folder.join(other)),
            None => command.arg(arg),
        };
    }
    if program == "ffmpeg" {
        command.arg(&out);
    }
    let output =
        command.output().unwrap_or_else(|it| panic!("{program} is needed for this test: {it}"));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}
