"""Exports that were damaged at random go through all of `egregora run`: each is read or refused, and nothing breaks."""

import json
import os
import random
import re
import shutil
import sys
import time
from pathlib import Path

import duckdb
import pytest
from mutations import ODD as ODD_VALUES
from mutations import change, places
from support import egregora

pytestmark = pytest.mark.slow  # goes on for as long as it is told to

SECONDS = float(os.environ.get("EGREGORA_FUZZ_SECONDS", "5"))
"""How long to go on, in whole rounds; what is found is repeated with the seed and the exports that it tells, and 0."""
SEED = int(os.environ.get("EGREGORA_FUZZ_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 40)
EXPORTS = int(os.environ.get("EGREGORA_FUZZ_EXPORTS", "20"))
"""How many go through one run: of the hundreds that take an hour, most of the time is theirs, and little the run's."""
TESTS = Path(__file__).parents[1]
NAMES = ("Zorblax Quist", "Wibblewob", "Vorpal: McTavish", "+55 11 91234-5678", "陈大文")
BODIES = (
    "hello Zorblax",
    "see you\nat nine\n\nor ten",
    "\u200eIMG-20240115-WA0001.jpg (file attached)",
    "<Media omitted>",
    "\u200eimage omitted",
    "https://maps.google.com/?q=-23.5,-46.6",
    "POLL:\nWhen?\nOPTION: now (2 votes)",
    "03/04/2024, 10:00 - Wibblewob: pasted",
    "This message was deleted",
    "<script>alert(1)</script> \u202e=cmd|' /C calc'!A0 \x1b[31m",
)
EVENTS = ("Messages and calls are end-to-end encrypted.", "Zorblax Quist added Wibblewob", "Wibblewob left")
ODD = "\0\r\n\u2028\u200e\u202e\ufeff\ufffd:-[],/.~ 09\u0660\u202f\U0001f600\u0301'\"%$<>\\"
SEPARATOR = re.compile(rb"[,:{}\[\]\"\\<>|\t\n]")
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1")


def chat(dice: random.Random) -> str:
    """Return a small export as an app writes it, in one style or two."""
    styles = [dice.choice(STYLES)] * 3 + [dice.choice(STYLES)]
    lines, minute = [], dice.randrange(500_000)
    for _ in range(dice.randrange(1, 25)):
        minute += dice.randrange(300)
        style = dice.choice(styles)
        day, month, year = minute // 1440 % 28 + 1, minute // 40_320 % 12 + 1, 2015 + minute // 483_840
        stamp = style.format(d=day, m=month, y=year, s=year % 100, H=minute // 60 % 24, M=minute % 60)
        event = dice.random() < 0.1
        lines.append(stamp + (dice.choice(EVENTS) if event else f"{dice.choice(NAMES)}: {dice.choice(BODIES)}"))
    return dice.choice(["\n", "\n", "\r\n"]).join(lines) + "\n"


SHARED_TITLES = ("WhatsApp Chat with Zorblax Quist.txt", "chat.txt")
"""Names of chats that others have, too: only the first of them is read, unless the chats are one."""
STYLES = (
    "{d:02}/{m:02}/{y}, {H:02}:{M:02} - ",
    "{m}/{d}/{s:02}, {H}:{M:02} - ",
    "[{d:02}.{m:02}.{s:02}, {H:02}:{M:02}:07] ",
    "[{y}-{m:02}-{d:02}, {H:02}:{M:02}:59] ",
    "{d}/{m}/{y} {H:02}:{M:02} - ",
)


def damaged(text: str, dice: random.Random) -> str:
    """Return the text with some pieces cut out, said twice, moved, or put among odd characters."""
    for _ in range(dice.randrange(5)):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice([1, 1, 3, 20, 200]))
        piece = text[start:end]
        change = dice.randrange(4)
        if change == 0:
            text = text[:start] + text[end:]
        elif change == 1:
            text = text[:end] + piece * dice.randrange(1, 4) + text[end:]
        elif change == 2:
            text = piece + text[:start] + text[end:]
        else:
            text = text[:start] + "".join(dice.choices(ODD, k=dice.randrange(1, 6))) + text[end:]
    return text


def cut(data: bytes, dice: random.Random) -> bytes:
    """Return the beginning of a file: up to anywhere, or, as a parser has to see where it is, behind a mark."""
    ends = [match.end() for match in SEPARATOR.finditer(data)] if dice.random() < 0.5 else []
    return data[: dice.choice(ends) if ends else dice.randrange(len(data) + 1)]


def whatsapp(dice: random.Random, here: Path) -> Path:
    """Put an export of WhatsApp, with some damage, into a folder."""
    own = ["_chat.txt", f"WhatsApp Chat with Zorblax Quist {here.name}.txt", f"chat {here.name}.txt"]
    export = here / dice.choice(own if dice.random() < 0.9 else SHARED_TITLES)
    data = damaged(chat(dice), dice).encode(dice.choice(ENCODINGS), "replace")
    export.write_bytes(cut(data, dice) if dice.random() < 0.1 else data)
    return export


def platform(dice: random.Random, here: Path) -> Path:
    """Put a small export of some other platform, with odd values or damaged bytes, into a folder."""
    sample = dice.choice(SAMPLES)
    data = sample.read_bytes()
    if sample.suffix == ".json" and dice.random() < 0.7:
        value = json.loads(data)
        ways = list(places(value))
        for _ in range(dice.randrange(4)):
            change(value, dice.choice(ways), dice.choice(ODD_VALUES), dice.choice(["set", "drop", "double"]))
        data = json.dumps(value).encode()
    else:
        data = damaged(data.decode("latin-1"), dice).encode("latin-1", "replace")
    export = here / sample.name
    export.write_bytes(cut(data, dice) if dice.random() < 0.1 else data)
    return export


SAMPLES = sorted(path for room in ("builtin", "sources") for path in (TESTS / room / "exports").rglob("*.*"))


def test_whatever_was_done_to_an_export_it_is_read_or_refused(tmp_path: Path) -> None:
    """An exit code, a plain word, no traceback; what was read is complete in every table, and no name is in a page."""
    until, number, tried = time.monotonic() + SECONDS, SEED, 0
    while number == SEED or time.monotonic() < until:
        here = tmp_path / str(number)
        _round(number, here)
        shutil.rmtree(here)
        tried += EXPORTS
        number += 1
    sys.stdout.write(f"{tried:,} exports, seeds {SEED} to {number - 1}\n")  # for who says -s


def _round(number: int, here: Path) -> None:
    """Put the exports of a seed through one run, in a workspace that holds a chat already."""
    dice, exports = random.Random(number), list[Path]()
    here.mkdir()
    (here / "first.txt").write_text("13/01/2024, 10:00 - Zorblax Quist: hello Wibblewob\n", encoding="utf-8")
    egregora("ingest", "first.txt", "--timezone", "UTC", cwd=here, code=0)  # what comes before stands
    for place in range(EXPORTS):
        folder = here / str(place)
        folder.mkdir()
        exports.append(dice.choice([whatsapp, platform])(dice, folder))
    _run(exports, here, f"EGREGORA_FUZZ_SEED={number} EGREGORA_FUZZ_EXPORTS={EXPORTS}\n")


def _run(exports: list[Path], here: Path, said: str) -> None:
    """Run exports together; one that is refused is told by its name, and those behind it go on without it."""
    while True:
        zone = ("--timezone", "UTC") if exports else ()
        done = egregora("run", *(str(path.relative_to(here)) for path in exports), *zone, cwd=here)
        said += f"{done.stdout}{done.stderr}"
        assert done.returncode in {0, 1, 2}, said
        assert "Traceback" not in said, said
        assert "fault in Egregora" not in said, said
        if done.returncode == 0:
            return _check(here, said)
        errors = [
            (f"error: {path.relative_to(here)}: ", f"error: {path.relative_to(here)} is empty") for path in exports
        ]
        refused = [n for n, said_so in enumerate(errors) if any(each in done.stderr for each in said_so)]
        assert len(refused) == 1, said
        exports = exports[refused[0] + 1 :]


def _check(here: Path, said: str) -> None:
    with duckdb.connect(here / ".egregora/egregora.duckdb", read_only=True) as database:
        count = "SELECT count(*) FROM {}"
        (read,), (masked,) = (
            database.execute(count.format(table)).fetchall()[0] for table in ("ir_messages", "stage_privacy")
        )
        states = set(database.execute("SELECT DISTINCT step = 'ingestion', status FROM runs").fetchall())
        people = {name for (name,) in database.execute("SELECT DISTINCT author_raw FROM ir_messages").fetchall()}
    assert read == masked > 0, said
    assert {status for ingestion, status in states if not ingestion} == {"completed"}, said
    assert {status for ingestion, status in states if ingestion} <= {"completed", "cached", "failed"}, said
    for page in (here / "site").rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert [name for name in people.intersection(NAMES) if _named(name, text)] == [], said


def _named(name: str, text: str) -> bool:
    """Tell whether a text has a name: where damage put letters next to it, it is a part of another word."""
    return re.search(f"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text) is not None
