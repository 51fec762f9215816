"""What a film's own index is good for: its playlist and a whole text track out of two hours and 7 GB, by a server that has
just started, beside FFprobe's walk through the packets and FFmpeg's extraction of the same track."""

import re
import statistics
import subprocess
import time

import house
import remux
import report

MEGABITS = 8
N_LINES = 1600
# What is read is in the kernel's cache: each figure is the median of the starts behind the first.
STARTS = 6


def main():
    binary = house.program()
    with house.work_folder() as work:
        media = work / "films"
        film = make_film(media)
        figures = {"file_gb": film.stat().st_size / 1e9}
        server = house.House(binary, work / "data")
        with server:
            server.set_up()
            library = server.add_library(media)
            server.scan(library)
            server.wait_for_rest()
            item = server.api("GET", f"/items?library_id={library}")["items"][0]["id"]
        times = []
        for _ in range(STARTS):
            with server:
                times.append(of_a_start(server, item))
        for place, what in enumerate(("playlist_ms", "text_ms")):
            figures[what] = statistics.median(it[place] for it in times[1:])
        words = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts,flags", "-of", "csv", str(film)]
        figures["ffprobe_packets_ms"] = twice(words)
        figures["ffmpeg_text_ms"] = twice(["ffmpeg", "-v", "error", "-nostdin", "-i", str(film), "-map", "0:s:0", "-f", "webvtt", "-"])
    rows = [["playlist of all segments, by key frames", figures["playlist_ms"], figures["ffprobe_packets_ms"]],
            [f"text track of {N_LINES} lines", figures["text_ms"], figures["ffmpeg_text_ms"]]]
    report.table(["", "revenge ms", "FFprobe, FFmpeg ms", "ratio"], [[*it, it[2] / it[1]] for it in rows])
    print(f"of a film of {figures['file_gb']:.1f} GB; theirs when they did it the second time")
    report.keep("index", figures)


def make_film(folder):
    """Two hours with a line every 4.5 seconds."""
    plain = remux.make_film(folder, "plain", MEGABITS, remux.LOOPS)
    lines = folder.parent / "lines.srt"
    with open(lines, "w") as file:
        for n in range(N_LINES):
            file.write(f"{n + 1}\n{clock(n * 4.5)} --> {clock(n * 4.5 + 3)}\nLine {n} of a long conversation\n\n")
    film = folder / "Long Talk (2001).mkv"
    remux.run("-i", str(plain), "-i", str(lines), "-map", "0", "-map", "1", "-c", "copy", str(film))
    plain.unlink()
    return film


def clock(seconds):
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{round(seconds % 1 * 1000):03}"


def of_a_start(server, item):
    """Milliseconds until a server that has not seen the film yet has sent the playlist of its pictures, and until one that
    has opened it has sent the text."""
    play = server.api("POST", "/playback", {"item_id": item, "profile": remux.PROFILE | {"subtitles": ["webvtt"]}})
    master = play["url"]
    path = master.partition("?")[0]
    began = time.monotonic()
    main = server.request("GET", master)[1].decode()
    video = next(it for it in main.splitlines() if it.startswith("/"))
    media = server.request("GET", video)[1].decode()
    playlist_ms = (time.monotonic() - began) * 1000
    if media.count("#EXTINF") < 1000:
        raise RuntimeError(f"{path}: {media[:300]}")
    text = server.request("GET", re.search(r'TYPE=SUBTITLES.*URI="([^"]*)"', main)[1])[1].decode()
    began = time.monotonic()
    status, lines = server.request("GET", next(it for it in text.splitlines() if it.startswith("/")))
    text_ms = (time.monotonic() - began) * 1000
    if status != 200 or lines.count(b"-->") != N_LINES:
        raise RuntimeError(f"the text has {lines.count(b'-->')} lines: {status}")
    return playlist_ms, text_ms


def twice(words):
    """Milliseconds of the second run."""
    for _ in range(2):
        began = time.monotonic()
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    return (time.monotonic() - began) * 1000


if __name__ == "__main__":
    main()
