"""Remuxing beside `ffmpeg -ss ... -c copy`: a film of two hours at 20 Mbit/s as HLS, from the press of play to the first and
the last byte of a segment, and a hundred viewers who jump about in it."""

import random
import re
import selectors
import socket
import statistics
import subprocess
import time

import house
import report

CLIP_SECONDS = 20
LOOPS = 360
MEGABITS = 20
# The film whose segments have the size that the target of 500 a second speaks of, 5 MB.
HALF_MEGABITS = 10
HALF_LOOPS = 30
# What is read is in the kernel's cache: these segments, spread over the film, are asked for once before.
SEGMENTS = 300
WARM_SEGMENTS = 100
FFMPEG_RUNS = 15
VIEWERS = 100
STORM_SECONDS = 20
# From the end of one segment to a viewer's next jump, at the most.
PAUSE_S = 5.0

PROFILE = {
    "containers": ["mp4"],
    "protocols": ["hls"],
    "video": [{"codec": "h264"}],
    "audio": [{"codec": "aac"}],
}


def main():
    binary = house.program()
    with house.work_folder() as work:
        media = work / "films"
        film = make_film(media, "Long Noise (2001)", MEGABITS, LOOPS)
        make_film(media, "Less Noise (2002)", HALF_MEGABITS, HALF_LOOPS)
        with house.House(binary, work / "data") as server:
            server.set_up()
            library = server.add_library(media)
            server.scan(library)
            server.wait_for_rest()
            items = {it["title"]: it["id"] for it in server.api("GET", f"/items?library_id={library}")["items"]}
            before = written(server.process.pid)
            figures = remux(server, items["Long Noise"])
            figures["of_half_the_size"] = of_half_the_size(server, items["Less Noise"])
            figures["written_bytes"] = written(server.process.pid) - before
            own = server.memory_mb()[0]
        figures["ffmpeg"] = [ffmpeg(film, second) for second in (0, CLIP_SECONDS * LOOPS / 2)]
    rows = [["start, playlists, first segment", figures["start_ms"], "", ""]]
    for what, peer in (("first", 0), ("middle", 1)):
        for place, byte in enumerate(("first byte", "last byte")):
            ours, theirs = figures[what][place], figures["ffmpeg"][peer][place]
            rows.append([f"{what} segment, {byte}", ours, theirs, theirs / ours])
    for name, times in (("any segment", "any"), (f"{VIEWERS} viewers", "storm")):
        for place, byte in enumerate(("first byte", "last byte")):
            rows += [[f"{name}, {byte}, {key}", figures[times][place][key], "", ""] for key in ("p50", "p99")]
    report.table(["", "revenge ms", "ffmpeg ms", "ratio"], rows)
    print(f"{figures['segments_per_cpu_s']:.0f} segments of {figures['mean_mb']:.1f} MB in a second of one processor; "
          f"{figures['storm_per_s']:.0f} a second asked for by the viewers; {figures['written_bytes']} bytes written")
    half = figures["of_half_the_size"]
    print(f"{half['segments_per_cpu_s']:.0f} segments of {half['mean_mb']:.1f} MB in a second of one processor")
    report.keep("remux", figures | {"revenge_rss_mb_afterwards": own})


def make_film(folder, name, megabits, loops):
    """H.264 and AAC in Matroska, the same twenty seconds again and again."""
    path = folder / f"{name}.mkv"
    folder.mkdir(parents=True, exist_ok=True)
    clip = folder.parent / "clip.mkv"
    rate = f"{megabits}M"
    run("-f", "lavfi", "-i", f"testsrc2=s=1920x1080:r=24:d={CLIP_SECONDS},noise=alls=40:allf=t",
        "-f", "lavfi", "-i", f"sine=duration={CLIP_SECONDS}", "-c:v", "libx264", "-preset", "ultrafast", "-g", "48",
        "-pix_fmt", "yuv420p", "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-c:a", "aac", str(clip))
    run("-stream_loop", str(loops - 1), "-i", str(clip), "-c", "copy", str(path))
    clip.unlink()
    return path


def run(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)


def remux(server, item):
    """Times of the film's parts over HTTP."""
    began = time.monotonic()
    segments = press_play(server, item)
    start_ms = (time.monotonic() - began) * 1000

    viewer, dice = Viewer(server.port, server.token), random.Random(1)
    middle = len(segments) // 2
    first, in_the_middle = ([viewer.fetch(segments[it]) for _ in range(21)][1:] for it in (0, middle))
    warm = dice.sample(segments, WARM_SEGMENTS)
    times, per_cpu_s = at_random(server, viewer, warm, dice)
    taken = storm(server, warm, dice)
    return {
        "start_ms": start_ms,
        "first": medians(first),
        "middle": medians(in_the_middle),
        "any": spreads(times),
        "storm": spreads(taken),
        "storm_per_s": len(taken) / STORM_SECONDS,
        "mean_mb": mean_mb(times),
        "segments_per_cpu_s": per_cpu_s,
    }


