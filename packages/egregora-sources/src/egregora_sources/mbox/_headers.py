"""Headers, which programs write in many ways, and spammers in more: nothing here raises for what stands in them."""

import re
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime

_YEARS = range(1971, 2200)


class AsWritten(Compat32):
    """The library's handling of mails, with headers as they stand there: bytes that are no ASCII are not lost."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - the library's
        """Return a header's value as it is; halves of pairs stand for its bytes."""
        return value


_ID = re.compile(r"<[^<>\s]+>")
_REPLY = re.compile(
    r"(?i)^\s*(?:\[[^\]]{1,40}\]\s*)?(?:re|aw|antw|sv|vs|fwd?|wg|tr|rif|res|enc|odp|ynt|ref|回复|答复|转发)(?:\[\d+\])?\s*[:：]\s*"
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_ZONE = re.compile(r" ([+-]\d{4}|[A-Z]{3,4})(?= \d{4}\s*$)")


def decoded(value: object) -> str:
    """Return a header's text, encoded words decoded and broken lines joined."""
    text = _unbroken(str(value or ""))
    try:
        parts = decode_header(text)
    except (MessageError, ValueError, LookupError):
        return _sound(text)
    return _sound("".join(_part(part, charset) for part, charset in parts)).strip()


def _part(part: bytes | str, charset: str | None) -> str:
    return part if isinstance(part, str) else as_text(part, charset)


def _unbroken(text: str) -> str:
    return re.sub(r"\r?\n[ \t]*", " ", text)


def _sound(text: str) -> str:
    """Return a text without halves of pairs, in which the library keeps bytes that are no ASCII."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return (
            as_text(text.encode("utf-8", "surrogateescape"), None)
            if _escaped(text)
            else text.encode("utf-8", "replace").decode()
        )
    return text


def _escaped(text: str) -> bool:
    return all(not 0xD800 <= ord(char) < 0xE000 or 0xDC80 <= ord(char) <= 0xDCFF for char in text)  # noqa: PLR2004 - bounds of Unicode


def as_text(data: bytes, charset: str | None) -> str:
    """Decode by a charset's name, or as UTF-8, or as Windows-1252, which every byte is."""
    for name in (charset, "utf-8"):
        try:
            if name and name.casefold() not in {"unknown-8bit", "us-ascii", "ascii"}:
                return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def addresses(mail: Message, *names: str) -> list[tuple[str, str]]:
    """Return (name, address) of everybody in some headers; the address in small letters."""
    values = [_spelt_out(_unbroken(str(value))) for name in names for value in mail.get_all(name, [])]
    try:
        found = getaddresses(values)
    except (ValueError, IndexError, TypeError):
        return []
    return [(decoded(name).strip("\"' "), decoded(address).strip().casefold()) for name, address in found if address]


def _spelt_out(text: str) -> str:
    """Return addresses as they are, which archives of lists hide from robots as `ana at example.org`."""
    return text if "@" in text else re.sub(r"([\w.+-]+) at ([\w-]+\.[\w.-]+)", r"\1@\2", text)


def ids(mail: Message, name: str) -> list[str]:
    """Return the ids of mails in a header."""
    return _ID.findall(_sound(_unbroken(str(mail.get(name) or ""))))


def subject(mail: Message) -> tuple[str, bool]:
    """Return the subject without `Re:` and the like, and whether there was any."""
    text, reply = decoded(mail.get("Subject")), False
    while match := _REPLY.match(text):
        text, reply = text[match.end() :], True
    return text.strip(), reply


def moment(mail: Message, start: bytes) -> datetime | None:
    """Return when it was sent, UTC: by its own date, by the `From` line, or by when it was received."""
    received = [str(value).rpartition(";")[2] for value in mail.get_all("Received", [])]
    for value in (mail.get("Date"), _of_start(start), mail.get("Delivery-date"), *received[:3]):
        if value and (found := _parsed(str(value))) is not None:
            return found
    return None


def _of_start(line: bytes) -> str:
    """Return the date of a `From` line, `Tue Jan 21 05:30:14 +0000 2014`, in the order of a mail's own date."""
    text = line.decode("latin-1").strip()
    match = re.search(r"([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d:\d\d(?::\d\d)?)(.*?)(\d{4})(?: ?([+-]\d{4}))?$", text)
    if match is None:
        return ""
    month, day, time, between, year, zone = match.groups()
    return f"{day} {month} {year} {time} {zone or between.strip() or '+0000'}"


def _parsed(text: str) -> datetime | None:
    text = _unbroken(text).strip()
    try:
        found = datetime.fromisoformat(text) if _ISO.match(text) else parsedate_to_datetime(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=None) if found.year in _YEARS else None
