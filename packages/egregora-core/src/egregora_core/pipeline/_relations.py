"""Messages that stand in a table, here or in another database, on their way to the source that reads tables.

What a table or query holds is written into a file beside the database, which is read as any export and then deleted:
so ids, merging, the columns one names and what is told of errors are the same as of a file.
"""

import glob
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from egregora_core.errors import ExportError, UsageError
from egregora_core.session import Command, Session
from egregora_core.storage import attached, table_query, write_parquet
from egregora_core.workspace import SCHEME

_DIRECTORY = "reading"
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]+://")
_KIND = re.compile(r"[a-z]{2,}:")
_NO_NAME = re.compile(r"[^\w. -]")
_HIVE = re.compile(r"[^=]+=[^=]+")


@dataclass(frozen=True)
class Asked:
    """A SELECT whose rows are messages."""

    query: str
    title: str
    """What its chat is called, where no column says that."""
    told: str
    """What the user called it."""
    table: str = ""
    """The name of a table; empty where it is none."""


def relations_of(session: Session) -> list[Asked]:
    """Return what the command asked for besides files."""
    options = session.options
    tables = [
        Asked(table_query(name), re.split(r"[.]", name)[-1].strip('"'), f"--table {name}", name)
        for name in options.tables
    ]
    several = len(options.queries) > 1
    queries = [
        Asked(query, f"query {number}" if several else "query", f"--sql {number}" if several else "--sql")
        for number, query in enumerate(options.queries, 1)
    ]
    return [*tables, *queries, *(_in_files(path) for path in options.parquet)]


def with_files(command: Command, exports: Sequence[Path]) -> tuple[Command, Sequence[Path]]:
    """Return a command, and the exports it is about, with the Parquet files that its patterns mean among these.

    Of them those stay the command's that are read as relations. Raises UsageError where there is none, or where tables
    and other exports are named together.
    """
    options = command.options
    if not (options.tables or options.parquet or options.queries):
        return command, exports
    if exports:
        raise UsageError("an EXPORT and --table, --parquet or --sql are read differently: give one after the other")
    paths = _expanded(options.parquet)
    relations = tuple(path for path in paths if _is_read_by_engine(path))
    files = [Path(path) for path in paths if path not in relations]
    return replace(command, options=replace(options, parquet=relations)), files


def _expanded(patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the files that patterns mean, each once, sorted; what has an address stays as it is."""
    found: dict[str, None] = {}
    for pattern in patterns:
        if _REMOTE.match(pattern):
            found[pattern] = None
            continue
        inside = f"{pattern}/**/*.parquet" if Path(pattern).is_dir() else pattern
        files = sorted(
            name
            for name in glob.glob(inside, recursive=True)  # noqa: PTH207 - pathlib wants to know where a pattern begins
            if Path(name).is_file()
        )
        if not files:
            raise UsageError(f"--parquet {pattern}: there is no such file; put the pattern in quotation marks")
        found |= dict.fromkeys(files)
    return tuple(found)


@contextmanager
def reaching(session: Session, relation: Asked) -> Iterator[None]:
    """Have the databases that a relation is in attached for the block."""
    with attached(session.db, _databases(session), relation.query):
        yield


@contextmanager
def as_file(session: Session, relation: Asked) -> Iterator[Path]:
    """Write a relation's rows into a file for the block; errors about it name the relation."""
    directory = _directory(session)
    file = directory / f"{_NO_NAME.sub('_', relation.title) or 'table'}.parquet"
    try:
        with attached(session.db, _databases(session), relation.query):
            try:
                write_parquet(session.db, relation.query, file)
            except UsageError as error:
                raise UsageError(f"{relation.told}: {error}") from error
        yield file
    except ExportError as error:
        raise ExportError(str(error).replace(str(file), relation.told)) from error
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _databases(session: Session) -> dict[str, str]:
    """Return what `[database.attach]` names; a file's path is relative to the workspace."""
    found = {}
    for name, url in session.settings.database.attach.items():
        is_lake = url.casefold().startswith(SCHEME)
        place = _place(session.settings.directory, url[len(SCHEME) :] if is_lake else url)
        found[name] = f"{SCHEME}{place}" if is_lake else place
    return found


def _place(directory: Path, url: str) -> str:
    kind, _, path = url.partition(":") if _KIND.match(url) else ("", "", url)
    is_file = kind.casefold() in {"", "sqlite", "duckdb"}
    place = str(directory / path) if is_file else path
    return f"{kind}:{place}" if kind.casefold() not in {"", "duckdb"} else place


def _directory(session: Session) -> Path:
    """Make a directory for its owner alone, since messages with names will stand in it."""
    own = session.workspace.home
    if session.options.dry_run or not own.is_dir():
        return Path(tempfile.mkdtemp(prefix="egregora-"))
    shutil.rmtree(own / _DIRECTORY, ignore_errors=True)  # of a process that was killed
    (own / _DIRECTORY).mkdir(mode=0o700)
    return own / _DIRECTORY


def _is_read_by_engine(path: str) -> bool:
    """Tell whether a file is somewhere else, or stands in directories that say more of its rows."""
    return bool(_REMOTE.match(path)) or any(_HIVE.fullmatch(part) for part in Path(path).parts[:-1])


def _in_files(path: str) -> Asked:
    quoted = path.replace("'", "''")
    query = f"SELECT * FROM read_parquet('{quoted}', hive_partitioning = true, hive_types_autocast = false)"
    return Asked(query, Path(path).stem, f"--parquet {path}")
