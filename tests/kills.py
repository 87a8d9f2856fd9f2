"""Kills, again and again, in the middle of a run in a lake; the end is compared with an undisturbed run.

`bash scripts/kills.sh 50` does it from a terminal: it says seed by seed what was killed where, and stops at the first
end that differs.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from egregora_core.workspace import Lake, read_early
from forked import Forked, command
from lakes import contents, lake_workspace, rows, said
from support import WITHOUT_REPORT, egregora

EXPORT = "WhatsApp Chat with Book club.txt"
STEPS = ("ingestion", "privacy", "generation", "publication")
_LONGEST_SECONDS = 300
_LATER_SECONDS = 0.8


@dataclass(frozen=True)
class Kill:
    """What is killed, and when: some time after run.json first says that a step is done."""

    victim: str
    """`driver`, `catalog` (PostgreSQL's process for one connection) or `worker` (a Python worker of Spark)."""
    step: str
    later: float

    @classmethod
    def of(cls, seed: int, victims: Sequence[str]) -> "Kill":
        chance = random.Random(seed)
        return cls(chance.choice(victims), chance.choice(STEPS), chance.uniform(0, _LATER_SECONDS))


def trial(kill: Kill, workspace: Path, undisturbed: Path) -> str:
    """Run, kill, run again to the end, and compare; return what the killed process came to. `workspace` is new."""
    process = _start(workspace, undisturbed / EXPORT)
    if _is_at(process, workspace, kill.step):
        time.sleep(kill.later)
        _VICTIMS[kill.victim](process, workspace)
    _, errors = process.communicate(timeout=_LONGEST_SECONDS)
    assert b"Traceback" not in errors, errors.decode()
    again = _start(workspace, undisturbed / EXPORT)
    _, complaints = again.communicate(timeout=_LONGEST_SECONDS)
    assert again.returncode == 0, complaints.decode()

    found, wanted = contents(workspace), contents(undisturbed)
    assert found.keys() == wanted.keys()
    for table in wanted:
        assert found[table] == wanted[table], f"{table} differs from that of an undisturbed run"
    last = {row[:2]: row for row in said(workspace)}
    differing = set(last.values()) ^ set(said(undisturbed))
    assert not differing, f"runs differ from those of an undisturbed run: {differing}"
    assert rows(workspace, "SELECT count(*) FROM runs WHERE status = 'running'") == [(0,)]
    assert not list((workspace.parent / "files").rglob("*.job"))
    told = b"".join((errors, complaints)).decode()
    for (name,) in rows(workspace, "SELECT DISTINCT author_raw FROM ir_messages WHERE author_raw <> ''"):
        assert name not in told
    return {0: "ended by itself", -signal.SIGKILL: "killed"}.get(process.returncode, f"exit {process.returncode}")


def _start(workspace: Path, export: Path) -> "subprocess.Popen[bytes]":
    plain = [] if "[engine]" in (workspace / "egregora.toml").read_text(encoding="utf-8") else ["--no-plugins"]
    environment = {**os.environ, **WITHOUT_REPORT, "SPARK_LOCAL_IP": "127.0.0.1"}
    run = command(*plain, "-w", workspace, "run", export, "--timezone", "Europe/Lisbon")
    return Forked(run, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _is_at(process: "subprocess.Popen[bytes]", workspace: Path, step: str) -> bool:
    """Wait until run.json says that a step, or one after it, is done; false where the process ended before."""
    late = STEPS[STEPS.index(step) :]
    while process.poll() is None:
        try:
            if json.loads((workspace / ".egregora" / "run.json").read_bytes()).get("step") in late:
                return True
        except (OSError, ValueError):
            pass
        time.sleep(0.005)
    return False


def _kill_driver(process: "subprocess.Popen[bytes]", _workspace: Path) -> None:
    process.kill()


def _kill_catalog(_process: "subprocess.Popen[bytes]", workspace: Path) -> None:
    """Kill what serves one of the lake's connections, on which PostgreSQL ends all of them, and recovers."""
    lake = read_early(workspace).database
    assert isinstance(lake, Lake)
    connection = lake.catalog.removeprefix("postgres:")
    name = connection.partition("dbname=")[2]
    sql = f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid() LIMIT 1"
    found = subprocess.run([which("psql") or "psql", connection, "-Atqc", sql], capture_output=True, text=True)  # noqa: PLW1510 - it may be down
    if found.stdout.strip():
        os.kill(int(found.stdout), signal.SIGKILL)
    for _ in range(600):  # it is back in a moment
        if not subprocess.run([which("psql") or "psql", connection, "-qc", "SELECT 1"], capture_output=True).returncode:  # noqa: PLW1510
            return
        time.sleep(0.05)


def _kill_worker(process: "subprocess.Popen[bytes]", _workspace: Path) -> None:
    """Kill a Python worker of Spark, as soon as there is one."""
    while process.poll() is None:
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and b"pyspark.daemon" in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
                    return
            except OSError:
                continue
        time.sleep(0.05)


_VICTIMS: dict[str, Callable[["subprocess.Popen[bytes]", Path], None]] = {
    "driver": _kill_driver,
    "catalog": _kill_catalog,
    "worker": _kill_worker,
}


def main(count: int, server: str, master: str = "") -> None:
    """Try so many seeds on a PostgreSQL server, and where there is a master, on Spark."""
    victims = ("driver", "catalog", "worker") if master else ("driver", "catalog")
    settings = f'[engine]\nname = "spark"\nmaster = "{master}"\n[report]\nenabled = false\n' if master else ""
    with tempfile.TemporaryDirectory(prefix="egregora-kills-") as base:
        egregora("--no-plugins", "demo", "w", cwd=Path(base), code=0)
        for seed in range(count):
            kill = Kill.of(seed, victims)
            name = f"kills_{os.getpid()}_{seed}"
            subprocess.run(
                [which("psql") or "psql", f"{server} dbname=postgres", "-qc", f"CREATE DATABASE {name}"], check=True
            )
            url = f"ducklake:postgres:{server} dbname={name}"
            lake = lake_workspace(Path(base) / str(seed) / "w", url, like=Path(base) / "w", settings=settings)
            end = trial(kill, lake, Path(base) / "w")
            _say(f"{seed}: {kill.victim} in {kill.step} after {kill.later:.2f} s: {end}")
    _say(f"{count} of {count} ended as an undisturbed run does")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
