"""Is a download Messenger's or Instagram's? Both are written by the same program, and a thread of text looks the same.

The strongest sign counts: names inside of the download, then its layout, then what only one of the two has, then what
the folder is called that it lies in. Without any sign both may be: the user is asked.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from egregora_core.builtin._export_values import values_before
from egregora_core.builtin._meta._wrong_bytes import right

if TYPE_CHECKING:
    from egregora_core.plugin import Export, Sure

Platform = Literal["instagram", "messenger"]


@dataclass(frozen=True)
class Sign:
    """What a download shows itself by."""

    platform: Platform | None
    """None: it may be either's."""
    sure: "Sure"
    why: str


_NAMED: tuple[tuple[Platform, re.Pattern[str]], ...] = (
    ("instagram", re.compile(r"(?:^|[^a-z])instagram(?:[^a-z]|$)", re.IGNORECASE)),
    ("messenger", re.compile(r"(?:^|[^a-z])(?:facebook|messenger)(?:[^a-z]|$)", re.IGNORECASE)),
)
_LAYOUT: tuple[tuple[Platform, re.Pattern[str]], ...] = (
    ("instagram", re.compile(r'"conversation"\s*:\s*\[\s*(?:\{\s*"sender"|\])')),
    ("messenger", re.compile(r'class="pam _3-95 _2pi0 _2lej')),
    ("messenger", re.compile(r'"threadName"\s*:|"senderName"\s*:|"uri"\s*:\s*"[^"]*stickers_used')),
    ("instagram", re.compile(r'"uri"\s*:\s*"your_instagram_activity')),
    ("messenger", re.compile(r'"uri"\s*:\s*"your_(?:facebook_activity|activity_across_facebook)')),
)
_OWN: tuple[tuple[Platform, re.Pattern[str]], ...] = (
    (
        "instagram",
        re.compile(
            r'"original_content_owner"|"link"\s*:\s*"https?:\\?/\\?/(?:www\.)?instagram\.com'
            r'|"content"\s*:\s*"(?:Liked a message|[^"]{1,60} shared a (?:story|post)\.)'
            r'|"Instagram User"|"(?:Reacted|reagiu)[^"]{1,40} to your message'
        ),
    ),
    (
        "messenger",
        re.compile(
            r'"is_taken_down"|"bumped_message_metadata"|"(?:sticker|gifs|files|ip)"\s*:|"Facebook [Uu]ser"'
            r'|"thread_path"\s*:\s*"(?:archived_threads|filtered_threads|e2ee_cutover|legacy_threads)'
            r'|"link"\s*:\s*"https?:\\?/\\?/(?:www\.|l\.|m\.)?(?:facebook|fb)\.com'
        ),
    ),
)
_MORE_OFTEN = re.compile(
    r'"thread_type"\s*:|"type"\s*:\s*"(?:Generic|Share|Call|Subscribe|Unsubscribe)"|"call_duration"|"missed"\s*:'
)
"""What Messenger writes, and Instagram wrote for a while."""
_HANDLE = re.compile(r"[a-z0-9._]{1,30}")


def by_name(name: str) -> Platform | None:
    """Return the platform that a path names, the last part first; None where it names none."""
    for part in reversed(name.replace("\\", "/").split("/")):
        for platform, pattern in _NAMED:
            if pattern.search(part):
                return platform
    return None


def sign_of(export: "Export", name: str) -> Sign:
    """Return what a file of a download shows itself by. It is one of the two platforms' already."""
    if not export.is_file and (found := by_name(name)):
        return Sign(found, "certain", f"folders that are called as {found.capitalize()}'s downloads")
    head = export.head(name)
    for table, sure, why in ((_LAYOUT, "certain", "the layout of {}'s messages"), (_OWN, "likely", "what {} writes")):
        signs = {platform for platform, pattern in table if pattern.search(head)}
        if len(signs) == 1:
            (platform,) = signs
            return Sign(platform, sure, why.format(platform.capitalize()))  # type: ignore[arg-type]  # from a table of them
    if found := by_name(export.path.absolute().as_posix()):
        return Sign(found, "likely", f"its messages, and a folder or file called {found.capitalize()}")
    if _MORE_OFTEN.search(head):
        return Sign("messenger", "likely", "its messages, with marks that are more often Messenger's than Instagram's")
    if _are_handles(head):
        return Sign("instagram", "likely", "its messages, by people who are called as on Instagram")
    return Sign(None, "maybe", "its messages, which nothing tells from the other's")


def _are_handles(head: str) -> bool:
    told = values_before(head, "messages", ("participants",)).get("participants")
    listed = [each.get("name") for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    names = [right(each) for each in listed]
    odd = any(name and re.search(r"[._0-9]", name) for name in names)
    return odd and all(name and _HANDLE.fullmatch(name) for name in names)
