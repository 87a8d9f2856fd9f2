"""Messages that stand in a table, in Parquet files or in another database are read as those of any export."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import egregora_core as eg
import pytest
from egregora_core._api import Workspace
from egregora_core.errors import EgregoraError, UsageError, WorkspaceError
from egregora_core.session import Summary
from egregora_core.storage import load_extension

pytestmark = pytest.mark.slow  # tables of other engines

_ROWS = """
    SELECT 'm' || i AS id, CASE WHEN i % 2 = 0 THEN 'Ann Quill' ELSE 'Bo Marsh' END AS sender,
        TIMESTAMPTZ '2024-01-01 10:00:00+00' + INTERVAL (i) MINUTE AS sent_at, 'hello ' || i AS body,
        'general' AS channel, uuid() AS extra, '{"a": 1}'::JSON AS more
    FROM range(20) numbers(i)
"""
_COLUMNS = """
[generic.columns]
ts = "sent_at"
author = "sender"
text = "body"
thread = "channel"
msg_id = "id"
"""
_ATTACH = '[database.attach]\nwarehouse = "warehouse.duckdb"\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(f"CREATE TABLE messages AS {_ROWS}")
    (tmp_path / "egregora.toml").write_text(_ATTACH + _COLUMNS)
    with eg.open(tmp_path) as opened:
        yield opened


def _stored(workspace: Workspace) -> list[tuple[object, ...]]:
    query = "SELECT event_id::VARCHAR, thread_id::VARCHAR, author_raw, ts::VARCHAR, text FROM ir_messages ORDER BY ts"
    return [tuple(row.values()) for row in workspace.query(query).to_pyarrow().to_pylist()]


def _parquet(workspace: Workspace, name: str, where: str = "true") -> Path:
    file = workspace.directory / name
    with duckdb.connect(str(workspace.directory / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute(f"COPY (SELECT * FROM messages WHERE {where}) TO '{file}'")
    return file


def _reasons(summary: Summary) -> list[str]:
    return [line.text for line in summary.lines if line.run is not None]


def test_a_table_of_another_database_is_read(workspace: Workspace) -> None:
    """Each row is a message, with the columns that the settings name, and nothing is left of it on the disk."""
    workspace.ingest(tables="warehouse.messages")

    assert len(_stored(workspace)) == 20
    assert not (workspace.directory / ".egregora" / "reading").exists()


def test_a_table_that_has_not_changed_stands(workspace: Workspace) -> None:
    """Read again, it is told from its content; new rows are added and others stay who they are."""
    workspace.ingest(tables="warehouse.messages")
    before = _stored(workspace)
    again = workspace.ingest(tables="warehouse.messages")
    workspace.close()
    with duckdb.connect(str(workspace.directory / "warehouse.duckdb")) as connection:
        connection.execute(
            "INSERT INTO messages BY NAME SELECT * REPLACE ('m99' AS id, sent_at + INTERVAL 1 DAY AS sent_at) "
            "FROM messages LIMIT 1"
        )
    workspace.ingest(tables=["warehouse.messages"])

    assert [text.partition(" ")[0] for text in _reasons(again)] == ["stands"]
    after = _stored(workspace)
    assert len(after) == 21
    assert set(before) < set(after)


def test_the_same_messages_have_the_same_ids_whatever_holds_them(workspace: Workspace) -> None:
    """A table, a query over it, and Parquet files with its rows add nothing to each other."""
    workspace.ingest(tables="warehouse.messages")
    first = _stored(workspace)
    workspace.ingest(queries="SELECT * EXCLUDE (extra) FROM warehouse.messages ORDER BY sent_at;")
    _parquet(workspace, "all.parquet")
    workspace.ingest(parquet=str(workspace.directory / "*.parquet"))

    assert _stored(workspace) == first


@pytest.mark.parametrize("body", ["body", "'other words'"])
def test_two_messages_with_ids_are_two(workspace: Workspace, body: str) -> None:
    """Of one person, at one moment, whatever they say: what the platform tells apart is never one."""
    workspace.ingest(tables="warehouse.messages")
    before = _stored(workspace)
    columns = f"* REPLACE ('another' AS id, {body} AS body)"
    workspace.ingest(queries=f"SELECT {columns} FROM warehouse.messages WHERE id = 'm7'")

    assert set(before) < set(_stored(workspace))


def test_of_parquet_files_only_new_and_changed_ones_are_read(workspace: Workspace) -> None:
    """A pattern means files; each stands by its content."""
    _parquet(workspace, "one.parquet", "sent_at < TIMESTAMPTZ '2024-01-01 10:05:00+00'")
    pattern = str(workspace.directory / "*.parquet")
    workspace.ingest(parquet=pattern)
    _parquet(workspace, "two.parquet", "sent_at >= TIMESTAMPTZ '2024-01-01 10:05:00+00'")
    summary = workspace.ingest(parquet=pattern)

    assert [text.partition(" ")[0] for text in _reasons(summary)] == ["stands", "runs:"]
    assert len(_stored(workspace)) == 20


def test_directories_of_a_parquet_file_are_columns(workspace: Workspace) -> None:
    """What `channel=general/part.parquet` says of its rows is read as a column."""
    with duckdb.connect(str(workspace.directory / "warehouse.duckdb"), read_only=True) as connection:
        target = workspace.directory / "parts"
        connection.execute(f"COPY (SELECT * FROM messages) TO '{target}' (FORMAT parquet, PARTITION_BY (channel))")
    workspace.ingest(tables="warehouse.messages")
    first = _stored(workspace)
    workspace.ingest(parquet=str(workspace.directory / "parts"))

    assert _stored(workspace) == first


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"tables": "warehouse.nowhere"}, ["--table warehouse.nowhere", "warehouse.main.messages"]),
        ({"queries": "DROP TABLE runs"}, ["--sql", "only a SELECT works"]),
        ({"queries": "SELECT 1; SELECT 2"}, ["--sql", "several statements"]),
        ({"queries": "SELECT body::INTEGER AS n FROM warehouse.messages"}, ["--sql", "ConversionException"]),
        ({"parquet": "nothing*.parquet"}, ["nothing*.parquet", "no such file"]),
        ({"queries": "SELECT 1 AS one"}, ["--sql", "[generic.columns]", "its columns are one"]),
    ],
)
def test_what_cannot_be_read_is_told_with_what_is_there(
    workspace: Workspace, said: dict[str, str], told: list[str]
) -> None:
    """An error names what the user typed, what there is, and holds no value of a row."""
    with pytest.raises(EgregoraError) as raised:
        workspace.ingest(**said)  # type: ignore[arg-type]  # each is one of its names

    assert all(words in str(raised.value) for words in told), str(raised.value)
    assert "hello" not in str(raised.value)


def test_a_database_that_is_not_there_is_told_without_its_address(workspace: Workspace) -> None:
    """The address may hold a password."""
    workspace.close()
    (workspace.directory / "egregora.toml").write_text('[database.attach]\nsecret = "no/such/hunter2.duckdb"\n')
    with eg.open(workspace.directory) as opened, pytest.raises(WorkspaceError, match=r"attach\] secret") as raised:
        opened.ingest(tables="secret.messages")

    assert "hunter2" not in str(raised.value)


def test_exports_and_tables_are_not_read_at_once(workspace: Workspace) -> None:
    """One command reads exports or tables, since `--source` is about all that it reads."""
    with pytest.raises(UsageError, match="one after the other"):
        workspace.ingest("chat.txt", tables="warehouse.messages")


@pytest.fixture
def postgres() -> Iterator[str]:
    """A server of this test's own, as `[database.attach]` names it."""
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("PostgreSQL is not on this machine: apt-get install postgresql")
    with duckdb.connect() as connection:
        try:
            load_extension(connection, "postgres_scanner")
        except WorkspaceError as error:
            pytest.skip(str(error))
    script = Path(__file__).parents[2] / "scripts" / "postgres.sh"
    directory = Path(tempfile.mkdtemp(prefix="egregora-postgres-"))
    directory.chmod(0o755)  # the server is run by a user of its own
    try:
        started = subprocess.run([script, "start", directory / "server"], check=True, capture_output=True, text=True)
        yield f"postgres:{started.stdout.strip()} dbname=postgres"
    finally:
        subprocess.run([script, "stop", directory / "server"], check=False, capture_output=True)
        shutil.rmtree(directory, ignore_errors=True)


def test_a_table_of_postgres_is_read(workspace: Workspace, postgres: str) -> None:
    """A table of PostgreSQL gives the messages that a table of the engine's own gives."""
    workspace.ingest(tables="warehouse.messages")
    first = _stored(workspace)
    workspace.close()
    with duckdb.connect(str(workspace.directory / "warehouse.duckdb")) as connection:
        load_extension(connection, "postgres_scanner")
        connection.execute(f"ATTACH '{postgres}' AS server")
        connection.execute("CREATE TABLE server.public.chat AS SELECT * REPLACE (more::VARCHAR AS more) FROM messages")
    (workspace.directory / "egregora.toml").write_text(f'[database.attach]\nserver = "{postgres}"\n{_COLUMNS}')
    with eg.open(workspace.directory) as opened:
        opened.ingest(tables="server.public.chat")

        assert _stored(opened) == first
