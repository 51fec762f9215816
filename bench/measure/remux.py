"""Remuxing beside `ffmpeg -ss ... -c copy`: a film of 20 Mbit/s as HLS, from the press of play to the last byte of a segment."""

import random
import re
import statistics
import subprocess
import time

import house
import report

CLIP_SECONDS = 20
LOOPS = 30
MEGABITS = 20
SEGMENTS = 300
FFMPEG_RUNS = 15

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
        film = make_film(media)
        with house.House(binary, work / "data") as server:
            server.set_up()
            library = server.add_library(media)
            server.scan(library)
            server.wait_for_rest()
            item = server.api("GET", f"/items?library_id={library}")["items"][0]["id"]
            figures = remux(server, item)
            figures["written_bytes"] = written(server.process.pid)
            own = server.memory_mb()[0]
        figures["ffmpeg"] = [ffmpeg(film, second) for second in (0, CLIP_SECONDS * LOOPS / 2)]
    rows = [
        ["start, playlists, first segment", figures["start_ms"], ""],
        ["first segment again", figures["first_ms"], figures["ffmpeg"][0]],
        ["a segment in the middle", figures["middle_ms"], figures["ffmpeg"][1]],
        ["any segment, p50", figures["p50_ms"], ""],
        ["any segment, p99", figures["p99_ms"], ""],
    ]
    report.table(["", "revenge ms", "ffmpeg ms"], rows)
    print(f"{figures['segments_per_cpu_s']:.0f} segments of {figures['mean_mb']:.1f} MB in a second of one processor")
    report.keep("remux", figures | {"revenge_rss_mb_afterwards": own})


def make_film(folder):
    """Ten minutes of H.264 and AAC in Matroska, the same twenty seconds again and again."""
    path = folder / "Long Noise (2001).mkv"
    folder.mkdir(parents=True)
    clip = folder.parent / "clip.mkv"
    rate = f"{MEGABITS}M"
    run("-f", "lavfi", "-i", f"testsrc2=s=1920x1080:r=24:d={CLIP_SECONDS},noise=alls=40:allf=t",
        "-f", "lavfi", "-i", f"sine=duration={CLIP_SECONDS}", "-c:v", "libx264", "-preset", "ultrafast", "-g", "48",
        "-pix_fmt", "yuv420p", "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-c:a", "aac", str(clip))
    run("-stream_loop", str(LOOPS - 1), "-i", str(clip), "-c", "copy", str(path))
    clip.unlink()
    return path


def run(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)


def remux(server, item):
    """Times of the film's parts over HTTP, each on a connection that is open already."""
    began = time.monotonic()
    play = server.api("POST", "/playback", {"item_id": item, "profile": PROFILE})
    if play["method"] != "remux":
        raise RuntimeError(f"the film is played by {play['method']}: {play['reasons']}")
    master = server.request("GET", play["url"])[1].decode()
    video = next(it for it in master.splitlines() if it.startswith("/"))
    media = server.request("GET", video)[1].decode()
    server.request("GET", re.search('EXT-X-MAP:URI="([^"]*)"', media)[1])
    segments = [it for it in media.splitlines() if it.startswith("/")]
    server.request("GET", segments[0])
    start_ms = (time.monotonic() - began) * 1000

    times, sizes = [], []
    dice = random.Random(1)
    before = house.cpu_seconds(server.process.pid)
    for _ in range(SEGMENTS):
        began = time.monotonic()
        status, body = server.request("GET", dice.choice(segments))
        times.append((time.monotonic() - began) * 1000)
        sizes.append(len(body))
        if status != 200:
            raise RuntimeError(f"a segment was answered with {status}")
    cpu_s = house.cpu_seconds(server.process.pid) - before
    return {
        "start_ms": start_ms,
        "first_ms": usual(server, segments[0]),
        "middle_ms": usual(server, segments[len(segments) // 2]),
        "p50_ms": statistics.median(times),
        "p99_ms": statistics.quantiles(times, n=100)[98],
        "mean_mb": statistics.mean(sizes) / 1e6,
        "segments_per_cpu_s": SEGMENTS / cpu_s,
    }


def usual(server, url):
    """The median of some requests for the same."""
    times = []
    for _ in range(20):
        began = time.monotonic()
        server.request("GET", url)
        times.append((time.monotonic() - began) * 1000)
    return statistics.median(times)


def ffmpeg(film, second):
    """The median of milliseconds until FFmpeg has copied about one segment, the film being in the kernel's cache."""
    times = []
    for _ in range(FFMPEG_RUNS):
        began = time.monotonic()
        subprocess.run(
            ["ffmpeg", "-v", "error", "-nostdin", "-ss", str(second), "-i", str(film), "-t", "4", "-map", "0:v",
             "-c", "copy", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "pipe:1"],
            check=True, stdout=subprocess.DEVNULL,
        )
        times.append((time.monotonic() - began) * 1000)
    return statistics.median(times)


def written(pid):
    """Bytes that the server has given to the disk."""
    text = open(f"/proc/{pid}/io").read()
    return int(re.search(r"^write_bytes: (\d+)", text, re.M)[1])


if __name__ == "__main__":
    main()
