"""The built-in writer: posts and profiles that say what happened, and text that stays text."""

import json
import re
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from egregora_core.builtin._markdown_text import SEPARATOR, escape_inline, escape_texts, yaml_scalar
from egregora_core.builtin.summary import _conversation
from egregora_core.builtin.summary._tags import clustering
from egregora_core.builtin.summary._writer import SummarySettings, write_post, write_profile
from egregora_core.messages import IR_MESSAGES
from egregora_core.plain_text import plain
from egregora_core.plugins import Document, Unit
from hypothesis import example, given, settings
from hypothesis import strategies as st

THREAD = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
ANA = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
START = datetime(2024, 3, 12, 12, 30, tzinfo=UTC)


def message(
    minutes: float,
    author: str,
    text: str | None,
    *,
    thread: str = THREAD,
    media: str | None = None,
    **attrs: Any,
) -> dict[str, Any]:
    row = dict.fromkeys(IR_MESSAGES.names)
    return row | {
        "thread_id": thread,
        "ts": START + timedelta(minutes=minutes),
        "author_raw": author,
        "text": text,
        "media_type": media,
        "attrs": json.dumps({"kind": "text", "thread": "p-11111111", **attrs}),
    }


def unit(*messages: dict[str, Any], kind: Any = "window", zone: str = "America/Sao_Paulo", by: str = "days") -> Unit:
    types = {"TIMESTAMPTZ": pa.timestamp("us", "UTC"), "INTEGER": pa.int32()}
    schema = pa.schema([(column.name, types.get(column.duckdb_type, pa.string())) for column in IR_MESSAGES.columns])
    return Unit(
        kind=kind,
        key=f"{THREAD}/{by}/2024-03-11",
        thread_id=UUID(THREAD),
        author_uuid=UUID(ANA),
        window_start=messages[0]["ts"],
        window_end=messages[-1]["ts"],
        timezone=zone,
        messages=pa.Table.from_pylist(list(messages), schema=schema),
    )


def post(*messages: dict[str, Any], by: str = "days", zone: str = "America/Sao_Paulo", **settings: Any) -> Document:
    (document,) = write_post(unit(*messages, by=by, zone=zone), **settings)
    return document


def test_a_post_is_worth_reading() -> None:
    """The whole of a small post: numbers, days, people, times, placeholders."""
    document = post(
        message(0, "p-aaaaaaaa", "Good morning"),
        message(1, "p-aaaaaaaa", "Two\nlines\n\nand a paragraph"),
        message(2, "p-bbbbbbbb", None, kind="media", media="image/jpeg"),
        message(2, "p-bbbbbbbb", "look", kind="media", media="application/pdf"),
        message(3, "", "p-aaaaaaaa added p-cccccccc", kind="system"),
        message(3, "p-aaaaaaaa", None, kind="deleted"),
        message(24 * 60, "p-aaaaaaaa", "Fixed", edited=True),
    )
    assert document.title == "12–13 March 2024"  # an en dash
    assert document.slug == "2024-03-12-11111111"
    assert document.attrs == {
        "date": "2024-03-12",
        "end": "2024-03-13",
        "authors": ["p-aaaaaaaa", "p-bbbbbbbb"],
        "tags": [],
        "messages": 6,
        "thread": "p-11111111",
    }
    assert document.body == (
        "6 messages by 2 people.\n\n"
        "- From 12 March 2024, 09:30, to 13 March 2024, 09:30\n"
        "- Time zone: `America/Sao_Paulo`\n"
        "- Busiest hour: Tuesday, 12 March 2024, 09:00 (5 messages)\n"
        "- Not text: 1 × deleted, 1 × file, 1 × image\n"  # times
        "- Who wrote: p-aaaaaaaa (4), p-bbbbbbbb (2)\n\n"
        "## Tuesday, 12 March 2024\n\n"
        "**p-aaaaaaaa**\n\n`09:30` Good morning\n\n"
        "`09:31` Two  \nlines\n\nand a paragraph\n\n"
        "**p-bbbbbbbb**\n\n`09:32` *[image]*\n\n`09:32` *[file]* look\n\n"
        "`09:33` *p-aaaaaaaa added p-cccccccc*\n\n"
        "**p-aaaaaaaa**\n\n`09:33` *[deleted]*\n\n"
        "## Wednesday, 13 March 2024\n\n"
        "**p-aaaaaaaa**\n\n`09:30` Fixed *(edited)*\n"
    )


