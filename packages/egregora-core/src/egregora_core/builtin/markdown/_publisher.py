"""The built-in publisher: Markdown pages and a `mkdocs.yml`, which `mkdocs build` takes as they are.

Pages link to what comes later in the stream (profiles, the next post), so bodies wait in a temporary file
while titles, dates and slugs are gathered: memory holds what the index pages list, never the bodies.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from posixpath import dirname, join, normpath, relpath, split
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, field_validator

from egregora_core.builtin._calendar import MONTHS
from egregora_core.builtin._markdown_text import escape_inline, yaml_scalar
from egregora_core.plugin import PublishedFile, is_inside, plain

_LATEST = 10
_UNDATED = "undated"
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


@dataclass(frozen=True)
class _Page:
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


_REAL_NAMES = "**THESE PAGES SHOW REAL NAMES.** Share them with nobody who should not know who wrote.\n"


def publish(
    documents: Iterator[Mapping[str, Any]], *, title: str = "Conversations", shown_names: Mapping[str, str] = {}
) -> Iterator[PublishedFile]:
    """Yield the files of the site. `documents` come ordered by kind, thread, window start and slug.

    `shown_names` are the names that stand in the documents instead of pseudonyms; where there are any, each page says
    so.
    """
    for file in _files(documents, title):
        yield _marked(file) if shown_names and file.path.endswith(".md") else file


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
        years = _grouped(posts, lambda page: page.date[:4] or _UNDATED)
        others = _grouped([page for page in pages if page.kind not in {"post", "profile"}], lambda page: page.kind)
        neighbours = _neighbours(posts)
        by_id = {page.document_id: page for page in pages}
        for page in pages:
            links = neighbours.get(page.path, (None, None))
            yield PublishedFile(
                f"docs/{page.path}", _page(page, _linked(page, _body(spool, page), by_id), profiles, links)
            )
    yield PublishedFile("docs/index.md", _front(title, years, profiles, others))
    for year, listed in years.items():
        yield PublishedFile(f"docs/posts/{year}/index.md", _year(year, listed))
    if profiles:
        yield PublishedFile("docs/profiles/index.md", _profiles(list(profiles.values())))
    for kind, listed in others.items():
        yield PublishedFile(f"docs/{kind}/index.md", _listing(kind.capitalize(), listed))
    yield PublishedFile("mkdocs.yml", _mkdocs(title, list(years), list(others), people=bool(profiles)))


def _spooled(document: Mapping[str, Any], spool: IO[bytes]) -> _Page:
    attrs = document["attrs"] or {}
    attrs = json.loads(attrs) if isinstance(attrs, str) else attrs
    kind, slug, start = document["kind"], document["slug"], document["window_start"]
    date = attrs.get("date") or (start.date().isoformat() if isinstance(start, datetime) else "")
    folder = {"post": f"posts/{date[:4] or _UNDATED}", "profile": "profiles"}.get(kind, kind)
    body = document["body"].encode()
    offset = spool.tell()
    spool.write(body)
    return _Page(
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
    )


def _further(attrs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts, numbers and truth values of `attrs` that its key `front_matter` lists."""
    for name in attrs.get("front_matter") or ():
        value = attrs.get(name)
        if isinstance(name, str) and name.isidentifier() and isinstance(value, (str, int, float)):  # a bool is an int
            yield name, yaml_scalar(value) if isinstance(value, str) else json.dumps(value)


def _body(spool: IO[bytes], page: _Page) -> str:
    """Read a body back, without what turns the direction of a page or commands the terminal that prints it."""
    spool.seek(page.offset)
    return plain(spool.read(page.length).decode())


def _linked(page: _Page, body: str, by_id: Mapping[str, _Page]) -> str:
    """Make links to documents links to their pages; of one to a document without a page the title stays."""

    def link(found: re.Match[str]) -> str:
        target = by_id.get(found[2])
        return f"[{found[1]}]({_href(page.path, target.path)})" if target else found[1]

    return _MESSAGE.sub(r"\1", _DOCUMENT.sub(link, body))


