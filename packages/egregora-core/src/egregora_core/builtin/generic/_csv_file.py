"""Tables as CSV: their delimiter and encoding are told by their beginning."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from egregora_core.builtin.generic._table_file import BLOCK, TableFile
from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    import pyarrow as pa

_DELIMITERS = ",;\t|"


class CsvFile(TableFile):
    """A table as CSV."""

    def at(self, row: int) -> str:
        with self._text() as text:
            reader = csv.reader(text, delimiter=_delimiter(self.export.head(self.name)))
            try:
                for number, _ in enumerate(reader):
                    if number == row + 1:
                        return f"{self.where}: line {reader.line_num}"
            except (csv.Error, UnicodeError):
                pass
        return f"{self.where}: row {row + 1}"

    def tables(self, columns: Sequence[str]) -> "Iterator[pa.Table]":
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        with self.export.open(self.name) as stream:
            head = stream.read(1 << 16)
        places = [str(place) for place in range(len(self.names))]
        wanted = [str(self.names.index(name)) for name in columns]
        with self.export.open(self.name) as stream:
            try:
                reader = arrow_csv.open_csv(
                    pa.PythonFile(stream, "r"),
                    arrow_csv.ReadOptions(
                        use_threads=False,
                        block_size=BLOCK,
                        column_names=places,
                        skip_rows_after_names=1,
                        encoding=_encoding(head),
                    ),
                    arrow_csv.ParseOptions(
                        delimiter=_delimiter(self.export.head(self.name)),
                        newlines_in_values=True,
                    ),
                    arrow_csv.ConvertOptions(
                        column_types=dict.fromkeys(places, pa.string()),
                        strings_can_be_null=False,
                        include_columns=wanted,
                    ),
                )
                for batch in reader:
                    yield pa.Table.from_batches([batch]).rename_columns(list(columns))
            except (pa.ArrowException, UnicodeError) as error:
                raise ExportError(self._problem(error)) from None

    def _problem(self, error: Exception) -> str:
        """Say what is wrong; what Arrow says quotes the row."""
        said = str(error)
        if found := re.search(r"Row #(\d+): Expected \d+ columns", said):
            where = self.at(int(found[1]) - 2)
            return f"{where}: it has more or fewer values than there are columns ({len(self.names)})"
        if "straddling" in said or "too large" in said or "cannot be larger" in said:
            return f"{self.where}: a row has more than {BLOCK >> 20} MB, or a quotation mark is never closed"
        if "UTF8" in said or "UTF-8" in said or isinstance(error, UnicodeError):
            return f"{self.where}: somewhere it is no text in its encoding; save it as UTF-8"
        return f"{self.where}: it is no CSV that can be read; save it again"

    def _text(self) -> io.TextIOWrapper:
        csv.field_size_limit(BLOCK)
        with self.export.open(self.name) as stream:
            head = stream.read(1 << 16)
        encoding = _encoding(head)
        return io.TextIOWrapper(
            self.export.open(self.name), "utf-8-sig" if encoding == "utf-8" else encoding, "replace", newline=""
        )


def _delimiter(head: str) -> str:
    first = re.sub(r'"[^"]*"', "", head.lstrip("\ufeff").partition("\n")[0])
    return max(_DELIMITERS, key=first.count)


def header_names(head: str) -> list[str]:
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
