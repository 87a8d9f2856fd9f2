"""Work in tasks gives what one machine gives, and whatever goes wrong with a task shows no name."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import egregora_spark
import inline_engine
import pytest
from egregora_devtools.conformance import EngineConformance
from forked import Forked, command
from lakes import SCRIPTS, contents, lake_workspace, rows, said
from support import WITHOUT_REPORT, egregora, install_plugin

pytestmark = pytest.mark.cluster

SPARK_IS_HERE = bool(shutil.which("java") and find_spec("pyspark"))
needs_spark = pytest.mark.skipif(
    not SPARK_IS_HERE,
    reason="Spark is not here: apt-get install default-jre-headless; uv sync --all-packages --group spark",
)


@pytest.mark.skipif(SPARK_IS_HERE, reason="Spark is here, whose tasks are the same")
class TestInline(EngineConformance):
    """Without a cluster: whatever is wrong here is wrong in what tasks are."""

    plugin = inline_engine


@needs_spark
class TestSpark(EngineConformance):
    """Two tasks at a time on this machine."""

    engine = (
        'master = "local[2]"\n'
        'options = { "spark.driver.bindAddress" = "127.0.0.1", "spark.driver.host" = "127.0.0.1", '
        '"spark.ui.enabled" = "false" }'
    )

    plugin = egregora_spark


@pytest.fixture(scope="module")
def master() -> Iterator[tuple[str, Path]]:
    """A standalone master and two workers, as the project's own script starts them: the address, and their logs."""
    directory = Path(tempfile.mkdtemp(prefix="egregora-spark-"))
    environment = {**os.environ, "PYTHON": sys.executable}
    started = subprocess.run(
        [SCRIPTS / "spark.sh", "start", directory], check=True, capture_output=True, text=True, env=environment
    )
    yield started.stdout.strip(), directory
    subprocess.run([SCRIPTS / "spark.sh", "stop", directory], check=True, env=environment)


EXPORT = "WhatsApp Chat with Book club.txt"