@pytest.mark.parametrize(
    ("minutes", "by", "title"),
    [
        (0, "days", "12 March 2024"),
        (90, "messages", "12 March 2024, 09:30–11:00"),  # an en dash
        (60 * 24 * 25, "days", "12 March – 6 April 2024"),  # an en dash
        (60 * 24 * 365, "days", "12 March 2024 – 12 March 2025"),  # an en dash
    ],
)
def test_titles_are_dates(minutes: int, by: str, title: str) -> None:
    """A title says when, and what its parts share only once."""
    assert post(message(0, "p-a", "x"), message(minutes, "p-a", "y"), by=by).title == title


def test_the_clock_of_the_reader_holds_across_its_changes() -> None:
    """Berlin goes from 01:59 to 03:00 on 31 March 2024; a window across it shows both."""
    change = (datetime(2024, 3, 31, 1, 0, tzinfo=UTC) - START).total_seconds() / 60
    body = post(message(change - 1, "p-a", "x"), message(change, "p-a", "y"), zone="Europe/Berlin").body
    assert "`01:59` x\n\n`03:00` y" in body


def _evening(*about: str) -> list[dict[str, Any]]:
    """Return forty lines of small talk of two people, with what they spoke of in the middle."""
    small = ["well", "there", "because", "other", "https://there.example", "p-deadbeef", "[phone]", "thanks"]
    lines = [" ".join(small[n % 3 : n % 3 + 5]) for n in range(40)]
    lines[18:22] = [f"{line} {' '.join(about)}" for line in lines[18:22]]
    return [message(n, "p-ab"[: 3 + n % 2], line) for n, line in enumerate(lines)]


def test_tags_are_what_people_spoke_of_for_a_while() -> None:
    """Hashtags first; then words that come in a cluster; no ordinary word, however frequent, and no placeholder."""
    document = post(*_evening("Carnaval", "carnaval"), message(50, "p-a", "#Bloco"))
    assert document.attrs["tags"] == ["bloco", "carnaval"]
    assert post(*_evening()).attrs["tags"] == []
    assert post(message(0, "p-a", "#x #yes"), tags=0).attrs["tags"] == []


def test_a_tag_is_nobodys_alone() -> None:
    """What one person repeats is no topic, and a word used twice is none."""
    alone = [{**row, "author_raw": "p-a"} for row in _evening("Carnaval")]
    assert post(*alone).attrs["tags"] == []
    assert post(*_evening(), message(50, "p-a", "Carnaval"), message(51, "p-b", "Carnaval")).attrs["tags"] == []


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_clustering_is_the_measure_of_its_formula(text: list[int]) -> None:
    """For each word: the spread of its gaps, the text's ends included, against what chance would give."""
    measured = clustering(np.array(text), 5)
    for word in set(text) if len(set(text)) > 1 else ():
        places = [-1, *(place for place, other in enumerate(text) if other == word), len(text)]
        n, gaps = len(places) - 2, np.diff(places)
        spread = gaps.std() / gaps.mean() / np.sqrt(1 - n / len(text))
        expected = (spread - (2 * n - 1) / (2 * n + 2)) * np.sqrt(n) * (1 + 2.8 * n**-0.865)
        assert measured[word] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "Which one?\nOPTION: The _first_ (2 votes)\nOPTION: 1. Or: this (1 vote)\nOPTION: None (0 votes)",
        "Which one?\nOPÇÃO: The _first_ (2 votos)\nOPÇÃO: 1. Or: this (1 voto)\nOPÇÃO: None (0 votos)\n",
        "Which one?\n选项：The _first_（2 票）\n选项：1. Or: this（1 票）\n选项：None（0 票）",
    ],
)
def test_a_poll_is_a_list(text: str) -> None:
    """The word before each option is the app's, in whatever language; what it says and its votes stay."""
    body = post(message(0, "p-a", text, kind="poll"), message(1, "p-a", "next")).body
    said = body.split("**p-a**\n\n")[1].splitlines()
    assert said[:2] == ["`09:30` *[poll]* Which one?", ""]
    assert [line[:4] for line in said[2:5]] == ["- Th", "- 1\\", "- No"]
    assert said[2].startswith("- The \\_first\\_")
    assert "Or: this" in said[3]
    assert said[5:] == ["", "`09:31` next"]


