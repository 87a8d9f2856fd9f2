"""What all pages of the report share: what they are about, the menu, and which chats have charts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from egregora_core.plugin import Site

from egregora_report.cutting import Page
from egregora_report.facts import Facts
from egregora_report.html import page
from egregora_report.model import Chat, World
from egregora_report.settings import ReportSettings

CHARTS_FROM = 50
"""A chat with fewer messages has no charts of its own …"""
CHARTS_FOR = 60
"""… nor has one after so many larger ones."""


@dataclass(frozen=True)
class Report:
    """One report, while its pages are made."""

    facts: Facts
    world: World
    pages: Mapping[int, Sequence[Page]]
    """The reading pages of each chat, by its number."""
    settings: ReportSettings
    site: Site
    left_out: Sequence[str]
    """The words and sites that are in no list."""
    media: bool
    """Whether any photo, voice or video is shown."""
    writings: bool
    """Whether any document has a page."""

    @cached_property
    def menu(self) -> list[tuple[str, str]]:
        found = [("Overview", "index.html"), ("Chats", self.chats_path), ("People", "people/index.html")]
        (last,) = self.facts.row("SELECT year(max(day)) FROM report_day")
        if last:  # somebody wrote
            found.append(("Years", f"years/{last}.html"))
        if self.writings:
            found.append(("Writings", "writings/index.html"))
        return [*found, ("Search", "search.html")] if self.settings.search else found

    @property
    def chats_path(self) -> str:
        """Where one chooses what to read."""
        return "chats/index.html" if len(self.world.chats) > 1 else f"{self.world.chats[0].folder}/pages.html"

    @cached_property
    def with_charts(self) -> set[int]:
        """Chats that have charts of their own: where there is one alone, the front page is about it."""
        large = [chat.number for chat in self.world.chats if chat.messages >= CHARTS_FROM and chat.people]
        return set(large[:CHARTS_FOR]) if len(self.world.chats) > 1 else set()

    @property
    def real_names(self) -> bool:
        return bool(self.site.shown_names)

    def page(self, template: str, path: str, **values: Any) -> str:
        """Render the page that goes to `path`."""
        frame = {"site": self.settings.title, "menu": self.menu, "real_names": self.real_names, "media": self.media}
        return page(template, path, **frame, **values)

    def content_of(self, chat: Chat | None) -> str:
        """Return what stands for all messages of a chat, or of all."""
        listed = self.pages.values() if chat is None else [self.pages[chat.number]]
        return digest(*(f"{page.chat} {page.name} {page.made_of}" for of_one in listed for page in of_one))


def digest(*parts: Any) -> str:
    """Return what stands for some values."""
    return hashlib.sha256("\x1f".join(map(repr, parts)).encode()).hexdigest()