_LIGHT = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""For a Java machine that lives for some seconds: it spends half of them on making itself fast."""


_ONE_WORKER = "--conf spark.cores.max=1"
"""For a driver that is killed as soon as any worker is at work: a second one costs another Java machine."""


def _settings(master: str) -> str:
    light = f'"spark.executor.extraJavaOptions" = "{_LIGHT}", "spark.ui.enabled" = "false"'
    return f'[engine]\nname = "spark"\nmaster = "{master}"\noptions = {{ {light} }}\n[report]\nenabled = false\n'


_TOLD_IMPORTS = (sys.executable, "-X", "importtime")


def _start(
    kind: type["subprocess.Popen[bytes]"], run: Sequence[str], workspace: Path, spark: str = ""
) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **WITHOUT_REPORT, "SPARK_LOCAL_IP": "127.0.0.1"}
    environment["PYSPARK_SUBMIT_ARGS"] = f"{spark} pyspark-shell"
    return kind(run, cwd=workspace, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@needs_spark
def test_a_cluster_gives_what_a_file_holds(master: tuple[str, Path], made_by_demo: Path, tmp_path: Path) -> None:
    """On a master with two workers the demo comes out as on one machine; a killed driver and worker cost nothing.

    A driver imports neither pandas nor Arrow, which would be half of what it holds, although it was given an export.
    Names stand in no log of a worker, and nothing is left of what tasks were given.
    """
    address, logs = master
    catalog = f"ducklake:sqlite:{tmp_path}/catalog.sqlite"
    lake = lake_workspace(tmp_path / "w", catalog, like=made_by_demo, settings=_settings(address))
    run = command("run", made_by_demo / EXPORT, "--timezone", "Europe/Lisbon")
    killed = _start(Forked, run, lake, _ONE_WORKER)
    _wait_for_task(killed, logs)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    again = _start(subprocess.Popen, [*_TOLD_IMPORTS, *run[1:]], lake)
    victim = _wait_for_task(again, logs)
    if victim:
        os.kill(victim, signal.SIGKILL)
    _, complaints = again.communicate()
    assert again.returncode == 0, complaints.decode()
    assert b" pyspark\n" in complaints
    assert b" pandas\n" not in complaints
    assert b" pyarrow\n" not in complaints
    assert contents(lake) == contents(made_by_demo)
    ours = {row for row in said(lake) if row[3] == "completed"}
    assert ours == set(said(made_by_demo))
    assert not list((tmp_path / "files").rglob("*.job"))
    told = "".join(file.read_text(errors="replace") for file in logs.rglob("*") if file.is_file())
    told += complaints.decode()
    names = rows(lake, "SELECT DISTINCT author_raw FROM ir_messages WHERE author_raw <> ''")
    assert not [name for (name,) in names if name in told]


def _wait_for_task(driver: "subprocess.Popen[bytes]", cluster: Path) -> int:
    """Wait until a Python worker of a cluster is at work, and return its process; 0 where the driver ended before.

    Other tests may have a Spark of their own at the same time: this one's works in its own directory.
    """
    while driver.poll() is None:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes()
                    directory = (entry / "cwd").readlink()
                except OSError:
                    continue
                if b"pyspark.daemon" in command and directory.is_relative_to(cluster):
                    return int(entry.name)
        time.sleep(0.05)
    return 0


def test_a_stage_that_reads_a_file_reads_it_in_its_tasks(made_by_demo: Path, tmp_path: Path) -> None:
    """What it has the engine read is a table of the process in which it is called: SQL alone would lack it."""
    (tmp_path / "greetings.csv").write_text("greeting\nhello\n", encoding="utf-8")
    greeting = _GREETING.replace("FILE", str(tmp_path / "greetings.csv"))
    lake = _inline(made_by_demo, tmp_path, "egregora_greeting", greeting)
    egregora("-w", str(lake), "run", str(made_by_demo / EXPORT), cwd=tmp_path, code=0, site=tmp_path / "site")
    ((texts, greeted),) = rows(lake, "SELECT count(text), count(*) FILTER (text LIKE 'hello, %') FROM stage_greeting")
    assert texts == greeted > 0


_GREETING = """
from egregora_core.plugin import StageSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_stages():
    return [StageSpec("greeting", "enrichment", "1", "egregora_greeting:greeting", by="row")]


def greeting(data):
    greetings = data.get_backend().read_csv("FILE", table_name="greetings")
    return data.cross_join(greetings).mutate(text=greetings.greeting + ", " + data.text).drop("greeting")
"""


def test_an_error_in_a_task_shows_no_name(made_by_demo: Path, tmp_path: Path) -> None:
    """What a stage raises in a task comes back by its type and place."""
    lake = _inline(made_by_demo, tmp_path, "egregora_loud", _LOUD)
    done = egregora("-w", str(lake), "run", str(made_by_demo / EXPORT), cwd=tmp_path, code=1, site=tmp_path / "site")
    assert "loud" in done.stderr
    ((name, *_), *_) = rows(lake, "SELECT author_raw FROM ir_messages WHERE author_raw <> ''")
    assert name not in done.stderr + str(rows(lake, "SELECT * EXCLUDE (started_at, finished_at) FROM runs"))


_LOUD = """
from egregora_core.plugin import StageSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_stages():
    return [StageSpec("loud", "enrichment", "1", "egregora_loud:loud", by="row")]


def loud(data):
    return data.mutate(text=(data.text.cast("int64") + 1).cast("string"))
"""


def _inline(like: Path, tmp_path: Path, module: str, source: str) -> Path:
    """Return a workspace whose tasks are done in this process, with a plugin in the folder `site`."""
    site = tmp_path / "site"
    site.mkdir()
    install_plugin(site, "egregora-inline", {"inline_engine": Path(inline_engine.__file__).read_text(encoding="utf-8")})
    install_plugin(site, module.replace("_", "-"), {module: source})
    settings = '[engine]\nname = "inline"\n'
    return lake_workspace(tmp_path / "w", f"ducklake:sqlite:{tmp_path}/c.sqlite", like=like, settings=settings)
