"""Whose a name is: the person or chat that a name found in a text stands for, where it stands for one alone.

A name is looked up as it was found, in small letters, without accents and what is between its letters: first as a
name, then as a name with an ending. Whatever cannot be told for sure is nobody's.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from egregora_core.privacy._name_forms import core_of, endings_of, spelt_out, without_accents, words_of
from egregora_core.privacy._names import KnownName

AMBIGUOUS = "?"
"""Stands for the pseudonym where several people have the name."""

NOBODY = "!"
"""Stands for one where a name may be somebody's, or another name: in no chat is it told."""

NAME, STEM, ENDED = "=", "-", "~"
"""What a key begins with: a name as it is; what is left of one before an ending; one with an ending that changes it."""

# fmt: off
_HER_NAMES = frozenset((
    "adriana", "alana", "alberta", "andrea", "angela", "ariela", "augustina", "bogdana", "bojana", "carla",
    "christiana", "cristiana", "damiana", "daniela", "dominika", "edwina", "emila", "erika", "eugena", "fabiana",
    "frederika", "gabriela", "henrika", "ivana", "jana", "josefa", "juliana", "justina", "karla", "konstantina",
    "leona", "louisa", "luisa", "manuela", "marcela", "martina", "michaela", "michela", "milana", "noela",
    "norberta", "paula", "patricka", "petra", "rafaela", "raphaela", "renata", "roberta", "robina", "romana",
    "samuela", "sebastiana", "simona", "stefana", "ulrika", "valentina", "viktora", "zorana",
))
# fmt: on
"""Names of women that are a man's name with an ending: `Martina` is rarely a case of Martin."""

_HIS_ENDING = "o"
"""Makes Mario of Maria: no case where such names are common."""


class NameOwners:
    """Collects whose each way of writing a name is."""

    def __init__(self, known: Iterable[KnownName]) -> None:
        self._owners: dict[str, set[str]] = defaultdict(set)
        self._nobodies = {""}
        self._by_core: dict[str, set[str]] = defaultdict(set)
        self._chats: dict[str, set[str]] = defaultdict(set)
        for entry in known:
            if entry.role == "person" and entry.pseudonym:
                self._by_core[key_of(core_of(entry.name))].add(entry.pseudonym)
                self._chats[entry.pseudonym].update(entry.chats)

    def add(self, entry: KnownName, kind: str, text: str) -> None:
        """Note that a term of `name_patterns`, which it made of a name, is that name's."""
        if kind.startswith("stem "):
            for ending in endings_of(kind.removeprefix("stem ")):
                if ending != _HIS_ENDING:
                    self._note(entry, ENDED, text + ending)
            return
        if kind in {"word", "short word", "phrase", "loose", "handle"}:
            self._note(entry, STEM, text)
            if (key := key_of(text) + "a") in _HER_NAMES:
                self._owners[ENDED + key].add("")
        if kind not in {"word", "short word"}:
            self._note(entry, NAME, text)

    def add_words(self, entry: KnownName) -> None:
        """Note that each word of a person's name is that person's."""
        for word in words_of(entry.name):
            self._note(entry, NAME, word)

    def add_number(self, entry: KnownName, digits: Iterable[str]) -> None:
        """Note the ways in which a phone number, which is somebody's name, is dialled."""
        for way in digits:
            self._note(entry, NAME, way)

    def found(self) -> dict[str, str]:
        """Return by key the pseudonym, or `AMBIGUOUS`, of whatever is the name of somebody."""
        return {
            key: next(iter(owners)) if len(owners) == 1 and not owners & self._nobodies else AMBIGUOUS
            for key, owners in sorted(self._owners.items())
        }

    def found_in_chats(self) -> dict[str, str]:
        """Return whose a name of several people is where one of them alone may be meant, by `chat IN_CHAT name`.

        Where one of them writes nowhere it is never told: that one may be meant in any chat.
        """
        found: dict[str, str] = {}
        for key, owners in sorted(self._owners.items()):
            if key[0] == ENDED or len(owners) == 1 or not all(self._chats.get(owner) for owner in owners):
                continue
            here: dict[str, list[str]] = defaultdict(list)
            for owner in owners:
                for chat in self._chats[owner]:
                    here[chat].append(owner)
            alone = {chat: who for chat, (who, *others) in sorted(here.items()) if not others}
            found.update((f"{key[0]}{chat}{IN_CHAT}{key[1:]}", who) for chat, who in alone.items())
        return found

    def _note(self, entry: KnownName, begin: str, text: str) -> None:
        owners = self._owners_of(entry)
        for form in {text, without_accents(text), spelt_out(text)}:
            if key := key_of(form):
                self._owners[begin + key] |= owners

    def _owners_of(self, entry: KnownName) -> set[str]:
        """Return the pseudonyms of whoever has this name; of a name without any, what tells it from others."""
        core = key_of(core_of(entry.name))
        if core and core in self._by_core and not (entry.role == "person" and entry.pseudonym):
            return self._by_core[core]
        if entry.pseudonym:
            return {entry.pseudonym}
        self._nobodies.add(nobody := f"{NAME}{core}")
        return {nobody}


