"""Pictures along a film beside decoding all of it: a noisy 1080p film in H.264 with key frames some seconds apart."""

import resource
import subprocess
import time

import house
import report

CLIP_SECONDS = 30
RATE = 24
LOOPS = 20
FILM_SECONDS = CLIP_SECONDS * LOOPS
FILTER = "fps=1/10,scale=320:-2,tile=10x10"
OFF = {"trickplay": False, "segments": False, "loudness": False}


def main():
    binary = house.program()
    with house.work_folder() as work:
        media = work / "films"
        film = make_film(media, "Noisy Pictures (2001)")
        server = house.House(binary, work / "data")
        server.variables["REVENGE_ANALYSIS__ENABLED"] = "true"
        with server:
            server.set_up()
            library = server.add_library(media)
            server.api("PATCH", f"/libraries/{library}", {"analysis": OFF})
            server.scan(library)
            server.wait_for_rest()
            item = server.api("GET", f"/items?library_id={library}")["items"][0]["id"]
            pid = server.process.pid
            # What the server does at rest, in as long as the scan will take.
            began, cpu = time.monotonic(), house.cpu_seconds(pid, with_children=True)
            server.api("PATCH", f"/libraries/{library}", {"analysis": OFF | {"trickplay": True}})
            server.scan(library)
            while not server.api("POST", "/playback", {"item_id": item})["trickplay"]:
                time.sleep(0.2)
            server.wait_for_rest()
            seconds = time.monotonic() - began
            cpu = house.cpu_seconds(pid, with_children=True) - cpu
        full = ffmpeg(film)
        key_frames = ffmpeg(film, "-skip_frame", "nokey")
    hour = 3600 / FILM_SECONDS
    figures = {"cpu_s_per_hour": cpu * hour, "full_cpu_s_per_hour": full * hour, "nokey_cpu_s_per_hour": key_frames * hour,
               "wall_s_per_hour": seconds * hour, "film_seconds": FILM_SECONDS}
    report.table(["CPU s for an hour of film", ""], [
        ["revenge, a scan included", figures["cpu_s_per_hour"]],
        ["ffmpeg, all pictures decoded", figures["full_cpu_s_per_hour"]],
        ["ffmpeg, -skip_frame nokey", figures["nokey_cpu_s_per_hour"]],
    ])
    report.keep("trickplay", figures)


def make_film(folder, title):
    """The same noisy clip again and again: its file in a folder of its own."""
    path = folder / title / f"{title}.mkv"
    path.parent.mkdir(parents=True)
    clip = folder.parent / "clip.mkv"
    run("-f", "lavfi", "-i", f"testsrc2=s=1920x1080:r={RATE}:d={CLIP_SECONDS},noise=alls=20:allf=t", "-pix_fmt", "yuv420p",
        "-c:v", "libx264", "-preset", "veryfast", "-g", "96", "-b:v", "8M", str(clip))
    run("-stream_loop", str(LOOPS - 1), "-i", str(clip), "-c", "copy", str(path))
    clip.unlink()
    return path


def run(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)


def ffmpeg(film, *before):
    """Processor seconds of bare FFmpeg that makes the same sheets."""
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    run("-threads", "1", *before, "-i", str(film), "-an", "-vf", FILTER, "-q:v", "5", str(film.with_suffix("")) + "-%d.jpg")
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


if __name__ == "__main__":
    main()
