"""What the documents say is true: the tutorial is executed, examples run, every command shown is a real one."""

import ast
import importlib
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from egregora_core.pipeline import run_pipeline
from egregora_core.plugins import App, hookspecs
from egregora_core.privacy import two_words
from egregora_core.session import Command, RunOptions
from egregora_core.settings import load_settings
from support import egregora, install_plugin

ROOT = Path(__file__).parents[2]
DOCS = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "commands.md")
PAGES = [*DOCS, *ROOT.glob("*.md"), *ROOT.glob("packages/*/README.md"), *ROOT.glob("examples/*/README.md")]
DEMO = ROOT / "packages/egregora-core/src/egregora_core/cli/demo/book_club.txt"

_NORMAL = [
    (re.compile(r"…[0-9a-f]{8}"), "…RUN"),
    (re.compile(rf"\b(?:p-[0-9a-f]{{8}}|{two_words()})\b"), "PERSON"),
    (re.compile(r"(\d{4}-\d\d-\d\d)-[0-9a-f]{8}\.md"), r"\1-THREAD.md"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"\b\d+\.\d\d\b"), "SECONDS"),
    (re.compile(r" +"), " "),  # columns are as wide as what differs
]


def blocks(page: Path, *languages: str) -> list[str]:
    """Return the fenced blocks of a page in these languages."""
    text = page.read_text(encoding="utf-8")
    return [
        body
        for language, body in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        if language in languages
    ]


def steps(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each command of a page with the output shown below it."""
    for block in blocks(page, "console", "bash"):
        if block.startswith("$ "):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                yield command, shown


def normal(text: str) -> str:
    """Return output without what differs from one workspace and one moment to the next."""
    for pattern, replacement in _NORMAL:
        text = pattern.sub(replacement, text)
    return text.strip()


# --- the tutorial -------------------------------------------------------------------------------------------------


@pytest.mark.slow  # a dozen commands
def test_the_tutorial_does_what_it_shows(tmp_path: Path) -> None:
    """Every command of the tutorial runs, in order, in an empty directory, and prints what stands below it."""
    here = tmp_path
    for command, shown in steps(ROOT / "docs/tutorial.md"):
        if command.startswith("cd "):
            here /= command.removeprefix("cd ")
            continue
        assert (command, normal(_typed(command, here))) == (command, normal(shown))


def _typed(command: str, here: Path) -> str:
    """Do what is typed at a terminal, in this process where it is a command of ours; return what it prints."""
    if command.startswith("egregora "):
        done = egregora(*shlex.split(command)[1:], cwd=here, code=0, environment={"COLUMNS": "200"})
    else:
        done = subprocess.run(
            ["bash", "-c", command],  # noqa: S607 - whatever bash there is
            cwd=here,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stderr + done.stdout


# --- commands -----------------------------------------------------------------------------------------------------


def _shown_commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for command, _ in steps(page):
            if match := re.search(r"(?:^|\s)(?:uv run )?egregora (?!-core)(.*)", command):
                found.append((str(page.relative_to(ROOT)), match[1]))
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def root() -> Any:
    """The whole command line, with the commands of the plugins in this repository as if they were not loaded late."""
    import typer
    from egregora_core import cli

    app = App()
    whole: Any = typer.main.get_command(cli._typer(app))
    for provided in app.commands:
        target = app.resolve(provided.spec.target)
        if not isinstance(target, typer.Typer):
            function, target = target, typer.Typer()
            target.command()(function)
        whole.commands[provided.spec.name] = typer.main.get_command(target)
    return whole


@pytest.mark.parametrize(("page", "arguments"), _shown_commands())
def test_commands_shown_are_real(page: str, arguments: str, root: Any) -> None:
    """Each command in a document has the subcommands, options and arguments that it is shown with."""
    from egregora_core.cli._context import take_globals

    _, words = take_globals(shlex.split(arguments))
    command = root
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    unknown = [word for word in words if word.startswith("-") and word.partition("=")[0] not in _options(command)]

    assert command is not root or words in (["--version"], ["--install-completion"]), page
    assert not unknown, page
    if command is not root:
        command.make_context(page, list(words))


def _options(command: Any) -> set[str]:
    return {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}


# Of these no block is more than it says: what they do is not ours to test.
_OTHERS = {"bash", "cd", "cp", "just", "mkdocs", "pip", "pytest", "uv"}
_CHECKED = {"bash", "console", "python", "text", "toml"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_is_of_a_kind_that_is_checked(page: Path) -> None:
    """Fenced blocks have a language that some test here reads, and shell blocks commands of ours or of known tools."""
    opened = re.findall(r"^```(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)[::2]
    assert set(opened) <= _CHECKED
    assert all(block.startswith("$ ") for block in blocks(page, "console", "bash"))
    if page.name != "tutorial.md":  # which is executed as it stands
        assert {command.split()[0] for command, _ in steps(page)} <= {*_OTHERS, "egregora", "egregora-dev"}


def _shown_tools() -> list[tuple[str, str]]:
    pattern = re.compile(r"^(?:uv run )?egregora-dev (.*)")
    shown = [
        (page.name, match[1]) for page in PAGES for command, _ in steps(page) if (match := pattern.search(command))
    ]
    return list(dict.fromkeys(shown))


@pytest.mark.parametrize(("page", "arguments"), _shown_tools())
def test_tools_shown_are_real(page: str, arguments: str) -> None:
    """Each call of `egregora-dev` in a document has a command and options that there are."""
    import typer
    from egregora_devtools.cli import app

    name, *words = shlex.split(arguments)
    command: Any = typer.main.get_command(app)
    command.commands[name].make_context(page, words)


def test_changelog_keeps_a_changelog() -> None:
    """Sections are versions with dates, newest first, and in them the six kinds of change."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", version) for version in versions[1:])
    assert set(re.findall(r"^### (.*)$", text, re.MULTILINE)) <= {
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    }


