"""The built-in publisher: Markdown pages and a `mkdocs.yml`, which `mkdocs build` takes as they are.

Pages link to what comes later in the stream (profiles, the next post), so bodies wait in a temporary file
while titles, dates and slugs are gathered: memory holds what the index pages list, never the bodies.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from egregora_core.builtin._markdown_text import escape_inline, yaml_scalar
from egregora_core.builtin.markdown._chart import messages_over_time
from egregora_core.builtin.markdown._index_pages import (
    CHART,
    front_page,
    list_page,
    messages_by_month,
    mkdocs_settings,
    people_page,
    year_page,
)
from egregora_core.builtin.markdown._page import UNDATED, Page, escape_title, grouped, href, is_date, link_to
from egregora_core.plugin import PublishedFile, Site, is_inside, plain

_DOCUMENT = re.compile(r"(?<!\\)\[((?:[^\[\]\\\n]|\\.)*)\]\(document:([0-9a-f-]{36})\)")
"""How a body links to another document: `[its title](document:<document_id>)`."""
_MESSAGE = re.compile(r"(?<!\\)\[((?:[^\[\]\\\n]|\\.)*)\]\(message:[0-9a-f-]{36}\)")
"""How a body links to a message; this site has no place for one, so what the link says stays."""


class MarkdownSettings(BaseModel):
    """Section `[markdown]`: the Markdown site."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    directory: str = Field(default="site", min_length=1)
    """Where the files go, below the workspace."""
    title: str = Field(default="Conversations", min_length=1)
    """What the site is called."""

    @field_validator("directory")
    @classmethod
    def _stays_inside(cls, directory: str) -> str:
        if not is_inside(directory):
            raise ValueError("lies outside the workspace: give the name of a folder in it, without `..`")
        return directory


_REAL_NAMES = "**THESE PAGES SHOW REAL NAMES.** Share them with nobody who should not know who wrote.\n"


def publish(
    documents: Iterator[Mapping[str, Any]], *, site: Site, title: str = "Conversations"
) -> Iterator[PublishedFile]:
    """Yield the files of the site; where there are names in the documents, each page says so.

    `documents` come ordered by kind, thread, window start and slug.
    """
    for file in _files(documents, title):
        yield _marked(file) if site.shown_names and file.path.endswith(".md") else file


def _marked(file: PublishedFile) -> PublishedFile:
    """Return a page that says in big letters, under its front matter, that it shows names."""
    content = file.read().decode()
    front = re.match(r"---\n.*?\n---\n\n?", content, re.DOTALL)
    start = front.end() if front else 0
    return PublishedFile(file.path, f"{content[:start]}{_REAL_NAMES}\n{content[start:]}")


def _files(documents: Iterator[Mapping[str, Any]], title: str) -> Iterator[PublishedFile]:
    with TemporaryFile() as spool:
        pages = [_spooled(document, spool) for document in documents]
        posts = [page for page in pages if page.kind == "post"]
        profiles = {page.title: page for page in pages if page.kind == "profile"}
        years = grouped(posts, lambda page: page.date[:4] or UNDATED)
        others = grouped([page for page in pages if page.kind not in {"post", "profile"}], lambda page: page.kind)
        neighbours = _neighbours(posts)
        by_id = {page.document_id: page for page in pages}
        for page in pages:
            links = neighbours.get(page.path, (None, None))
            yield PublishedFile(
                f"docs/{page.path}", _page(page, _linked(page, _body(spool, page), by_id), profiles, links)
            )
    chart = messages_over_time(messages_by_month(posts))
    yield PublishedFile("docs/index.md", front_page(title, years, profiles, others, chart=bool(chart)))
    if chart:
        yield PublishedFile(f"docs/{CHART}", chart)
    for year, listed in years.items():
        yield PublishedFile(f"docs/posts/{year}/index.md", year_page(year, listed))
    if profiles:
        yield PublishedFile("docs/profiles/index.md", people_page(list(profiles.values())))
    for kind, listed in others.items():
        yield PublishedFile(f"docs/{kind}/index.md", list_page(kind.capitalize(), listed))
    yield PublishedFile("mkdocs.yml", mkdocs_settings(title, list(years), list(others), people=bool(profiles)))


