"""Films that tell the number of each of their frames and beep at known ones, in many codecs and containers.

A frame's number stands in its upper quarter, as sixteen cells of black and white: white, black, twelve bits of the number from
the highest, one more bit that makes the count of white ones even, and black. Every two seconds, beginning after one, a broad
band turns white for two frames and the sound chirps with the first of them.
"""

import array
import math
import random
import subprocess
from pathlib import Path

WIDTH, HEIGHT = 320, 192
RATE = 25
SECONDS = 12
CELLS, BITS = 16, 12
SAMPLE_RATE = 48000
# A chirp has one moment where it fits: that of its beginning.
CHIRP_SAMPLES = SAMPLE_RATE // 25
# The longest distance of key frames that is tried needs a longer film.
LONG_SECONDS = 40
# A whole number of frames.
LATE_S = "0.72"
WORDS = ("Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo Sierra "
         "Tango Uniform Victor Whiskey Xray Yankee Zulu").split()


def beep_frames(n_frames):
    """The frames with which the sound chirps."""
    return range(RATE, n_frames - RATE // 2, 2 * RATE)


def chirp():
    """The sound of one beep."""
    def at(n):
        t = n / SAMPLE_RATE
        window = math.sin(math.pi * n / CHIRP_SAMPLES) ** 2
        return 0.6 * window * math.sin(2 * math.pi * (600 + 40000 * t) * t)
    return [at(n) for n in range(CHIRP_SAMPLES)]


def read_number(cells):
    """The number that sixteen brightnesses stand for, or None where they stand for none."""
    middle = (max(cells) + min(cells)) / 2
    bits = [int(it > middle) for it in cells]
    if max(cells) - min(cells) < 60 or bits[:2] != [1, 0] or bits[-1] or sum(bits[2:-1]) % 2:
        return None
    return int("".join(map(str, bits[2 : 2 + BITS])), 2)


def write_masters(folder):
    """The pictures and the sound that all films are made of."""
    texture = bytes(random.Random(1).choices(range(40, 200), k=WIDTH * 2))
    for name, seconds in (("short", SECONDS), ("long", LONG_SECONDS)):
        n_frames = seconds * RATE
        beeps = set(beep_frames(n_frames))
        with open(folder / f"{name}.gray", "wb") as pictures:
            for n in range(n_frames):
                pictures.write(picture(n, n in beeps or n - 1 in beeps, texture))
        sound = array.array("f", (0.004 * math.sin(2 * math.pi * 220 * n / SAMPLE_RATE) for n in range(seconds * SAMPLE_RATE)))
        one = chirp()
        for frame in beeps:
            first = frame * SAMPLE_RATE // RATE
            for n, value in enumerate(one):
                sound[first + n] += value
        (folder / f"{name}.f32").write_bytes(sound.tobytes())


def picture(number, is_flash, texture):
    bits = [number >> (BITS - 1 - n) & 1 for n in range(BITS)]
    cells = [1, 0, *bits, sum(bits) % 2, 0]
    bars = b"".join(bytes([235 if it else 16]) * (WIDTH // CELLS) for it in cells)
    band = bytes([235 if is_flash else 60]) * WIDTH
    ground = b"".join(texture[(number * 2 + row // 8) % WIDTH :][:WIDTH] for row in range(HEIGHT // 2))
    return bars * (HEIGHT // 4) + band * (HEIGHT // 4) + ground


H264 = "-c:v libx264 -preset veryfast -crf 24 -pix_fmt yuv420p -g 50"
HEVC = "-pix_fmt yuv420p -c:v libx265 -preset ultrafast -crf 26 -g 50 -x265-params log-level=error:pools=none:frame-threads=1"
HDR = "-pix_fmt yuv420p10le -color_primaries bt2020 -colorspace bt2020nc -color_trc"
VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 500k -g 50"
AAC, OPUS = "-c:a aac -b:a 128k", "-c:a libopus -b:a 96k"
SIX = "-af pan=5.1|FL=c0|FR=c0|FC=c0|LFE=0.1*c0|BL=c0|BR=c0"
# Seven steps of five, so that frames have many lengths.
VFR = "-vf select='not(eq(mod(n,7),3))*not(eq(mod(n,11),5))' -fps_mode vfr"

# What is unusual, file ending, FFmpeg's words, and words of its own: `late_sound`, `late_pictures`, `long`, `turned`, `places`.
FILMS = [
    ("H.264, AAC", "mp4", f"{H264} {AAC} -movflags +faststart", ""),
    ("H.264, AAC", "mkv", f"{H264} {AAC}", ""),
    ("H.264, AAC", "mov", f"{H264} {AAC}", ""),
    ("H.264, AAC", "ts", f"{H264} {AAC}", ""),
    ("H.264, AC-3", "m2ts", f"{H264} -c:a ac3 -f mpegts -mpegts_m2ts_mode 1", ""),
    ("H.264, MP3", "avi", f"{H264} -bf 0 -c:a libmp3lame", ""),
    ("H.264, AAC, fragmented", "mp4", f"{H264} {AAC} -movflags frag_keyframe+empty_moov+default_base_moof", ""),
    ("H.264, AAC, fragmented with sidx", "mp4", f"{H264} {AAC} -movflags dash+global_sidx", ""),
    ("H.264, AAC, no Cues", "mkv", f"{H264} {AAC} -live 1", ""),
    ("VP9, Opus, no Cues", "webm", f"{VP9} {OPUS} -live 1", ""),
    ("H.264 10 bit, AAC", "mkv", f"{H264.replace('yuv420p', 'yuv420p10le')} {AAC}", ""),
    ("H.264 4:2:2, AAC", "mkv", f"{H264.replace('yuv420p', 'yuv422p')} {AAC}", ""),
    ("H.264 B-pyramid of 8, 5 references", "mkv", f"{H264} -bf 8 -b_strategy 0 -refs 5 -x264-params b-pyramid=normal {AAC}", ""),
    ("H.264 open GOP", "mkv", f"{H264} -bf 3 -b_strategy 0 -x264-params open-gop=1:scenecut=0 {AAC}", ""),
    ("H.264 open GOP", "mp4", f"{H264} -bf 3 -b_strategy 0 -x264-params open-gop=1:scenecut=0 {AAC}", ""),
    ("H.264 VFR", "mkv", f"{VFR} {H264} {AAC}", ""),
    ("H.264 VFR", "mp4", f"{VFR} {H264} {AAC}", ""),
    ("H.264 key frames only", "mkv", f"{H264} -g 1 {AAC}", ""),
    ("H.264 a key frame in 30 s", "mkv", f"{H264} -g 750 -sc_threshold 0 {AAC}", "long"),
    ("H.264 interlaced", "mkv", f"-vf setfield=tff {H264} -flags +ildct+ilme -x264-params tff=1 {AAC}", ""),
    ("H.264 turned by 90 degrees", "mp4", f"-vf transpose=cclock {H264} {AAC}", "turned"),
    ("H.264 anamorphic 16:11", "mkv", f"-vf setsar=16/11 {H264} {AAC}", ""),
    ("H.264 23.976", "mkv", f"-vf fps=24000/1001 {H264} {AAC}", ""),
    ("HEVC, AAC", "mp4", f"{HEVC} -tag:v hvc1 {AAC}", ""),
    ("HEVC 10 bit, AC-3", "mkv", f"{HEVC} -pix_fmt yuv420p10le -c:a ac3", ""),
    ("HEVC HDR10, E-AC-3", "mkv", f"{HEVC}:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400 "
     f"{HDR} smpte2084 -c:a eac3", ""),
    ("HEVC HLG, AAC", "ts", f"{HEVC}:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc {HDR} arib-std-b67 {AAC}", ""),
    ("AV1, Opus", "mkv", f"-c:v libsvtav1 -preset 12 -crf 45 -g 50 -svtav1-params lp=2 {OPUS}", ""),
    ("AV1, Opus", "webm", f"-c:v libsvtav1 -preset 12 -crf 45 -g 50 -svtav1-params lp=2 {OPUS}", ""),
    ("VP9, Opus", "webm", f"{VP9} {OPUS}", ""),
    ("VP9, Opus", "mkv", f"{VP9} {OPUS}", ""),
    ("VP8, Vorbis", "webm", "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 600k -g 50 -c:a libvorbis", ""),
    ("MPEG-2, MP2", "ts", "-c:v mpeg2video -q:v 4 -bf 2 -g 12 -c:a mp2", ""),
    ("MPEG-2, AC-3 5.1", "mkv", f"-c:v mpeg2video -q:v 4 -bf 2 -g 12 {SIX} -c:a ac3", ""),
    ("MPEG-4 ASP, MP3", "avi", "-c:v mpeg4 -vtag XVID -q:v 4 -bf 2 -g 50 -c:a libmp3lame", "places"),
    ("MPEG-4 ASP, AAC", "mp4", f"-c:v mpeg4 -q:v 4 -bf 2 -g 50 {AAC}", ""),
    ("MJPEG, PCM", "mov", "-c:v mjpeg -q:v 4 -pix_fmt yuvj420p -c:a pcm_s16le", ""),
    ("MJPEG, PCM", "avi", "-c:v mjpeg -q:v 4 -pix_fmt yuvj420p -c:a pcm_s16le", ""),
    ("H.264, AAC 5.1", "mkv", f"{H264} {SIX} -c:a aac -b:a 320k", ""),
    ("H.264, AC-3 5.1", "mkv", f"{H264} {SIX} -c:a ac3", ""),
    ("H.264, E-AC-3 5.1", "mp4", f"{H264} {SIX} -c:a eac3", ""),
    ("H.264, DTS 5.1", "mkv", f"{H264} {SIX} -strict -2 -c:a dca", ""),
    ("H.264, TrueHD", "mkv", f"{H264} -ac 2 -strict -2 -c:a truehd", ""),
    ("H.264, FLAC", "mkv", f"{H264} -c:a flac", ""),
    ("H.264, Opus (pre-skip)", "mkv", f"{H264} {OPUS}", ""),
    ("H.264, Opus (pre-skip)", "mp4", f"{H264} {OPUS} -strict -2", ""),
    ("H.264, MP3", "mkv", f"{H264} -c:a libmp3lame", ""),
    ("H.264, MP3", "mp4", f"{H264} -c:a libmp3lame", ""),
    ("H.264, Vorbis", "mkv", f"{H264} -c:a libvorbis", ""),
    ("H.264, PCM", "mkv", f"{H264} -c:a pcm_s16le", ""),
    ("H.264, AAC 44.1 kHz", "mkv", f"{H264} -ar 44100 {AAC}", ""),
    ("times from -0.3 s on", "mkv", f"{H264} {AAC} -avoid_negative_ts disabled -output_ts_offset -0.3", ""),
    ("times from -0.3 s on", "mp4", f"{H264} {AAC} -avoid_negative_ts disabled -output_ts_offset -0.3", ""),
    ("sound begins 0.72 s late", "mkv", f"{H264} {AAC}", "late_sound"),
    ("sound begins 0.72 s late", "mp4", f"{H264} {AAC}", "late_sound"),
    ("sound begins 0.72 s late", "ts", f"{H264} {AAC}", "late_sound"),
    ("sound begins 0.72 s early", "mkv", f"-fps_mode vfr {H264} {AAC}", "late_pictures"),
    ("sound begins 0.72 s early", "mp4", f"-fps_mode vfr {H264} {AAC}", "late_pictures"),
    ("B-frames behind an edit list", "mov", f"{H264} -bf 3 {AAC} -use_editlist 1", ""),
    ("two pictures, three sounds", "mkv", f"-map 0 -map 0 -map 1 -map 1 -map 1 {H264} {AAC} -disposition:v:1 0", ""),
    ("two pictures, three sounds", "mp4", f"-map 0 -map 0 -map 1 -map 1 -map 1 {H264} {AAC}", ""),
]


def title(number):
    """A title that no rule of names finds anything in."""
    return f"Reel {WORDS[number // len(WORDS)]} {WORDS[number % len(WORDS)]}"


def make(masters, folder, number):
    """Makes one film and gives its path."""
    _, ending, words, extra = FILMS[number]
    path = folder / f"{title(number)} (2001)" / f"{title(number)} (2001).{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    source = masters / ("long" if extra == "long" else "short")
    # What begins late lacks its beginning, so that both still tell the same moments.
    cut = ["-itsoffset", LATE_S, "-ss", LATE_S]
    late = {"late_sound": ([], cut), "late_pictures": (cut, [])}
    before_pictures, before_sound = late.get(extra, ([], []))
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y",
         *before_pictures, "-f", "rawvideo", "-s", f"{WIDTH}x{HEIGHT}", "-pix_fmt", "gray", "-framerate", str(RATE), "-i", f"{source}.gray",
         *before_sound, "-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "1", "-i", f"{source}.f32", *words.split(), str(path)],
        check=True,
    )
    if extra == "turned":
        # FFmpeg 5.1 writes how a picture is to be turned only where it copies.
        upright = path.rename(masters / path.name)
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", upright, "-c", "copy", "-metadata:s:v", "rotate=270", path], check=True)
    return path
