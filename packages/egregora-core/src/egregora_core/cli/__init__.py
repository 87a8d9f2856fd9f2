"""The `egregora` command: parse, call the library, print. No logic lives here.

Nothing heavy is imported before a command needs it: `egregora --help` is a promise about start-up.
"""

import os
import sys
from typing import Annotated

import typer

from egregora_core.cli import config, data, pipeline, plugins, runs
from egregora_core.cli.context import STATE, Globals, build_app, take_globals
from egregora_core.errors import EgregoraError
from egregora_core.plugins import App
from egregora_core.specs import CommandSpec


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; the only place where an error becomes an exit code."""
    found, rest = take_globals(sys.argv[1:] if arguments is None else arguments)
    STATE.globals = found
    try:
        _run(found, rest)
    except EgregoraError as error:
        _fail(error, found, str(error), error.exit_code)
    except KeyboardInterrupt:
        typer.echo("interrupted; what was finished is kept, the same command goes on from there", err=True)
        raise SystemExit(130) from None
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as error:  # noqa: BLE001 - a fault of ours must not end in a traceback that quotes a chat
        where = f"{type(error).__name__}; this is a fault in Egregora, --debug shows where"
        _fail(error, found, f"unexpected {where}", 1)


def _run(found: Globals, rest: list[str]) -> None:
    app = build_app(found)
    STATE.app = app
    for warning in app.warnings:
        typer.echo(f"warning: {warning}", err=True)
    command = typer.main.get_command(_typer(app))
    code = command.main(args=rest, prog_name="egregora", standalone_mode=True)
    if code:
        raise SystemExit(code)


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
    root.callback()(_root)
    pipeline.add_to(root)
    root.add_typer(runs.app, name="runs")
    root.add_typer(plugins.app, name="plugins")
    root.add_typer(config.app, name="config")
    data.add_to(root)
    for provided in app.commands:
        _add_plugin_command(root, app, provided.spec)
    return root


def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the versions of core and plugins.", is_eager=True)
    ] = False,
    # `take_globals` has taken these out of the command line already: they stand here to be shown.
    no_plugins: Annotated[bool, typer.Option("--no-plugins", help="Load built-in plugins only.")] = False,  # noqa: ARG001 - shown
    disable: Annotated[  # noqa: ARG001 - shown
        list[str] | None, typer.Option("--disable", metavar="NAME", help="Do not load this plugin (repeatable).")
    ] = None,
    strict_plugins: Annotated[bool, typer.Option("--strict-plugins", help="Make any broken plugin fatal.")] = False,  # noqa: ARG001 - shown
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. They may quote messages.")] = False,  # noqa: ARG001 - shown
) -> None:
    """Handle what stands before a command. The options other than --version work after it, too."""
    if version:
        plugins.print_versions()
        raise typer.Exit


def _add_plugin_command(root: typer.Typer, app: App, spec: CommandSpec) -> None:
    """Hang a plugin's command under the root; its module is imported when the command is called."""

    def call(context: typer.Context) -> None:
        target = app.resolve(spec.target)
        if not isinstance(target, typer.Typer):
            function, target = target, typer.Typer(add_completion=False, rich_markup_mode=None)
            target.command()(function)
        command = typer.main.get_command(target)
        command.main(args=context.args, prog_name=f"egregora {spec.name}", standalone_mode=True)

    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    root.command(spec.name, help=spec.help, context_settings=settings)(call)


__all__ = ["main"]
