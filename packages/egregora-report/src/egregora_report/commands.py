"""`egregora report`: the report as one file."""

from pathlib import Path
from typing import Annotated

import typer
from egregora_core.plugin import UsageError, WorkspaceError
from egregora_core.plugin.commands import HERE, Tenant, WorkspaceDir, open_plugin_workspace, say

_LARGE = 25_000_000
"""Bytes: what most mail takes."""


def report(
    context: typer.Context,
    single_file: Annotated[Path, typer.Option("--single-file", metavar="FILE", help="Where to write it.")],
    workspace: WorkspaceDir = HERE,
    tenant: Tenant = None,
    *,
    messages: Annotated[
        bool, typer.Option("--messages/--no-messages", help="With every message to read, or the charts alone.")
    ] = True,
    media: Annotated[
        bool,
        typer.Option("--media/--no-media", help="With photos, voice and video inside, as [report] media keeps them."),
    ] = False,
) -> None:
    """Make one HTML file of the report, to send: it opens in any browser, without network.

    It holds what the pages hold: pseudonyms, and no photo, voice or video unless you ask for them.
    """
    from egregora_report.single import single_file as made

    if single_file.is_dir():
        raise UsageError(f"{single_file} is a folder; name the file in it")
    chosen = {"workspace.tenant": tenant}
    with open_plugin_workspace(context.obj, "report", workspace, read_only=True, overrides=chosen) as opened:
        attachments = opened.attachments() if media else []
        if media and not attachments:
            say("no photo, voice or video is kept: set [report] media = true and run the export again", err=True)
        pieces = made(opened.messages(), opened.settings, opened.name_words, attachments=attachments, talk=messages)
        beside = single_file.with_name(f".{single_file.name}.part")
        try:
            single_file.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("w", encoding="utf-8") as file:
                file.writelines(pieces)
            beside.replace(single_file)
        except OSError as error:
            raise WorkspaceError(f"{single_file}: cannot be written ({error.strerror})") from error
        finally:
            beside.unlink(missing_ok=True)
    size = single_file.stat().st_size
    say(
        f"{single_file}: {size / 1_000_000:,.1f} MB, with pseudonyms, {'with' if attachments else 'without'} photos, voice and video"
    )
    if size > _LARGE and messages:
        say("that is more than most mail takes; --no-messages leaves the charts alone", err=True)


__all__ = ["report"]
