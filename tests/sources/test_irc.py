"""Logs of IRC programs: who said what and when, whatever the program writes around it."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import EgregoraError, ExportError
from egregora_core.exports import Export
from egregora_sources import irc
from egregora_sources.irc._places import place_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from more_platforms import Read, Shelf, damage, put, sample


def rows(path: Path, **options: Any) -> list[tuple[Any, ...]]:
    """Return (time, author, text) of what somebody says, and (time, event, whom it is about) of what happens."""
    read = Read(irc, path, **options)
    written: dict[str, str] = {name.casefold(): name for person in read.people.values() for name in person.names}

    def nick(id_: str) -> str:
        return written[id_.rpartition("/")[2]]

    return [
        (row["ts"], nick(row["author"]), row["text"])
        if row["author"]
        else (row["ts"], row["event"], [nick(each) for each in row["mentions"] or []])
        for row in read.rows
    ]


PROGRAMS: dict[str, tuple[str, str, list[tuple[Any, ...]]]] = {
    "weechat": (
        "irc.libera.#books.weechatlog",
        (
            "2024-03-04 19:00:00\t-->\tMarta (~m@host.example) has joined #books\n"
            "2024-03-04 19:02:11\t@Marta\tWelcome: one book a month.\n"
            "2024-03-04 19:02:12\ttom\t\n"
            "2024-03-04 19:02:13\t *\ttom waves: hi\n"
            "2024-03-04 19:02:14\t--\tNotice(NickServ): hello\n"
            "2024-03-04 19:02:15\t--\tMode #books [+o tom] by Marta\n"
            '2024-03-04 19:02:16\t--\tMarta has changed topic for #books from "a" to "b"\n'
            "2024-03-04 19:02:17\t--\ttom is now known as tommy\n"
            "2024-03-04 19:02:18\t<--\tMarta has kicked tommy (enough)\n"
            "2024-03-04 19:02:19\t<--\tMarta (~m@host.example) has quit (Quit: bye)\n"
        ),
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
        (
            "2024-03-04T19:00:00.123456Z\t-->\tMarta (~m@h) has joined #books\n"
            "2024-03-04T19:00:01.000001Z\tMarta\thi\n"
            "2024-03-04T19:00:02.500000Z\t *\tMarta waves\n"
        ),
        [("19:00:00", "join", ["Marta"]), ("19:00:01", "Marta", "hi"), ("19:00:02", "Marta", "waves")],
    ),
    "irssi": (
        "#books.log",
        (
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
            "--- Log closed Tue Mar 05 00:05:00 2024\n"
        ),
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
        (
            "[19:00:00] *** Joins: Marta (~m@host.example)\n"
            "[19:02:11] <Marta> Welcome\n"
            "[19:02:12] * tom waves\n"
            "[19:02:13] -tom- notice\n"
            "[19:02:14] *** Marta sets mode: +o tom\n"
            "[19:02:15] *** Marta changes topic to 'Middlemarch'\n"
            "[19:02:16] *** tom is now known as tommy\n"
            "[19:02:17] *** tommy was kicked by Marta (enough)\n"
            "[19:02:18] *** Parts: ida (~i@h) (bye)\n"
            "[19:02:19] *** Quits: otto (~o@h) (Ping timeout)\n"
        ),
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
        (
            "**** BEGIN LOGGING AT Sun Dec 31 23:58:36 2023\n\n"
            "Dec 31 23:58:36 *\tNow talking on #books\n"
            "Dec 31 23:58:41 <Marta>\tWelcome\n"
            "Dec 31 23:58:55 *\tMarta gives channel operator status to tom ida\n"
            "Dec 31 23:59:46 *\totto (~o@h) has joined\n"
            "Dec 31 23:59:50 *\ttom waves\n"
            "Jan 01 00:00:11 <tom>\thappy new year\n"
            "Jan 01 00:01:00 *\ttom has quit (Remote host closed the connection)\n"
            "**** ENDING LOGGING AT Mon Jan  1 00:05:00 2024\n"
        ),
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
        (
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
            "Session Close: Tue Mar 05 00:11:00 2024\n"
        ),
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
        (
            "[00:00] --- Mon Mar  4 2024\n"
            "[19:00] Marta (m@host.example) joined #books.\n"
            "[19:01] <Marta> hi\n"
            "[19:02] Action: tom waves\n"
            "[19:03] #books: mode change '+o tom' by Marta!m@host.example\n"
            "[19:04] Nick change: tom -> tommy\n"
            "[19:05] tommy kicked from #books by Marta: enough\n"
            "[19:06] ida (i@h) left irc: Quit\n"
            "[00:00] --- Tue Mar  5 2024\n"
            "[00:01] <Marta> next\n"
        ),
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
        (
            "[04 Mar 19:00] *** You connected\n"
            "[04 Mar 19:01] <marta!n=m@host.example> hi\n"
            "[05 Mar 08:00] * marta wanders away...\n"
        ),
        [("19:00:00", "other", []), ("19:01:00", "marta", "hi"), ("05 08:00:00", "marta", "wanders away...")],
    ),
    "limnoria": (
        "#books.log",
        (
            "2024-03-04T19:00:00  *** Marta <~m@host.example> has joined #books\n"
            "2024-03-04T19:00:01  <Marta> hi\n"
            "2024-03-04T19:00:02  * tom waves\n"
            "2024-03-04T19:00:03  *** Marta sets mode: +o tom\n"
        ),
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "tom", "waves"),
            ("19:00:03", "role", ["Marta", "tom"]),
        ],
    ),
    "textual, with a zone": (
        "#books.txt",
        (
            "[2024-03-04T20:00:00+0100] • Marta (m@host.example) joined the channel\n"
            "[2024-03-04T20:00:01+0100] <Marta> hi\n"
            "[2024-03-04T20:00:02+0100] • tom is now known as tommy\n"
            "[2024-03-04T20:00:03+0100] • tommy (t@h) left the channel\n"
        ),
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "rename", ["tom", "tommy"]),
            ("19:00:03", "leave", ["tommy"]),
        ],
    ),
    "irccloud": (
        "#books.txt",
        (
            "[2024-03-04 19:00:00] → Marta joined (m@host.example)\n"
            "[2024-03-04 19:00:01] <Marta> hi\n"
            "[2024-03-04 19:00:02] — tom waves\n"
            "[2024-03-04 19:00:03] ⇐ tom quit (t@h): Ping timeout\n"
            "[2024-03-04 19:00:04] ← ida left (i@h)\n"
        ),
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
        (
            "[2024-03-04T19:00:00.000Z] *** Marta (~m@host.example) joined\n"
            "[2024-03-04T19:00:01.000Z] <Marta> hi\n"
            "[2024-03-04T19:00:02.000Z] *** tom changed nick to tommy\n"
            "[2024-03-04T19:00:03.000Z] *** Marta set mode +o tommy\n"
            "[2024-03-04T19:00:04.000Z] *** Marta kicked tommy (enough)\n"
            "[2024-03-04T19:00:05.000Z] *** Marta changed topic to 'x'\n"
        ),
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
        (
            "[Monday 04 March 2024] [19:00:00] Join\tMarta (~m@host.example) has joined this channel.\n"
            "[Monday 04 March 2024] [19:00:01] <Marta>\thi\n"
            "[Monday 04 March 2024] [19:00:02] * tom waves\n"
            "[Monday 04 March 2024] [19:00:03] Nick\ttom is now known as tommy.\n"
        ),
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "tom", "waves"),
            ("19:00:03", "rename", ["tom", "tommy"]),
        ],
    ),
    "bip": (
        "#books.log",
        (
            "04-03-2024 19:00:00 -!- Marta!~m@host.example has joined #books\n"
            "04-03-2024 19:00:01 < Marta!~m@host.example: hi: you\n"
            "14-03-2024 19:00:02 > tom: it's me\n"
        ),
        [("19:00:00", "join", ["Marta"]), ("19:00:01", "Marta", "hi: you"), ("14 19:00:02", "tom", "it's me")],
    ),
    "irccloud's file": (
        "books.txt",
        (
            "#novels\n"
            "[2024-03-04 19:00:00] → Joined channel #novels\n"
            "[2024-03-04 19:00:01] <Marta> #novels\n"
            "[2024-03-04 19:00:02] * tom → tommy\n"
        ),
        [("19:00:00", "other", []), ("19:00:01", "Marta", "#novels"), ("19:00:02", "rename", ["tom", "tommy"])],
    ),
    "bip, actions": (
        "#books.log",
        (
            "14-03-2024 19:00:00 -!- Marta!~m@host.example has joined #books\n"
            "14-03-2024 19:00:01 < * Marta!~m@host.example waves at: all\n"
            "14-03-2024 19:00:02 > * tom waves back\n"
            "14-03-2024 19:00:03 < * Marta!~m@host.example 1. Agenda [from tom]\n"
            "14-03-2024 19:00:04 < Marta!~m@host.example: * a star\n"
        ),
        [
            ("14 19:00:00", "join", ["Marta"]),
            ("14 19:00:01", "Marta", "waves at: all"),
            ("14 19:00:02", "tom", "waves back"),
            ("14 19:00:03", "Marta", "1. Agenda [from tom]"),
            ("14 19:00:04", "Marta", "* a star"),
        ],
    ),
    "irssi with columns": (
        "#books.log",
        (
            "--- Log opened Mon Mar 04 19:00:12 2024\n"
            "19:00           --> | Marta (~m@host.example) has joined #books\n"
            "19:00       «Users» | 9 nicks (1 ops, 0 halfops, 0 voices, 8 normal\n"
            "19:02          Marta | a | b\n"
            "19:02 @          tom | hi\n"
            "19:03             * | tom waves\n"
            "19:03        «Nick» | tom is now known as tommy\n"
            "19:04        «Quit» | ida (i@host.example) has signed off (Ping timeout)\n"
            "19:05           <-- | otto (o@host.example) has left #books ()\n"
            "--- Log closed Mon Mar 04 20:00:00 2024\n"
        ),
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:00", "other", []),
            ("19:02:00", "Marta", "a | b"),
            ("19:02:00", "tom", "hi"),
            ("19:03:00", "tom", "waves"),
            ("19:03:00", "rename", ["tom", "tommy"]),
            ("19:04:00", "leave", ["ida"]),
            ("19:05:00", "leave", ["otto"]),
        ],
    ),
    "weechat's screen": (
        "books-2024-03-04.txt",
        (
            "19:00:00      --> │ Marta (~m@host.example) has joined #books\n"
            "19:02:11   @Marta │ Welcome: one book\n"
            "                  │ a month.\n"
            "19:02:12      tom │ hi\n"
            "19:02:13        * │ tom waves\n"
            "19:02:15       -- │ Mode #books [+o tom] by Marta\n"
            "19:02:19      <-- │ Marta (~m@host.example) has quit (Quit: bye)\n"
        ),
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:02:11", "Marta", "Welcome: one book a month."),
            ("19:02:12", "tom", "hi"),
            ("19:02:13", "tom", "waves"),
            ("19:02:15", "role", ["Marta", "tom"]),
            ("19:02:19", "leave", ["Marta"]),
        ],
    ),
    "quassel's window": (
        "books-2024-03-04.txt",
        (
            "[19:00:00] --> Marta (~m@host.example) has joined #books\n"
            "[19:00:01] <Marta> hi\n"
            "[19:00:02] -*- tom waves\n"
            "[19:00:03] <-> tom is now known as tommy\n"
            "[19:00:04] *** Mode #books +o tommy by Marta\n"
            "[00:00:00] - {Day changed to Tuesday, March 5, 2024}\n"
            "[00:00:05] <tommy> next\n"
            "[00:00:06] <-- Marta (~m@host.example) has quit (Quit: bye)\n"
        ),
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "tom", "waves"),
            ("19:00:03", "rename", ["tom", "tommy"]),
            ("19:00:04", "settings", ["Marta"]),
            ("05 00:00:05", "tommy", "next"),
            ("05 00:00:06", "leave", ["Marta"]),
        ],
    ),
    "tiarra": (
        "2024.03.04.txt",
        (
            "19:00:00 + Marta (Marta!m@host.example) to #books\n"
            "19:00:01 <#books:Marta> hi\n"
            "19:00:02 >#books:tom< it is me\n"
            "19:00:03 (#books:ida) a notice\n"
            "19:00:04 Mode by Marta: #books +o tom\n"
            "19:00:05 tom -> tommy\n"
            "19:00:06 Topic of channel #books by Marta: Middlemarch\n"
            "19:00:07 - tommy by Marta from #books (enough)\n"
            "19:00:08 - ida from #books (bye)\n"
            "19:00:09 ! Marta (quit)\n"
        ),
        [
            ("19:00:00", "join", ["Marta"]),
            ("19:00:01", "Marta", "hi"),
            ("19:00:02", "tom", "it is me"),
            ("19:00:03", "ida", "a notice"),
            ("19:00:04", "role", ["Marta", "tom"]),
            ("19:00:05", "rename", ["tom", "tommy"]),
            ("19:00:06", "topic", []),
            ("19:00:07", "remove", ["Marta", "tommy"]),
            ("19:00:08", "leave", ["ida"]),
            ("19:00:09", "leave", ["Marta"]),
        ],
    ),
    "yahoo's messenger": (
        "books-2024-03-04.txt",
        "marta: Tom: we need more books\r\nmarta: ... and time\r\ntom: I agree.\r\n",
        [
            ("00:00:00", "marta", "Tom: we need more books"),
            ("00:00:00", "marta", "... and time"),
            ("00:00:00", "tom", "I agree."),
        ],
    ),
    "a zone behind a blank": (
        "#books.log",
        (
            "--- Log opened Mon Mar 04 14:00:00 2024\n"
            "2024-03-04 14:00 -0500<Marta> hi\n"
            "2024-03-04 14:01 -0500 <tom> (hi)\n"
            "[2024-03-04 20:02:00 +0100] <Marta> bye\n"
        ),
        [("19:00:00", "Marta", "hi"), ("19:01:00", "tom", "(hi)"), ("19:02:00", "Marta", "bye")],
    ),
    "tabs with lines around": (
        "#books.log",
        (
            "*** LOGGING BEGINS Mon Mar 04 19:00:00 2024\n"
            "Mon Mar 04 19:00:01 2024\t*\tThe topic of #books is: No topic\n"
            "Mon Mar 04 19:00:02 2024\tMarta\thi\n"
            "a line of nobody\n"
            "Mon Mar 04 19:00:03 2024\ttom\thi\n"
            "*** LOGGING ENDS Mon Mar 04 19:00:05 2024\n"
        ),
        [
            ("19:00:01", "topic", []),
            ("19:00:02", "Marta", "hi"),
            ("19:00:02", "other", []),
            ("19:00:03", "tom", "hi"),
        ],
    ),
    "a buffer that mirc saved": (
        "buffer.txt",
        (
            "Start of #css3 buffer: Mon Mar 04 19:00:00 2024\n"
            "* Now talking in #css3\n"
            "<Marta> a long line\n"
            " that goes on\n"
            "* tom waves\n"
            "End of #css3 buffer    Mon Mar 04 20:00:00 2024\n"
        ),
        [
            ("00:00:00", "other", []),
            ("00:00:00", "Marta", "a long line that goes on"),
            ("00:00:00", "tom", "waves"),
        ],
    ),
    "weechat before 0.3": (
        "#books.weechatlog",
        (
            "2024 Mar 04 19:00:01  <Marta> hi\n"
            "2024 Mar 04 19:00:02  -*- tom waves\n"
            "2024 Mar 04 19:00:03  -=- tom is now known as tim\n"
        ),
        [("19:00:01", "Marta", "hi"), ("19:00:02", "tom", "waves"), ("19:00:03", "rename", ["tom", "tim"])],
    ),
    "bitchx with days": (
        "#books-2024.log",
        (
            "[4 Mar/19:00] <Marta> hi\n"
            "[4 Mar/19:01] * tom waves\n"
            "[4 Mar/19:02] ida!~i@host.example has joined #books\n"
            "[5 Mar/19:03] <Marta> bye\n"
        ),
        [
            ("19:00:00", "Marta", "hi"),
            ("19:01:00", "tom", "waves"),
            ("19:02:00", "join", ["ida"]),
            ("05 19:03:00", "Marta", "bye"),
        ],
    ),
    "a bot's, with the day before a stroke": (
        "books.log",
        "[24-03-2024/19:00] <Marta> hi\n[24-03-2024/19:01] * tom waves\n[24/03/2024 @ 19:02:00] <tom> bye\n",
        [("24 19:00:00", "Marta", "hi"), ("24 19:01:00", "tom", "waves"), ("24 19:02:00", "tom", "bye")],
    ),
    "muh": (
        "#books-2024.log",
        "[Mon 04 Mar 19:00:01] <Marta> hi\n[Mon 04 Mar 19:00:02] <tom> hi\n[Tue 05 Mar 19:00:03] <tom> bye\n",
        [("19:00:01", "Marta", "hi"), ("19:00:02", "tom", "hi"), ("05 19:00:03", "tom", "bye")],
    ),
    "rbot": (
        "#books.log",
        (
            "[2024/03/04 19:00:01] <Marta> hi\n"
            "[2024/03/04 19:00:02] @ ida joined channel #books\n"
            "[2024/03/04 19:00:03] @ tom is now known as tim\n"
        ),
        [("19:00:01", "Marta", "hi"), ("19:00:02", "join", ["ida"]), ("19:00:03", "rename", ["tom", "tim"])],
    ),
    "deeds as the protocol has them": (
        "#books.log",
        "1709578800 <Marta/#books> hi\n1709578801 <tom> \x01ACTION waves\x01\n1709578802 <tom> \x01ACTION  \n",
        [("19:00:00", "Marta", "hi"), ("19:00:01", "tom", "waves"), ("19:00:02", "tom", " ")],
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
        (
            "**** BEGINN DER PROTOKOLLIERUNG AM Mo Mär  4 19:00:00 2024\n"
            "Mär 04 19:00:01 <Marta>\thallo\nMai 05 19:00:02 <tom>\tMai\n"
        ),
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


VARIANTS: dict[str, tuple[str, str]] = {
    "[2024-03-04 19:00:00] <tom> hi\n[2024-03-04 19:00:01] * tom waves\n": ("2024-03-04 19:00:00", "hi"),
    "[14/03/2024 19:00:00] <tom> so: hi\n[14/03/2024 19:00:01] * ida (~i@h) has joined #b\n": (
        "2024-03-14 19:00:00",
        "so: hi",
    ),
    "Mar 04 2024 19:00:00 <tom> hi\nMar 04 2024 19:00:01 <ida> ho\n": ("2024-03-04 19:00:00", "hi"),
    "[Mar 14, 2024 7:00:00 PM] <tom> hi\n": ("2024-03-14 19:00:00", "hi"),
    "Mon Mar  4 19:00:01 2024 <tom> hi\n": ("2024-03-04 19:00:01", "hi"),
    "14/03/24@19:00 <tom> hi\n14/03/24@19:01 <ida> ho\n": ("2024-03-14 19:00:00", "hi"),
    "\ufeff[19:00] <tom> gr\u00fc\u00dfe\r\n--- Day changed Tue Mar 05 2024\r\n": (
        "2024-03-04 19:00:00",
        "gr\u00fc\u00dfe",
    ),
    "[19:00] *** Log opened: Mon Mar 04 2024\n[19:00] <tom> hi\n": ("2024-03-04 19:00:00", "hi"),
    "[23:59] - {Day changed to Monday, December 4, 2023}\n[19:00] <tom> hi\n": ("2023-12-04 19:00:00", "hi"),
    "IRC log started Mon Mar  4 19:00 2024\n[19:00] <tom> hi\n[19:01] <ida> x\n": ("2024-03-04 19:00:00", "hi"),
    "Conversation with #b at Mon 04 Mar 2024 07:00:12 PM CET\n(07:00:12 PM) tom: hi\n": ("2024-03-04 19:00:12", "hi"),
}


@pytest.mark.parametrize("text", VARIANTS)
def test_variants(tmp_path: Path, text: str) -> None:
    """Stamps and frames that few programs write."""
    row = next(row for row in Read(irc, put(tmp_path, "#b.log", text)).rows if row["author"] == "tom")
    assert (row["ts"], row["text"]) == VARIANTS[text]


def test_lines_in_iso_2022_jp_are_read(tmp_path: Path) -> None:
    """As Japanese servers had them: ASCII, with escapes before and behind what is not."""
    said = "\u3053\u3093\u306b\u3061\u306f ana, \u5143\u6c17?"
    text = b"2024-03-04 10:00:00 <ana> hi\n2024-03-04 10:00:05 <bo> " + said.encode("iso2022_jp") + b"\n"
    path = tmp_path / "#books.log"
    path.write_bytes(text + "2024-03-04 10:00:09 <ana> \u00e9\x1b$ ok\n".encode())
    assert [row[-1] for row in rows(path)] == ["hi", said, "\u00e9\x1b$ ok"]


def test_lines_that_are_no_utf8_are_read(tmp_path: Path) -> None:
    """Each line may be of another client's encoding."""
    content = "2024-03-04 19:00:00\ttom\tgr\u00fcn\n".encode() + "2024-03-04 19:00:01\tida\tbl\u00e4u\n".encode(
        "latin-1"
    )
    assert [row["text"] for row in Read(irc, put(tmp_path, "#b.log", content)).rows] == ["gr\u00fcn", "bl\u00e4u"]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, "UTC")


