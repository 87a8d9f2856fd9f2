"""What is true of every command, core's and plugins' alike: its global options, and how it is summed up in a list.

Commands are taken as they are, whichever library made them: only names that all of them share are used.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from egregora_core.cli._context import GLOBAL_OPTIONS
from egregora_core.errors import PluginError

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")


def finished(command: Any, workspace: Path | None, *, ours: bool) -> Any:
    """Return a command after everything below it got its summary and the workspace that the command line names.

    Raises PluginError where one that is not `ours` has an option that it would never be given.
    """
    for each in _all(command):
        each.context_settings = {"help_option_names": ["-h", "--help"], **each.context_settings}
        each.make_context = _in_plain_words(each.make_context)
        each.short_help = _first_sentence(each.help or "")
        for parameter in each.params:
            taken = GLOBAL_OPTIONS.intersection(parameter.opts)
            if "--workspace" in taken:
                if workspace is not None:
                    parameter.default, parameter.required = str(workspace), False
            elif taken and not ours:
                names = ", ".join(sorted(taken))
                raise PluginError(f"command {each.name!r} has an option {names}, which is Egregora's own; rename it")
    return command


def _in_plain_words(make_context: Callable[..., Any]) -> Callable[..., Any]:
    """Take out of what is said of a wrong value how the library behind typer calls that."""

    def made(*arguments: Any, **named: Any) -> Any:
        try:
            return make_context(*arguments, **named)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise

    return made


def with_global_options(command: Any) -> None:
    """Let everything below a command have its global options, too: whoever asks for completion is shown them."""
    shared = [parameter for parameter in command.params if GLOBAL_OPTIONS.intersection(parameter.opts)]
    for each in _all(command):
        own = {name for parameter in each.params for name in parameter.opts}
        each.params = [*each.params, *(parameter for parameter in shared if not own.intersection(parameter.opts))]


def _all(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _all(below)


def _first_sentence(text: str) -> str:
    """Return the first sentence of a help text, on one line."""
    line = " ".join(text.partition("\n\n")[0].split())
    sentence = _SENTENCE_END.split(line, maxsplit=1)[0]
    return sentence if not sentence or sentence.endswith((".", "!", "?")) else f"{sentence}."
