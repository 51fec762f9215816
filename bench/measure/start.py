"""How long the server takes to be ready, and what it holds in memory when nobody asks it for anything."""

import time

import house
import report

COLD_STARTS, WARM_STARTS = 3, 7
# Long enough for what runs right after a start to be done.
IDLE_S = 20


def main():
    binary = house.program()
    with house.work_folder() as work:
        cold = []
        for n in range(COLD_STARTS):
            server = house.House(binary, work / f"data{n}")
            cold.append(timed_start(server))
        warm = [timed_start(server) for _ in range(WARM_STARTS)]
        with server:
            time.sleep(IDLE_S)
            own, postgres = server.memory_mb()
    starts = {"cold": report.spread(cold), "warm": report.spread(warm)}
    report.table(
        ["start", "median s", "min s", "max s"],
        [[name, it["median"], it["min"], it["max"]] for name, it in starts.items()],
    )
    report.table(["idle memory", "MB"], [["Revenge (RSS)", own], ["PostgreSQL (PSS of all its processes)", postgres]])
    report.keep("start", {"start_s": starts, "idle_mb": {"revenge_rss": own, "postgresql_pss": postgres}})


def timed_start(server):
    """Seconds from starting the program until it says that every part is ready."""
    try:
        return server.start()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
