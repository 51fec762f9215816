"""A corpus of films in many codecs and containers, played by the real server in real Chromium: stalls, wrong frames, ends, and
where sound stands against picture in what is delivered."""

import bisect
import json
import random
import re
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import films
import house
import report
import timeline

SEEKS = 10
# So far from a frame's edges no rounding of the container's clock leads to the one beside it.
EDGE_S = 0.012
# Sound that is copied may stand so far from where the file has it; sound made anew so far, a sample.
COPIED_S, MADE_S = 0.001, 1.5 / films.SAMPLE_RATE
# Matroska's times are whole milliseconds, and each track's are rounded by themselves.
ROUNDED_S = {"mkv": 0.0005, "webm": 0.0005}
PERSON = {"name": "bench", "password": "a-long-enough-password"}


def main():
    chosen = [n for n, film in enumerate(films.FILMS) if matches(n, film, sys.argv[1:])]
    binary = house.program()
    with house.work_folder() as work:
        media, masters = work / "films", work / "masters"
        for folder in (media, masters):
            folder.mkdir()
        films.write_masters(masters)
        with ThreadPoolExecutor(2) as pool:
            paths = dict(zip(chosen, pool.map(lambda n: films.make(masters, media, n), chosen)))
        with house.House(binary, work / "data") as server:
            server.set_up()
            library = server.add_library(media)
            server.scan(library)
            server.wait_for_rest()
            items = {it["title"]: it["id"] for it in server.api("GET", f"/items?library_id={library}&limit=100")["items"]}
            sources = {n: Source(films.FILMS[n], path) for n, path in paths.items()}
            wanted = [{"id": items[films.title(n)], "title": films.title(n), "asked": sources[n].asked()} for n in chosen]
            seen = browse(server, wanted)
            of = {films.title(n): n for n in chosen}
            rows = [judge(server, sources[of[it["title"]]], it) for it in seen]
    show(rows)
    rows = with_others(rows)
    report.keep("corpus", {"films": rows} | totals(rows))
    sys.exit(0 if all(it["is_right"] for it in rows) else 1)


def matches(number, film, words):
    """All films, those of some words in their name, or one part of several (`2/3`)."""
    if not words:
        return True
    if part := re.fullmatch(r"(\d+)/(\d+)", words[0]):
        return number % int(part[2]) == int(part[1]) - 1
    return any(it.lower() in f"{film[0]} {film[1]}".lower() for it in words)


class Source:
    """A film's file: what it holds, by FFmpeg."""

    def __init__(self, film, path):
        self.name, self.ending, _, self.extra = film
        self.path = path
        self.shown, self.n_unread = timeline.frames(["-i", str(path)])
        self.start_s = start_of(path)
        if self.extra == "places":
            # An AVI file has no times. FFmpeg takes the places of pictures for those of their decoding, so that with pictures
            # that are coded out of order all are a frame late; as they were put in, they are the places of their showing.
            self.shown = {n: it - 1 / films.RATE for n, it in self.shown.items()}
        self.beeps = [it for it in films.beep_frames(max(self.shown) + 1) if it in self.shown]
        self.heard = timeline.chirps(["-i", str(path)], [self.shown[it] for it in self.beeps])
        self.offsets = timeline.offsets_by_beep(self.shown, self.heard, self.beeps)
        self.offset_s = median(list(self.offsets.values()))

    def asked(self):
        """Moments within frames all over the film, the same for the same film, counted from where the file begins."""
        dice = random.Random(self.path.name)
        times = sorted(self.shown.values())
        pairs = [(a, b) for a, b in zip(times, times[1:]) if b - a > 3 * EDGE_S]
        return [round(dice.uniform(a + EDGE_S, b - EDGE_S) - self.start_s, 3) for a, b in dice.sample(pairs, SEEKS)]


def browse(server, wanted):
    """What Chromium saw of each film."""
    program = Path(__file__).with_name("corpus.mjs")
    told = {"url": f"http://127.0.0.1:{server.port}", "person": PERSON, "films": wanted}
    done = subprocess.run(["node", str(program)], input=json.dumps(told), text=True, stdout=subprocess.PIPE, check=True)
    return [json.loads(it) for it in done.stdout.splitlines()]


def judge(server, source, seen):
    """What came of one film, and what of it is wrong."""
    row = {"film": source.name, "in": source.ending, "opens_no_files": seen["opensNoFiles"], "method": seen.get("method", "-"),
           "given_up": seen.get("given_up", 0)}
    faults = []
    if seen.get("failure") or "frames" not in seen:
        return row | {"is_right": False, "faults": [seen.get("failure") or seen.get("error") or f"not played: {seen.get('reasons')}"]}
    delivered = Delivered(server, source, seen)
    wrong = [it for it in map(delivered.check, seen["frames"]) if it]
    row |= {
        "start_ms": seen["start_ms"], "stalls": seen["stalls"], "holes": seen["holes"], "wrong_frames": len(wrong),
        "is_ended": seen["ended"], "sound": delivered.sound, "offset_ms": milliseconds(source.offset_s),
        "moved_ms": milliseconds(delivered.moved_s), "missing_frames": delivered.n_missing, "jitter_ms": milliseconds(delivered.jitter_s),
    }
    if seen["error"]:
        faults.append(seen["error"])
    if seen["stalls"] or seen["holes"]:
        faults.append(f"{seen['stalls']} stalls, {seen['holes']} holes")
    if not seen["ended"]:
        faults.append("the end was not reached")
    faults += wrong[:3]
    if delivered.n_missing:
        faults.append(f"{delivered.n_missing} frames are not delivered")
    if delivered.moved_s is None:
        faults.append("no sound was found")
    elif abs(delivered.moved_s) > (COPIED_S if delivered.sound == "copied" else MADE_S + ROUNDED_S.get(source.ending, 0)):
        faults.append(f"sound is moved by {delivered.moved_s * 1000:.3f} ms")
    return row | {"is_right": not faults, "faults": faults}


