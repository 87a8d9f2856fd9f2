"""Chats as sigexport writes them in JSON: one message a line, times as the clock on the wall showed them.

Nearly all messages are a text, perhaps with files and reactions: they are looked at by column, not one by one.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from egregora_core.plugin import Row, as_dict
from egregora_core.plugin.json_values import dict_of, dicts_of, list_of, text_of
from msgspec import UNSET, Struct
from msgspec.structs import astuple

from egregora_sources._values import Counts
from egregora_sources.signal._columns import Together, filled, of_shape, several, without_text
from egregora_sources.signal._markdown import CALL, NOBODY, Beside, call

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_MARGIN = "  "
"""What sigexport puts behind each text, as Markdown ends a line."""
_CALLS = ("Incoming ", "Outgoing ", "Missed ")
"""How texts begin that may say that somebody called."""
_QUOTES = "quotes, which do not say of which message they are"
_zone = attrgetter("tzinfo")


class _Message(Struct, gc=False):
    """A message, with all that is looked at, by the names in the file."""

    date: Any = UNSET
    sender: Any = UNSET
    body: Any = UNSET
    reactions: Any = UNSET
    attachments: Any = UNSET
    quote: Any = UNSET
    sticker: Any = UNSET
    deleted: Any = UNSET
    edits: Any = UNSET
    call: Any = UNSET
    """Whether somebody called; it is the last."""


class Chat:
    """Reads the messages of one file, which is one chat."""

    def __init__(self, export: "Export", name: str, thread: str, counts: Counts) -> None:
        self._export, self._name, self._thread, self._counts = export, name, thread, counts
        self._files = Beside(export, name)

    def batches(self, together: Together) -> Iterator[Any]:
        """Put the messages to those of other files; yield tables of them."""
        for batch in several(self._export.batches(self._name, shape=_Message)):
            yield from together.add(*self._messages(batch))

    def _messages(self, batch: Sequence[Any]) -> tuple[dict[str, list[Any]], dict[int, Row | None]]:
        """Return messages by column, and those that are unlike as rows."""
        messages = of_shape(batch, _Message)
        dates, authors, bodies, reacted, attached, quotes, *rare = zip(*map(astuple, messages), strict=True)
        apart = {place for column in rare for place in filled(column)}
        if odd := without_text(dates, authors, bodies):
            apart.update(odd)
            dates, bodies = (tuple(each if type(each) is str else "" for each in column) for column in (dates, bodies))
        if not _are_clocks(dates):
            apart.update(place for place, date in enumerate(dates) if not _are_clocks([date]))
        texts = [body.removesuffix(_MARGIN) or None for body in bodies]
        if UNSET in rare[-1]:  # whether somebody called is said by the text alone
            apart.update(place for place, text in enumerate(texts) if text and text.startswith(_CALLS))
        if NOBODY in authors or "" in authors:
            apart.update(place for place, author in enumerate(authors) if author in (NOBODY, ""))
        nothing: list[Any] = [None] * len(batch)
        reactions, media, kinds = nothing, nothing.copy(), ["text"] * len(batch)
        for place in filled(reacted):
            reactions[place] = _reactions(reacted[place])
        for place in filled(attached):
            if files := self._media(attached[place]):
                media[place], kinds[place] = files, "media"
        self._counts.add(_QUOTES, sum(1 for place in filled(quotes) if place not in apart and text_of(quotes[place])))
        columns = {"thread": [self._thread] * len(batch), "ts": [*dates], "author": [*authors], "kind": kinds}
        columns |= {"text": texts, "reactions": reactions, "media": media}
        return columns, {place: self._apart(messages[place]) for place in sorted(apart)}

    def _apart(self, message: _Message) -> Row | None:
        row = self._row(as_dict(message))
        return row and {**row, "ts": row["ts"].isoformat()}

    def _row(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Return a message of any kind."""
        ts = _moment(message.get("date"))
        if ts is None:
            self._counts.add("messages without a time")
            return None
        sender = text_of(message.get("sender"))
        author = None if sender == NOBODY else sender
        row = {"thread": self._thread, "ts": ts, "author": author, **self._body(message)}
        return row | ({"kind": "system", "event": "other"} if author is None and row["kind"] == "text" else {})

    def _body(self, said: dict[str, Any]) -> dict[str, Any]:
        if said.get("deleted") is True:
            return {"kind": "deleted", "text": None}
        text = (text_of(said.get("body")) or "").removesuffix(_MARGIN) or None
        self._counts.add(_QUOTES, bool(text_of(said.get("quote"))))
        edits = list_of(said.get("edits"))
        self._counts.add("earlier versions of messages", len(edits))
        row: dict[str, Any] = {"text": text, "kind": "text", "edited": True if edits else None}
        row["reactions"] = _reactions(said.get("reactions"))
        if media := self._media(said.get("attachments")):
            row |= {"media": media, "kind": "media"}
        if sticker := said.get("sticker"):
            label = text_of(sticker) or text_of(dict_of(sticker).get("emoji"))
            row |= {"kind": "sticker", "text": text or label}
        if said.get("call") is True or (text and "call" not in said and CALL.match(text)):
            row |= call(text or "")
        return row

    def _media(self, attachments: Any) -> list[dict[str, Any]]:
        return [
            self._files.file(text_of(each.get("name")), text_of(each.get("path"))) for each in dicts_of(attachments)
        ]


def _reactions(values: Any) -> list[dict[str, Any]] | None:
    return [each for each in map(_reaction, list_of(values)) if each] or None


def _reaction(value: Any) -> dict[str, Any] | None:
    pair = value if type(value) is list else [dict_of(value).get("name"), dict_of(value).get("emoji")]
    if len(pair) != 2 or not text_of(pair[1]):  # noqa: PLR2004 - who, and what
        return None
    return {"emoji": pair[1], "author": text_of(pair[0])}


def _are_clocks(dates: Sequence[str]) -> bool:
    """Tell whether texts are what clocks showed, none with its zone."""
    try:
        return set(map(_zone, map(datetime.fromisoformat, dates))) == {None}
    except ValueError:
        return False


def moments(dates: list[str]) -> pa.Array:
    """Return what clocks showed as a column."""
    texts = pa.array(dates, pa.string())
    try:
        return texts.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:  # written in another of the ways of ISO 8601
        return pa.array([*map(datetime.fromisoformat, dates)], pa.timestamp("us"))


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=None)  # it is a wall clock's, whatever was written behind it
