"""Exports that are damaged, or packed in another way: copies of a file, a folder or a zip."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

_MEMBERS = 3
"""So many members of a folder or zip are damaged, the largest first."""


def damaged_copies(export: Path, directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield copies of an export under its own name, each with one damage, and what was done to it."""
    if export.is_dir():
        empty = directory / "empty" / export.name
        empty.mkdir(parents=True)
        yield "an empty folder", empty
    else:
        for what, content in damaged(export.read_bytes()):
            path = directory / what / export.name
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
            yield what, path
    if not (export.is_dir() or zipfile.is_zipfile(export)):
        return
    members = contents(export)
    for place, name in enumerate(sorted(members, key=lambda name: -len(members[name]))[:_MEMBERS]):
        for number, (what, content) in enumerate(damaged(members[name])):
            path = directory / f"member {place}, {number}" / export.name
            packed(members | {name: content}, path, as_zip=export.is_file())
            yield f"{name}: {what}", path


def contents(export: Path) -> dict[str, bytes]:
    """Return the members of a file, folder or zip by name."""
    if export.is_dir():
        files = (path for path in sorted(export.rglob("*")) if path.is_file())
        return {path.relative_to(export).as_posix(): path.read_bytes() for path in files}
    if not zipfile.is_zipfile(export):
        return {export.name: export.read_bytes()}
    with zipfile.ZipFile(export) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}


def packed(members: dict[str, bytes], path: Path, *, as_zip: bool) -> Path:
    """Write members as a folder, or as a zip that does not compress."""
    if not as_zip:
        for name, content in members.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def enlarged(export: Path, path: Path, size: int) -> Path:
    """Copy an export with its largest file made larger by so many zeros, which no disk has to keep."""
    if zipfile.is_zipfile(export):
        members = contents(export)
        largest = max(members, key=lambda name: len(members[name]))
        return packed(members | {largest: members[largest] + bytes(size)}, path, as_zip=True)
    if export.is_dir():
        shutil.copytree(export, path)
        file = max((each for each in path.rglob("*") if each.is_file()), key=lambda each: each.stat().st_size)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = shutil.copyfile(export, path)
    with file.open("r+b") as stream:
        stream.truncate(file.stat().st_size + size)
    return path


def damaged(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what can happen to a file, by name."""
    third = len(content) // 3
    yield "empty", b""
    yield "cut off", content[: 2 * third + 1]
    yield "cut off at its start", content[third + 1 :]
    yield "cut off inside a character", content[:third] + b"\xf0\x9f\x91"
    yield "no text", bytes(range(256)) * 64
    yield "zeros in it", content[:third] + b"\0" * 4096 + content[third:]
    yield "another encoding", content.decode("utf-8", "replace").encode("utf-16")
    yield "garbage in it", content[:third] + b'\n\xff\xfe}]{[\x00,,,"\n' + content[third:]
    yield "one endless line", b"a" * 300_000
    yield from _changed(content)


def _changed(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a file whose values are others: all of them, and those that do not stand at its beginning."""
    changes = [("dates that are none", rb"\d", b"9")]
    if content.lstrip()[:1] in (b"{", b"["):
        changes += [
            ("texts that are null", rb':\s*"[^"\\]*"', b": null"),
            ("texts that are objects", rb':\s*"[^"\\]*"', b': {"a": [1]}'),
            ("texts that are numbers", rb':\s*"[^"\\]*"', b": 1.5"),
            ("numbers that are texts", rb":\s*-?\d+(\.\d+)?", b': "some"'),
            ("a huge number", rb":\s*-?\d+", b": " + b"9" * 400),
            ("lists that are texts", rb":\s*\[[^\[\]]*\]", b': "some"'),
            ("lists of nothing", rb"\[[^\[\]]*\]", b"[null]"),
            ("objects that are lists", rb"\{[^{}]*\}", b"[1]"),
            ("objects that are null", rb"\{[^{}]*\}", b"null"),
            ("other keys", rb'"(\w+)"(\s*:)', rb'"other_\1"\2'),
        ]
    third = len(content) // 3
    for what, pattern, value in changes:
        yield what, re.sub(pattern, value, content)
        yield f"{what}, later on", content[:third] + re.sub(pattern, value, content[third:])
    if content.lstrip()[:1] in (b"{", b"["):
        yield "nested deeply", content[: content.rfind(b",", 0, third + 1) + 1] + b"[" * 100_000
