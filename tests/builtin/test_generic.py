"""Tables that no platform made: each column is what its name says, or what the settings say of it."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from egregora_core.errors import EgregoraError, ExportError, SettingsError
from hypothesis import given
from hypothesis import strategies as st
from platforms import Desk, read, sure, survives, write, zipped

ROWS = [
    {"ts": "2024-05-01T10:00:00Z", "author": "Ana", "text": "hello"},
    {"ts": "2024-05-01T10:01:00Z", "author": "Bo", "text": 'two\nlines, "quoted"'},
    {"ts": "2024-05-01T10:02:00Z", "author": "Ana", "text": "007"},
]
SAID = [("10:00", "Ana", "hello"), ("10:01", "Bo", 'two\nlines, "quoted"'), ("10:02", "Ana", "007")]


def csv_of(rows: list[dict[str, Any]], delimiter: str = ",") -> str:
    def cell(value: Any) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if set(text) & set('",\n;\t') else text

    return "".join(delimiter.join(map(cell, line)) + "\n" for line in [[*rows[0]], *(row.values() for row in rows)])


def parquet_of(rows: list[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def lines_of(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


FORMATS: dict[str, str | bytes] = {
    "x.csv": csv_of(ROWS),
    "x.tsv": csv_of(ROWS, "\t"),
    "semicolons.csv": csv_of(ROWS, ";"),
    "bom.csv": ("\ufeff" + csv_of(ROWS)).encode(),
    "utf16.csv": csv_of(ROWS).encode("utf-16"),
    "crlf.csv": csv_of(ROWS).replace("\n", "\r\n").replace("two\r\n", "two\n"),
    "x.jsonl": lines_of(ROWS),
    "x.json": json.dumps(ROWS, indent=1),
    "x.parquet": parquet_of(ROWS),
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "workspace")


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_read(tmp_path: Path, name: str) -> None:
    """The same messages come out, exactly."""
    rows = read("generic", write(tmp_path / name, FORMATS[name]))
    assert [(f"{row['ts']:%H:%M}", row["author"], row["text"]) for row in rows] == SAID


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.parquet"])
def test_files_of_a_folder_and_of_a_zip_are_chats(desk: Desk, tmp_path: Path, name: str) -> None:
    """Each of its own; a file that is no table is left alone."""
    ending = name.partition(".")[2]
    files = {f"garden.{ending}": FORMATS[name], f"shed.{ending}": FORMATS[name], "notes.md": "# notes"}
    folder = write(tmp_path / "folder", files)
    desk.ingest(folder)
    desk.ingest(zipped(folder))
    found = desk.query("SELECT attrs->>'thread', count(*) FROM ir_messages GROUP BY ALL ORDER BY ALL")
    assert found == [("garden", 3), ("shed", 3)]


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01 10:00:00"),
        ("2024-05-01T10:00:00.1234567+02:00", "2024-05-01 08:00:00.123456"),
        ("2024-05-01 10:00:00 +0200", "2024-05-01 08:00:00"),
        ("2024-05-01 10:00:00 UTC", "2024-05-01 10:00:00"),
        ("2024-05-01T10:00", "2024-05-01 10:00:00"),
        ("2024-05-01 10:00:00,5", "2024-05-01 10:00:00.500000"),
        ("2024/05/01 10:00:00", "2024-05-01 10:00:00"),
        ("2024-05-01", "2024-05-01 00:00:00"),
        ("1714557600", "2024-05-01 10:00:00"),
        ("1714557600.25", "2024-05-01 10:00:00.250000"),
        ("1714557600123", "2024-05-01 10:00:00.123000"),
        ("1714557600123456", "2024-05-01 10:00:00.123456"),
        ("1714557600123456789", "2024-05-01 10:00:00.123456"),
        (1714557601, "2024-05-01 10:00:01"),
        (1714557600.5, "2024-05-01 10:00:00.500000"),
        (1714557600124, "2024-05-01 10:00:00.124000"),
    ],
)
def test_times_are_read_however_they_are_written(tmp_path: Path, written: str | float, first: str) -> None:
    """In UTC where they say their zone, else as a clock shows them."""
    rows = [{**ROWS[0], "ts": written}]
    content = lines_of(rows)
    if isinstance(written, str):
        content = csv_of(rows).replace(f"\n{written}", f'\n"{written}"')
    (row,) = read("generic", write(tmp_path / "x.csv", content))
    assert str(row["ts"]) == first


def test_a_clock_without_a_zone_gets_the_users(desk: Desk, tmp_path: Path) -> None:
    """As that of a phone does."""
    desk.ingest(write(tmp_path / "x.csv", csv_of([{**ROWS[0], "ts": "2024-05-01 10:00"}])), timezone="Europe/Lisbon")
    assert desk.query("SELECT ts::VARCHAR FROM ir_messages") == [("2024-05-01 09:00:00+00",)]


def test_a_parquet_file_has_its_own_types(desk: Desk, tmp_path: Path) -> None:
    """Times with and without zone, integers as ids, lists and objects as they are."""
    row = {
        "ts": datetime(2024, 5, 1, 10, tzinfo=UTC),
        "author": 17,
        "text": "x",
        "msg_id": 5,
        "mentions": ["Bo"],
        "reactions": [{"emoji": "👍", "author": "Bo"}],
    }
    (found,) = read("generic", write(tmp_path / "x.parquet", parquet_of([row])))
    assert (found["author"], found["msg_id"], found["mentions"]) == ("17", "5", ["Bo"])
    assert (found["reactions"][0]["emoji"], found["reactions"][0]["author"]) == ("👍", "Bo")
    desk.ingest(tmp_path / "x.parquet")
    assert desk.query("SELECT ts::VARCHAR, msg_id FROM ir_messages") == [("2024-05-01 10:00:00+00", "5")]


ALL = {
    "ts": "2024-05-01T10:00:00Z",
    "thread": "C1",
    "thread_title": "garden",
    "author": "U1",
    "author_name": "Ana Kelemen",
    "text": "hello",
    "msg_id": "m1",
    "kind": "Text",
    "edited_at": "2024-05-01T11:00:00Z",
    "reply_to": "m0",
    "mentions": '["U2"]',
    "reactions": '[{"emoji": "👍", "count": 2}, "🌱"]',
    "media": "https://example.org/a/cat.png",
    "update": "",
}


@pytest.mark.parametrize("write_rows", [csv_of, lines_of])
def test_all_columns_of_a_source_are_taken_by_themselves(desk: Desk, tmp_path: Path, write_rows: Any) -> None:
    """Lists stand in a text as JSON; ids of people and chats may have names beside them."""
    rows = [{**ALL, "msg_id": "m0", "reply_to": ""}, {**ALL, "ts": "2024-05-01T10:05:00Z"}]
    path = write(tmp_path / "x.csv", write_rows(rows))
    desk.ingest(path)
    found = desk.rows("thread", "author_raw", "msg_id", "kind", "edited_at", "reply_to", "mentions")
    root = desk.query("SELECT event_id::VARCHAR FROM ir_messages WHERE msg_id = 'm0'")[0][0]
    edited = "2024-05-01T11:00:00.000000Z"
    assert found == [
        ("garden", "Ana Kelemen", "m0", "text", edited, None, '["U2"]'),
        ("garden", "Ana Kelemen", "m1", "text", edited, root, '["U2"]'),
    ]
    row = read("generic", path)[0]
    assert [each["emoji"] for each in row["reactions"]] == ["👍", "🌱"]
    assert (row["media"][0]["name"], row["media"][0]["type"]) == ("cat.png", "image/png")


def test_the_settings_say_which_column_is_which(tmp_path: Path) -> None:
    """`[generic.columns]` names columns that are called otherwise."""
    desk = Desk(
        tmp_path / "w", '[generic]\nts_format = "%d.%m.%Y %H:%M"\n[generic.columns]\nts = "When"\ntext = "body"\n'
    )
    rows = [{"When": "01.05.2024 10:00", "Author": "Ana", "body": "hello", "text": "no"}]
    desk.ingest(write(tmp_path / "x.csv", csv_of(rows)), source="generic", timezone="UTC")
    assert desk.query("SELECT ts::VARCHAR, author_raw, text FROM ir_messages") == [
        ("2024-05-01 10:00:00+00", "Ana", "hello")
    ]


def test_date_and_time_of_two_columns_are_one_time(tmp_path: Path) -> None:
    """As spreadsheets have them; what the error says to write is right."""
    path = tmp_path / "x.csv"
    path.write_text("Date,Time,Sender,Message\n2024-05-01,09:30:00,ana,hi\n,,bo,ho\n")
    with pytest.raises(ExportError, match='ts = "Date \\+ Time"'):
        read("generic", path)
    with pytest.raises(ExportError, match="line 3: column 'Date \\+ Time' \\(ts\\) is missing"):
        read("generic", path, columns={"ts": "date + time", "author": "Sender", "text": "Message"})
    path.write_text("Date,Time,Sender,Message,a + b\n01.05.2024,09:30,ana,hi,no\n")
    said = {"ts": "Date + Time", "author": "Sender", "text": "Message", "thread": "a + b"}
    (row,) = read("generic", path, columns=said, ts_format="%d.%m.%Y %H:%M")
    assert (str(row["ts"]), row["thread"]) == ("2024-05-01 09:30:00", "no")


def test_a_table_without_authors_has_to_say_so(tmp_path: Path) -> None:
    """An empty name is a column that is not there."""
    desk = Desk(tmp_path / "w", '[generic.columns]\nauthor = ""\n')
    desk.ingest(write(tmp_path / "x.csv", "ts,text\n2024-05-01T10:00:00Z,hello\n"), source="generic")
    assert desk.rows("author_raw", "text", "kind") == [("", "hello", "text")]


def test_a_missing_column_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    """And with what to write."""
    path = write(tmp_path / "x.csv", "Date,User,Message\n2024-05-01T10:00:00Z,Ana,hello\n")
    with pytest.raises(ExportError) as caught:
        Desk(tmp_path / "w").ingest(path)
    told = str(caught.value)
    assert "its columns are Date, User, Message" in told
    assert '[generic.columns]\nts = "Date"\nauthor = "User"\ntext = "Message"' in told


def test_a_setting_for_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Of the file, or of what a message has at all."""
    path = write(tmp_path / "x.csv", FORMATS["x.csv"])
    with pytest.raises(ExportError, match="text names a column that is not there; its columns are ts, author, text"):
        Desk(tmp_path / "w", '[generic.columns]\ntext = "body"\n').ingest(path)
    with pytest.raises(SettingsError, match="no columns; there are thread") as caught:
        Desk(tmp_path / "v", '[generic.columns]\ntxet = "body"\n').ingest(path)
    assert "txet" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.csv", 'ts,author,text\n2024-05-01T10:00:00Z,A,"a\nb"\nyesterday,A,c\n', "line 4: column 'ts'"),
        ("x.csv", "ts,author,text\n2024-05-01T10:00:00Z,A,c\n2024-05-01T10:00:00,A,c\n", "line 3: .*no zone"),
        ("x.csv", "ts,author,text\n2024-05-01T10:00:00Z,A,c\n,A,c\n", "line 3: column 'ts' is missing"),
        ("x.csv", "ts,author,text\n12,A,c\n", "line 2: .*before 1990"),
        ("x.csv", "ts,author,text\n2024-05-01T10:00:00Z,A,c,d\n", "line 2: it has more or fewer"),
        (
            "x.csv",
            'ts,author,text\n2024-05-01T10:00:00Z,A,"b\nb"\n2024-05-01T10:00:00Z\n',
            "line 4: it has more or fewer",
        ),
        ("x.csv", "ts,author,text,kind\n2024-05-01T10:00:00Z,A,c,shout\n", "line 2: column 'kind' .* none of text"),
        ("x.csv", "ts,author,text,edited\n2024-05-01T10:00:00Z,A,c,maybe\n", "line 2: column 'edited'"),
        ("x.csv", "ts,author,text,reactions\n2024-05-01T10:00:00Z,A,c,[{\n", "line 2: column 'reactions'"),
        (
            "x.csv",
            'ts,author,text,reactions\n2024-05-01T10:00:00Z,A,c,"[{""count"": ""x""}]"\n',
            "line 2: column 'react",
        ),
        ("x.jsonl", lines_of([ROWS[0], {**ROWS[1], "ts": "never"}]), "line 2: column 'ts'"),
        ("x.jsonl", lines_of(ROWS) + "[1]\n", "line 4: it is no object"),
        ("x.jsonl", lines_of(ROWS) + '{"ts": ', "line 4: it is no JSON"),
        ("x.json", json.dumps([ROWS[0], {**ROWS[1], "ts": "never"}]), "entry 2: column 'ts'"),
        ("x.json", json.dumps([*ROWS, 3]), "entry 4: it is no object"),
        ("x.json", json.dumps(ROWS)[:-9], "ends in the middle|no JSON there"),
        ("x.parquet", parquet_of([ROWS[0], {**ROWS[1], "ts": "never"}]), "row 2: column 'ts'"),
        ("x.parquet", FORMATS["x.parquet"][:-20], "no table"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, name: str, content: str | bytes, told: str) -> None:
    """The file, the line or row, the column: and nothing of what stands there."""
    with pytest.raises(ExportError, match=told) as caught:
        read("generic", write(tmp_path / name, content))
    assert name in str(caught.value)
    assert "shout" not in str(caught.value)
    assert "never" not in str(caught.value)


