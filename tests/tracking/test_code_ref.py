"""What a stage computes: twelve edits for an expression, twelve for plain Python; exactly those that matter show."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pytest
from egregora_core.errors import StageError
from egregora_core.tracking import expression_code_ref, python_code_ref
from ibis.backends.duckdb import Backend

STAGE = {
    "stage": """
        import ibis
        from ibis import _
        from helpers import suffix

        LIMIT = 3
        SPARE = {"one": 1, "two": 2, "three": 3}

        def cut(column):
            return column.substr(0, LIMIT)

        def stage(data):
            # a comment
            short = cut(data.text)
            return data.filter(data.kind.isin({"a", "bb", "ccc", "dddd"})).mutate(
                text=short + suffix(), **SPARE
            ).drop(*SPARE)
    """,
    "helpers": """
        def suffix():
            return "!"
    """,
}
RUN = """
import duckdb
from egregora_core.tracking._code_ref import expression_code_ref
from ibis.backends.duckdb import Backend
from stage import stage
connection = duckdb.connect()
connection.execute("CREATE TABLE m (text VARCHAR, n BIGINT, sent TIMESTAMP, kind VARCHAR)")
print(expression_code_ref(stage(Backend.from_connection(connection).table("m")), where="here"))
"""

PLAIN = {
    "pack/__init__": "",
    "pack/writer": '''
        """Module docstring."""
        import json
        from pack import tools
        import pack.deep.helpers
        from .names import spell as spell_name

        GREETING = "hello"

        def write(unit, *, size=3):
            """What it does."""
            # a comment
            from pack.lazy import late
            return [greet(unit), tools.shape(unit), pack.deep.helpers.trim(unit), spell_name(unit), late(unit), size]

        def greet(unit):
            return GREETING + unit

        def unrelated():
            return json.dumps(1)
    ''',
    "pack/tools": """
        def shape(unit):
            return inner(unit)

        def inner(unit):
            return unit

        def unused(unit):
            return unit
    """,
    "pack/deep/__init__": "",
    "pack/deep/helpers": "def trim(unit):\n    return unit.strip()\n",
    "pack/names": "def spell(unit):\n    return unit.title()\n",
    "pack/lazy": "def late(unit):\n    return unit[::-1]\n",
}


def _write(folder: Path, modules: dict[str, str]) -> None:
    for name, source in modules.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")


def _edited(modules: dict[str, str], module: str, old: str, new: str) -> dict[str, str]:
    assert modules[module].count(old) >= 1, (module, old)
    return {**modules, module: modules[module].replace(old, new, 1)}


CONNECTION = duckdb.connect()
CONNECTION.execute("CREATE TABLE m (text VARCHAR, n BIGINT, sent TIMESTAMP, kind VARCHAR)")
TABLE = Backend.from_connection(CONNECTION).table("m")


# --- expressions --------------------------------------------------------------------------------------------------


def _in_process(folder: Path, modules: dict[str, str], seed: str = "0") -> str:
    """Return the code_ref that a fresh process finds, as the next run would."""
    _write(folder, modules)
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", RUN], env=environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.slow  # a process each
@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("stage", "# a comment", "# another comment\n\n            # and more"),
        ("stage", "LIMIT = 3", "LIMIT = 2 + 1; UNUSED = 5"),
    ],
    ids=["comment", "constant spelled otherwise"],
)
def test_what_computes_the_same_has_the_same_hash_in_another_process(
    tmp_path: Path, module: str, old: str, new: str
) -> None:
    """Comments, blank lines and the order of a set (another hash seed) are not what a stage computes."""
    before = _in_process(tmp_path / "a", STAGE, seed="1")
    assert _in_process(tmp_path / "b", _edited(STAGE, module, old, new), seed="4") == before


def _stage_expression(modules: dict[str, str]) -> ibis.Table:
    """Return the expression that the modules' stage makes, without importing them."""
    scope: dict[str, object] = {}
    for name in ("helpers", "stage"):
        source = textwrap.dedent(modules[name]).replace("from helpers import suffix", "")
        exec(source, scope)  # noqa: S102 - the sources are those above
    stage = scope["stage"]
    assert callable(stage)
    return stage(TABLE)


