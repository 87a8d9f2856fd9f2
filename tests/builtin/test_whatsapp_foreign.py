"""What is no WhatsApp export is none: logs of other programs, whose lines begin with a time, too."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import SHARED, needs_shared
from whatsapp_reading import how_sure

OTHERS = {
    "irssi": [
        "--- Log opened {:%a %b %d %H:%M:%S %Y}",
        "{:%H:%M} < ana> hi: you",
        "{:%H:%M} -!- bob [b@x] has joined #c",
    ],
    "irssi dated": ["{:%Y-%m-%d %H:%M:%S} <@ana> hi: you", "{:%Y-%m-%d %H:%M:%S} -!- bob [b@x]: has quit"],
    "weechat": ["{:%Y-%m-%d %H:%M:%S}\tana\thi: you", "{:%Y-%m-%d %H:%M:%S}\t-->\tbob (b@x) has joined: #c"],
    "weechat spaces": ["{:%Y-%m-%d %H:%M:%S} ana    hi: you", "{:%Y-%m-%d %H:%M:%S} -->    bob has joined: #c"],
    "znc": ["[{:%H:%M:%S}] <ana> hi: you", "[{:%H:%M:%S}] *** Joins: bob (b@x)"],
    "znc dated": ["[{:%Y-%m-%d %H:%M:%S}] <ana> hi: you", "[{:%Y-%m-%d %H:%M:%S}] *** Joins: bob (b@x)"],
    "hexchat": ["{:%b %d %H:%M:%S} <ana>\thi: you", "{:%b %d %H:%M:%S} *\tbob has joined: x"],
    "energymech": ["[{:%H:%M:%S}] <ana> hi: you", "[{:%H:%M:%S}] *** Joins: bob <b@x>"],
    "mirc": ["[{:%d/%m/%Y %H:%M:%S}] <ana> hi: you", "[{:%d/%m/%Y %H:%M:%S}] * bob has joined: #c"],
    "mirc short": ["[{:%d.%m.%y, %H:%M}] <+ana> hi: you", "[{:%d.%m.%y, %H:%M}] * bob waves: hi"],
    "bip": ["{:%d-%m-%Y %H:%M:%S} < ana!a@x: hi", "{:%d-%m-%Y %H:%M:%S} -!- bob: has joined"],
    "day first nicks": ["{:%d/%m/%Y, %H:%M} - <ana> hi: you", "{:%d/%m/%Y, %H:%M} - <bob> ok"],
    "signal": ["[{:%Y-%m-%d, %H:%M}] Me: hi  ", "[{:%Y-%m-%d, %H:%M}] Ana: you  "],
    "telegram": ["[{:%d.%m.%Y %H:%M}] Ana: hi", "[{:%d.%m.%Y %H:%M}] Bob: you"],
    "telegram copied": ["Ana, [{:%d.%m.%Y %H:%M}]", "hi"],
    "syslog": ["{:%b %d %H:%M:%S} host app[12]: started: ok", "{:%b %d %H:%M:%S} host kernel: x"],
    "syslog dated": ["{:%Y-%m-%dT%H:%M:%S}+01:00 host app[12]: started", "{:%Y-%m-%dT%H:%M:%S}+01:00 host kernel: x"],
    "program": ["{:%Y-%m-%d %H:%M:%S} INFO app: started", "{:%Y-%m-%d %H:%M:%S} ERROR app: failed"],
    "program, day first": ["{:%d/%m/%Y %H:%M:%S} INFO app: started", "{:%d/%m/%Y %H:%M:%S} [WARN] app: failed"],
    "program, thousandths": ["{:%Y-%m-%d %H:%M:%S},123 - app - INFO: started", "{:%Y-%m-%d %H:%M:%S},123 - app - x"],
    "server": ["{:%Y/%m/%d %H:%M:%S} [error] 12#0: *1 failed: x", "{:%Y/%m/%d %H:%M:%S} [warn] 12#0: x"],
    "csv": ["{:%Y-%m-%d %H:%M:%S},Ana,hi: you", '{:%Y-%m-%d %H:%M:%S},Bob,"x: y"'],
    "csv, day first": ["{:%d/%m/%Y},{:%H:%M},Ana,hi: you", "{:%d/%m/%Y};{:%H:%M};Bob;x"],
    "git": ["commit 0a1b", "Author: Ana <a@x>", "Date:   {:%a %b %d %H:%M:%S %Y} +0100", "    fix: x"],
    "git oneline": ["{:%Y-%m-%d %H:%M:%S} +0100 Ana: fix", "{:%Y-%m-%d %H:%M:%S} +0100 Bob: mend"],
    "game": ["[{:%H:%M:%S}] [Server thread/INFO]: <Bob> hi", "[{:%d%b%Y %H:%M:%S}] [Render/INFO]: x"],
    "game, dated": ["[ {:%Y.%m.%d %H:%M:%S} ] Bob > hi: x", "[ {:%Y.%m.%d %H:%M:%S} ] Ana > x"],
    "game, american": ["{:%m/%d %H:%M:%S}.123  Bob says: hi", "{:%m/%d %H:%M:%S}.123  Ana whispers: x"],
    "subtitles": ["1", "00:00:01,000 --> 00:00:04,000", "- Ana: hi"],
    "element": ["{:%a, %b %d, %Y, %I:%M:%S %p} - Ana: hi", "{:%a, %b %d, %Y, %I:%M:%S %p} - Bob: you"],
    "element, 24 hours": ["{:%a, %b %d, %Y, %H:%M:%S} - Ana: hi", "{:%a, %b %d, %Y, %H:%M:%S} - Bob: you"],
    "element, day first": ["{:%A %d %B %Y %H:%M:%S} - Ana: hi", "{:%A %d %B %Y %H:%M:%S} - Bob: you"],
    "element, numbers": ["{:%a, %m/%d/%Y, %I:%M:%S %p} - Ana: hi", "{:%a, %m/%d/%Y, %I:%M:%S %p} - Bob: you"],
    "diary": ["{:%d/%m/%Y} started the day", "{:%d/%m/%Y, %H:%M} - walked to the lake"],
}
OURS = {
    "android": "{:%d/%m/%Y, %H:%M} - Ana: <hi>",
    "american": "{:%m/%d/%y, %I:%M %p} - Ana: hi",
    "ios": "[{:%d.%m.%y, %H:%M:%S}] Ana: hi",
    "ios, twelve hours": "[{:%Y/%m/%d %p %I:%M}] Ana: hi",
    "brackets without seconds": "[{:%m/%d/%y %H:%M}] Ana: hi",
    "canada": "{:%Y-%m-%d, %H:%M} - Ana: hi",
    "canada, ios": "[{:%Y-%m-%d, %H:%M:%S}] Ana: hi",
    "old": "{:%d/%m/%Y %H:%M:%S}: Ana: hi",
    "old, no colon": "{:%d/%m/%Y, %I:%M:%S %p} Ana: hi",
    "vietnam": "{:%H:%M %d/%m/%y} - Ana: hi",
}
days = st.datetimes(datetime(2012, 1, 1), datetime(2025, 1, 1))  # noqa: DTZ001 - logs tell no zone


def log(tmp_path: Path, forms: list[str], start: datetime) -> Path:
    path = tmp_path / "log.txt"
    times = [start + timedelta(minutes=5 * n) for n in range(12)]
    path.write_text("\n".join(form.format(time, time) for time in times for form in forms), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", OTHERS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=days)
def test_another_programs_log_is_no_chat(tmp_path: Path, kind: str, start: datetime) -> None:
    """Whenever it was written; what each program writes is in the table."""
    assert how_sure(log(tmp_path, OTHERS[kind], start)) == 0


@pytest.mark.parametrize("kind", OURS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=days)
def test_a_chat_is_one_whatever_its_name(tmp_path: Path, kind: str, start: datetime) -> None:
    """All styles of WhatsApp are known by themselves."""
    assert how_sure(log(tmp_path, [OURS[kind]], start)) >= 1


@needs_shared
def test_no_export_of_another_platform_is_a_chat_of_whatsapp() -> None:
    """All that lies in the collection beside WhatsApp's."""
    folders = [path for path in (SHARED / "chats").iterdir() if path.is_dir() and path.name not in ("whatsapp", "bugs")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    others = [path for path in files if "whatsapp" not in str(path.relative_to(SHARED))]
    assert others
    assert [path.name for path in others if how_sure(path)] == []