def test_lines_are_read_alike_by_the_column_and_one_by_one(tmp_path: Path) -> None:
    """Half of a surrogate pair makes a piece of a file be read line by line: no row of it changes."""
    when = '"ts": "2024-05-01T10:00:00Z"'
    lines = [
        f'{{"msg_id": 1, {when}, "author": "Ana", "text": "one"}}',
        "",
        f'{{"text": "two", "more": [{{"a": 1.50}}], "author": "Bo", {when}}}\r',
        f'{{"msg_id": 9223372036854775807, {when}, "\\u0061uthor": "Bo", "text": 2, "text": "thr\\u00e9e\\n"}}',
        f' {{"msg_id": null, {when}, "author": "Ana", "text": "f\u00f6ur"}}',
    ]
    rows = read("generic", write(tmp_path / "x.jsonl", "\n".join(lines)))
    assert [(row["msg_id"], row["author"], row["text"]) for row in rows] == [
        ("1", "Ana", "one"),
        (None, "Bo", "two"),
        ("9223372036854775807", "Bo", "thr\u00e9e\n"),
        (None, "Ana", "f\u00f6ur"),
    ]
    half = f'{{"msg_id": 5, {when}, "author": "Ana", "text": "\\ud83d"}}'
    assert read("generic", write(tmp_path / "y.jsonl", "\n".join([*lines, half])))[:4] == rows


