"""Formats of files with comparisons: what the engine must be told to read each, and what of it cannot be read."""

import csv
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.plugin import UsageError, literal

from egregora_elo.errors import ComparisonError
from egregora_elo.recording._files import File, bytes_of, columns_of, text_of

if TYPE_CHECKING:
    import duckdb

_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"
_CHUNK = 1 << 20
_BROKEN = {
    "MISSING COLUMNS": "fewer columns than the first line names",
    "TOO MANY COLUMNS": "more columns than the first line names",
    "UNQUOTED VALUE": "a quoted value does not end",
    "INVALID ENCODING": "it is not UTF-8",
}
"""What the engine cannot read, by its own names for it."""


def opened(connection: "duckdb.DuckDBPyConnection", path: Path, columns: Mapping[str, str]) -> File:
    """Look at a file; `columns` maps fields to columns of it.

    Raises UsageError where there is no such file or column, ComparisonError where the file cannot be read.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a directory: name a file of comparisons in it")
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file; check the path")
    kind = _SUFFIXES.get(Path(path.name.lower().removesuffix(".gz")).suffix)
    if kind is None or (kind == "parquet" and path.suffix.lower() == ".gz"):
        raise UsageError(
            f"{path}: comparisons are read from .csv, .tsv, .jsonl (or one of them .gz) and .parquet files"
        )
    try:
        if kind == "csv":
            return _csv(connection, path, columns)
        return _json(connection, path, columns) if kind == "json" else _parquet(connection, path, columns)
    except (OSError, EOFError, zlib.error) as error:
        raise ComparisonError(f"{path} cannot be read: {error}") from error


def _csv(connection: "duckdb.DuckDBPyConnection", path: Path, columns: Mapping[str, str]) -> File:
    _check_beginning(path)
    with text_of(path) as file:
        blank, first = 0, file.readline()
        while first and not first.strip():
            blank, first = blank + 1, file.readline()
    if not first:
        raise ComparisonError(f"{path} is empty: its first line must name the columns, such as model_a,model_b,winner")
    delimiter = max(",;\t|", key=first.count)
    names = [
        name.strip() or f"column{number}" for number, name in enumerate(next(csv.reader([first], delimiter=delimiter)))
    ]
    folded = [name.lower() for name in names]
    if twice := [name for name, lower in zip(names, folded, strict=True) if folded.count(lower) > 1]:
        raise ComparisonError(f"{path}:{blank + 1}: two columns are called {twice[0]!r}; give them different names")
    typed = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    options = (
        f"{_file(path)}, auto_detect = false, header = true, skip = {blank}, delim = {literal(delimiter)}, "
        f"quote = '\"', escape = '\"', columns = {{{typed}}}"
    )
    broken = _broken(connection, path, options)
    reader = f"read_csv({options}, ignore_errors = true)"
    return File(path, "csv", reader, columns_of(path, names, columns), delimiter, broken)


def _broken(connection: "duckdb.DuckDBPyConnection", path: Path, options: str) -> dict[int, str]:
    """Return the lines of a CSV file that are no rows, with what is wrong with each."""
    connection.execute(
        f"SELECT count(*) FROM read_csv({options}, store_rejects = true, rejects_table = 'elo_rejects', "
        "rejects_scan = 'elo_rejects_scan')"
    ).fetchall()
    found = connection.execute(
        "SELECT line_byte_position, arg_min(error_type, column_idx)::VARCHAR FROM elo_rejects GROUP BY 1 ORDER BY 1"
    ).fetchall()
    connection.execute("DROP TABLE elo_rejects; DROP TABLE elo_rejects_scan")
    lines = _lines_at(path, [position for position, _ in found])
    return {line: _BROKEN.get(reason, reason.lower()) for line, (_, reason) in zip(lines, found, strict=True)}


def _lines_at(path: Path, positions: list[int]) -> list[int]:
    """Return the line of each of the bytes, which are in rising order."""
    lines: list[int] = []
    with bytes_of(path) as file:
        start, line = 0, 1
        while len(lines) < len(positions) and (chunk := file.read(_CHUNK)):
            done = 0
            while len(lines) < len(positions) and (offset := positions[len(lines)] - start) < len(chunk):
                line, done = line + chunk.count(b"\n", done, offset), offset
                lines.append(line)
            line, start = line + chunk.count(b"\n", done), start + len(chunk)
    return lines


def _json(connection: "duckdb.DuckDBPyConnection", path: Path, columns: Mapping[str, str]) -> File:
    _check_beginning(path, marked=False)
    # A field that only late lines have would be missed in a sample.
    plain = f"{_file(path)}, format = 'newline_delimited', ignore_errors = true"
    names = _described(connection, f"read_json({plain}, sample_size = -1)")
    if names == ["json"]:
        with text_of(path) as file:
            other = next(
                (number for number, line in enumerate(file, 1) if line.strip() and line.lstrip()[0] != "{"), None
            )
        what = f"{path} is empty" if other is None else f"{path}:{other}: no JSON object"
        raise ComparisonError(f'{what}; write one object a line, such as {{"a": "x", "b": "y", "winner": "a"}}')
    typed = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return File(path, "json", f"read_json({plain}, columns = {{{typed}}})", columns_of(path, names, columns))


def _parquet(connection: "duckdb.DuckDBPyConnection", path: Path, columns: Mapping[str, str]) -> File:
    reader = f"read_parquet({_file(path)})"
    return File(path, "parquet", reader, columns_of(path, _described(connection, reader), columns))


def _described(connection: "duckdb.DuckDBPyConnection", reader: str) -> list[str]:
    return [name for name, *_ in connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()]


def _file(path: Path) -> str:
    """Return the first arguments of a table function: this file, whatever its path looks like."""
    exact = "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path.absolute()))
    compressed = ", compression = 'gzip'" if path.suffix.lower() == ".gz" else ""
    return f"{literal(exact)}, hive_partitioning = false{compressed}"


def _check_beginning(path: Path, *, marked: bool = True) -> None:
    with bytes_of(path) as file:
        begins = file.read(3)
    if begins.startswith(_UTF_16):
        raise ComparisonError(f"{path} is written in UTF-16: save it as UTF-8")
    if begins == _UTF_8_MARK and not marked:
        raise ComparisonError(f"{path} begins with a byte order mark: save it as UTF-8 without one")
