"""A table of messages, whoever made it. Its columns say what they are, or the user does, in `[generic.columns]`."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from egregora_core.builtin.generic._files import file_of, files_of, is_named
from egregora_core.builtin.generic._names import NAMES_BESIDE, chosen, parts, resemblance
from egregora_core.builtin.generic._rows import Rows
from egregora_core.builtin.generic._table_file import TableFile
from egregora_core.plugin import ExportError, Person, Reading, ReadOptions, Recognised, Thread

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.plugin import Export

_LOOKED_AT = 50


def recognise(export: "Export") -> Recognised:
    """Say how surely an export is a table of messages: by the names of its columns."""
    for name in [name for name in export.names if export.is_file or is_named(name)][:_LOOKED_AT]:
        found = file_of(export, name)
        alike = resemblance(found.names) if found else None
        if alike == "all":
            return Recognised("likely", "columns that are called ts, author and text")
        if alike == "some":
            return Recognised("maybe", "a table with columns like those of a chat")
    return Recognised("no")


def read(
    export: "Export", options: ReadOptions, *, columns: Mapping[str, str] | None = None, ts_format: str = ""
) -> Reading:
    """Read the tables of an export; a file without a column `thread` is a chat of its own.

    Raises ExportError where columns are missing, or a value is not what its column holds: with its line.
    """
    files = files_of(export)
    if not files:
        raise ExportError(
            f"{export.path}: it is no table: a CSV whose first line names its columns, JSON lines, a JSON array of "
            "objects, or Parquet"
        )
    return _Tables(export, files, options, columns or {}, ts_format).reading()


class _Tables:
    """The files of an export while they are read."""

    def __init__(
        self, export: "Export", files: list[TableFile], options: ReadOptions, said: Mapping[str, str], form: str
    ) -> None:
        self._export, self._options = export, options
        self._files = [(file, chosen(file.names, said, file.where)) for file in files]
        self._form = form
        self._names: dict[str, str | None] = {}
        self._titles: dict[str, str | None] = {}

    def reading(self) -> Reading:
        named = any("author_name" in columns for _, columns in self._files)
        one = len(self._files) == 1 and "thread" not in self._files[0][1]
        batches = self._batches()
        first, zoned = next(batches, (None, True))
        reading = Reading(
            iter(()),
            thread=(self._options.thread or self._export.title) if one else None,
            zoned=zoned,
            threads=self._threads,
            people=self._people if named else None,
        )
        rest = (self._of_one_clock(batch, zoned, again) for batch, again in batches)
        reading.batches = chain([] if first is None else [self._shaped(first, one=one)], self._all(rest, one=one))
        return reading

    def _all(self, batches: "Iterator[pa.Table]", *, one: bool) -> "Iterator[pa.Table]":
        for batch in batches:
            yield self._shaped(batch, one=one)

    def _of_one_clock(self, batch: "pa.Table", zoned: bool, again: bool) -> "pa.Table":  # noqa: FBT001 - what two batches say
        if zoned != again:
            raise ExportError(
                f"{self._export.path}: some of its tables say in which zone their times are and others do not; give "
                "them one by one"
            )
        return batch

    def _batches(self) -> "Iterator[tuple[pa.Table, bool]]":
        import pyarrow as pa

        for file, columns in self._files:
            rows = Rows(file, columns, self._form)
            wanted = dict.fromkeys(each for name in columns.values() for each in parts(name, file.names))
            for piece in file.tables([*wanted]):
                batch = rows.batch(piece)
                if "thread" not in columns:
                    title = self._options.thread or file.name.rpartition("/")[2].rpartition(".")[0] or file.name
                    batch = batch.append_column("thread", pa.array([title] * batch.num_rows))
                yield batch, rows.zoned is not False

    def _shaped(self, batch: "pa.Table", *, one: bool) -> "pa.Table":
        """Take the names out of a batch, and a chat's where it is the only one."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if one:
            batch = batch.drop_columns(["thread"])
        else:
            thread = pc.fill_null(batch["thread"], self._export.title)
            batch = batch.set_column(batch.column_names.index("thread"), "thread", thread)
        for name, whose, known in (("author_name", "author", self._names), ("thread_title", "thread", self._titles)):
            if name in batch.column_names and whose in batch.column_names:
                pairs = pa.table({"id": batch[whose], "name": batch[name]}).group_by(["id", "name"]).aggregate([])
                known.update({row["id"]: row["name"] for row in pairs.to_pylist() if row["id"] and row["name"]})
        return batch.drop_columns([name for name in NAMES_BESIDE if name in batch.column_names])

    def _people(self) -> Iterator[Person]:
        for who, name in self._names.items():
            yield Person(who, [name or who])

    def _threads(self) -> Iterator[Thread]:
        for thread, title in self._titles.items():
            yield Thread(thread, title)


__all__ = ["read", "recognise"]