def test_a_column_of_lines_may_have_any_name(tmp_path: Path) -> None:
    """Also one with signs that JSON escapes."""
    rows = [{"ts": row["ts"], "author": row["author"], 'what "is"\tsaid': row["text"]} for row in ROWS]
    found = read("generic", write(tmp_path / "x.jsonl", lines_of(rows)), columns={"text": 'what "is"\tsaid'})
    assert [row["text"] for row in found] == [row["text"] for row in ROWS]


def test_a_wrong_value_far_behind_is_told_with_its_line(tmp_path: Path) -> None:
    """Files are read in pieces; lines are counted over all."""
    rows = [{**ROWS[1], "msg_id": number} for number in range(20_000)]
    rows[15_000]["ts"] = "never"
    for name, content, told in (("x.csv", csv_of(rows), "line 30003"), ("x.jsonl", lines_of(rows), "line 15001")):
        with pytest.raises(ExportError, match=told):
            read("generic", write(tmp_path / name, content))


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("x.csv", FORMATS["x.csv"], "likely"),
        ("x.txt", FORMATS["x.csv"], "likely"),
        ("x.csv", "ts,author,text\n2024-05-01T10:00:00Z,Ana,a zero: \0\n", "likely"),
        ("x.jsonl", FORMATS["x.jsonl"], "likely"),
        ("x.parquet", FORMATS["x.parquet"], "likely"),
        ("x.csv", "Date,User,Message\n", "maybe"),
        ("x.csv", "date,amount,currency\n", "no"),
        ("x.csv", "Dear diary,\ntoday it rained.\n", "no"),
        ("x.json", "{}", "no"),
        ("x.json", '{"messages": [{"ts": 1, "author": "a", "text": "b"}]}', "no"),
        ("x.json", "[1, 2]", "no"),
        ("x.csv", "", "no"),
        ("x.csv", bytes(range(256)) * 64, "no"),
        ("x.parquet", b"PAR1 and no more", "no"),
    ],
)
def test_a_table_is_recognised_by_its_columns(tmp_path: Path, name: str, content: Any, found: str) -> None:
    """Surely only where they are called as a source's are."""
    assert sure("generic", write(tmp_path / name, content)) == found


