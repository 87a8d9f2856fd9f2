"""The pages that list others: the front page, years, people, kinds; and the menu of MkDocs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from egregora_core.builtin._markdown_text import escape_inline, yaml_scalar
from egregora_core.builtin.markdown._page import (
    UNDATED,
    Page,
    by_date,
    escape_title,
    grouped,
    href,
    is_date,
    link_to,
    month_of,
    several_chats,
)

_LATEST = 10
CHART = "messages.svg"
"""The picture of the front page, beside it."""


def _months(pages: Sequence[Page]) -> dict[str, list[Page]]:
    months: dict[str, list[Page]] = defaultdict(list)
    for page in by_date(pages):
        months[month_of(page)].append(page)
    return months


def _entry(source: str, page: Page, *, several: bool) -> str:
    notes = [escape_inline(page.label)] if several and page.label else []
    notes += [f"{page.messages:,} message{'' if page.messages == 1 else 's'}"] if page.messages else []
    notes += [escape_inline(", ".join(page.tags))] if page.tags else []
    return f"- {link_to(source, page)}" + (f" — {'; '.join(notes)}" if notes else "")


def front_page(
    title: str,
    years: Mapping[str, Sequence[Page]],
    profiles: Mapping[str, Page],
    others: Mapping[str, Sequence[Page]],
    *,
    chart: bool,
) -> str:
    posts = by_date([page for listed in years.values() for page in listed])
    several = several_chats(posts)
    lines = [f"# {escape_inline(title)}", ""]
    if not posts:
        lines += ["There are no posts yet.", ""]
    else:
        lines += [_summary(posts), ""]
        lines += [f"![Messages over time]({CHART})", ""] if chart else []
        latest = posts[: -_LATEST - 1 : -1]
        lines += ["## Latest", "", *(_entry("index.md", page, several=several) for page in latest), ""]
    lines += _chats(posts) if several else []
    for year, listed in reversed(list(years.items())):
        lines += [f"## {year if year != UNDATED else 'Undated'}", ""]
        for month, pages in _months(listed).items():
            target = href("index.md", f"posts/{year}/index.md") + "#" + month.lower().replace(" ", "-")
            lines.append(f"- [{month}]({target}): {_number(len(pages), 'post')}, {_messages(pages)}")
        lines.append("")
    sections = [("People", "profiles/index.md", len(profiles))] if profiles else []
    sections += [(kind.capitalize(), f"{kind}/index.md", len(listed)) for kind, listed in others.items()]
    if sections:
        lines += [
            "## More",
            "",
            *(f"- [{name}]({href('index.md', path)}): {number}" for name, path, number in sections),
            "",
        ]
    return "\n".join(lines)


def messages_by_month(posts: Sequence[Page]) -> dict[str, int]:
    """Return how many messages the posts tell of, by `YYYY-MM`.

    Where several writers tell of the same weeks, the one that tells of most messages counts.
    """
    by_writer = grouped([page for page in posts if is_date(page.date)], lambda page: page.writer)
    fullest = max(by_writer.values(), key=_told, default=[])
    months = grouped(fullest, lambda page: page.date[:7])
    return {month: _told(pages) for month, pages in months.items()}


def _summary(posts: Sequence[Page]) -> str:
    """Say in a sentence how much there is, of whom, and from when."""
    first, last = month_of(posts[0]), month_of(posts[-1])
    span = first if first == last else f"{first} to {last}"
    told = max(map(_told, grouped(posts, lambda page: page.writer).values()))
    messages = f"{_number(told, 'message')} in " if told else ""
    chats = len({page.thread for page in posts})
    place = f" of {_number(chats, 'chat')}" if chats > 1 else ""
    return f"{messages}{_number(len(posts), 'post')}{place} by {_number(_people(posts), 'author')}, {span}."


def _told(pages: Sequence[Page]) -> int:
    return sum(page.messages for page in pages)


def _chats(posts: Sequence[Page]) -> list[str]:
    """Return a list of the chats, the one with the most messages first."""
    by_name = grouped(posts, lambda page: page.label)
    ranked = sorted(by_name.items(), key=lambda item: (-sum(page.messages for page in item[1]), item[0]))
    listed = [f"- {escape_inline(name)}: {_number(len(pages), 'post')}, {_messages(pages)}" for name, pages in ranked]
    return ["## Chats", "", *listed, ""]


def _people(pages: Sequence[Page]) -> int:
    return len({author for page in pages for author in page.authors})


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _messages(pages: Sequence[Page]) -> str:
    return _number(_told(pages), "message")


def year_page(year: str, pages: Sequence[Page]) -> str:
    source = f"posts/{year}/index.md"
    several = several_chats(pages)
    lines = [f"# {year if year != UNDATED else 'Undated'}", ""]
    for month, listed in _months(pages).items():
        lines += [f"## {month}", "", *(_entry(source, page, several=several) for page in listed), ""]
    return "\n".join(lines)


def people_page(pages: Sequence[Page]) -> str:
    ranked = sorted(pages, key=lambda page: (-page.messages, page.path))
    lines = [_entry("profiles/index.md", page, several=False) for page in ranked]
    return "\n".join(["# People", "", *lines, ""])


def list_page(title: str, pages: Sequence[Page]) -> str:
    lines = [_entry(f"{pages[0].kind}/index.md", page, several=False) for page in by_date(pages)]
    return "\n".join([f"# {escape_inline(title)}", "", *lines, ""])


def mkdocs_settings(title: str, years: Sequence[str], others: Sequence[str], *, people: bool) -> str:
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
