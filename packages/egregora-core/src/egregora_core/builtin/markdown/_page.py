"""What the site knows of a document, and how its pages link to each other."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from posixpath import dirname, join, normpath, relpath, split
from urllib.parse import quote

from egregora_core.builtin._calendar import MONTHS
from egregora_core.builtin._markdown_text import escape_inline

UNDATED = "undated"


@dataclass(frozen=True)
class Page:
    """One document, without its body, which waits in the spool."""

    kind: str
    path: str
    title: str
    date: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    thread: str
    label: str
    messages: int
    further: tuple[tuple[str, str], ...]
    """Front matter that `attrs.front_matter` asks for, as YAML."""
    document_id: str
    offset: int
    length: int
    writer: str


def grouped(pages: Sequence[Page], key: Callable[[Page], str]) -> dict[str, list[Page]]:
    groups: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        groups[key(page)].append(page)
    return dict(sorted(groups.items()))


def escape_title(title: str) -> str:
    """Return a title that MkDocs' themes, which print it as it is, cannot take for HTML."""
    return title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_date(value: str) -> bool:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date().isoformat() == value  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return False


def link_to(source: str, page: Page) -> str:
    return f"[{escape_inline(page.title)}]({href(source, page.path)})"


def href(source: str, target: str) -> str:
    folder, name = split(target)
    return quote(normpath(join(_relative(dirname(source), folder), name)))


@cache
def _relative(source: str, target: str) -> str:
    return relpath(f"/{target}", f"/{source}")


def several_chats(pages: Sequence[Page]) -> bool:
    return len({page.thread for page in pages}) > 1


def month_of(page: Page) -> str:
    if not is_date(page.date):
        return "Undated"
    return f"{MONTHS[int(page.date[5:7]) - 1]} {page.date[:4]}"


def by_date(pages: Sequence[Page]) -> list[Page]:
    return sorted(pages, key=lambda page: (page.date, page.thread, page.path))