def test_nicks_that_were_changed_are_one_person(tmp_path: Path) -> None:
    """Known by the first, called by the last; a nick that everybody is given, or many go through, joins nobody."""
    lines = ["<tom> a", "*** tom is now known as tommy", "*** tommy is now known as tom_away", "<ida> b"]
    lines += ["*** Guest17 is now known as ida", "*** Guest17 is now known as otto"]
    lines += [f"*** hub is now known as {name}" for name in ("ada", "bea", "cleo", "dora", "eva")]
    log = "".join(f"[19:00:{number:02}] {line}\n" for number, line in enumerate(lines))
    people = Read(irc, put(tmp_path, "#x_20240304.log", log)).people
    assert (people["tom"].names, people["tom"].also) == (["tom_away", "tommy", "tom"], ["tommy", "tom_away"])
    assert all(not person.also for id_, person in people.items() if id_ != "tom")
    assert set(people) >= {"ida", "otto", "guest17", "hub", "ada"}


@pytest.mark.slow  # several whole commands
def test_a_run_over_a_folder_of_logs(shelf: Shelf) -> None:
    """Channels of two networks stay two, days of one are one; what is no log is counted; names do not get out."""
    day = "[19:00:00] <{0}> I am {0}\n[19:00:01] *** {0} is now known as {0}_away\n[19:00:02] <{0}_away> gone\n"
    for network, nick in (("libera", "kordelia"), ("oftc", "fridolin")):
        for number in (4, 5):
            put(shelf.path, f"logs/{network}/#books/2024-03-0{number}.log", day.format(nick))
    put(shelf.path, "logs/notes.txt", "Dear diary,\ntoday it rained.\n")
    shelf.run(shelf.path / "logs")
    chats = "SELECT attrs->>'thread', count(*), count(DISTINCT author_uuid) FROM ir_messages GROUP BY 1 ORDER BY 1"
    assert shelf.query(chats) == [("libera/#books", 6, 2), ("oftc/#books", 6, 2)]
    assert "files that are no logs (1)" in shelf.told
    everything = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s")).casefold()
    assert "kordelia" not in everything
    assert "fridolin" not in everything


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("#x.log", "[19:00] <a> x\n[19:01] <b> y\n", "Put the date of its first line into the file's name"),
        ("#x.log", "<a> x\n<b> y\n<a> z\n", "Put the date of its first line into the file's name"),
        ("#x.log", "Mar 04 19:00:00 <a> x\nMar 04 19:00:01 <b> y\n", "--year YEAR"),
        ("#x.log", "04-03-2024 19:00:00 < a: x\n05-03-2024 19:00:01 < b: y\n", "--date-order dmy or mdy"),
    ],
)
def test_a_log_that_does_not_tell_its_dates_is_refused_with_advice(
    tmp_path: Path, name: str, text: str, advice: str
) -> None:
    """Nothing is guessed: the message says what to do."""
    with pytest.raises(ExportError, match=advice):
        Read(irc, put(tmp_path, name, text))


