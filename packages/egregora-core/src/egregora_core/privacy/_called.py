"""What people and chats are called, in columns and in attributes: there an id or a whole name stands by itself."""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from unicodedata import normalize

from egregora_core.privacy._found_tables import FEW, found_table
from egregora_core.privacy._name_owners import NAME, Lexicon, for_each, value_in
from egregora_core.privacy._names import KnownName

ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z?"
_UUID = 36
"""Characters of a UUID as text."""

PSEUDONYMISED = ("mentions", "reactions", "forwarded_from")
"""The attributes that tell of people."""
_FIELDS = rf"^(?:author|count|emoji|ts|{TIME})$"
"""Keys of objects inside pseudonymised attributes, and times; any other word there may be a name."""
_SHORTCODE = r'"emoji":"(:?[a-z0-9+][a-z0-9_+-]{0,29}(?:::skin-tone-[2-6])?:?)"'
"""How platforms write an emoji in letters."""
_SPELT = "\x03"
"""Stands before an emoji in letters."""
_BACKSLASH, _QUOTE = "\x01", "\x02"
"""Stand for escapes while a JSON text is split at its quotation marks; JSON text cannot hold them."""


def with_names_of(data: Any, people: Iterable[KnownName]) -> Any:
    """Return a table with columns `author_name` and `thread_name`: pseudonyms, or the ids' form where none is known."""
    import ibis

    given = dict.fromkeys((entry.uuid, entry.pseudonym) for entry in people if entry.uuid and entry.pseudonym)
    table = _given(data, list(given))
    for column, name in (("author_uuid", "author_name"), ("thread_id", "thread_name")):
        called = table.select(**{f"{name}_id": table.identity, f"{name}_given": table.pseudonym})
        data = data.left_join(called, data[column] == called[f"{name}_id"])
        data = data.mutate(**{name: ibis.coalesce(data[f"{name}_given"], _id_form(data[column]))})
    return data


def _given(data: Any, given: Sequence[tuple[str | None, str | None]]) -> Any:
    """Return an ibis table of `identity` and `pseudonym`."""
    import ibis
    import pyarrow as pa

    if len(given) <= FEW:
        lines = ibis.literal(
            "\n".join(sorted(f"{uuid} {pseudonym}" for uuid, pseudonym in given)), type="string"
        ).split("\n")
        table = lines.unnest().name("line").as_table()
        return table.select(identity=table.line.left(_UUID).try_cast("uuid"), pseudonym=table.line.substr(_UUID + 1))
    ids, pseudonyms = zip(*given, strict=True)
    rows = pa.table({"identity": pa.array(ids, pa.string()), "pseudonym": pa.array(pseudonyms, pa.string())})
    return found_table(data.get_backend(), rows, "TRY_CAST(identity AS UUID) AS identity, pseudonym")


def with_names_in_attributes(data: Any, people: Sequence[KnownName], messages: Any) -> Any:
    """Return a table with a column `clean_mentions` and so on: the attribute's JSON text without names, or null.

    Each string in it is a pseudonym, a known key, free of letters (an emoji) or `[name]`. `data` was made of
    `messages`, and has their attributes.
    """
    people = [entry for entry in people if entry.role == "person" and entry.uuid is not None]
    strings = _strings_in(messages) if len(people) > FEW else None
    pseudonyms, words = _pseudonyms(people, strings), _words_of(people, strings)
    lexicon = Lexicon({NAME + key: value for key, value in pseudonyms.items()}, letters=None)
    data = data.mutate(all=lexicon.column())
    for key in PSEUDONYMISED:
        data = _with_attribute(data, key, lexicon, sorted(words))
    return data.drop("all")


def _with_attribute(data: Any, key: str, lexicon: Lexicon, words: Sequence[str]) -> Any:
    import ibis

    is_there = data.attrs.cast("string").contains(f'"{key}"')
    data = data.mutate(pieces=is_there.ifelse(_pieces(data.attrs[key].cast("string")), ibis.null("array<string>")))
    # What is no string is looked up as nothing.
    data = data.mutate(strings=data.pieces.map(lambda part, index: (index % 2 == 1).ifelse(part, "")))
    data = data.mutate(buckets=lexicon.chosen(data["all"], data.strings))
    data = data.mutate(
        named=for_each(lambda text, bucket, _: value_in(bucket, NAME + text), data.strings, data.buckets, data.strings)
    )
    clean = for_each(
        lambda part, text, name: (text == "").ifelse(_between(part), (name == "").ifelse(_unknown(part, words), name)),
        data.pieces,
        data.strings,
        data.named,
    )
    clean = clean.join('"').replace(_SPELT, "").replace(_QUOTE, '\\"').replace(_BACKSLASH, "\\\\")
    clean = data.pieces.notnull().ifelse(clean, ibis.null("string"))
    return data.mutate(**{f"clean_{key}": clean}).drop("pieces", "strings", "buckets", "named")


