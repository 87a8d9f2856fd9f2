"""One message as DiscordChatExporter writes it in JSON, of any of its versions, as a row."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from egregora_core.builtin._export_values import (
    LeftOut,
    People,
    attachment,
    instant,
    joined_text,
    text_or_number,
    texts_in,
    whole,
    with_more,
)
from egregora_core.builtin.discord._api_message import as_exported
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of

_SAID = frozenset(
    ("Default", "Reply", "ChatInputCommand", "ApplicationCommand", "ContextMenuCommand", "0", "19", "20", "23")
)
"""Types of messages that somebody wrote: by name, or by Discord's number where the exporter had no name for it."""
_EVENTS = {
    **dict.fromkeys(("RecipientAdd", "1"), "add"),
    **dict.fromkeys(("RecipientRemove", "2"), "remove"),
    **dict.fromkeys(("ChannelNameChange", "4"), "rename"),
    **dict.fromkeys(("ChannelIconChange", "5"), "picture"),
    **dict.fromkeys(("ChannelPinnedMessage", "6"), "pin"),
    **dict.fromkeys(("GuildMemberJoin", "UserJoin", "7"), "join"),
    **dict.fromkeys(("ThreadCreated", "18"), "create"),
    **dict.fromkeys(("StageTopic", "31"), "topic"),
}
_CALLS = ("Call", "3")
_DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_NO_DISCRIMINATOR = ("", "0", "0000")
_TEXTS_OF_COMPONENTS = ("content",)


def time_of_id(message: str | None) -> datetime | None:
    """Return when a message was sent, which stands in its id, too."""
    if message is None or not message.isdecimal() or not 1 << 22 <= int(message) < 1 << 63:
        return None
    return _DISCORD_EPOCH + timedelta(milliseconds=int(message) >> 22)


