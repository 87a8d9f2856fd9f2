"""Of many known names those that occur are looked for; what becomes of a message is the same as with these alone."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import ibis
import pyarrow as pa
import pytest
from egregora_core.messages import IR_MESSAGES
from egregora_core.privacy import KnownName, occurring_names
from egregora_core.privacy._stage import privacy
from support import egregora

_WORDS = [
    "Anna",
    "Ana",
    "Marek",
    "Martin",
    "Martina",
    "Jürgen",
    "Müller",
    "Mueller",
    "Søren",
    "Åse",
    "Weiß",
    "Weiss",
    "O'Brien",
    "Obrien",
    "Jean-Luc",
    "Maria",
    "Mariana",
    "Γιώργος",
    "Анна",
    "Сергей",
    "张伟",
    "李明",
    "田中",
    "太郎",
    "김철수",
    "สมชาย",
    "Bo",
    "Li",
    "J.",
    "Al",
    "anna99",
    "Ñandú",
    "Vera",
    "Doe",
    "Kowalski",
    "Kowalska",
    "Virtanen",
    "Gábor",
    "ნინო",
    "Արամ",
    "محمد",
    "آدم",
    "Will",
    "Hope",
    "İpek",
    "Işık",
    "ﬁona",
    "Ａｎｎａ",
    "van",
    "der",
    "Quist",
    "🌸",
    "Ann",
    "Aschmidt",
    "Annaschmidt",
    "Schmidt",
    "Ellen",
]
_OTHERS = ["+55 11 91234-5678", "+1 555 123 4567", "48213", "Anna\u200cB", "Jo", "X"]
_ENDINGS = ["", "", "", "", "s", "'s", "em", "ovi", "en", "ą", "ში", "ին", "99", "iem", "e", "ae", "_", "x"]
_BEFORE = [" ", " ", " ", "-", "_", ".", ", ", "@", "#", "/", "%20", "%2F", "\u200b", "\n", "’", "\u00a0", " the "]
_PIECES = ["11 91234-5678", "911234567", "annual", "https://example.org/anna/Müller?x=annaquist", "@annaquist", "@🌸"]


@pytest.fixture(scope="module")
def backend() -> Iterator[Any]:
    found = ibis.duckdb.connect()
    found.con.execute("SET timezone = 'UTC'")
    found.con.execute(IR_MESSAGES.ddl())
    yield found
    found.disconnect()


def _person(number: int, name: str, role: Any = "person") -> KnownName:
    return KnownName(name, str(UUID(int=number)), role, f"{'Amber' if role == 'person' else 'Calm'} Heron {number}")


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")


def _strangers(count: int = 100) -> list[KnownName]:
    """Return people of whose names no word is in any text here."""
    return [
        _person(10_000 + number, f"Zz{_letters(number)}q Xx{_letters(number * 7 % count)}w") for number in range(count)
    ]


def _fill(backend: Any, rows: Sequence[tuple[str, str, dict[str, Any]]]) -> Any:
    table = pa.table(
        {
            "number": range(len(rows)),
            "author": [author for author, _, _ in rows],
            "text": [text for _, text, _ in rows],
            "attrs": [json.dumps(attrs, ensure_ascii=False, separators=(",", ":")) for _, _, attrs in rows],
        }
    )
    backend.con.execute("DELETE FROM ir_messages")
    backend.con.register("rows_given", table)
    backend.con.execute("""
        INSERT INTO ir_messages BY NAME SELECT
            ('00000000-0000-0000-0000-' || lpad(number::VARCHAR, 12, '0'))::UUID AS event_id, 'default' AS tenant_id,
            'whatsapp' AS source, md5((length(text) % 5)::VARCHAR)::UUID AS thread_id, 'm' AS msg_id,
            TIMESTAMPTZ '2024-01-31 12:00:00+00' AS ts,
            number AS seq, author AS author_raw,
            ('00000000-0000-0000-0000-' || lpad((number % 60)::VARCHAR, 12, '0'))::UUID AS author_uuid, text,
            attrs::JSON AS attrs, TIMESTAMPTZ '2024-01-31 12:00:00+00' AS created_at
        FROM rows_given
    """)
    backend.con.unregister("rows_given")
    return backend.table("ir_messages")


def _masked(backend: Any, messages: Any, known: Sequence[KnownName]) -> list[tuple[Any, ...]]:
    query = backend.compile(privacy(messages, known=occurring_names(messages, known)))
    found = f"SELECT text, attrs::VARCHAR, pii_flags::VARCHAR, author_raw FROM ({query}) ORDER BY seq"
    rows: list[tuple[Any, ...]] = backend.con.execute(found).fetchall()
    return rows


def _spelt(chance: random.Random, name: str) -> str:
    return chance.choice(
        [
            name,
            name,
            name.lower(),
            name.upper(),
            name.capitalize(),
            name.replace("ü", "ue").replace("ß", "ss"),
            name.replace("ü", "u").replace("ø", "o").replace("Å", "Aa"),
            name.replace("a", "á").replace("ss", "ß"),
            name.replace("s", "ſ").replace("k", "\u212a"),
            name.replace("e", "%65"),
            name.replace(" ", chance.choice(["", "_", "-", "."])),
        ]
    )


def _chat(
    chance: random.Random, messages: int, people: int = 45
) -> tuple[list[KnownName], list[tuple[str, str, dict[str, Any]]]]:
    def name() -> str:
        found = chance.choice([" ", " ", "-", "_"]).join(chance.sample(_WORDS, chance.choice([1, 1, 2, 2, 3])))
        return chance.choice([found, found, found, found.lower(), f"~ {found}", f"{found} 🌸"])

    names = sorted({name() for _ in range(people)} | set(_OTHERS))
    known = [
        KnownName(each)
        if chance.random() < 0.15
        else _person(number % 30, each)
        if chance.random() < 0.85
        else _person(number + 100, each, "title")
        for number, each in enumerate(names)
    ]
    known += [KnownName("will", None, "word"), KnownName("hope", None, "word")]

    def text() -> str:
        said = ""
        for _ in range(chance.randint(1, 5)):
            one = chance.choice([chance.choice(names), chance.choice(_WORDS), chance.choice(_WORDS + _PIECES)])
            said += chance.choice(_BEFORE) + _spelt(chance, one) + chance.choice(_ENDINGS)
        return said

    def attrs() -> dict[str, Any]:
        found: dict[str, Any] = {"kind": "text"}
        if chance.random() < 0.3:
            found["mentions"] = chance.sample(names, 2)
        if chance.random() < 0.2:
            found["reactions"] = [{"emoji": ":anna:", "author": chance.choice(names), "count": 1}]
        return found

    return known, [("" if chance.random() < 0.1 else chance.choice(names), text(), attrs()) for _ in range(messages)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_names_that_do_not_occur_change_nothing(backend: Any, seed: int) -> None:
    """With names beside of which no word occurs, for which names are chosen, each message is masked as without them."""
    known, rows = _chat(random.Random(seed), 250)
    messages = _fill(backend, rows)

    few = _masked(backend, messages, known)
    many = _masked(backend, messages, [*known, *_strangers()])

    assert [(row, *pair) for row, *pair in zip(rows, few, many, strict=True) if pair[0] != pair[1]] == []


_WAYS = {
    "as they are": ("Orla Zibbet", "Zibbet came"),
    "in a run of letters": ("Tessa Wormald", "ask @tessawormald99 now"),
    "behind an initial": ("Hedwig Tormald", "ask @htormald"),
    "with another ending": ("Marek Vunt", "came with Markem again"),
    "without their accents": ("Nuñoz Kelt", "Nunoz came"),
    "in capitals": ("Lindqvöst Pem", "LINDQVÖST came"),
    "in plain letters": ("Ｗｅｎｄｅｌ Pook", "Wendel came"),
    "in other letters": ("Grübler Fenn", "Gruebler came"),
    "run together with the other": ("Kessling Dorr", "mail kesslingdorr first"),
    "as browsers copy them": ("Jösef Trand", "https://example.org/wiki/J%C3%B6sef_x"),
    "with digits before": ("Umbra Schott", "@77umbra came"),
    "of three letters": ("Ivy Xo", "Ivy came"),
    "with another ending behind digits": ("Tadek Vilp", "came with 77Tadkem again"),
    "of two letters": ("Qu Fo", "Qu came"),
    "with a joiner inside": ("Reza\u200cpur Tolk", "Reza\u200cpur came"),
    "split by a space of no width": ("Ottilie Brumm", "Otti\u200blie came"),
    "without spaces around": ("高橋美咲", "今日高橋美咲来た"),
    "as a number": ("+55 21 97777-1234", "call 21 97777-1234 now"),
}
"""How a name may stand in a text; no two share a word."""


@pytest.mark.slow
def test_a_name_is_found_in_each_way_that_it_may_be_spelt(backend: Any) -> None:
    """Nothing else in the messages would tell that these names occur."""
    known = [_person(number, name) for number, (name, _) in enumerate(_WAYS.values())]
    messages = _fill(backend, [("", text, {"kind": "text"}) for _, text in _WAYS.values()])

    few = _masked(backend, messages, known)
    many = _masked(backend, messages, [*known, *_strangers()])

    kept = {way for (way, (_, text)), row in zip(_WAYS.items(), few, strict=True) if row[0] == text}
    assert kept == set()
    assert {way: pair for way, *pair in zip(_WAYS, few, many, strict=True) if pair[0] != pair[1]} == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [4, 5])
def test_a_message_is_masked_alike_in_whatever_batch_it_comes(backend: Any, seed: int) -> None:
    """Beside others, of whom other names occur, as on a part of a cluster or after a new export."""
    known, rows = _chat(random.Random(seed), 160, people=150)
    known = occurring_names(_fill(backend, rows), [*known, *_strangers()])
    assert {entry.occurs for entry in known} == {True, False}

    def texts(batch: Sequence[Any]) -> list[str]:
        query = backend.compile(privacy(_fill(backend, batch), known=known))
        return [text for (text,) in backend.con.execute(f"SELECT text FROM ({query}) ORDER BY seq").fetchall()]

    together = texts(rows)
    apart = [text for start in range(0, len(rows), 80) for text in texts(rows[start : start + 80])]
    assert [(row[1], *pair) for row, *pair in zip(rows, together, apart, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.slow
def test_a_name_that_is_mentioned_later_is_masked_from_then_on(tmp_path: Path) -> None:
    """Of more people than are looked for in every text; messages that came before are masked as if all were new."""
    people = [f"Zorb{_letters(number)} Quist" for number in range(90)]
    lines = [
        f"01/03/2024, {10 + number // 60}:{number % 60:02} - {name}: hello there\n"
        for number, name in enumerate(people)
    ]
    later = [f"02/03/2024, 10:00 - {people[0]}: {people[7]} and Zorb{_letters(8)}s dog came\n"]
    export, masked = (
        tmp_path / "WhatsApp Chat with Choir.txt",
        "SELECT text, author_raw FROM stage_privacy ORDER BY ts, seq",
    )

    def run(workspace: str, said: Sequence[str]) -> list[Any]:
        export.write_text("".join(said), encoding="utf-8")
        where = ("-w", str(tmp_path / workspace))
        egregora(*where, "run", str(export), "--date-order", "dmy", "--timezone", "UTC", cwd=tmp_path, code=0)
        rows: list[Any] = json.loads(egregora(*where, "query", "--json", masked, cwd=tmp_path, code=0).stdout)
        return rows

    assert "Zorb" not in str(run("w", lines))
    grown = run("w", [*lines, *later])
    assert "Zorb" not in str(grown)
    assert grown[-1]["text"] == f"{grown[7]['author_raw']} and {grown[8]['author_raw']} dog came"


@pytest.mark.slow
def test_a_message_is_masked_with_the_names_whose_words_it_has(backend: Any) -> None:
    """Of 1 000 people, many of whom share a first name, those whose words occur give what all give."""
    firsts = [f"{one}{two}" for one in ("Ann", "Ber", "Cla") for two in ("ka", "mo", "ter", "lis", "vy")]
    lasts = [f"{one}{two}" for one in ("Kvist", "Lomm", "Marl") for two in ("dal", "gren", "holt", "ius")]
    couples = [f"{first} {last}" for first in firsts for last in lasts]
    people = [_person(number, name) for number, name in enumerate(couples[::2])]
    people += [_person(5_000 + number, f"{_letters(number)}zzyq {firsts[number % 15]}") for number in range(300)]
    people += _strangers(600)
    chance, texts = random.Random(7), list[str]()
    for _ in range(60):
        one, other = chance.sample(couples, 2)
        texts.append(
            chance.choice([f"{one} told {other.split()[0]}", f"ask @{one.split()[1].lower()}", f"{one}s mail"])
        )
    messages = _fill(backend, [("", text, {"kind": "text"}) for text in texts])
    words = {word.casefold() for text in texts for word in text.replace("@", "").split()}
    occur = [
        person
        for person in people
        if {word.casefold() for word in person.name.split()} & {*words, *(w[:-1] for w in words)}
    ]

    assert len(people) / 4 < len(occur) < len(people) / 2
    assert _masked(backend, messages, people) == _masked(backend, messages, occur)


def test_a_word_of_many_people_is_nobody_s(backend: Any) -> None:
    """A first name that hundreds share is `[name]`; with the last name, which one has, it is that person's."""
    people = [_person(number, f"Anna Tavor{number}n") for number in range(200)] + [_person(900, "Berta Solo")]
    messages = _fill(
        backend, [("", text, {"kind": "text"}) for text in ("Anna came", "Anna Tavor7n came", "Berta left")]
    )

    texts = [row[0] for row in _masked(backend, messages, people)]

    assert texts == ["[name] came", "Amber Heron 7 came", "Amber Heron 900 left"]


def test_a_list_of_all_people_is_masked_whole(backend: Any) -> None:
    """A message that names everybody, more than fit one pattern, keeps no name."""
    people = [_person(number, f"Ta{chr(97 + number % 26)}vor Be{chr(97 + number // 26)}nok") for number in range(150)]
    messages = _fill(backend, [("", ", ".join(person.name for person in people), {"kind": "text"})])

    ((text, *_),) = _masked(backend, messages, people)

    assert not re.search("vor|nok", text)
    assert "Amber Heron 99" in text