def key_of(text: str) -> str:
    """Return what a text is looked up by; `key_sql` makes the same of a column."""
    apart = unicodedata.normalize("NFD", text)
    kept = "".join(c for c in apart if unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So")
    return unicodedata.normalize("NFC", kept).lower().replace("ς", "σ")


def key_sql(text: Any) -> Any:
    """Return an ibis text expression for `key_of` of a text; U+0006 and U+0007, which may stand between keys, stay."""
    import ibis

    @ibis.udf.scalar.builtin(signature=(("string",), "string"))
    def strip_accents(text): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the engine's own

    return strip_accents(text).re_replace(r"[^\pL\pN\p{So}\x06\x07]+", "").lower().replace("ς", "σ")


# --- a dictionary that the engine reads ---------------------------------------------------------------------------

_BUCKET, _ENTRY, _VALUE = "\x1d", "\x1f", "\x1e"
IN_CHAT = "\x04"
"""Stands between a chat's `thread_id` and a name, where a name is one person's in this chat alone."""
_LETTERS = 3
"""A key is in the bucket of its first letters, as what stands before an ending is."""
LETTERS_IN_CHAT = 36 + len(IN_CHAT) + _LETTERS


class Lexicon:
    """A dictionary of texts, as an expression: buckets of entries, of which a hash says which one to look through."""

    def __init__(self, entries: Mapping[str, str], letters: int = _LETTERS, in_a_bucket: int = 32) -> None:
        """Take entries; `in_a_bucket` is about how many are looked through for a key."""
        self._letters = letters
        self._size = 1 << (len(entries) // in_a_bucket).bit_length()
        buckets = [_ENTRY] * self._size
        for key, value in sorted(entries.items()):
            first = key.removeprefix(key[0])[:letters]
            number = int.from_bytes(hashlib.md5(first.encode(), usedforsecurity=False).digest()[:8], "little")
            buckets[number % self._size] += f"{key}{_VALUE}{value}{_ENTRY}"
        self._content = _BUCKET.join(buckets)

    def column(self) -> Any:
        """Return all buckets, to be made a column: an expression of its own would split them for each row."""
        import ibis

        return ibis.literal(self._content, type="string").split(_BUCKET)

    def chosen(self, buckets: Any, keys: Any) -> Any:
        """Return for each of a list of keys, without what they begin with, the bucket that it is in.

        A lambda that chose it from all of them would be given a copy of all for each key.
        """
        import ibis

        @ibis.udf.scalar.builtin(signature=(("string",), "uint64"))
        def md5_number_upper(text): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the engine's own

        @ibis.udf.scalar.builtin(signature=(("array<string>", "array<int64>"), "array<string>"))
        def list_select(values, places): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the engine's own

        return list_select(
            buckets, keys.map(lambda key: (md5_number_upper(key.left(self._letters)) % self._size).cast("int64") + 1)
        )


def value_in(bucket: Any, key: Any) -> Any:
    """Return the value of a key in its bucket (ibis text expressions); an empty text where there is none."""
    import ibis

    @ibis.udf.scalar.builtin(signature=(("string", "string", "int64"), "string"))
    def split_part(text, apart, place): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the engine's own

    return split_part(split_part(bucket, _ENTRY + key + _VALUE, 2), _ENTRY, 1)


def for_each(function: Callable[[Any, Any, Any], Any], one: Any, two: Any, three: Any) -> Any:
    """Return the list of what a function makes of the first, second, … elements of three lists of texts.

    Ibis's own `zip` is a lambda that is given copies of the lists for each element.
    """
    import ibis

    @ibis.udf.scalar.builtin(signature=(("array<string>",) * 3, f"array<{_THREE}>"))
    def list_zip(one, two, three): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the engine's own

    @ibis.udf.scalar.builtin(signature=((_THREE, "int64"), "string"))
    def struct_extract_at(row, place): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the engine's own

    return list_zip(one, two, three).map(
        lambda each: function(
            struct_extract_at(each, 1),
            struct_extract_at(each, 2),
            struct_extract_at(each, 3),
        )
    )


_THREE = "struct<one: string, two: string, three: string>"
