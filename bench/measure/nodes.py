"""Converting by `revenge transcoder` beside converting by the server itself: the same film, the same machine, over loopback."""

import contextlib
import os
import statistics
import subprocess
import time

import house
import report
import transcode

SECRET = "0123456789abcdef"
ROUNDS = 5


def main():
    binary = house.program()
    with house.work_folder() as work, contextlib.ExitStack() as running:
        media = work / "films"
        film = transcode.make_film(media, "Noisy Pictures (2001)", transcode.HEVC)
        url = running.enter_context(node(binary, work))
        config = work / "nodes.yaml"
        config.write_text(f"transcode:\n  nodes:\n    - url: {url}\n      secret: {SECRET}\n")
        there = {"REVENGE_CONFIG": str(config), "REVENGE_MEDIA__FFMPEG": "/nowhere"}
        server = running.enter_context(house.House(binary, work / "data"))
        server.set_up()
        library = server.add_library(media)
        server.scan(library)
        server.wait_for_rest()
        item = server.api("GET", f"/items?library_id={library}")["items"][0]["id"]
        figures = {}
        # In turn, so that what else the machine does falls on both.
        for _ in range(ROUNDS):
            for place, variables in (("here", {}), ("there", there)):
                server.stop()
                for name in there:
                    server.variables.pop(name, None)
                server.variables |= transcode.NOTHING_KEPT | variables
                server.start()
                for name, seconds in measure(transcode.Track(server, item, "pictures", film)).items():
                    figures.setdefault(name, {}).setdefault(place, []).append(seconds * 1000)
    medians = {name: {place: statistics.median(it) for place, it in places.items()} for name, places in figures.items()}
    report.table(["ms", "here", "by a node", "more"], [
        [name, it["here"], it["there"], it["there"] - it["here"]] for name, it in medians.items()
    ])
    report.keep("nodes", {"medians_ms": medians, "all_ms": figures})


def measure(track):
    """Seconds to the first part of a run in the middle of the film and to all of it, of which nothing was made before."""
    wait_for_rest()
    first_s, all_s = track.fetch_run(track.n_runs // 2)
    wait_for_rest()
    return {"first part": first_s, "all parts of the run": all_s}


def wait_for_rest():
    """Waits until no FFmpeg converts on this machine, whoever started it."""
    while any(transcode.is_ffmpeg(int(it)) for it in os.listdir("/proc") if it.isdigit()):
        time.sleep(0.01)


@contextlib.contextmanager
def node(binary, work):
    """A transcoder on a free port; its address."""
    environment = dict(os.environ, REVENGE_TRANSCODER__SECRET=SECRET, REVENGE_LOG__LEVEL="warn")
    process = subprocess.Popen([binary, "transcoder", "--listen", "127.0.0.1:0"], env=environment, cwd=work,
                               stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(house.PATIENCE_S)


if __name__ == "__main__":
    main()
