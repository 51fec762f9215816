"""How fast a library of small films is scanned the first time, and again when nothing changed."""

import sys

import house
import report

N_FILES = 2000


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
                # Pictures are made behind the scan; the second scan is measured with nothing else going on.
                figures[name]["rest_s"] = server.wait_for_rest()
            own, postgres = server.memory_mb()
            figures["memory_mb_afterwards"] = {"revenge_rss": own, "postgresql_pss": postgres}
    report.table(
        ["scan", "seconds", "files/s", "server CPU s", "pictures behind it, s"],
        [[name, *(figures[name][it] for it in ("seconds", "files_per_s", "server_cpu_s", "rest_s"))]
         for name in ("first", "second")],
    )
    report.keep("scan", figures)


def expect(scan, found, added):
    """A scan that did not do its work has no speed."""
    if (scan["found"], scan["added"], scan["problems"]) != (found, added, 0):
        raise RuntimeError(f"expected {found} files, {added} new, no problems: {scan}")


if __name__ == "__main__":
    main()
