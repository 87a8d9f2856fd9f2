"""Which of its exports Telegram Desktop wrote: JSON, pages, or both beside each other, of which the JSON is read."""

import re
from collections.abc import Callable, Sequence

from egregora_core.builtin.telegram._values import is_list
from egregora_core.plugin import Export, ExportError, Reading, ReadOptions, Recognised

_KINDS = (
    "personal_chat|bot_chat|saved_messages|replies|verification_codes|"
    "private_group|private_supergroup|public_supergroup|private_channel|public_channel"
)
_CHAT = re.compile(rf'"type"\s*:\s*"(?:{_KINDS})"')
_ACCOUNT = re.compile(
    r'"(?:personal_information|contacts|frequent_contacts|chats|left_chats)"\s*:\s*\{\s*"(?:user_id|about|list)"'
)
_MESSAGE = re.compile(r'"type"\s*:\s*"(?:message|service)"')
_FIELD = re.compile(r'"(?:date_unixtime|text_entities|from_id|actor_id)"\s*:')
_ON_PAGE = re.compile(
    r'<div class="message (?:default|service)[^"]*" id="message-?\d+"[\s\S]*class="(?:from_name|pull_right date)'
)
_NO = Recognised("no")
_LONG = 1 << 20
_MOST_FILES = 200
"""Of a folder with more JSON or HTML that is not called as Telegram calls it, not all are looked at."""


def recognise(export: Export) -> Recognised:
    files = _json_files(export)[:_MOST_FILES]
    found = [said for name in files if (said := _looked_at(export, name)).sure != "no"]
    if found:
        return max(found, key=lambda said: said.sure == "certain")
    if any(_is_page(export.head(name)) for name in _html_files(export)[:_MOST_FILES]):
        return Recognised("certain", "the pages that Telegram Desktop writes")
    return Recognised("no")


def read(export: Export, options: ReadOptions) -> Reading:
    """Read an export. Raises ExportError where it holds neither JSON nor pages of Telegram Desktop."""
    if files := _those(export, _json_files(export), lambda name: _looked_at(export, name).sure != "no"):
        from egregora_core.builtin.telegram._account import read_json

        return read_json(export, files, options)
    if files := _those(export, _html_files(export), lambda name: _is_page(export.head(name))):
        from egregora_core.builtin.telegram._pages import read_pages

        return read_pages(export, files)
    raise ExportError(f"{export.path}: there is no result.json or messages.html of Telegram Desktop in it")


def _those(export: Export, names: Sequence[str], fits: Callable[[str], bool]) -> list[str]:
    """Return the files that are what their names say; the only one that there is, whatever it is."""
    return [name for name in names if export.is_file or fits(name)]


def _json_files(export: Export) -> list[str]:
    return export.find("result.json") or export.find("result*.json") or _ending(export, ".json")


def _html_files(export: Export) -> list[str]:
    return export.find("messages*.html") or _ending(export, ".html", ".htm")


def _ending(export: Export, *endings: str) -> list[str]:
    if export.is_file:  # by its content alone
        is_html = export.head().lstrip("\ufeff \t\r\n")[:1] == "<"
        return list(export.names) if is_html == (".html" in endings) else []
    return [name for name in export.names if name.lower().endswith(endings)]


def _looked_at(export: Export, name: str) -> Recognised:
    """Say what the beginning of a file is; a long one where the first message is long."""
    head = export.head(name)
    said = _json(head)
    is_long = said.sure == "no" and ('"messages"' in head or is_list(head))
    return _json(export.head(name, _LONG)) if is_long else said


def _json(head: str) -> Recognised:
    start = head.lstrip("\ufeff \t\r\n")
    if is_list(head):
        alone = _MESSAGE.search(start) and _FIELD.search(start) and '"date"' in start
        return Recognised("likely", "messages as Telegram Desktop writes them, without their chat") if alone else _NO
    if not start.startswith("{"):
        return _NO
    if _CHAT.search(start) and '"messages"' in start:
        return Recognised("certain", "a chat of a kind that Telegram has")
    if _ACCOUNT.search(start) and ('"chats"' in start or '"about"' in start):
        return Recognised("certain", "the parts of a Telegram account")
    if '"messages"' in start and _MESSAGE.search(start) and (_FIELD.search(start) or '"from"' in start):
        return Recognised("likely", "messages as Telegram Desktop writes them")
    return _NO


def _is_page(head: str) -> bool:
    """Tell whether a page is Telegram's: its frame is, or, where somebody took that away, its messages are."""
    framed = 'class="page_wrap"' in head and ('chat_page"' in head or 'class="history"' in head)
    return framed or bool(_ON_PAGE.search(head))
