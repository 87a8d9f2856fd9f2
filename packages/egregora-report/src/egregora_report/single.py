"""The whole report in one file: the overview and, if wanted, every reading page, with scripts and styles inside.

The page's policy allows its own scripts and styles by their hashes and nothing else, so a text in it can never run.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from egregora_core.plugin import Attachment, NameWords
from markupsafe import Markup

from egregora_report.cutting import pages_of
from egregora_report.facts import facts_of, keep_telling_words
from egregora_report.html import asset, page, script, style_sheet
from egregora_report.model import world_of
from egregora_report.overview import overview_data, scope_of
from egregora_report.reading import bodies, prepare
from egregora_report.settings import ReportSettings
from egregora_report.stopping import common_words_of
from egregora_report.tiles import CHARTS, TILES, lead_of

_AT_ONCE = 64


def single_file(
    messages: Any,
    settings: ReportSettings,
    name_words: NameWords,
    *,
    attachments: Sequence[Attachment] = (),
    talk: bool = True,
) -> Iterator[str]:
    """Yield the file in pieces; without `talk` it has charts and no message. `attachments` are put into it."""
    from egregora_report.drawing import Drawing
    from egregora_report.media import keep_media, shown

    with facts_of(messages) as facts:
        world = world_of(facts)
        keep_telling_words(facts, common_words_of(facts, settings.languages), name_words)
        keep_media(facts, shown(attachments) if talk else [], inside=True)
        pages = pages_of(facts, world.chats)
        prepare(facts)
        drawing = Drawing({})
        scripts = [
            asset("page.js"),
            script("charts", drawing.charts),
            script("overview", overview_data(scope_of(facts, world, None))),
            drawing.runtime,
            asset("drawing.js"),
            asset("overview.js"),
            asset("reading.js"),
            asset("single.js"),
        ]
        style = style_sheet()
        marker = "EGREGORA-TALK"
        frame = page(
            "single.html",
            "index.html",
            site=settings.title,
            menu=[],
            chat=None,
            lead=lead_of(world, None),
            tiles=TILES,
            charts_top=CHARTS,
            policy=_policy(scripts, style),
            style=Markup(style),  # noqa: S704 - the package's own
            scripts=[Markup(each) for each in scripts],  # noqa: S704 - the package's own, and JSON that ends no script
            chats=[(chat, pages[chat.number]) for chat in world.chats] if talk else [],
            marker=marker,
        )
        before, _, after = frame.partition(marker)
        yield before
        if talk:
            for chat in world.chats:
                parts = pages[chat.number]
                for at in range(0, len(parts), _AT_ONCE):
                    some = parts[at : at + _AT_ONCE]
                    made = bodies(facts, some)
                    for part in some:
                        yield page(
                            "single_page.html", "index.html", chat=chat, part=part, body=_inside(made, part.number)
                        )
        yield after


def _inside(made: Mapping[int, Markup], number: int) -> Markup:
    """Return the messages with links to other pages turned into links inside of this one."""
    html = re.sub(r'href="[0-9-]+\.html#(m[0-9a-f]{12})"', r'href="#\1"', made[number])
    html = re.sub(r'<a class="n" href="[^"]*">(.*?)</a>', r'<b class="n">\1</b>', html)
    return Markup(html)  # noqa: S704 - of `reading`, which escapes


def _policy(scripts: list[str], style: str) -> str:
    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; script-src {' '.join(map(hashed, scripts))}; style-src {hashed(style)}; img-src data:; "
        "media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
