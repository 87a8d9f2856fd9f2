"""Bad input gets one clear error and its exit code, and the workspace is afterwards as it was."""

import hashlib
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support import egregora as _egregora

CHAT = "".join(f"15/03/2024, 10:{n:02d} - Person {n % 3}: message {n}\n" for n in range(40))


def _with_few_bytes(*arguments: str, cwd: Path, limit: int) -> "subprocess.CompletedProcess[str]":
    def few_bytes() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "egregora_core", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=few_bytes,  # the test starts no threads
    )


def _snapshot(root: Path) -> dict[str, str]:
    """Return every file below a directory with a digest of what it holds, but for the progress note."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "directory"
        for path in sorted(root.rglob("*"))
        if path.name != "run.json"
    }


def _refused(done: "subprocess.CompletedProcess[str]", code: int, *parts: str) -> None:
    """Check that a command failed with one message that holds all parts, and no traceback."""
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    for part in parts:
        assert part in done.stderr, done.stderr


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "WhatsApp Chat with Test.txt"
    path.write_text(CHAT, encoding="utf-8")
    return path


@pytest.fixture
def workspace(tmp_path: Path, chat: Path) -> Path:
    """A workspace that has ingested the chat once."""
    path = tmp_path / "workspace"
    done = _egregora("ingest", str(chat), "-w", str(path), "--timezone", "UTC", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return path


def _write(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(directory: Path) -> Path:
        path = directory / name
        path.write_bytes(content)
        return path

    return make


def _zip(name: str, members: dict[str, bytes], *, cut: int = 0) -> Callable[[Path], Path]:
    def make(directory: Path) -> Path:
        path = directory / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        if cut:
            path.write_bytes(path.read_bytes()[:-cut])
        return path

    return make


FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a missing file": (lambda directory: directory / "nowhere.txt", "nowhere.txt"),
    "an empty file": (_write("empty.txt", b""), "empty.txt"),
    "a file that is no chat": (_write("notes.txt", b"Dear diary,\ntoday nothing happened.\n" * 20), "notes.txt"),
    "a picture": (_write("photo.txt", bytes(range(256)) * 40), "photo.txt"),
    "a truncated zip": (_zip("cut.zip", {"_chat.txt": CHAT.encode() * 50}, cut=60), "cut.zip"),
    "a zip without a chat": (_zip("pictures.zip", {"a.jpg": b"x" * 99}), "pictures.zip"),
    "a zip with a bomb": (_zip("bomb.zip", {"_chat.txt": b"0" * 300_000_000}), "bomb.zip"),
}


@pytest.mark.parametrize(("make", "named"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_leaves_no_trace(make: Callable[[Path], Path], named: str, tmp_path: Path) -> None:
    """In a new directory nothing is made; the error names the file that was typed."""
    path = make(tmp_path)
    target = tmp_path / "workspace"

    done = _egregora("run", str(path), "-w", str(target), cwd=tmp_path)

    _refused(done, 1, named)
    assert not target.exists() or _snapshot(target) == {}


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize(("make", "named"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_leaves_a_workspace_as_it_was(
    make: Callable[[Path], Path], named: str, workspace: Path, tmp_path: Path
) -> None:
    """A workspace that holds messages keeps them, and gets no row in `runs`."""
    path = make(tmp_path)
    before = _snapshot(workspace)

    done = _egregora("run", str(path), "-w", str(workspace), cwd=tmp_path)

    _refused(done, 1, named)
    assert _snapshot(workspace) == before


def test_an_open_date_order_is_asked_for(tmp_path: Path) -> None:
    """Where nothing decides between day and month, the error says so and names the option."""
    chat = tmp_path / "chat.txt"
    chat.write_text("1/2/24, 10:00 - Ana: hi\n1/2/24, 10:01 - Bob: hello\n", encoding="utf-8")

    _refused(_egregora("ingest", str(chat), cwd=tmp_path), 1, "--date-order")

    assert _egregora("ingest", str(chat), "--date-order", "mdy", "--timezone", "UTC", cwd=tmp_path).returncode == 0
    done = _egregora("query", "select min(ts)::varchar as first from ir_messages", "--csv", cwd=tmp_path)
    assert done.stdout.split()[1:] == ["2024-01-02", "10:00:00+00"]


@pytest.mark.slow
def test_a_full_disk_keeps_what_was_there(workspace: Path, tmp_path: Path) -> None:
    """Where a file cannot grow, the run fails with the disk's word and the stored messages stay."""
    big = tmp_path / "WhatsApp Chat with Big.txt"
    big.write_text(
        "".join(f"15/03/2024, 10:{n % 60:02d} - A {n % 9}: {n * 7919} {n}\n" for n in range(20_000)), encoding="utf-8"
    )
    query = (
        "query",
        "select count(*) as n, sum(hash(event_id)::hugeint)::varchar as h from ir_messages",
        "-w",
        str(workspace),
    )
    before = _egregora(*query, cwd=tmp_path).stdout

    done = _with_few_bytes("run", str(big), "-w", str(workspace), "--timezone", "UTC", cwd=tmp_path, limit=900_000)

    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert _egregora(*query, cwd=tmp_path).stdout == before
    again = _egregora("run", str(big), "-w", str(workspace), "--timezone", "UTC", cwd=tmp_path)
    assert again.returncode == 0, again.stderr


