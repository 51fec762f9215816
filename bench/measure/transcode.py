"""Converting beside bare `ffmpeg` with the same settings: a noisy 1080p film in HEVC, and one whose sound alone is converted."""

import re
import resource
import statistics
import subprocess
import time
from pathlib import Path

import house
import report

CLIP_SECONDS = 12
RATE = 24
LOOPS = 10
ROUNDS = 5
# Runs one behind the other, whose processor time is compared with that of one encoder over all of them.
RUNS = 8
# As these films are cut: four seconds of pictures come in parts of one, one and two, of sound in one part.
PARTS_OF_RUN = {"pictures": 3, "sound": 1}

PROFILE = {
    "containers": ["mp4"],
    "protocols": ["hls"],
    "video": [{"codec": "h264"}],
    "audio": [{"codec": "aac"}],
}
# Pictures of 720 lines are what fits this way to the client.
LIMITS = {"pictures": {"max_bitrate_bps": 5_000_000}, "sound": {}}
NOTHING_KEPT = {"REVENGE_TRANSCODE__CACHE_MB": "0", "REVENGE_TRANSCODE__DISK_CACHE_MB": "0"}
# However full the disk is.
KEPT = {"REVENGE_TRANSCODE__MIN_FREE_MB": "0"}
# As `media::transcode` has them: bits per second at the most, and the size.
RUNGS = {"1080": (8_000_000, "1920:1080"), "720": (4_000_000, "1280:720"), "480": (1_800_000, "854:480")}
HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=48:min-keyint=48:scenecut=0",
        "-b:v", "12M", "-c:a", "aac"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-b:v", "12M", "-c:a", "ac3", "-b:a", "448k"]


def main():
    binary = house.program()
    with house.work_folder() as work:
        media = work / "films"
        films = {"pictures": make_film(media, "Noisy Pictures (2001)", HEVC), "sound": make_film(media, "Plain Sound (2002)", H264)}
        with house.House(binary, work / "data") as server:
            server.set_up()
            library = server.add_library(media)
            server.scan(library)
            server.wait_for_rest()
            items = server.api("GET", f"/items?library_id={library}")["items"]
            item = {what: next(it["id"] for it in items if it["title"] in film.name) for what, film in films.items()}
            figures = {}
            restart(server, NOTHING_KEPT)
            for what, film in films.items():
                figures[what] = cold(Track(server, item[what], what, film))
            restart(server, KEPT)
            for what, film in films.items():
                figures[what] |= consecutive(Track(server, item[what], what, film))
            restart(server, KEPT)
            for what, film in films.items():
                track = Track(server, item[what], what, film)
                figures[what]["disk_ms"] = track.disk_ms()
    for what, it in figures.items():
        print(f"\n{what}: {it['rendition']}, parts of {it['part_s']:.3g} s first, {it['run_s']:.3g} s made at once")
        report.table(["", "revenge", "ffmpeg", "ratio"], [
            *([f"{name}, cold, ms", it[f"{key}_ms"], it[f"{key}_ffmpeg_ms"], it[f"{key}_ms"] / it[f"{key}_ffmpeg_ms"]]
              for name, key in (("first part", "first_part"), ("all parts of the first run", "first_run"),
                                ("first part in the middle", "middle_part"), ("all parts there", "middle_run"))),
            ["press of play to the first part, ms", it["press_ms"], "", ""],
            [f"{RUNS} runs one behind the other, CPU s", it["cpu_s"], it["ffmpeg_cpu_s"], it["cpu_s"] / it["ffmpeg_cpu_s"]],
            ["the same again, from memory, ms", it["memory_ms"], "", ""],
            ["the same after a restart, from disk, ms", it["disk_ms"], "", ""],
        ])
    report.keep("transcode", figures)


