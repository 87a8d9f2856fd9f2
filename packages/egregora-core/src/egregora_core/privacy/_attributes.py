"""The attributes of messages that stay after privacy: from an allow-list, with pseudonyms for who is named in them.

What a future source adds is dropped until it is named here.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from egregora_core.messages import EVENTS, KINDS
from egregora_core.privacy._name_owners import Lexicon, for_each, value_in
from egregora_core.privacy._names import KnownName
from egregora_core.privacy._occurring import values_of

_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z?"

_KEPT = {
    "kind": f'"(?:{"|".join(KINDS)})"',
    "event": f'"(?:{"|".join(EVENTS)})"',
    "update": '"(?:edit|delete|react)"',
    "edited": r'true|false|[0-9.]+|"[0-9TZ:.+ -]+"',
    "edited_at": f'"{_TIME}"',
    "tz_source": r'"[A-Za-z0-9_+/-]+(?: \((?:fold: first|gap: offset before)\))?"',
    "reply_to": f'"{_ID}"',
    "thread_root": f'"{_ID}"',
    "data": r'\{(?:"(?:seconds|video|missed)":(?:[0-9]{1,6}|true|false),?)+\}',
}
"""The attributes that stay, each with what its JSON text may look like; another value is dropped."""

_KEPT_OF_MEDIA = {"size": "[0-9]+", "missing": "true|false"}
_PSEUDONYMISED = ("mentions", "reactions", "forwarded_from")
_FIELDS = rf"^(?:author|count|emoji|ts|{_TIME})$"
"""Keys of objects inside pseudonymised attributes, and times; any other word there may be a name."""
_SHORTCODE = r'"emoji":"(:?[a-z0-9+][a-z0-9_+-]{0,29}(?:::skin-tone-[2-6])?:?)"'
"""How platforms write an emoji in letters."""


def id_form(identity: Any) -> Any:
    """Return an ibis text expression for what stands for an id whose pseudonym is not known."""
    return "p-" + identity.cast("string").left(8)


class Called(NamedTuple):
    """What stands for those of whom attributes tell."""

    pseudonyms: Lexicon
    """By id, and by name as it stands in JSON text, each behind `_KEY`."""
    words: list[str]
    """Of all these names: an emoji in letters may be made of one."""


def with_pieces(data: Any, called: Called) -> Any:
    """Return a table of messages with what `kept_attributes` looks at more than once, each in a column of its own."""
    import ibis

    raw = data.attrs.cast("string")
    pieces = {
        f"{key}_pieces": raw.contains(f'"{key}"').ifelse(
            _pieces(data.attrs[key].cast("string")), ibis.null("array<string>")
        )
        for key in _PSEUDONYMISED
    }
    return data.mutate(buckets=called.pseudonyms.column(), **pieces)


def kept_attributes(data: Any, thread: Any, called: Called) -> Any:
    """Return the `attrs` of `with_pieces` with only what is allowed to stay, and pseudonyms for who is named in it.

    `thread` is what the chat is called.
    """
    import ibis

    attrs, raw = data.attrs, data.attrs.cast("string")
    parts = [_member(key, _allowed(attrs, raw, key, shape)) for key, shape in _KEPT.items()]
    parts.append('"thread":"' + thread + '"')
    parts += [_member(key, _pseudonymised(data[f"{key}_pieces"], called, data.buckets)) for key in _PSEUDONYMISED]
    media = [_member(key, _allowed(attrs["media"], raw, key, shape)) for key, shape in _KEPT_OF_MEDIA.items()]
    media_text = '"media":{' + ibis.literal(",").join(media) + "}"
    parts.append((raw.contains('"media":') & attrs["media"].notnull()).ifelse(media_text, ibis.null("string")))
    return attrs.isnull().ifelse(ibis.null("string"), "{" + ibis.literal(",").join(parts) + "}").cast("json")


def _member(key: str, value: Any) -> Any:
    return f'"{key}":' + value


def _allowed(parent: Any, raw: Any, key: str, shape: str) -> Any:
    """Return the JSON text of a member where it looks as it may, else null; `raw` spares other rows the parsing."""
    import ibis

    value = parent[key].cast("string")
    return (raw.contains(f'"{key}"') & value.re_search(f"^(?:{shape})$")).ifelse(value, ibis.null("string"))


_SPELT = "\x03"
"""Stands before an emoji in letters."""
_KEY, _LONGEST = "=", 36
"""A key of pseudonyms begins so, and is told from others by so many letters at most: those of a UUID."""
_BACKSLASH, _QUOTE = "\x01", "\x02"
"""Stand for escapes while a JSON text is split at its quotation marks; JSON text cannot hold them."""


def _pieces(value: Any) -> Any:
    """Return the pieces of a JSON text between quotation marks: each second one is a string."""
    value = value.re_replace(_SHORTCODE, f'"emoji":"{_SPELT}\\1"')
    return value.replace("\\\\", _BACKSLASH).replace('\\"', _QUOTE).split('"')


def _pseudonymised(pieces: Any, called: Called, buckets: Any) -> Any:
    """Return a JSON text in which each string is a pseudonym, a known key, free of letters (an emoji) or `[name]`."""
    import ibis

    names = ibis.literal(called.words, type="array<string>")

    def piece(part: Any, bucket: Any, is_string: Any) -> Any:
        is_word = part.re_split("[^a-z0-9]+").intersect(names).length() == 0
        stays = part.re_search(_FIELDS) | ~part.re_search(r"[\pL\pN]")
        stays = stays | part.startswith(_SPELT).ifelse(is_word, ibis.literal(value=False))
        other = part.re_search(f"^{_ID}$").ifelse(id_form(part), ibis.ifelse(stays, part, "[name]"))
        string = ibis.coalesce(value_in(bucket, _KEY + part).nullif(""), other)
        return (is_string == "1").ifelse(string, part.re_replace("-?[0-9][0-9.eE+-]{6,}", "null"))

    are_strings = pieces.map(lambda _, place: (place % 2).cast("string"))
    made = for_each(piece, pieces, called.pseudonyms.chosen(buckets, pieces), are_strings).join('"')
    made = made.replace(_SPELT, "").replace(_QUOTE, '\\"').replace(_BACKSLASH, "\\\\")
    return pieces.notnull().ifelse(made, ibis.null("string"))


def strings_in(data: Any) -> frozenset[str]:
    """Return the strings in attributes that tell of people."""
    import ibis

    raw = data.attrs.cast("string")
    told = data.filter(ibis.or_(*(raw.contains(f'"{key}"') for key in _PSEUDONYMISED)))
    pieces = ibis.union(
        *(told.select(piece=_pieces(told.attrs[key].cast("string")).unnest()) for key in _PSEUDONYMISED), distinct=True
    )
    return frozenset(values_of(pieces, "SELECT piece FROM {rows} WHERE piece IS NOT NULL"))


def called(people: Iterable[KnownName], told: Collection[str] | None) -> Called:
    """Return the pseudonym of each known author, by id, and by the name (of nobody else).

    Of many people `told` spares those who are not told of: it is what `strings_in` finds.
    """
    found: dict[str, set[str]] = {}
    words: set[str] = set()
    spelt = None if told is None else {word for text in told if text.startswith(_SPELT) for word in _words_in(text)}
    for entry in people if told is None or told else ():
        uuid = entry.uuid
        if entry.role != "person" or uuid is None:
            continue
        for key in (uuid, *_spellings(entry.name)):
            if told is None or key in told:
                found.setdefault(key, set()).add(entry.pseudonym or f"p-{uuid[:8]}")
            if spelt is None or spelt:
                words.update(_words_in(key))
    pseudonyms = {key: next(iter(names)) if len(names) == 1 else "[name]" for key, names in sorted(found.items())}
    lexicon = Lexicon({_KEY + key: pseudonym for key, pseudonym in pseudonyms.items()}, _LONGEST, 2)
    return Called(lexicon, sorted(words if spelt is None else words & spelt))


def _words_in(text: str) -> list[str]:
    return [word for word in re.findall("[a-z0-9]+", text.lower()) if len(word) > 1]


def _spellings(name: str) -> set[str]:
    """Return how a name stands in JSON text, split as `_pieces` does."""
    written = {name, name.lstrip("~ \u202f\xa0")}
    if not name.isascii():
        written |= {unicodedata.normalize(how, name) for how in ("NFC", "NFD")}
    escaped = {json.dumps(form, ensure_ascii=False)[1:-1] for form in written}
    return {form.replace("\\\\", _BACKSLASH).replace('\\"', _QUOTE) for form in escaped}
