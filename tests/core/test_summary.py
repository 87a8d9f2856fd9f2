"""The built-in writer: posts and profiles that say what happened, and text that stays text."""

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from egregora_core.ir import IR_MESSAGES
from egregora_core.markdown_text import SEPARATOR, escape_inline, escape_texts, yaml_scalar
from egregora_core.specs import Document, Unit
from egregora_core.writers.summary import SummarySettings, write_post, write_profile
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


def test_tags_are_what_several_people_used() -> None:
    """Hashtags first; then long words that two people used thrice; no placeholder, no link."""
    document = post(
        message(0, "p-a", "Carnaval carnaval #Bloco https://carnaval.example/streets"),
        message(1, "p-b", "CARNAVAL [phone] [phone] streets alone alone alone"),
        message(2, "p-a", "[phone] p-deadbeef p-deadbeef"),
        message(3, "p-b", "p-deadbeef streets"),
    )
    assert document.attrs["tags"] == ["bloco", "carnaval"]
    assert post(message(0, "p-a", "#x #yes"), tags=0).attrs["tags"] == []


def test_a_post_may_leave_the_transcript_out() -> None:
    assert "secret" not in post(message(0, "p-a", "secret"), transcript=False).body
    assert SummarySettings() == SummarySettings(tags=5, transcript=True)


def test_a_window_in_which_nobody_wrote_yields_no_post() -> None:
    assert write_post(unit(message(0, "", "p-a left", kind="system"))) == []


@pytest.mark.parametrize(
    ("kind", "media", "label"), [("text", None, "no text"), ("media", None, "file"), ("call", None, "call")]
)
def test_a_message_without_a_body_has_a_label(kind: str, media: str | None, label: str) -> None:
    """No paragraph is a bare time."""
    body = post(message(0, "p-a", None, kind=kind, media=media)).body
    assert body.endswith(f"`09:30` *[{label}]*\n")


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
            *("\x02", "\x03", "\u2028", "klzzwxh:0001", "a | b\n- | -\n", "*[a]: b", "!!! note\n    x"),
        ]
    ),
    max_size=25,
).map("".join)


@given(NASTY | st.text(max_size=60))
@example("# x\n---\n<script>alert(1)</script>\n| a |\n|---|\n`b`")
@example("[a]: http://e.x\n\n[a]")
@example("x\n===\n\n\ty")
@example("https://e.x/a_b&lt;#")
@settings(max_examples=400, deadline=None)
def test_text_stays_text(text: str) -> None:
    """Whatever is in a message, MkDocs' Markdown shows its characters in paragraphs, and nothing else."""
    text = re.sub("[\ud800-\udfff]", "", text).replace(SEPARATOR, "")
    (escaped,) = escape_texts([text])
    rendered = render(f"`09:30` {escaped}")

    assert set(rendered.tags) <= {"p", "code", "br", "a"}
    assert rendered.tags.count("code") == 1
    assert all(link.startswith("http") for link in rendered.links)
    visible = re.sub("[\x00-\x20\x7f\xa0\x85\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]", "", text)
    assert re.sub("[\\s\xa0]", "", rendered.text) == re.sub("\\s", "", "09:30" + visible)


@given(st.lists(NASTY.map(lambda text: text.replace(SEPARATOR, "")), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_texts_do_not_run_together(texts: list[str]) -> None:
    """Escaping all at one go gives what escaping each alone gives."""
    assert escape_texts(texts) == [escape_texts([text])[0] for text in texts]


@given(NASTY | st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_a_title_stays_in_its_line(text: str) -> None:
    text = re.sub("[\ud800-\udfff]", "", text)
    rendered = render(f"# x {escape_inline(text)}")
    assert rendered.tags == ["h1"]


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_yaml_reads_back_what_was_quoted(text: str) -> None:
    yaml = pytest.importorskip("yaml")
    text = re.sub("[\ud800-\udfff]", "", text)
    assert yaml.safe_load(f"a: {yaml_scalar(text)}") == {"a": text}
