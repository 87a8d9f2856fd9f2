"""The `egregora` command: parse, call the library, print. No logic lives here.

Owns words in and words out: options, tables, progress, exit codes. Promises that nothing heavy is imported before a
command needs it: `egregora --help` is a promise about start-up.
May import every room below; commands of plugins get its printers through `plugin.commands`.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from egregora_core.cli import _completion, _config, _data, _pipeline, _plugins, _runs, _showing
from egregora_core.cli._asking import somebody_to_ask
from egregora_core.cli._context import (
    GLOBAL_OPTIONS,
    HERE,
    STATE,
    Exact,
    Globals,
    Help,
    Json,
    Tenant,
    WorkspaceDir,
    build_app,
    confirm,
    print_data,
    print_json,
    reading,
    say,
    take_globals,
    tell_exposed,
    tell_warnings,
)
from egregora_core.cli._table import between_words, print_facts, print_table
from egregora_core.cli._tree import finished, with_global_options
from egregora_core.errors import EgregoraError, PluginError, UsageError
from egregora_core.interrupts import end_interrupted, watch_interrupts
from egregora_core.plain_text import plain
from egregora_core.plugins import App, CommandSpec, Provided

_INTERRUPTED = 128 + signal.SIGINT
"""How typer ends after a KeyboardInterrupt."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; the only place where an error becomes an exit code."""
    if _completion.is_asking():
        _complete()
    found, rest = take_globals(sys.argv[1:] if arguments is None else arguments)
    STATE.globals = found
    with watch_interrupts() as came:
        try:
            _run(found, rest)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it becomes an exit code
            if interrupted := _interruption(error, came()):
                end_interrupted(interrupted)
            _end(error, found)


def _interruption(error: BaseException, came: int) -> int:
    """Return the number of the signal that ended the command, 0 where it ended for another reason.

    After a signal whatever is raised is an interruption: libraries make errors of their own of it.
    """
    if isinstance(error, SystemExit) and not error.code:
        return 0
    if came:
        return came
    interrupted = isinstance(error, KeyboardInterrupt) or (isinstance(error, SystemExit) and error.code == _INTERRUPTED)
    return signal.SIGINT if interrupted else 0


def _end(error: BaseException, found: Globals) -> None:
    """Turn what ended a command into an exit code."""
    if isinstance(error, EgregoraError):
        _fail(error, found, str(error), error.exit_code)
    if isinstance(error, BrokenPipeError) or (
        isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError)
    ):
        _enough()
    if isinstance(error, OSError):
        from egregora_core.storage import of_the_disk

        if told := of_the_disk(error):
            _fail(error, found, str(told), 1)
    if not isinstance(error, Exception):  # typer's own exit codes
        raise error
    # A fault of ours must not end in a traceback that quotes a chat.
    where = f"{type(error).__name__}; this is a fault in Egregora, --debug shows where"
    _fail(error, found, f"unexpected {where}", 1)


def _run(found: Globals, rest: list[str]) -> None:
    _completion.offer(rest)
    app = _host(found, rest)
    STATE.app, STATE.told, STATE.exposed_told = app, 0, False
    tell_warnings()
    broken = len(app.warnings)
    try:
        _command(app, rest).main(args=rest, prog_name="egregora", standalone_mode=True, obj=app)
    except SystemExit as stop:
        if not stop.code and app.strict and len(app.warnings) > broken:  # a plugin failed while the command ran
            raise PluginError("\n".join(app.warnings[broken:])) from None
        raise
    finally:
        tell_warnings()


def _command(app: App, rest: list[str]) -> Any:
    """Return the whole tree of commands, without the global options, which are taken already, unless for a reader."""
    command = finished(typer.main.get_command(_typer(app)), STATE.globals.workspace, ours=True)
    if rest and not _HELP.intersection(rest):  # typer would import pydantic to read options that are never there
        command.params = [each for each in command.params if not GLOBAL_OPTIONS.intersection(each.opts)]
    return command


_HELP = {"-h", "--help"}


def _complete() -> NoReturn:
    """Answer a shell that asks what may come next; it gets nothing where that fails, and never an error to show."""
    words = _completion.typed()
    found, _ = take_globals(words)
    STATE.globals = found
    try:
        try:
            app = build_app(found)
        except EgregoraError:
            app = App(discover=False)
        root = finished(typer.main.get_command(_typer(app)), found.workspace, ours=True)
        for provided in app.commands:
            if (name := provided.spec.name) in words:
                root.commands[name] = _plugin_command(app, provided)
        root.params = list({tuple(each.opts): each for each in root.params}.values())  # typer adds two that are there
        with_global_options(root)
        root.main(args=[], prog_name="egregora", complete_var=_completion.VARIABLE)
    except Exception:  # noqa: BLE001 - what stands on the screen is the user's half a command
        raise SystemExit(1) from None
    raise SystemExit(0)


