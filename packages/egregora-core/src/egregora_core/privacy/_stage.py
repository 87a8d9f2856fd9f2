"""The privacy stage: messages in, the same messages out without a name, number or address that identifies someone.

`attrs` is rebuilt from an allow-list, so what a future source adds to it is dropped until it is named here. The known
names are literals of the expression: they are part of its code, and the set of names belongs to the stage's input.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from egregora_core.messages import EVENTS, KINDS, validate_stage
from egregora_core.privacy._checked_numbers import mask_checked
from egregora_core.privacy._event_words import mask_unknown_words
from egregora_core.privacy._name_masking import (
    UNVEIL,
    VEIL,
    better_form,
    both_forms,
    count_names,
    mask_names,
    put_pseudonyms,
    twice,
    unveiled,
    veiled,
)
from egregora_core.privacy._name_owners import AMBIGUOUS
from egregora_core.privacy._name_patterns import name_patterns
from egregora_core.privacy._names import KnownName, names_of
from egregora_core.privacy._pii import LABELS, mask_addresses, mask_numbers
from egregora_core.privacy._places import mask_places

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

_MEDIA_TYPE = r"^[a-z]+/[A-Za-z0-9.+-]+$"


@validate_stage
def privacy(  # noqa: PLR0913 - what, whose names, and each setting by name
    data: Any,
    *,
    known: Sequence[KnownName] | None = None,
    mask_urls: bool = False,
    names: Sequence[str] = (),
    keep: Sequence[str] = (),
    pseudonym_language: str = "en",
) -> Any:
    """Pseudonymise messages: an ibis table of IR v1 → the same rows, row by row, given the set of names.

    `known` is what `known_names` finds in all messages of the tenant; without it, it is read from `data`. The other
    arguments are fields of `PrivacySettings`. Reactions are objects with `emoji`, `author`, `count` and `ts`.
    """
    known = names_of(data, pseudonym_language) if known is None else known
    people = [*known, *(KnownName(name, None, "given") for name in names)]
    # Each step is a column: used more than once, an expression would be written, and run, more than once.
    masked = data.mutate(told=_told(data))
    masked = masked.mutate(clean_text=both_forms(masked.told))
    # Names before numbers and addresses, so that a placeholder is never taken for a name.
    masked = _without_names(masked, people, keep)
    masked = mask_places(masked, is_place=_is_place(masked.attrs))
    masked = masked.mutate(clean_text=mask_addresses(masked.clean_text, mask_urls=mask_urls))
    masked = mask_checked(masked)
    masked = masked.mutate(clean_text=mask_numbers(masked.clean_text))
    masked = masked.mutate(clean_text=better_form(masked.clean_text))
    masked = _with_names_of(masked, people)
    masked = masked.mutate(
        pii_flags=_flags(masked.told, masked.clean_text),
        text=unveiled(masked.clean_text, (entry.pseudonym or "" for entry in people)),
        attrs=_attrs(masked, _pseudonyms(people)),
        author_raw=(masked.author_raw == "").ifelse("", masked.author_name),
        msg_id=masked.event_id.cast("string"),
        media_url=_null("string"),
        media_type=masked.media_type.re_search(_MEDIA_TYPE).ifelse(masked.media_type, _null("string")),
    )
    return masked.select(*data.columns)


def _is_of_the_platform(data: Any) -> Any:
    """Tell what the platform wrote from what somebody wrote whom nobody knows any more."""
    somebody = data.attrs.cast("string").fill_null("").re_search(_SOMEBODYS)
    return (data.author_raw == "") & ~somebody


_SOMEBODYS = '^{"kind":"(?:text|media|sticker|poll|location|contact)"'


def _null(kind: str) -> Any:
    import ibis

    return ibis.null(kind)


def _with_names_of(data: Any, people: Iterable[KnownName]) -> Any:
    """Return a table with columns `author_name` and `thread_name`: pseudonyms, or the ids' form where none is known."""
    import ibis

    given = sorted({(entry.uuid, entry.pseudonym) for entry in people if entry.uuid and entry.pseudonym})
    lines = ibis.literal("\n".join(f"{uuid} {pseudonym}" for uuid, pseudonym in given), type="string").split("\n")
    table = lines.unnest().name("line").as_table()
    for column, name in (("author_uuid", "author_name"), ("thread_id", "thread_name")):
        called = table.select(
            **{f"{name}_id": table.line.left(_UUID).try_cast("uuid"), f"{name}_given": table.line.substr(_UUID + 1)}
        )
        data = data.left_join(called, data[column] == called[f"{name}_id"])
        data = data.mutate(**{name: ibis.coalesce(data[f"{name}_given"], _id_form(data[column]))})
    return data


