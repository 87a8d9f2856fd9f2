"""A piece of a table with the columns of a source: each column at once, and the row where one cannot be."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from egregora_core.builtin._export_values import attachment, list_types
from egregora_core.builtin.generic._names import parts
from egregora_core.builtin.generic._table_file import TableFile
from egregora_core.builtin.generic._times import NoTimeError, Times, times
from egregora_core.plugin import EVENTS, KINDS, ExportError

if TYPE_CHECKING:
    import pyarrow as pa

_TIMES = ("ts", "edited_at")
_LISTS = ("mentions", "reactions", "media")
_TRUE, _FALSE = ("true", "1", "yes", "t"), ("false", "0", "no", "f")
_CLOSED: Mapping[str, tuple[str, ...]] = {"update": ("edit", "delete", "react")}


class Rows:
    """Turns the pieces of one file into batches. `done` rows of it are behind."""

    def __init__(self, file: TableFile, columns: Mapping[str, str], form: str) -> None:
        self._file, self._columns, self._form = file, columns, form
        self.zoned: bool | None = None
        self.done = 0

    def batch(self, piece: "pa.Table") -> "pa.Table":
        """Return a batch, with `author_name` and `thread_title` where the file has them. Raises ExportError."""
        import pyarrow as pa

        made = {target: self._column(target, _joined(piece, name)) for target, name in self._columns.items()}
        if made["ts"].null_count:
            self._fail(made["ts"].is_null().index(pa.scalar(value=True)).as_py(), "ts", "is missing")
        made["kind"] = self._kinds(made, piece.num_rows)
        self.done += piece.num_rows
        return pa.table(made)

    def _column(self, target: str, column: "pa.Array") -> "pa.Array":
        import pyarrow as pa
        import pyarrow.compute as pc

        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if target in _TIMES:
            return self._times(target, column)
        if target in _LISTS:
            return self._listed(target, column)
        texts = self._texts(target, column)
        if target == "edited":
            return self._flags(texts)
        if target in ("kind", "event", "update"):
            texts = pc.utf8_lower(texts)
            self._check(target, pc.is_in(texts, pa.array([*_allowed(target)])), texts)
        return texts

    def _texts(self, target: str, column: "pa.Array") -> "pa.Array":
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            texts = column.cast(pa.string())
        except pa.ArrowException:
            if pa.types.is_nested(column.type):
                values = column.to_pylist()
                texts = pa.array([None if each is None else json.dumps(each) for each in values], pa.string())
            else:
                self._fail(0, target, f"is {column.type}, and no text")
        empty = pc.equal(texts, "")
        return pc.if_else(empty, pa.scalar(None, pa.string()), texts) if pc.any(empty).as_py() else texts

    def _times(self, target: str, column: "pa.Array") -> "pa.Array":
        try:
            found = times(column, self._form)
        except NoTimeError as error:
            self._fail(error.row, target, error.why)
        return self._in_one_zone(target, found)

    def _in_one_zone(self, target: str, found: Times) -> "pa.Array":
        zoned = False if found.zoned is None and self._form else found.zoned
        if zoned is not None:
            if self.zoned is None:
                self.zoned = zoned
            elif self.zoned != zoned:
                self._fail(0, target, "says its zone, and others do not" if zoned else "says no zone, and others do")
        return found.values

    def _flags(self, texts: "pa.Array") -> "pa.Array":
        import pyarrow as pa
        import pyarrow.compute as pc

        texts = pc.utf8_lower(texts)
        self._check("edited", pc.is_in(texts, pa.array([*_TRUE, *_FALSE])), texts)
        return pc.if_else(pc.is_null(texts), pa.scalar(None, pa.bool_()), pc.is_in(texts, pa.array(_TRUE)))

    def _listed(self, target: str, column: "pa.Array") -> "pa.Array":
        """Return lists: given as such, or as JSON in a text; a text that is no JSON is one item."""
        import pyarrow as pa
        import pyarrow.types as kinds

        if kinds.is_list(column.type) or kinds.is_large_list(column.type):
            return column
        kind = list_types()[target]
        values = [self._list(target, row, text) for row, text in enumerate(self._texts(target, column).to_pylist())]
        try:
            return pa.array(values, kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            wrong = next(row for row, value in enumerate(values) if not _fits(value, kind))
            self._fail(wrong, target, f"is no list of {kind.value_type}")

    def _list(self, target: str, row: int, text: str | None) -> Any:
        if text is None or not text.startswith(("[", "{")):
            return None if text is None else [_ITEM[target](text)]
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            self._fail(row, target, "is no JSON")
        items = found if isinstance(found, list) else [found]
        return [_ITEM[target](item) if isinstance(item, str) else item for item in items]

    def _kinds(self, made: Mapping[str, "pa.Array"], rows: int) -> "pa.Array":
        """Return kinds: those that the file says; else by what a row has. Who is nobody is the platform."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kinds = pa.repeat(pa.scalar("text"), rows)
        if "media" in made:
            kinds = pc.if_else(pc.is_valid(made["media"]), "media", kinds)
        if "author" in made:
            kinds = pc.if_else(pc.is_null(made["author"]), "system", kinds)
        return pc.coalesce(made["kind"], kinds) if "kind" in made else kinds

    def _check(self, target: str, right: "pa.Array", values: "pa.Array") -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        wrong = pc.and_(pc.invert(right), pc.is_valid(values))
        if pc.any(wrong).as_py():
            allowed = ", ".join((*_TRUE[:1], *_FALSE[:1]) if target == "edited" else _allowed(target))
            self._fail(pc.index(wrong, pa.scalar(value=True)).as_py(), target, f"is none of {allowed}")

    def _fail(self, row: int, target: str, why: str) -> Any:
        name = self._columns[target]
        meant = "" if name == target else f" ({target})"
        raise ExportError(f"{self._file.at(self.done + row)}: column {name!r}{meant} {why}")


def _joined(piece: "pa.Table", name: str) -> "pa.Array":
    """Return a column, or those that a name joins, as texts with a blank between them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [_in_one(piece[each]) for each in parts(name, piece.column_names)]
    if len(columns) == 1:
        return columns[0]
    return pc.binary_join_element_wise(*(each.cast(pa.string()) for each in columns), " ")


def _in_one(column: "pa.ChunkedArray") -> "pa.Array":
    """Return a column as one array; one that is so already is not copied."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _allowed(target: str) -> tuple[str, ...]:
    return {**_CLOSED, "kind": KINDS, "event": EVENTS}[target]


_ITEM: Mapping[str, Callable[[str], Any]] = {
    "mentions": str,
    "reactions": lambda emoji: {"emoji": emoji},
    "media": lambda where: attachment(None, where, ()),
}
"""What a text alone stands for."""


def _fits(value: Any, kind: Any) -> bool:
    import pyarrow as pa

    try:
        pa.array([value], kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    return True


__all__ = ["Rows"]
