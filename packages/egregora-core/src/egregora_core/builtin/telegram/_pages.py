"""The HTML export: `messages.html`, `messages2.html` …, of one chat or of each in a folder of its own.

Pages have neither the chat's id nor anybody's, so chats are told apart by title, people by name. What Telegram itself
wrote has no time there: it gets that of the message before it, or of the next one where a day begins with it.
"""

import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from itertools import chain

from egregora_core.builtin.telegram._html import Found, Page
from egregora_core.builtin.telegram._lines import STAMP, Lines
from egregora_core.builtin.telegram._people import People
from egregora_core.plugin import Export, ExportError, Reading, Report, Row, Thread

_CHUNK = 1 << 16
_LISTS = {
    "contacts.html": None,
    "frequent.html": None,
    "sessions.html": "sessions",
    "web_sessions.html": "web sessions",
    "profile_pictures.html": "profile pictures",
    "stories.html": "stories",
}
"""Pages in the folder `lists`: of people, or what is left out."""
_ENTRY = re.compile(r'<(?:div|a)\s[^>]*class="entry ')
_NAME = re.compile(r'<div class="name bold">\s*([^<]*?)\s*</div>')
_LARGEST = 64 << 20
_PAGE = re.compile(r"(.*?)([0-9]*)\.html?$", re.IGNORECASE | re.DOTALL)


def read_pages(export: Export, files: Sequence[str]) -> Reading:
    """Read pages: times are instants where their dates say how far from UTC they are."""
    chats = _Chats(export)
    chats.read_lists()
    pages = chats.messages(sorted(files, key=_order))
    beginning = []
    for thread, found in pages:
        beginning.append((thread, found))
        if found.date:
            break
    stamp = STAMP.search(beginning[-1][1].date) if beginning else None
    zoned = bool(stamp and stamp[7])
    return Reading(
        chats.batches(chain(beginning, pages), zoned=zoned),
        None,
        zoned=zoned,
        threads=chats.threads.values,
        people=chats.people.all,
        report=lambda: Report(left_out=dict(chats.left_out)),
    )


def _broken(export: Export, name: str) -> ExportError:
    return ExportError(f"{export.path}: {name} is no page that Telegram Desktop wrote; copy or export it again")


def _order(name: str) -> tuple[str, int]:
    fits = _PAGE.match(name)
    return (fits[1], int(fits[2] or 1)) if fits else (name, 1)


class _Chats:
    """What is known of people and chats while pages are read."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._folders: dict[str, str] = {}
        self.people = People()
        self.threads: dict[str, Thread] = {}
        self.left_out: Counter[str] = Counter()

    def read_lists(self) -> None:
        """Note whom the owner of an account knows, and what else it has."""
        for name, what in _LISTS.items():
            for member in self._export.find(f"*lists/{name}"):
                with self._export.open(member) as file:
                    page = file.read(_LARGEST).decode("utf-8", "replace")
                if what is None:
                    for found in _NAME.findall(page):
                        self.people.named(unescape(found))
                else:
                    self.left_out[what] += len(_ENTRY.findall(page))

    def messages(self, files: Iterable[str]) -> Iterator[tuple[str, Found]]:
        for name in files:
            page = Page()
            for each in self._parsed(name, page):
                yield self._thread(name, page.title), each

    def _parsed(self, name: str, page: Page) -> Iterator[Found]:
        decoder = getincrementaldecoder("utf-8")("replace")
        try:
            with self._export.open(name) as file:
                while data := file.read(_CHUNK):
                    page.feed(decoder.decode(data))
                    yield from page.take()
                    if len(page.rawdata) > _LARGEST:
                        raise _broken(self._export, name)
            page.close()
        except (AssertionError, ValueError) as error:  # what the parser of the standard library has for nonsense
            raise _broken(self._export, name) from error
        yield from page.take()

    def _thread(self, name: str, title: str) -> str:
        """Return what a chat is known by: its title, and for others of this title their folder, too."""
        folder = name.rpartition("/")[0]
        title = title or folder.rpartition("/")[2] or self._export.title
        id_ = title if self._folders.setdefault(title, folder) == folder else f"{title} ({folder})"
        if id_ not in self.threads:
            self.threads[id_] = Thread(id_, title)
        return id_

    def batches(self, messages: Iterable[tuple[str, Found]], *, zoned: bool) -> Iterator[Row]:
        lines = Lines(self.people, self.left_out, zoned=zoned)
        here = None
        for thread, found in messages:
            if thread != here:
                yield from lines.end(here)
                here = thread
            yield from lines.add(found, thread)
        yield from lines.end(here)