@dataclass
class Channel:
    """Turns the messages of one channel into rows, and remembers whom they name and what they hold beside."""

    id: str
    known: bool
    """Whether the id is the platform's, so that references to other channels can be told from those within."""
    people: People
    left_out: LeftOut
    files: Collection[str]
    unnamed: set[str] = field(default_factory=set)
    """Ids of people whose names stand elsewhere."""

    def row(self, item: Any) -> dict[str, Any] | None:
        """Return the row of a message; None where it is none, which is counted."""
        item = as_exported(dict_of(item))
        message = id_of(item.get("id"))
        when = instant(item.get("timestamp")) or time_of_id(message)
        if when is None:
            self.left_out.skip("messages without a time")
            return None
        author = self._person(item.get("author"), item.get("authorId"))
        row = {"thread": self.id, "msg_id": message, "ts": when, "author": author, "kind": "text"}
        row["text"] = text_or_number(item.get("content"))
        self._add_rare(row, item)
        self._decide_kind(row, item)
        return row

    def _add_rare(self, row: dict[str, Any], item: dict[str, Any]) -> None:
        if edited := item.get("timestampEdited"):
            row["edited_at"] = instant(edited)
        if mentions := [*self._mentioned(item)]:
            row["mentions"] = mentions
        if reactions := [each for one in dicts_of(item.get("reactions")) for each in self._reactions(one)]:
            row["reactions"] = reactions
        parts = [item]
        if reference := dict_of(item.get("reference")):
            self._refer(row, reference)
        if forwarded := dict_of(item.get("forwardedMessage")):
            parts.append(forwarded)
            row["text"] = with_more(row["text"], text_or_number(forwarded.get("content")))
        media = [each for part in parts for each in self._media(part)]
        self._add_embeds(row, parts, media)
        if media:
            row["media"] = media
        self.left_out.skip("marks of messages that are pinned", item.get("isPinned") is True)
        if interaction := dict_of(item.get("interaction")):
            self._person(interaction.get("user"), interaction.get("userId"))
            self.left_out.skip("names of commands that bots answer")

    def _decide_kind(self, row: dict[str, Any], item: dict[str, Any]) -> None:
        kind = text_or_number(item.get("type")) or "Default"
        if kind in _CALLS:
            row |= {"kind": "call", "event": "call"}
            ended = instant(item.get("callEndedTimestamp"))
            if ended is not None and ended >= row["ts"]:
                row["data"] = json.dumps({"seconds": int((ended - row["ts"]).total_seconds())})
        elif kind not in _SAID and (kind in _EVENTS or kind.isdecimal() or row["text"] is None):
            self._make_event(row, _EVENTS.get(kind, "other"))
        elif poll := dict_of(item.get("poll")):
            row["kind"] = "poll"
            row["data"], question = _poll(poll)
            row["text"] = with_more(row["text"], question)
        elif dicts_of(item.get("stickers")) and row["text"] is None and not item.get("attachments"):
            row["kind"] = "sticker"
        elif "media" in row:
            row["kind"] = "media"

    @staticmethod
    def _make_event(row: dict[str, Any], event: str) -> None:
        """Turn a row into what the platform says of people: who did it first, then to whom."""
        who = [row["author"]] if row["author"] else []
        others = [each for each in row.get("mentions", ()) if each not in who]
        if event == "remove" and not others:
            event = "leave"
        row |= {"kind": "system", "event": event, "author": None, "mentions": [*who, *others]}

    def _refer(self, row: dict[str, Any], reference: dict[str, Any]) -> None:
        """Point to another message: what stands in another channel was forwarded from there."""
        target, channel = id_of(reference.get("messageId")), id_of(reference.get("channelId"))
        elsewhere = self.known and channel is not None and channel != self.id
        if text_or_number(reference.get("type")) == "Forward" or (elsewhere and target is not None):
            row["forwarded_from"] = channel
        elif target is not None and not elsewhere:
            row["reply_to"] = target

    def meet(self, user: dict[str, Any]) -> None:
        """Remember what somebody is called who is only named by id in messages."""
        self._person(user)

    def _person(self, user: Any, only_id: Any = None) -> str | None:
        if not isinstance(user, dict):
            who = id_of(user) or id_of(only_id)
            if who is not None:
                self.unnamed.add(who)
            return who
        name, nickname = user.get("name"), user.get("nickname")
        who = id_of(user.get("id")) or id_of(name)
        if who is None:
            return None
        number = user.get("discriminator")
        tagged = None if number in (None, *_NO_DISCRIMINATOR) else f"{name}#{number}"
        return self.people.meet(who, nickname or name, name, tagged, bot=user.get("isBot") is True)

    def _mentioned(self, item: dict[str, Any]) -> Iterator[str]:
        listed = item.get("mentions") or item.get("mentionIds")
        for user in listed if isinstance(listed, list) else ():
            if (who := self._person(user)) is not None:
                yield who

    def _reactions(self, one: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield who reacted, one by one where the export says who, and how many others."""
        emoji = dict_of(one.get("emoji"))
        name = (
            text_or_number(emoji.get("name"))
            or text_or_number(emoji.get("code"))
            or text_or_number(one.get("emojiKey"))
        )
        sign = f":{name}:" if name and id_of(emoji.get("id")) else name
        listed = one.get("users") or one.get("userIds")
        users = [who for user in (listed if isinstance(listed, list) else ()) if (who := self._person(user))]
        for who in users:
            yield {"emoji": sign, "author": who}
        others = min(whole(one.get("count")) or 0, (1 << 31) - 1) - len(users)
        if others > 0:
            yield {"emoji": sign, "count": others}

    def _media(self, part: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for each in dicts_of(part.get("attachments")):
            name, size = text_or_number(each.get("fileName")), whole(each.get("fileSizeBytes"))
            yield attachment(name, text_or_number(each.get("url")), self.files, size)
        for each in dicts_of(part.get("stickers")):
            yield attachment(text_or_number(each.get("name")), text_or_number(each.get("sourceUrl")), self.files)

    def _add_embeds(self, row: dict[str, Any], parts: list[dict[str, Any]], media: list[dict[str, Any]]) -> None:
        """Add what cards say that stands nowhere else; the preview of a link only repeats what the link leads to."""
        said = row["text"]
        for part in parts:
            for embed in dicts_of(part.get("embeds")):
                address = text_or_number(embed.get("url"))
                if said and address and _is_linked(address, said):
                    self.left_out.skip("previews of links")
                    continue
                row["text"] = with_more(row["text"], _text_of_embed(embed))
                media += self._images(embed)
            if components := part.get("components"):
                row["text"] = joined_text([row["text"], *texts_in(components, _TEXTS_OF_COMPONENTS)])
                self.left_out.skip("buttons and menus", len([*texts_in(components, ("label", "placeholder"))]))

    def _images(self, embed: dict[str, Any]) -> Iterator[dict[str, Any]]:
        images = dicts_of(embed.get("images")) or dicts_of([embed.get("image")])
        for each in [*images, *dicts_of([embed.get("video")])]:
            if (where := text_or_number(each.get("url"))) is not None:
                yield attachment(None, where, self.files)


def _is_linked(address: str, said: str) -> bool:
    return address.rstrip("/") in said


def _text_of_embed(embed: dict[str, Any]) -> str | None:
    author, footer = dict_of(embed.get("author")), dict_of(embed.get("footer"))
    fields = [text_or_number(each.get(key)) for each in dicts_of(embed.get("fields")) for key in ("name", "value")]
    title, description = text_or_number(embed.get("title")), text_or_number(embed.get("description"))
    parts = [text_or_number(author.get("name")), title, text_or_number(embed.get("url")), description, *fields]
    return joined_text(
        [part for part in [*parts, text_or_number(footer.get("text"))] if part and part.strip("\u200b \n")]
    )


def _poll(poll: dict[str, Any]) -> tuple[str, str | None]:
    """Return a poll's data and question. Votes are told beside the answers, by their ids."""
    results = dict_of(poll.get("results"))
    counts = [*dicts_of(results.get("answers")), *dicts_of(results.get("answer_counts"))]
    votes = {id_of(each.get("id")): whole(each.get("count")) for each in counts}
    options = []
    for answer in dicts_of(poll.get("answers")):
        said = next(texts_in(answer, ("text",)), None)
        found = whole(answer.get("votes", answer.get("count")))
        options.append({"text": said, "votes": votes.get(id_of(answer.get("id", answer.get("answer_id"))), found)})
    asked = poll.get("question")
    question = text_or_number(asked) or next(texts_in(asked, ("text",)), None)
    closed = results.get("isFinalized", results.get("is_finalized"))
    data = {"question": question, "options": options, "closed": closed if isinstance(closed, bool) else None}
    return json.dumps({key: value for key, value in data.items() if value is not None}), question
