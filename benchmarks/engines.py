"""One DuckDB process against Spark `local[2]` over the same lake: what each step costs, and how it grows.

    uv run --group spark python benchmarks/engines.py [--messages 1000000] [--threads 100] [--pages] [--export]

Messages are made in the engine and put straight into the lake, so no export is parsed. Each side runs the whole pipeline in
a process of its own; what `runs` says of each step is compared, as ratios of one run, and the largest memory of each: all that is
resident, with libraries that others share, as `ps` and a container count it, and what is its own. `--pages` publishes
Markdown pages, too, and whatever other publishers are installed. With `--export` the same command reads an export of so
many messages first, instead of finding them in the lake.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

from corpus import write_export
from egregora_core.messages import Namespace
from egregora_core.plugins import App
from egregora_core.session import Command, open_database, open_session
from egregora_core.settings import load_settings
from egregora_core.storage import Database
from egregora_core.workspace import read_early

_BOUNDS = {"privacy": 1.3, "posts": 1.0}
"""Spark to one process, at equal cores."""
_RESIDENT, _OWN = "resident MB", "own MB"
_RESIDENT_BOUND = 250
"""Of the Python process that drives Spark, whatever the number of messages; its Java comes on top."""
_WATCH_SECONDS = 0.05
_ENGINES = {
    "local": '[engine]\nname = "local"\n',
    "spark": '[engine]\nname = "spark"\nmaster = "local[2]"\noptions = { "spark.driver.host" = "127.0.0.1" }\n',
}
_WORDS = [
    "the",
    "orchard",
    "ladder",
    "was",
    "too",
    "short",
    "for",
    "apples",
    "near",
    "Lisbon",
    "so",
    "we",
    "called",
    "again",
    "about",
    "tide",
    "and",
    "ferry",
    "at",
    "noon",
]


_WITHOUT_PAGES = ["markdown", "report"]
"""Plugins that are switched off where only the engines are compared."""


def _workspace(directory: Path, engine: str, disabled: list[str]) -> Path:
    (directory / ".egregora").mkdir(parents=True)
    (directory / ".egregora" / "secret.key").write_text("6f1c2f0a-93b0-4c0e-8a55-0d8b7a1f5b11\n", encoding="ascii")
    lake = f'[database]\nurl = "ducklake:sqlite:catalog.sqlite"\ndata = "files"\n{_ENGINES[engine]}'
    off = f"[plugins]\ndisabled = {json.dumps(disabled)}\n"
    (directory / "egregora.toml").write_text(f'{lake}[windows]\nby = "messages"\nsize = 3400\n{off}', encoding="utf-8")
    return directory


def _fill(db: Database, namespace: Namespace, messages: int, threads: int) -> None:
    """Make messages of a dozen people in so many chats: words, now and then a name, an address or a number."""
    words = ", ".join(f"'{word}'" for word in _WORDS)
    event, thread, author = (
        namespace.of_sql(noun, what)
        for noun, what in (("event", "i::VARCHAR"), ("thread", "chat::VARCHAR"), ("author", "who"))
    )
    db.execute(f"""
        INSERT INTO ir_messages
        SELECT {event}, '{namespace.tenant}', 'bench', {thread}, i::VARCHAR,
               TIMESTAMPTZ '2020-01-01 00:00:00Z' + INTERVAL 1 SECOND * (i // {threads}) * 9, 0, who, {author},
               list_aggregate(list_transform(range(4 + i % 9), k -> ([{words}])[1 + (hash(i * 31 + k) % {len(_WORDS)})::INT]),
                              'string_agg', ' ')
               || CASE i % 50 WHEN 0 THEN ' Ana Quillerby' WHEN 1 THEN ' someone@example.org' WHEN 2 THEN ' +351 912 345 678'
                  ELSE '' END,
               NULL, NULL, json_object('kind', 'text', 'thread', 'Chat ' || chat), NULL, now(), uuid()
        FROM (SELECT i, i % {threads} AS chat, (['Ana Quillerby', 'Bo Quarrel', 'Zoe Marsh', 'Ivo Lund', 'Mia Sol', 'Tom Okafor',
                      'Lea Brandt', 'Kai Moss', 'Eva Stein', 'Jon Frost', 'Uma Reed', 'Pia Dahl'])[1 + (hash(i) % 12)::INT] AS who
              FROM range({messages}) AS t(i))
    """)


def _child(directory: Path, exports: list[Path]) -> None:
    """Run the pipeline over what is in a workspace; print what each step took, and the most memory that was held."""
    from egregora_core.pipeline import run_pipeline
    from egregora_core.session import RunOptions

    app = App(disabled=read_early(directory).disabled)
    begun = perf_counter()
    with _watched_memory() as own:
        run_pipeline(Command(app, load_settings(directory, app), RunOptions(timezone="UTC")), exports)
    # What `getrusage` tells begins with the memory of the process that started this one.
    peak = _kilobytes("status", "VmHWM:") // 1024
    told = {"seconds": perf_counter() - begun, _RESIDENT: peak, _OWN: max(own)}
    sys.stdout.write(f"{json.dumps(told)}\n")


@contextmanager
def _watched_memory() -> Iterator[list[int]]:
    """Note now and then the memory that is this process's own: without files that it maps, which others share."""
    found = [0]
    ended = Event()

    def watch() -> None:
        while not ended.wait(_WATCH_SECONDS):
            found.append(_kilobytes("smaps_rollup", "Anonymous:") // 1024)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def _kilobytes(file: str, what: str) -> int:
    return int(Path("/proc/self", file).read_text(encoding="utf-8").partition(what)[2].split()[0])


def _run(directory: Path, *exports: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--child", str(directory), *map(str, exports)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    told = json.loads(done.stdout.splitlines()[-1])
    with open_database(read_early(directory).database, read_only=True) as db:
        steps = dict(
            db.execute("SELECT stage, duration_seconds FROM runs WHERE status = 'completed' AND stage <> 'bench'")
        )
        made = db.execute("SELECT stage, output_fingerprint FROM runs WHERE status = 'completed' ORDER BY stage")
    return {**told, **steps, "made": made}


def main() -> None:
    """Measure and print; exit 1 where a bound is not kept or the results differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=100)
    parser.add_argument("--pages", action="store_true", help="publish pages, too")
    parser.add_argument("--export", action="store_true", help="read an export first")
    parser.add_argument("--child", nargs="+", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(given.child[0], given.child[1:])
        return
    with tempfile.TemporaryDirectory(prefix="egregora-bench-") as base:
        found = {}
        for engine in _ENGINES:
            directory = _workspace(Path(base) / engine, engine, disabled := [] if given.pages else _WITHOUT_PAGES)
            if given.export:
                export = write_export(Path(base) / "WhatsApp Chat with Bench.txt", given.messages)
                found[engine] = _run(directory, export)
                continue
            app = App(disabled=disabled)
            with open_session(Command(app, load_settings(directory, app))) as session:
                _fill(session.db, session.namespace, given.messages, given.threads)
            found[engine] = _run(directory)
    local, spark = found["local"], found["spark"]
    same = local.pop("made") == spark.pop("made")
    for step, seconds in local.items():
        ratio, bound = spark[step] / seconds, _BOUNDS.get(step)
        told = "" if bound is None else f"  bound {bound}: {'ok' if ratio <= bound else 'NOT KEPT'}"
        print(f"{step:<10} one process {seconds:8.1f}  spark local[2] {spark[step]:8.1f}  ratio {ratio:5.2f}{told}")
    little = spark[_RESIDENT] <= _RESIDENT_BOUND
    print(
        f"memory of Spark's driver: {spark[_RESIDENT]} MB resident, {spark[_OWN]} MB its own; "
        f"bound {_RESIDENT_BOUND} MB resident: {'ok' if little else 'NOT KEPT'}"
    )
    chats = 1 if given.export else given.threads
    print(f"results {'equal' if same else 'DIFFER'} ({given.messages:,} messages, {chats} chats)")
    sys.exit(not (same and little) or any(spark[step] / local[step] > bound for step, bound in _BOUNDS.items()))


if __name__ == "__main__":
    main()
