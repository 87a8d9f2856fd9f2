"""Is this table what it says it is? Names and types on the expression, which is free; then every row, in the engine.

The rows are checked in one aggregate query, and only where it finds something does a second one look for examples.
All problems are reported at once.
"""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from egregora_core.errors import SchemaError
from egregora_core.messages._ir import IR_MESSAGES
from egregora_core.storage import TableSchema, literal

if TYPE_CHECKING:
    from egregora_core.storage import Connection

StageFunction = Callable[..., Any]

EARLIEST = "1990-01-01"
PLAUSIBLE_TIME = f"ts BETWEEN TIMESTAMPTZ '{EARLIEST} 00:00:00+00' AND now() + INTERVAL 2 DAY"
"""SQL that is true where a message may have been written at its `ts`."""
_NAME = "[a-z0-9][a-z0-9_.-]*"
_NAMED = ("tenant_id", "source")
_EXAMPLES = 3


def validate_ir_schema(table: Any, *, where: str = "messages") -> None:
    """Check an ibis table against IR v1: names and types, then every row; raises SchemaError with all problems."""
    check_expression(table, IR_MESSAGES, where=where)
    backend = table.get_backend()
    check_rows(backend.con, f"({backend.compile(table)})", IR_MESSAGES, where=where)


@overload
def validate_stage(function: StageFunction) -> StageFunction: ...
@overload
def validate_stage(*, table: TableSchema) -> Callable[[StageFunction], StageFunction]: ...
def validate_stage(function: StageFunction | None = None, *, table: TableSchema = IR_MESSAGES) -> Any:
    """Check names and types of what a stage `func(data: Table, **kwargs) -> Table` gets and returns.

    No row is read: the rows of the output are checked once, when it is materialised. Raises SchemaError.
    """
    if function is None:
        return functools.partial(validate_stage, table=table)
    stage = function
    _check_signature(stage)

    @functools.wraps(stage)
    def checked(data: Any, **kwargs: Any) -> Any:
        check_expression(data, table, where=place(stage, "input"))
        result = stage(data, **kwargs)
        check_expression(result, table, where=place(stage, "output"))
        return result

    return checked


def place(function: StageFunction, part: str = "") -> str:
    """Return `path/to/stage.py:42: stage 'name', part`: where a function is defined and what is being checked."""
    inner = inspect.unwrap(function)
    path = Path(inner.__code__.co_filename)
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    label = f"{path}:{inner.__code__.co_firstlineno}: stage {inner.__name__!r}"
    return f"{label}, {part}" if part else label


def check_expression(table: Any, schema: TableSchema, *, where: str) -> None:
    """Check names and types of an ibis table, as its engine spells the types; raises SchemaError."""
    import ibis.expr.types as ir
    from ibis.backends.sql.datatypes import DuckDBType

    if not isinstance(table, ir.Table):
        raise SchemaError(f"{where}: is a {type(table).__name__}, expected an ibis Table; return the expression itself")
    found = {name: DuckDBType.to_string(dtype) for name, dtype in table.schema().items()}
    wanted = {name: DuckDBType.to_string(dtype) for name, dtype in schema.ibis.items()}
    spelled = {column.name: column.type for column in schema.columns}
    problems = [
        f"column {name!r} is {table.schema()[name] if name in found else 'missing'}, expected {spelled[name]}"
        for name, kind in wanted.items()
        if found.get(name) != kind
    ]
    problems += [f"column {name!r} is not part of {schema.name}" for name in found if name not in wanted]
    if problems:
        raise SchemaError("\n".join(f"{where}: {problem}" for problem in problems))


def check_rows(connection: "Connection", relation: str, schema: TableSchema, *, where: str) -> None:
    """Check every row of a table name or parenthesised SELECT whose columns fit; raises SchemaError."""
    checks = _row_checks(schema, _usual(connection, relation, [name for name in _NAMED if name in schema.names]))
    key = schema.columns[0].name
    parts = [f"count(*) FILTER (WHERE {condition})" for condition in checks.values()]
    parts.append(f"count({key}) - count(DISTINCT {key})")
    *counts, duplicates = connection.execute(f"SELECT {', '.join(parts)} FROM {relation}").fetchall()[0]
    problems = [
        f"{what} in {_rows(count)}{_examples(connection, relation, key, f'WHERE {condition}')}"
        for (what, condition), count in zip(checks.items(), counts, strict=True)
        if count
    ]
    if duplicates:
        examples = _examples(connection, relation, key, f"GROUP BY {key} HAVING count(*) > 1")
        problems.append(f"{key} occurs more than once in {_rows(duplicates)}{examples}")
    if problems:
        raise SchemaError("\n".join(f"{where}: {problem}" for problem in problems))


def _usual(connection: "Connection", relation: str, names: list[str]) -> dict[str, str]:
    """Return for each column the value of any row if it is well-formed, else an empty text."""
    rows = connection.execute(f"SELECT {', '.join(names)} FROM {relation} LIMIT 1").fetchall()
    values = rows[0] if rows else ("",) * len(names)
    return {name: value if re.fullmatch(_NAME, value or "") else "" for name, value in zip(names, values, strict=True)}


def _row_checks(schema: TableSchema, usual: Mapping[str, str]) -> Mapping[str, str]:
    """Return what can be wrong with a row, and the condition that finds it."""
    checks = {f"{column.name} is null": f"{column.name} IS NULL" for column in schema.columns if not column.nullable}
    names = set(schema.names)
    for name, value in usual.items():
        # Nearly every row has the value of any other row: only the exceptions meet the regex.
        checks[f"{name} is malformed (expected {_NAME})"] = (
            f"{name} <> {literal(value)} AND NOT regexp_full_match({name}, '{_NAME}')"
        )
    if "ts" in names:
        checks[f"ts is implausible (before {EARLIEST} or in the future)"] = f"NOT {PLAUSIBLE_TIME}"
    if "seq" in names:
        checks["seq is negative"] = "seq < 0"
    for column in schema.columns:
        if column.type.endswith("json"):
            checks[f"{column.name} is not valid JSON"] = f"NOT json_valid({column.name}::VARCHAR)"
    return checks


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count != 1 else ''}"


def _examples(connection: "Connection", relation: str, key: str, tail: str) -> str:
    """Return the keys of some rows that `tail` finds, as ` (event_id …)`."""
    rows = connection.execute(f"SELECT {key}::VARCHAR FROM {relation} {tail} ORDER BY 1 LIMIT {_EXAMPLES}").fetchall()
    examples = ", ".join(value for (value,) in rows if value is not None)
    return f" ({key} {examples})" if examples else ""


def _check_signature(function: StageFunction) -> None:
    kinds = {name: parameter.kind for name, parameter in inspect.signature(function).parameters.items()}
    data = kinds.pop("data", None)
    settings = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
    if data is not inspect.Parameter.POSITIONAL_OR_KEYWORD or not settings.issuperset(kinds.values()):
        raise SchemaError(
            f"{place(function)}: expected `def {function.__name__}(data: Table, *, setting: type = default) -> Table`; "
            "settings are keyword-only arguments"
        )
