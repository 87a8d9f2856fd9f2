"""The `egregora-dev` command: parse, call, print. It works on the checkout, or the directory, that it is called in."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="egregora-dev",
    help="Tools for contributors to Egregora and authors of its plugins.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Check = Annotated[bool, typer.Option("--check", help="Write nothing; print what differs and fail if anything does.")]
Checkout = Annotated[Path, typer.Option("--checkout", help="Where the repository is.", file_okay=False, exists=True)]


class Kind(StrEnum):
    """What a plugin provides."""

    SOURCE = "source"
    STAGE = "stage"
    WRITER = "writer"
    PUBLISHER = "publisher"


@app.command()
def generate(*, check: Check = False, checkout: Checkout = Path()) -> None:
    """Write every file that derives from code: schema/ and pages of docs/."""
    from egregora_devtools.generated import everything

    _write(everything(checkout), checkout, "generate", check=check)


@app.command()
def generate_ir_schema(*, check: Check = False, checkout: Checkout = Path()) -> None:
    """Write what derives from IR_MESSAGE_SCHEMA: schema/ir_v1.sql and .json, docs/architecture/ir-v1-spec.md."""
    from egregora_devtools.generated import ir_schema

    _write(ir_schema(), checkout, "generate-ir-schema", check=check)


def _write(files: dict[str, str], checkout: Path, command: str, *, check: bool) -> None:
    from egregora_devtools.generated import differences, write

    if not check:
        for name in write(files, checkout):
            typer.echo(f"wrote {name}")
        return
    stale = differences(files, checkout)
    for lines in stale.values():
        typer.echo(lines)
    if stale:
        typer.echo(f"error: {', '.join(stale)}: not what the code says; run `egregora-dev {command}`", err=True)
        raise typer.Exit(1)


@app.command()
def new_plugin(
    name: Annotated[str, typer.Argument(help="Its short name: NAME makes the package egregora-NAME.")],
    kind: Annotated[Kind, typer.Option("--kind", help="What it provides.")],
    into: Annotated[
        Path, typer.Option("--into", help="Where to make the package's directory.", file_okay=False)
    ] = Path(),
) -> None:
    """Make a complete package of a plugin, whose tests pass as they are."""
    from egregora_devtools.new_plugin import make_plugin, next_steps

    try:
        made = make_plugin(name, kind.value, into)
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(next_steps(made))


def main() -> None:
    """Run the command line."""
    app()


__all__ = ["main"]