class Delivered:
    """What the server sends of a film: the file, or its pictures and sound in segments."""

    def __init__(self, server, source, seen):
        self.source = source
        folder = source.path.parent
        if seen["method"] == "direct":
            self.shown, self.sound, self.moved_s, self.n_missing, self.jitter_s = source.shown, "copied", 0.0, 0, 0.0
            return
        master = text(server, seen["url"])
        # Of several sizes the first is the one that plays first.
        pictures = fetch(server, next(it for it in master.splitlines() if it.startswith("/")), folder / "pictures.mp4")
        self.shown, _ = timeline.frames(["-i", str(pictures)])
        address = next(it for it in master.splitlines() if "TYPE=AUDIO" in it and "DEFAULT=YES" in it)
        address = re.search('URI="([^"]*)"', address)[1]
        self.sound = "made" if "/aac" in address else "copied"
        sound = fetch(server, address, folder / "sound.mp4")
        moves = {n: self.shown[n] - it for n, it in source.shown.items() if n in self.shown}
        self.n_missing = len(source.shown) - len(moves)
        shift_s = median(list(moves.values())) or 0
        self.jitter_s = max((abs(it - shift_s) for it in moves.values()), default=0)
        beeps = [it for it in source.beeps if it in self.shown]
        heard = timeline.chirps(["-i", str(sound)], [self.shown[it] + (source.offset_s or 0) for it in beeps])
        now = timeline.offsets_by_beep(self.shown, heard, beeps)
        # Against its own frame in the file and here, beep by beep: the worst counts.
        self.moved_s = max((now[it] - was for it, was in source.offsets.items() if it in now), key=abs, default=None)

    def check(self, frame):
        """What is wrong with a frame that the page showed; None for nothing."""
        number = films.read_number(frame["cells"])
        if number is None or number not in self.shown:
            return f"no number is read at {frame['asked']} s: {frame['cells']}"
        numbers = sorted(self.shown, key=self.shown.get)
        times = [self.shown[it] for it in numbers]
        # The page's clock begins where the file does or its first picture, or at nought.
        for origin in {0.0, self.source.start_s, times[0]}:
            due = numbers[max(0, bisect.bisect_right(times, frame["asked"] + origin + 1e-4) - 1)]
            if due == number:
                return None
        return f"at {frame['asked']} s frame {number} of {self.shown[number]:.3f} s is shown, not {due}"


def text(server, address):
    status, body = server.request("GET", address)
    if status != 200:
        raise RuntimeError(f"{address}: {status} {body[:200]}")
    return body.decode()


def fetch(server, playlist, path, wanted=slice(None)):
    """A track of a playlist, or some segments of it, as one file."""
    media = text(server, playlist)
    addresses = [re.search('EXT-X-MAP:URI="([^"]*)"', media)[1], *[it for it in media.splitlines() if it.startswith("/")][wanted]]
    with open(path, "wb") as whole:
        for address in addresses:
            status, body = server.request("GET", address)
            if status != 200:
                raise RuntimeError(f"{address}: {status} {body[:200]}")
            whole.write(body)
    return path


def start_of(path):
    """Where a file's clock begins, in seconds."""
    said = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0", path],
                          capture_output=True, check=True, text=True).stdout.strip()
    return float(said) if re.fullmatch(r"-?[\d.]+", said) else 0.0


def median(values):
    return statistics.median(values) if values else None


def milliseconds(seconds):
    return None if seconds is None else round(seconds * 1000, 3)


def with_others(rows):
    """The rows in the order of the films, with those of films that were not played this time as the last run kept them."""
    def name(it):
        return it["film"], it["in"], it["opens_no_files"]

    kept = report.RESULTS / "corpus.json"
    before = json.loads(kept.read_text())["figures"]["films"] if kept.exists() else []
    all_rows = {name(it): it for it in before} | {name(it): it for it in rows}
    order = [(*it[:2], opens_no_files) for it in films.FILMS for opens_no_files in (False, True)]
    return [all_rows[it] for it in order if it in all_rows]


def show(rows):
    heads = ["film", "in", "way", "given up", "stalls", "wrong frames", "end", "sound", "moved ms", "faults"]
    keys = ["film", "in", "method", "given_up", "stalls", "wrong_frames", "is_ended", "sound", "moved_ms"]
    report.table(heads, [[str(it.get(key, "-")) for key in keys] + ["; ".join(it["faults"]) or "none"] for it in rows])


def totals(rows):
    total = {
        "n_films": len(rows), "n_right": sum(it["is_right"] for it in rows), "stalls": sum(it.get("stalls", 0) for it in rows),
        "wrong_frames": sum(it.get("wrong_frames", 0) for it in rows), "seeks": SEEKS * sum("wrong_frames" in it for it in rows),
    }
    for sound in ("copied", "made"):
        moved = [abs(it["moved_ms"]) for it in rows if it.get("sound") == sound and it.get("moved_ms") is not None]
        total[f"most_moved_{sound}_ms"] = max(moved, default=None)
    print(total)
    return total


if __name__ == "__main__":
    main()
