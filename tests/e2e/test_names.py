"""No name gets out: from an export full of names, nothing after privacy holds one of them.

The corpus writes each name wherever chats do: as author, mention, in system lines, in the file's own name, in media
names, in replies and inside ordinary text. What is looked through is everything but `ir_messages` itself.
"""

import re
import unicodedata
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import egregora

FIRST = [
    "Xiomara",
    "Zbigniew",
    "Ólafur",
    "Nguyễn",
    "İlkay",
    "Anneliese",
    "Дмитрий",
    "Μιχάλης",
    "محمد",
    "李雷",
    "ปิยะ",
    "지훈",
]
LAST = [
    "Quispe",
    "Wójcik",
    "Þórsson",
    "Văn Toàn",
    "Çelik",
    "Müller-Lüdenscheidt",
    "Соколов",
    "O'Malley",
    "الحسن",
    "韩梅",
    "ใจดี",
]
NAMES = st.builds(
    lambda first, last, mark: f"{first} {last}{mark}",
    st.sampled_from(FIRST),
    st.sampled_from(LAST),
    st.sampled_from(["", " 🌸", " (work)"]),
)


def _line(minute: int, rest: str) -> str:
    return f"{15 + minute // 600}/03/2024, {8 + minute // 60 % 10:02d}:{minute % 60:02d} - {rest}\n"


def _chat(people: list[str]) -> str:
    """Return an Android export in which everybody is named everywhere."""
    rests = ["Messages and calls are end-to-end encrypted."]
    rests += [f'{people[0]} created group "{people[-1]} & friends"', f"{people[0]} added {people[-1]}"]
    for index, name in enumerate(people):
        other = people[(index + 1) % len(people)]
        first = other.split()[0]
        rests += [
            f"{name}: hello {other}, this is {name.split()[0]}",
            f"{name}: @\u2068{other}\u2069 did you see {first}'s photo? {first.upper()}!",
            f"{name}: {unicodedata.normalize('NFD', other)}",
            f"{name}: \u200eIMG-20240315-WA{index:04d}.jpg (file attached)\n{other} at the beach",
            f"{name}: \u200e{other}.vcf (file attached)",
            f"{name}: (re {other}) ok\n\n{name}",
            f'{name} changed the subject from "a: {other}" to "{name}: b"',
            f"{name} removed {other}",
        ]
    return "".join(_line(minute, rest) for minute, rest in enumerate(rests))


def _run(workspace: Path, export: Path, *options: str) -> str:
    arguments = ("run", str(export), "-w", str(workspace), "--timezone", "UTC", *options)
    done = egregora(*arguments, cwd=export.parent, code=0)
    return done.stdout + done.stderr


def _everything(workspace: Path) -> dict[str, str]:
    """Return all that is derived: every table but `ir_messages`, every published file, and the file names."""
    found = {}
    with duckdb.connect(workspace / ".egregora" / "egregora.duckdb", read_only=True) as connection:
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            if table != "ir_messages":
                rows = connection.execute(f"SELECT t::VARCHAR FROM {table} t").fetchall()
                found[table] = "\n".join(text for (text,) in rows)
    for file in (workspace / "site").rglob("*"):
        if file.is_file():
            found[str(file.relative_to(workspace))] = file.read_text(encoding="utf-8")
    return found


def _names_in(text: str, people: list[str]) -> list[str]:
    """Return which whole names, or capitalised words of three letters and more, occur in a text."""
    folded = unicodedata.normalize("NFC", text).casefold()
    plain = unicodedata.normalize("NFC", text)
    words = {word for name in people for word in re.findall(r"[^\W\d_]{3,}", unicodedata.normalize("NFC", name))}
    hits = [name for name in people if unicodedata.normalize("NFC", name).casefold() in folded]
    return hits + [
        word
        for word in sorted(words - {"work", "friends"})
        if re.search(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", plain)
    ]


@pytest.mark.slow  # each example is two runs of the app
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(NAMES, min_size=2, max_size=5, unique=True))
def test_no_name_is_in_any_table_document_file_or_output(
    people: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the names, nothing that is derived, published, recorded or printed holds one."""
    base = tmp_path_factory.mktemp("names")
    export = base / f"WhatsApp Chat with {people[0].replace('/', '')}.txt"
    export.write_text(_chat(people), encoding="utf-8")

    printed = _run(base / "workspace", export)
    printed += _run(base / "workspace", export, "--dry-run")
    printed = printed.replace(str(export), "")  # what the user typed may be printed back

    leaks = {
        where: hits for where, text in _everything(base / "workspace").items() if (hits := _names_in(text, people))
    }
    assert leaks == {}
    assert _names_in(printed, people) == []
