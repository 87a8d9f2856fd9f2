"""What a source yields, as Arrow tables of bounded size whose columns are what they should be.

Each batch is checked once, against the columns alone where that is enough. An error names source and column, and never
a value: it may be somebody's words.
"""

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from egregora_core.errors import SchemaError
from egregora_core.ingestion._arrays import array_of, arrow_types, check_keys
from egregora_core.messages import EVENTS, KINDS, problem_of
from egregora_core.plugins import SOURCE_COLUMNS, UPDATES, Reading
from egregora_core.workspace import unknown_key

if TYPE_CHECKING:
    import pyarrow as pa

_BYTES = 8 << 20
"""About so much of rows becomes one table."""
_PART = 1 << 19
"""About so much of them is made into Arrow's arrays at once: more would leave the processor's cache before."""
_PER_ROW, _PER_ITEM = 200, 200
_LISTS = ("mentions", "reactions", "media")
"""Columns of lists, which may hold far more than the text."""
_OBJECTS = 200_000
_TOGETHER, _LONG = 128, 1 << 20
"""So many rows are taken apart together, fewer where texts are long."""
_ROW = (dict, Mapping)
"""What a row is. Told by a tuple, for a dict it takes no look at what else it may be: this is asked of every row."""
_WORD = re.compile(r"[a-z_]{1,20}$")


def tables(source: str, reading: Reading) -> Iterator["pa.Table"]:
    """Yield the batches of a reading as checked tables. Raises SchemaError, with source and column."""
    with _seldom_collected():
        for table in _gathered(source, reading):
            _check(source, reading, table)
            yield _exact(table)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles less often, for a tenth of the time: messages are millions of objects, and have none."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _OBJECTS) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _exact(table: "pa.Table") -> "pa.Table":
    """Return a table whose lists of objects have all their fields: the engine takes them by place."""
    import pyarrow as pa

    for name in ("reactions", "media"):
        if name in table.column_names and table.schema.field(name).type != arrow_types()[name]:
            values = pa.array(table[name].to_pylist(), arrow_types()[name])
            table = table.set_column(table.column_names.index(name), name, values)
    return table


def _gathered(source: str, reading: Reading) -> Iterator["pa.Table"]:
    import pyarrow as pa

    columns = _Columns(source, reading)
    single: list[Mapping[str, Any]] = []
    for batch in reading.batches:
        is_row = isinstance(batch, _ROW)
        if is_row:
            single.append(batch)
            if len(single) < _TOGETHER and len(batch.get("text") or "") < _LONG:
                continue
        yield from columns.add(single)
        single = []
        if isinstance(batch, pa.Table | pa.RecordBatch):
            yield from columns.table()
            yield batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
        elif not is_row:
            yield from columns.add(_rows(source, batch))
    yield from columns.add(single)
    yield from columns.table()


def _rows(source: str, batch: Any) -> Sequence[Any]:
    if isinstance(batch, list | tuple):
        kinds = set(map(type, batch))
        if kinds <= {dict, tuple} or all(issubclass(kind, (tuple, Mapping)) for kind in kinds):
            return batch
    found = type(batch).__name__
    raise SchemaError(f"source {source!r}: a batch is a {found}, expected an Arrow table, or rows (dicts)")


