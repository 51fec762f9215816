//! Media files to read, made once by FFmpeg and mkvmerge and kept until their recipe changes.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to run for a file: inputs by short names, then the arguments of its own.
struct Recipe {
    name: &'static str,
    inputs: &'static str,
    args: &'static str,
}

const fn recipe(name: &'static str, inputs: &'static str, args: &'static str) -> Recipe {
    Recipe { name, inputs, args }
}

/// Letters of `inputs`: v video, V 4:3 PAL video, a stereo, s six channels, t SRT, e ASS, c chapters, p picture.
#[rustfmt::skip]
const RECIPES: &[Recipe] = &[
    recipe("film.mkv", "vasetc", "-map 0 -map 1 -map 2 -map 3 -map 4 -map_metadata 5 -c:v libx264 -c:a:0 aac -c:a:1 ac3 -c:s:0 srt -c:s:1 ass \
        -metadata title=Film -metadata:s:a:0 language=eng -metadata:s:a:0 title=Stereo -metadata:s:a:1 language=ger -metadata:s:a:1 title=Surround \
        -metadata:s:s:0 language=fre -metadata:s:s:1 language=ger -disposition:a:0 default -disposition:s:0 forced -disposition:s:1 0 \
        -attach {font} -metadata:s:t:0 mimetype=font/ttf -attach {cover} -metadata:s:t:1 mimetype=image/jpeg -metadata:s:t:1 filename=cover.jpg"),
    recipe("film.mp4", "vastcp", "-map 0 -map 1 -map 2 -map 3 -map 5 -map_metadata 4 -map_chapters 4 -c:v:0 libx264 -c:v:1 copy -disposition:v:1 attached_pic -c:a:0 aac -c:a:1 ac3 -c:s mov_text \
        -metadata title=Film -metadata artist=Somebody -metadata date=2001-02-03 -metadata comment=Remark -metadata genre=Drama -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger -metadata:s:s:0 language=fre"),
    recipe("faststart.mp4", "va", "-c:v libx264 -profile:v baseline -c:a aac -movflags faststart"),
    recipe("film.mov", "vac", "-map 0 -map 1 -map_metadata 2 -c:v libx264 -c:a aac -metadata title=Film -metadata:s:a:0 language=spa"),
    recipe("fragmented.mp4", "va", "-c:v libx264 -g 12 -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof"),
    recipe("fragmented-only.mp4", "va", "-c:v libx264 -g 12 -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof+skip_trailer"),
    recipe("dash.mp4", "v", "-c:v libx264 -g 12 -movflags dash+global_sidx+frag_keyframe"),
    recipe("hdr10.mkv", "va", "-c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=error:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400 -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -c:a eac3 -b:a 192k"),
    recipe("hdr10.mp4", "va", "-c:v libx265 -tag:v hvc1 -pix_fmt yuv420p10le -x265-params log-level=error:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -c:a eac3 -b:a 192k"),
    recipe("hlg.mp4", "v", "-c:v libx265 -tag:v hev1 -pix_fmt yuv420p10le -x265-params log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc"),
    recipe("hevc8.mkv", "v", "-c:v libx265 -x265-params log-level=error"),
    recipe("vp9.webm", "va", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
    recipe("vp9-10bit.webm", "v", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p10le"),
    recipe("vp9.mp4", "v", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"),
    recipe("vp8.webm", "va", "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis"),
    recipe("live.webm", "va", "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus -live 1 -f webm"),
    recipe("av1.mkv", "v", "-c:v libaom-av1 -cpu-used 8 -usage realtime -color_primaries bt709 -color_trc bt709 -colorspace bt709"),
    recipe("av1.mp4", "v", "-c:v libaom-av1 -cpu-used 8 -usage realtime -pix_fmt yuv420p10le"),
    recipe("mpeg4.mp4", "va", "-c:v mpeg4 -c:a libmp3lame"),
    recipe("mpeg4.mkv", "va", "-c:v mpeg4 -c:a libmp3lame"),
    recipe("mpeg2.mkv", "Va", "-c:v mpeg2video -c:a mp2"),
    recipe("high10.mkv", "v", "-c:v libx264 -pix_fmt yuv422p10le"),
    recipe("bt709.mp4", "v", "-c:v libx264 -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv -bsf:v h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"),
    recipe("anamorphic.mkv", "V", "-c:v libx264 -vf setsar=64/45"),
    recipe("anamorphic.mp4", "V", "-c:v libx264 -vf setsar=64/45"),
    recipe("interlaced.mp4", "V", "-c:v libx264 -flags +ilme+ildct -x264opts tff=1 -field_order tt"),
    recipe("prores.mov", "va", "-c:v prores_ks -pix_fmt yuv422p10le -c:a pcm_s24le"),
    recipe("sound.mka", "aasss", "-map 0 -map 1 -map 2 -map 3 -map 4 -c:a:0 flac -c:a:1 pcm_s24le -c:a:2 libopus -c:a:3 libvorbis -c:a:4 dca -strict -2"),
    recipe("truehd.mka", "s", "-c:a truehd -strict -2"),
    recipe("sound.mp4", "asas", "-map 0 -map 1 -map 2 -map 3 -c:a:0 libopus -c:a:1 eac3 -c:a:2 flac -c:a:3 alac -strict -2"),
    recipe("song.m4a", "ap", "-map 0 -map 1 -c:a aac -c:v copy -disposition:v attached_pic -metadata title=Song -metadata artist=Band -metadata album=Album -metadata album_artist=Others -metadata track=3/9 -metadata disc=1/2 -metadata date=1999"),
    recipe("song.flac", "ap", "-map 0 -map 1 -c:a flac -c:v copy -disposition:v attached_pic -metadata title=Song -metadata artist=Band -metadata album=Album -metadata track=3 -metadata date=1999"),
    recipe("song.mp3", "ap", "-map 0 -map 1 -c:a libmp3lame -c:v copy -id3v2_version 3 -metadata title=Song -metadata artist=Band -metadata album=Album -metadata track=3/9 -metadata date=1999 -metadata genre=Rock"),
    recipe("song.ogg", "a", "-c:a libvorbis -metadata title=Song -metadata artist=Band -metadata album=Album"),
    recipe("song.opus", "a", "-c:a libopus -metadata title=Song -metadata artist=Band"),
    recipe("song.wav", "a", "-c:a pcm_s16le -metadata title=Song"),
    recipe("song24.wav", "a", "-c:a pcm_s24le"),
    recipe("song.aiff", "a", "-c:a pcm_s16be"),
    recipe("song.aac", "a", "-c:a aac"),
    recipe("film.avi", "va", "-c:v mpeg4 -vtag xvid -c:a libmp3lame -metadata title=Film"),
    recipe("film.ts", "va", "-c:v libx264 -c:a aac -metadata:s:a:0 language=ger"),
    recipe("texts.avi", "va", "-c:v libxvid -c:a ac3 -metadata title=Film -metadata artist=Somebody -metadata comment=Remark -metadata date=2001 -metadata genre=Drama -metadata:s:a:0 title=Ton"),
    recipe("wide.avi", "V", "-c:v mpeg4 -vf setsar=64/45"),
    recipe("keys.mkv", "va", "-c:v libx264 -g 12 -bf 2 -c:a aac"),
    recipe("keys.mp4", "va", "-c:v libx264 -g 12 -bf 2 -c:a aac"),
    recipe("keys.mov", "v", "-c:v prores_ks -pix_fmt yuv422p10le"),
    recipe("dash-keys.mp4", "v", "-c:v libx264 -g 12 -bf 2 -movflags dash+global_sidx+frag_keyframe"),
    recipe("fragments.mp4", "v", "-c:v libx264 -g 12 -bf 2 -movflags frag_keyframe+empty_moov"),
    recipe("avc.avi", "va", "-c:v libx264 -c:a libmp3lame"),
    recipe("mjpeg.avi", "vs", "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s24le"),
    recipe("interlaced.avi", "V", "-c:v mpeg4 -flags +ilme+ildct"),
    recipe("film.m2ts", "vas", "-map 0 -map 1 -map 2 -c:v libx264 -c:a:0 ac3 -c:a:1 dca -strict -2 -metadata:s:a:0 language=eng -metadata:s:a:1 language=jpn"),
    recipe("hevc.ts", "vs", "-c:v libx265 -x265-params log-level=error -c:a eac3 -b:a 192k -metadata:s:a:0 language=fra"),
    recipe("broadcast.ts", "Vaa", "-map 0 -map 1 -map 2 -c:v mpeg2video -flags +ilme+ildct -aspect 16:9 -top 1 -c:a:0 mp2 -c:a:1 ac3 -metadata:s:a:0 language=ger -metadata:s:a:1 language=eng -disposition:a:1 visual_impaired"),
    recipe("interlaced.ts", "Va", "-c:v libx264 -flags +ilme+ildct -x264opts tff=1 -c:a libmp3lame"),
    recipe("opus.ts", "va", "-c:v mpeg4 -c:a libopus"),
    recipe("mpeg1.ts", "V", "-c:v mpeg1video"),
    recipe("radio.ts", "a", "-c:a aac -metadata:s:a:0 language=ita"),
    recipe("latm.ts", "va", "-c:v libx264 -c:a aac -mpegts_flags +latm"),
    recipe("film.mpg", "Va", "-c:v mpeg2video -flags +ilme+ildct -aspect 16:9 -top 1 -c:a mp2"),
    recipe("first.mpg", "Vaa", "-map 0 -map 1 -map 2 -c:v mpeg1video -c:a mp2 -f mpeg"),
    recipe("disc.vob", "Vs", "-c:v mpeg2video -aspect 16:9 -c:a ac3 -f dvd"),
    recipe("avc.mpg", "va", "-c:v libx264 -c:a mp2 -f vob"),
    recipe("bottom-first.mkv", "V", "-c:v libx264 -flags +ilme+ildct -x264opts bff=1"),
    recipe("hdr10.ts", "v", "-c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=error:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"),
    recipe("variable.mp4", "v", "-c:v libx264 -vf select='not(between(mod(n\\,10)\\,3\\,6))' -vsync vfr"),
    recipe("variable.mkv", "v", "-c:v libx264 -vf select='not(between(mod(n\\,10)\\,3\\,6))' -vsync vfr"),
    recipe("eac3.mka", "s", "-c:a eac3 -b:a 384k -metadata:s:a:0 language=kor"),
    recipe("surround.wav", "s", "-c:a pcm_s24le"),
    recipe("float.wav", "a", "-c:a pcm_f32le"),
    recipe("fragmented-aac.mp4", "va", "-c:v libx264 -g 12 -c:a aac -movflags frag_keyframe+empty_moov+omit_tfhd_offset"),
    recipe("book.m4b", "ac", "-map 0 -map_metadata 1 -c:a aac -metadata title=Book"),
    recipe("chapters.mp3", "ac", "-map 0 -map_metadata 1 -c:a libmp3lame -metadata title=Book"),
    recipe("chapters.ogg", "ac", "-map 0 -map_metadata 1 -c:a libvorbis -metadata title=Book"),
    recipe("chapters.opus", "ac", "-map 0 -map_metadata 1 -c:a libopus -metadata title=Book"),
    recipe("film.nut", "va", "-c:v mpeg4 -c:a mp2"),
    recipe("film.wmv", "va", "-c:v wmv2 -c:a wmav2 -metadata title=Film -metadata artist=Somebody -metadata comment=Remark"),
    recipe("wide.wmv", "V", "-c:v msmpeg4 -aspect 16:9"),
    recipe("song.wma", "a", "-c:a wmav2 -metadata title=Song -metadata album=Album -metadata track=3"),
    recipe("film.flv", "va", "-c:v flv1 -c:a libmp3lame -ar 44100"),
    recipe("avc.flv", "va", "-c:v libx264 -c:a aac"),
];

/// What only copies the streams of other samples.
#[rustfmt::skip]
const COPIES: &[(&str, &str, &str)] = &[
    ("rotated.mp4", "ffmpeg", "-i {faststart.mp4} -c copy -metadata:s:v:0 rotate=90"),
    ("upside-down.mov", "ffmpeg", "-i {faststart.mp4} -c copy -metadata:s:v:0 rotate=180"),
    ("merged.mkv", "mkvmerge", "-o {out} --title Merged --default-track-flag 1:0 --hearing-impaired-flag 2:1 --original-flag 1:1 --commentary-flag 2:1 --language 1:pt-BR --track-name 1:Dublado {film.mkv}"),
    ("merged.webm", "mkvmerge", "-o {out} --webm {vp9.webm}"),
    ("turned.mkv", "ffmpeg", "-i {rotated.mp4} -c copy"),
    ("no-cues.mkv", "mkvmerge", "-o {out} --no-cues {faststart.mp4}"),
];

const SUBTITLES: &str =
    "1\n00:00:00,100 --> 00:00:01,000\nHello\n\n2\n00:00:01,200 --> 00:00:01,900\nBye\n";
const CHAPTERS: &str = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n\
                        [CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=Zw\u{f6}lf\n";

/// A folder with every sample in it. Made by whoever comes first; the others wait.
pub fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    for recipe in RECIPES {
        (recipe.name, recipe.inputs, recipe.args).hash(&mut hasher);
    }
    (COPIES, SUBTITLES, CHAPTERS).hash(&mut hasher);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(root).unwrap();
    let folder = root.join(format!("samples-{:016x}", hasher.finish()));
    let lock = File::create(root.join("samples.lock")).unwrap();
    lock.lock().unwrap();
    if !folder.exists() {
        let draft = tempfile::tempdir_in(root).unwrap();
        make_all(draft.path());
        fs::rename(draft.keep(), &folder).unwrap();
    }
    folder
}

/// Names of all samples, in the order of the recipes.
pub fn names() -> impl Iterator<Item = &'static str> {
    RECIPES.iter().map(|it| it.name).chain(COPIES.iter().map(|it| it.0))
}

/// Whether a sample is of a kind that our own readers do not read.
pub fn is_foreign(name: &str) -> bool {
    name.split_once('.').is_some_and(|it| it.1 == "nut")
}

fn make_all(folder: &Path) {
    fs::write(folder.join("text.srt"), SUBTITLES).unwrap();
    fs::write(folder.join("chapters.txt"), CHAPTERS).unwrap();
    fs::write(folder.join("font.ttf"), [0; 512]).unwrap();
    run(folder, "ffmpeg", "-f lavfi -i color=red:s=64x96:d=1 -frames:v 1", "cover.jpg");
    run(folder, "ffmpeg", "-i {text.srt}", "text.ass");
    let workers: Vec<_> = (0..2).map(|n| RECIPES.iter().skip(n).step_by(2)).collect();
    std::thread::scope(|scope| {
        for recipes in workers {
            scope.spawn(move || {
                recipes.for_each(|it| run(folder, "ffmpeg", &arguments(it), it.name));
            });
        }
    });
    for (name, program, args) in COPIES {
        run(folder, program, args, name);
    }
}

fn arguments(recipe: &Recipe) -> String {
    let inputs = recipe.inputs.chars().map(|it| match it {
        'v' => "-f lavfi -i testsrc2=s=320x180:r=24000/1001:d=2 ",
        'V' => "-f lavfi -i testsrc2=s=720x576:r=25:d=1 ",
        'a' => "-f lavfi -i aevalsrc=sin(440*t)|sin(220*t):s=48000:d=2 ",
        's' => "-f lavfi -i aevalsrc=0.1|0.1|0.1|0.1|0.1|0.1:c=5.1:s=48000:d=2 ",
        't' => "-i {text.srt} ",
        'e' => "-i {text.ass} ",
        'c' => "-f ffmetadata -i {chapters.txt} ",
        'p' => "-i {cover.jpg} ",
        other => panic!("no input is called {other}"),
    });
    let defaults = if recipe.args.contains("pix_fmt") { "" } else { "-pix_fmt yuv420p " };
    inputs.collect::<String>() + defaults + recipe.args
}

#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
fn run(folder: &Path, program: &str, args: &str, name: &str) {
    let out = folder.join(name);
    let mut command = Command::new(program);
    if program == "ffmpeg" {
        command.args(["-v", "error", "-nostdin", "-y", "-fflags", "+bitexact"]);
    }
    for arg in args.split_whitespace() {
        match arg.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            Some("out") => command.arg(&out),
            Some("font") => command.arg(folder.join("font.ttf")),
            Some("cover") => command.arg(folder.join("cover.jpg")),
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