def _grouped(pages: Sequence[_Page], key: Any) -> dict[str, list[_Page]]:
    groups: dict[str, list[_Page]] = defaultdict(list)
    for page in pages:
        groups[key(page)].append(page)
    return dict(sorted(groups.items()))


def _neighbours(posts: Sequence[_Page]) -> dict[str, tuple[_Page | None, _Page | None]]:
    """Return each post's previous and next one of its thread."""
    found: dict[str, tuple[_Page | None, _Page | None]] = {}
    for place, page in enumerate(posts):
        before = posts[place - 1] if place and posts[place - 1].thread == page.thread else None
        after = posts[place + 1] if place + 1 < len(posts) and posts[place + 1].thread == page.thread else None
        found[page.path] = (before, after)
    return found


def _page(page: _Page, body: str, profiles: Mapping[str, _Page], neighbours: tuple[_Page | None, _Page | None]) -> str:
    parts = [_front_matter(page)]
    if not body.lstrip().startswith("# "):
        parts.append(f"# {escape_inline(page.title)}\n")
    if page.kind != "profile" and page.authors:
        known = [_link(page.path, profiles[name]) if name in profiles else escape_inline(name) for name in page.authors]
        place = f"In {escape_inline(page.label)}, by" if page.label else "By"
        parts.append(f"{place} {', '.join(known)}\n")
    parts.append(body.rstrip("\n") + "\n")
    before, after = neighbours
    steps = [f"← {_link(page.path, before)}"] if before else []
    steps += [f"{_link(page.path, after)} →"] if after else []
    if steps:
        parts.append(f"---\n\n{' · '.join(steps)}\n")
    return "\n".join(parts)


def _front_matter(page: _Page) -> str:
    lines = ["---", f"title: {yaml_scalar(escape_title(page.title))}"]
    if page.date:
        lines.append(f"date: {page.date if _is_date(page.date) else yaml_scalar(page.date)}")
    for name, values in (("authors", page.authors), ("tags", page.tags)):
        if values:
            lines.append(f"{name}: [{', '.join(map(yaml_scalar, values))}]")
    lines += [f"{name}: {value}" for name, value in page.further]
    return "\n".join([*lines, "---", ""])


def escape_title(title: str) -> str:
    """Return a title that MkDocs' themes, which print it as it is, cannot take for HTML."""
    return title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_date(value: str) -> bool:
    try:
        return datetime.strptime(value, "%Y-%m-%d").date().isoformat() == value  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return False


def _link(source: str, page: _Page) -> str:
    return f"[{escape_inline(page.title)}]({_href(source, page.path)})"


def _href(source: str, target: str) -> str:
    folder, name = split(target)
    return quote(normpath(join(_relative(dirname(source), folder), name)))


@cache
def _relative(source: str, target: str) -> str:
    return relpath(f"/{target}", f"/{source}")


def _entry(source: str, page: _Page, *, several: bool) -> str:
    notes = [escape_inline(page.label)] if several and page.label else []
    notes += [f"{page.messages:,} message{'' if page.messages == 1 else 's'}"] if page.messages else []
    notes += [escape_inline(", ".join(page.tags))] if page.tags else []
    return f"- {_link(source, page)}" + (f" — {'; '.join(notes)}" if notes else "")


def _several(pages: Sequence[_Page]) -> bool:
    return len({page.thread for page in pages}) > 1


def _month(page: _Page) -> str:
    if not _is_date(page.date):
        return "Undated"
    return f"{MONTHS[int(page.date[5:7]) - 1]} {page.date[:4]}"


def _by_date(pages: Sequence[_Page]) -> list[_Page]:
    return sorted(pages, key=lambda page: (page.date, page.thread, page.path))


