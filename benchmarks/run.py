"""Measure, and print each number as a ratio against a floor or a peer measured in the same run.

    uv run --group bench python benchmarks/run.py [--messages 1000000] [--only ingest,startup] [--large]

`--large` adds what needs minutes and gigabytes: five million messages, ten million rows.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import duckdb
from corpus import write_export

EGREGORA = [sys.executable, "-m", "egregora_core"]
RUNS = 3

FLOOR_SQL = r"""
CREATE TABLE m AS
WITH lines AS (
    SELECT row_number() OVER () AS n, line, regexp_matches(line, '^\d\d/\d\d/\d{4}, \d\d:\d\d - ') AS head
    FROM read_csv($path, columns = {'line': 'VARCHAR'}, delim = '\0', quote = '', escape = '', header = false,
                  auto_detect = false)
), grouped AS MATERIALIZED (
    SELECT n, line, head, sum(head::INT) OVER (ROWS UNBOUNDED PRECEDING) AS message FROM lines
), tails AS (
    SELECT message, string_agg(line, chr(10) ORDER BY n) AS tail FROM grouped WHERE NOT head GROUP BY message
), whole AS (
    SELECT n, line, substr(concat_ws(chr(10), line, tail), 21) AS body FROM grouped LEFT JOIN tails USING (message)
    WHERE head
), found AS (SELECT *, instr(body, ': ') AS colon FROM whole)
SELECT n, strptime(left(line, 17), '%d/%m/%Y, %H:%M') AS ts, CASE WHEN colon > 0 THEN left(body, colon - 1) END AS author,
       CASE WHEN colon > 0 THEN substr(body, colon + 2) ELSE body END AS text
FROM found
"""
"""A plain parse into four columns, the fastest one known to us; it is right for this one format and decides nothing."""


@dataclass(frozen=True)
class Cost:
    """Wall-clock seconds and peak resident memory of a child process."""

    seconds: float
    megabytes: float


def child(command: list[str], **environment: str) -> Cost:
    """Run a command, which must succeed, and return what it cost."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(time.perf_counter() - started, usage.ru_maxrss / 1024)


def best(measure: Callable[[], float], runs: int = RUNS) -> float:
    return min(measure() for _ in range(runs))


def timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def report(what: str, value: str, bound: str = "") -> None:
    print(f"{what:<64} {value:>26}   {bound}", flush=True)


@contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="egregora-bench-") as directory:
        yield Path(directory)


def python(code: str, *arguments: str) -> Cost:
    return child([sys.executable, "-c", code, *arguments])


# --- what is measured ---------------------------------------------------------------------------------------------


def bench_startup(_: argparse.Namespace) -> None:
    """Measure `--help` against importing typer, and `runs` on a small workspace."""
    typer = best(lambda: python("import typer").seconds, 7)
    shown = best(lambda: child([*EGREGORA, "--help"]).seconds, 7)
    report("egregora --help / import typer", f"{shown:.3f} s / {typer:.3f} s = {shown / typer:.2f}", "≤ 2.5")
    with scratch() as directory:
        export = write_export(directory / "WhatsApp Chat with Small.txt", 500)
        child([*EGREGORA, "run", str(export), "-w", str(directory), "--timezone", "UTC"])
        report(
            "egregora runs",
            f"{best(lambda: child([*EGREGORA, 'runs', '-w', str(directory)]).seconds, 7):.3f} s",
            "≤ 0.3 s",
        )


def bench_plugins(_: argparse.Namespace) -> None:
    """Measure what 50 installed trivial plugins cost `--help`."""
    with scratch() as directory:
        for number in range(50):
            name = f"egregora_trivial{number}"
            information = directory / f"{name}-1.0.dist-info"
            information.mkdir()
            (information / "METADATA").write_text(
                f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
            )
            (information / "entry_points.txt").write_text(f"[egregora]\ntrivial{number} = {name}\n", encoding="utf-8")
            (directory / f"{name}.py").write_text(TRIVIAL_PLUGIN.format(number), encoding="utf-8")
        shown = [*EGREGORA, "--help"]
        child(shown, PYTHONPATH=str(directory))  # compiles them
        without, with_ = [], []
        for _turn in range(15):  # by turns, so that a busy moment hurts both
            without.append(child(shown).seconds)
            with_.append(child(shown, PYTHONPATH=str(directory)).seconds)
        more = min(with_) - min(without)
        report(
            "--help with 50 plugins / without",
            f"{min(with_):.3f} s / {min(without):.3f} s = {min(with_) / min(without):.2f}",
        )
        report("50 trivial plugins cost --help", f"{1000 * more:.0f} ms", "< 100 ms")


TRIVIAL_PLUGIN = """
from egregora_core.plugins.hookspecs import hookimpl
from egregora_core.plugins._specs import CommandSpec, WriterSpec

EGREGORA_API = 1


@hookimpl
def register_writers():
    return [WriterSpec("trivial{0}", "window", "1", "nowhere:write")]


@hookimpl
def register_commands():
    return [CommandSpec("trivial{0}", "nowhere:main", "Do next to nothing.")]
"""


