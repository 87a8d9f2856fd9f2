"""Exports with something wrong in them, for fuzzing sources: values that are not what they should be, damaged bytes."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from egregora_core.errors import EgregoraError
from hypothesis import strategies as st
from more_platforms import Read, Shelf, put

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, "", "x", "=1+1", "<script>alert(1)</script>", "\ud800", "\0", "a" * 2000),
    *([], [[]], {}, {"": {"": []}}, [{}], ["x"], {"text": 1}, "9999-12-31T23:59:59Z", "0001-01-01", 2**63, -(2**63)),
    *(0.5, 10**7, 10**11, 10**17, "0.5", "253402300798", "99999999999.000100"),  # times that no chat has
)
"""What stands in the place of some value."""


def odd_values(value: Any) -> "st.SearchStrategy[Any]":
    """Return a JSON value in which one to three values are odd, missing, or there twice."""
    ways = list(places(value))

    def changed(choices: list[tuple[int, int, str]]) -> Any:
        copy = json.loads(json.dumps(value))
        for place, odd, how in choices:
            change(copy, ways[place % len(ways)], ODD[odd], how)
        return copy

    one = st.tuples(st.integers(0, 10**6), st.integers(0, len(ODD) - 1), st.sampled_from(("set", "drop", "double")))
    return st.lists(one, min_size=1, max_size=3).map(changed)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the ways to all that is in a JSON value: keys and numbers."""
    if way:
        yield way
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*way, key))


def change(value: Any, way: tuple[Any, ...], odd: Any, how: str) -> None:
    """Set, drop or double what stands at a place of a JSON value, if it is still there."""
    try:
        for key in way[:-1]:
            value = value[key]
        if how == "set":
            value[way[-1]] = odd
        elif how == "drop":
            del value[way[-1]]
        elif isinstance(value, list):
            value.append(value[way[-1]])
    except (KeyError, IndexError, TypeError):
        return  # another change took it away


def damaged(content: bytes) -> "st.SearchStrategy[bytes]":
    """Return a content of which something is cut out, overwritten or put in."""

    def changed(at: int, size: int, fresh: bytes) -> bytes:
        start = at % (len(content) + 1)
        return content[:start] + fresh + content[start + size :]

    return st.builds(changed, st.integers(0, 10**6), st.sampled_from((0, 1, 7, 400, 10**6)), st.binary(max_size=40))


def read_or_refused(source: Any, path: Path) -> list[dict[str, Any]] | None:
    """Return the rows of an export, None where it is refused with an error of ours: no other is let through."""
    try:
        return Read(source, path).rows
    except EgregoraError as error:
        told = str(error)
    assert "zanzib" not in told, "an error quotes the export"
    return None


def several(exports: "st.SearchStrategy[Any]") -> "st.SearchStrategy[list[Any]]":
    """Return some exports at a time, as much as one run takes without being much longer."""
    return st.lists(exports, min_size=8, max_size=8)


def run_or_refused(source: Any, folder: Path, name: str, contents: Iterable[str]) -> None:
    """Take exports of one name through one run, but those that are refused: of these nothing is stored.

    Where the run refuses what the source lets through, each goes through a run of its own: of what that refuses nothing
    is stored.
    """
    paths = [put(folder / str(number), name, content) for number, content in enumerate(contents)]
    fit = [path for path in paths if read_or_refused(source, path) is not None]
    shelf = Shelf(folder, "UTC")
    for refused in [path for path in paths if path not in fit][:1]:
        with suppress(EgregoraError):
            shelf.ingest(refused)
        assert not _stored(shelf)
    try:
        shelf.run(*fit)
    except EgregoraError as error:
        told = str(error)
    else:
        return
    assert "zanzib" not in told, "an error quotes the export"
    for path in fit:
        alone = Shelf(path.parent, "UTC")
        try:
            alone.run(path)
        except EgregoraError:
            assert not _stored(alone)


def _stored(shelf: Shelf) -> int:
    return len(shelf.messages()) if (shelf.path / ".egregora/egregora.duckdb").exists() else 0
