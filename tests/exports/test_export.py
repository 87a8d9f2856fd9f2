"""One face for a file, a folder and a zip: members, text in any encoding, lines and JSON in bounded pieces."""

import io
import json
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import ExportError
from egregora_core.exports import Export, as_dict
from egregora_core.exports import _json_text as pieces
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Struct, field

CHAT = {"id": 1, "messages": [{"n": 1}, {"n": 2}], "last": 2}
CHATS = {"chats": {"about": "x", "list": [CHAT, {"id": 2, "messages": []}]}}


def _folder(path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


FILES = {"a/one.json": b"[1]", "a/two.txt": "caf\u00e9\r\nx\n".encode(), "three.bin": b"\0"}
MAKERS: list[Callable[[Path], Path]] = [
    lambda path: _folder(path / "folder", FILES),
    lambda path: _zip(path / "zip.zip", FILES),
]


@pytest.mark.parametrize("make", MAKERS, ids=["folder", "zip"])
def test_a_folder_and_a_zip_look_alike(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """Names, sizes, heads, lines and items are the same."""
    with Export(make(tmp_path)) as export:
        assert export.names == ("a/one.json", "a/two.txt", "three.bin")
        assert (export.size("a/one.json"), export.head("a/two.txt")) == (3, "caf\u00e9\r\nx\n")
        assert list(export.lines("a/two.txt")) == [["caf\u00e9", "x"]]
        assert [item for item, _ in export.items("a/one.json")] == [1]
        assert (export.find("*.json"), export.find("a/*")) == (["a/one.json"], ["a/one.json", "a/two.txt"])
        with pytest.raises(ExportError, match="no such member"):
            export.open("a/none")


def test_a_file_is_its_own_only_member(tmp_path: Path) -> None:
    """It may be opened without a name, and has its name for a title."""
    export = Export(_folder(tmp_path, {"result.json": b"[1]"}) / "result.json")
    assert (export.names, export.title, export.size()) == (("result.json",), "result", 3)
    assert export.open().read() == b"[1]"


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Without a traceback."""
    with pytest.raises(ExportError, match="no such file"):
        Export(tmp_path / "none")


# --- what zips are made of to do harm -----------------------------------------------------------------------------


def test_names_that_lead_out_are_no_members(tmp_path: Path) -> None:
    """Nothing is ever unpacked, and nothing outside is ever named."""
    bad = dict.fromkeys(["../up.json", "/root.json", "a/../../b.json", "C:/x.json", "..\\w.json"], b"{}")
    with Export(_zip(tmp_path / "x.zip", {**bad, "good.json": b"[]"})) as export:
        assert export.names == ("good.json",)


def test_a_link_out_of_a_folder_is_no_member(tmp_path: Path) -> None:
    """What somebody else's folder links to is not given with it."""
    (tmp_path / "secret").write_text("x")
    folder = _folder(tmp_path / "folder", {"a": b"1"})
    (folder / "link").symlink_to(tmp_path / "secret")
    assert Export(folder).names == ("a",)


def test_a_bomb_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    """What unpacks to a hundred times itself, and more than a chat has, is no text; the rest can be read."""
    with Export(_zip(tmp_path / "x.zip", {"bomb.json": bytes(80 << 20), "good.json": b"[]"})) as export:
        assert export.open("good.json").read() == b"[]"
        with pytest.raises(ExportError, match="bomb"):
            export.open("bomb.json")


def test_an_encrypted_member_is_refused_with_advice(tmp_path: Path) -> None:
    """Nobody is asked for a password."""
    path = _zip(tmp_path / "x.zip", {"a.json": b"[]"})
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    path.write_bytes(data)
    with Export(path) as export, pytest.raises(ExportError, match="encrypted"):
        export.open("a.json")


@pytest.mark.parametrize("cut", [30, 200])
def test_a_damaged_zip_is_an_error_of_ours(tmp_path: Path, cut: int) -> None:
    """Whether it is seen at once or while a member is read."""
    path = _zip(tmp_path / "x.zip", {"a.json": bytes(range(256)) * 9})
    data = bytearray(path.read_bytes())
    path.write_bytes(data[:cut] if cut == 30 else data[:60] + bytes(40) + data[100:])
    with pytest.raises(ExportError, match="cut off or damaged"), Export(path) as export:
        export.open("a.json").read()


# --- text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    """By its mark, as UTF-8, else as Windows-1252."""
    text = "caf\u00e9 \u20ac\nsecond\n\nlast"
    export = Export(_folder(tmp_path, {"x.txt": text.encode(encoding)}) / "x.txt")
    assert export.head() == text
    assert [line for lines in export.lines() for line in lines] == text.split("\n")


@given(st.text(alphabet=st.sampled_from("ab\r\n\u00e9\u2028 "), max_size=60), st.integers(1, 9))
def test_lines_are_whole_wherever_chunks_end(tmp_path_factory: pytest.TempPathFactory, text: str, size: int) -> None:
    r"""Only `\n` and `\r\n` end a line; an end at the end adds none."""
    from egregora_core.exports import _text

    path = tmp_path_factory.getbasetemp() / "lines.txt"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_text, "_CHUNK", size)
        found = [line for lines in Export(path).lines() for line in lines]
    wanted = text.split("\n")
    assert found == [line.removesuffix("\r") for line in (wanted if wanted[-1] else wanted[:-1])]


def test_a_head_ends_inside_a_character(tmp_path: Path) -> None:
    """It is text as far as it goes."""
    export = Export(_folder(tmp_path, {"x.txt": "\u00e9\u00e9".encode()}) / "x.txt")
    assert export.head(size=3) == "\u00e9"


# --- JSON ---------------------------------------------------------------------------------------------------------


def _items(path: Path, content: Any, at: str) -> list[Any]:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return [(item, dict(scalars)) for item, scalars in Export(path).items(at=at)]


def test_items_are_found_by_their_way(tmp_path: Path) -> None:
    """`*` is any key or item; scalars around come along."""
    found = _items(tmp_path / "x.json", CHATS, "chats.list.*.messages")
    assert found == [({"n": 1}, {"about": "x", "id": 1}), ({"n": 2}, {"about": "x", "id": 1})]
    assert _items(tmp_path / "x.json", CHATS, "*.list.*.messages") == found
    assert _items(tmp_path / "x.json", CHATS, "nothing") == []
    assert _items(tmp_path / "x.json", [1, 2], "") == [(1, {}), (2, {})]
    assert _items(tmp_path / "x.json", b'{"a": 1}\n{"a": 2}\n', "") == [({"a": 1}, {}), ({"a": 2}, {})]


def test_an_object_at_the_end_of_the_way_is_an_item(tmp_path: Path) -> None:
    """Platforms keep what a chat is called in an object beside its messages; scalars stay scalars."""
    chats = {"chats": [{"id": 7, "about": {"title": "T"}, "messages": [{"n": 1}]}]}
    found = _items(tmp_path / "x.json", chats, "chats.*.*")
    assert found == [({"title": "T"}, {"id": 7}), ({"n": 1}, {"id": 7})]
    assert _items(tmp_path / "x.json", chats, "chats.*.about") == [({"title": "T"}, {"id": 7})]


def test_scalars_behind_an_array_are_there_afterwards(tmp_path: Path) -> None:
    """Messenger tells the title last."""
    (tmp_path / "x.json").write_text('{"messages": [1], "title": "T"}')
    ((_, scalars),) = list(Export(tmp_path / "x.json").items(at="messages"))
    assert scalars == {"title": "T"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=5), JSON, st.integers(1, 7), st.sampled_from([None, 1]))
