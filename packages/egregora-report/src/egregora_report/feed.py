"""The feed: what was written last, and the last pages of the chats."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from egregora_core.plugin import PublishedFile

from egregora_report.html import page
from egregora_report.report import Report
from egregora_report.writings import Writing

_ENTRIES = 40


def feed(report: Report, writings: Sequence[Writing]) -> PublishedFile:
    """Return the feed; its entries are known by ids of these pages and no others."""
    entries = [(one.title, one.path, one.day, one.kind) for one in writings if one.day]
    for chat in report.world.chats:
        for part in report.pages[chat.number][-_ENTRIES:]:
            told = f"{part.written:,} message{'' if part.written == 1 else 's'}, {part.dates}"
            entries.append((f"{chat.title}: {part.title}", f"{chat.folder}/{part.name}", part.last, told))
    latest = sorted(entries, key=lambda entry: (entry[2], entry[1]), reverse=True)[:_ENTRIES]
    space = UUID(report.site.id)
    values = {
        "site": report.settings.title,
        "id": report.site.id,
        "updated": f"{report.world.last}T00:00:00Z",
        "entries": [(uuid5(space, path), title, path, *more) for title, path, *more in latest],
        "real_names": report.real_names,
    }
    return PublishedFile("feed.xml", page("feed.xml", "feed.xml", **values))
