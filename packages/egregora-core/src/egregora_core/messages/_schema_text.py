"""IR v1 for other programs: as DDL and as a JSON Schema, both from its one definition."""

import json
from typing import Any

from egregora_core.messages._ir import IR_MESSAGES, KINDS
from egregora_core.storage import Column

_NOTE = "Generated from egregora_core/messages/_ir.py; edit that instead."
_JSON_TYPES: dict[str, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "string": {"type": "string"},
    "json": {"type": "object"},
    "boolean": {"type": "boolean"},
    "int32": {"type": "integer"},
    "int64": {"type": "integer"},
    "float64": {"type": "number"},
    "timestamp('UTC', 6)": {"type": "string", "format": "date-time"},
}


def ir_sql() -> str:
    """Return DuckDB DDL, with each column's meaning as a comment on it."""
    comments = [
        f"COMMENT ON COLUMN {IR_MESSAGES.name}.{column.name} IS '{column.description.replace(chr(39), chr(39) * 2)}';"
        for column in IR_MESSAGES.columns
    ]
    return "\n".join([f"-- {_NOTE}", f"{IR_MESSAGES.ddl()};", *comments, ""])


def ir_json() -> str:
    """Return a JSON Schema for one row."""
    properties = {column.name: _json_column(column) for column in IR_MESSAGES.columns}
    properties["attrs"]["properties"] = {"kind": {"enum": list(KINDS)}}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": _NOTE,
        "title": "Egregora IR v1 message",
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in IR_MESSAGES.columns],
        "properties": properties,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _json_column(column: Column) -> dict[str, Any]:
    kind = dict(_JSON_TYPES[column.type.removeprefix("!")])
    if column.nullable:
        kind["type"] = [kind["type"], "null"]
    return {**kind, "description": column.description, "x-ibis-type": column.type}