def test_items_are_those_of_the_standard_library(
    tmp_path_factory: pytest.TempPathFactory, items: list[Any], beside: Any, size: int, indent: int | None
) -> None:
    """However a file is cut into chunks, and whatever stands beside the way."""
    path = tmp_path_factory.getbasetemp() / "items.json"
    path.write_text(json.dumps({"a": beside, "way": {"x": items, "b": beside}}, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_CHUNK", size)
        assert [item for item, _ in Export(path).items(at="way.x")] == items


@given(
    st.lists(st.fixed_dictionaries({"id": JSON, "in": st.lists(st.fixed_dictionaries({"id": JSON}))}), max_size=8),
    st.integers(1, 40),
    st.sampled_from([None, 0, 2]),
)
def test_objects_are_decoded_several_at_once_as_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, items: list[Any], size: int, indent: int | None
) -> None:
    """Also where an object inside of one, or a text, looks like the border between two."""
    path = tmp_path_factory.getbasetemp() / "objects.json"
    items = [*items, {"id": json.dumps(items, indent=indent)}, {"id": 1}] * 3
    path.write_text(json.dumps({"way": items}, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_TOGETHER", size)
        assert [item for item, _ in Export(path).items(at="way")] == items


@given(
    st.lists(JSON, max_size=8),
    st.lists(st.sampled_from(["\n", "\n\n", "\r\n", " ", "\n \n"]), min_size=8),
    st.integers(1, 9),
)
def test_values_one_after_another_are_read_wherever_their_lines_end(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], ends: list[str], size: int
) -> None:
    """On lines of their own or not, with blank lines between; the items of an array are items."""
    path = tmp_path_factory.getbasetemp() / "lines.jsonl"
    path.write_text("".join(json.dumps(value) + end for value, end in zip(values, ends, strict=False)))
    wanted = [item for value in values for item in (value if isinstance(value, list) else [value])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_CHUNK", size)
        assert [item for item, _ in Export(path).items()] == wanted


@pytest.mark.parametrize("way", ["", "messages"])
def test_an_array_that_is_cut_anywhere_is_an_error(tmp_path: Path, way: str) -> None:
    """Also right behind a comma, where many items were decoded at once and none is left."""
    whole = b'{"messages": [' * bool(way) + b",\n".join(b'{"id": %d}' % number for number in range(6)) + b", "
    for end in range(len(b'{"messages": [' * bool(way)) + 1, len(whole) + 1):
        (tmp_path / "x.json").write_bytes(b"[" * (not way) + whole[:end])
        with pytest.raises(ExportError, match=r"it ends in the middle|it is no JSON there"):
            list(Export(tmp_path / "x.json").items(at=way))


class Shape(Struct):
    """What is looked at in an item."""

    id: Any = UNSET
    from_: Any = field(default=UNSET, name="from")


@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "from", "x", "\u00e9"]), JSON) | JSON, max_size=8),
    st.integers(1, 60),
    st.booleans(),
)
def test_of_a_shape_there_is_what_it_looks_at(
    tmp_path_factory: pytest.TempPathFactory,
    items: list[Any],
    size: int,
    lines: bool,  # noqa: FBT001 - given by hypothesis
) -> None:
    """All of it, as it is without one, be items decoded together or alone; what is no object stays as it is."""
    path = tmp_path_factory.getbasetemp() / "shapes.json"
    items = [item for item in items if not (lines and isinstance(item, list))] * 3
    path.write_text("\n".join(map(json.dumps, items)) if lines else json.dumps(items))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_TOGETHER", size)
        found = [item for batch, _ in Export(path).batches(shape=Shape) for item in batch]
    kept = [as_dict(item) if isinstance(item, Shape) else item for item in found]
    assert kept == [
        {key: item[key] for key in item if key in ("id", "from")} if isinstance(item, dict) else item for item in items
    ]


