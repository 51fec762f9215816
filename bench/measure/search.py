"""Search as one types, over generated documents: the engine in process beside trigrams of PostgreSQL, asked the same.

`search.sh 1000000` takes another number than 100,000.
"""

import subprocess
import sys
from pathlib import Path

import house
import postgres
import report

ROOT = Path(__file__).resolve().parents[2]
# Trigrams take seconds for a letter; a median needs no more than these.
ASKED_OF_POSTGRES = 40


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    binary = house.program()
    with house.work_folder() as work:
        folder = work / "asked"
        folder.mkdir()
        measured = ["cargo", "bench", "-q", "-p", "search", "--bench", "typing", "--", str(count), str(folder)]
        subprocess.run(measured, cwd=ROOT, check=True)
        engine = {row[0]: row[1:] for row in rows(folder / "figures.tsv")}
        with house.House(binary, work / "data") as server:
            trigrams = of_postgres(server.database()[0], folder)
    questions = [it for it in engine if not it.endswith(("_s", "_mb"))]
    shown = []
    for name in questions:
        other = trigrams.get(name, ["", ""])
        shown.append([name, *map(number, engine[name]), *map(number, other)])
    report.table(["asked", "engine p50 ms", "engine p99 ms", "trigrams p50 ms", "trigrams p99 ms"], shown)
    sizes = [[name, number(engine[name][0]), number(trigrams.get(name, [""])[0])] for name in engine if name not in questions]
    report.table(["", "engine", "trigrams"], sizes)
    report.keep("search", {"documents": count, "engine": engine, "trigrams": trigrams})


def of_postgres(socket, folder):
    """The same documents in a table with an index of trigrams of the titles, asked as the server does when the engine is away."""
    documents, questions = folder / "documents.tsv", folder / "questions.tsv"
    for path in (documents, questions):
        path.chmod(0o644)
    run = lambda text: postgres.run(socket, text, timeout_s=3600)
    run("CREATE SCHEMA bench")
    run("CREATE TABLE bench.film (id uuid, title text, people text, popularity real)")
    run("CREATE TABLE bench.question (number bigint GENERATED ALWAYS AS IDENTITY, name text, words text, ms float8)")
    began = run("SELECT extract(epoch FROM clock_timestamp())")[0][0]
    run(f"COPY bench.film FROM '{documents}'")
    run("CREATE INDEX film_trgm ON bench.film USING gin (lower(title) public.gin_trgm_ops)")
    ended = run("SELECT extract(epoch FROM clock_timestamp())")[0][0]
    run("ANALYZE bench.film")
    run(f"COPY bench.question (name, words) FROM '{questions}'")
    run(
        f"""
        DO $$
        DECLARE
            asked record;
            began timestamptz;
        BEGIN
            FOR asked IN
                SELECT * FROM (
                    SELECT *, row_number() OVER (PARTITION BY name ORDER BY number) AS nth FROM bench.question
                ) AS question
                WHERE nth <= {ASKED_OF_POSTGRES} AND name NOT LIKE '%,%'
            LOOP
                began := clock_timestamp();
                PERFORM id FROM bench.film
                WHERE lower(asked.words) OPERATOR(public.<%) lower(title)
                ORDER BY public.word_similarity(lower(asked.words), lower(title)) DESC, popularity DESC, id
                LIMIT 20;
                UPDATE bench.question SET ms = extract(epoch FROM clock_timestamp() - began) * 1000
                WHERE number = asked.number;
            END LOOP;
        END $$
        """
    )
    figures = run(
        """
        SELECT name, percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), percentile_disc(0.99) WITHIN GROUP (ORDER BY ms)
        FROM bench.question WHERE ms IS NOT NULL GROUP BY name
        """
    )
    found = {row[0]: row[1:] for row in figures}
    found["build_s"] = [str(float(ended) - float(began))]
    found["disk_mb"] = [run("SELECT pg_total_relation_size('bench.film') / 1000000")[0][0]]
    return found


def rows(path):
    return [line.split("\t") for line in path.read_text().splitlines()]


def number(text):
    return float(text) if text else ""


main()
