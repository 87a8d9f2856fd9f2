"""Text that somebody wrote, as Markdown and YAML that show exactly it.

Nothing in a message may become markup: no heading, rule, table, code, link definition or HTML.
Python-Markdown, which MkDocs uses, and CommonMark differ in what a backslash escapes, so where they do an
entity stands instead.
"""

import json
import re
from collections.abc import Sequence

from egregora_core.plugin import TURNS, plain

_CONTROL = re.compile(f"[\x00-\x08\x0e-\x1d\x1f\x7f-\x9f{TURNS}\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# What reads as an entity ends an address: there it would be shown as the character that it names.
_URL = re.compile(
    r"(https?://(?:[^\s<>\"'`\\|\[\]{}^*&]|&(?!#?\w+;))+(?<![.,;:!?)]))",
    re.IGNORECASE,
)
_SPECIAL = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", **{character: "\\" + character for character in "\\`*_[]{}|"}}
)
_TILDES = re.compile(r"~(?=~)|(?<=~)~")
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_BLOCK_START = re.compile(r"^(?:([#+!-])|(\d+)([.)])|([=:]))", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n\n+")
_LINE_BREAK = re.compile(r"(?<!\n)\n(?!\n)")
_YAML_UNSAFE = re.compile("[\u2028\u2029\ufeff\ufffe\uffff]")

SEPARATOR = "\x1e"
"""Stands between texts that are escaped at one go."""

_AROUND_SEPARATOR = re.compile(rf"[\n \t]*{SEPARATOR}[\n \t]*")


def escape_texts(texts: Sequence[str]) -> list[str]:
    """Return each text as Markdown that shows it: line by line, its http addresses linked.

    All of them at one go, so that a message costs no call; none may contain `SEPARATOR`. They are to stand
    after something on their line: only their later lines are guarded against being read as a block.
    """
    joined = SEPARATOR + SEPARATOR.join(texts) + SEPARATOR
    return escape_lines(_AROUND_SEPARATOR.sub(SEPARATOR, clean(joined))).split(SEPARATOR)[1:-1]


def clean(text: str) -> str:
    """Return text with one kind of line end, no control characters (Python-Markdown uses some), no turned direction."""
    return _CONTROL.sub("", _NEWLINES.sub("\n", text))


def escape_lines(text: str) -> str:
    """Return cleaned text as Markdown that keeps its lines and blank lines, and links its http addresses."""
    text = _BLANK_LINES.sub("\n\n", _TRAILING.sub("", text))
    pieces = _URL.split(text)
    pieces[::2] = [piece.translate(_SPECIAL) for piece in pieces[::2]]
    pieces[1::2] = [f"<{piece}>" for piece in pieces[1::2]]
    text = "".join(pieces)
    text = _TILDES.sub("&#126;", text) if "~~" in text else text
    if "\n" in text:
        text = _LINE_BREAK.sub("  \n", text)
        text = _INDENT.sub(lambda found: "&nbsp;" * len(found[0].expandtabs(4)), text)
    return _BLOCK_START.sub(_escape_block_start, text)


def escape_inline(text: str) -> str:
    """Return text as one line of Markdown without links, for headings, link texts and list items."""
    line = " ".join(clean(text.replace(SEPARATOR, "")).split()).translate(_SPECIAL)
    return _BLOCK_START.sub(_escape_block_start, _TILDES.sub("&#126;", line))


def yaml_scalar(value: str) -> str:
    """Return a YAML double-quoted scalar: JSON, whose escapes YAML shares, less what readers refuse or obey."""
    quoted = json.dumps(plain(value), ensure_ascii=False)
    return _YAML_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _escape_block_start(found: re.Match[str]) -> str:
    marker, number, stop, other = found.groups()
    if other:
        return f"&#{ord(other)};"
    return f"{number}\\{stop}" if number else f"\\{marker}"
