"""When each numbered frame is shown and each chirp heard in a film of `films.py`, as FFmpeg decodes it."""

import array
import operator
import re
import subprocess

import films

CHIRP = films.chirp()
# A chirp is looked for so far around where it should be, in samples.
REACH = films.SAMPLE_RATE // 4
# Of the loudest in that stretch, so much is the chirp's beginning; from there it is fitted in, within so many samples.
LOUD = 0.25
FIT = 1100


def frames(source, stream="v:0"):
    """Seconds at which frames are shown, by their numbers; and how many cannot be read, or come twice."""
    cells = f"crop=iw:ih*0.12:0:ih*0.06,scale={films.CELLS}:1:flags=area,format=gray,showinfo"
    decoded = subprocess.run(
        ["ffmpeg", "-v", "info", "-nostdin", "-copyts", *source, "-map", f"0:{stream}", "-vf", cells, "-fps_mode", "passthrough",
         "-f", "rawvideo", "pipe:1"],
        capture_output=True, check=True,
    )
    times = [float(it) for it in re.findall(r"showinfo.* pts_time:\s*(-?[\d.e+-]+)", decoded.stderr.decode(errors="replace"))]
    rows = [decoded.stdout[at : at + films.CELLS] for at in range(0, len(decoded.stdout), films.CELLS)]
    numbers = [films.read_number(list(row)) for row in rows]
    shown = {}
    for number, time in zip(numbers, times, strict=True):
        if number is not None:
            shown.setdefault(number, time)
    return shown, len(numbers) - len(shown)


def chirps(source, expected, stream="a:0"):
    """Seconds at which chirps begin that are expected about at those; None for one that is not there."""
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-copyts", *source, "-map", f"0:{stream}", "-af",
         f"aresample={films.SAMPLE_RATE}:async=1:min_comp=0.000001:min_hard_comp=0.002:first_pts=0,pan=mono|c0=FC+FL", "-f", "f32le", "pipe:1"],
        capture_output=True, check=True,
    )
    sound = array.array("f")
    sound.frombytes(decoded.stdout[: len(decoded.stdout) // 4 * 4])
    return [begin(sound, round(it * films.SAMPLE_RATE)) for it in expected]


def begin(sound, about):
    """Where a chirp begins, to a fraction of a sample."""
    low, high = max(0, about - REACH), min(len(sound), about + REACH)
    peak = max((abs(it) for it in sound[low:high]), default=0)
    if peak < 0.02:
        return None
    # The window rises slowly, so the loud part comes behind the beginning.
    loud = next(n for n in range(low, high) if abs(sound[n]) > LOUD * peak)
    first = max(0, loud - FIT)
    fits = [abs(sum(map(operator.mul, CHIRP, sound[at : at + len(CHIRP)]))) for at in range(first, loud + FIT // 4)]
    best = max(range(len(fits)), key=fits.__getitem__)
    if not 0 < best < len(fits) - 1:
        return None
    before, here, after = fits[best - 1 : best + 2]
    curve = before - 2 * here + after
    return (first + best + (0.5 * (before - after) / curve if curve else 0)) / films.SAMPLE_RATE


def offsets_by_beep(shown, heard, beeps):
    """Sound behind picture in seconds by the beep's frame; those of which one half is missing are left out."""
    return {it: sound - shown[it] for it, sound in zip(beeps, heard) if it in shown and sound is not None}
