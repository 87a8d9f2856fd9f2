"""The files that a writer reads: those of its package, unless the workspace has its own in their place."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from egregora_core.errors import StageError
from egregora_core.plugins import WriterSpec


@dataclass(frozen=True)
class WriterFile:
    """One file, as it is read."""

    argument: str
    """The keyword argument of the writer's function that gets the text."""
    name: str
    """`PLUGIN/path`: where in the workspace one's own file stands in for it."""
    text: str


def writer_files(spec: WriterSpec, plugin: str, workspace: Path) -> list[WriterFile]:
    """Read all files of a writer; raises StageError where one cannot be read."""
    return [_read(argument, target, plugin, workspace) for argument, target in sorted(spec.files.items())]


def _read(argument: str, target: str, plugin: str, workspace: Path) -> WriterFile:
    package, _, path = target.partition(":")
    name = f"{plugin}/{path}"
    own = workspace / name
    try:
        text = own.read_text(encoding="utf-8") if own.is_file() else files(package).joinpath(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError, ModuleNotFoundError) as error:
        where = own if own.is_file() else target
        raise StageError(f"{where}: cannot be read ({type(error).__name__}); it should be a text in UTF-8") from error
    return WriterFile(argument, name, text)
