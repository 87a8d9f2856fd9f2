"""Measure the privacy stage: what it costs with few and many names, and which ordinary words it takes for names.

    uv run --group bench python benchmarks/privacy.py cost [--messages 1000000] [--names 100000] [--reactions 0]
    uv run --group bench python benchmarks/privacy.py words [--list] EXPORT...

`words` compares the words of each message before and after, in real exports, and prints how many went with a name that
are a word of some known name with a capital, one in small letters, or none. It prints numbers alone, unless `--list`
asks for the words: people's names are among them.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path
from uuid import UUID

import duckdb
import ibis
from corpus import write_export
from egregora_core.privacy import KnownName, occurring_names
from egregora_core.privacy._stage import privacy

_SYLLABLES = ("Ka", "Ro", "Mi", "Te", "Su", "Vo", "Pe", "Da", "Qui", "Zo")
_WORD = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f])+")
_LABELS = re.compile(r"\[[a-z]+\]")


def names_of_size(count: int) -> list[KnownName]:
    """Return invented names of two words, all different; many share a word."""

    def word(number: int) -> str:
        return "".join(_SYLLABLES[int(digit)] for digit in f"{number:03d}").capitalize()

    return [
        KnownName(
            f"{word(number % 1000)} {word((number * 7 + number // 1000) % 1000)}ov",
            str(UUID(int=number + 1)),
            "person",
            f"Quiet Heron {number}",
        )
        for number in range(count)
    ]


def ingested(command: str, export: Path, directory: Path) -> Path | None:
    """Return the database of a new workspace after a command on an export; None where that is refused."""
    line = [sys.executable, "-m", "egregora_core", command, str(export), "-w", str(directory), "--timezone", "UTC"]
    done = subprocess.run([*line, "--date-order", "dmy"], capture_output=True, check=False)
    if done.returncode:
        done = subprocess.run([*line, "--date-order", "mdy"], capture_output=True, check=False)
    return directory / ".egregora" / "egregora.duckdb" if done.returncode == 0 else None


def with_reactions(connection: duckdb.DuckDBPyConnection, known: list[KnownName], each: int) -> None:
    """Give every message so many reactions, of all who are known in turn."""
    ids = [entry.uuid for entry in known]
    connection.execute(
        """
        CREATE OR REPLACE TABLE ir_messages AS
        WITH reacted AS (
            SELECT event_id, list({'emoji': 'heart', 'author': $ids[(place * $each + nth) % len($ids) + 1]}) AS reactions
            FROM (SELECT event_id, row_number() OVER (ORDER BY event_id) AS place FROM messages),
                 (SELECT unnest(range($each)) AS nth) GROUP BY ALL
        )
        SELECT messages.* REPLACE (json_merge_patch(attrs, json_object('reactions', to_json(reactions))) AS attrs)
        FROM messages JOIN reacted USING (event_id)
        """,
        {"ids": ids, "each": each},
    )


def cost(messages: int, names: int, reactions: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        export = write_export(Path(folder) / "WhatsApp Chat with Bench.txt", messages)
        database = ingested("ingest", export, Path(folder))
        backend = ibis.duckdb.connect()
        backend.con.execute(f"ATTACH '{database}' AS workspace (READ_ONLY)")
        backend.con.execute("CREATE TABLE messages AS SELECT * FROM workspace.ir_messages")
        backend.con.execute("CREATE TABLE ir_messages AS SELECT * FROM messages")
        few = 0.0
        for count in (12, 1000, 3000, names):
            known, messages_table = names_of_size(count), backend.table("ir_messages")
            if reactions:
                with_reactions(backend.con, known, reactions)
            started = time.process_time()
            sql = backend.compile(privacy(messages_table, known=occurring_names(messages_table, known)))
            backend.con.execute(f"CREATE OR REPLACE TABLE made AS {sql}")
            seconds = time.process_time() - started
            few = few or seconds
            told = f"{1e6 * seconds / messages:7.1f} µs a message, {seconds / few:5.2f} of what 12 cost"
            print(f"{count:>7} names: {seconds:7.2f} s of work, {told}", flush=True)


def plain(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(char))


def words(exports: list[Path], *, listed: bool) -> None:
    found, gone = Counter[str](), dict[str, Counter[str]]()
    for export in exports:
        with tempfile.TemporaryDirectory() as folder:
            database = ingested("run", export, Path(folder))
            if database is None:
                found["exports refused"] += 1
                continue
            with duckdb.connect(str(database), read_only=True) as connection:
                count_words(connection, found, gone)
    for what, number in sorted(found.items()):
        print(f"{number:>8,} {what}")
        for word, times in sorted(gone[what].items()) if listed and what in gone else ():
            print(f"{times:>12,} {word}")


def count_words(connection: duckdb.DuckDBPyConnection, found: Counter[str], gone: dict[str, Counter[str]]) -> None:
    authors = connection.execute("SELECT DISTINCT author_raw FROM ir_messages").fetchall()
    known = {plain(word) for (name,) in authors for word in _WORD.findall(name)}
    rows = connection.execute("""
        SELECT m.text, s.text FROM ir_messages m JOIN stage_privacy s USING (event_id)
        WHERE m.author_raw <> '' AND m.text IS NOT NULL
    """).fetchall()
    for before, after in rows:
        all_words = Counter(_WORD.findall(before))
        found["words in all"] += all_words.total()
        if "[name]" not in after:
            continue
        for word, number in (all_words - Counter(_WORD.findall(_LABELS.sub(" ", after)))).items():
            what = "no word of an author's name" if plain(word) not in known else "a word of an author's name"
            what = f"masked: {what}, {'small letters' if word == word.lower() else 'capitalised'}"
            found[what] += number
            gone.setdefault(what, Counter())[word] += number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("cost", "words"))
    parser.add_argument("exports", nargs="*", type=Path)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=100_000, help="with `cost`: the most names that are known")
    parser.add_argument("--reactions", type=int, default=0, help="with `cost`: how many each message has")
    parser.add_argument("--list", action="store_true", help="with `words`: also print the words, names among them")
    options = parser.parse_intermixed_args()
    if options.what == "cost":
        cost(options.messages, options.names, options.reactions)
    else:
        words(options.exports, listed=options.list)


if __name__ == "__main__":
    main()
