"""Tables in any of their formats, as Arrow tables of bounded size. What is wrong is told with its line or row."""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.plugin import Export

Format = Literal["csv", "json", "lines", "parquet"]

_ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".pq")
_BLOCK = 2 << 20
_LONGEST_LINE = 64 << 20
_ROWS = 16_384
_ITEMS = 4_096
_LARGEST_PACKED = 256 << 20
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class File:
    """A table: one member of an export."""

    export: "Export"
    name: str
    format: Format
    names: tuple[str, ...]

    @property
    def where(self) -> str:
        return f"{self.export.path}" if self.export.is_file else f"{self.export.path}: {self.name}"

    def at(self, row: int) -> str:
        """Return where a row is, counted from zero: the file and its line, for which what lies before is read again."""
        if self.format == "parquet":
            return f"{self.where}: row {row + 1}"
        if self.format == "json":
            return f"{self.where}: entry {row + 1}"
        if self.format == "lines":
            return f"{self.where}: line {self._line(row)}"
        with _text(self) as text:
            reader = csv.reader(text, delimiter=_delimiter(self.export.head(self.name)))
            try:
                for number, _ in enumerate(reader):
                    if number == row + 1:
                        return f"{self.where}: line {reader.line_num}"
            except (csv.Error, UnicodeError):
                pass
        return f"{self.where}: row {row + 1}"

    def tables(self, columns: Sequence[str]) -> "Iterator[pa.Table]":
        """Yield some columns of the table, in pieces. Raises ExportError, with the place."""
        by = {"csv": _csv_tables, "json": _json_tables, "lines": _line_tables, "parquet": _parquet_tables}
        return by[self.format](self, columns)

    def _line(self, row: int) -> int:
        """Return the number of the line that a row is, blank ones counted."""
        number = found = 0
        for lines in self.export.lines(self.name):
            for line in lines:
                number += 1
                found += bool(line.strip())
                if found > row:
                    return number
        return number


def files_of(export: "Export") -> list[File]:
    """Return the tables of an export."""
    return [found for name in export.names if (found := file_of(export, name)) is not None]


def is_named(name: str) -> bool:
    """Tell whether a member is called as tables are."""
    return name.casefold().endswith(_ENDINGS)


def file_of(export: "Export", name: str) -> File | None:
    """Return a member as a table; None where it is none."""
    if not export.is_file and not is_named(name):
        return None
    head = export.head(name)
    if head.startswith("PAR1"):
        names = _parquet_names(export, name)
        return File(export, name, "parquet", tuple(names)) if names else None
    start = head.lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "["):
        found = _json_names(start)
        return File(export, name, "lines" if _are_lines(start) else "json", tuple(found)) if found else None
    header = _header(head)
    return File(export, name, "csv", tuple(header)) if header else None


# --- CSV ----------------------------------------------------------------------------------------------------------


def _delimiter(head: str) -> str:
    first = re.sub(r'"[^"]*"', "", head.lstrip("\ufeff").partition("\n")[0])
    return max(_DELIMITERS, key=first.count)


def _header(head: str) -> list[str]:
    """Return the names in the first line of a CSV; nothing where they are no names of columns."""
    text = head.lstrip("\ufeff")
    if "\0" in text.partition("\n")[0] or not text.strip():
        return []
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(head)), [])
    except csv.Error:
        return []
    plain = [name.strip() for name in names]
    return names if len(plain) > 1 and all(plain) and len(set(plain)) == len(plain) else []


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return "utf-8" if error.start > len(head) - 4 else "cp1252"
    return "utf-8"


def _text(file: File) -> io.TextIOWrapper:
    csv.field_size_limit(_BLOCK)
    with file.export.open(file.name) as stream:
        head = stream.read(1 << 16)
    encoding = _encoding(head)
    return io.TextIOWrapper(
        file.export.open(file.name), "utf-8-sig" if encoding == "utf-8" else encoding, "replace", newline=""
    )


