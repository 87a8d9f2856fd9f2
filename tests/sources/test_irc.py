"""Logs of IRC programs: who said what and when, whatever the program writes around it."""

from pathlib import Path
from typing import Any

import pytest
from egregora_sources import irc
from platforms import Read, Shelf, put

CHATS = Path(__file__).parents[2] / "../shared/chats/irc"


def rows(path: Path, **options: Any) -> list[tuple[Any, ...]]:
    """Return (time, author, text) of what somebody says, and (time, event, whom it is about) of what happens."""
    read = Read(irc, path, **options)
    return [
        (row["ts"], read.called(row["author"]), row["text"])
        if row["author"]
        else (row["ts"], row["event"], [read.called(each) for each in row["mentions"] or []])
        for row in read.rows
    ]


PROGRAMS = {
    "weechat": (
        "irc.libera.#books.weechatlog",
        "2024-03-04 19:00:00\t-->\tMarta (~m@host.example) has joined #books\n"
        "2024-03-04 19:02:11\t@Marta\tWelcome: one book a month.\n"
        "2024-03-04 19:02:12\ttom\t\n"
        "2024-03-04 19:02:13\t *\ttom waves: hi\n"
        "2024-03-04 19:02:14\t--\tNotice(NickServ): hello\n"
        "2024-03-04 19:02:15\t--\tMode #books [+o tom] by Marta\n"
        '2024-03-04 19:02:16\t--\tMarta has changed topic for #books from "a" to "b"\n'
        "2024-03-04 19:02:17\t--\ttom is now known as tommy\n"
        "2024-03-04 19:02:18\t<--\tMarta has kicked tommy (enough)\n"
        "2024-03-04 19:02:19\t<--\tMarta (~m@host.example) has quit (Quit: bye)\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:02:11", "Marta", "Welcome: one book a month."),
            ("19:02:12", "tom", ""),
            ("19:02:13", "tom", "waves: hi"),
            ("19:02:14", "other", []),
            ("19:02:15", "role", ["Marta", "tom"]),
            ("19:02:16", "topic", ["Marta"]),
            ("19:02:17", "rename", ["tom", "tommy"]),
            ("19:02:18", "remove", ["Marta", "tommy"]),
            ("19:02:19", "leave", ["Marta"]),
        ],
    ),
    "weechat of 4.10": (
        "irc.libera.#books.weechatlog",
        "2024-03-04T19:00:00.123456Z\t-->\tMarta (~m@h) has joined #books\n"
        "2024-03-04T19:00:01.000001Z\tMarta\thi\n"
        "2024-03-04T19:00:02.500000Z\t *\tMarta waves\n",
        [("19:00:00", "join", ["Marta"]), ("19:00:01", "Marta", "hi"), ("19:00:02", "Marta", "waves")],
    ),
    "irssi": (
        "#books.log",
        "--- Log opened Mon Mar 04 19:00:12 2024\n"
        "19:00 -!- Marta [~m@host.example] has joined #books\n"
        "19:02 <@Marta> Welcome\n"
        "19:02 < tom> a < b > c\n"
        "19:02  * tom waves\n"
        "19:03 -Marta:#books- a notice\n"
        "19:03 -!- mode/#books [+o tom] by Marta\n"
        "19:03 -!- Marta changed the topic of #books to: Middlemarch\n"
        "19:03 -!- tom is now known as tommy\n"
        "19:04 -!- tommy was kicked from #books by Marta [enough]\n"
        "19:05 -!- Netsplit a.example <-> b.example quits: ida, @otto\n"
        "19:06 -!- Netsplit over, joins: ida, otto\n"
        "19:07 -!- Irssi: #books: Total of 2 nicks [1 ops, 0 halfops, 0 voices, 1 normal]\n"
        "--- Day changed Tue Mar 05 2024\n"
        "00:01 <Marta> Next day\n"
        "--- Log closed Tue Mar 05 00:05:00 2024\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:02:00", "Marta", "Welcome"),
            ("19:02:00", "tom", "a < b > c"),
            ("19:02:00", "tom", "waves"),
            ("19:03:00", "Marta", "a notice"),
            ("19:03:00", "role", ["Marta", "tom"]),
            ("19:03:00", "topic", ["Marta"]),
            ("19:03:00", "rename", ["tom", "tommy"]),
            ("19:04:00", "remove", ["Marta", "tommy"]),
            ("19:05:00", "leave", ["ida", "otto"]),
            ("19:06:00", "join", ["ida", "otto"]),
            ("19:07:00", "other", []),
            ("05 00:01:00", "Marta", "Next day"),
        ],
    ),
    "znc": (
        "libera_#books_20240304.log",
        "[19:00:00] *** Joins: Marta (~m@host.example)\n"
        "[19:02:11] <Marta> Welcome\n"
        "[19:02:12] * tom waves\n"
        "[19:02:13] -tom- notice\n"
        "[19:02:14] *** Marta sets mode: +o tom\n"
        "[19:02:15] *** Marta changes topic to 'Middlemarch'\n"
        "[19:02:16] *** tom is now known as tommy\n"
        "[19:02:17] *** tommy was kicked by Marta (enough)\n"
        "[19:02:18] *** Parts: ida (~i@h) (bye)\n"
        "[19:02:19] *** Quits: otto (~o@h) (Ping timeout)\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:02:11", "Marta", "Welcome"),
            ("19:02:12", "tom", "waves"),
            ("19:02:13", "tom", "notice"),
            ("19:02:14", "role", ["Marta", "tom"]),
            ("19:02:15", "topic", ["Marta"]),
            ("19:02:16", "rename", ["tom", "tommy"]),
            ("19:02:17", "remove", ["Marta", "tommy"]),
            ("19:02:18", "leave", ["ida"]),
            ("19:02:19", "leave", ["otto"]),
        ],
    ),
    "hexchat": (
        "libera/#books.log",
        "**** BEGIN LOGGING AT Sun Dec 31 23:58:36 2023\n\n"
        "Dec 31 23:58:36 *\tNow talking on #books\n"
        "Dec 31 23:58:41 <Marta>\tWelcome\n"
        "Dec 31 23:58:55 *\tMarta gives channel operator status to tom ida\n"
        "Dec 31 23:59:46 *\totto (~o@h) has joined\n"
        "Dec 31 23:59:50 *\ttom waves\n"
        "Jan 01 00:00:11 <tom>\thappy new year\n"
        "Jan 01 00:01:00 *\ttom has quit (Remote host closed the connection)\n"
        "**** ENDING LOGGING AT Mon Jan  1 00:05:00 2024\n",
        [
            ("2023-12-31 23:58:36", "other", []),
            ("2023-12-31 23:58:41", "Marta", "Welcome"),
            ("2023-12-31 23:58:55", "role", ["Marta", "tom", "ida"]),
            ("2023-12-31 23:59:46", "join", ["otto"]),
            ("2023-12-31 23:59:50", "tom", "waves"),
            ("2024-01-01 00:00:11", "tom", "happy new year"),
            ("2024-01-01 00:01:00", "leave", ["tom"]),
        ],
    ),
    "mirc": (
        "#books.log",
        "Session Start: Mon Mar 04 19:00:00 2024\n"
        "Session Ident: #books\n"
        "[19:00] * Now talking in #books\n"
        "[19:00] * Marta (~m@host.example) has joined #books\n"
        "[19:01] <@Marta> a long line that the program\n"
        "  breaks\n"
        "[19:01] * tom sets mode: +v ida\n"
        "[19:02] * tom was kicked by Marta (enough)\n"
        "Session Time: Tue Mar 05 00:00:00 2024\n"
        "[00:10] <ida> \x0304,01red\x03 and \x02bold\x02\n"
        "Session Close: Tue Mar 05 00:11:00 2024\n",
        [
            ("19:00:00", "other", []),
            ("19:00:00", "join", ["Marta"]),
            ("19:01:00", "Marta", "a long line that the program breaks"),
            ("19:01:00", "role", ["tom", "ida"]),
            ("19:02:00", "remove", ["Marta", "tom"]),
            ("05 00:10:00", "ida", "red and bold"),
        ],
    ),
    "eggdrop": (
        "books.log",
        "[00:00] --- Mon Mar  4 2024\n"
        "[19:00] Marta (m@host.example) joined #books.\n"
        "[19:01] <Marta> hi\n"
        "[19:02] Action: tom waves\n"
        "[19:03] #books: mode change '+o tom' by Marta!m@host.example\n"
        "[19:04] Nick change: tom -> tommy\n"
        "[19:05] tommy kicked from #books by Marta: enough\n"
        "[19:06] ida (i@h) left irc: Quit\n"
        "[00:00] --- Tue Mar  5 2024\n"
        "[00:01] <Marta> next\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:01:00", "Marta", "hi"),
            ("19:02:00", "tom", "waves"),
            ("19:03:00", "settings", ["Marta"]),
            ("19:04:00", "rename", ["tom", "tommy"]),
            ("19:05:00", "remove", ["Marta", "tommy"]),
            ("19:06:00", "leave", ["ida"]),
            ("05 00:01:00", "Marta", "next"),
        ],
    ),
    "ubuntu's": (
        "2024/03/04/#books.txt",
        "[19:00] <Marta> hi\n=== tom is now known as tommy\n[19:01]  * tommy waves\n=== ida [~i@h] has joined #books\n",
        [
            ("19:00:00", "Marta", "hi"),
            ("19:00:00", "rename", ["tom", "tommy"]),
            ("19:01:00", "tommy", "waves"),
            ("19:01:00", "join", ["ida"]),
        ],
    ),
    "qwebirc": (
        "2024-03-04-books.txt",
        "[19:00] == Marta [~m@host.example] has joined #books\n[19:01] <Marta> hi\n[19:02] * tom notes an item\n",
        [("19:00:00", "join", ["Marta"]), ("19:01:00", "Marta", "hi"), ("19:02:00", "tom", "notes an item")],
    ),
    "dircproxy": (
        "2024-books.log",
        "[04 Mar 19:00] *** You connected\n"
        "[04 Mar 19:01] <marta!n=m@host.example> hi\n"
        "[05 Mar 08:00] * marta wanders away...\n",
        [("19:00:00", "other", []), ("19:01:00", "marta", "hi"), ("05 08:00:00", "marta", "wanders away...")],
    ),
    "limnoria": (
        "#books.log",
        "2024-03-04T19:00:00  *** Marta <~m@host.example> has joined #books\n"
        "2024-03-04T19:00:01  <Marta> hi\n"
        "2024-03-04T19:00:02  * tom waves\n"
        "2024-03-04T19:00:03  *** Marta sets mode: +o tom\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "tom", "waves"),
            ("19:00:03", "role", ["Marta", "tom"]),
        ],
    ),
    "textual, with a zone": (
        "#books.txt",
        "[2024-03-04T20:00:00+0100] • Marta (m@host.example) joined the channel\n"
        "[2024-03-04T20:00:01+0100] <Marta> hi\n"
        "[2024-03-04T20:00:02+0100] • tom is now known as tommy\n"
        "[2024-03-04T20:00:03+0100] • tommy (t@h) left the channel\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "rename", ["tom", "tommy"]),
            ("19:00:03", "leave", ["tommy"]),
        ],
    ),
    "irccloud": (
        "#books.txt",
        "[2024-03-04 19:00:00] → Marta joined (m@host.example)\n"
        "[2024-03-04 19:00:01] <Marta> hi\n"
        "[2024-03-04 19:00:02] — tom waves\n"
        "[2024-03-04 19:00:03] ⇐ tom quit (t@h): Ping timeout\n"
        "[2024-03-04 19:00:04] ← ida left (i@h)\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "tom", "waves"),
            ("19:00:03", "leave", ["tom"]),
            ("19:00:04", "leave", ["ida"]),
        ],
    ),
    "the lounge": (
        "libera/#books.log",
        "[2024-03-04T19:00:00.000Z] *** Marta (~m@host.example) joined\n"
        "[2024-03-04T19:00:01.000Z] <Marta> hi\n"
        "[2024-03-04T19:00:02.000Z] *** tom changed nick to tommy\n"
        "[2024-03-04T19:00:03.000Z] *** Marta set mode +o tommy\n"
        "[2024-03-04T19:00:04.000Z] *** Marta kicked tommy (enough)\n"
        "[2024-03-04T19:00:05.000Z] *** Marta changed topic to 'x'\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "rename", ["tom", "tommy"]),
            ("19:00:03", "role", ["Marta", "tommy"]),
            ("19:00:04", "remove", ["Marta", "tommy"]),
            ("19:00:05", "topic", ["Marta"]),
        ],
    ),
    "konversation": (
        "libera_#books.log",
        "[Monday 04 March 2024] [19:00:00] Join\tMarta (~m@host.example) has joined this channel.\n"
        "[Monday 04 March 2024] [19:00:01] <Marta>\thi\n"
        "[Monday 04 March 2024] [19:00:02] * tom waves\n"
        "[Monday 04 March 2024] [19:00:03] Nick\ttom is now known as tommy.\n",
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "tom", "waves"),
            ("19:00:03", "rename", ["tom", "tommy"]),
        ],
    ),
    "bip": (
        "#books.log",
        "04-03-2024 19:00:00 -!- Marta!~m@host.example has joined #books\n"
        "04-03-2024 19:00:01 < Marta!~m@host.example: hi: you\n"
        "14-03-2024 19:00:02 > tom: it's me\n",
        [("19:00:00", "join", ["Marta"]), ("19:00:01", "Marta", "hi: you"), ("14 19:00:02", "tom", "it's me")],
    ),
    "seconds since 1970": (
        "#books.txt",
        "1709578800 <Marta> hi\n1709578801 * tom waves\n1709578802 -!- ida(~i@h) has joined #books\n",
        [("19:00:00", "Marta", "hi"), ("19:00:01", "tom", "waves"), ("19:00:02", "join", ["ida"])],
    ),
    "twelve hours": (
        "books 2024-03-04.txt",
        "[11:59 AM] <Marta> noon is near\n[12:00 PM] <tom> noon\n[07:00:05pm] <tom> evening\n[12:01am] <tom> night\n",
        [
            ("11:59:00", "Marta", "noon is near"),
            ("12:00:00", "tom", "noon"),
            ("19:00:05", "tom", "evening"),
            ("05 00:01:00", "tom", "night"),
        ],
    ),
    "german hexchat": (
        "#books.log",
        "**** BEGINN DER PROTOKOLLIERUNG AM Mo Mär  4 19:00:00 2024\n"
        "Mär 04 19:00:01 <Marta>\thallo\nMai 05 19:00:02 <tom>\tMai\n",
        [("19:00:01", "Marta", "hallo"), ("2024-05-05 19:00:02", "tom", "Mai")],
    ),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_lines_of_programs(tmp_path: Path, program: str) -> None:
    """Each line of a log is what somebody said or did, or an event that names whom it is about; at its time."""
    name, text, expected = PROGRAMS[program]
    found = rows(put(tmp_path, name, text))
    assert found == [(_full(ts), *rest) for ts, *rest in expected]


def _full(ts: str) -> str:
    """Return a time of the day that most logs here are of."""
    return ("2024-03-04 " if len(ts) == 8 else "2024-03-" if len(ts) == 11 else "") + ts