@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_a_table_that_begins_with_a_long_message_is_read(tmp_path: Path, name: str) -> None:
    """Its columns are known when its first message is read, however long that is."""
    rows = [{"ts": "2024-05-01T09:00:00Z", "author": "Ana", "text": "long " * 60_000}, *ROWS]
    path = write(tmp_path / name, lines_of(rows) if name == "x.jsonl" else json.dumps(rows))
    assert sure("generic", path) == "likely"
    assert [row["text"] for row in read("generic", path)] == [row["text"] for row in rows]


def test_who_is_nobody_is_the_platform(tmp_path: Path) -> None:
    """A row without an author is a system line, unless the table says what it is."""
    rows = [{**ROWS[0], "author": ""}, {**ROWS[1], "author": "Ana"}]
    assert [row["kind"] for row in read("generic", write(tmp_path / "x.csv", csv_of(rows)))] == ["system", "text"]


def test_reading_again_with_ids_renews_what_changed(desk: Desk, tmp_path: Path) -> None:
    """The same, an overlapping and a later table double nothing."""
    rows = [{**row, "msg_id": f"m{number}"} for number, row in enumerate(ROWS)]
    later = [
        rows[0],
        {**rows[1], "text": "edited"},
        *rows[2:],
        {**rows[2], "msg_id": "m9", "ts": "2024-05-02T00:00:00Z"},
    ]
    for number, each in enumerate((rows, rows[:2], later)):
        desk.ingest(write(tmp_path / str(number) / "x.csv", csv_of(each)))
    assert [text for (text,) in desk.rows("text")] == ["hello", "edited", "007", "007"]