def _csv_tables(file: File, columns: Sequence[str]) -> "Iterator[pa.Table]":
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    with file.export.open(file.name) as stream:
        head = stream.read(1 << 16)
    places = [str(place) for place in range(len(file.names))]
    wanted = [str(file.names.index(name)) for name in columns]
    with file.export.open(file.name) as stream:
        try:
            reader = arrow_csv.open_csv(
                pa.PythonFile(stream, "r"),
                arrow_csv.ReadOptions(
                    use_threads=False,
                    block_size=_BLOCK,
                    column_names=places,
                    skip_rows_after_names=1,
                    encoding=_encoding(head),
                ),
                arrow_csv.ParseOptions(
                    delimiter=_delimiter(file.export.head(file.name)),
                    newlines_in_values=True,
                ),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False, include_columns=wanted
                ),
            )
            for batch in reader:
                yield pa.Table.from_batches([batch]).rename_columns(list(columns))
        except (pa.ArrowException, UnicodeError) as error:
            raise ExportError(_csv_problem(file, error)) from None


def _csv_problem(file: File, error: Exception) -> str:
    """Say what is wrong; what Arrow says quotes the row."""
    said = str(error)
    if found := re.search(r"Row #(\d+): Expected \d+ columns", said):
        where = file.at(int(found[1]) - 2)
        return f"{where}: it has more or fewer values than there are columns ({len(file.names)})"
    if "straddling" in said or "too large" in said or "cannot be larger" in said:
        return f"{file.where}: a row has more than {_BLOCK >> 20} MB, or a quotation mark is never closed"
    if "UTF8" in said or "UTF-8" in said or isinstance(error, UnicodeError):
        return f"{file.where}: somewhere it is no text in its encoding; save it as UTF-8"
    return f"{file.where}: it is no CSV that can be read; save it again"


# --- JSON ---------------------------------------------------------------------------------------------------------


def _json_names(start: str) -> list[str]:
    """Return the keys of the first object of an array, or of lines of objects; nothing where there is none."""
    at = len(start) - len(start[1:].lstrip()) if start.startswith("[") else 0
    try:
        first, end = json.JSONDecoder().raw_decode(start, at)
    except (ValueError, RecursionError):
        return []
    if not isinstance(first, dict) or (at == 0 and start[end:].lstrip()[:1] not in ("", "{")):
        return []
    names = dict.fromkeys(first)
    for item in _more_objects(start, end):
        names |= dict.fromkeys(item)
    return [*names]


def _more_objects(text: str, at: int) -> Iterator[dict[str, Any]]:
    """Yield the objects behind the first, as far as the beginning of a file goes: any may have more keys."""
    decoder, gap = json.JSONDecoder(), re.compile(r"[\s,]*")
    while True:
        at = gap.match(text, at).end()  # type: ignore[union-attr]  # it matches anywhere
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(item, dict):
            yield item


def _are_lines(start: str) -> bool:
    """Tell whether the first line is an object of its own, as all are in JSON lines."""
    if start.startswith("["):
        return False
    try:
        return isinstance(json.loads(start.partition("\n")[0]), dict)
    except (ValueError, RecursionError):
        return False