def _host(found: Globals, rest: list[str]) -> App:
    """Build the host; wrong settings do not keep anybody from reading the help."""
    try:
        return build_app(found)
    except UsageError as error:
        if not {*_HELP, "--version"}.intersection(rest):
            raise
        say(f"warning: {error}", err=True)
        return App(discover=False)


def _enough() -> NoReturn:
    """Leave quietly: whoever read our output has seen enough, and Python must not complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    raise SystemExit(0) from None


def _fail(error: BaseException, found: Globals, text: str, code: int) -> None:
    if found.debug:
        raise error
    text = plain(f"error: {text}")
    text = between_words(text) if sys.stderr.isatty() else text
    typer.echo(typer.style("error:", fg="red") + text.removeprefix("error:"), err=True)
    raise SystemExit(code) from None


def _typer(app: App) -> typer.Typer:
    root = typer.Typer(
        name="egregora",
        help="Chat exports into one pseudonymised message table, and that table into documents, on this machine.",
        no_args_is_help=True,
        add_completion=_completion.is_asking(),  # `_completion.offer` has its own two options
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    epilog = "--workspace, --disable, --no-plugins, --strict-plugins and --debug stand before or after any command."
    root.callback(add_help_option=False, epilog=epilog)(_root)
    _pipeline.add_to(root)
    root.add_typer(_runs.app, name="runs")
    root.add_typer(_plugins.app, name="plugins")
    root.add_typer(_config.app, name="config")
    _data.add_to(root)
    _showing.add_to(root)
    for provided in app.commands:
        _add_plugin_command(root, app, provided)
    return root


def _version(wanted: bool) -> None:  # noqa: FBT001 - how typer calls it
    if wanted:
        _plugins.print_versions()
        raise typer.Exit


def _root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the versions of core and plugins.", is_eager=True, callback=_version),
    ] = False,
    # `take_globals` and `_completion.offer` have taken these out of the command line: they stand here to be shown.
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", metavar="DIR", help="The workspace.", show_default="this directory"),
    ] = None,
    disable: Annotated[
        list[str] | None, typer.Option("--disable", metavar="NAME", help="Leave a plugin out (repeatable).")
    ] = None,
    no_plugins: Annotated[bool, typer.Option("--no-plugins", help="Load built-in plugins only.")] = False,
    strict_plugins: Annotated[bool, typer.Option("--strict-plugins", help="Make any broken plugin fatal.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. They may quote messages.")] = False,
    install_completion: Annotated[
        bool,
        typer.Option("--install-completion", help="Install completion for this shell, or one named: bash, zsh, fish."),
    ] = False,
    show_completion: Annotated[bool, typer.Option("--show-completion", help="Print what that would install.")] = False,
    _help: Help = False,
) -> None:
    """Take what stands before a command."""


def _add_plugin_command(root: typer.Typer, app: App, provided: Provided[CommandSpec]) -> None:
    """Hang a plugin's command under the root; its module is imported when the command is called."""
    spec = provided.spec

    def call(context: typer.Context) -> None:
        command = _plugin_command(app, provided)
        try:
            command.main(args=context.args, prog_name=f"egregora {spec.name}", standalone_mode=True, obj=app)
        except (EgregoraError, BrokenPipeError):
            raise
        except Exception as error:
            from egregora_core.storage import of_the_disk

            if isinstance(error, OSError) and (told := of_the_disk(error)):
                raise told from error
            raise _failed(app, provided, error) from error

    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    root.command(spec.name, help=spec.help, context_settings=settings)(call)


def _plugin_command(app: App, provided: Provided[CommandSpec]) -> Any:
    target = app.resolve(provided.spec.target)
    try:
        if not isinstance(target, typer.Typer):
            function, target = target, typer.Typer(add_completion=False, rich_markup_mode=None)
            target.command()(function)
        command = typer.main.get_command(target)
    except Exception as error:
        raise _failed(app, provided, error) from error
    return finished(command, STATE.globals.workspace, ours=False)


def _failed(app: App, provided: Provided[CommandSpec], error: Exception) -> PluginError:
    owner = app.plugin(provided.plugin)
    whose = f"{owner.distribution} {owner.version}" if owner else provided.plugin
    return PluginError(
        f"command {provided.spec.name!r} of {whose} failed: {type(error).__name__}; that is a fault in the plugin, "
        "--debug shows where"
    )


__all__ = [
    "HERE",
    "Exact",
    "Json",
    "Tenant",
    "WorkspaceDir",
    "confirm",
    "main",
    "print_data",
    "print_facts",
    "print_json",
    "print_table",
    "reading",
    "say",
    "somebody_to_ask",
    "tell_exposed",
]
