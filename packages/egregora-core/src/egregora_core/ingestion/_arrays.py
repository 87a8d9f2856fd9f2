"""The values of one column of rows as an Arrow array: what Arrow would take for something else is refused.

It takes any number for microseconds since 1970, a text for the list of its letters, and of an object only the keys
that it knows. An error names source and column, and never a value: it may be somebody's words.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

from egregora_core.errors import SchemaError
from egregora_core.plugins import SOURCE_COLUMNS
from egregora_core.workspace import unknown_key

_OBJECTS = ("media", "reactions")
"""Columns that are lists of objects."""
_MICROSECONDS = (3 * 10**13, 10**17)
"""From 1970-12 to 5138: numbers below are seconds or milliseconds of times of a chat, those above nanoseconds."""
_WORD = re.compile(r"[A-Za-z_]{1,20}$")
"""What is shown of a key: another may be somebody's name."""


def array_of(where: str, name: str, values: Sequence[Any], *, zoned: bool) -> Any:
    """Return the values of a column as an array of its type; `where` begins an error."""
    import pyarrow as pa

    kind = arrow_types()[name]
    try:
        if pa.types.is_list(kind) and str in set(map(type, values)):
            raise TypeError  # noqa: TRY301 - refused below, as whatever else is no value of the column
        if pa.types.is_timestamp(kind):
            _check_times(where, values, zoned=zoned)
        try:
            array = pa.array(values, kind)
        except UnicodeEncodeError:  # half of a surrogate pair, as damaged JSON has
            array = pa.array([sound(value) for value in values], kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        raise SchemaError(f"{where}: its values are {_types(values)}, expected {kind}") from None
    if name in _OBJECTS:
        _check_objects(where, name, values)
    return array


def _types(values: Collection[Any]) -> str:
    return ", ".join(sorted({type(value).__name__ for value in values if value is not None}))


def _check_times(where: str, values: Sequence[Any], *, zoned: bool) -> None:
    """Refuse numbers that are no microseconds since 1970, and moments where times are of a clock on a wall."""
    types = set(map(type, values))
    kinds = types - {type(None)}
    if kinds == {int} or (int in kinds and kinds <= {int, datetime}):
        numbers = values if types == {int} else [value for value in values if type(value) is int]
        if max(numbers) < _MICROSECONDS[0] or min(numbers) >= _MICROSECONDS[1]:
            expected = "expected timestamp[us]: a datetime, or microseconds since 1970"
            raise SchemaError(f"{where}: its values are int of another unit, {expected}")
    elif not all(issubclass(kind, datetime) for kind in kinds):
        raise TypeError
    clocks = (value for value in values if isinstance(value, datetime)) if kinds - {int} and not zoned else ()
    if set(map(attrgetter("tzinfo"), clocks)) - {None}:
        raise SchemaError(f"{where}: it has a time zone, and `Reading.zoned` says that it has none")


def _check_objects(where: str, name: str, values: Sequence[Any]) -> None:
    objects: list[Any] = list(chain.from_iterable(filter(None, values)))
    if set(map(type, objects)) != {dict}:
        objects = [one for one in objects if isinstance(one, Mapping)]
    check_keys(where, name, set().union(*objects))
    if name == "reactions":
        times = [one.get("ts") for one in objects]
        try:
            _check_times(f"{where}, its `ts`", times, zoned=True)
        except TypeError:
            raise SchemaError(f"{where}: its `ts` are {_types(times)}, expected {arrow_types()['ts']}") from None


def check_keys(where: str, name: str, keys: Collection[str]) -> None:
    """Refuse keys that the objects of a column do not have: what stands there would be lost."""
    if name in _OBJECTS and keys:
        known = [field.name for field in arrow_types()[name].value_type]
        for key in sorted(map(str, set(keys) - set(known))):
            named = f"a key {key!r}" if _WORD.match(key) else "a key of another name"
            hint = unknown_key(key, known) or f"; there are {', '.join(known)}"
            raise SchemaError(f"{where}: an item has {named}, which there is not{hint}")


def sound(value: Any) -> Any:
    """Return a value without halves of surrogate pairs, which no engine takes."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {key: sound(each) for key, each in value.items()}
    return [sound(each) for each in value] if isinstance(value, list | tuple) else value


@cache
def arrow_types() -> dict[str, Any]:
    """Return the Arrow type of each column of `SOURCE_COLUMNS`."""
    import pyarrow as pa

    simple = {
        "VARCHAR": pa.string(),
        "TIMESTAMP": pa.timestamp("us"),
        "BOOLEAN": pa.bool_(),
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
    }

    def of(kind: str) -> Any:
        if kind.endswith("[]"):
            return pa.list_(of(kind.removesuffix("[]")))
        if kind.startswith("STRUCT("):
            fields = (field.split(" ") for field in kind[len("STRUCT(") : -1].split(", "))
            return pa.struct([(name, of(inner)) for name, inner in fields])
        return simple[kind]

    return {name: of(kind) for name, kind in SOURCE_COLUMNS.items()}


__all__ = ["array_of", "arrow_types", "check_keys", "sound"]
