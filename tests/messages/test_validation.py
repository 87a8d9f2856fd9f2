"""Validation: every problem at once, with where, how many and which, and never a word of a message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_core.errors import SchemaError
from egregora_core.messages import IR_MESSAGES, check_rows, place, validate_ir_schema, validate_stage
from egregora_core.storage import Database
from egregora_core.tracking import RUNS

GOOD = {
    "event_id": "uuid()",
    "tenant_id": "'default'",
    "source": "'whatsapp'",
    "thread_id": "uuid()",
    "msg_id": "'m'",
    "ts": "TIMESTAMPTZ '2024-05-01 10:00:00+00'",
    "seq": "0::INTEGER",
    "author_raw": "'Ana Secret'",
    "author_uuid": "uuid()",
    "text": "'private words'",
    "media_url": "NULL::VARCHAR",
    "media_type": "NULL::VARCHAR",
    "attrs": "'{}'::JSON",
    "pii_flags": "NULL::JSON",
    "created_at": "TIMESTAMPTZ '2024-05-01 10:00:00+00'",
    "created_by_run": "NULL::UUID",
}


def _row(**values: str) -> str:
    return "SELECT " + ", ".join(f"{values.get(name, value)} AS {name}" for name, value in GOOD.items())


@pytest.fixture
def db() -> Database:
    opened = Database(duckdb.connect(), Path("some.duckdb"))
    opened.execute("SET TimeZone = 'UTC'")
    return opened


def _table(db: Database, *rows: str) -> Any:
    """Return an ibis table of rows: not `ir_messages` itself, whose constraints would not let them in."""
    db.execute("CREATE OR REPLACE TABLE given AS " + " UNION ALL ".join(rows))
    return db.ibis().table("given")


def _problems(db: Database, *rows: str) -> list[str]:
    db.execute("CREATE OR REPLACE TABLE given AS " + " UNION ALL ".join(rows))
    with pytest.raises(SchemaError) as refused:
        check_rows(db.connection, "given", IR_MESSAGES, where="here")
    text = str(refused.value)
    assert "private words" not in text
    assert "Secret" not in text
    return text.splitlines()


def test_good_rows_pass(db: Database) -> None:
    """Names, types and rows of IR v1; also as an expression, also without rows."""
    table = _table(db, _row(), _row(attrs="""'{"kind":"text"}'::JSON""", pii_flags="'{}'::JSON"))
    validate_ir_schema(table)
    validate_ir_schema(table.filter(table.seq > 100))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("author_raw", "NULL::VARCHAR", "author_raw is null in 1 row"),
        ("ts", "NULL::TIMESTAMPTZ", "ts is null in 1 row"),
        ("source", "'What App'", "source is malformed (expected [a-z0-9][a-z0-9_.-]*) in 1 row"),
        ("tenant_id", "'../x'", "tenant_id is malformed (expected [a-z0-9][a-z0-9_.-]*) in 1 row"),
        ("ts", "TIMESTAMPTZ '1970-01-01'", "ts is implausible (before 1990-01-01 or in the future) in 1 row"),
        ("ts", "now() + INTERVAL 3 DAY", "ts is implausible (before 1990-01-01 or in the future) in 1 row"),
        ("seq", "-1::INTEGER", "seq is negative in 1 row"),
        ("attrs", "'{no'", "attrs is not valid JSON in 1 row"),
    ],
)
def test_each_problem_is_named_with_the_row(db: Database, column: str, value: str, said: str) -> None:
    """The rule that is broken, how often, and the event that breaks it, whether it comes first or last."""
    event = "'00000000-0000-0000-0000-000000000001'::UUID"
    bad = _row(**{column: value, "event_id": event})
    good = _row(attrs="'{}'")
    expected = [f"here: {said} (event_id 00000000-0000-0000-0000-000000000001)"]
    assert _problems(db, bad, good, good) == expected
    assert _problems(db, good, good, bad) == expected


def test_all_problems_come_at_once_with_three_examples(db: Database) -> None:
    """One pass finds everything; a thousand bad rows are a count and three ids."""
    bad = _row(author_raw="NULL::VARCHAR", seq="-1::INTEGER", source="'X Y'") + " FROM range(1200)"
    lines = _problems(db, bad, _row())
    assert [line.partition(" (event_id")[0] for line in lines] == [
        "here: author_raw is null in 1,200 rows",
        "here: source is malformed (expected [a-z0-9][a-z0-9_.-]*) in 1,200 rows",
        "here: seq is negative in 1,200 rows",
    ]
    assert all(line.count(",") - line.count("1,2") == 2 for line in lines)


def test_duplicate_events_are_found(db: Database) -> None:
    """Each extra row counts; a null id is a null, not a duplicate."""
    event = "'00000000-0000-0000-0000-000000000001'::UUID"
    assert _problems(db, *[_row(event_id=event)] * 3) == [
        "here: event_id occurs more than once in 2 rows (event_id 00000000-0000-0000-0000-000000000001)"
    ]
    assert _problems(db, *[_row(event_id="NULL::UUID")] * 2) == ["here: event_id is null in 2 rows"]


def test_wrong_columns_are_all_named_in_one_error(db: Database) -> None:
    """Missing, extra and mistyped, each with what was expected; no row is looked at."""
    table = _table(db, _row()).mutate(ts="ts", more="seq").drop("seq")
    table = table.mutate(ts=table.ts.cast("string"))
    with pytest.raises(SchemaError) as refused:
        validate_ir_schema(table, where="chat.parquet")
    assert str(refused.value).splitlines() == [
        "chat.parquet: column 'ts' is string, expected !timestamp('UTC', 6)",
        "chat.parquet: column 'seq' is missing, expected !int32",
        "chat.parquet: column 'more' is not part of ir_messages",
    ]


def shorten(data: Any, *, length: int = 3) -> Any:
    return data.mutate(text=data.text.substr(0, length))


def stringify(data: Any) -> Any:
    return data.mutate(ts=data.ts.cast("string"))


def test_a_stage_that_keeps_the_contract_is_left_alone(db: Database) -> None:
    """The decorated function is the function: name, docstring, settings and result."""
    stage = validate_stage(shorten)
    assert stage.__name__ == "shorten"
    expression = stage(_table(db, _row()), length=2)
    rows = db.execute(f"SELECT text FROM ({db.ibis().compile(expression)})")
    assert rows == [("pr",)]


def test_a_stage_that_breaks_it_is_told_where_and_what(db: Database) -> None:
    """`path:line: stage 'name', output: column 'ts' is string, expected !timestamp('UTC', 6)`."""
    line = stringify.__code__.co_firstlineno
    with pytest.raises(SchemaError) as refused:
        validate_stage(stringify)(_table(db, _row()))
    path = Path(__file__)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    expected = f"{shown}:{line}: stage 'stringify', output: column 'ts' is string, expected !timestamp('UTC', 6)"
    assert str(refused.value) == expected
    assert place(stringify) == f"{shown}:{line}: stage 'stringify'"


def test_a_stage_is_told_when_its_input_is_wrong(db: Database) -> None:
    """The fault is the caller's, and the error says so."""
    with pytest.raises(SchemaError, match="stage 'shorten', input: column 'seq' is missing"):
        validate_stage(shorten)(_table(db, _row()).drop("seq"))