def bench_ingest(options: argparse.Namespace) -> None:
    """Measure `ingest` from process start to commit against the SQL floor and whatstk's parse alone."""
    with scratch() as directory:
        export = write_export(directory / "WhatsApp Chat with Bench.txt", options.messages)
        ours = min((_ingest(directory, export) for _ in range(RUNS)), key=lambda cost: cost.seconds)
        report("egregora ingest, end to end", f"{options.messages / ours.seconds:,.0f} messages/s")
        report("ingest, peak memory", f"{ours.megabytes:,.0f} MB", "≤ 600 MB")
        if options.large:
            large = write_export(directory / "WhatsApp Chat with Large.txt", 5 * options.messages)
            cost = _ingest(directory, large)
            ratio = f"{cost.megabytes:,.0f} MB = {cost.megabytes / ours.megabytes:.2f}"
            report("ingest of five times as many, peak memory", ratio, "≤ 1.5 times")
        # Last, since what this process itself has held counts as its children's memory.
        sql = FLOOR_SQL.replace("$path", f"'{export}'")
        floor = best(lambda: timed(lambda: duckdb.connect().execute(sql)))
        report("floor: plain DuckDB SQL parse into four columns", f"{options.messages / floor:,.0f} messages/s")
        report("ingest as a share of the floor", f"{floor / ours.seconds:.2f}", "≥ 0.30, aim 0.45")
        _against_whatstk(export, ours)


def _ingest(directory: Path, export: Path) -> Cost:
    workspace = directory / "workspace"
    shutil.rmtree(workspace, ignore_errors=True)
    return child([*EGREGORA, "ingest", str(export), "-w", str(workspace), "--timezone", "America/Sao_Paulo"])


def _against_whatstk(export: Path, ours: Cost) -> None:
    code = "import sys; from whatstk import WhatsAppChat; WhatsAppChat.from_source(sys.argv[1], max_size=None)"
    try:
        import whatstk  # noqa: F401 - is it there?
    except ImportError:
        report("whatstk is not installed", "skipped", "uv sync --group bench")
        return
    peer = python(code, str(export))
    report("whatstk's parse alone / egregora ingest", f"{peer.seconds / ours.seconds:.1f} times", "≥ 3 times")


def bench_unchanged(options: argparse.Namespace) -> None:
    """Measure a whole run, the same again, and a re-export with 1 % new messages."""
    with scratch() as directory:
        export = write_export(directory / "WhatsApp Chat with Bench.txt", options.messages)
        command = [*EGREGORA, "run", str(export), "-w", str(directory / "w"), "--timezone", "UTC"]
        first = child(command)
        start = best(lambda: child([*EGREGORA, "--help"]).seconds)
        same = best(lambda: child(command).seconds)
        report("egregora run, first time", f"{first.seconds:.1f} s, {first.megabytes:,.0f} MB")
        report("unchanged run over start-up", f"{same:.2f} s - {start:.2f} s = {same - start:.2f} s", "≤ 0.5 s")
        longer = write_export(directory / "more" / "WhatsApp Chat with Bench.txt", int(options.messages * 1.01))
        command[4] = str(longer)
        more = child(command)
        report(
            "re-export with 1 % new messages / first run", f"{more.seconds:.1f} s = {more.seconds / first.seconds:.2f}"
        )
        anew = _ingest(directory, export)
        again = child([*EGREGORA, "ingest", str(longer), "-w", str(directory / "workspace")])
        report("the same, ingestion alone", f"{again.seconds:.1f} s = {again.seconds / anew.seconds:.2f}")


def bench_engine(options: argparse.Namespace) -> None:
    """Measure fingerprint, validation and windows on a table of messages."""
    from egregora_core.generation import Chats
    from egregora_core.generation._windows import windows_sql
    from egregora_core.messages import IR_MESSAGES, ChatZones, check_rows
    from egregora_core.settings import WindowSettings
    from egregora_core.storage import fingerprint_relation

    rows = 10_000_000 if options.large else options.messages
    with scratch() as directory:
        connection = duckdb.connect(directory / "bench.duckdb")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(IR_MESSAGES.ddl("ir_messages"))
        connection.execute(f"""
            INSERT INTO ir_messages SELECT md5('e' || i)::UUID, 'default', 'whatsapp', md5('t' || i // 1000000)::UUID,
                left(md5('m' || i), 20), TIMESTAMPTZ '2015-01-01' + to_seconds(i % 1000000 * 40 // 60 * 60), i % 3,
                'Person ' || i % 40, md5('a' || i % 40)::UUID,
                'olá ' || repeat('word ' || i * 7919 % 100003 || ' ', 1 + (i % 9)::INT) || '😂', NULL, NULL,
                '{{"kind":"text","thread":"Bench","tz_source":"UTC"}}', NULL, now(), NULL
            FROM range({rows}) t(i)
        """)
        stats = best(lambda: timed(lambda: fingerprint_relation(connection, "ir_messages", mode="stats")))
        content = best(lambda: timed(lambda: fingerprint_relation(connection, "ir_messages")))
        checked = best(lambda: timed(lambda: check_rows(connection, "ir_messages", IR_MESSAGES, where="bench")))
        report(
            f"fingerprint, content / stats, {rows:,} rows",
            f"{content:.2f} s / {stats:.2f} s = {content / stats:.2f}",
            "≤ 2.5",
        )
        report(
            "validation of every row / fingerprint",
            f"{checked:.2f} s / {content:.2f} s = {checked / content:.2f}",
            "≤ 2",
        )
        connection.execute("CREATE TABLE million AS SELECT * FROM ir_messages LIMIT 1000000")
        query = windows_sql(Chats("million", "default", ChatZones("UTC")), WindowSettings(by="messages", size=100))
        count = connection.execute(query).to_arrow_table().num_rows
        report(
            f"windows: 1,000,000 messages into {count:,}",
            f"{best(lambda: timed(lambda: connection.execute(query).to_arrow_table())):.2f} s",
            "≤ 1 s",
        )
        connection.close()


