"""What every command shares: the global options, the plugin host, and how results are printed."""

import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from egregora_core.cli._table import between_words
from egregora_core.errors import LockedError, UsageError
from egregora_core.plain_text import plain, plain_json
from egregora_core.plugins import App
from egregora_core.workspace import Early, Place, Workspace, read_early

if TYPE_CHECKING:
    from egregora_core.settings import LoadedSettings
    from egregora_core.storage import Database

WorkspaceDir = Annotated[
    Path, typer.Option("--workspace", "-w", metavar="DIR", help="The workspace.", show_default="this directory")
]
Tenant = Annotated[
    str | None, typer.Option("--tenant", metavar="NAME", help="Whose data, where a workspace holds several.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Exact = Annotated[
    bool,
    typer.Option(
        "--exact/--harmless",
        help="CSV: leave cells that a spreadsheet would run as they are, or put ' before them.",
        show_default="--harmless",
    ),
]


def _help(context: typer.Context, wanted: bool) -> None:  # noqa: FBT001 - how typer calls it
    if wanted:
        typer.echo(context.get_help())
        raise typer.Exit


Help = Annotated[bool, typer.Option("--help", "-h", help="Show this message and exit.", is_eager=True, callback=_help)]
"""For commands with `add_help_option=False`: typer's own option imports pydantic to find that nobody asked for help."""

HERE = Path()
_FLAGS = {"--no-plugins": "no_plugins", "--strict-plugins": "strict", "--debug": "debug"}
GLOBAL_OPTIONS = frozenset({*_FLAGS, "--disable", "--workspace", "-w"})
"""What is taken out of every command line before a command sees it."""


@dataclass
class Globals:
    """Options that work before and after the command."""

    no_plugins: bool = False
    strict: bool = False
    debug: bool = False
    disable: list[str] = field(default_factory=list)
    workspace: Path | None = None
    without_value: str | None = None
    """An option that lacks what must follow it."""


@dataclass
class _State:
    """Set once by `main`: the options and the host of this process."""

    globals: Globals = field(default_factory=Globals)
    app: App | None = None
    told: int = 0
    """How many of the host's warnings were printed."""
    exposed_told: bool = False


STATE = _State()


def take_globals(arguments: Sequence[str]) -> tuple[Globals, list[str]]:
    """Take the global options out of a command line, wherever they stand before `--`."""
    found = Globals()
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if argument == "--":
            return found, [*rest, argument, *waiting]
        if argument.startswith("-w") and argument != "-w":
            name, equals, value = "-w", "=", argument.removeprefix("-w")
        if argument in _FLAGS:
            setattr(found, _FLAGS[argument], True)
        elif name not in GLOBAL_OPTIONS or name in _FLAGS:
            rest.append(argument)
        elif not (value := value if equals else next(waiting, "")):
            found.without_value = name
        elif name == "--disable":
            found.disable.append(value)
        else:
            found.workspace = Path(value)
    return found, rest


def build_app(found: Globals) -> App:
    """Build the host as the options, the environment and the workspace's `[plugins]` say."""
    if found.without_value is not None:
        wanted = "the NAME of a plugin" if found.without_value == "--disable" else "a directory, DIR"
        raise UsageError(f"{found.without_value} lacks its value: {wanted}")
    early = read_early(found.workspace or HERE)
    return App(
        disabled={**early.disabled, **dict.fromkeys(found.disable, "--disable")},
        only_built_in=found.no_plugins,
        strict=found.strict or early.strict,
    )


def host() -> App:
    """Return the host that `main` built."""
    if STATE.app is None:
        STATE.app = build_app(STATE.globals)
    return STATE.app


def tell_warnings() -> None:
    """Print what the host has to warn of and has not said yet."""
    warnings = host().warnings
    for warning in warnings[STATE.told :]:
        say(f"warning: {warning}", err=True)
    STATE.told = len(warnings)


def tell_exposed(workspace: Path, database: Place) -> None:
    """Say, once, that other users of this machine may read what tells who is who."""
    for path in Workspace(workspace).exposed(database) if not STATE.exposed_told else ():
        STATE.exposed_told = True
        why = "with it published ids can be traced to names" if path.suffix == ".key" else "it holds names and messages"
        say(f"warning: {path} may be read by others: {why}; `chmod go= {shlex.quote(str(path))}`", err=True)


def settings_for(workspace: Path, overrides: Mapping[str, Any]) -> "LoadedSettings":
    """Load all settings, warn of ignored sections and broken ones, and check the required plugins."""
    from egregora_core.settings import load_settings

    settings = load_settings(workspace, host(), overrides)
    tell_warnings()
    for warning in settings.warnings:
        say(f"warning: {warning}", err=True)
    host().require(settings.plugins.required)
    tell_exposed(workspace, settings.database_path)
    return settings


@contextmanager
def reading(
    workspace: Path, tenant: str | None = None, *, patience: float | None = None
) -> "Iterator[tuple[Database, str]]":
    """Open a workspace's database read-only; where a process is at work in it, say at once how far that is."""
    early: Early = read_early(workspace)
    tell_exposed(workspace, early.database)
    from egregora_core.session import open_database
    from egregora_core.storage import at_work
    from egregora_core.tracking import RunStore

    timeout = early.lock_timeout if patience is None else min(patience, early.lock_timeout)
    try:
        database = open_database(early.database, read_only=True, lock_timeout=0)
    except LockedError:
        if progress := Workspace(workspace).progress():
            total = progress.get("total")
            share = f", {100 * progress['done'] // total} %" if total else ""
            say(f"process {progress['pid']} is at work: {progress['doing']}{share}", err=True)
        database = open_database(early.database, read_only=True, lock_timeout=timeout)
    with database:
        if database.is_lake:
            RunStore(database.connection).show_who_is_gone(at_work(database))
        elif not Workspace(workspace).is_at_work():
            RunStore(database.connection).show_who_is_gone()
        yield database, tenant or early.tenant


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a line for people, without what a terminal would obey: it may hold what others wrote.

    It is broken between words where a terminal would break it inside one.
    """
    text = plain(text)
    seen = (sys.stderr if err else sys.stdout).isatty()
    typer.echo(between_words(text) if seen else text, err=err, nl=nl)


def print_data(text: str) -> None:
    """Print data for programs as they are; to a terminal, where people look at them, without what it would obey."""
    sys.stdout.write(plain(text) if sys.stdout.isatty() else text)  # typer takes escape sequences out of a pipe


def tell_formulas(number: int) -> None:
    """Say how many cells of a CSV were made harmless."""
    if number:
        cells = "1 cell begins" if number == 1 else f"{number:,} cells begin"
        say(f"note: {cells} as a formula does and got a ' in front; --exact leaves it out", err=True)


def print_json(value: Any) -> None:
    """Print JSON for programs; what a terminal would obey is escaped, so that it says the same."""
    typer.echo(plain_json(json.dumps(value, ensure_ascii=False, indent=2, default=str)))


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is removed for good; raises UsageError where there is nobody to ask, Exit after a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone; say --yes to go on without being asked")
    from egregora_core.interrupts import when_interrupted

    when_interrupted("nothing was removed")
    say(f"{question} [y/N] ", err=True, nl=False)
    try:
        answer = sys.stdin.readline()  # not typer's prompt, which turns Ctrl-C into an error of its own
    except KeyboardInterrupt:
        typer.echo(err=True)
        raise
    if answer.strip().lower() not in {"y", "yes"}:
        typer.echo("nothing was removed" if answer else "\nnothing was removed", err=True)
        raise typer.Exit(1)