def make_film(folder, title, coding):
    """Two minutes of noise in 1080p with a tone, the same clip again and again: its file in a folder of its own."""
    path = folder / title / f"{title}.mkv"
    path.parent.mkdir(parents=True)
    clip = folder.parent / "clip.mkv"
    run("-f", "lavfi", "-i", f"testsrc2=s=1920x1080:r={RATE}:d={CLIP_SECONDS},noise=alls=20:allf=t",
        "-f", "lavfi", "-i", f"sine=duration={CLIP_SECONDS}", "-pix_fmt", "yuv420p", *coding, str(clip))
    run("-stream_loop", str(LOOPS - 1), "-i", str(clip), "-c", "copy", str(path))
    clip.unlink()
    return path


def run(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)


def restart(server, variables):
    """Starts the server again with these variables in place of those of the start before: its memory is empty then."""
    server.stop()
    for name in NOTHING_KEPT | KEPT:
        server.variables.pop(name, None)
    server.variables |= variables
    server.start()


class Track:
    """What is converted of a film: the addresses and times of its parts."""

    def __init__(self, server, item, what, film):
        self.server, self.item, self.what, self.film = server, item, what, film
        self.press()
        self.wait()

    def press(self):
        """Asks for everything that a player needs up to the first part, and gives the seconds."""
        began = time.monotonic()
        play = self.server.api("POST", "/playback", {"item_id": self.item, "profile": PROFILE | LIMITS[self.what]})
        method = {"pictures": "transcode_video", "sound": "transcode_audio"}[self.what]
        if play["method"] != method:
            raise RuntimeError(f"the film is played by {play['method']}: {play['reasons']}")
        master = self.text(play["url"])
        if self.what == "pictures":
            playlist = next(it for it in master.splitlines() if it.startswith("/"))
        else:
            playlist = re.search('TYPE=AUDIO.*URI="([^"]*)"', master)[1]
        self.rendition = re.search("/([^/]*)/media.m3u8", playlist)[1]
        media = self.text(playlist)
        self.urls = [it for it in media.splitlines() if it.startswith("/")]
        self.seconds = [float(it) for it in re.findall("#EXTINF:([0-9.]*)", media)]
        self.starts = [sum(self.seconds[:n]) for n in range(len(self.urls))]
        self.n_parts = PARTS_OF_RUN[self.what]
        if len(self.urls) % self.n_parts:
            raise RuntimeError(f"{len(self.urls)} parts, and {self.n_parts} in a run")
        self.fetch_url(re.search('EXT-X-MAP:URI="([^"]*)"', media)[1])
        self.fetch(0)
        return time.monotonic() - began

    @property
    def n_runs(self):
        return len(self.urls) // self.n_parts

    def parts(self, run):
        return range(run * self.n_parts, (run + 1) * self.n_parts)

    def run_seconds(self, run):
        return sum(self.seconds[it] for it in self.parts(run))

    def fetch_run(self, run):
        """Seconds to the first part of a run, and to the last."""
        first, *others = self.parts(run)
        first_s = self.fetch(first)
        return first_s, first_s + sum(self.fetch(it) for it in others)

    def text(self, url):
        return self.server.request("GET", url)[1].decode()

    def fetch_url(self, url):
        """Seconds from the request to the last byte."""
        began = time.monotonic()
        status, body = self.server.request("GET", url)
        seconds = time.monotonic() - began
        if status != 200 or not body:
            raise RuntimeError(f"a segment was answered with {status}: {body[:300]}")
        return seconds

    def fetch(self, number):
        return self.fetch_url(self.urls[number])

    def wait(self):
        """Waits until what is made ahead is made, which must not be measured with what comes behind it."""
        while any(is_ffmpeg(it) for it in house.children(self.server.process.pid)):
            time.sleep(0.01)

    def last(self):
        """The film's last runs: nothing is made ahead of them."""
        return range(self.n_runs - RUNS, self.n_runs)

    def disk_ms(self):
        """Median time of the first part of a run of which nothing is in memory."""
        return statistics.median(self.fetch(self.parts(run)[0]) * 1000 for run in self.last())

    def ffmpeg(self, start, seconds):
        """Bare FFmpeg over the same span with the same settings: seconds, and those of the processor."""
        if self.rendition == "aac":
            place, length = ["-ss", f"{start:.6f}"], ["-t", f"{seconds:.6f}"]
        else:
            # FFmpeg looks for a key frame some way before the moment, and would decode from the one before the segment's.
            place = ["-noaccurate_seek", "-ss", f"{start + 0.2:.6f}"] if start else []
            length = ["-frames:v", str(round(seconds * RATE))]
        words = ["ffmpeg", "-v", "error", "-nostdin", *place, "-i", str(self.film), *length, *encoding(self.rendition)]
        words += ["-f", "mp4", "-movflags", "+empty_moov+default_base_moof+frag_keyframe", "pipe:1"]
        before, began = children_cpu(), time.monotonic()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began, children_cpu() - before