def bench_writers(_: argparse.Namespace) -> None:
    """Measure how long 10 000 windows that need work take to reach a trivial writer."""
    from egregora_core.generation import BoundWriter, Chats, DocumentStore, plan_units, write_units
    from egregora_core.messages import DOCUMENTS, IR_MESSAGES, ChatZones, Namespace
    from egregora_core.plugins import Document, Unit
    from egregora_core.settings import WindowSettings

    def trivial(unit: Unit) -> list[Document]:
        return [Document("post", unit.key.replace("/", "-"), "A window", str(unit.messages.num_rows))]

    with scratch() as directory:
        connection = duckdb.connect(directory / "bench.duckdb")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(IR_MESSAGES.ddl("messages"))
        connection.execute(DOCUMENTS.ddl())
        connection.execute("""
            INSERT INTO messages SELECT md5('e' || i)::UUID, 'default', 'whatsapp', md5('t')::UUID, 'm' || i,
                TIMESTAMPTZ '2015-01-01' + to_seconds(i * 40), 0, 'p', md5('a' || i % 40)::UUID, 'some words ' || i,
                NULL, NULL, '{"kind":"text"}', NULL, now(), NULL FROM range(1000000) t(i)
        """)
        writer = BoundWriter("trivial", "window", "1", trivial, {}, "", "")

        def write() -> None:
            chats = Chats("messages", "default", ChatZones("UTC"))
            plan = plan_units(connection, chats, [writer], WindowSettings(by="messages", size=100))
            document_id = Namespace(UUID(int=2), "default").document
            write_units(connection, plan, DocumentStore(connection, "default", UUID(int=1), document_id))

        report("10,000 windows to a trivial writer, planned and committed", f"{timed(write):.1f} s", "≤ 5 s")


def bench_tracking(_: argparse.Namespace) -> None:
    """Measure what tracking adds: a stage that does next to nothing, and one whose result stands."""
    from egregora_core.session import open_database
    from egregora_core.storage import fingerprint_relation
    from egregora_core.tracking import Outcome, RunStore, Work, decide, run_stage_with_tracking

    with scratch() as directory, open_database(directory / "bench.duckdb", secret=UUID(int=1)) as db:
        db.execute("CREATE TABLE small AS SELECT range AS i FROM range(100)")

        def tracked(*, forced: bool) -> float:
            started = time.perf_counter()
            work = Work("enrichment", "noop", "default", fingerprint_relation(db.connection, "small"), {}, "1")
            verdict = decide(work, RunStore(db.connection).last_writer("default", "enrichment", "noop"), forced=forced)

            def execute(_run: object) -> Outcome:
                db.execute("CREATE OR REPLACE TABLE stage_noop AS SELECT * FROM small")
                return Outcome(100, fingerprint_relation(db.connection, "stage_noop"))

            run_stage_with_tracking(db, work, execute, verdict)
            return time.perf_counter() - started

        tracked(forced=True)
        report(
            "a tracked stage that copies 100 rows",
            f"{1000 * best(lambda: tracked(forced=True), 30):.1f} ms",
            "≤ 20 ms, aim 10",
        )
        report(
            "the same, its result standing", f"{1000 * best(lambda: tracked(forced=False), 30):.1f} ms", "≤ 8 ms, aim 3"
        )


BENCHES = {
    "startup": bench_startup,
    "plugins": bench_plugins,
    "ingest": bench_ingest,
    "unchanged": bench_unchanged,
    "tracking": bench_tracking,
    "writers": bench_writers,
    "engine": bench_engine,
}


def main() -> None:
    """Print the machine's facts, then run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--only", default=",".join(BENCHES))
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(
        f"{datetime.now(UTC):%Y-%m-%d} Python {platform.python_version()}, duckdb {duckdb.__version__}, "
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, load {os.getloadavg()[0]:.1f}"
    )
    for name in options.only.split(","):
        BENCHES[name](options)


if __name__ == "__main__":
    main()