def test_what_only_looks_like_a_poll_stays_as_it_is() -> None:
    """Text of another kind, and a poll with a line that is no option, keep each word."""
    text = "Which one?\nOPTION: this (1 vote)"
    assert "OPTION: this (1 vote)" in post(message(0, "p-a", text)).body
    assert "OPTION: this (1 vote)" in post(message(0, "p-a", text + "\nand more", kind="poll")).body


def test_a_post_may_leave_the_transcript_out() -> None:
    assert "secret" not in post(message(0, "p-a", "secret"), transcript=False).body
    assert SummarySettings() == SummarySettings(tags=5, transcript=True)


def test_a_window_in_which_nobody_wrote_yields_no_post() -> None:
    assert list(write_post(unit(message(0, "", "p-a left", kind="system")))) == []


def test_a_very_long_window_is_several_posts() -> None:
    """Each is about its piece of it, with its own numbers; no message is lost, and none is in two of them."""
    messages = [message(n, f"p-{n % 2}", f"{n:04} " + "word " * 20_000) for n in range(100)]
    posts = list(write_post(unit(*messages)))

    assert len(posts) > 3
    assert max(len(each.body) for each in posts) < 3_000_000
    assert [number for each in posts for number in re.findall(r" (\d{4}) word", each.body)] == [
        f"{n:04}" for n in range(100)
    ]
    assert sum(each.attrs["messages"] for each in posts) == 100
    assert all(each.body.startswith(f"{each.attrs['messages']} messages by 2 people.") for each in posts)
    assert all("## Tuesday, 12 March 2024" in each.body for each in posts)
    assert [each.slug for each in posts[:3]] == [f"2024-03-12-{THREAD[:8]}{end}" for end in ("", "-2", "-3")]
    assert [each.title for each in posts[:3]] == ["12 March 2024", "12 March 2024 (2)", "12 March 2024 (3)"]


def test_a_very_long_window_is_one_post_without_its_transcript() -> None:
    messages = [message(n, "p-a", "word " * 100_000) for n in range(10)]
    assert post(*messages, transcript=False).attrs["messages"] == 10


@settings(max_examples=30)
@given(
    lengths=st.lists(st.sampled_from([0, 7, 700, 1_960, 2_500]), min_size=1, max_size=8),
    cuts=st.lists(st.integers(1, 7), min_size=1),
)
@example(lengths=[700] * 5, cuts=[1, 2, 4])
def test_where_a_piece_ends_follows_from_the_messages_alone(lengths: list[int], cuts: list[int]) -> None:
    """And not from how the unit is divided into batches, which differs from machine to machine."""
    whole = unit(*(message(n, "p-a", "x" * length) for n, length in enumerate(lengths)))
    borders = sorted({0, len(lengths), *(cut for cut in cuts if cut < len(lengths))})
    pieces = [whole.messages.slice(start, end - start) for start, end in pairwise(borders)]
    batches = [batch for piece in pieces for batch in piece.combine_chunks().to_batches()]
    divided = replace(whole, messages=pa.Table.from_batches(batches))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_conversation, "LONGEST", 2_000)
        assert list(write_post(divided)) == list(write_post(whole))


@pytest.mark.parametrize(
    ("kind", "media", "label"), [("text", None, "no text"), ("media", None, "file"), ("call", None, "call")]
)
def test_a_message_without_a_body_has_a_label(kind: str, media: str | None, label: str) -> None:
    """No paragraph is a bare time."""
    body = post(message(0, "p-a", None, kind=kind, media=media)).body
    assert body.endswith(f"`09:30` *[{label}]*\n")


