"""What the source suite has written: an export that says all that a platform can say, and two of one chat."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from egregora_devtools.conformance.samples import FIRST, PEOPLE, Message, Precision, Reaction, chat, moment

FEATURES: Mapping[str, str] = {
    "chats": "an export may hold several chats, which have ids (`Message.chat`, `title`)",
    "people": "authors have ids (`Message.person`)",
    "members": "an export names people who never write (`people_of(messages)`)",
    "ids": "messages have ids (`Message.id`, `number`)",
    "reply": "a message may answer another (`Message.reply_to`)",
    "thread": "a message may belong to a thread of answers (`Message.thread_root`)",
    "edit": "a message may have been edited (`Message.edited_at`)",
    "delete": "a message may have been deleted (`Message.kind` is `deleted`): leave it out, or write what the app does",
    "reaction": "a message may have reactions (`Message.reactions`)",
    "mention": "a message may mention people (`Message.mentions`)",
    "forward": "a message may be forwarded (`Message.forwarded_from`)",
    "media": "a message may have a file (`Message.media`)",
    "album": "a message may have several files (`Message.media`)",
    "sticker": "there are stickers (`Message.kind`, `media`)",
    "call": "there are calls (`Message.kind`, `data`)",
    "poll": "there are polls (`Message.kind`, `data`)",
    "location": "there are locations (`Message.kind`, `data`)",
    "contact": "there are contacts (`Message.kind`, `data`)",
}
"""What a platform may have, and how a message says it."""

_STEP = timedelta(minutes=11)
_THUMB, _HEART = EMOJI = ("\U0001f44d", "\u2764\ufe0f")
_DATA: Mapping[str, Mapping[str, Any]] = {
    "call": {"seconds": 61, "video": False, "missed": False},
    "poll": {"question": "Tea?", "options": [{"text": "Yes", "votes": 2}, {"text": "No", "votes": 1}], "closed": False},
    "location": {"latitude": 41.5, "longitude": -8.25},
    "contact": {"name": "Petra Walk", "phones": ["+351 912 345 678"]},
}


@dataclass(frozen=True)
class Platform:
    """What a suite says of its platform."""

    supports: AbstractSet[str]
    events: Sequence[str]
    precision: Precision
    emoji: Sequence[str] = EMOJI
    timed_events: bool = True


def everything(platform: Platform, bodies: Sequence[str]) -> list[Message]:
    """Return messages that say all that the platform can say, in the order of time."""
    plain = chat(bodies, precision=platform.precision)
    start = plain[-1].ts - FIRST
    ids = {"target": plain[2].id, "root": plain[3].id}
    for number, message in enumerate(_special(platform), len(plain)):
        ts = moment(number, _STEP, platform.precision) + start
        if message.event and not platform.timed_events:
            ts = plain[-1].ts
        plain.append(
            replace(
                message,
                id=f"m{number}",
                ts=ts,
                reply_to=ids.get(message.reply_to or ""),
                thread_root=ids.get(message.thread_root or ""),
                edited_at=message.edited_at and ts + timedelta(minutes=2),
                reactions=_given(platform, message.reactions),
            )
        )
    return plain


def _special(platform: Platform) -> Iterator[Message]:
    for feature, messages in _SPECIAL.items():
        if feature in platform.supports:
            yield from messages
    if platform.events and not platform.timed_events:
        yield _said("and then")  # their time is that of a message of their chat: of several chats it tells no order
    for event in platform.events:
        yield Message("", FIRST, "", None, kind="system", event=event, mentions=("u2",))


def _said(text: str | None, person: str = "u2", **more: Any) -> Message:
    return Message("", FIRST, PEOPLE[person], text, person, **more)


def _reactions(*given: tuple[str, str]) -> tuple[Reaction, ...]:
    return tuple(Reaction(emoji, person, PEOPLE[person]) for emoji, person in given)


def _given(platform: Platform, reactions: Sequence[Reaction]) -> tuple[Reaction, ...]:
    """Return reactions with the emoji that the platform has: of one kind nobody gives two."""
    kinds = dict(zip(EMOJI, (platform.emoji[0], platform.emoji[-1]), strict=True))
    return tuple(dict.fromkeys(replace(each, emoji=kinds[each.emoji]) for each in reactions))


_SPECIAL: Mapping[str, tuple[Message, ...]] = {
    "reply": (_said("an answer", reply_to="target"), _said("one more", "u1", reply_to="target")),
    "thread": (_said("below it", thread_root="root"),),
    "edit": (_said("not what it was", edited_at=FIRST),),
    "reaction": (_said("liked", reactions=_reactions((_THUMB, "u1"), (_THUMB, "u3"), (_HEART, "u1"))),),
    "mention": (_said("look here", mentions=("u3",)), _said("and here", mentions=("u1", "u3"))),
    "forward": (_said("heard elsewhere", forwarded_from="Petra Walk"),),
    "media": (
        _said("with a caption", kind="media", media=("on the beach.jpg",)),
        _said(None, kind="media", media=("report.pdf",)),
    ),
    "album": (_said("two of them", kind="media", media=("first.jpg", "second.jpg")),),
    "sticker": (_said(None, kind="sticker", media=("cat.webp",)),),
    **{kind: (_said(None, kind=kind, data=data),) for kind, data in _DATA.items()},
    "people": (_said("another of that name", "u4"), _said("and the one", "u1")),
    "chats": tuple(
        replace(_said(text, person), chat=chat, title=title)
        for chat, title in (("c2", "Conformance"), ("c3", "Plaza Nova"))
        for text, person in (("in another chat", "u2"), ("and again", "u1"))
    ),
}
"""What only some platforms can say; ids and times are given when it is put behind a chat."""


def older_and_newer(platform: Platform) -> tuple[list[Message], list[Message]]:
    """Return a chat as an export shows it, and as a later one does: with all that may change, and one message more."""
    *older, last = chat([f"wording {number}" for number in range(9)], precision=platform.precision)
    newer, has, noon = list(older), platform.supports, older[-1].ts + timedelta(minutes=3)
    if {"edit", "ids"} <= has:  # without ids all that is known of two wordings is which of them is edited
        older[3] = replace(older[3], text="a second wording", edited_at=older[3].ts + timedelta(minutes=2))
        newer[3] = replace(newer[3], text="a third wording", edited_at=noon)
    if "edit" in has:
        newer[4] = replace(newer[4], text="edited at last", edited_at=noon)
    if "reaction" in has:
        given = _reactions((_THUMB, "u1"), (_THUMB, "u3"), (_HEART, "u2"))
        older[5] = replace(older[5], reactions=_given(platform, given[:1]))
        newer[5] = replace(newer[5], reactions=_given(platform, given))
    if {"media", "ids"} <= has:
        older[6] = replace(older[6], kind="media", media=("a draft.pdf",))
        newer[6] = replace(newer[6], kind="media", media=("at last.pdf",))
    if "delete" in has:
        newer[7] = replace(newer[7], text=None, kind="deleted")
    newer.append(last)
    if "people" in has:
        newer = [replace(each, author="Bo Renamed") if each.person == "u2" else each for each in newer]
    if "chats" in has:
        newer = [replace(each, title="Conformance, renamed") for each in newer]
    return older, newer


__all__ = ["FEATURES", "Platform", "everything", "older_and_newer"]
