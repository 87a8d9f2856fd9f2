"""Many JSON values, decoded at once.

By `msgspec` where a source says what it looks at, so that nothing is made of all else, or by `pydantic_core`. Both take
a strict subset of what the standard library takes, and make the same of it. What they refuse (a control character or
half of a surrogate pair in a string, say) is left to the standard library.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from pydantic_core import from_json


class Decoders(NamedTuple):
    """How values become what a source looks at."""

    array: Callable[[bytes], list[Any]]
    """Of the values of an array: all of them; none where it is no array."""
    lines: Callable[[bytes], list[Any]]
    """Of values that stand one behind the other: all of them; none where one is an array, or refused."""
    value: Callable[[Any], Any]
    """Of a value that was decoded by itself."""


def array_of(text: bytes) -> list[Any]:
    """Return an array, empty where it is none."""
    try:
        return from_json(text, cache_strings="keys")  # type: ignore[no-any-return]  # an array is a list
    except ValueError:
        pass
    try:
        return json.loads(text.decode(), strict=False)  # type: ignore[no-any-return]  # an array is a list
    except (ValueError, RecursionError):
        return []


def values_of(text: bytes) -> list[Any]:
    """Return values that stand one behind the other; none where one of them is an array, or refused."""
    import msgspec

    try:
        found = msgspec.json.Decoder().decode_lines(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return []
    return [] if list in set(map(type, found)) else found


def line_of(line: bytes) -> Any:
    """Return the value of a line; a list for what is none, as for a list."""
    try:
        return from_json(line, cache_strings="keys")
    except ValueError:
        return []


def as_dict(item: Any) -> dict[str, Any]:
    """Return an item of `Export.batches` as a dict, without fields that are `UNSET`; an empty one for no object."""
    if isinstance(item, dict):
        return item
    names = getattr(item, "__struct_encode_fields__", None)
    if names is None:
        return {}
    from msgspec import UNSET, structs

    return {name: value for name, value in zip(names, structs.astuple(item), strict=True) if value is not UNSET}


AS_THEY_ARE = Decoders(array_of, values_of, lambda value: value)


@cache
def decoders_of(shape: type[Any]) -> Decoders:
    """Return what makes objects of a class of msgspec of objects, by its fields; other values stay as they are."""
    import msgspec

    decode = msgspec.json.Decoder(list[shape]).decode  # type: ignore[valid-type]  # a class
    decode_lines = msgspec.json.Decoder(shape).decode_lines
    names = {field.encode_name: field.name for field in msgspec.structs.fields(shape)}

    def value_of(value: Any) -> Any:
        if type(value) is not dict:
            return value
        return shape(**{names[key]: value[key] for key in names.keys() & value.keys()})

    def of_array(text: bytes) -> list[Any]:
        try:
            found = decode(text)
            # Of a string that nobody looks at, it is not asked whether it is a text.
            return found if text.isascii() or text.decode() else []
        except (msgspec.MsgspecError, ValueError, RecursionError):  # also where a value is no object
            return [*map(value_of, array_of(text))]

    def of_lines(text: bytes) -> list[Any]:
        try:
            found = decode_lines(text)
            return found if text.isascii() or text.decode() else []
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return []

    return Decoders(of_array, of_lines, value_of)
