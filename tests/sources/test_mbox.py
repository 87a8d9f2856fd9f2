"""Mailboxes: where a mail begins, what it says, and to which conversation it belongs."""

import base64
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import EgregoraError, ExportError
from egregora_sources import mbox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from more_platforms import Read, Shelf, damage, put, sample

FROM = "From ana@example.org Mon Mar  4 19:00:00 2024\n"


def mail(body: str = "hello\n", start: str = FROM, **headers: str) -> str:
    known = {
        "From": "Ana Kelemen <Ana@Example.org>",
        "To": "bo@example.org",
        "Subject": "Books",
        "Date": "Mon, 4 Mar 2024 20:00:00 +0100",
        "Message-ID": "<1@example.org>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return start + "".join(f"{name}: {value}\n" for name, value in known.items() if value) + "\n" + body + "\n"


def read(tmp_path: Path, *mails: str | bytes, name: str = "box.mbox") -> Read:
    content = b"".join(each if isinstance(each, bytes) else each.encode() for each in mails)
    return Read(mbox, put(tmp_path, name, content))


def texts(found: Read) -> list[str | None]:
    return [row["text"] for row in found.rows]


def test_a_mail_is_a_message(tmp_path: Path) -> None:
    """By its own id, date and author; people are their addresses."""
    found = read(tmp_path, mail(Cc='"Quiet, Quin" <quin@example.org>'))
    (row,) = found.rows
    assert (row["msg_id"], row["ts"], row["author"]) == ("<1@example.org>", "2024-03-04 19:00:00", "ana@example.org")
    assert (row["text"], row["kind"], row["mentions"]) == ("hello", "text", ["bo@example.org"])
    assert list(found.people["ana@example.org"].names) == ["Ana Kelemen", "ana@example.org"]
    assert list(found.people["quin@example.org"].names) == ["Quiet, Quin", "quin@example.org"]
    assert found.recognised.sure == "certain"


FRAMES: dict[str, tuple[str, list[str]]] = {
    "escaped": (mail(">From here on\n>>From there\n") + mail("b"), ["From here on\n>From there", "b"]),
    "not escaped": (
        mail("From here on, we read:\nIt is good.\n") + mail("b"),
        ["From here on, we read:\nIt is good.", "b"],
    ),
    "counted": (
        mail("x\n\nFrom a@b Mon Mar  4 19:00:00 2024\nSubject: quoted\n\ny", Content_Length="55") + mail("b"),
        ["x\n\nFrom a@b Mon Mar  4 19:00:00 2024\nSubject: quoted\n\ny", "b"],
    ),
    "counted wrongly": (mail("a", Content_Length="9999") + mail("b", Content_Length="3"), ["a", "b"]),
    "no blank line between": (mail("a").rstrip("\n") + "\n" + mail("b"), ["a", "b"]),
    "windows": ((mail("a") + mail("b")).replace("\n", "\r\n"), ["a", "b"]),
    "google's": (mail("a", "From 1844347792267117879@xxx Fri Sep 26 17:18:40 +0000 2025\n"), ["a"]),
    "google's without a date": (mail("a", "From 1844347792267117879@xxx\n"), ["a"]),
    "mozilla's": (mail("a", "From - Mon Mar 04 19:00:00 2024\n") + mail("b", "From - \n"), ["a", "b"]),
    "eudora's": (mail("a", "From ???@??? Mon Mar 04 19:00:00 2024\n"), ["a"]),
    "with a zone": (mail("a", "From ana@example.org  Mon Mar 4 19:00:00 +0100 2024\n"), ["a"]),
}


@pytest.mark.parametrize("what", FRAMES)
def test_where_one_mail_ends(tmp_path: Path, what: str) -> None:
    """However the program marks it."""
    content, expected = FRAMES[what]
    assert texts(read(tmp_path, content)) == expected


def test_a_from_line_in_another_encoding(tmp_path: Path) -> None:
    """The standard library's mailbox fails on it."""
    assert texts(read(tmp_path, mail("a"), mail("b").encode().replace(b"From ana", "From anä".encode("latin-1")))) == [
        "a",
        "b",
    ]


def built(**content: Any) -> str:
    message = EmailMessage()
    message.set_content("plain\n")
    for name, data in content.items():
        if name == "html":
            message.add_alternative(data, subtype="html")
        else:
            message.add_attachment(data, maintype="image", subtype="png", filename=f"{name}.png")
    return message.as_string() + "\n"


def test_text_and_attachments(tmp_path: Path) -> None:
    """The plain form is the text; attachments are counted with their names."""
    head = mail("").rstrip("\n") + "\n"
    (row,) = read(tmp_path, head + built(html="<p>html</p>", figüre=b"abc")).rows
    assert row["text"] == "plain"
    assert row["media"] == [{"name": "figüre.png", "url": None, "type": "image/png", "size": 3, "missing": False}]


def mixed(*parts: str, kind: str = "mixed") -> str:
    """Return a mail of parts, each with its headers."""
    inside = "".join(f"--x\n{part}\n" for part in parts)
    return mail(f"{inside}--x--\n", MIME_Version="1.0", Content_Type=f'multipart/{kind}; boundary="x"')


_FOOTER = "Content-Type: text/plain\n\n-- \nthe list"
_HTML = "Content-Type: text/html\n\n<p>Dear Bo</p>"
_BOTH = (
    'Content-Type: multipart/alternative; boundary="y"\n\n--y\nContent-Type: text/plain\n\nDear Bo\n--y\n'
    "Content-Type: text/html\n\n<p>Dear <b>Bo</b>, as HTML</p>\n--y--"
)


@pytest.mark.parametrize(
    ("parts", "kind", "text"),
    [
        ((_HTML, _FOOTER), "mixed", "Dear Bo\n-- \nthe list"),
        (("Content-Type: text/plain\n\nfirst", _HTML), "mixed", "first\nDear Bo"),
        ((_BOTH, _FOOTER), "mixed", "Dear Bo\n-- \nthe list"),
        ((_HTML, _HTML.replace("Dear", "From")), "mixed", "Dear Bo\nFrom Bo"),
        (("Content-Type: text/plain\n\nDear  Bo", _HTML), "mixed", "Dear  Bo"),
        (("Content-Type: text/plain\n\n", _HTML), "alternative", "Dear Bo"),
        (("Content-Type: text/plain\n\nplain", _HTML), "alternative", "plain"),
        ((_HTML, "Content-Type: image/png\n\nx"), "related", "Dear Bo"),
    ],
)
def test_texts_beside_each_other_are_all_read(tmp_path: Path, parts: tuple[str, ...], kind: str, text: str) -> None:
    """Only alternatives say the same; what is HTML and repeats a plain part is read once."""
    (row,) = read(tmp_path, mixed(*parts, kind=kind)).rows
    assert row["text"] == text


def test_html_alone_is_read_as_a_person_reads_it(tmp_path: Path) -> None:
    """Without what nobody sees."""
    html = (
        "<html><head><style>p {color: red}</style></head><body><p>Dear&nbsp;Bo,</p><p>1 &lt; 2<br>yes</p></body></html>"
    )
    found = read(tmp_path, mail(html, MIME_Version="1.0", Content_Type="text/html; charset=utf-8"))
    assert texts(found) == ["Dear Bo,\n\n1 < 2\nyes"]


MARKED = {
    "text/enriched": (
        "<fontfamily><param>Times</param>Dear <bold>Bo</bold>,</fontfamily>\nhow are you?\n\n1 << 2",
        "Dear Bo, how are you?\n1 < 2",
    ),
    "text/richtext": (
        "Dear <bold>Bo</bold>,\nhow<comment>!</comment> are you?<nl>1 <lt> 2",
        "Dear Bo, how are you?\n1 < 2",
    ),
}


@pytest.mark.parametrize("kind", MARKED)
def test_what_is_marked_up_in_other_ways_is_text(tmp_path: Path, kind: str) -> None:
    """As mail was before HTML; no attachment."""
    written, meant = MARKED[kind]
    found = read(tmp_path, mail(written, MIME_Version="1.0", Content_Type=kind))
    assert [(row["kind"], row["text"]) for row in found.rows] == [("text", meant)]


CHARSETS = {
    "iso-8859-1": "ü".encode("latin-1"),
    "utf-8": "ü".encode(),
    "windows-1252": b"\xfc",
    "unknown-8bit": b"\xfc",
    "no-such-charset": b"\xfc",
    "us-ascii": "ü".encode(),
}


@pytest.mark.parametrize("charset", CHARSETS)
def test_charsets(tmp_path: Path, charset: str) -> None:
    """Also those that are not there, or are not what they say."""
    start = mail("@", MIME_Version="1.0", Content_Type=f"text/plain; charset={charset}").encode()
    assert texts(read(tmp_path, start.replace(b"\n@\n", b"\n" + CHARSETS[charset] + b"\n"))) == ["ü"]


def test_headers_of_all_kinds(tmp_path: Path) -> None:
    """Encoded words, broken lines, bytes that are no ASCII, and nothing at all."""
    encoded = "=?utf-8?q?Zo=C3=AB_=C3=93_D=C3=A1laigh?= <zoe@example.org>"
    raw = mail("b", From="X <raw@example.org>", Message_ID="<3@e>").encode().replace(b"X <raw", "Jürgen <raw".encode())
    found = read(
        tmp_path, mail("a", From=encoded, Subject="=?iso-8859-1?q?B=FCcher?="), raw, mail("c", From="", Message_ID="")
    )
    assert found.people["zoe@example.org"].names[0] == "Zoë Ó Dálaigh"
    assert found.people["raw@example.org"].names[0] == "Jürgen"
    assert found.rows[2]["author"] == "ana@example.org"
    assert found.rows[2]["msg_id"] is None
    assert found.threads["<1@example.org>"].title == "Bücher"


def test_addresses_that_archives_hide(tmp_path: Path) -> None:
    """As Pipermail writes them."""
    start = "From ana at example.org  Mon Mar  4 19:00:00 2024\n"
    found = read(tmp_path, mail("a", start, From="ana at example.org (Ana Kelemen)", To=""))
    assert (found.rows[0]["author"], found.people["ana@example.org"].names[0]) == ("ana@example.org", "Ana Kelemen")


DATES = {
    "Mon, 4 Mar 2024 20:00:00 +0100 (CET)": "2024-03-04 19:00:00",
    "4 Mar 24 14:00 EST": "2024-03-04 19:00:00",
    "2024-03-04T20:30:00+01:00": "2024-03-04 19:30:00",
    "Mon, 04 Mar 2024 19:00:00 -0000": "2024-03-04 19:00:00",
    "yesterday": "2024-03-04 19:00:00",
    "": "2024-03-04 19:00:00",
}


@pytest.mark.parametrize("date", DATES)
def test_dates(tmp_path: Path, date: str) -> None:
    """A mail's own date counts, else that of its `From` line, which is UTC."""
    assert read(tmp_path, mail(Date=date)).rows[0]["ts"] == DATES[date]


def test_conversations(tmp_path: Path) -> None:
    """Google's, a list's, that of the first mail, or that of the subject."""
    found = read(
        tmp_path,
        mail("1"),
        mail("2", Message_ID="<2@e>", In_Reply_To="<1@example.org>", References="<1@example.org>", Subject="Re: Books"),
        mail(
            "3", Message_ID="<3@e>", In_Reply_To="<2@e>", References="<1@example.org>\n <2@e>", Subject="AW: Re: Books"
        ),
        mail("4", Message_ID="<4@e>", X_GM_THRID="77"),
        mail("5", Message_ID="<5@e>", List_Id="Readers <readers.example.org>", References="<0@e>"),
        mail("6", Message_ID="<6@e>", Subject="Re: Others"),
    )
    told = [(row["thread"], row["reply_to"], row["thread_root"]) for row in found.rows]
    assert told == [
        ("<1@example.org>", None, None),
        ("<1@example.org>", "<1@example.org>", None),
        ("<1@example.org>", "<2@e>", None),
        ("gmail:77", None, None),
        ("list:readers.example.org", "<0@e>", "<0@e>"),
        ("subject:others", None, None),
    ]
    assert found.threads["<1@example.org>"].title == "Books"
    assert found.threads["list:readers.example.org"].title == "Readers"


def test_large_attachments_are_not_kept(tmp_path: Path) -> None:
    """Their size is told all the same."""
    data = base64.encodebytes(b"x" * 3_000_000).decode()
    kind = 'application/zip; name="a.zip"'
    (row,) = read(tmp_path, mail(data, MIME_Version="1.0", Content_Type=kind, Content_Transfer_Encoding="base64")).rows
    assert abs(row["media"][0]["size"] - 3_000_000) < 100
    assert row["kind"] == "media"


def test_what_no_message_says_is_counted(tmp_path: Path) -> None:
    """Mails without any date, and those that were deleted."""
    undated = mail("a", "From - \n", Date="")
    found = read(tmp_path, undated, mail("b", X_Mozilla_Status="0009"), mail("c", X_Mozilla_Status="0001"))
    assert texts(found) == ["c"]
    assert sum(found.report.left_out.values()) == 2


def test_nesting_without_end_is_no_traceback(tmp_path: Path) -> None:
    """What is deeper than mails are is left out, and the mail is there."""
    body = "".join(f'--{n}\nContent-Type: multipart/mixed; boundary="{n + 1}"\n\n' for n in range(2000))
    found = read(tmp_path, mail(body, MIME_Version="1.0", Content_Type='multipart/mixed; boundary="0"'), mail("b"))
    assert len(found.rows) == 2


@pytest.mark.slow  # several whole commands
def test_a_folder_of_mailboxes(tmp_path: Path) -> None:
    """A mail that is in two of them is one; no id, address or name gets out."""
    shelf = Shelf(tmp_path)
    put(tmp_path, "Mail/Inbox", mail("Ask Ana Kelemen, ana@example.org, about <1@example.org>"))
    put(tmp_path, "Mail/Sent.mbox", mail("two", Message_ID="<kelemen.2@example.org>", In_Reply_To="<1@example.org>"))
    put(tmp_path, "Mail/All.mbox", mail("Ask Ana Kelemen, ana@example.org, about <1@example.org>"))
    put(tmp_path, "Mail/notes.txt", "no mail\n")
    shelf.run(tmp_path / "Mail")
    assert shelf.query("SELECT count(*) FROM ir_messages") == [(2,)]
    everything = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s")).casefold()
    assert not [each for each in ("kelemen", "example.org") if each in everything]


def test_what_does_not_begin_with_a_mail_is_refused(tmp_path: Path) -> None:
    """With its place."""
    with pytest.raises(ExportError, match="no mailbox"):
        read(tmp_path, "Dear diary,\ntoday it rained.\n")


MANIFEST = {"content-length": 29, "issue1189": 4, "simple": 3}


@pytest.mark.parametrize("name", MANIFEST)
def test_samples_have_their_messages(name: str) -> None:
    """As their list says."""
    assert len(Read(mbox, sample("mbox") / f"jstedfast__MimeKit__{name}.mbox.txt").rows) == MANIFEST[name]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_mailboxes_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever happens to a mailbox: rows, or an error that is ours."""
    head = mail("").rstrip("\n") + "\n"
    content = head + built(html="<p>html</p>", figure=b"abc") + "".join(each for each, _ in FRAMES.values())
    with suppress(EgregoraError):
        read(tmp_path, damage(data, content.encode()))