@pytest.mark.parametrize(
    ("module", "old", "new", "matters"),
    [
        ("stage", "# a comment", "# another", False),
        ("stage", "def stage(data):", 'def stage(data):\n            """Documented."""', False),
        ("stage", "short = cut(data.text)", "shorter = short = cut(data.text)", False),
        ("stage", '{"a", "bb", "ccc", "dddd"}', '["dddd", "ccc", "bb", "a"]', False),
        ("stage", "LIMIT = 3", "LIMIT = 3; OTHER = 4", False),
        ("stage", "short + suffix()", "short.upper() + suffix()", True),
        ("stage", "column.substr(0, LIMIT)", "column.substr(1, LIMIT)", True),
        ("stage", "LIMIT = 3", "LIMIT = 4", True),
        ("stage", '"dddd"', '"eeee"', True),
        ("stage", "text=short", "body=short", True),
        ("helpers", '"!"', '"?"', True),
        ("stage", "data.filter(", "data.distinct().filter(", True),
    ],
)
def test_twelve_edits_of_an_expression(
    module: str,
    old: str,
    new: str,
    matters: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """The SQL tells: a helper, a constant or another module show; a comment or a local name do not."""
    before = expression_code_ref(_stage_expression(STAGE), where="here")
    after = expression_code_ref(_stage_expression(_edited(STAGE, module, old, new)), where="here")
    assert (before != after) is matters


def test_what_the_database_is_called_does_not_count(tmp_path: Path) -> None:
    """The same stage has the same hash in a file of any name, in memory and in a lake."""
    found = set()
    for name in (":memory:", str(tmp_path / "one.duckdb"), str(tmp_path / "another.duckdb")):
        connection = duckdb.connect(name)
        connection.execute("CREATE TABLE m (text VARCHAR)")
        found.add(expression_code_ref(Backend.from_connection(connection).table("m"), where="here"))
    assert len(found) == 1


def test_a_memtable_is_its_content_not_its_random_name() -> None:
    """Made anew, it is the same; with another value, another type or in another place, it is not."""

    def joined(*tables: list[dict[str, object]]) -> str:
        expression = TABLE
        for n, rows in enumerate(tables):
            expression = expression.join(ibis.memtable(pa.Table.from_pylist(rows)), "n", rname=f"{{name}}_{n}")
        return expression_code_ref(expression, where="here")

    one, two = [{"n": 1, "v": "x"}], [{"n": 1, "v": "y"}]
    assert joined(one, two) == joined(one, two)
    assert len({joined(one), joined(two), joined([{"n": 1, "v": 1}]), joined(one, two), joined(two, one)}) == 5


SUFFIX = "!"
KINDS = frozenset({"alpha", "beta", "gamma"})


def _mark(text: str) -> str:
    return text + SUFFIX


def test_a_udfs_source_and_what_it_uses_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQL shows only its name: its own code, a helper's, a constant and a value that it closes over are added."""

    def made(factor: int) -> str:
        def source(text: str) -> str:
            return "".join(_mark(part) for part in text if part not in KINDS) * factor

        marked = ibis.udf.scalar.python(source, name="marked")
        return expression_code_ref(TABLE.mutate(text=marked(TABLE.text)), where="here")

    before = made(2)
    assert made(2) == before
    assert made(3) != before
    monkeypatch.setitem(globals(), "SUFFIX", "?")
    assert made(2) != before

    def source(text: str) -> str:
        return "".join(_mark(part) for part in text if part in KINDS)

    other = ibis.udf.scalar.python(source, name="marked")
    assert expression_code_ref(TABLE.mutate(text=other(TABLE.text)), where="here") != before


def test_a_builtin_function_is_known_by_its_name() -> None:
    """A declaration of an engine's own function has no body to hash."""

    def made(name: str) -> str:
        def source(text: str) -> str:
            raise NotImplementedError

        declared = ibis.udf.scalar.builtin(source, name=name)
        return expression_code_ref(TABLE.mutate(text=declared(TABLE.text)), where="here")

    assert made("reverse") == made("reverse")
    assert made("reverse") != made("upper")


@pytest.mark.parametrize(
    "expression",
    [
        TABLE.mutate(sent=ibis.now()),
        TABLE.mutate(sent=ibis.today().cast("timestamp")),
        TABLE.mutate(r=ibis.random()),
        TABLE.mutate(u=ibis.uuid()),
        TABLE.filter(TABLE.sent < ibis.now()),
        TABLE.sample(0.5),
    ],
    ids=["now", "today", "random", "uuid", "in a filter", "sample"],
)
def test_a_volatile_expression_is_refused(expression: ibis.Table) -> None:
    """A result that is another each time can never stand; the error says where and what to do."""
    with pytest.raises(StageError, match=r"a/stage\.py:3: .* gives another result each time.*setting"):
        expression_code_ref(expression, where="a/stage.py:3")


def test_a_seeded_sample_is_no_chance() -> None:
    """It gives the same rows each time."""
    expression_code_ref(TABLE.sample(0.5, method="block", seed=1), where="here")


# --- plain Python -------------------------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> tuple[Path, str]:
    """A folder on the path, and a name for a package in it that no other test has used."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path, f"pack{abs(hash(request.node.name))}"


def _reference(package: tuple[Path, str], modules: dict[str, str], version: str = "1") -> str:
    folder, name = package
    _write(folder, {key.replace("pack", name): source.replace("pack", name) for key, source in modules.items()})
    for path in folder.rglob("*.py"):  # a file system's clock may be slower than a test
        os.utime(path, ns=(0, abs(hash(path.read_text(encoding="utf-8")))))
    return python_code_ref(f"{name}.writer:write", version)


@pytest.mark.parametrize(
    ("module", "old", "new", "matters"),
    [
        ("pack/writer", "# a comment", "# another comment", False),
        ("pack/writer", "What it does.", "What else it does.", False),
        ("pack/writer", "Module docstring.", "Another one.", False),
        ("pack/writer", "def greet(unit):", "\n\n\ndef greet(unit):", False),
        ("pack/writer", "json.dumps(1)", "json.dumps(2)", False),
        (
            "pack/tools",
            "def unused(unit):\n            return unit",
            "def unused(unit):\n            return None",
            False,
        ),
        ("pack/writer", "return [greet(unit), ", "return [greet(unit), unit, ", True),
        ("pack/writer", "GREETING + unit", "unit + GREETING", True),
        ("pack/writer", '"hello"', '"hi"', True),
        ("pack/writer", "size=3", "size=4", True),
        ("pack/tools", "def inner(unit):\n            return unit", "def inner(unit):\n            return None", True),
        ("pack/deep/helpers", "strip", "lstrip", True),
        ("pack/names", "title", "upper", True),
        ("pack/lazy", "[::-1]", "[::-2]", True),
    ],
    ids=lambda value: str(value)[:25],
)
def test_edits_of_plain_python(
    package: tuple[Path, str],
    module: str,
    old: str,
    new: str,
    matters: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """Body, helpers wherever they are in the package, constants, defaults: yes. Comments and what is not used: no."""
    modules = {name: textwrap.dedent(source) for name, source in PLAIN.items()}
    before = _reference(package, modules)
    assert _reference(package, modules) == before
    edited = _edited(
        modules,
        module,
        textwrap.dedent(old).replace("\n            ", "\n    "),
        new.replace("\n            ", "\n    "),
    )
    assert (_reference(package, edited) != before) is matters


def test_the_declared_version_counts(package: tuple[Path, str]) -> None:
    """An author may say that it is another computation, whatever the source says."""
    assert _reference(package, PLAIN, "1") != _reference(package, PLAIN, "2")


def test_a_data_file_that_a_module_names_counts(package: tuple[Path, str]) -> None:
    """Words that stand in a file beside the code are as much what it computes as words in it."""
    modules = {"pack/__init__": "", "pack/writer": 'def write(unit):\n    return load("words.toml")'}
    without = _reference(package, modules)
    words = package[0] / package[1] / "words.toml"
    found = set()
    for text in ('a = "b"', 'a = "c"'):
        words.write_text(text, encoding="utf-8")
        (words.parent / "others.toml").write_text(text, encoding="utf-8")
        found.add(_reference(package, modules))
    words.write_text('a = "b"', encoding="utf-8")

    assert len({without, *found}) == 3
    assert _reference(package, modules) in found  # whatever stands in a file that is not named


def test_a_definition_in_an_except_branch_counts(package: tuple[Path, str]) -> None:
    """The fallback of an optional import is as much the code as the import."""
    source = """
        try:
            import no_such_module as fast
        except ImportError:
            fast = None

        def write(unit):
            return fast
    """
    before = _reference(package, {"pack/__init__": "", "pack/writer": source})
    assert _reference(package, {"pack/writer": source.replace("fast = None", "fast = 1")}) != before


def test_a_module_without_a_package_may_use_its_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin may be one file beside another."""
    monkeypatch.syspath_prepend(str(tmp_path))
    _write(tmp_path, {"lone_writer": "from lone_helper import f\n\ndef write(unit):\n    return f(unit)\n"})
    _write(tmp_path, {"lone_helper": "def f(unit):\n    return 1\n"})
    before = python_code_ref("lone_writer:write")
    _write(tmp_path, {"lone_helper": "def f(unit):\n    return 2\n"})
    os.utime(tmp_path / "lone_helper.py", ns=(0, 1))
    assert python_code_ref("lone_writer:write") != before


def test_nothing_is_imported() -> None:
    """The source is read as text: an unchanged run must stay light."""
    code = (
        "import sys, egregora_core.tracking._code_ref as c; before = set(sys.modules); "
        "c.python_code_ref('egregora_core.pipeline.six_steps:run_pipeline'); print(sorted(set(sys.modules) - before))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