def encoding(rendition):
    """The words that `media::transcode` gives FFmpeg for a rendition."""
    if rendition == "aac":
        mix = "aresample=48000:osf=fltp:ochl=stereo:clev=1.18:slev=0.7:lfe_mix_level=0:rmvol=0.6"
        return ["-map", "0:a", "-vn", "-af", mix, "-c:a", "aac", "-profile:a", "aac_low", "-b:a", "192000"]
    _, rung, preset = rendition.split("-")
    peak, size = RUNGS[rung]
    return ["-map", "0:v", "-an", "-vf", f"scale={size},setsar=1,format=yuv420p", "-fps_mode", "passthrough",
            "-c:v", "libx264", "-preset", preset, "-profile:v", "high", "-level", "4.0", "-crf", "21", "-maxrate", str(peak),
            "-bufsize", str(2 * peak), "-bf", "0", "-g", "48", "-x264-params", "8x8dct=1"]


def cold(track):
    """Medians of the times to a first part and to a whole run when nothing is kept, both programs in turn."""
    figures = {"rendition": track.rendition, "part_s": track.seconds[0], "run_s": track.run_seconds(0)}
    for name, run in (("first", 0), ("middle", track.n_runs // 2)):
        samples = {"part": [], "run": [], "part_ffmpeg": [], "run_ffmpeg": []}
        start, part = track.starts[track.parts(run)[0]], track.parts(run)[0]
        for _ in range(ROUNDS):
            part_s, run_s = track.fetch_run(run)
            samples["part"].append(part_s)
            samples["run"].append(run_s)
            track.wait()
            samples["part_ffmpeg"].append(track.ffmpeg(start, track.seconds[part])[0])
            samples["run_ffmpeg"].append(track.ffmpeg(start, track.run_seconds(run))[0])
        figures |= {f"{name}_{key}_ms": statistics.median(it) * 1000 for key, it in samples.items()}
    pressed = []
    for _ in range(ROUNDS):
        # A cache of no bytes still holds what came a moment ago.
        restart(track.server, NOTHING_KEPT)
        pressed.append(track.press() * 1000)
        track.wait()
    return figures | {"press_ms": statistics.median(pressed)}


def consecutive(track):
    """Processor time of the last runs of the film, each made once, beside one encoder over all of them; then the same parts
    again."""
    pid = track.server.process.pid
    before = house.cpu_seconds(pid, with_children=True)
    for run in track.last():
        track.fetch_run(run)
    track.wait()
    cpu_s = house.cpu_seconds(pid, with_children=True) - before
    first = track.parts(track.last()[0])[0]
    bare_s = track.ffmpeg(track.starts[first], sum(track.seconds[first:]))[1]
    again = [track.fetch(number) * 1000 for number in range(first, len(track.urls))]
    # What is written to disk is written behind the answer.
    time.sleep(1)
    return {"cpu_s": cpu_s, "ffmpeg_cpu_s": bare_s, "memory_ms": statistics.median(again)}


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def is_ffmpeg(pid):
    """Whether a process converts something; one that has just ended does not."""
    try:
        return "pipe:0" in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


if __name__ == "__main__":
    main()