def _spooled(document: Mapping[str, Any], spool: IO[bytes]) -> Page:
    attrs = document["attrs"] or {}
    attrs = json.loads(attrs) if isinstance(attrs, str) else attrs
    kind, slug, start = document["kind"], document["slug"], document["window_start"]
    date = attrs.get("date") or (start.date().isoformat() if isinstance(start, datetime) else "")
    folder = {"post": f"posts/{date[:4] or UNDATED}", "profile": "profiles"}.get(kind, kind)
    body = document["body"].encode()
    offset = spool.tell()
    spool.write(body)
    return Page(
        kind=kind,
        path=f"{folder}/{'_index' if slug.casefold() == 'index' else slug}.md",
        title=document["title"],
        date=date,
        authors=tuple(map(str, attrs.get("authors") or ())),
        tags=tuple(map(str, attrs.get("tags") or ())),
        thread=str(document["thread_id"] or ""),
        label=str(attrs.get("thread") or (document["thread_id"] or "")[:8]),
        messages=int(attrs.get("messages") or 0),
        further=tuple(_further(attrs)),
        document_id=str(document.get("document_id", "")),
        offset=offset,
        length=len(body),
        writer=str(document.get("writer", "")),
    )


def _further(attrs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts, numbers and truth values of `attrs` that its key `front_matter` lists."""
    for name in attrs.get("front_matter") or ():
        value = attrs.get(name)
        if isinstance(name, str) and name.isidentifier() and isinstance(value, (str, int, float)):  # a bool is an int
            yield name, yaml_scalar(value) if isinstance(value, str) else json.dumps(value)


def _body(spool: IO[bytes], page: Page) -> str:
    """Read a body back, without what turns the direction of a page or commands the terminal that prints it."""
    spool.seek(page.offset)
    return plain(spool.read(page.length).decode())


def _linked(page: Page, body: str, by_id: Mapping[str, Page]) -> str:
    """Make links to documents links to their pages; of one to a document without a page the title stays."""

    def link(found: re.Match[str]) -> str:
        target = by_id.get(found[2])
        return f"[{found[1]}]({href(page.path, target.path)})" if target else found[1]

    return _MESSAGE.sub(r"\1", _DOCUMENT.sub(link, body))


def _neighbours(posts: Sequence[Page]) -> dict[str, tuple[Page | None, Page | None]]:
    """Return each post's previous and next one of its thread."""
    found: dict[str, tuple[Page | None, Page | None]] = {}
    for place, page in enumerate(posts):
        before = posts[place - 1] if place and posts[place - 1].thread == page.thread else None
        after = posts[place + 1] if place + 1 < len(posts) and posts[place + 1].thread == page.thread else None
        found[page.path] = (before, after)
    return found


def _page(page: Page, body: str, profiles: Mapping[str, Page], neighbours: tuple[Page | None, Page | None]) -> str:
    parts = [_front_matter(page)]
    if not body.lstrip().startswith("# "):
        parts.append(f"# {escape_inline(page.title)}\n")
    if page.kind != "profile" and page.authors:
        known = [
            link_to(page.path, profiles[name]) if name in profiles else escape_inline(name) for name in page.authors
        ]
        place = f"In {escape_inline(page.label)}, by" if page.label else "By"
        parts.append(f"{place} {', '.join(known)}\n")
    parts.append(body.rstrip("\n") + "\n")
    before, after = neighbours
    steps = [f"← {link_to(page.path, before)}"] if before else []
    steps += [f"{link_to(page.path, after)} →"] if after else []
    if steps:
        parts.append(f"---\n\n{' · '.join(steps)}\n")
    return "\n".join(parts)


def _front_matter(page: Page) -> str:
    lines = ["---", f"title: {yaml_scalar(escape_title(page.title))}"]
    if page.date:
        lines.append(f"date: {page.date if is_date(page.date) else yaml_scalar(page.date)}")
    for name, values in (("authors", page.authors), ("tags", page.tags)):
        if values:
            lines.append(f"{name}: [{', '.join(map(yaml_scalar, values))}]")
    lines += [f"{name}: {value}" for name, value in page.further]
    return "\n".join([*lines, "---", ""])