def test_text_that_looks_like_a_script_or_formula_is_text(tmp_path: Path) -> None:
    """Nothing in a table is anything but a value."""
    texts = ["=1+1", "<script>alert(1)</script>", "'; DROP TABLE x; --", "null", "NaN", " padded ", "x" * 1_000_000]
    rows = [{**ROWS[0], "text": text} for text in texts]
    for name, content in (("x.csv", csv_of(rows)), ("x.jsonl", lines_of(rows)), ("x.parquet", parquet_of(rows))):
        assert [row["text"] for row in read("generic", write(tmp_path / name, content))] == texts


@given(data=st.data(), name=st.sampled_from(["x.csv", "x.jsonl", "x.json", "x.parquet"]))
def test_damage_gives_rows_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, name: str
) -> None:
    """Any piece of a file replaced by another."""
    whole = FORMATS[name]
    content: bytes = whole.encode() if isinstance(whole, str) else whole
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    patch = data.draw(st.sampled_from([b"", b'"', b",", b"\n", b"null", b"\xff\xfe", b"\x00", b"9" * 30, b"[", b"{}"]))
    survives("generic", write(tmp_path_factory.mktemp("x") / name, content[:start] + patch + content[end:]))


def test_errors_quote_nothing(tmp_path: Path) -> None:
    """No text or name stands in an error."""
    rows = [{**ROWS[0], "text": "zanzibarically", "author": "Kelemen"}] * 9
    for content in (csv_of(rows)[:-20], csv_of(rows) + "zanzibarically", lines_of(rows)[:-9]):
        with pytest.raises(EgregoraError) as caught:
            read("generic", write(tmp_path / "x.csv", content))
        assert "zanzibarically" not in str(caught.value)
        assert "Kelemen" not in str(caught.value)