@pytest.mark.parametrize(
    ("text", "options", "first"),
    [
        ("Mar 04 19:00:00 <a> x\nMar 05 19:00:01 <b> y\n", {"year": 2019}, "2019-03-04 19:00:00"),
        ("04-03-2024 19:00:00 < a: x\n05-03-2024 19:00:01 < b: y\n", {"date_order": "MDY"}, "2024-04-03 19:00:00"),
    ],
)
def test_the_users_word_on_dates_counts(tmp_path: Path, text: str, options: dict[str, Any], first: str) -> None:
    """A year and an order of day and month may be said."""
    assert Read(irc, put(tmp_path, "#x.log", text), **options).rows[0]["ts"] == first


def test_a_log_without_times_is_of_the_beginning_of_its_day(tmp_path: Path) -> None:
    """Its lines keep their order; those that a program broke are whole again."""
    found = rows(put(tmp_path, "minutes 2024-03-04.txt", "<a> x\n<b> a long\n line\n* a waves\n<b> z\n"))
    assert found == [
        ("2024-03-04 00:00:00", "a", "x"),
        ("2024-03-04 00:00:00", "b", "a long line"),
        ("2024-03-04 00:00:00", "a", "waves"),
        ("2024-03-04 00:00:00", "b", "z"),
    ]


