"""What an event's content is in a message's terms: its text, its attachment, its place."""

import json
import re
from typing import Any

from egregora_core.plugin.json_values import dict_of, text_of

from egregora_sources.matrix._values import count, texts

_MEDIA = {"m.image": "image", "m.video": "video", "m.audio": "audio", "m.file": "", "m.sticker": "image"}
_PILL = re.compile(r"""href=["']https://matrix\.to/#/(?:@|%40)([^"'/?]+)""")
_GEO = re.compile(r"geo:(-?\d{1,3}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)")
_LOCATIONS = ("m.location", "org.matrix.msc3488.location")


def said(content: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a `m.room.message`: text, kind, media, data, mentions."""
    kind = text_of(content.get("msgtype"))
    row: dict[str, Any] = {"kind": "text", "text": body_of(content), "mentions": _mentioned(content)}
    if kind in _MEDIA or (text_of(content.get("url")) and kind is None):
        row |= _media(content, str(kind))
    elif kind == "m.location":
        row |= place(content)
    return row


def body_of(content: dict[str, Any]) -> str | None:
    """Return the text, without the quotation that clients put before a reply for those that know no replies."""
    body = content.get("body")
    if not isinstance(body, str):
        return extensible(content)
    if not replied_to(content) or not body.startswith("> "):
        return body
    lines = body.split("\n")
    end = next((place for place, line in enumerate(lines) if not line.startswith(">")), len(lines))
    rest = lines[end + 1 :] if lines[end : end + 1] == [""] else lines[end:]
    return "\n".join(rest)


def extensible(content: dict[str, Any]) -> str | None:
    """Return the text of an event of the newer kind, whose text has several forms."""
    for key in ("m.text", "org.matrix.msc1767.text", "org.matrix.msc1767.message", "m.message"):
        value = content.get(key)
        if isinstance(value, str) and value:
            return value
        for form in value if isinstance(value, list) else []:
            if found := text_of(dict_of(form).get("body")):
                return found
    return None


def relation(content: dict[str, Any]) -> dict[str, Any]:
    return dict_of(content.get("m.relates_to"))


def replied_to(content: dict[str, Any]) -> str | None:
    """Return the event that this one replies to; those of a thread only say so where they mean it."""
    relates = relation(content)
    if relates.get("is_falling_back") is True:
        return None
    return text_of(dict_of(relates.get("m.in_reply_to")).get("event_id"))


def attachment(content: dict[str, Any]) -> dict[str, Any]:
    """Return the attachment of a message or sticker."""
    info, file = dict_of(content.get("info")), dict_of(content.get("file"))
    kind = _MEDIA.get(str(content.get("msgtype")), "")
    return {
        "name": text_of(content.get("filename")) or text_of(content.get("body")),
        "url": text_of(content.get("url")) or text_of(file.get("url")),
        "type": text_of(info.get("mimetype")) or (f"{kind}/*" if kind else None),
        "size": count(info.get("size")),
    }


def _media(content: dict[str, Any], kind: str) -> dict[str, Any]:
    named = text_of(content.get("filename"))
    caption = body_of(content) if named and named != content.get("body") else None
    return {"kind": "sticker" if kind == "m.sticker" else "media", "text": caption, "media": [attachment(content)]}


def place(content: dict[str, Any], *, live: bool = False) -> dict[str, Any]:
    """Return kind and data of a place."""
    inner = next((dict_of(content[key]) for key in _LOCATIONS if key in content), {})
    match = _GEO.match(text_of(content.get("geo_uri")) or text_of(inner.get("uri")) or "")
    found: dict[str, Any] = {"name": text_of(inner.get("description")), "live": live}
    if match:
        found |= {"latitude": float(match[1]), "longitude": float(match[2])}
    return {"kind": "location", "data": json.dumps({key: value for key, value in found.items() if value is not None})}


def _mentioned(content: dict[str, Any]) -> list[str] | None:
    listed = texts(dict_of(content.get("m.mentions")).get("user_ids"))
    pills = [f"@{person}" for person in _PILL.findall(text_of(content.get("formatted_body")) or "")]
    return list(dict.fromkeys(listed + pills)) or None