def _front(
    title: str,
    years: Mapping[str, Sequence[_Page]],
    profiles: Mapping[str, _Page],
    others: Mapping[str, Sequence[_Page]],
) -> str:
    posts = _by_date([page for listed in years.values() for page in listed])
    several = _several(posts)
    lines = [f"# {escape_inline(title)}", ""]
    if not posts:
        lines += ["There are no posts yet.", ""]
    else:
        first, last = _month(posts[0]), _month(posts[-1])
        span = first if first == last else f"{first} to {last}"
        lines += [f"{_number(len(posts), 'post')} by {_number(_people(posts), 'author')}, {span}.", ""]
        lines += [
            "## Latest",
            "",
            *(_entry("index.md", page, several=several) for page in posts[: -_LATEST - 1 : -1]),
            "",
        ]
    lines += _chats(posts) if several else []
    for year, listed in reversed(list(years.items())):
        lines += [f"## {year if year != _UNDATED else 'Undated'}", ""]
        for month, pages in _months(listed).items():
            target = _href("index.md", f"posts/{year}/index.md") + "#" + month.lower().replace(" ", "-")
            lines.append(f"- [{month}]({target}): {_number(len(pages), 'post')}, {_messages(pages)}")
        lines.append("")
    sections = [("People", "profiles/index.md", len(profiles))] if profiles else []
    sections += [(kind.capitalize(), f"{kind}/index.md", len(listed)) for kind, listed in others.items()]
    if sections:
        lines += [
            "## More",
            "",
            *(f"- [{name}]({_href('index.md', path)}): {number}" for name, path, number in sections),
            "",
        ]
    return "\n".join(lines)


def _chats(posts: Sequence[_Page]) -> list[str]:
    """Return a list of the chats, the one with the most messages first."""
    by_name = _grouped(posts, lambda page: page.label)
    ranked = sorted(by_name.items(), key=lambda item: (-sum(page.messages for page in item[1]), item[0]))
    listed = [f"- {escape_inline(name)}: {_number(len(pages), 'post')}, {_messages(pages)}" for name, pages in ranked]
    return ["## Chats", "", *listed, ""]


def _people(pages: Sequence[_Page]) -> int:
    return len({author for page in pages for author in page.authors})


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _messages(pages: Sequence[_Page]) -> str:
    return _number(sum(page.messages for page in pages), "message")


def _months(pages: Sequence[_Page]) -> dict[str, list[_Page]]:
    months: dict[str, list[_Page]] = defaultdict(list)
    for page in _by_date(pages):
        months[_month(page)].append(page)
    return months


def _year(year: str, pages: Sequence[_Page]) -> str:
    source = f"posts/{year}/index.md"
    several = _several(pages)
    lines = [f"# {year if year != _UNDATED else 'Undated'}", ""]
    for month, listed in _months(pages).items():
        lines += [f"## {month}", "", *(_entry(source, page, several=several) for page in listed), ""]
    return "\n".join(lines)


def _profiles(pages: Sequence[_Page]) -> str:
    ranked = sorted(pages, key=lambda page: (-page.messages, page.path))
    lines = [_entry("profiles/index.md", page, several=False) for page in ranked]
    return "\n".join(["# People", "", *lines, ""])


def _listing(title: str, pages: Sequence[_Page]) -> str:
    lines = [_entry(f"{pages[0].kind}/index.md", page, several=False) for page in _by_date(pages)]
    return "\n".join([f"# {escape_inline(title)}", "", *lines, ""])


def _mkdocs(title: str, years: Sequence[str], others: Sequence[str], *, people: bool) -> str:
    """Return the configuration. Only index pages are in the menu, or each page would list every post."""
    nav = ["  - Home: index.md"]
    nav += [f"  - {yaml_scalar(year)}: posts/{year}/index.md" for year in reversed(years)]
    nav += ["  - People: profiles/index.md"] if people else []
    nav += [f"  - {yaml_scalar(kind.capitalize())}: {kind}/index.md" for kind in others]
    lines = [
        f"site_name: {yaml_scalar(escape_title(title))}",
        "use_directory_urls: false # pages open from the disk, without a server",
        "theme:",
        "  name: mkdocs",
        "  highlightjs: false # the only thing that this theme would fetch from the network",
        "nav:",
        *nav,
        "validation:",
        "  nav:",
        "    omitted_files: ignore # posts are reached from the index pages",
        "",
    ]
    return "\n".join(lines)
