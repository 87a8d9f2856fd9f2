"""Whom an export names: by Telegram's id, else by the name that it gives."""

from collections.abc import Iterator, Mapping
from typing import Any

from egregora_core.plugin import Person

_USERS, _CHATS = 1 << 32, 1 << 33
"""Till 2021 a number said in these bits whether it is a user's."""
_SHORT = len("@name")
_LONGEST = 20


def peer_id(value: Any) -> str | None:
    """Return who wrote, as exports since 2021 have it (`user7`, `channel7`), from a number too; None for nobody."""
    if isinstance(value, str) and value and not _is_number(value):
        return value
    number = _number(value)
    if number is None:
        return None
    return f"chat{number - _CHATS}" if number >= _CHATS else f"user{bare(number)}"


def user_id(value: Any) -> str | None:
    """Return the id of a user from the number that contacts and mentions have."""
    number = _number(value)
    return None if number is None else f"user{number}"


def bare(number: int) -> int:
    """Return a number of 2021 or before without the bits that say whose it is."""
    return number - _CHATS if number >= _CHATS else number - _USERS if number >= _USERS else number


def _number(value: Any) -> int | None:
    if isinstance(value, str) and _is_number(value):
        value = int(value)
    return value if type(value) is int and value > 0 else None


def _is_number(value: str) -> bool:
    return value.isdecimal() and len(value) <= _LONGEST


def full_name(item: Mapping[str, Any]) -> str:
    names = (item.get("first_name"), item.get("last_name"))
    return " ".join(name for name in names if isinstance(name, str) and name)


class People:
    """The people of an export, and all that they are called in it."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}
        self._last: dict[str, str] = {}
        self._bots: set[str] = set()
        self._without_id: set[str] = set()

    def meet(self, id_: str | None, name: Any, handle: Any = None, *, bot: bool = False) -> None:
        """Note what somebody is called; a name that comes later is the present one."""
        if id_ is None:
            return
        names = self._names.setdefault(id_, {})
        for each in (handle, name):
            if isinstance(each, str) and each:
                names.pop(each, None)
                names[each] = None
        if isinstance(name, str):
            self._last[id_] = name
        if bot:
            self._bots.add(id_)

    def met(self, id_: str, name: Any) -> None:
        """`meet`, for one who is met with each message."""
        if name is not None and self._last.get(id_) != name:
            self.meet(id_, name)

    def named(self, name: str) -> str:
        """Note somebody of whom only a name is known; return it."""
        self._without_id.add(name)
        return name

    def handle(self, name: str) -> str:
        """Note a handle; return it. Those of people have five letters, only bots have shorter ones, such as `@gif`."""
        return self.named(name) if len(name) > _SHORT else name

    def all(self) -> Iterator[Person]:
        """Yield everybody; who is known by a name alone is left out where somebody with an id has that name."""
        taken = {name for names in self._names.values() for name in names}
        for id_, names in self._names.items():
            yield Person(id_, list(names)[::-1], id_ in self._bots)
        for name in sorted(self._without_id - taken):
            yield Person(name, [name])
