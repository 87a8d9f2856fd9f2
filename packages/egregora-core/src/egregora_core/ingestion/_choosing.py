"""Which source reads an export: the surest one, whose reason is told, or the one that the user names.

Two that are equally sure are a question for the user: whoever guesses reads somebody's chat as another platform's.
"""

import shlex
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from egregora_core.errors import EgregoraError, ExportError, PluginError, UsageError
from egregora_core.exports import Export
from egregora_core.ingestion._signatures import Foreign, seems_to_be
from egregora_core.plugins import BUILT_IN, SURE, App, Provided, Recognised, SourceSpec
from egregora_core.workspace import unknown_key

_LOOKED_AT = 100
"""Files of a folder that no source reads: enough to say what it holds."""


@dataclass(frozen=True)
class Chosen:
    """The source that reads an export, and why."""

    plugin: str
    spec: SourceSpec
    recognised: Recognised | None
    """None: the user named it."""

    @property
    def reason(self) -> str:
        if self.recognised is None:
            return "named with --source"
        why = f": {self.recognised.why}" if self.recognised.why else ""
        return f"{self.recognised.sure}{why}"


def choose_source(app: App, export: Export, wanted: str | None = None) -> Chosen:
    """Return the source that is surest of an export, or the one that is `wanted`.

    Raises ExportError where none is sure, or two equally; UsageError where there is no source of the wanted name.
    """
    if wanted is not None:
        return _named(app, wanted)
    found = [(provided, said) for provided in app.sources if (said := _asked(app, provided, export)).sure != "no"]
    if not found:
        raise ExportError(_unread(app, export))
    best = max(SURE.index(said.sure) for _, said in found)
    surest = [(provided, said) for provided, said in found if SURE.index(said.sure) == best]
    if len(surest) > 1:
        raise ExportError(_undecided(export, surest))
    ((provided, said),) = surest
    return Chosen(provided.plugin, provided.spec, said)


def _named(app: App, wanted: str) -> Chosen:
    names = [provided.spec.name for provided in app.sources]
    if wanted not in names:
        near = unknown_key(wanted, names)
        raise UsageError(f"--source {wanted}: there is no such source{near}; there are {', '.join(names)}")
    provided = app.sources[names.index(wanted)]
    return Chosen(provided.plugin, provided.spec, None)


def _asked(app: App, provided: Provided[SourceSpec], export: Export) -> Recognised:
    """Ask a source how sure it is of an export; one of somebody else's that fails is reported, and not sure at all."""
    try:
        said = app.resolve(provided.spec.recognise)(export)
        if not isinstance(said, Recognised) or said.sure not in SURE:
            raise PluginError(  # noqa: TRY301 - told as any other failure of the plugin
                f"recognise returned {type(said).__name__}, expected a Recognised of {', '.join(SURE)}"
            )
    except Exception as error:
        ours = isinstance(error, EgregoraError) and not isinstance(error, PluginError)
        if ours or provided.plugin in BUILT_IN:
            raise
        app.report(provided.plugin, f"source {provided.spec.name}", error)
        return Recognised("no")
    return said


def _undecided(export: Export, surest: list[tuple[Provided[SourceSpec], Recognised]]) -> str:
    told = " and ".join(f"{provided.spec.name} ({said.why or said.sure})" for provided, said in surest)
    name = surest[0][0].spec.name
    return f"{export.path}: read as well by {told}; say which with --source, such as --source {name}"


# --- what no source reads -----------------------------------------------------------------------------------------


def _unread(app: App, export: Export) -> str:
    path = export.path
    if problem := _visible_problem(app, export):
        return f"{path} {problem}"
    seems = seems_to_be(export)
    if isinstance(seems, Foreign):
        return f"{path}: it seems to be an export of {seems.platform}, which no source reads; {seems.instead}"
    if seems is not None:
        if any(provided.spec.name == seems.source for provided in app.sources):
            return (
                f"{path}: it seems to be an export of {seems.platform}, but not one that can be read; is it whole? "
                f"`egregora validate --source {seems.source} {shlex.quote(str(path))}` says what is wrong with it"
            )
        return (
            f"{path}: it seems to be an export of {seems.platform}, which {seems.package} reads; try `pip install -U "
            f"{seems.package}`{app.broken}"
        )
    names = ", ".join(provided.spec.name for provided in app.sources)
    return (
        f"{path}: not a chat export that any installed source can read; is it the right file? There are "
        f"{names or 'none'}; `egregora plugins` lists what they come with, `egregora plugins info PLUGIN` says what "
        f"they take{app.broken}"
    )


def _visible_problem(app: App, export: Export) -> str | None:
    """Say what is wrong with what no source recognises, where that can be seen from outside."""
    path = export.path
    if path.is_dir() and (inside := _exports_in(app, path)) > 1:
        return (
            f"is a folder that holds {inside:,} chat exports, each a chat of its own; give the files themselves: "
            f"{shlex.quote(str(path))}/*"
        )
    if path.is_file() and path.stat().st_size == 0:
        return "is empty; export the chat again"
    if path.is_file() and (packed := _packed(path)):
        return f"is packed ({packed}); unpack it, and give what was in it"
    if path.suffix.lower() == ".zip" and not export.is_zip:
        return "is cut off or damaged; copy it again from the phone, or export the chat again"
    return None


_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\x28\xb5\x2f\xfd": "zstd",
}
"""By their first bytes, ways of packing files that are not looked into."""


def _packed(path: Path) -> str | None:
    with path.open("rb") as file:
        start = file.read(max(map(len, _PACKED)))
    return next((name for magic, name in _PACKED.items() if start.startswith(magic)), None)


def _exports_in(app: App, folder: Path) -> int:
    """Count the files of a folder that a source would read by themselves; it may hold much else."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))
    return sum(_is_export(app, path) for path in islice(files, _LOOKED_AT))


def _is_export(app: App, path: Path) -> bool:
    try:
        export = Export(path)
    except ExportError:
        return False
    with export:
        return any(_asked(app, provided, export).sure != "no" for provided in app.sources)


__all__ = ["Chosen", "choose_source"]