def test_a_workspace_that_cannot_be_written(chat: Path, tmp_path: Path) -> None:
    """A path below a file is no directory, and the error says which one to choose instead."""
    done = _egregora("run", str(chat), "-w", str(chat / "below"), cwd=tmp_path)

    _refused(done, 1, "below", "--workspace")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_workspace(workspace: Path, chat: Path, tmp_path: Path) -> None:
    """Read-only stays as it is, and is said to be so."""
    for path in (workspace / ".egregora", workspace):
        path.chmod(0o555)

    done = _egregora("run", str(chat), "-w", str(workspace), "--force", "all", cwd=tmp_path)

    _refused(done, 1, str(workspace))


def test_a_database_held_by_another_process_is_waited_for_and_its_holder_named(
    workspace: Path, chat: Path, tmp_path: Path
) -> None:
    """The holder's process id is in the error of a writer and of a reader."""
    database = workspace / ".egregora" / "egregora.duckdb"
    code = f"import duckdb; c = duckdb.connect({str(database)!r}); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        quick = {"EGREGORA_DATABASE__LOCK_TIMEOUT": "0.2"}
        for command in (("run", str(chat), "-w", str(workspace)), ("runs", "-w", str(workspace))):
            _refused(_egregora(*command, cwd=tmp_path, environment=quick), 1, str(holder.pid), "lock_timeout")
        holder.communicate("\n")


def test_a_database_of_a_newer_version_is_refused(workspace: Path, chat: Path, tmp_path: Path) -> None:
    """What a newer Egregora wrote is not guessed at."""
    with duckdb.connect(workspace / ".egregora" / "egregora.duckdb") as connection:
        connection.execute("""COMMENT ON TABLE runs IS '{"schema": 99}'""")
    before = _snapshot(workspace)

    _refused(_egregora("run", str(chat), "-w", str(workspace), cwd=tmp_path), 1, "newer", "pip install -U")
    _refused(_egregora("runs", "-w", str(workspace), cwd=tmp_path), 1, "newer")
    assert _snapshot(workspace) == before


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (None, "is missing"),
        ("11111111-2222-4333-8444-555555555555\n", "is not the one"),
        ("not a secret\n", "not a readable secret"),
    ],
)
def test_a_secret_that_does_not_match_is_refused(
    secret: str | None, said: str, workspace: Path, chat: Path, tmp_path: Path
) -> None:
    """Ids made with another secret would be other ids: nothing is written."""
    path = workspace / ".egregora" / "secret.key"
    path.unlink()
    if secret is not None:
        path.write_text(secret, encoding="utf-8")
    before = _snapshot(workspace)

    _refused(_egregora("run", str(chat), "-w", str(workspace), cwd=tmp_path), 1, said, "secret")
    assert _snapshot(workspace) == before