def _pieces(value: Any) -> Any:
    """Return the pieces of a JSON text between quotation marks: each second one is a string."""
    value = value.re_replace(_SHORTCODE, f'"emoji":"{_SPELT}\\1"')
    return value.replace("\\\\", _BACKSLASH).replace('\\"', _QUOTE).split('"')


def _between(part: Any) -> Any:
    return part.re_replace("-?[0-9][0-9.eE+-]{6,}", "null")


def _unknown(part: Any, words: Sequence[str]) -> Any:
    """Return what stands for a string that is nobody's name."""
    import ibis

    names = ibis.literal(words, type="array<string>")
    stays = part.re_search(_FIELDS) | ~part.re_search(r"[\pL\pN]")
    spelt = part.startswith(_SPELT) & (part.re_split("[^a-z0-9]+").intersect(names).length() == 0)
    return part.re_search(f"^{ID}$").ifelse(_id_form(part), (stays | spelt).ifelse(part, "[name]"))


def _id_form(identity: Any) -> Any:
    return "p-" + identity.cast("string").left(8)


def _words_of(people: Iterable[KnownName], wanted: Collection[str] | None) -> set[str]:
    """Return the words of names and ids; only of those that emoji in letters have, if `wanted` is not None."""
    if wanted is None:
        return {word for name in _pseudonyms(people, None) for word in _words(name)}
    spelt = {word for string in wanted if string.startswith(_SPELT) for word in _words(string)}
    return spelt & _words_of(people, None) if spelt else set()


def _words(name: str) -> list[str]:
    return [word for word in re.findall("[a-z0-9]+", name.lower()) if len(word) > 1]


def _strings_in(messages: Any) -> set[str]:
    """Return the strings in attributes that tell of people, but for known keys and times."""
    import ibis

    attrs = messages.attrs
    is_there = [attrs.cast("string").contains(f'"{key}"') for key in PSEUDONYMISED]
    pieces = [
        ibis.coalesce(_pieces(attrs[key].cast("string")), ibis.literal([], type="array<string>"))
        for key in PSEUDONYMISED
    ]
    told = messages.filter(is_there[0] | is_there[1] | is_there[2])
    strings = told.select(piece=(pieces[0] + pieces[1] + pieces[2]).unnest())
    strings = strings.filter(~strings.piece.re_search(_FIELDS)).distinct()
    backend = messages.get_backend()
    return {piece for (piece,) in backend.con.execute(backend.compile(strings)).fetchall()}


def _pseudonyms(people: Iterable[KnownName], wanted: Collection[str] | None) -> dict[str, str]:
    """Return the pseudonym of each person, by id, and by the name (of nobody else) as it stands in JSON text.

    Only of those that are `wanted`, if not None.
    """
    found: dict[str, set[str]] = {}
    if wanted is not None and not wanted:
        return {}
    for name, uuid, _, pseudonym in people:
        called = pseudonym or f"p-{str(uuid)[:8]}"
        for key in (str(uuid), *_spellings(name)):
            if wanted is None or key in wanted:
                found.setdefault(key, set()).add(called)
    return {key: next(iter(names)) if len(names) == 1 else "[name]" for key, names in sorted(found.items())}


def _spellings(name: str) -> set[str]:
    """Return how a name stands in JSON text, split as `_pieces` does."""
    forms = {name, name.lstrip("~ \u202f\xa0")}
    if not name.isascii():
        forms |= {normalize(how, name) for how in ("NFC", "NFD")}
    if name.isprintable() and '"' not in name and "\\" not in name:
        return forms
    escaped = (json.dumps(form, ensure_ascii=False)[1:-1] for form in forms)
    return {form.replace("\\\\", _BACKSLASH).replace('\\"', _QUOTE) for form in escaped}
