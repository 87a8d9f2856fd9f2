"""Whom a workspace knows, by id."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Raw

from egregora_core.builtin.slack._entry import opened
from egregora_core.plugin import Person

_KNOWN = {"USLACKBOT": "Slackbot"}


class People:
    """The people and bots of an export, and all that they are called in it."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}
        self._bots: set[str] = set()
        self._lists: set[str] = set()
        self._profiles: dict[str, Any] = {}
        """What messages said last of their authors."""

    def listed(self, user: Mapping[str, Any]) -> None:
        """Note an entry of the list of people."""
        id_ = user.get("id")
        if not isinstance(id_, str) or not id_:
            return
        profile = user.get("profile")
        self._lists.add(id_)
        self._note(id_, _names(user, profile if isinstance(profile, dict) else {}))
        if user.get("is_bot"):
            self._bots.add(id_)

    def profile(self, id_: str, profile: Any) -> None:
        """Note what a message says of its author, where no list does."""
        if id_ in self._lists:
            return
        said = bytes(profile) if type(profile) is Raw else profile
        if self._profiles.get(id_) != said and isinstance(found := opened(profile), dict):
            self._profiles[id_] = said
            self._note(id_, _names(found, found))

    def bot(self, id_: str, name: Any) -> None:
        self._bots.add(id_)
        if isinstance(name, str):
            self._note(id_, [name])

    def _note(self, id_: str, names: list[str]) -> None:
        known = self._names.setdefault(id_, [])
        known += [name for name in names if name not in known]

    def name(self, id_: str) -> str:
        """Return what somebody is called, their id where nobody knows."""
        names = self._names.get(id_)
        return names[0] if names else _KNOWN.get(id_, id_)

    def all(self) -> Iterator[Person]:
        for id_, name in _KNOWN.items():
            self._names.setdefault(id_, [name])
            self._bots.add(id_)
        for id_, names in self._names.items():
            yield Person(id_, names, id_ in self._bots)


def _names(user: Mapping[str, Any], profile: Mapping[str, Any]) -> list[str]:
    """Return what somebody is called: as Slack shows them, then in full, then their handle."""
    found = [profile.get("display_name"), user.get("real_name"), profile.get("real_name"), user.get("name")]
    return list(dict.fromkeys(name for name in found if isinstance(name, str) and name.strip()))
