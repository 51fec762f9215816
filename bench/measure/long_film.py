"""Films of two hours: whether sound still stands at their end where it does in the file, and whether Chromium reaches it."""

import re
import subprocess

import corpus
import films
import house
import report
import timeline

HOURS = 2
LOOPS = HOURS * 3600 // films.SECONDS
# Less than a clip, so that every number comes once.
LOOKED_AT_S = films.SECONDS - 2
KINDS = [("mkv", "-c:a ac3"), ("ts", "-c:a ac3"), ("mkv", "-c:a aac"), ("ts", "-c:a aac")]


def main():
    binary = house.program()
    with house.work_folder() as work:
        media, masters = work / "films", work / "masters"
        for folder in (media, masters):
            folder.mkdir()
        films.write_masters(masters)
        paths = [make(masters, media, n) for n in range(len(KINDS))]
        with house.House(binary, work / "data") as server:
            server.set_up()
            library = server.add_library(media)
            server.scan(library)
            server.wait_for_rest()
            items = {it["title"]: it["id"] for it in server.api("GET", f"/items?library_id={library}&limit=100")["items"]}
            wanted = [{"id": items[title(n)], "title": title(n), "asked": []} for n in range(len(KINDS))]
            seen = corpus.browse(server, wanted)
            # Of a film that is played from its own file too, only what comes in segments can have moved.
            in_segments = {it["title"]: it for it in seen if it.get("method") != "direct"}
            rows = [judge(server, n, path, in_segments[title(n)]) for n, path in enumerate(paths)]
    keys = ["film", "method", "sound", "first_ms", "last_ms", "drift_ms", "is_ended", "stalls"]
    report.table(["film", "way", "sound", "moved at the beginning, ms", "at the end, ms", "drift, ms", "end reached", "stalls"],
                 [[str(it[key]) for key in keys] for it in rows])
    report.keep("long_film", {"hours": HOURS, "films": rows})


def title(number):
    return f"Long Reel {films.WORDS[number]}"


def make(masters, folder, number):
    """The same clip again and again, without coding anything anew."""
    ending, sound = KINDS[number]
    clip, path = masters / f"clip{number}.{ending}", folder / f"{title(number)} (2001).{ending}"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y",
         "-f", "rawvideo", "-s", f"{films.WIDTH}x{films.HEIGHT}", "-pix_fmt", "gray", "-framerate", str(films.RATE), "-i", masters / "short.gray",
         "-f", "f32le", "-ar", str(films.SAMPLE_RATE), "-ac", "1", "-i", masters / "short.f32",
         *films.H264.split(), *sound.split(), clip],
        check=True,
    )
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-stream_loop", str(LOOPS - 1), "-i", clip, "-map", "0", "-c", "copy", path], check=True
    )
    clip.unlink()
    return path


def judge(server, number, path, seen):
    ending, sound = KINDS[number]
    if seen.get("failure") or "ended" not in seen:
        raise RuntimeError(f"{path.name}: {seen}")
    master = corpus.text(server, seen["url"])
    pictures = next(it for it in master.splitlines() if it.startswith("/"))
    address = next(it for it in master.splitlines() if "TYPE=AUDIO" in it and "DEFAULT=YES" in it)
    address = re.search('URI="([^"]*)"', address)[1]
    length = float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
                                  capture_output=True, check=True, text=True).stdout)
    first = moved(server, path, (pictures, address), ["-t", str(LOOKED_AT_S)], slice(0, 3))
    # FFmpeg counts what is skipped from where the file begins.
    last = moved(server, path, (pictures, address), ["-ss", str(length - LOOKED_AT_S)], slice(-3, None))
    return {
        "film": f"H.264, {sound.split()[-1]}, {ending}", "method": seen["method"], "sound": "made" if "/aac" in address else "copied",
        "first_ms": corpus.milliseconds(first), "last_ms": corpus.milliseconds(last), "drift_ms": corpus.milliseconds(last - first),
        "is_ended": seen["ended"], "stalls": seen["stalls"],
    }


def moved(server, path, playlists, part, segments):
    """By how much sound stands elsewhere against its frame than in the file, in one part of it; the worst beep counts."""
    source = [*part, "-i", str(path)]
    shown, _ = timeline.frames(source)
    beeps = [it for it in films.beep_frames(films.SECONDS * films.RATE) if it in shown]
    was = timeline.offsets_by_beep(shown, timeline.chirps(source, [shown[it] for it in beeps]), beeps)
    folder = path.parent.parent
    sent = [corpus.fetch(server, it, folder / f"part{n}.mp4", segments) for n, it in enumerate(playlists)]
    shown, _ = timeline.frames(["-i", str(sent[0])])
    beeps = [it for it in was if it in shown]
    now = timeline.offsets_by_beep(shown, timeline.chirps(["-i", str(sent[1])], [shown[it] + was[it] for it in beeps]), beeps)
    return max((now[it] - was[it] for it in now), key=abs)


if __name__ == "__main__":
    main()
