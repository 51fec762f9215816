"""How fast a library of small films is scanned the first time, and again when nothing changed."""

import sys
import time

import house
import report

N_FILES = 2000
# Pictures are made behind a scan, one or two at a time; so long we watch how fast.
PICTURES_S = 30


def main():
    n_files = int(sys.argv[1]) if len(sys.argv) > 1 else N_FILES
    binary = house.program()
    with house.work_folder() as work:
        media = work / "films"
        house.make_corpus(media, n_files)
        with house.House(binary, work / "data") as server:
            server.set_up()
            library = server.add_library(media)
            figures = {"files": n_files}
            for name in ("first", "second"):
                before = house.cpu_seconds(server.process.pid)
                scan, seconds = server.scan(library)
                used = house.cpu_seconds(server.process.pid) - before
                expect(scan, n_files, n_files if name == "first" else 0)
                figures[name] = {"seconds": seconds, "files_per_s": n_files / seconds, "server_cpu_s": used}
                if name == "first":
                    # Afterwards nothing else goes on beside the second scan.
                    figures["pictures_per_s"] = pictures(server)
            own, postgres = server.memory_mb()
            figures["memory_mb_afterwards"] = {"revenge_rss": own, "postgresql_pss": postgres}
    report.table(
        ["scan", "seconds", "files/s", "server CPU s"],
        [[name, *(figures[name][it] for it in ("seconds", "files_per_s", "server_cpu_s"))] for name in ("first", "second")],
    )
    print(f"pictures behind the first scan: {figures['pictures_per_s']:.1f} per second")
    report.keep("scan", figures)


def pictures(server):
    """How many pictures a second the job behind the scan makes; ends it."""
    time.sleep(PICTURES_S)
    jobs = server.api("GET", "/jobs?state=running")["items"]
    job = next((it for it in jobs if it["kind"] == "catalog.make_artwork"), None)
    if job is None:
        raise RuntimeError(f"no pictures are being made after {PICTURES_S} s; scan more files")
    server.api("POST", f"/jobs/{job['id']}/cancel")
    server.wait_for_rest()
    return job["progress"]["done"] / PICTURES_S


def expect(scan, found, added):
    """A scan that did not do its work has no speed."""
    if (scan["found"], scan["added"], scan["problems"]) != (found, added, 0):
        raise RuntimeError(f"expected {found} files, {added} new, no problems: {scan}")


if __name__ == "__main__":
    main()
