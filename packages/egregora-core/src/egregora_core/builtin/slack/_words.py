"""What Slack writes between `<` and `>`, and as entities, in plain text."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_MARK = re.compile(r"<([^<>]*)>")
_TO_PERSON, _TO_CHANNEL, _TO_ALL = "@", "#", "!"


class Words:
    """Plain text of what Slack has, by the names of people and channels."""

    def __init__(self, person: Callable[[str], str], channel: Callable[[str], str | None]) -> None:
        self._person, self._channel = person, channel

    def plain(self, text: str, mentions: list[str] | None = None) -> str:
        """Return a text as people see it; ids of whom it mentions are added to `mentions`."""
        if "<" in text:
            text = _MARK.sub(lambda mark: self._mark(mark[1], mentions), text)
        if "&" in text:
            text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        return text

    def _mark(self, mark: str, mentions: list[str] | None) -> str:
        target, _, label = mark.partition("|")
        first, rest = target[:1], target[1:]
        if first == _TO_PERSON and rest:
            if mentions is not None and rest not in mentions:
                mentions.append(rest)
            name = self._person(rest)
            return f"@{(label or name) if name == rest else name}"
        if first == _TO_CHANNEL and rest:
            return f"#{self._channel(rest) or label or rest}"
        if first == _TO_ALL:
            return _to_all(rest, label)
        address = target.removeprefix("mailto:").removeprefix("tel:")
        if label in ("", address, target):
            return address
        # A label that is the address without its beginning says nothing more.
        return address if address.removesuffix("/").endswith(f"//{label.removesuffix('/')}") else f"{label} ({address})"

    # --- what is not in a message's text --------------------------------------------------------------------------

    def attachment(self, attachment: Mapping[str, Any], mentions: list[str]) -> Iterator[str]:
        """Yield what an attachment says."""
        said = False
        for key in ("pretext", "author_name", "title", "text"):
            if isinstance(text := attachment.get(key), str) and text:
                said = True
                yield self.plain(text, mentions)
        for field in objects(attachment.get("fields")):
            values = (field.get("title"), field.get("value"))
            parts = [self.plain(value, mentions) for value in values if isinstance(value, str) and value]
            said = said or bool(parts)
            yield ": ".join(parts)
        for text in self.blocks(attachment.get("blocks"), mentions):
            said = True
            yield text
        if not said and isinstance(fallback := attachment.get("fallback"), str):
            yield self.plain(fallback, mentions)

    def blocks(self, blocks: Any, mentions: list[str]) -> Iterator[str]:
        """Yield what blocks say, one text each."""
        for block in objects(blocks):
            text = "".join(self._block(block, mentions, 0)).strip("\n")
            if text:
                yield text

    def _block(self, element: Mapping[str, Any], mentions: list[str], depth: int) -> Iterator[str]:
        kind = element.get("type")
        if depth > _DEEPEST:
            return
        if kind in _LEAVES:
            yield self._leaf(str(kind), element, mentions)
            return
        for key in ("text", "title", "alt_text"):
            text = element.get(key)
            text = text.get("text") if isinstance(text, dict) else text
            if isinstance(text, str) and text and (key != "alt_text" or kind in ("image", "video")):
                yield self.plain(text, mentions) + "\n"
        for key in ("fields", "elements", "rows", "message"):
            for inner in objects(element.get(key)):
                if isinstance(inner.get("text"), str) and inner.get("type") in ("mrkdwn", "plain_text"):
                    yield self.plain(inner["text"], mentions) + "\n"
                else:
                    yield from self._block(inner, mentions, depth + 1)
        if kind in _ENDS_LINE:
            yield "\n"

    def _leaf(self, kind: str, element: Mapping[str, Any], mentions: list[str]) -> str:
        """Return an element of rich text."""
        value = next((found for key in _LEAVES[kind] if isinstance(found := element.get(key), str) and found), "")
        if kind == "user" and value:
            return self._mark(f"@{value}", mentions)
        if kind == "channel" and value:
            return self._mark(f"#{value}", None)
        if kind == "link":
            label = element.get("text")
            return self._mark(f"{value}|{label}" if isinstance(label, str) else value, None)
        return {"emoji": f":{value}:", "broadcast": f"@{value}", "usergroup": f"@{value}"}.get(kind, value)


_DEEPEST = 20
_LEAVES = {
    "text": ("text",),
    "link": ("url",),
    "user": ("user_id",),
    "usergroup": ("usergroup_id",),
    "channel": ("channel_id",),
    "emoji": ("name",),
    "broadcast": ("range",),
    "date": ("fallback",),
    "color": ("value",),
}
"""Elements of rich text, and what says what they say."""
_ENDS_LINE = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})


def _to_all(command: str, label: str) -> str:
    """Return what a command such as `here`, `subteam^S1` or `date^1^{date}` shows."""
    name = command.partition("^")[0]
    if name in ("here", "channel", "everyone", "group"):
        return f"@{name}"
    if name == "subteam":
        return label if label.startswith("@") else f"@{label or command.partition('^')[2]}"
    return label or name


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of what may be a list of them."""
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict):
                yield each
            elif isinstance(each, list):
                yield from objects(each)
