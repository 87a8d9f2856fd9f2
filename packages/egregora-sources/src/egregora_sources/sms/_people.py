"""Who is behind a number, which is written in many ways: with and without a country, with blanks and dashes."""

import re

ME = "me"
_OTHERS = re.compile(r"[\s().\-\u00a0\u202a-\u202e\u2066-\u2069/]")
_NUMBER = re.compile(r"\+?\d+")
_TELLING = 10
"""So many of its last digits are one person's: what stands before them is how a country is dialled."""
_NOBODY = {"", "-1", "-2", "-3", "insert-address-token", "unknown", "private", "anonymous", "restricted"}
_NAMELESS = {"(unknown)", "unknown", ""}


def id_of(address: str) -> str | None:
    """Return what is the same of a number however it is written; an address otherwise; null for a hidden one."""
    bare = _OTHERS.sub("", address)
    if not bare or address.strip().casefold() in _NOBODY:
        return None
    if _NUMBER.fullmatch(bare):
        digits = bare.removeprefix("+")
        return digits[-_TELLING:]
    return address.strip().casefold()


class People:
    """Whom the backup names."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}
        self._written: dict[str, dict[str, None]] = {}
        self._own: dict[str, None] = {}

    def meet(self, address: str, name: str = "") -> str | None:
        """Remember an address, and what its person is called; return the id."""
        id_ = id_of(address)
        if id_ is None:
            return None
        self._written.setdefault(id_, {})[address.strip()] = None
        if name.strip().casefold() not in _NAMELESS and id_of(name) != id_:
            self._named[id_] = name.strip()
        return id_

    def own(self, address: str) -> None:
        """Remember a number of the phone itself."""
        if id_of(address) is not None:
            self._own[address.strip()] = None

    def is_own(self, id_: str) -> bool:
        return any(id_of(address) == id_ for address in self._own)

    def called(self, id_: str) -> str:
        return self._named.get(id_) or next(iter(self._written.get(id_, {id_: None})))

    def all(self) -> list[tuple[str, list[str]]]:
        """Return ids and names: a contact's name, then the numbers, as they are written."""
        found = [
            (id_, [*([self._named[id_]] if id_ in self._named else []), *written])
            for id_, written in self._written.items()
            if not self.is_own(id_)
        ]
        return [(ME, ["Me", *self._own]), *found]
