"""The privacy stage: messages in, the same messages out without a name, number or address that identifies someone.

The known names that occur are literals of the expression: they are part of its code, and the set of names belongs to
the stage's input. Of many, those are found while the expression is made who write, or are told of, in the rows that
are there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from egregora_core.messages import validate_stage
from egregora_core.privacy._attributes import called, id_form, kept_attributes, strings_in, with_pieces
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
from egregora_core.privacy._namesakes import with_chats
from egregora_core.privacy._occurring import are_many, marked, values_of
from egregora_core.privacy._pii import LABELS, mask_addresses, mask_numbers
from egregora_core.privacy._places import mask_places
from egregora_core.privacy._settings import PrivacySettings

_MEDIA_TYPE = r"^[a-z]+/[A-Za-z0-9.+-]+$"


@validate_stage
def privacy(data: Any, *, known: Sequence[KnownName] | None = None, **settings: Any) -> Any:
    """Pseudonymise messages: an ibis table of IR v1 → the same rows, row by row, given the set of names.

    `known` is what `known_names` finds in all messages of the tenant, and of many what `occurring_names` says of them;
    without it, it is read from `data`. The settings are fields of `PrivacySettings`. Reactions are objects with
    `emoji`, `author`, `count` and `ts`.
    """
    asked = PrivacySettings(**settings)
    known = occurring_names(data, names_of(data, asked.pseudonym_language)) if known is None else known
    people = [*known, *(KnownName(name, None, "given") for name in asked.names)]
    many = are_many(people)
    # Each step is a column: used more than once, an expression would be written, and run, more than once.
    masked = _with_texts(data)
    # Names before numbers and addresses, so that a placeholder is never taken for a name.
    masked = _without_names(masked, [entry for entry in people if entry.occurs], asked.keep)
    without_places = mask_places(masked.clean_text, is_place=_is_place(masked.attrs))
    masked = masked.mutate(clean_text=mask_addresses(without_places, mask_urls=asked.mask_urls))
    masked = mask_checked(masked)
    masked = masked.mutate(clean_text=mask_numbers(masked.clean_text))
    masked = masked.mutate(clean_text=better_form(masked.clean_text))
    masked = _with_names_of(masked, _of_ids(data, people) if many else people)
    people_told_of = called(people, strings_in(data) if many else None)
    masked = with_pieces(masked, people_told_of)
    media_type = masked.rest["media_type"]
    made = {
        "pii_flags": _flags(masked.told, masked.clean_text),
        "text": unveiled(masked.clean_text, (entry.pseudonym or "" for entry in people)),
        "attrs": kept_attributes(masked, _name_of(masked, "thread_id"), people_told_of),
        "author_raw": (masked.author_raw == "").ifelse("", _name_of(masked, "author_uuid")),
        "msg_id": masked.event_id.cast("string"),
        "media_url": _null("string"),
        "media_type": media_type.re_search(_MEDIA_TYPE).ifelse(media_type, _null("string")),
    }
    made |= {name: masked[name] for name in _ASKED_OF if name not in made}
    return masked.select(**{name: made[name] if name in made else masked.rest[name] for name in data.columns})


def occurring_names(messages: Any, known: Sequence[KnownName]) -> list[KnownName]:
    """Return the names with `occurs` false where no message (an ibis table of IR v1) holds a word of them.

    Of people who are called as others are, they have the `chats` in which each writes.
    """
    return marked(_with_texts(messages), with_chats(messages, known))


_ASKED_OF = ("event_id", "thread_id", "author_uuid", "author_raw", "attrs")
_MADE_ANEW = ("text", "msg_id", "media_url", "pii_flags")
"""Columns of which nothing is asked any more."""


def _with_texts(data: Any) -> Any:
    """Return the messages with `told`, what each says, and `clean_text`, the same as names are looked for in it.

    What only has to be there in the end is one column, `rest`: each step that hands a column on makes the expression
    longer.
    """
    import ibis

    rest = ibis.struct({name: data[name] for name in data.columns if name not in (*_ASKED_OF, *_MADE_ANEW)})
    told = data.select(*_ASKED_OF, rest=rest, told=_told(data))
    return told.mutate(clean_text=both_forms(told.told))


def _is_of_the_platform(data: Any) -> Any:
    """Tell what the platform wrote from what somebody wrote whom nobody knows any more."""
    somebody = data.attrs.cast("string").fill_null("").re_search(_SOMEBODYS)
    return (data.author_raw == "") & ~somebody


_SOMEBODYS = '^{"kind":"(?:text|media|sticker|poll|location|contact)"'


def _null(kind: str) -> Any:
    import ibis

    return ibis.null(kind)


def _with_names_of(data: Any, people: Iterable[KnownName]) -> Any:
    """Return a table in which `_name_of` finds the pseudonyms of authors and threads."""
    import ibis

    given = sorted({(entry.uuid, entry.pseudonym) for entry in people if entry.uuid and entry.pseudonym})
    lines = ibis.literal("\n".join(f"{uuid} {pseudonym}" for uuid, pseudonym in given), type="string").split("\n")
    table = lines.unnest().name("line").as_table()
    identity, name = table.line.left(_UUID).try_cast("uuid"), table.line.substr(_UUID + 1)
    authors, threads = (
        table.select(**{f"{column}_known": identity, f"{column}_name": name}) for column in ("author_uuid", "thread_id")
    )
    joined = data.left_join(authors, data.author_uuid == authors.author_uuid_known)
    joined = joined.left_join(threads, data.thread_id == threads.thread_id_known)
    # What a join is not told to give, ibis looks for in whatever is made of it: that takes long.
    return joined.select(*data.columns, authors.author_uuid_name, threads.thread_id_name)


def _name_of(data: Any, column: str) -> Any:
    """Return the pseudonym of whom an id in a column stands for, or the id's form where none is known."""
    import ibis

    return ibis.coalesce(data[f"{column}_name"], id_form(data[column]))


_UUID = 36
"""Characters of a UUID as text."""


def _of_ids(data: Any, people: Iterable[KnownName]) -> list[KnownName]:
    """Return the names of those who write in the messages, and of their chats."""
    ids = set(values_of(data, "SELECT DISTINCT unnest([author_uuid, thread_id])::VARCHAR FROM {rows}"))
    return [entry for entry in people if entry.uuid in ids]


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
    patterns = replace(
        patterns,
        owners_of={key: _veiled_or(value) for key, value in patterns.owners_of.items()},
        owners_in={key: veiled(value) for key, value in patterns.owners_in.items()},
    )
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

    def without(text: Any, label: str) -> Any:
        return text.replace(f"[{label}]", "").length()

    longer = after.length() - before.length()
    parts = []
    for label in LABELS:
        found = (longer + without(before, label) - without(after, label)) // (len(label) + 2)
        is_there = after.contains(f"[{label}]")
        if label == "name":
            found, is_there = found + count_names(after), is_there | after.contains(VEIL)
        # Inside of the condition, so that few texts are counted through.
        part = (found > 0).ifelse(ibis.literal(f'"{label}":') + found.cast("string"), _null("string"))
        parts.append(is_there.ifelse(part, _null("string")))
    flags = "{" + ibis.literal(",").join(parts) + "}"
    return (after != before).ifelse(flags, _null("string")).cast("json")
