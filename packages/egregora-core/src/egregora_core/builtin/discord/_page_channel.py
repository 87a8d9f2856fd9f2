"""Which channel a page or a table is of, where its file's name does not say: what in it can only be of one channel.

Discord's servers keep a file under the channel that it was sent to, and an address of a message names its channel; ids
of messages are unique in all of Discord. What a bot shows, a followed channel or a card, was sent elsewhere.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from egregora_core.builtin._export_values import LeftOut, People
from egregora_core.builtin.discord._exporter_csv import Beside, records
from egregora_core.builtin.discord._exporter_page import found_on_page

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_FILE = re.compile(r"discordapp\.(?:com|net)/attachments/(\d{15,20})/")
_SENT_HERE = re.compile(rb"discordapp\.(?:com|net)/attachments/\d{15,20}/")
_LINK = re.compile(rb"discord(?:app)?\.com/channels/(?:\d+|@me)/(\d{15,20})/(\d{15,20})")
_MESSAGE = re.compile(rb"data-message-id=['\"]?(\d{15,20})")
_FILES = 4
"""The column of a table that has addresses of attachments."""
_CHUNK, _EDGE = 1 << 20, 256
_MOST_LINKS = 10_000


def channel_of_page(export: "Export", name: str) -> str | None:
    """Return the id of a page's channel; None where nothing on the page proves it."""
    if next(_matches(export, name, _SENT_HERE), None) is not None and (channel := _of_files(export, name)):
        return channel
    links: dict[bytes, bytes] = {}
    for found in _matches(export, name, _LINK):
        links.setdefault(found[2], found[1])
        if len(links) >= _MOST_LINKS:
            break
    here = (links[found[1]] for found in _matches(export, name, _MESSAGE) if found[1] in links) if links else iter(())
    channel_ = next(here, None)
    return channel_.decode() if channel_ else None


def channel_of_table(export: "Export", name: str) -> str | None:
    """Return the id of a table's channel; None where nothing in the table proves it.

    What came from a followed channel looks like all else there, but is all of one author.
    """
    channels, authors = set[str](), set[str]()
    for _, record in records(export, name):
        for found in _FILE.finditer(record[_FILES]) if len(record) > _FILES else ():
            channels.add(found[1])
            authors.add(record[0])
        if len(channels) > 1:
            return None
    return channels.pop() if len(authors) > 1 else None


def _of_files(export: "Export", name: str) -> str | None:
    with export.open(name, counted=False) as file:
        for found in found_on_page(file, f"{export.path}: {name}", Beside(People(), LeftOut(), ())):
            for each in () if found.tagged else found.files:
                if at := _FILE.search(each.place):
                    return at[1]
    return None


def _matches(export: "Export", name: str, what: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Yield where a pattern matches in a file; a match at the edge of two chunks may come twice."""
    with export.open(name, counted=False) as file:
        rest = b""
        while data := file.read(_CHUNK):
            yield from what.finditer(rest + data)
            rest = data[-_EDGE:]
