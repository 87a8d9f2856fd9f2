"""A table of a DuckLake is read once: then only what was added to it, and all of it where it was changed otherwise."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import egregora_core as eg
import pytest
from egregora_core._api import Workspace
from egregora_core.errors import WorkspaceError
from egregora_core.ingestion import _staging
from egregora_core.session import Summary
from egregora_core.storage import load_extension
from lakes import contents, lake_workspace
from support import at_work, egregora

_SETTINGS = """
[database.attach]
warehouse = "ducklake:sqlite:catalog.sqlite"

[generic.columns]
ts = "sent_at"
author = "sender"
text = "body"
thread = "channel"
"""
_WITH_IDS = 'msg_id = "id"\n'
_ROWS = """
    SELECT 'm' || i AS id, CASE WHEN i % 2 = 0 THEN 'Ann Quill' ELSE 'Bo Marsh' END AS sender,
        TIMESTAMPTZ '2024-01-01 10:00:00+00' + INTERVAL (i) MINUTE AS sent_at, 'hello ' || i AS body,
        'channel ' || i % 2 AS channel
    FROM range({}, {}) numbers(i)
"""


class Warehouse:
    """A lake of somebody else's, beside a workspace that reads it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._connection = duckdb.connect()
        for name in ("ducklake", "sqlite_scanner"):
            load_extension(self._connection, name)
        catalog, files = directory / "catalog.sqlite", directory / "lake"
        self._connection.execute(f"ATTACH 'ducklake:sqlite:{catalog}' AS warehouse (DATA_PATH '{files}')")
        self._connection.execute("USE warehouse")
        self.run(f"CREATE TABLE IF NOT EXISTS messages AS {_ROWS.format(0, 20)}")

    def run(self, *statements: str) -> None:
        for statement in statements:
            self._connection.execute(statement)

    def close(self) -> None:
        self._connection.close()

    def workspace(self, name: str, settings: str = _SETTINGS + _WITH_IDS) -> Workspace:
        directory = self.directory / name
        (directory / ".egregora").mkdir(parents=True)
        (directory / ".egregora" / "secret.key").write_text("6f1c2f0a-93b0-4c0e-8a55-0d8b7a1f5b11\n", encoding="ascii")
        catalog = f"sqlite:{self.directory / 'catalog.sqlite'}"
        (directory / "egregora.toml").write_text(settings.replace("sqlite:catalog.sqlite", catalog))
        return eg.open(directory)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a lake and of the workspace `first` that has read its table: it works where it was made, in `w`."""
    base = tmp_path_factory.mktemp("lakes")
    (base / "w").mkdir()
    try:
        made = Warehouse(base / "w")
    except WorkspaceError as error:
        pytest.skip(str(error))
    with closing(made), made.workspace("first") as opened:
        _ingest(opened)
    return Path(shutil.copytree(base / "w", base / "kept"))


@pytest.fixture
def warehouse(kept: Path) -> Iterator[Warehouse]:
    place = kept.with_name("w")
    shutil.rmtree(place)
    shutil.copytree(kept, place)
    with closing(Warehouse(place)) as made:
        yield made


def _ingest(workspace: Workspace, **options: Any) -> Summary:
    return workspace.ingest(tables="warehouse.messages", **options)


def _reason(summary: Summary) -> str:
    (told,) = [line.text for line in summary.lines if line.run is not None and not line.warning]
    return told


def _read(workspace: Workspace) -> int:
    """Return how many rows the last ingestion read."""
    rows = workspace.query("SELECT rows_in FROM runs WHERE step = 'ingestion' AND status = 'completed' ORDER BY run_id")
    return int(rows.to_pyarrow().to_pylist()[-1]["rows_in"])


def _stored(workspace: Workspace) -> list[tuple[Any, ...]]:
    columns = "event_id::VARCHAR, text, author_raw, ts::VARCHAR, seq, msg_id, attrs::VARCHAR"
    found = workspace.query(f"SELECT {columns} FROM ir_messages ORDER BY ALL")
    return [tuple(row.values()) for row in found.to_pyarrow().to_pylist()]


def _fresh(warehouse: Warehouse, name: str = "fresh", settings: str = _SETTINGS + _WITH_IDS) -> list[tuple[Any, ...]]:
    """Return what is stored where all of the table is read at once."""
    with warehouse.workspace(name, settings) as fresh:
        _ingest(fresh)
        return _stored(fresh)


@pytest.fixture
def workspace(warehouse: Warehouse) -> Iterator[Workspace]:
    with eg.open(warehouse.directory / "first") as opened:
        yield opened


@pytest.mark.slow
def test_a_table_that_is_as_it_was_is_known_at_once(warehouse: Warehouse, workspace: Workspace) -> None:
    """No row of it is read, whatever else happened in the lake; settings that read it otherwise have it read again."""
    warehouse.run("CREATE TABLE others AS SELECT 1 AS a")
    again = _ingest(workspace)
    (workspace.directory / "egregora.toml").write_text(
        (workspace.directory / "egregora.toml").read_text().replace('text = "body"', 'text = "id"')
    )
    with eg.open(workspace.directory) as other:
        changed = _ingest(other)

    assert "the table is as it was" in _reason(again)
    assert "config changed ([generic] columns)" in _reason(changed)


@pytest.mark.slow  # several whole commands
def test_of_a_table_that_grew_only_the_new_rows_are_read(warehouse: Warehouse, workspace: Workspace) -> None:
    """Step by step the same messages come of it as of the whole table at once: ids, order, names, edits."""
    for statement in (
        f"INSERT INTO messages {_ROWS.format(20, 25)}",
        f"INSERT INTO messages {_ROWS.format(3, 4)}",
        "INSERT INTO messages SELECT * REPLACE ('before' AS id, 'in between' AS body) FROM messages WHERE id = 'm6'",
    ):
        warehouse.run(statement)
        assert "rows were added to the table" in _reason(_ingest(workspace))
        assert _read(workspace) in {1, 5}
    assert "the table is as it was" in _reason(_ingest(workspace))
    assert _stored(workspace) == _fresh(warehouse)


@pytest.mark.slow
def test_an_added_row_may_say_an_old_message_anew(warehouse: Warehouse, workspace: Workspace) -> None:
    """A table that is a log: what is added later is newer, also where it is about an old message."""
    warehouse.run("INSERT INTO messages SELECT * REPLACE ('put otherwise' AS body) FROM messages WHERE id = 'm2'")
    _ingest(workspace)

    assert _stored(workspace) == _fresh(warehouse)
    assert "put otherwise" in [row[1] for row in _stored(workspace)]


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE messages SET body = 'edited' WHERE id = 'm4'", "DELETE FROM messages WHERE id = 'm19'"),
        ("ALTER TABLE messages ADD COLUMN media VARCHAR", f"INSERT INTO messages BY NAME {_ROWS.format(20, 22)}"),
        (f"CREATE OR REPLACE TABLE messages AS {_ROWS.format(10, 30)}",),
        (
            f"INSERT INTO messages {_ROWS.format(20, 22)}",
            "CALL ducklake_expire_snapshots('warehouse', older_than => now())",
        ),
    ],
)
@pytest.mark.slow
def test_a_table_that_was_changed_otherwise_is_read_whole(
    warehouse: Warehouse, workspace: Workspace, statements: tuple[str, ...]
) -> None:
    """All of it is read and merged: what was edited is edited, and nothing doubles or goes."""
    before = {(msg, ts) for _, _, _, ts, _, msg, _ in _stored(workspace)}
    warehouse.run(*statements)
    summary = _ingest(workspace)
    after = _stored(workspace)
    added = {row[5] for row in _fresh(warehouse)} - {msg for msg, _ in before}

    assert "rows were added" not in _reason(summary)
    assert len(after) == len(before) + len(added)
    assert ("edited" in [row[1] for row in after]) == ("UPDATE" in statements[0])
    assert "stands" in _reason(_ingest(workspace))


@pytest.mark.slow
def test_rows_without_ids_are_read_with_those_beside_them(warehouse: Warehouse) -> None:
    """What tells equal messages apart is how many there are, so an addition to such a table is no part by itself."""
    with warehouse.workspace("derived", _SETTINGS) as workspace:
        _ingest(workspace)
        warehouse.run("INSERT INTO messages SELECT * FROM messages WHERE id = 'm5'")
        summary = _ingest(workspace)

        assert "the table was changed" in _reason(summary)
        assert len(_stored(workspace)) == 21
        assert _stored(workspace) == _fresh(warehouse, settings=_SETTINGS)


@pytest.mark.slow
def test_what_was_forgotten_is_read_again_with_all_of_the_table(warehouse: Warehouse, workspace: Workspace) -> None:
    """As of any export, a chat that was forgotten comes back when the table is read on purpose, and with it all."""
    warehouse.run(f"INSERT INTO messages {_ROWS.format(20, 25)}")
    _ingest(workspace)
    workspace.forget(thread="channel 0")
    _ingest(workspace)

    assert _read(workspace) == 25
    assert _stored(workspace) == _fresh(warehouse)


@pytest.mark.slow
@pytest.mark.usefixtures("kept")  # where the engine's extensions for lakes are absent, this is skipped as well
def test_a_workspace_reads_tables_of_its_own_lake(tmp_path: Path) -> None:
    """A table beside Egregora's own is called by its name, and what Egregora writes changes nothing of it."""
    directory = tmp_path / "inside"
    directory.mkdir()
    place = '[database]\nurl = "ducklake:sqlite:catalog.sqlite"\ndata = "lake"\n'
    (directory / "egregora.toml").write_text(place + _SETTINGS.partition("\n\n")[2] + _WITH_IDS)
    with at_work(directory):
        pass  # which makes the lake
    with closing(Warehouse(directory)) as beside, eg.open(directory) as workspace:
        workspace.ingest(tables="messages")
        assert "the table is as it was" in _reason(workspace.ingest(tables="messages"))
        beside.run(f"INSERT INTO messages {_ROWS.format(20, 25)}")
        assert "rows were added" in _reason(workspace.ingest(tables="messages"))
        assert len(_stored(workspace)) == 25


@pytest.mark.slow
def test_a_chat_without_ids_goes_into_a_lake_in_parts_as_it_goes_into_a_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lake holds what is written until a file of it is full: millions of messages at once would not fit memory."""
    lines = [f"13/01/2024, 10:{minute:02} - Zorblax Quist: hello {minute // 2}" for minute in range(10)]
    export = tmp_path / "WhatsApp Chat with Bo.txt"
    export.write_text("\n".join([*lines, *lines[-2:]]) + "\n", encoding="utf-8")
    egregora("-w", "file", "ingest", export.name, "--timezone", "UTC", cwd=tmp_path, code=0)
    lake = lake_workspace(tmp_path / "w", f"ducklake:sqlite:{tmp_path}/c.sqlite", like=tmp_path / "file")
    monkeypatch.setattr(_staging, "_PER_PART_OF_TEXTS", 3)
    egregora("-w", str(lake), "ingest", export.name, "--timezone", "UTC", cwd=tmp_path, code=0)
    assert contents(lake)["ir_messages"] == contents(tmp_path / "file")["ir_messages"]
    assert len(contents(lake)["ir_messages"]) == len(lines) + 2