@pytest.mark.parametrize("result", [None, [1], "table"])
def test_a_stage_must_return_a_table(db: Database, result: object) -> None:
    """No result objects."""
    with pytest.raises(SchemaError, match=r"output: is a \w+, expected an ibis Table"):
        validate_stage(lambda data: (data, result)[1])(_table(db, _row()))


def test_a_document_stage_is_checked_against_its_own_table(db: Database) -> None:
    """`@validate_stage(table=…)` is the same check for another schema."""
    db.execute(RUNS.ddl())
    runs = db.ibis().table("runs")
    stage = validate_stage(table=RUNS)(lambda data: data.drop("error"))
    with pytest.raises(SchemaError, match="column 'error' is missing, expected string"):
        stage(runs)


def no_arguments() -> None: ...
def other_name(table: Any) -> None: ...
def positional_setting(data: Any, length: int = 3) -> None: ...
def starred(*data: Any) -> None: ...
def keyword_only_data(*, data: Any) -> None: ...
def more_tables(data: Any, *tables: Any) -> None: ...


class Stages:
    def method(self, data: Any) -> None: ...


@pytest.mark.parametrize(
    "function",
    [no_arguments, other_name, positional_setting, starred, keyword_only_data, more_tables, Stages.method],
    ids=lambda function: function.__name__,
)
def test_a_wrong_signature_is_refused_when_it_is_decorated(function: Callable[..., Any]) -> None:
    """The error shows the signature that is expected, and where the function is."""
    with pytest.raises(SchemaError, match=rf"expected `def {function.__name__}\(data: Table, \*, setting") as refused:
        validate_stage(function)
    assert f"test_validation.py:{function.__code__.co_firstlineno}" in str(refused.value)


def test_any_keyword_arguments_are_accepted() -> None:
    """`def stage(data, **kwargs)` names no setting and is a stage all the same."""
    validate_stage(lambda data, **kwargs: (data, kwargs))
