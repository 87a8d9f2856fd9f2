"""A chat's title from the name that the phone gave its export, in the phone's language.

The name is a sentence around the title ("Conversa do WhatsApp com Ana"); a copy's number ("Ana (1)") is no part of it.
"""

import re
import unicodedata
from pathlib import Path

from egregora_core.sources.whatsapp.characters import MARKS, SPACES

_LINKS = (
    "with|mit|con|com|avec|met|med|s uživatelem|s používateľom|z użytkownikiem|z|с|со|з|із|sa|"
    "s|cu|amb|με|dengan|ar|su|pro|kun|kasutajaga|dhe|me|na|avec|kanssa|với|gyda|عم|مع|با|עם|"
    "کے ساتھ|par|এর সাথে|के साथ|და|של|по"
)
_BEFORE = re.compile(
    r"^(?:[\w']+[ -]){0,3}WhatsApp[ -]?(?:[\w'\u0900-\u0dff]+ ){0,2}?"
    rf"(?:(?:{_LINKS})[ :]|[-\u2013:] |: )(?P<title>.+)$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^(?P<title>.+?) ?(?:ile WhatsApp Sohbeti|님과 WhatsApp 대화|(?:と|との)の?WhatsApp(?:の)?(?:トーク|チャット)"
    r"|के साथ WhatsApp चैट|WhatsApp-keskustelu|WhatsApp chat)$",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"^(?:与|與|和|跟) ?(?P<title>.+?) ?(?:的|之) ?WhatsApp ?(?:聊天|对话|對話|聊天记录|聊天記錄|對話紀錄)$",
    re.IGNORECASE,
)
_COPY = re.compile(r"(?: ?\(\d{1,3}\)| - (?:Copy|Copia|Cópia|Kopie|Copie)| copy)$", re.IGNORECASE)
_ANONYMOUS = re.compile(r"^_?chat(?:[ _-]?\(?\d{1,3}\)?)?$", re.IGNORECASE)
_SPACES = re.compile(f"[{SPACES}]+")
_MARKS = re.compile(f"[{MARKS}]")


def title_of(name: str) -> str | None:
    """Return the title that a file's name without its suffix holds, or None where it is just `_chat`."""
    name = _SPACES.sub(" ", _MARKS.sub("", unicodedata.normalize("NFC", name))).strip()
    name = _COPY.sub("", name).strip()
    if not name or _ANONYMOUS.match(name):
        return None
    for form in (_BEFORE, _AROUND, _AFTER):
        if match := form.match(name):
            return match["title"].strip() or None
    return name


def is_anonymous(name: str) -> bool:
    """Tell whether a file is named as iOS names every chat."""
    return bool(_ANONYMOUS.match(name))


def mentions_whatsapp(name: str) -> bool:
    return "whatsapp" in name.casefold()


def stem(path: str) -> str:
    """Return a path's last name without `.txt` or `.zip`."""
    name = Path(path).name
    return name[:-4] if name.casefold().endswith((".txt", ".zip")) else name