_UUID = 36
"""Characters of a UUID as text."""


def _id_form(identity: Any) -> Any:
    return "p-" + identity.cast("string").left(8)


def _id_form_of(uuid: str) -> str:
    return f"p-{uuid[:8]}"


def _is_place(attrs: Any) -> Any:
    return attrs["kind"].cast("string").fill_null("") == '"location"'


# --- text ---------------------------------------------------------------------------------------------------------


def _told(data: Any) -> Any:
    """Return the text; of a poll whose options stand in `attrs.data` these too, as chat apps write polls in texts.

    So names in question and options are masked as in any text.
    """
    import ibis

    poll = data.attrs["data"]
    question = ibis.coalesce(poll["question"].str, data.text, "")
    options = poll["options"].array.map(
        lambda option: (
            "\nOPTION: "
            + ibis.coalesce(option["text"].str, "").replace("\n", " ")
            + " ("
            + ibis.coalesce(option["votes"].int, 0).cast("string")
            + " votes)"
        )
    )
    is_poll = data.attrs.cast("string").fill_null("").re_search(_POLL)
    return is_poll.ifelse("POLL:\n" + question + options.join(""), data.text)


_POLL = r'^{"kind":"poll".*"data": ?{.*"options": ?\['


_INSIDE = r"[^\x{22}“”„»」』\n]"
_TITLE = rf"[^\x{{22}}“”„»」』\n{VEIL}]{_INSIDE}*|{VEIL}[^{UNVEIL}]*{UNVEIL}{_INSIDE}+"
_QUOTED = rf"([\x{{22}}“„«「『])(?:{_TITLE})([\x{{22}}“”»」』])"
"""What stands in quotation marks, unless it is a pseudonym and nothing else: the title of a chat that is known."""


def _without_names(data: Any, people: Sequence[KnownName], keep: Sequence[str]) -> Any:
    """Put pseudonyms, veiled, and labels for names.

    Of what a platform wrote also people whom nobody knows go: quotations, and all but the words of events.
    """
    patterns = name_patterns(people, keep=keep)
    patterns = replace(patterns, owners_of={key: _veiled_or(value) for key, value in patterns.owners_of.items()})
    data = mask_names(data, patterns)
    is_system = _is_of_the_platform(data)
    if patterns.system:
        data = data.mutate(clean_text=is_system.ifelse(twice(data.clean_text, patterns.system), data.clean_text))
    data = put_pseudonyms(data, patterns)
    events = mask_unknown_words(data.clean_text.re_replace(_QUOTED, r"\1[name]\2"))
    return data.mutate(clean_text=is_system.ifelse(events, data.clean_text))


def _veiled_or(value: str) -> str:
    return value if value == AMBIGUOUS else veiled(value)


def _flags(before: Any, after: Any) -> Any:
    """Return how often each label was put into the text, as JSON; null where the text is as it was."""
    import ibis

    def count(text: Any, label: str) -> Any:
        return (text.length() - text.replace(f"[{label}]", "").length()) // (len(label) + 2)

    parts = []
    for label in LABELS:
        found = count(after, label) - count(before, label)
        is_there = after.contains(f"[{label}]")
        if label == "name":
            found, is_there = found + count_names(after), is_there | after.contains(VEIL)
        # Inside of the condition, so that few texts are counted through.
        part = (found > 0).ifelse(ibis.literal(f'"{label}":') + found.cast("string"), _null("string"))
        parts.append(is_there.ifelse(part, _null("string")))
    flags = "{" + ibis.literal(",").join(parts) + "}"
    return (after != before).ifelse(flags, _null("string")).cast("json")


# --- attrs --------------------------------------------------------------------------------------------------------


