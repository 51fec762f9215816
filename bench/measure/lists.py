"""Lists and search over 100,000 films: pages of 100 in several orders, filtered, and deep in; words, half words, typos."""

import json
import os
import subprocess
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import house
import postgres
import report

HERE = Path(__file__).parent
N_ITEMS = 100_000
CONNECTIONS = (1, 8)
SECONDS = 5
# Pages walked by cursor: what somebody who scrolls far sees.
N_PAGES = 40

LISTS = {
    "by title": {"sort": "title"},
    "by date added": {"sort": "added_at"},
    "1990s by title": {"sort": "title", "year_from": 1990, "year_to": 1999},
    "one year by title": {"sort": "title", "year_from": 1955, "year_to": 1955},
    "frequent genre by title": {"sort": "title", "genre": "Drama"},
    "rare genre by title": {"sort": "title", "genre": "Noir"},
    "rare genre by date added": {"sort": "added_at", "genre": "Noir"},
}
SEARCHES = {
    "whole words": ["silent harbour", "the last emperor", "midnight train", "river of the moon"],
    "as typed": ["s", "si", "sil", "silen", "silent h", "silent harb"],
    "with typos": ["silnet harbour", "midnigth train", "emporer", "forgoten castle"],
    "nothing like it": ["xylophonist zzyzx", "qwertzuiop"],
}


def main():
    binary = house.program()
    figures = {"items": N_ITEMS}
    with house.work_folder() as work:
        media = work / "films"
        media.mkdir()
        server = house.House(binary, work / "data")
        with server:
            server.set_up()
            library = server.add_library(media)
            figures["fill_s"] = fill(server, library)
            figures["search_index"] = wait_for_search(server)
        # Started anew: what a household has that comes home, not what has just been written.
        figures["start_s"] = server.start()
        with_server_started(server, library, work, figures)
    report.table(
        ["at 100,000 films", "connections", "requests/s", "p50 ms", "p99 ms", "max ms", "KB an answer"],
        [[row["what"], row["connections"], row["requests_per_s"], row["p50_ms"], row["p99_ms"], row["max_ms"],
          row["kb_per_answer"]] for row in figures["lists"] + figures["searches"]],
    )
    print(f"start with them {figures['start_s']:.2f} s; search index filled in {figures['search_index']['seconds']:.0f} s; "
          f"memory afterwards: Revenge {figures['memory_mb']['revenge_rss']:.0f} MB, "
          f"PostgreSQL {figures['memory_mb']['postgresql_pss']:.0f} MB")
    report.keep("lists", figures)


def with_server_started(server, library, work, figures):
    """The requests; stops the server whatever happens."""
    try:
        lists = {name: list_paths(server, library, wanted) for name, wanted in LISTS.items()}
        searches = {
            f"search: {name}": [f"/api/v1/search?{urlencode({'q': it})}" for it in words]
            for name, words in SEARCHES.items()
        }
        for kind, sets in (("lists", lists), ("searches", searches)):
            figures[kind] = [
                {"what": what, "connections": n} | load(server, paths, n, work)
                for what, paths in sets.items() for n in CONNECTIONS
            ]
        own, database = server.memory_mb()
        figures["memory_mb"] = {"revenge_rss": own, "postgresql_pss": database}
    finally:
        server.stop()


def fill(server, library):
    """Writes the films straight into the database: seconds."""
    text = (HERE / "films.sql").read_text().replace(":library", library).replace(":n_items", str(N_ITEMS))
    began = time.monotonic()
    for part in (text.partition("VACUUM")[0], "VACUUM ANALYZE"):
        postgres.run(server.database()[0], part)
    return time.monotonic() - began


def wait_for_search(server):
    """Waits until the search engine has taken in everything: a server that starts looks for what is due."""
    server.stop()
    server.start()
    began = time.monotonic()
    while int(postgres.run(server.database()[0], "SELECT count(*) FROM catalog.search_outbox")[0][0]):
        if time.monotonic() - began > 900:
            raise RuntimeError("the search index is not filled after 15 minutes")
        time.sleep(0.5)
    seconds = time.monotonic() - began
    return {"seconds": seconds, "items_per_s": N_ITEMS / max(seconds, 0.5)}


def list_paths(server, library, wanted):
    """The paths of the first pages of a list, each by the cursor of the one before."""
    paths, cursor = [], None
    for _ in range(N_PAGES):
        query = {"library_id": library, "limit": 100} | wanted | ({"cursor": cursor} if cursor else {})
        path = f"/items?{urlencode(query, quote_via=quote)}"
        paths.append(f"/api/v1{path}")
        cursor = server.api("GET", path)["next"]
        if not cursor:
            break
    return paths


def load(server, paths, n_connections, work):
    """What wrk measures over kept-alive connections: rates, and latencies as the client sees them."""
    file = work / "paths"
    file.write_text("\n".join(paths) + "\n")
    environment = dict(os.environ, BENCH_PATHS=str(file), BENCH_TOKEN=server.token)
    command = ["wrk", "-t", "1", "-c", str(n_connections), "-d", f"{SECONDS}s", "--timeout", "30s",
               "-s", str(HERE / "load.lua"), f"http://127.0.0.1:{server.port}"]
    before = house.cpu_seconds(server.process.pid)
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout
    answer = json.loads(next(it for it in output.splitlines() if it.startswith("JSON "))[5:])
    if answer["failed"] or not answer["requests"]:
        raise RuntimeError(f"{paths[0]}: {answer}")
    requests = answer["requests"]
    return answer | {
        "requests_per_s": requests / answer["seconds"],
        "kb_per_answer": answer["bytes"] / requests / 1000,
        "server_cpu_ms": (house.cpu_seconds(server.process.pid) - before) / requests * 1000,
    }


if __name__ == "__main__":
    main()