class _Columns:
    """The values of rows, by column. Rows are taken apart while they are fresh: later each would be fetched anew."""

    def __init__(self, source: str, reading: Reading) -> None:
        self._source, self._zoned, self._of_tuples = source, reading.zoned, tuple(reading.columns)
        self._text = self._of_tuples.index("text") if "text" in self._of_tuples else -1
        self._fresh: list[Any] = []
        self._values: dict[str, list[Any]] = {}
        self._parts: list[pa.Table] = []
        self._count = self._size = self._made = 0
        """So many values are in each column; so much is in rows and values, and so much in parts."""

    def add(self, rows: Sequence[Any]) -> Iterator["pa.Table"]:
        """Take rows; yield a table where enough have come together."""
        step = min(_TOGETHER, max(1, _BYTES // _PER_ROW))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            self._fresh += some
            self._size += _PER_ROW * len(some) + self._characters(some)
            if self._is_part() or len(self._fresh) >= _TOGETHER:
                self._take()
            if self._is_part():
                self._make_part()
            if self._made > _BYTES:
                yield from self.table()

    def _is_part(self) -> bool:
        return self._size > min(_PART, _BYTES)

    def _characters(self, rows: Sequence[Any]) -> int:
        try:
            texts = [row[self._text] if type(row) is tuple else row.get("text") for row in rows]
            return sum(map(len, filter(None, texts)))
        except (TypeError, IndexError):  # some are no texts, which is said when the columns are made
            return 0

    def _take(self) -> None:
        if rows := self._fresh:
            columns = self._by_column(rows)
            if new := [name for name in columns if name not in self._values]:
                _known(self._source, new)
                self._values |= {name: [None] * self._count for name in new}
            for name, values in self._values.items():
                values.extend(columns.get(name) or [None] * len(rows))
            self._size += _PER_ITEM * sum(_items(columns[name]) for name in _LISTS if name in columns)
            self._count += len(rows)
            self._fresh = []

    def _make_part(self) -> None:
        import pyarrow as pa

        self._take()
        if self._count:
            columns, self._values = self._values, {}
            arrays = {}
            for name, values in columns.items():
                where = f"source {self._source!r}, column {name!r}"
                arrays[name] = array_of(where, name, values, zoned=self._zoned)
            self._parts.append(pa.table(arrays))
            self._made += self._size
            self._count = self._size = 0

    def table(self) -> Iterator["pa.Table"]:
        """Yield what has come together, if anything has."""
        import pyarrow as pa

        self._make_part()
        if self._parts:
            parts, self._parts, self._made = self._parts, [], 0
            yield pa.concat_tables(parts, promote_options="default")

    def _by_column(self, rows: Sequence[Any]) -> dict[str, Sequence[Any]]:
        if tuple not in (kinds := set(map(type, rows))):
            return {name: [row.get(name) for row in rows] for name in dict.fromkeys(chain.from_iterable(rows))}
        tuples = rows if len(kinds) == 1 else [row for row in rows if type(row) is tuple]
        if set(map(len, tuples)) != {len(self._of_tuples)}:
            raise SchemaError(f"source {self._source!r}: a row is a tuple of other columns than `Reading.columns` says")
        if len(kinds) == 1:
            return dict(zip(self._of_tuples, zip(*rows, strict=True), strict=True))
        others = chain.from_iterable(row for row in rows if type(row) is not tuple)
        names = tuple(dict.fromkeys(chain(self._of_tuples, others)))
        columns = zip_longest(*(row if type(row) is tuple else map(row.get, names) for row in rows))
        return dict(zip(names, columns, strict=True))


def _items(lists: Sequence[Any]) -> int:
    try:
        return sum(map(len, filter(None, lists)))
    except TypeError:  # some are no lists, which is said when the columns are made
        return 0


def _known(source: str, names: Iterable[str]) -> None:
    for name in names:
        if name not in SOURCE_COLUMNS:
            hint = unknown_key(str(name), list(SOURCE_COLUMNS))
            raise SchemaError(f"source {source!r}: there is no column {name!r}{hint}")


def _check(source: str, reading: Reading, table: "pa.Table") -> None:
    _known(source, table.column_names)
    kinds = arrow_types()
    for name in table.column_names:
        found = table.schema.field(name).type
        check_keys(f"source {source!r}, column {name!r}", name, _keys_of(found))
        if not _fits(found, kinds[name]):
            raise SchemaError(f"source {source!r}, column {name!r}: it is {found}, expected {kinds[name]}")
    if table.num_rows:
        _check_rows(f"source {source!r}", reading, table)


def _check_rows(where: str, reading: Reading, table: "pa.Table") -> None:
    for name in ("ts", "kind", "thread"):
        if name not in table.column_names and (name != "thread" or reading.thread is None):
            why = "; `Reading.thread` is null, so each row says its chat" if name == "thread" else ""
            raise SchemaError(f"{where}: column {name!r} is missing{why}")
    if reading.thread is None and (count := table["thread"].null_count):
        raise SchemaError(f"{where}, column 'thread': {count:,} rows of a batch have none, and nothing else says it")
    if not reading.zoned and getattr(table.schema.field("ts").type, "tz", None):
        raise SchemaError(f"{where}, column 'ts': it has a time zone, and `Reading.zoned` says that it has none")
    for name, allowed in (("kind", KINDS), ("event", EVENTS), ("update", UPDATES)):
        if name in table.column_names:
            _closed_list(where, table, name, allowed)
    if "update" in table.column_names:
        _check_updates(where, table)
    if "data" in table.column_names:
        _check_data(where, table)


def _check_updates(where: str, table: "pa.Table") -> None:
    """Refuse an update that does not say of which message it is: it would be taken for a message."""
    import pyarrow.compute as pc

    updates = table["update"].is_valid()
    lost = pc.and_(updates, table["msg_id"].is_null()) if "msg_id" in table.column_names else updates
    if count := pc.sum(lost).as_py():
        rows, have = ("row", "has") if count == 1 else ("rows", "have")
        raise SchemaError(f"{where}, column 'update': {count:,} {rows} {have} no msg_id, so update nothing")


def _check_data(where: str, table: "pa.Table") -> None:
    rows = table.select(["kind", "data"]).filter(table["data"].is_valid()).to_pylist()
    if said := next((said for row in rows if (said := problem_of(row["kind"] or "", row["data"]))), None):
        raise SchemaError(f"{where}, column 'data': {said}")


def _closed_list(where: str, table: "pa.Table", name: str, allowed: Sequence[str]) -> None:
    import pyarrow.compute as pc

    found = set(pc.unique(table[name]).to_pylist()) - {None, *allowed}
    if found:
        words = ", ".join(sorted(repr(word) for word in found if _WORD.match(word))) or "something else"
        raise SchemaError(f"{where}, column {name!r}: {words} is none of {', '.join(allowed)}")


def _keys_of(kind: Any) -> list[str]:
    """Return the names of the fields of a list of objects; none for another type."""
    import pyarrow.types as kinds

    is_list = kinds.is_list(kind) or kinds.is_large_list(kind)
    return [field.name for field in kind.value_type] if is_list and kinds.is_struct(kind.value_type) else []


def _fits(found: Any, wanted: Any) -> bool:
    """Tell whether the engine takes an Arrow type for another without reading its values anew."""
    import pyarrow.types as kinds

    if kinds.is_null(found):
        return True
    if kinds.is_dictionary(found):
        return _fits(found.value_type, wanted)
    if kinds.is_list(wanted):
        is_list = kinds.is_list(found) or kinds.is_large_list(found)
        return is_list and _fits(found.value_type, wanted.value_type)
    if kinds.is_struct(wanted):
        inner = {field.name: field.type for field in wanted}
        fields = {field.name: field.type for field in found} if kinds.is_struct(found) else {"": found}
        return all(name in inner and _fits(kind, inner[name]) for name, kind in fields.items())
    if kinds.is_string(wanted):
        return any(is_(found) for is_ in (kinds.is_string, kinds.is_large_string, kinds.is_string_view))
    same = (kinds.is_timestamp, kinds.is_boolean, kinds.is_integer)
    return any(is_(wanted) and is_(found) for is_ in same)
