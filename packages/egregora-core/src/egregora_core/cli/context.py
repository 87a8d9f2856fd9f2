"""What every command shares: the global options, the plugin host, and how results are printed."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from egregora_core.early import Early, read_early
from egregora_core.errors import LockedError, UsageError
from egregora_core.plugins import App
from egregora_core.workspace import Workspace

if TYPE_CHECKING:
    from egregora_core.database import Database
    from egregora_core.settings import LoadedSettings

WorkspaceDir = Annotated[
    Path, typer.Option("--workspace", "-w", metavar="DIR", help="The workspace.", show_default="this directory")
]
Tenant = Annotated[
    str | None, typer.Option("--tenant", metavar="NAME", help="Whose data, where a workspace holds several.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def _help(context: typer.Context, wanted: bool) -> None:  # noqa: FBT001 - how typer calls it
    if wanted:
        typer.echo(context.get_help())
        raise typer.Exit


Help = Annotated[bool, typer.Option("--help", "-h", help="Show this message and exit.", is_eager=True, callback=_help)]
"""For commands with `add_help_option=False`: typer's own option imports pydantic to find that nobody asked for help."""

HERE = Path()
_MEASURED = 1000
_COMMANDS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that a terminal obeys instead of showing them, and those that turn the direction of what follows."""
_NARROW = re.compile("[ -\u02ff\u2010-\u2027\u2190-\u21ff\u23ce]*")
"""What takes one cell each, beyond doubt: Latin letters, punctuation, arrows. For the rest rich is imported."""

_FLAGS = {"--no-plugins": "no_plugins", "--strict-plugins": "strict", "--debug": "debug"}


@dataclass
class Globals:
    """Options that work before and after the command."""

    no_plugins: bool = False
    strict: bool = False
    debug: bool = False
    disable: list[str] = field(default_factory=list)
    workspace: Path = HERE


@dataclass
class _State:
    """Set once by `main`: the options and the host of this process."""

    globals: Globals = field(default_factory=Globals)
    app: App | None = None
    told: int = 0
    """How many of the host's warnings were printed."""


STATE = _State()


def take_globals(arguments: Sequence[str]) -> tuple[Globals, list[str]]:
    """Take the global options out of a command line, wherever they stand before `--`; note the workspace."""
    found = Globals()
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if argument == "--":
            return found, [*rest, argument, *waiting]
        if argument in _FLAGS:
            setattr(found, _FLAGS[argument], True)
        elif name == "--disable":
            found.disable.append(value if equals else next(waiting, ""))
        else:
            rest.append(argument)
            if name == "--workspace" and equals:
                found.workspace = Path(value)
            elif argument.startswith("-w") and argument != "-w":
                found.workspace = Path(argument.removeprefix("-w"))
            elif argument in {"--workspace", "-w"} and (following := next(waiting, None)) is not None:
                rest.append(following)
                found.workspace = Path(following)
    return found, rest


def build_app(found: Globals) -> App:
    """Build the host as the options, the environment and the workspace's `[plugins]` say."""
    early = read_early(found.workspace)
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
        typer.echo(f"warning: {warning}", err=True)
    STATE.told = len(warnings)


def settings_for(workspace: Path, overrides: Mapping[str, Any]) -> "LoadedSettings":
    """Load all settings, warn of ignored sections and broken ones, and check the required plugins."""
    from egregora_core.settings import load_settings

    settings = load_settings(workspace, host(), overrides)
    tell_warnings()
    for warning in settings.warnings:
        typer.echo(f"warning: {warning}", err=True)
    host().require(settings.plugins.required)
    return settings


@contextmanager
def reading(
    workspace: Path, tenant: str | None = None, *, patience: float | None = None
) -> "Iterator[tuple[Database, str]]":
    """Open a workspace's database read-only; where a process is at work in it, say at once how far that is."""
    early: Early = read_early(workspace)
    from egregora_core.database import open_database

    timeout = early.lock_timeout if patience is None else min(patience, early.lock_timeout)
    try:
        database = open_database(early.database, read_only=True, lock_timeout=0)
    except LockedError:
        if progress := Workspace(workspace).progress():
            total = f" of {progress['total']:,}" if progress.get("total") else ""
            typer.echo(
                f"process {progress['pid']} is at work: {progress['step']}, {progress['done']:,}{total}", err=True
            )
        database = open_database(early.database, read_only=True, lock_timeout=timeout)
    with database:
        if not Workspace(workspace).is_at_work():
            database.show_who_is_gone()
        yield database, tenant or early.tenant


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str = "nothing yet") -> None:
    """Print columns, aligned as the first thousand rows need it; `empty` where there is no row."""
    cells = (["" if value is None else _one_line(value) for value in row] for row in rows)
    first = list(islice(cells, _MEASURED))
    if not first:
        typer.echo(empty)
        return
    widths = [max(map(_width, column)) for column in zip(headings, *first, strict=True)]
    for line in chain([headings], first, cells):
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())


def _one_line(value: Any) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text if text.isprintable() else _COMMANDS.sub("", text.replace("\n", "⏎").replace("\t", " "))


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone; raises UsageError where there is nobody to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone; say --yes to go on without being asked")
    typer.confirm(question, abort=True)
