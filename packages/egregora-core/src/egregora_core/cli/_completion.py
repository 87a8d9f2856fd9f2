"""Completion in the user's shell: the script that asks for it, and the answers.

The shell calls `egregora` with `_EGREGORA_COMPLETE` set whenever Tab is pressed: only answers may be printed then.
"""

import os
import shlex
from collections.abc import Sequence

import typer

from egregora_core.errors import UsageError

VARIABLE = "_EGREGORA_COMPLETE"
_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
_ASKED = ("--install-completion", "--show-completion")


def is_asking() -> bool:
    """Tell whether a shell wants to know what may come next."""
    return VARIABLE in os.environ


def typed() -> list[str]:
    """Return the words of the command line so far, without the program."""
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")  # bash's, and all others'
    try:
        return shlex.split(line)[1:]
    except ValueError:  # a quotation mark is still open
        return line.split()[1:]


def offer(arguments: Sequence[str]) -> None:
    """Install or print the script for a shell, and exit, if that is what is asked for; raises UsageError."""
    option, equals, value = (arguments[0] if arguments else "").partition("=")
    if option not in _ASKED:
        return
    shell = value if equals else next(iter(arguments[1:]), "")
    shell = shell or _this_shell()
    if shell not in _SHELLS:
        named = f"{shell!r} has no completion here" if shell else "it is not clear which shell this is"
        raise UsageError(f"{named}; say {option} and one of {', '.join(_SHELLS)}")
    from typer.completion import (  # type: ignore[attr-defined]  # typer exports them, but not by its types
        get_completion_script,
        install,
    )

    if option == "--show-completion":
        typer.echo(get_completion_script(prog_name="egregora", complete_var=VARIABLE, shell=shell))
    else:
        try:
            _, path = install(shell=shell, prog_name="egregora", complete_var=VARIABLE)
        except OSError as error:
            where = error.filename or "your home directory"
            raise UsageError(f"{where}: cannot be written ({error.strerror}); use --show-completion {shell}") from error
        typer.echo(f"completion for {shell} is in {path}; it works in shells that are started from now on")
    raise SystemExit(0)


def _this_shell() -> str:
    import shellingham

    try:
        name: str = shellingham.detect_shell()[0]
    except shellingham.ShellDetectionFailure:
        name = os.environ.get("SHELL", "").rpartition("/")[2]
    return name