def press_play(server, item):
    """What a player asks for up to its first segment; the addresses of all segments."""
    play = server.api("POST", "/playback", {"item_id": item, "profile": PROFILE})
    if play["method"] != "remux":
        raise RuntimeError(f"the film is played by {play['method']}: {play['reasons']}")
    master = server.request("GET", play["url"])[1].decode()
    video = next(it for it in master.splitlines() if it.startswith("/"))
    media = server.request("GET", video)[1].decode()
    server.request("GET", re.search('EXT-X-MAP:URI="([^"]*)"', media)[1])
    segments = [it for it in media.splitlines() if it.startswith("/")]
    server.request("GET", segments[0])
    return segments


def of_half_the_size(server, item):
    """Segments of half the size for a second of one processor."""
    viewer, dice = Viewer(server.port, server.token), random.Random(1)
    warm = dice.sample(press_play(server, item), WARM_SEGMENTS)
    times, per_cpu_s = at_random(server, viewer, warm, dice)
    return {"mean_mb": mean_mb(times), "segments_per_cpu_s": per_cpu_s}


def at_random(server, viewer, segments, dice):
    """Times of segments asked for one behind the other, all from the kernel's cache, and how many of them the server makes and
    sends for a second of one processor."""
    for it in segments:
        viewer.fetch(it)
    before = house.cpu_seconds(server.process.pid)
    times = [viewer.fetch(dice.choice(segments)) for _ in range(SEGMENTS)]
    return times, SEGMENTS / (house.cpu_seconds(server.process.pid) - before)


def mean_mb(times):
    return statistics.mean(it[2] for it in times) / 1e6


def storm(server, segments, dice):
    """Viewers who jump to a place, take its segment as fast as it comes, and jump on after a pause of their own."""
    times = []
    with selectors.DefaultSelector() as ready:
        viewers = [Viewer(server.port, server.token) for _ in range(VIEWERS)]
        began = time.monotonic()
        due = {it: began + dice.uniform(0, PAUSE_S) for it in viewers}
        for it in viewers:
            ready.register(it.socket, selectors.EVENT_READ, it)
        while (now := time.monotonic()) < began + STORM_SECONDS:
            for it in [it for it, at in due.items() if at <= now]:
                del due[it]
                it.ask(dice.choice(segments))
            for key, _ in ready.select(0.002):
                if key.data.take():
                    times.append(key.data.times)
                    due[key.data] = time.monotonic() + dice.uniform(0, PAUSE_S)
        for it in viewers:
            it.socket.close()
    return times


class Viewer:
    """A connection that is kept open, and lets the kernel throw the bytes away that nobody would look at."""

    SINK = bytearray(4 << 20)

    def __init__(self, port, token):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.lines = f"Host: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        self.times = None

    def fetch(self, path):
        """Seconds to the first and to the last byte of the content, and how many there are."""
        self.ask(path)
        while not self.take():
            pass
        return self.times

    def ask(self, path):
        """Asks for a segment."""
        self.head, self.left, self.began = b"", None, time.monotonic()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{self.lines}".encode())

    def take(self):
        """Takes what is there, and says whether that was the last of it."""
        if self.left is None:
            self.take_head()
        else:
            self.count(self.socket.recv_into(self.SINK, min(self.left, len(self.SINK)), socket.MSG_TRUNC))
        if self.left != 0:
            return False
        self.times = (self.first_s, time.monotonic() - self.began, self.size)
        return True

    def take_head(self):
        """Reads up to the end of the answer's head; what follows it is content."""
        received = self.socket.recv(4096)
        if not received:
            raise RuntimeError("the server ended the connection")
        self.head += received
        head, found, content = self.head.partition(b"\r\n\r\n")
        if found and content:
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"the server answered {head!r}")
            self.first_s = time.monotonic() - self.began
            self.size = self.left = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            self.count(len(content))

    def count(self, n):
        if not n:
            raise RuntimeError("the server ended the connection in the middle of a segment")
        self.left -= n


def medians(times):
    """Medians of the milliseconds to the first and to the last byte."""
    return [statistics.median(it[place] for it in times) * 1000 for place in (0, 1)]


def spreads(times):
    """How the milliseconds to the first and to the last byte are spread."""
    spread = []
    for place in (0, 1):
        hundredths = statistics.quantiles((it[place] * 1000 for it in times), n=100)
        spread.append({"p50": hundredths[49], "p99": hundredths[98]})
    return spread


def ffmpeg(film, second):
    """Medians of the milliseconds until FFmpeg has written the first of a segment's samples, and about one segment; what it
    reads is in the kernel's cache."""
    times = []
    for _ in range(FFMPEG_RUNS):
        began = time.monotonic()
        words = ["ffmpeg", "-v", "error", "-nostdin", "-ss", str(second), "-i", str(film), "-t", "4", "-map", "0:v",
                 "-c", "copy", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "pipe:1"]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            output, start = process.stdout, b""
            while b"moof" not in start:
                start += output.read1(4096)
            first_s = time.monotonic() - began
            while output.readinto(Viewer.SINK):
                pass
        if process.returncode:
            raise RuntimeError(f"FFmpeg ended with {process.returncode}")
        times.append((first_s, time.monotonic() - began))
    return medians(times)


def written(pid):
    """Bytes that the server has given to the disk."""
    text = open(f"/proc/{pid}/io").read()
    return int(re.search(r"^write_bytes: (\d+)", text, re.M)[1])


if __name__ == "__main__":
    main()