def _line_tables(file: File, columns: Sequence[str]) -> "Iterator[pa.Table]":
    """Yield JSON lines by the block: as Arrow reads them, where all values of a column are of the first one's type."""
    import pyarrow as pa
    from pyarrow import json as arrow_json

    kinds = {int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    first = json.loads(file.export.head(file.name).lstrip("\ufeff \t\r\n").partition("\n")[0])
    schema = pa.schema([(name, kinds.get(type(first.get(name)), pa.string())) for name in columns])
    parse = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    read = arrow_json.ReadOptions(use_threads=False, block_size=_LONGEST_LINE)
    done = 0
    for block in _blocks(file):
        try:
            _ = block.isascii() or block.decode()  # Arrow would take anything for text
            table = arrow_json.read_json(pa.BufferReader(block), read, parse)
        except (pa.ArrowException, UnicodeError):
            table = _slowly(file, block, columns, done)
        done += table.num_rows
        if table.num_rows:
            yield table


def _slowly(file: File, block: bytes, columns: Sequence[str], done: int) -> "pa.Table":
    """Return the lines of a block read one by one. Raises ExportError, with the line, for what is no object."""
    import pyarrow as pa

    items = list[dict[str, Any]]()
    for line in block.split(b"\n"):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            raise ExportError(f"{file.at(done + len(items))}: it is no JSON; copy the file again") from None
        if not isinstance(item, dict):
            raise ExportError(f"{file.at(done + len(items))}: it is no object")
        items.append(item)
    return pa.table({name: _json_array([item.get(name) for item in items]) for name in columns})


def _blocks(file: File) -> Iterator[bytes]:
    """Yield whole lines, some megabytes at a time."""
    with file.export.open(file.name) as stream:
        rest = stream.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
        while data := stream.read(_BLOCK):
            end = data.rfind(b"\n")
            if end >= 0:
                yield rest + data[:end]
                rest = b""
            rest += data[end + 1 :]
            if len(rest) > _LONGEST_LINE:
                raise ExportError(f"{file.where}: a line has more than {_LONGEST_LINE >> 20} MB; is it the right file?")
    if rest.strip():
        yield rest


def _json_tables(file: File, columns: Sequence[str]) -> "Iterator[pa.Table]":
    import pyarrow as pa

    done, items = 0, list[dict[str, Any]]()

    def table() -> "pa.Table":
        return pa.table({name: _json_array([item.get(name) for item in items]) for name in columns})

    for item, _ in file.export.items(file.name):
        if not isinstance(item, dict):
            raise ExportError(f"{file.at(done + len(items))}: it is no object")
        items.append(item)
        if len(items) == _ITEMS:
            yield table()
            done, items = done + len(items), []
    if items:
        yield table()


def _json_array(values: list[Any]) -> Any:
    """Return values as Arrow takes them; those of several types as texts."""
    import pyarrow as pa

    if not any(isinstance(value, list | dict) for value in values):
        try:
            return pa.array(values)
        except (pa.ArrowException, UnicodeError, OverflowError):
            pass
    return pa.array([_as_text(value) for value in values], pa.string())


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value if value is None else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.dumps(value, ensure_ascii=True)


# --- Parquet ------------------------------------------------------------------------------------------------------


def _parquet_names(export: "Export", name: str) -> list[str]:
    import pyarrow as pa

    try:
        return [str(each) for each in _parquet(export, name).schema_arrow.names]
    except (pa.ArrowException, OSError, ExportError):
        return []


def _parquet(export: "Export", name: str) -> Any:
    """Open a Parquet file, whose parts are found from its end: of a zip it has to be unpacked as a whole."""
    import pyarrow as pa
    from pyarrow import parquet

    export.uses(name)
    if export.is_file:
        return parquet.ParquetFile(export.path)
    if not export.is_zip:
        return parquet.ParquetFile(export.path / name)
    if export.size(name) > _LARGEST_PACKED:
        raise ExportError(f"{export.path}: {name} is too large to be read inside of a zip; unpack it")
    with export.open(name) as stream:
        return parquet.ParquetFile(pa.BufferReader(stream.read()))


def _parquet_tables(file: File, columns: Sequence[str]) -> "Iterator[pa.Table]":
    import pyarrow as pa

    try:
        opened = _parquet(file.export, file.name)
        for batch in opened.iter_batches(batch_size=_ROWS, columns=list(columns)):
            batch.validate(full=True)  # of a damaged file, texts may be none
            yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise ExportError(
            f"{file.where}: it is damaged, or no Parquet file ({type(error).__name__}); write it again"
        ) from None