# --- Python -------------------------------------------------------------------------------------------------------


def _hook_blocks() -> dict[str, str]:
    text = (ROOT / "docs/reference/plugins.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^## `(\w+)\(.*?^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


def _specs() -> dict[str, Any]:
    return {name: each for name, each in vars(hookspecs).items() if hasattr(each, "egregora_spec")}


def test_plugin_reference_has_every_hook_as_it_is() -> None:
    """The headings of the plugin reference are the signatures in hookspecs.py, in the same order."""
    text = (ROOT / "docs/reference/plugins.md").read_text(encoding="utf-8")
    shown = re.findall(r"^## `(.+)` \{ #\w+ \}$", text, re.MULTILINE)
    annotated = [
        f"{name}({', '.join(f'{p}: {_type(q.annotation)}' for p, q in signature.parameters.items())}) -> "
        f"{_type(signature.return_annotation)}"
        for name, spec in _specs().items()
        if (signature := inspect.signature(spec))
    ]

    assert [line.replace("'", "") for line in shown] == annotated


def _type(annotation: Any) -> str:
    if annotation is None:
        return "None"
    if arguments := getattr(annotation, "__args__", None):
        return f"Sequence[{', '.join(_type(each) for each in arguments)}]"
    return annotation if isinstance(annotation, str) else str(annotation.__name__)


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The example of one hook, as the module `example`."""
    (tmp_path / "example.py").write_text(_hook_blocks()[request.param], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("example", None)
    yield importlib.import_module("example")
    sys.modules.pop("example", None)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that has the demo's chat, masked, before any plugin was there: to be copied."""
    directory = tmp_path_factory.mktemp("taken")
    app = App(discover=False, disabled=("summary", "markdown"))
    run_pipeline(Command(app, load_settings(directory, app), RunOptions("UTC")), [DEMO])
    return directory


@pytest.mark.slow  # a run of the demo for each hook
@pytest.mark.parametrize("example", sorted(_specs()), indirect=True)
def test_example_of_each_hook_runs(example: ModuleType, taken: Path, tmp_path: Path) -> None:
    """Each example loads, each string in it can be imported, and the demo runs with it."""
    app = App([example], discover=False)
    (plugin,) = (plugin for plugin in app.plugins if plugin.id == "example")
    assert plugin.status == "ok", plugin.cause
    registered: list[Any] = [*app.stages, *app.writers, *app.publishers, *app.tables, *app.settings, *app.commands]
    for provided in registered:
        for value in vars(provided.spec).values():
            if isinstance(value, str) and value.startswith("example:"):
                app.resolve(value)
    shutil.copytree(taken, tmp_path / "w")
    exports = [DEMO]
    if app.sources[-1].plugin == "example":
        exports.append(tmp_path / "reading.notes")
        exports[-1].write_text("1709579000\tAna\thello\n1709579060\tBob\tAna!\n", encoding="utf-8")

    summary = run_pipeline(Command(app, load_settings(tmp_path / "w", app), RunOptions("UTC")), exports)

    assert summary.messages == 56 + 2 * (len(exports) - 1)
    if hasattr(example, "SEEN"):
        ran = [line for line in summary.lines if line.run is not None and line.run.status != "cached"]
        assert len(example.SEEN) == len(ran) > 0


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize("page", [page for page in DOCS if blocks(page, "python")], ids=lambda page: page.name)
def test_python_in_documents_runs(
    page: Path, made_by_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python blocks of a page are executed one after the other, beside a workspace made by the demo."""
    monkeypatch.syspath_prepend(ROOT / "examples/egregora-irc")
    if re.search(r"duckdb\.connect|eg\.open", "".join(blocks(page, "python"))):
        shutil.copytree(made_by_demo, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), {"__name__": "shown"})  # noqa: S102 - what the page tells to write


@pytest.mark.parametrize("page", [*DOCS, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_settings_shown_are_real(page: Path, tmp_path: Path) -> None:
    """Each TOML block that is a piece of egregora.toml is accepted as one, without a warning."""
    for block in blocks(page, "toml"):
        if "[project]" in block or "[project.entry-points" in block:
            continue
        (tmp_path / "egregora.toml").write_text(block, encoding="utf-8")
        assert load_settings(tmp_path, App()).warnings == ()


# --- the example plugin and the site ------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with the example plugin as an installer would leave it."""
    source, site = ROOT / "examples/egregora-irc", tmp_path / "packages"
    metadata = site / "egregora_irc-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "egregora_irc.py").write_bytes((source / "egregora_irc.py").read_bytes())
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: egregora-irc\nVersion: 0.1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[egregora]\nirc = egregora_irc\n", encoding="utf-8")
    return site


@pytest.mark.slow  # a whole run
def test_example_plugin_reads_its_log(installed: Path, tmp_path: Path) -> None:
    """The source of the guide is found, recognises its log, and everything after it works without knowing it."""
    log = ROOT / "examples/egregora-irc/reading.log"

    def called(*arguments: str) -> str:
        return egregora(*arguments, cwd=tmp_path, code=0, site=installed).stdout

    assert "source irc" in called("plugins", "info", "irc")
    assert "5 messages, 1 post, 3 profiles" in called("run", str(log), "--timezone", "Europe/Lisbon")
    assert called("run", str(log)).count("stands") == 5
    pages = "".join(page.read_text(encoding="utf-8") for page in (tmp_path / "site/docs").rglob("*.md"))
    assert "Middlemarch" in pages
    assert not re.search(r"\b(marta|tom|ines)\b", pages, re.IGNORECASE)


@pytest.mark.slow  # a whole run
def test_the_guide_for_authors_makes_a_working_plugin(tmp_path: Path) -> None:
    """Its pieces, put together as it says, are a package whose commands do what the guide shows."""
    page = ROOT / "docs/how-to/write-a-source-plugin.md"
    project = next(tomllib.loads(block) for block in blocks(page, "toml") if "[project]" in block)
    (module,) = project["project"]["entry-points"]["egregora"].values()
    site = tmp_path / "site"
    install_plugin(site, project["project"]["name"], {module: "\n".join(blocks(page, "python"))}, version="0.1.0")
    (tmp_path / "reading.log").write_text(blocks(page, "text")[1], encoding="utf-8")
    commands = [shlex.split(command)[1:] for command, _ in steps(page) if command.startswith("egregora ")]

    for arguments in [*commands, commands[-1]]:
        done = egregora(*arguments, cwd=tmp_path, code=0, site=site)
    assert done.stdout.count("stands") == 5
    assert "4 messages" in done.stdout
    pages = "".join(page.read_text(encoding="utf-8") for page in (tmp_path / "try/site/docs").rglob("*.md"))
    assert "Middlemarch" in pages
    assert "marta" not in pages.lower()
    assert project["project"]["name"] == f"egregora-{next(iter(project['project']['entry-points']['egregora']))}"


@pytest.mark.slow  # a build of all pages
def test_documents_build_as_a_site(tmp_path: Path) -> None:
    """`zensical build --strict` finds no broken link."""
    pytest.importorskip("zensical", reason="the group `docs` is not installed")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "packages").symlink_to(ROOT / "packages")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "zensical", "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "build/docs").rglob("*.html"))) > len(list((ROOT / "docs").rglob("*.md")))


def test_every_page_is_in_the_menu() -> None:
    """A page that nobody finds might as well not be there."""
    listed = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    there = [str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")]
    assert sorted(listed) == sorted(there)


def test_errors_in_the_faq_are_what_the_program_says() -> None:
    """Each quoted message stands in the code, with `…` for what differs."""
    said = [text for path in sorted((ROOT / "packages").glob("*/src/**/*.py")) for text in _texts_of(path)]
    asked = re.findall(r"^### “(.+)”$", (ROOT / "docs/faq.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(asked) > 10
    for question in asked:
        pattern = re.compile(".*".join(map(re.escape, question.split("…"))), re.DOTALL)
        assert any(pattern.search(text) for text in said), question


def _texts_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.slow  # a dozen commands
def test_recipes_run(demo_workspace: Path) -> None:
    """Each query answers, on the demo."""
    commands = [shlex.split(command) for command, _ in steps(ROOT / "docs/how-to/recipes.md")]
    assert len(commands) > 10
    for command in commands:
        done = egregora(*command[1:], cwd=demo_workspace, code=0)
        assert done.stdout.strip(), command


def test_the_guide_names_all_columns_events_and_shapes() -> None:
    """A source can be written from its text alone."""
    from egregora_core.messages import DATA_SHAPES, EVENTS, KINDS
    from egregora_core.plugins import SOURCE_COLUMNS

    text = (ROOT / "docs/how-to/write-a-source-plugin.md").read_text(encoding="utf-8")
    shapes = [key for shape in DATA_SHAPES.values() for key in shape]
    assert [word for word in (*SOURCE_COLUMNS, *KINDS, *EVENTS, *shapes) if f"`{word}`" not in text] == []


def test_links_in_the_readme_lead_somewhere() -> None:
    """A relative link of a page outside of docs/ names a file of the checkout."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), target