def test_borders_of_batches_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates, broken lines and unstamped ones are carried from one batch to the next."""
    name, text, _ = PROGRAMS["mirc"]
    path = put(tmp_path, name, text)
    whole = rows(path)
    monkeypatch.setattr("egregora_core.exports._text._CHUNK", 7)
    assert rows(path) == whole


@pytest.mark.parametrize(
    "text",
    [
        "name: x\nauthor: y\nlicence: z\n",
        "host: a\nport: 1\nhost: b\nsomething else\n",
        "INFO: started\nWARN: slow\nINFO: done\n",
        "marta: only\nmarta: one\nmarta: person\n",
        "Received: by a\nReceived: by b\nSubject: x\n\nwords\n",
        "src/a.c: 1\nsrc/b.c: 2\nsrc/a.c: 3\n",
        "[LINE] Chat history with Ana\n2024/03/04(Mon)\n" + "19:00\tAna\thi\n" * 20,
        "2024.03.04 (月)\n" + "19:00\tAna\thi\n" * 20,
    ],
)
def test_what_looks_like_a_log_and_is_none(tmp_path: Path, text: str) -> None:
    """Settings, headers, and what programs write are no talk; LINE's talk is of days that IRC would not see."""
    with Export(put(tmp_path, "2024-03-04.txt", text)) as export:
        assert irc.recognise(export).sure == "no"