def test_one_long_message_among_many_short_ones_costs_its_own_length() -> None:
    """Memory follows what was written, not the longest message times the number of messages."""
    messages = [message(number, "p-aaaaaaaa", "ok") for number in range(5_000)]
    messages.append(message(5_000, "p-aaaaaaaa", "x" * 200_000))
    tracemalloc.start()
    (document,) = write_profile(unit(*messages, kind="author"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "Typical length: 2 characters" in document.body
    assert peak < 40_000_000


def test_a_profile_counts_and_quotes_nothing() -> None:
    """Numbers about one person, with no word of theirs but their emoji."""
    (document,) = write_profile(
        unit(
            message(0, "p-aaaaaaaa", "word 😂😂👍🏽"),
            message(60, "p-aaaaaaaa", "https://example.com"),
            message(61, "p-aaaaaaaa", None, kind="media", media="image/png", thread=OTHER),
            kind="author",
        )
    )
    assert (document.kind, document.slug, document.title) == ("profile", "p-aaaaaaaa", "p-aaaaaaaa")
    assert document.attrs["messages"] == 3
    assert "3 messages on 1 day, from 12 March 2024 to 12 March 2024." in document.body
    assert "(most at 10:00)" in document.body
    assert "- Emoji: 😂 2, 👍🏽 1" in document.body
    assert "- Links: 1" in document.body
    assert "| p-11111111 | 2 | 67 % |" in document.body
    assert "word" not in document.body


def test_the_same_messages_give_the_same_documents() -> None:
    messages = [message(n, f"p-{n % 3}", f"#tag{n % 4} hello there") for n in range(50)]
    assert post(*messages) == post(*messages)


class Rendered(HTMLParser):
    """What a browser would show of rendered Markdown: tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert tag in {"a", "h1"} or not attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def render(markdown_source: str) -> Rendered:
    markdown = pytest.importorskip("markdown")
    rendered = Rendered()
    extensions = ["toc", "tables", "fenced_code", "attr_list", "def_list", "footnotes", "admonition", "abbr"]
    rendered.feed(markdown.markdown(markdown_source, extensions=extensions))
    return rendered


NASTY = st.lists(
    st.sampled_from(
        [
            *"#-=*_`~|<>&[]():!\\{}+.^$%1 \n\t",
            *(
                "\n\n",
                "```",
                "~~~",
                "---",
                "***",
                "    ",
                "<b>",
                "</p>",
                "<!--",
                "a",
                "é",
                "😂",
                "amp",
                "1. ",
                "2) ",
            ),
            *(
                "&lt;",
                "&#60;",
                "[x]: y",
                "https://e.x/a_b",
                "javascript:",
                "![i](j)",
                "{: .c }",
                "[TOC]",
                "[^1]: n",
            ),
            *(
                "\x02",
                "\x03",
                "\x9b2J",
                "\u202e",
                "\u2066",
                "\u2028",
                "klzzwxh:0001",
                "a | b\n- | -\n",
                "*[a]: b",
                "!!! note\n    x",
            ),
        ]
    ),
    max_size=25,
).map("".join)


@given(NASTY | st.text(max_size=60))
@example("# x\n---\n<script>alert(1)</script>\n| a |\n|---|\n`b`")
@example("[a]: http://e.x\n\n[a]")
@example("x\n===\n\n\ty")
@example("https://e.x/a_b&lt;#")
def test_text_stays_text(text: str) -> None:
    """Whatever is in a message, MkDocs' Markdown shows its characters in paragraphs, and nothing else."""
    text = re.sub("[\ud800-\udfff]", "", text).replace(SEPARATOR, "")
    (escaped,) = escape_texts([text])
    rendered = render(f"`09:30` {escaped}")

    assert set(rendered.tags) <= {"p", "code", "br", "a"}
    assert rendered.tags.count("code") == 1
    assert all(link.startswith("http") for link in rendered.links)
    visible = re.sub("[\x00-\x20\xa0\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]", "", plain(text))
    assert re.sub("[\\s\xa0]", "", rendered.text) == re.sub("\\s", "", "09:30" + visible)


@given(st.lists(NASTY.map(lambda text: text.replace(SEPARATOR, "")), min_size=1, max_size=8))
def test_texts_do_not_run_together(texts: list[str]) -> None:
    """Escaping all at one go gives what escaping each alone gives."""
    assert escape_texts(texts) == [escape_texts([text])[0] for text in texts]


@given(NASTY | st.text(max_size=40))
def test_a_title_stays_in_its_line(text: str) -> None:
    text = re.sub("[\ud800-\udfff]", "", text)
    rendered = render(f"# x {escape_inline(text)}")
    assert rendered.tags == ["h1"]


@given(st.text())
def test_yaml_reads_back_what_was_quoted(text: str) -> None:
    """All of it, but for what would turn or command whatever shows it."""
    yaml = pytest.importorskip("yaml")
    text = re.sub("[\ud800-\udfff]", "", text)
    assert yaml.safe_load(f"a: {yaml_scalar(text)}") == {"a": plain(text)}
