"""The memory that one huge unit takes: all messages are one chat's, by one person, and one window holds them all.

    uv run python benchmarks/units.py [--messages 1000000 4000000] [--transcript]

Messages are made in the engine, and all steps before generation are done by another process, so that what is measured
is the writers' step alone: the built-in posts (without their transcript, which is as long as what it tells) and profiles.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

from egregora_core.messages import Namespace
from egregora_core.plugins import App
from egregora_core.session import Command, open_session
from egregora_core.settings import load_settings
from egregora_core.storage import Database

_MOST_GROWTH = 1.25
"""Of the peak, for four times the messages."""


def _workspace(directory: Path, *, transcript: bool) -> None:
    (directory / ".egregora").mkdir(parents=True)
    (directory / ".egregora" / "secret.key").write_text("6f1c2f0a-93b0-4c0e-8a55-0d8b7a1f5b11\n", encoding="ascii")
    told = f"[summary]\ntranscript = {str(transcript).lower()}\n"
    off = '[plugins]\ndisabled = ["markdown", "report"]\n'
    windows = '[windows]\nby = "messages"\nsize = 1000000000\n'
    (directory / "egregora.toml").write_text(f"{windows}{told}{off}", encoding="utf-8")


def _fill(db: Database, namespace: Namespace, messages: int) -> None:
    event, thread, author = (
        namespace.of_sql(noun, what) for noun, what in (("event", "i::VARCHAR"), ("thread", "'one'"), ("author", "who"))
    )
    db.execute(f"""
        INSERT INTO ir_messages
        SELECT {event}, '{namespace.tenant}', 'bench', {thread}, i::VARCHAR,
               TIMESTAMPTZ '2020-01-01 00:00:00Z' + INTERVAL 20 SECOND * i, 0, who, {author},
               'short words ' || (['tide', 'ferry', 'orchard', 'ladder'])[1 + i % 4] || ' ' || i,
               NULL, NULL, json_object('kind', 'text', 'thread', 'One chat'), NULL, now(), uuid()
        FROM (SELECT i, 'Ana Quillerby' AS who FROM range({messages}) AS t(i))
    """)


def _run(directory: Path, step: str) -> None:
    """Run the pipeline over what is in a workspace: up to the writers' step, or that; print the most that was held."""
    from egregora_core.pipeline import run_pipeline

    app = App(disabled=["markdown", "report", *(["summary"] if step == "before" else [])])
    summary = run_pipeline(Command(app, load_settings(directory, app)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{peak} {process_time():.1f} {sum(summary.documents.values())}\n")


def _measure(messages: int, *, transcript: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="egregora-bench-") as base:
        directory = Path(base)
        _workspace(directory, transcript=transcript)
        app = App(disabled=["markdown", "report"])
        with open_session(Command(app, load_settings(directory, app))) as session:
            _fill(session.db, session.namespace, messages)
        for step in ("before", "writers"):
            said = subprocess.run(
                [sys.executable, __file__, "--child", step, str(directory)],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
        peak, seconds, documents = said.stdout.splitlines()[-1].split()
    print(f"{messages:>10,} messages in one unit: peak {int(peak):,} MB, {seconds} CPU seconds, {documents} documents")
    return int(peak)


def main() -> None:
    """Measure and print; exit 1 where the peak grows with the unit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, nargs="+", default=[1_000_000, 4_000_000])
    parser.add_argument("--transcript", action="store_true")
    parser.add_argument("--child", nargs=2)
    given = parser.parse_args()
    if given.child:
        _run(Path(given.child[1]), given.child[0])
        return
    peaks = [_measure(messages, transcript=given.transcript) for messages in given.messages]
    growth = peaks[-1] / peaks[0]
    print(f"peak of the last to the first: {growth:.2f}, bound {_MOST_GROWTH} (not for transcripts)")
    sys.exit(growth > _MOST_GROWTH and not given.transcript)


if __name__ == "__main__":
    main()