@pytest.mark.parametrize(
    ("name", "title", "day"),
    [
        ("irc.libera.#books.weechatlog", "libera/#books", None),
        ("FreeNode-#books.log", "FreeNode/#books", None),
        ("me_libera_#books_20240304.log", "libera/#books", 19786),
        ("#books/2024-03-04.log", "#books", 19786),
        ("irclogs/OFTC/#books.log", "OFTC/#books", None),
        ("#node.js.log", "#node.js", None),
        ("books.log.04Mar2024", "books", 19786),
        ("meeting.2024-03-04-19.00.log.txt", "meeting.-19.00", 19786),
    ],
)
def test_places_are_read_from_paths(tmp_path: Path, name: str, title: str, day: int | None) -> None:
    """Network, channel and day, as programs name their files."""
    put(tmp_path / "all", name, "x")
    place = place_of(name, Export(tmp_path / "all"))
    assert (place.title, place.day) == (title, day)


MANIFEST = {
    "jkkummerfeld__irc-disentanglement__2006-03-15_03.raw.txt": 289,
    "jkkummerfeld__irc-disentanglement__2016-11-01_00.raw.txt": 301,
    "w3c__scribe2__crlf-mirc-01.input.log": 4,  # 6 lines, of which two go on from the one before
    "w3c__scribe2__qwebirc-01.input.log": 48,
    "w3c__scribe2__crlf-rrsagent-01.input.log": 26,
}


@pytest.mark.parametrize("name", MANIFEST)
def test_samples_have_their_messages(tmp_path: Path, name: str) -> None:
    """What the list of samples counts is read; those without a date get one in their name."""
    content = (sample("irc") / name).read_bytes()
    named = name if ("-0" in name[-20:] and name.startswith("jk")) or "2016" in name else f"2014-06-05 {name}"
    assert len(Read(irc, put(tmp_path, named, content)).rows) == MANIFEST[name]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_logs_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever happens to a log: lines, or an error that is ours."""
    name, text, _ = PROGRAMS[data.draw(st.sampled_from(sorted(PROGRAMS)))]
    damaged = damage(data, text.encode())
    with suppress(EgregoraError):
        Read(irc, put(tmp_path, name, damaged))
