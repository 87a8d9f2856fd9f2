"""The privacy stage: messages in, the same messages out without a name, number or address that identifies someone.

`attrs` is rebuilt from an allow-list, so what a future source adds to it is dropped until it is named here. The known
names belong to the stage's input. Few of them are literals of the expression; of many, those that occur are looked up
when the function is called, in the messages as they are then, and the expression reads what was found from tables.
"""

from collections.abc import Sequence
from typing import Any

from egregora_core.messages import EVENTS, KINDS, validate_stage
from egregora_core.privacy._called import ID, PSEUDONYMISED, TIME, with_names_in_attributes, with_names_of
from egregora_core.privacy._checked_numbers import mask_checked
from egregora_core.privacy._event_words import mask_unknown_words
from egregora_core.privacy._marking import mark_known
from egregora_core.privacy._name_masking import (
    UNVEIL,
    VEIL,
    better_form,
    both_forms,
    count_names,
    put_pseudonyms,
    unveiled,
    veiled,
)
from egregora_core.privacy._name_owners import AMBIGUOUS
from egregora_core.privacy._names import KnownName, names_of
from egregora_core.privacy._pii import LABELS, mask_addresses, mask_numbers
from egregora_core.privacy._places import mask_places

_KEPT = {
    "kind": f'"(?:{"|".join(KINDS)})"',
    "event": f'"(?:{"|".join(EVENTS)})"',
    "update": '"(?:edit|delete|react)"',
    "edited": r'true|false|[0-9.]+|"[0-9TZ:.+ -]+"',
    "edited_at": f'"{TIME}"',
    "tz_source": r'"[A-Za-z0-9_+/-]+(?: \((?:fold: first|gap: offset before)\))?"',
    "reply_to": f'"{ID}"',
    "thread_root": f'"{ID}"',
    "data": r'\{(?:"(?:seconds|video|missed)":(?:[0-9]{1,6}|true|false),?)+\}',
}
"""The attributes that stay, each with what its JSON text may look like; another value is dropped."""

_KEPT_OF_MEDIA = {"size": "[0-9]+", "missing": "true|false"}

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
    masked = with_names_of(masked, people)
    masked = with_names_in_attributes(masked, people, data)
    masked = masked.mutate(
        pii_flags=_flags(masked.told, masked.clean_text),
        text=unveiled(masked.clean_text, (entry.pseudonym or "" for entry in people)),
        attrs=_attrs(masked),
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
    data = data.mutate(is_system=_is_of_the_platform(data))
    data, owners_of = mark_known(data, people, keep)
    data = put_pseudonyms(data, {key: _veiled_or(value) for key, value in owners_of.items()})
    events = mask_unknown_words(data.clean_text.re_replace(_QUOTED, r"\1[name]\2"))
    return data.mutate(clean_text=data.is_system.ifelse(events, data.clean_text))


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


def _attrs(data: Any) -> Any:
    """Return `attrs` with only what is allowed to stay, and pseudonyms for who is named in it."""
    import ibis

    raw = data.attrs.cast("string")
    parts = [_member(key, _allowed(data.attrs, raw, key, shape)) for key, shape in _KEPT.items()]
    parts.append('"thread":"' + data.thread_name + '"')
    parts += [_member(key, data[f"clean_{key}"]) for key in PSEUDONYMISED]
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
