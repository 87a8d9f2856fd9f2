"""The command that opens what was published."""

import webbrowser
from typing import Annotated

import typer

from egregora_core.cli._context import HERE, Tenant, WorkspaceDir, host, say, settings_for
from egregora_core.errors import UsageError


def add_to(root: typer.Typer) -> None:
    """Hang this command under the root."""
    root.command(name="open")(open_pages)


def open_pages(
    publisher: Annotated[
        str | None,
        typer.Argument(
            metavar="[PUBLISHER]", help="Whose pages, such as report or markdown.", show_default="HTML first"
        ),
    ] = None,
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
) -> None:
    """Open what was published in the browser."""
    from egregora_core.pipeline import starts_of

    starts = starts_of(host(), settings_for(workspace, {"workspace.tenant": tenant}), workspace)
    if publisher is not None and publisher not in starts:
        known = f"; there is {', '.join(starts)}" if starts else ""
        raise UsageError(f"nothing was published by {publisher!r}{known}; `egregora run` publishes")
    if not starts:
        raise UsageError("nothing was published yet: `egregora run EXPORT` does")
    start = starts[publisher] if publisher else min(starts.values(), key=lambda path: path.suffix != ".html")
    say(str(start))
    if not webbrowser.open(start.resolve().as_uri()):
        say("no browser could be started here: open this file in one", err=True)
