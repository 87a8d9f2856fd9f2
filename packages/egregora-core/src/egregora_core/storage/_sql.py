"""Values and names into SQL text.

Handing DuckDB a Python parameter makes it import pandas, which costs more than most of our commands take; values go
into the statement as literals instead, here and nowhere else.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID


def literal(value: Any) -> str:
    """Return a SQL literal for None, a bool, a number, a string, a UUID, an aware datetime, or a list of strings."""
    if value is None or isinstance(value, bool):
        return "NULL" if value is None else str(value).upper()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, UUID):
        return f"'{value}'::UUID"
    if isinstance(value, datetime):
        return f"'{value.isoformat()}'::TIMESTAMPTZ"
    if isinstance(value, str):
        quoted = "'" + value.replace("'", "''") + "'"
        return quoted if "\0" not in value else "(" + quoted.replace("\0", "' || chr(0) || '") + ")"
    if isinstance(value, list):  # as many literals would take far longer to read
        return f"{literal(json.dumps(value, ensure_ascii=False))}::JSON::VARCHAR[]"
    raise TypeError(f"no SQL literal for a {type(value).__name__}")


def quoted(name: str) -> str:
    """Return a column's or table's name as SQL reads it whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def bind(sql: str, parameters: Sequence[Any] = ()) -> str:
    """Return `sql` with each `?` replaced by a literal; the text itself must hold no other question mark."""
    if not parameters:
        return sql
    parts = sql.split("?")
    if len(parts) != len(parameters) + 1:
        raise ValueError(f"{len(parts) - 1} places for {len(parameters)} values")
    return parts[0] + "".join(literal(value) + part for value, part in zip(parameters, parts[1:], strict=True))