def _attrs(data: Any, pseudonyms: dict[str, str]) -> Any:
    """Return `attrs` with only what is allowed to stay, and pseudonyms for who is named in it."""
    import ibis

    raw = data.attrs.cast("string")
    parts = [_member(key, _allowed(data.attrs, raw, key, shape)) for key, shape in _KEPT.items()]
    parts.append('"thread":"' + data.thread_name + '"')
    for key in _PSEUDONYMISED:
        value = _pseudonymised(data.attrs[key].cast("string"), pseudonyms)
        parts.append(_member(key, raw.contains(f'"{key}"').ifelse(value, _null("string"))))
    media = [_member(key, _allowed(data.attrs["media"], raw, key, shape)) for key, shape in _KEPT_OF_MEDIA.items()]
    media_text = '"media":{' + ibis.literal(",").join(media) + "}"
    parts.append((raw.contains('"media":') & data.attrs["media"].notnull()).ifelse(media_text, _null("string")))
    return data.attrs.isnull().ifelse(_null("string"), "{" + ibis.literal(",").join(parts) + "}").cast("json")


def _member(key: str, value: Any) -> Any:
    return f'"{key}":' + value


def _allowed(parent: Any, raw: Any, key: str, shape: str) -> Any:
    """Return the JSON text of a member where it looks as it may, else null; `raw` spares other rows the parsing."""
    value = parent[key].cast("string")
    return (raw.contains(f'"{key}"') & value.re_search(f"^(?:{shape})$")).ifelse(value, _null("string"))


_SPELT = "\x03"
"""Stands before an emoji in letters."""
_BACKSLASH, _QUOTE = "\x01", "\x02"
"""Stand for escapes while a JSON text is split at its quotation marks; JSON text cannot hold them."""


def _pseudonymised(value: Any, pseudonyms: dict[str, str]) -> Any:
    """Return a JSON text in which each string is a pseudonym, a known key, free of letters (an emoji) or `[name]`."""
    import ibis

    words = sorted({word for name in pseudonyms for word in re.findall("[a-z0-9]+", name.lower()) if len(word) > 1})
    names = ibis.literal(words, type="array<string>")
    lookup = ibis.map(
        ibis.literal(list(pseudonyms), type="array<string>"),
        ibis.literal(list(pseudonyms.values()), type="array<string>"),
    )

    def piece(part: Any, index: Any) -> Any:
        stays = part.re_search(_FIELDS) | ~part.re_search(r"[\pL\pN]")
        spelt = part.startswith(_SPELT) & (part.re_split("[^a-z0-9]+").intersect(names).length() == 0)
        stays = stays | spelt
        other = part.re_search(f"^{_ID}$").ifelse(_id_form(part), ibis.ifelse(stays, part, "[name]"))
        string = lookup.get(part, other)
        return ibis.ifelse(index % 2 == 1, string, part.re_replace("-?[0-9][0-9.eE+-]{6,}", "null"))

    value = value.re_replace(_SHORTCODE, f'"emoji":"{_SPELT}\\1"')
    pieces = value.replace("\\\\", _BACKSLASH).replace('\\"', _QUOTE).split('"')
    return pieces.map(piece).join('"').replace(_SPELT, "").replace(_QUOTE, '\\"').replace(_BACKSLASH, "\\\\")


def _pseudonyms(people: Iterable[KnownName]) -> dict[str, str]:
    """Return the pseudonym of each known author, by id, and by the name (of nobody else) as it stands in JSON text."""
    found: dict[str, set[str]] = {}
    for name, uuid, role, pseudonym in people:
        if role == "person" and uuid is not None:
            found.setdefault(uuid, set()).add(pseudonym or _id_form_of(uuid))
            for form in (
                name,
                name.lstrip("~ \u202f\xa0"),
                *(unicodedata.normalize(how, name) for how in ("NFC", "NFD")),
            ):
                escaped = json.dumps(form, ensure_ascii=False)[1:-1]
                key = escaped.replace("\\\\", _BACKSLASH).replace('\\"', _QUOTE)
                found.setdefault(key, set()).add(pseudonym or _id_form_of(uuid))
    return {key: next(iter(names)) if len(names) == 1 else "[name]" for key, names in sorted(found.items())}
