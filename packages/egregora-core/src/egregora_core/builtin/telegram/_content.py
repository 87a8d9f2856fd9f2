"""What a message has beside its text: files, polls, places, contacts, and what is said by them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from egregora_core.builtin.telegram._people import People, full_name
from egregora_core.builtin.telegram._values import degrees, flat, known, listed, whole

_ABSENT = "("
"""So begins what stands for the path of a file that was not exported: `(File not included. …)`."""
_TYPES = {"photo": "image/jpeg", "sticker": "image/webp", "voice_message": "audio/ogg", "video_message": "video/mp4"}


def media(message: Mapping[str, Any], row: dict[str, Any]) -> None:
    key = "photo" if message.get("photo") else "file"
    path, kind = message.get(key), message.get("media_type", key)
    absent = not isinstance(path, str) or path.startswith(_ABSENT)
    name = message.get("file_name")
    size = message.get("photo_file_size" if key == "photo" else "file_size")
    type_ = message.get("mime_type") or _TYPES.get(str(kind))
    row["kind"] = "sticker" if kind == "sticker" else "media"
    row["media"] = [
        {
            "name": name if absent and isinstance(name, str) else None if absent else path,
            "type": type_ if isinstance(type_, str) else None,
            "size": size if type(size) is int and 0 <= size < 1 << 62 else None,
            "missing": absent,
        }
    ]
    if kind == "sticker" and row["text"] is None and isinstance(emoji := message.get("sticker_emoji"), str):
        row["text"] = emoji or None


def poll(message: Mapping[str, Any], row: dict[str, Any], _: People) -> None:
    poll = message["poll"]
    if not isinstance(poll, dict):
        return
    answers = [answer for answer in listed(poll.get("answers")) if isinstance(answer, dict)]
    options = [known(text=flat(answer.get("text")), votes=whole(answer.get("voters"))) for answer in answers]
    closed = poll.get("closed")
    question = flat(poll.get("question"))
    data = known(question=question, options=options, closed=closed if isinstance(closed, bool) else None)
    _data(row, "poll", data)
    row["text"] = row["text"] or question or None


def location(message: Mapping[str, Any], row: dict[str, Any], _: People) -> None:
    place = message.get("location_information")
    place = place if isinstance(place, dict) else {}
    names = (message.get("place_name"), message.get("address"))
    _data(
        row,
        "location",
        known(
            latitude=degrees(place.get("latitude")),
            longitude=degrees(place.get("longitude")),
            name=", ".join(name for name in names if isinstance(name, str) and name) or None,
            live=True if message.get("live_location_period_seconds") else None,
        ),
    )


def contact(message: Mapping[str, Any], row: dict[str, Any], people: People) -> None:
    contact = message["contact_information"]
    if not isinstance(contact, dict):
        return
    name, phone = full_name(contact), contact.get("phone_number")
    if name:
        people.named(name)
    phones = [phone] if isinstance(phone, str) and phone else []
    _data(row, "contact", known(name=name or None, phones=phones))


def words(message: Mapping[str, Any], row: dict[str, Any], _: People) -> None:
    """Say in the text what a game, invoice or list of tasks says."""
    said = [row["text"], message.get("game_title"), message.get("game_description"), message.get("game_link")]
    for each in (message.get("invoice_information"), message.get("todo_list")):
        if isinstance(each, dict):
            said += [flat(each.get(key)) for key in ("title", "description")]
            said += [flat(task.get("text")) for task in listed(each.get("answers")) if isinstance(task, dict)]
    row["text"] = "\n".join(each for each in said if isinstance(each, str) and each) or None


def _data(row: dict[str, Any], kind: str, data: Mapping[str, Any]) -> None:
    row["kind"], row["data"] = kind, json.dumps(data, ensure_ascii=False)


CONTENT: Mapping[str, Callable[[Mapping[str, Any], dict[str, Any], People], None]] = {
    "poll": poll,
    "location_information": location,
    "place_name": location,
    "contact_information": contact,
    "game_title": words,
    "invoice_information": words,
    "todo_list": words,
}
"""By the key of a message: what puts it into a row."""