SETTINGS: dict[str, tuple[str, str, str]] = {
    "malformed": ("[pipeline\n", "egregora.toml", "line 1"),
    "an unknown key": ("[pipeline]\ntimezome = 'UTC'\n", "[pipeline] timezome", "did you mean 'timezone'"),
    "an unknown section": ("[pipelin]\ntimezone = 'UTC'\n", "[pipelin]", "did you mean 'pipeline'"),
    "an unknown zone": ("[pipeline]\ntimezone = 'Europe/Lisboa'\n", "Europe/Lisboa", "Europe/Lisbon"),
    "a wrong type": ("[windows]\nsize = 'many'\n", "[windows] size", "whole number"),
    "a value out of range": (
        "[database]\nlock_timeout = -1\n",
        "[database] lock_timeout",
        "at least 0",
    ),
    "a section that is none": ("workspace = 'here'\n", "workspace", "egregora.toml"),
}


@pytest.mark.parametrize(("content", "key", "hint"), SETTINGS.values(), ids=SETTINGS)
def test_wrong_settings_name_the_file_the_key_and_a_cure(
    content: str, key: str, hint: str, workspace: Path, chat: Path, tmp_path: Path
) -> None:
    """A wrong setting is wrong use, and nothing runs."""
    (workspace / "egregora.toml").write_text(content, encoding="utf-8")
    before = _snapshot(workspace)

    _refused(_egregora("run", str(chat), "-w", str(workspace), cwd=tmp_path), 2, key, hint)
    assert _snapshot(workspace) == before


def test_a_wrong_setting_in_the_environment_names_the_variable(workspace: Path, chat: Path, tmp_path: Path) -> None:
    """An environment variable is named as it is written."""
    done = _egregora(
        "run", str(chat), "-w", str(workspace), cwd=tmp_path, environment={"EGREGORA_PIPELINE__TIMEZONE": "Mars/Base"}
    )

    _refused(done, 2, "EGREGORA_PIPELINE__TIMEZONE", "Mars/Base")


def test_an_unknown_time_zone_on_the_command_line(workspace: Path, chat: Path, tmp_path: Path) -> None:
    """A misspelt zone is wrong use, with the nearest names."""
    done = _egregora("run", str(chat), "-w", str(workspace), "--timezone", "America/Sao_Paolo", cwd=tmp_path)

    _refused(done, 2, "America/Sao_Paolo", "America/Sao_Paulo")


def test_another_time_zone_for_a_known_chat_is_refused_until_it_is_replaced(
    workspace: Path, chat: Path, tmp_path: Path
) -> None:
    """Nothing moves silently: `--replace` rereads the chat under the new zone."""
    before = _snapshot(workspace)
    command = ("ingest", str(chat), "-w", str(workspace), "--timezone", "Asia/Tokyo")

    _refused(_egregora(*command, cwd=tmp_path), 1, "UTC", "Asia/Tokyo", "--replace")
    assert _snapshot(workspace) == before

    assert _egregora(*command, "--replace", cwd=tmp_path).returncode == 0
    done = _egregora(
        "query", "select count(*), min(ts)::varchar from ir_messages", "--csv", "-w", str(workspace), cwd=tmp_path
    )
    assert done.stdout.splitlines()[1] == "40,2024-03-15 01:00:00+00"


def test_a_query_cannot_write_or_read_files(workspace: Path, tmp_path: Path) -> None:
    """`query` is for reading this database."""
    for statement in (
        "delete from ir_messages",
        "copy ir_messages to 'out.csv'",
        "select * from read_text('/etc/hostname')",
        "select 1; select 2",
        "not sql at all",
    ):
        _refused(_egregora("query", statement, "-w", str(workspace), cwd=tmp_path), 2)
    assert not (tmp_path / "out.csv").exists()
