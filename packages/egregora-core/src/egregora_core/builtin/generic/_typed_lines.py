"""Lines of JSON as columns, as long as each value is null or has the type of the first one in its column.

Lines that hold anything else are refused, and whoever asked reads them one by one. Only whole numbers are made into
another type, in a column whose first value is a decimal.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_IN_NO_FIELD = ('"', "\\", *map(chr, range(32)))
"""What msgspec allows in no name of a field."""


class OtherTypesError(Exception):
    """A line holds no object, or a value of another type than the first."""


def typed_lines(first: Mapping[str, Any], columns: Sequence[str]) -> "Callable[[Iterable[bytes]], pa.Table]":
    """Return what makes pieces of whole lines into a table of some columns; it raises OtherTypesError.

    `first` is the first object, which says the types.
    """
    import msgspec
    import pyarrow as pa

    arrow = {int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    kinds = [kind if (kind := type(first.get(name))) in arrow else str for name in columns]
    schema = pa.schema([(name, arrow.get(kind, pa.string())) for name, kind in zip(columns, kinds, strict=True)])
    shape = shape_of(columns, kinds)
    decoder = None if shape is None else msgspec.json.Decoder(shape)

    def part(lines: bytes) -> "pa.Table":
        if decoder is None:
            raise OtherTypesError
        _ = lines.isascii() or lines.decode()  # msgspec looks only at the texts that it returns
        rows = map(msgspec.structs.astuple, decoder.decode_lines(lines))
        values = [*zip(*rows, strict=True)] or [()] * len(columns)
        return pa.table([pa.array(each, field.type) for each, field in zip(values, schema, strict=True)], schema=schema)

    def table(pieces: Iterable[bytes]) -> "pa.Table":
        try:
            return pa.concat_tables(map(part, pieces))
        except (msgspec.MsgspecError, pa.ArrowException, UnicodeError, OverflowError, RecursionError):
            raise OtherTypesError from None

    return table


def shape_of(names: Sequence[str], kinds: Sequence[Any] | None = None) -> type[Any] | None:
    """Return a class of objects with a field for each name, null where it is missing; None where a name can be none.

    `kinds` are the types of the fields, which may be null, too; without them they are of any.
    """
    import msgspec

    if any(sign in name for name in names for sign in _IN_NO_FIELD):
        return None
    called = {f"column_{place}": name for place, name in enumerate(names)}
    fields = [(field, kind | None, None) for field, kind in zip(called, kinds or [Any] * len(names), strict=True)]
    return msgspec.defstruct("Line", fields, rename=called, gc=False)


__all__ = ["OtherTypesError", "shape_of", "typed_lines"]
