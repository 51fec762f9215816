"""Prints a measurement as a table and keeps it as JSON."""

import json
import os
import platform
import time
from pathlib import Path

RESULTS = Path(__file__).resolve().parents[1] / "results"


def load():
    """Load of the machine: what else ran while we measured."""
    return round(os.getloadavg()[0], 2)


def spread(values):
    """Median, least and most of some values."""
    ordered = sorted(values)
    return {"median": ordered[len(ordered) // 2], "min": ordered[0], "max": ordered[-1]}


def table(heads, rows):
    """Prints rows under their heads, in the form Markdown reads."""
    cells = [[shown(it) for it in row] for row in [heads, *rows]]
    widths = [max(len(row[n]) for row in cells) for n in range(len(heads))]
    lines = ["| " + " | ".join(it.ljust(width) for it, width in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    print("\n".join(lines), flush=True)


def shown(value):
    """Numbers with as many digits as mean something."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def keep(name, figures):
    """Writes what was measured to `results/<name>.json`, with when and where."""
    RESULTS.mkdir(exist_ok=True)
    machine = {"cpus": os.cpu_count(), "system": platform.platform(), "load_at_end": load()}
    whole = {"name": name, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(whole | {"figures": figures}, indent=2) + "\n")
    print(f"kept in {path.relative_to(RESULTS.parents[1])}; load of the machine {machine['load_at_end']}")
