"""The `egregora` command: parse, call the library, print. No logic lives here.

Nothing heavy is imported before a command needs it: `egregora --help` is a promise about start-up.
"""

import os
import sys
from typing import Annotated, NoReturn

import typer

from egregora_core.cli import config, data, pipeline, plugins, runs
from egregora_core.cli.context import STATE, Globals, Help, build_app, take_globals, tell_warnings
from egregora_core.errors import EgregoraError, PluginError, UsageError
from egregora_core.plugins import App, Provided
from egregora_core.specs import CommandSpec

_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; the only place where an error becomes an exit code."""
    found, rest = take_globals(sys.argv[1:] if arguments is None else arguments)
    STATE.globals = found
    try:
        _run(found, rest)
    except EgregoraError as error:
        _fail(error, found, str(error), error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as stop:  # typer turns these two into exit codes of its own
        if stop.code == _INTERRUPTED:
            _interrupted()
        if isinstance(stop.__context__, BrokenPipeError):
            _enough()
        raise
    except BrokenPipeError:
        _enough()
    except OSError as error:
        from egregora_core.storage_errors import of_the_disk

        _fail(error, found, str(of_the_disk(error) or _fault(error)), 1)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not end in a traceback that quotes a chat
        _fail(error, found, _fault(error), 1)


def _fault(error: Exception) -> str:
    return f"unexpected {type(error).__name__}; this is a fault in Egregora, --debug shows where"


def _run(found: Globals, rest: list[str]) -> None:
    app = _host(found, rest)
    STATE.app, STATE.told = app, 0
    tell_warnings()
    broken = len(app.warnings)
    try:
        typer.main.get_command(_typer(app)).main(args=rest, prog_name="egregora", standalone_mode=True, obj=app)
    except SystemExit as stop:
        if not stop.code and app.strict and len(app.warnings) > broken:  # a plugin failed while the command ran
            raise PluginError("\n".join(app.warnings[broken:])) from None
        raise
    finally:
        tell_warnings()


def _host(found: Globals, rest: list[str]) -> App:
    """Build the host; wrong settings do not keep anybody from reading the help."""
    try:
        return build_app(found)
    except UsageError as error:
        if not {"-h", "--help", "--version"}.intersection(rest):
            raise
        typer.echo(f"warning: {error}", err=True)
        return App(discover=False)


def _interrupted() -> NoReturn:
    typer.echo("interrupted; what was finished is kept, the same command goes on from there", err=True)
    raise SystemExit(_INTERRUPTED) from None


def _enough() -> NoReturn:
    """Leave quietly: whoever read our output has seen enough, and Python must not complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    raise SystemExit(0) from None


def _fail(error: BaseException, found: Globals, text: str, code: int) -> None:
    if found.debug:
        raise error
    typer.secho("error: ", fg="red", err=True, nl=False)
    typer.echo(text, err=True)
    raise SystemExit(code) from None


def _typer(app: App) -> typer.Typer:
    root = typer.Typer(
        name="egregora",
        help="Chat exports into one pseudonymised message table, and that table into documents, on this machine.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # Not an option to typer, which would import pydantic to read a name: `take_globals` has read it.
    root.callback(
        add_help_option=False,
        epilog="--disable NAME leaves a plugin out (repeatable). All but --version work after a command, too.",
    )(_root)
    pipeline.add_to(root)
    root.add_typer(runs.app, name="runs")
    root.add_typer(plugins.app, name="plugins")
    root.add_typer(config.app, name="config")
    data.add_to(root)
    for provided in app.commands:
        _add_plugin_command(root, app, provided)
    return root


def _version(wanted: bool) -> None:  # noqa: FBT001 - how typer calls it
    if wanted:
        plugins.print_versions()
        raise typer.Exit


def _root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the versions of core and plugins.", is_eager=True, callback=_version),
    ] = False,
    # `take_globals` has taken these out of the command line already: they stand here to be shown.
    no_plugins: Annotated[bool, typer.Option("--no-plugins", help="Load built-in plugins only.")] = False,
    strict_plugins: Annotated[bool, typer.Option("--strict-plugins", help="Make any broken plugin fatal.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. They may quote messages.")] = False,
    _help: Help = False,
) -> None:
    """Take what stands before a command."""


def _add_plugin_command(root: typer.Typer, app: App, provided: Provided[CommandSpec]) -> None:
    """Hang a plugin's command under the root; its module is imported when the command is called."""
    spec = provided.spec

    def call(context: typer.Context) -> None:
        target = app.resolve(spec.target)
        try:
            if not isinstance(target, typer.Typer):
                function, target = target, typer.Typer(add_completion=False, rich_markup_mode=None)
                target.command()(function)
            command = typer.main.get_command(target)
            command.main(args=context.args, prog_name=f"egregora {spec.name}", standalone_mode=True, obj=app)
        except (EgregoraError, BrokenPipeError):
            raise
        except Exception as error:
            from egregora_core.storage_errors import of_the_disk

            if isinstance(error, OSError) and (told := of_the_disk(error)):
                raise told from error
            owner = app.plugin(provided.plugin)
            whose = f"{owner.distribution} {owner.version}" if owner else provided.plugin
            raise PluginError(
                f"command {spec.name!r} of {whose} failed: {type(error).__name__}; that is a fault in the plugin, "
                "--debug shows where"
            ) from error

    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    root.command(spec.name, help=spec.help, context_settings=settings)(call)


__all__ = ["main"]
