"""The reference page of commands: the help text of each, as the command itself prints it."""

import os
from collections.abc import Collection, Iterator
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from egregora_core.cli import main

from egregora_devtools.members import host_of, strangers
from egregora_devtools.pages import NOTE

Command = tuple[str, ...]


def commands_page(checkout: Path) -> str:
    """Return the page: core's commands, then those of each plugin of the checkout."""
    others = [word for name in strangers(checkout) for word in ("--disable", name)]
    app = host_of(checkout)
    theirs = {provided.spec.name: provided.plugin for provided in app.commands}
    parts = ["# Commands", "", NOTE, ""]
    for command in _commands((), others, leave_out=set(theirs)):
        parts += _entry(command, others)
    for name, plugin_id in theirs.items():
        plugin = next(plugin for plugin in app.plugins if plugin.id == plugin_id)
        if plugin.status == "ok":
            for command in _commands((name,), others):
                parts += _entry(command, others, f"With `{plugin.distribution}` installed.")
    return "\n".join(parts)


def _entry(command: Command, others: list[str], note: str = "") -> list[str]:
    heading = [f"## {' '.join(('egregora', *command))}", "", *([note, ""] if note else [])]
    return [*heading, "```text", _help(command, tuple(others)).rstrip(), "```", ""]


def _commands(prefix: Command, others: list[str], leave_out: Collection[str] = ()) -> Iterator[Command]:
    """Yield `prefix` and every command below it, in the order of its help."""
    yield prefix
    listed = _help(prefix, tuple(others)).partition("\nCommands:\n")[2].partition("\n\n")[0]
    for line in listed.splitlines():
        if line.startswith("  ") and not line.startswith("   "):
            name = line.split()[0]
            if name not in leave_out:
                yield from _commands((*prefix, name), others)


@cache
def _help(command: Command, options: Command) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("EGREGORA_")}
    plain = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
    shown = StringIO()
    with patch.dict(os.environ, environment | plain, clear=True), redirect_stdout(shown):
        try:
            main([*options, *command, "--help"])
        except SystemExit as stop:
            if stop.code:
                raise
    return "\n".join(line.rstrip() for line in shown.getvalue().splitlines())
