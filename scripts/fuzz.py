"""Feed a parser with bytes that are made up to reach all of its code, for as long as is wanted. On Linux alone.

    uv run --group fuzz python scripts/fuzz.py --minutes 10 json

Whatever the bytes are, they are read, or refused with an ExportError. What breaks that is printed with a traceback and
left in `build/fuzz/NAME/`; `scripts/fuzz.py NAME build/fuzz/NAME/crash-…` reads it again. What is worth keeping lies in
`build/fuzz/NAME/corpus/`, from where the next run goes on. Without a name all have their turn.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import atheris
from egregora_core.errors import ExportError
from egregora_core.plugin import ReadOptions

with atheris.instrument_imports(include=["egregora_core.exports", "egregora_core.builtin", "egregora_sources"]):
    from egregora_core.builtin.discord import _source as discord
    from egregora_core.builtin.messenger import read as read_messenger
    from egregora_core.builtin.telegram import _source as telegram
    from egregora_core.builtin.whatsapp import _source as whatsapp
    from egregora_core.exports import Export
    from egregora_sources.imessage._typedstream import attributed_text
    from egregora_sources.irc import _source as irc
    from egregora_sources.mbox import _source as mbox
    from egregora_sources.sms import _source as sms

_BUILD = Path(__file__).parent.parent / "build" / "fuzz"
_LARGEST, _SECONDS = 4096, 20
"""Bytes that are made up, and how long a parser may take for them."""
_BUILD.mkdir(parents=True, exist_ok=True)
_FOLDER = Path(tempfile.mkdtemp(prefix="file-", dir=_BUILD))


def _json(data: bytes) -> None:
    """Items are those of the standard library, wherever it reads a file at all."""
    (_FOLDER / "x.json").write_bytes(data)
    with Export(_FOLDER / "x.json") as export:
        for at in ("", "messages", "chats.*.messages|*.list"):
            found: list[Any] | None = None
            with suppress(ExportError):
                found = [item for item, _ in export.items(at=at)]
            if at == "messages" and (wanted := _wanted(data)) is not None and found != wanted:
                raise AssertionError


def _wanted(data: bytes) -> list[Any] | None:
    """Return the items under `messages`; None where that cannot be said in one line."""
    try:
        whole = json.loads(data.decode(), strict=False, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    items = whole.get("messages") if isinstance(whole, dict) else None
    return items if isinstance(items, list) and "NaN" not in repr(items).replace("nan", "NaN") else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):  # each array of a key that is there twice has its items
        raise ValueError
    return dict(pairs)


def _typedstream(data: bytes) -> None:
    attributed_text(b"\x04\x0bstreamtyped" + data)
    attributed_text(data)


def _source(read: Callable[..., Any], name: str) -> Callable[[bytes], None]:
    """Return what has a file of a name read by a source: all rows, and what it tells afterwards."""
    from egregora_core.ingestion import tables

    def one(data: bytes) -> None:
        (_FOLDER / name).write_bytes(data)
        with suppress(ExportError), Export(_FOLDER / name) as export:
            reading = read(export, ReadOptions())
            for _ in tables("fuzz", reading):
                pass
            list(reading.threads())
            list(reading.people() if reading.people else ())
            reading.report()

    return one


PARSERS: dict[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]] = {
    "json": (
        _json,
        (
            b'{"about": 1, "messages": [{"id": 1, "a": "x"},\n {"id": 2, "a": [{"id": 3}]},\n {"id": 4}], "b": []}',
            b'{"id": 1}\n{"id": 2.5e3}\n[{"id": null}]\n',
            b'{"chats": [{"messages": [{"a": "\\x0B\\ud83d\\ude00"}, {"a": NaN}]}]}',
        ),
    ),
    "whatsapp": (
        _source(whatsapp.read, "WhatsApp Chat with Ana.txt"),
        (
            b"01/02/2024, 10:00 - Ana: hello\n01/02/2024, 10:01 - Bo joined\n13/02/2024, 10:02 - Bo: <Media omitted>\n",
            b"[13.02.24, 22:00:07] Ana: hello\nmore\n[14.02.24, 22:00:07] \xe2\x80\x8eBo: image omitted\n",
        ),
    ),
    "irc": (
        _source(irc.read, "#bench.weechatlog"),
        (
            b"2024-01-02 10:00:00\tana\thello\n2024-01-02 10:00:01\t-->\tbo (b@x) has joined #bench\n",
            b"--- Log opened Tue Jan 02 10:00:00 2024\n10:00 < ana> hello\n10:01 -!- bo [b@x] has joined #bench\n",
            b"[10:00:01] <ana> hello\n[10:00:02] * bo waves\n",
        ),
    ),
    "mbox": (
        _source(mbox.read, "mail.mbox"),
        (
            (
                b"From a@x Tue Jan  2 10:00:00 2024\nFrom: Ana <a@x>\nDate: Tue, 2 Jan 2024 10:00:00 +0000\n"
                b"Message-ID: <1@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>\n"
                b"--b\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n"
            ),
        ),
    ),
    "sms": (
        _source(sms.read, "sms.xml"),
        (
            (
                b'<?xml version=\'1.0\' encoding=\'UTF-8\'?><smses count="1"><sms address="+5511" date="1704189600000" '
                b'type="1" body="hi &#55357;&#56832;" contact_name="Ana"/><mms date="1704189600000">'
                b'<parts><part ct="text/plain" text="x"/></parts><addrs><addr address="+5"/></addrs></mms></smses>'
            ),
        ),
    ),
    "telegram-html": (
        _source(telegram.read, "messages.html"),
        (
            (
                b'<div class="page_header"><div class="text bold">Bench</div></div><div class="history">'
                b'<div class="message default clearfix" id="message1"><div class="body">'
                b'<div class="pull_right date details" title="02.01.2024 10:00:00 UTC+01:00">10:00</div>'
                b'<div class="from_name">Ana</div><div class="text">hi<br>there</div></div></div></div>'
            ),
        ),
    ),
    "telegram": (
        _source(telegram.read, "result.json"),
        (
            (
                b'{"name": "Bench", "type": "personal_chat", "id": 1, "messages": [{"id": 1, "type": "message", '
                b'"date": "2024-05-01T10:00:00", "date_unixtime": "1714557600", "from": "Ana", "from_id": "user1", '
                b'"text": ["hi ", {"type": "link", "text": "x"}]}]}'
            ),
        ),
    ),
    "discord-csv": (
        _source(discord.read, "channel.csv"),
        (
            (
                b"AuthorID,Author,Date,Content,Attachments,Reactions\n"
                b'"1","ana","2024-01-02T10:00:00.0000000+00:00","hi","",""\n'
            ),
        ),
    ),
    "messenger-html": (
        _source(read_messenger, "message_1.html"),
        (
            (
                b'<div class="pam _3-95 _2pi0 _2lej uiBoxWhite noborder"><div class="_3-96 _2pio _2lek _2lel">Ana</div>'
                b'<div class="_3-96 _2let"><div><div>hi</div></div></div>'
                b'<div class="_3-94 _2lem">Jan 02, 2024, 10:00 AM</div></div>'
            ),
        ),
    ),
    "typedstream": (
        _typedstream,
        (
            (
                b"\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84\x08"
                b"NSString\x01\x94\x84\x01+\x02hi\x86\x84\x02iI\x01\x02\x92\x84\x84\x84\x0cNSDictionary\x00\x94\x84\x01i\x00\x86\x86"
            ),
        ),
    ),
}
"""By name: what reads the bytes, and bytes to begin with."""


def _fuzz(name: str, arguments: list[str]) -> None:
    parser, _ = PARSERS[name]
    with atheris.instrument_imports(include=["egregora_core.builtin", "egregora_sources"]):  # what is imported late
        for seed in PARSERS[name][1]:
            parser(seed)
    atheris.Setup([name, *arguments], parser)
    atheris.Fuzz()


def _runs(names: list[str], minutes: float) -> Iterator[tuple[str, int]]:
    for name in names:
        corpus = _BUILD / name / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(PARSERS[name][1]):
            (corpus / f"seed-{number}").write_bytes(seed)
        options = [f"-max_total_time={round(minutes * 60)}", f"-timeout={_SECONDS}", f"-max_len={_LARGEST}"]
        options += [f"-artifact_prefix={_BUILD / name}/", "-print_final_stats=1", str(corpus)]
        yield name, subprocess.run([sys.executable, __file__, "--one", name, *options], check=False).returncode


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        _fuzz(sys.argv[2], sys.argv[3:])
        return
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--minutes", type=float, default=1, help="how long each has its turn")
    given.add_argument("name", nargs="?", choices=PARSERS)
    given.add_argument("file", nargs="?", type=Path, help="read this once")
    said = given.parse_args()
    if said.file:
        PARSERS[said.name][0](said.file.read_bytes())
        return
    ended = dict(_runs([said.name] if said.name else [*PARSERS], said.minutes))
    for name, code in ended.items():
        sys.stdout.write(f"{name:<16}{'held' if code == 0 else f'broke: see build/fuzz/{name}/'}\n")
    sys.exit(any(ended.values()))


if __name__ == "__main__":
    main()