@pytest.mark.parametrize("written", [b'"\xff"', b'"a" 1', b"tru", b'"\\q"', b"[1,]"])
def test_what_a_shape_does_not_look_at_is_read_all_the_same(tmp_path: Path, written: bytes) -> None:
    """What is no JSON is an error wherever it stands."""
    (tmp_path / "x.json").write_bytes(b"[" + b'{"id": 1},\n' * 20 + b'{"id": 2, "x": %b}]' % written)
    with pytest.raises(ExportError, match=r"after 2\d\d characters"):
        list(Export(tmp_path / "x.json").batches(shape=Shape))


ODD = {
    "a control character": ('"x\x01y\ty"', "x\x01y\ty"),
    "half of a surrogate pair": (r'"\ud83d"', "\ud83d"),
    "infinity": ("-Infinity", float("-inf")),
    "a number that is too large": ("1e999", float("inf")),
    "a number with many digits": ("1" * 40, int("1" * 40)),
    "a key that is there twice": ('{"a": 1, "a": 2}', {"a": 2}),
    "letters of every width": ('"a\u00e9\u4e00\U0001f600"', "a\u00e9\u4e00\U0001f600"),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("way", ["messages", ""])
@pytest.mark.parametrize("what", ODD)
def test_what_only_some_decoders_take_is_read_among_plain_items(
    tmp_path: Path, what: str, way: str, encoding: str
) -> None:
    """Whatever the items beside it look like, and wherever several are decoded at once: in an array, or as lines."""
    written, wanted = ODD[what]
    items = ['{"id": 1, "a": "b"}'] * 20
    items = [*items, f'{{"id": 2, "a": {written}}}', *items]
    text = '{"messages": [' + ",\n".join(items) + "]}" if way else "\n".join(items)
    found = [item for item, _ in _items(tmp_path / "x.json", text.encode(encoding), way)]
    assert found == [{"id": 1, "a": "b"}] * 20 + [{"id": 2, "a": wanted}] + [{"id": 1, "a": "b"}] * 20
    shaped = [item.id for batch, _ in Export(tmp_path / "x.json").batches("", way, Shape) for item in batch]
    assert shaped == [1] * 20 + [2] + [1] * 20


@pytest.mark.parametrize("letter", ["a", "\u00e9", "\u4e00", "\U0001f600"])
@pytest.mark.parametrize("count", [3, 5_000])
def test_a_position_counts_characters(tmp_path: Path, letter: str, count: int) -> None:
    """Not bytes, and those before the piece at hand, too."""
    good = json.dumps({"id": 1, "a": letter * 300}, ensure_ascii=False)
    text = '{"messages": [' + f"{good}, " * count + "oops]}"
    with pytest.raises(ExportError, match=f"after {text.index('oops'):,} characters"):
        _items(tmp_path / "x.json", text.encode(), "messages")


def test_several_ways_are_gone_in_one_reading(tmp_path: Path) -> None:
    """Each item says on which it was met; a way to an object has that for its item; what is beside them is passed."""
    content = {"about": 1, "me": {"id": 7}, "known": {"n": 2, "list": [1, 2]}, "chats": [{"id": 3, "messages": [4]}]}
    found = _items(tmp_path / "x.json", content, "me|known.list|chats.*.messages|nothing")
    assert [(item, scalars[""]) for item, scalars in found] == [
        ({"id": 7}, "me"),
        (1, "known.list"),
        (2, "known.list"),
        (4, "chats.*.messages"),
    ]
    assert found[1][1] == {"": "known.list", "about": 1, "n": 2}
    assert found[3][1] == {"": "chats.*.messages", "about": 1, "id": 3}


def test_control_characters_are_read_as_other_programs_write_them(tmp_path: Path) -> None:
    r"""As they are, or as `\x0B`, which JSON does not know, also where a chunk ends inside of it."""
    content = rb'{"messages": [{"a": "x\x0By"}, {"a": "\x1f\x0b\\x41\n"}, {"a": "1V2"}]}'.replace(b"V", b"\v")
    for size in range(1, 9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pieces, "_CHUNK", size)
            found = [item["a"] for item, _ in _items(tmp_path / "x.json", content, "messages")]
        assert found == ["x\vy", "\x1f\v\\x41\n", "1\v2"]


BROKEN = {
    "cut off": b'{"messages": [{"a": 1}, {"a": "tex',
    "no JSON": b'{"messages": [{"a": 1}, hello]}',
    "a lost comma": b'{"messages": [{"a": 1} {"a": 2}]}',
    "two colons": b'{"messages":: []}',
    "nested too deeply": b'{"messages": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "nested too deeply beside": b'{"beside": ' + b"[" * 3_000_000 + b', "messages": []}',
    "another encoding": b'{"messages": [{"a": "\xff\xfe"}]}',
    "an endless number": b'{"messages": [' + b"9" * 10_000 + b"]}",
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_json_is_an_error_that_says_where(tmp_path: Path, what: str) -> None:
    """It names the file and a position, and quotes nothing."""
    with pytest.raises(ExportError, match=r"x\.json: .*after [\d,]+ characters") as caught:
        _items(tmp_path / "x.json", BROKEN[what], "messages")
    assert "hello" not in str(caught.value)


def test_damage_is_seen_where_it_is(tmp_path: Path) -> None:
    """Not after tens of megabytes behind it."""
    content = b'{"messages": [{"a": 1}, {"a": tru }, ' + b'{"a": "x"},' * 2_000_000 + b"1]}"
    (tmp_path / "x.json").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(ExportError, match="after 2"):
        list(Export(tmp_path / "x.json").items(at="messages"))
    assert tracemalloc.get_traced_memory()[1] < 12 << 20
    tracemalloc.stop()


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    """Items, and what stands beside the way, go by in pieces."""
    one = json.dumps({"a": "x" * 1000}).encode()
    content = b'{"beside": [' + b",".join([one] * 10_000) + b'], "messages": [' + b",".join([one] * 10_000) + b"]}"
    (tmp_path / "x.json").write_bytes(content)
    tracemalloc.start()
    assert sum(1 for _ in Export(tmp_path / "x.json").items(at="messages")) == 10_000
    assert tracemalloc.get_traced_memory()[1] < 12 << 20
    tracemalloc.stop()


# --- is it the same as before? ------------------------------------------------------------------------------------


def _digest(path: Path, *endings: str) -> bytes:
    with Export(path) as export:
        return b"".join(export.digest(lambda ending: ending in endings))


@pytest.mark.parametrize("make", MAKERS, ids=["folder", "zip"])
def test_only_what_is_read_is_hashed(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """Of the other members names and sizes count, and in a zip the checksum that it keeps."""
    path = make(tmp_path)
    before = _digest(path, ".json")
    changed = {**FILES, "three.bin": b"\1"}
    _folder(path, changed) if path.is_dir() else _zip(path, changed)
    assert (_digest(path, ".json") == before) == path.is_dir()
    changed = {**FILES, "a/one.json": b"[2]"}
    _folder(path, changed) if path.is_dir() else _zip(path, changed)
    assert _digest(path, ".json") != before


def test_a_file_is_its_content_whatever_it_is_called(tmp_path: Path) -> None:
    """A copy under another name is the same export."""
    _folder(tmp_path, {"a.txt": b"one", "b.txt": b"one"})
    assert _digest(tmp_path / "a.txt") == _digest(tmp_path / "b.txt") == b"one"


def test_what_was_opened_is_known_by_its_ending(tmp_path: Path) -> None:
    """A head is no reading; `uses` is for who opens files by other means."""
    export = Export(_folder(tmp_path / "x", FILES))
    export.head("three.bin")
    assert export.opened == frozenset()
    export.open("a/one.json").close()
    export.uses("a/two.txt")
    assert export.opened == {".json", ".txt"}


def test_progress_counts_bytes(tmp_path: Path) -> None:
    """Of all members of the kinds that are opened."""
    told: list[tuple[int, int]] = []
    export = Export(_folder(tmp_path / "x", FILES), lambda done, total: told.append((done, total)))
    list(export.lines("a/two.txt"))
    assert told[-1] == (9, 9)


def test_a_database_is_known_with_what_is_not_yet_written_into_it(tmp_path: Path) -> None:
    """Beside a file of SQLite, `-wal` holds its newest rows: the file is another one when that has changed."""
    path = tmp_path / "chat.db"
    path.write_bytes(b"SQLite format 3\0" + bytes(100))
    before = list(Export(path).digest(lambda _: True))
    (tmp_path / "chat.db-wal").write_bytes(b"more")
    assert list(Export(path).digest(lambda _: True)) != before
    other = tmp_path / "chat.txt"
    other.write_text("no database")
    before = list(Export(other).digest(lambda _: True))
    (tmp_path / "chat.txt-wal").write_bytes(b"more")
    assert list(Export(other).digest(lambda _: True)) == before


def test_a_tar_is_read_as_a_zip_is(tmp_path: Path) -> None:
    """Skype packs its exports so; names that lead out of it are left out, and a broken one is an error."""
    path = tmp_path / "export.tar"
    with tarfile.open(path, "w") as archive:
        for name, content in (("messages.json", b'{"a": [1, 2]}'), ("../out.json", b"x"), ("/abs.json", b"x")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("link.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with Export(path) as export:
        assert export.names == ("messages.json",)
        assert [item for item, _ in export.items("messages.json", "a")] == [1, 2]
        assert not export.is_file
    path.write_bytes(path.read_bytes()[:520])
    with pytest.raises(ExportError), Export(path) as export:
        list(export.items("messages.json", "a"))


def test_a_name_in_a_zip_that_lacks_the_flag_is_utf8_after_all(tmp_path: Path) -> None:
    """Many programs write UTF-8 and do not say so; a name that really is in cp437 stays what it is."""
    path = _zip(tmp_path / "zip.zip", {"caf__.txt": b"a", "plain_.txt": b"b"})
    data = path.read_bytes().replace(b"caf__", "caf\u00e9".encode()).replace(b"plain_", b"plain\x82")
    path.write_bytes(data)
    with Export(path) as export:
        assert export.names == ("caf\u00e9.txt", "plain\u00e9.txt")
        assert [export.head(name) for name in export.names] == ["a", "b"]


def test_a_look_that_is_not_counted_leaves_no_trace(tmp_path: Path) -> None:
    """Neither the bar moves nor does the content count."""
    told: list[tuple[int, int]] = []
    export = Export(_folder(tmp_path / "x", FILES), lambda done, total: told.append((done, total)))
    with export.open("a/two.txt", counted=False) as file:
        assert file.read() == FILES["a/two.txt"]
    assert (told, export.opened) == ([], frozenset())


def test_a_member_tells_when_it_was_changed(tmp_path: Path) -> None:
    """By the day: a zip knows no zone. One that says nothing tells nothing."""
    folder = _folder(tmp_path / "folder", {"a.txt": b"a"})
    os.utime(folder / "a.txt", (1_500_000_000, 1_500_000_000))
    day = datetime.fromtimestamp(1_500_000_000).astimezone().date()
    path = tmp_path / "zip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt", (day.year, day.month, day.day, 1, 2, 3)), b"a")
        archive.writestr(zipfile.ZipInfo("b.txt", (1980, 0, 0, 0, 0, 0)), b"b")
    with Export(path) as export:
        assert (export.written("a.txt"), export.written("b.txt")) == (day, None)
    assert Export(folder).written("a.txt") == Export(folder / "a.txt").written() == day
