"""Who is behind nicks: whoever changes one is the same person under both; one that many go through is nobody's."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from egregora_core.plugin import Person

_EVERYBODYS = re.compile(r"(?:.*/)?(?:guest|unknown|mib_|webchat|qwebirc|user|visitor|nobody|ubuntu|kvirc|anon)[\w|-]*")
"""What programs call those who have not said how they want to be called."""
_MOST = 4
"""So many unlike nicks one person goes by; with more of them it is a name that several have used."""
_ALIKE = 3


def people_of(nicks: Mapping[str, str], changes: Iterable[tuple[str, str]]) -> list[Person]:
    """Return the people behind nicks, which are given by their ids; changes are (from, to), the first one first.

    A person is known by the first of their nicks, and called by the last.
    """
    changes = list(changes)
    last = {now: place for place, (_, now) in enumerate(changes)}
    pairs = [(was, now) for was, now in dict.fromkeys(changes) if was != now]
    partners: defaultdict[str, set[str]] = defaultdict(set)
    for was, now in pairs:
        if _bare(was)[:_ALIKE] != _bare(now)[:_ALIKE]:
            partners[was].add(now)
            partners[now].add(was)
    shared = {nick for nick, others in partners.items() if len(others) > _MOST}
    groups: dict[str, list[str]] = {}
    for was, now in pairs:
        if not {was, now} & shared and not _EVERYBODYS.fullmatch(was) and not _EVERYBODYS.fullmatch(now):
            _join(groups, was, now)
    known = {group[0]: group for group in groups.values()}
    joined = [_person(group, last, nicks) for group in known.values()]
    return [*joined, *(Person(nick, [written]) for nick, written in nicks.items() if nick not in groups)]


def _bare(nick: str) -> str:
    return nick.rpartition("/")[2]


def _join(groups: dict[str, list[str]], was: str, now: str) -> None:
    """Make one group of two, in which who was there first stands first."""
    first, second = groups.get(was, [was]), groups.get(now, [now])
    if first is not second:
        first += second
        for nick in first:
            groups[nick] = first


def _person(group: list[str], last: Mapping[str, int], nicks: Mapping[str, str]) -> Person:
    """Return who goes by some nicks, called by the one that they changed to last."""
    newest = sorted(group, key=lambda nick: -last.get(nick, -1))
    return Person(group[0], [nicks.get(nick, nick) for nick in newest], also=group[1:])
