"""How fast a library of small films is scanned the first time and again, beside minidlna and Gerbera on the same folder; how
fast 100,000 are, new and unchanged; what memory that takes."""

import sys
import time

import house
import peers
import report

N_FILES = 10_000
N_UNCHANGED = 100_000
# Pictures are made behind a scan, one or two at a time; so long we watch how fast.
PICTURES_S = 20


def main():
    n_files = int(sys.argv[1]) if len(sys.argv) > 1 else N_FILES
    n_unchanged = int(sys.argv[2]) if len(sys.argv) > 2 else N_UNCHANGED
    binary = house.program()
    with house.work_folder() as work:
        media = work / "films"
        house.make_corpus(media, n_files)
        # Everybody finds the files in the page cache: what is compared is the work, not who comes first.
        for path in media.rglob("*.*"):
            if path.is_file():
                path.read_bytes()
        figures = {"files": n_files, "revenge": revenge(binary, work, media, n_files)}
        for peer in (peers.minidlna, peers.gerbera):
            figures[peer.__name__] = peer(work, media, n_files)
        figures["unchanged"] = unchanged(binary, work, n_unchanged)
        # The other one that opens the films, on as many.
        other = peers.minidlna(work / "other", work / "many", n_unchanged, is_repeated=False)
        figures["unchanged"]["many, first, by minidlna"] = other["first"]
    names = ("revenge", "minidlna", "gerbera")
    report.table(
        ["scan", "files", "seconds", "files/s", "processor s", "peak MB"],
        [
            [f"{name}, {which}", n_files, it["seconds"], n_files / it["seconds"], it["cpu_s"], it["peak_mb"]]
            for which in ("first", "second") for name in names if (it := figures[name].get(which))
        ] + [
            [which if "minidlna" in which else f"revenge, {which}", n_unchanged, it["seconds"], n_unchanged / it["seconds"], it["cpu_s"], it["peak_mb"]]
            for which, it in figures["unchanged"].items()
        ],
    )
    print(f"pictures behind the first scan: {figures['revenge']['pictures_per_s']:.1f} per second")
    report.keep("scan", figures)


def revenge(binary, work, media, n_files):
    """Both scans of the films, PostgreSQL's share counted in."""
    with house.House(binary, work / "data") as server:
        server.set_up()
        library = server.add_library(media)
        figures = {"first": measured(server, library, n_files, n_files)}
        # Afterwards nothing else goes on beside the second scan.
        figures["pictures_per_s"] = pictures(server)
        figures["second"] = measured(server, library, n_files, 0)
    return figures


def unchanged(binary, work, n_files):
    """Scans of many films of which nothing changed. The third finds all caches warm."""
    media = work / "many"
    house.make_corpus(media, n_files)
    with house.House(binary, work / "many-data") as server:
        server.set_up()
        library = server.add_library(media)
        figures = {"many, first": measured(server, library, n_files, n_files)}
        for which in ("many, unchanged", "many, unchanged again"):
            stop_pictures(server)
            figures[which] = measured(server, library, n_files, 0)
    return figures


def measured(server, library, found, added, problems=0):
    """One scan: seconds, processor time, and memory of the server at the most with that of its PostgreSQL behind it."""
    before = family_cpu(server)
    server.forget_peak()
    scan, seconds = server.scan(library)
    cpu_s, peak = family_cpu(server) - before, server.peak_mb()
    if (scan["found"], scan["added"], scan["problems"]) != (found, added, problems):
        # A scan that did not do its work has no speed.
        raise RuntimeError(f"expected {found} files, {added} new, {problems} problems: {scan}")
    database = server.database_mb()
    return {"seconds": seconds, "cpu_s": cpu_s, "peak_mb": peak + database, "database_mb": database}


def family_cpu(server):
    """Processor time of the server and of all processes of PostgreSQL, ended ones too."""
    postmaster = server.database()[1]
    ended = house.cpu_seconds(postmaster, with_children=True)
    return ended + sum(map(house.cpu_seconds, [server.process.pid, *house.children(postmaster)]))


def pictures(server):
    """How many pictures a second the job behind the scan makes; ends it."""
    time.sleep(PICTURES_S)
    job = picture_job(server)
    if job is None:
        raise RuntimeError(f"no pictures are being made after {PICTURES_S} s; scan more files")
    server.api("POST", f"/jobs/{job['id']}/cancel")
    server.wait_for_rest()
    return job["progress"]["done"] / PICTURES_S


def picture_job(server):
    jobs = server.api("GET", "/jobs?state=running")["items"]
    return next((it for it in jobs if it["kind"] == "catalog.make_artwork"), None)


def stop_pictures(server):
    """Waits until nothing runs beside the next scan; pictures of what is no film are not waited for."""
    time.sleep(1)
    while job := picture_job(server):
        server.api("POST", f"/jobs/{job['id']}/cancel")
        time.sleep(0.2)
    server.wait_for_rest()


if __name__ == "__main__":
    main()
