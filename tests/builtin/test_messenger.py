"""Messenger and Instagram, as Meta's downloads have them: two platforms, one way of writing, several layouts."""

import json
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from egregora_core.builtin._meta._reading_order import in_reading_order
from egregora_core.errors import EgregoraError
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import Desk, leaked, read, sure, survives, write, zipped

_FIRST = 1_700_000_000_000


def wrong(text: str) -> str:
    """Return a text as Meta writes it: each byte of its UTF-8 as a character."""
    return text.encode().decode("latin-1")


def said(content: str | None, author: str = "Ana Kelemen", second: int = 0, **more: Any) -> dict[str, Any]:
    text = {} if content is None else {"content": wrong(content)}
    return {"sender_name": wrong(author), "timestamp_ms": _FIRST + second * 1000, **text, **more}


def thread(*messages: Any, folder: str = "zoe_10203040506070", **more: Any) -> dict[str, Any]:
    """Return a thread, the newest message first."""
    return {
        "participants": [{"name": wrong("Zoë Ó Dálaigh")}, {"name": "Ana Kelemen"}],
        "messages": [*reversed(messages)],
        "title": wrong("Zoë Ó Dálaigh"),
        "is_still_participant": True,
        "thread_path": f"inbox/{folder}",
        "magic_words": [],
        **more,
    }


ZOE = "Zoë Ó Dálaigh"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "workspace")


def one(message: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    """Return the row that Messenger's source makes of one message."""
    (row,) = read("messenger", write(tmp_path / "message_1.json", thread(message)))
    return row


def test_what_some_downloads_say_of_every_message_changes_none(tmp_path: Path) -> None:
    """That it is an ordinary one, neither taken back nor brought up again; what was brought up speaks for no words."""
    plain = [said("hello"), said("żółć", second=1, photos=[{"uri": "a.jpg"}]), said(None, second=2)]
    more = {"type": "Generic", "is_unsent": False, "is_taken_down": False}
    bumps = [{"bumped_message_metadata": {"bumped_message": words, "is_bumped": False}} for words in ("a", "b", "c")]
    found = [
        read("messenger", write(tmp_path / "message_1.json", thread(*messages)))
        for messages in (plain, [{**one, **more, **bump} for one, bump in zip(plain, bumps, strict=True)])
    ]
    assert [row["text"] for row in found[1]] == ["c", "żółć", "hello"]
    assert found[1][1:] == found[0][1:]


def test_texts_that_were_written_as_the_wrong_bytes_are_right(desk: Desk, tmp_path: Path) -> None:
    """Names, titles, texts and emoji; what was right stays as it is."""
    reaction = {"reaction": wrong("❤"), "actor": wrong(ZOE)}
    messages = [said("żółć 👋", reactions=[reaction]), {**said("x", second=1), "content": "déjà vu, “right”"}]
    path = write(tmp_path / "message_1.json", thread(*messages))
    desk.ingest(path, source="messenger")
    assert desk.rows("text", "author_raw", "thread") == [
        ("żółć 👋", "Ana Kelemen", ZOE),
        ("déjà vu, “right”", "Ana Kelemen", ZOE),
    ]
    assert read("messenger", path)[-1]["reactions"] == [{"emoji": "❤", "author": ZOE, "count": None, "ts": None}]


def test_messages_of_one_moment_are_read_as_they_were_sent(tmp_path: Path) -> None:
    """Files run backwards, and so do messages of one millisecond; a file that runs forwards is left as it is."""
    messages = [said("a"), said("b"), said("c", second=1), said("d", second=2), said("e", second=2)]
    backwards = read("messenger", write(tmp_path / "message_1.json", thread(*messages)))
    forwards = read("messenger", write(tmp_path / "message_2.json", thread(*reversed(messages))))
    in_order = [
        "".join(row["text"] for row in sorted(rows, key=lambda row: row["ts"])) for rows in (backwards, forwards)
    ]
    assert in_order == ["abcde", "abcde"]


def test_a_whole_download_is_walked(desk: Desk, tmp_path: Path) -> None:
    """Threads of all folders, in parts; what is no thread is counted."""
    base = "your_facebook_activity/messages"
    zoe = "zoe_10203040506070"
    files = {
        f"{base}/inbox/{zoe}/message_1.json": thread(said("later", second=9)),
        f"{base}/inbox/{zoe}/message_2.json": thread(said("early")),
        f"{base}/inbox/{zoe}/photos/1.jpg": b"\xff\xd8",
        f"{base}/archived_threads/bo_1/message_1.json": thread(said("old", "Bo"), folder="bo_1", title="Bo"),
        f"{base}/message_requests/cy_2/message_1.json": thread(said("hi", "Cy"), folder="cy_2", title="Cy"),
        f"{base}/filtered_threads/dee_3/message_1.json": thread(said("spam", "Dee"), folder="dee_3", title="Dee"),
        f"{base}/e2ee_cutover/eve_4/message_1.json": thread(said("moved", "Eve"), folder="eve_4", title="Eve"),
        f"{base}/autofill_information.json": {"autofill_information_v2": {}},
        "profile_information/profile_information.json": {"profile_v2": {"name": {"full_name": "Ana Kelemen"}}},
    }
    folder = write(tmp_path / "facebook-ana", files)
    desk.ingest(folder)
    assert sorted(desk.rows("thread", "text")) == [
        ("Bo", "old"),
        ("Cy", "hi"),
        ("Dee", "spam"),
        ("Eve", "moved"),
        (ZOE, "early"),
        (ZOE, "later"),
    ]
    assert "files of the download that hold no messages (2)" in desk.told
    desk.ingest(zipped(folder))
    assert len(desk.rows("text")) == 6


def test_a_thread_is_known_by_its_number(desk: Desk, tmp_path: Path) -> None:
    """Its title changes, and it is archived: it stays one, and is called as now."""
    first = thread(said("a"), said("b", second=1))
    later = {**thread(said("a"), said("b", second=1), said("c", second=2), folder="z_10203040506070"), "title": "Zed"}
    later["thread_path"] = "archived_threads/z_10203040506070"
    desk.ingest(write(tmp_path / "1" / "message_1.json", first), source="messenger")
    desk.ingest(write(tmp_path / "2" / "message_1.json", later), source="messenger")
    assert desk.rows("thread", "text") == [("Zed", "a"), ("Zed", "b"), ("Zed", "c")]


def test_two_chats_of_one_title_stay_two(desk: Desk, tmp_path: Path) -> None:
    """A thread is not its title."""
    files = {
        f"inbox/{folder}/message_1.json": thread(said("same"), folder=folder) for folder in ("zoe_11111111111", "zoe_2")
    }
    desk.ingest(write(tmp_path / "x", files), source="messenger")
    assert desk.query("SELECT count(*), count(DISTINCT thread_id) FROM ir_messages") == [(2, 2)]


@pytest.mark.parametrize(
    ("message", "kind", "text"),
    [
        (said(None, is_unsent=True), "deleted", None),
        (said("gone", is_taken_down=True), "deleted", None),
        (said(None, sticker={"uri": "messages/stickers_used/1.png"}), "sticker", None),
        (said("look", photos=[{"uri": "messages/inbox/z/photos/1.jpg"}]), "media", "look"),
        (said(None, gifs=[{"uri": "a/b.gif"}]), "media", None),
        (said(None), "text", None),
        (
            said("Ana Kelemen sent an attachment.", share={"link": "https://example.org/x"}),
            "text",
            "https://example.org/x",
        ),
        (said("You sent an attachment."), "media", None),
        (said("see", share={"link": "https://example.org/x", "share_text": "A garden"}), "text", None),
        (said("Reacted 😍 to your message "), "reaction", "Reacted 😍 to your message "),
        (said("Ana Kelemen reagiu com ❤ à sua mensagem "), "reaction", None),
        (said("Liked a message"), "reaction", "Liked a message"),
        (said("Liked a message", share={"link": "https://maps.google.com/?q=1.5,2.5"}), "reaction", None),
        (said("Reacted badly to the milk"), "text", "Reacted badly to the milk"),
        (said("You left the group chat muted again"), "text", "You left the group chat muted again"),
        (said("You called it"), "text", "You called it"),
        (said(None, bumped_message_metadata={"bumped_message": "again", "is_bumped": True}), "text", "again"),
    ],
)
def test_each_kind_of_message_is_known(tmp_path: Path, message: dict[str, Any], kind: str, text: str | None) -> None:
    """What the platform says in somebody's name is not what they wrote."""
    row = one(message, tmp_path)
    assert row["kind"] == kind
    if text is not None or kind == "deleted":
        assert row["text"] == text


@pytest.mark.parametrize(
    ("message", "event", "mentions"),
    [
        (said("Ana Kelemen named the group Beds & Bees."), "rename", ["Ana Kelemen"]),
        (said("You named the group Beds & Bees."), "rename", ["Ana Kelemen"]),
        (said("Ana Kelemen left the group."), "leave", ["Ana Kelemen"]),
        (said("Ana Kelemen changed the group photo."), "picture", ["Ana Kelemen"]),
        (said("Ana Kelemen pinned a message."), "pin", ["Ana Kelemen"]),
        (said("Ana Kelemen set the nickname for Bo to Bobby."), "settings", ["Ana Kelemen"]),
        (said("Ana Kelemen saiu do grupo."), "leave", ["Ana Kelemen"]),
        (said("Ana Kelemen hat die Gruppe verlassen."), "leave", ["Ana Kelemen"]),
        (said("x", type="Subscribe", users=[{"name": "Bo Quarrel"}]), "add", ["Ana Kelemen", "Bo Quarrel"]),
        (said("x", type="Unsubscribe", users=[{"name": "Bo Quarrel"}]), "remove", ["Ana Kelemen", "Bo Quarrel"]),
        (said("x", type="Unsubscribe", users=[{"name": "Ana Kelemen"}]), "leave", ["Ana Kelemen"]),
        (said("x", type="Subscribe", users=[{"name": "Ana Kelemen"}]), "join", ["Ana Kelemen"]),
        (said("You are now connected on Messenger."), "other", ["Ana Kelemen"]),
        (said("x", type="Subscribe", share={"link": "https://maps.google.com/?q=1.5,2.5"}), "add", ["Ana Kelemen"]),
    ],
)
def test_what_happened_is_an_event_about_people(
    tmp_path: Path, message: dict[str, Any], event: str, mentions: list[str]
) -> None:
    """The platform's sentence has no author; the text stays as it was."""
    row = one(message, tmp_path)
    assert (row["kind"], row["event"], row["author"], row["mentions"]) == ("system", event, None, mentions)


@pytest.mark.parametrize(
    ("message", "event", "data"),
    [
        (said("Ana called you.", type="Call", call_duration=61), "call", {"seconds": 61}),
        (
            said("You missed a call.", type="Call", call_duration=0, missed=True),
            "missed_call",
            {"seconds": 0, "missed": True},
        ),
        (said("Ana Kelemen missed your video chat."), "missed_call", {"missed": True}),
        (said("Ana Kelemen started an audio call"), "call", {}),
        (said("The video call ended.", call_duration=5), "call", {"seconds": 5}),
    ],
)
def test_a_call_says_how_long_and_whether_it_was_missed(
    tmp_path: Path, message: dict[str, Any], event: str, data: dict[str, Any]
) -> None:
    """As far as the download knows."""
    row = one(message, tmp_path)
    assert (row["kind"], row["event"], json.loads(row["data"])) == ("call", event, data)


def test_all_attachments_are_media_and_known_to_be_there_or_not(tmp_path: Path) -> None:
    """A file of the download is found by its name."""
    message = said(
        "album",
        photos=[{"uri": "messages/inbox/z_1/photos/1.jpg"}, {"uri": "messages/inbox/z_1/photos/2.jpg"}],
        videos=[{"uri": "messages/inbox/z_1/videos/3.mp4"}],
        audio_files=[{"uri": "messages/inbox/z_1/audio/4.wav"}],
        files=[{"uri": "messages/inbox/z_1/files/5.pdf"}],
    )
    files = {"messages/inbox/z_1/message_1.json": thread(message), "messages/inbox/z_1/photos/1.jpg": b"\xff\xd8"}
    (row,) = read("messenger", write(tmp_path / "x", files))
    assert [(each["name"], each["type"], each["missing"]) for each in row["media"]] == [
        ("1.jpg", "image/jpeg", False),
        ("2.jpg", "image/jpeg", True),
        ("3.mp4", "video/mp4", True),
        ("4.wav", "audio/x-wav", True),
        ("5.pdf", "application/pdf", True),
    ]


def test_a_shared_place_is_a_location(tmp_path: Path) -> None:
    """The address of a map holds where it is."""
    link = (
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.bing.com%2Fmaps%2Fdefault.aspx%3Fwhere1%3D41.15%252C%2B-8.61"
    )
    row = one(said("Ana Kelemen sent a location.", share={"link": link}), tmp_path)
    assert (row["kind"], json.loads(row["data"])) == ("location", {"latitude": 41.15, "longitude": -8.61})


def test_what_no_message_says_is_counted(desk: Desk, tmp_path: Path) -> None:
    """Addresses of machines, payments, entries without a time."""
    messages = [said("a", ip="10.0.0.1"), said("b", second=1, payment_info={"amount": 1}), {"sender_name": "x"}]
    desk.ingest(write(tmp_path / "message_1.json", thread(*messages)), source="messenger")
    for told in ("addresses of senders' machines (1)", "payments (1)", "messages without a time (1)"):
        assert told in desk.told


# --- other layouts ------------------------------------------------------------------------------------------------

ENCRYPTED = {
    "participants": ["Ana Kelemen", ZOE],
    "threadName": f"{ZOE}_12",
    "messages": [
        {
            "isUnsent": False,
            "media": [{"uri": "./media/1f0e.jpeg"}, {"uri": "Failed to download media"}],
            "reactions": [{"actor": "Ana Kelemen", "reaction": "❤"}],
            "senderName": ZOE,
            "text": "",
            "timestamp": _FIRST + 2000,
            "type": "media",
        },
        {"isUnsent": True, "media": [], "reactions": [], "senderName": ZOE, "text": "", "timestamp": _FIRST + 1000},
        {"isUnsent": False, "senderName": "Ana Kelemen", "text": "só isto", "timestamp": _FIRST, "type": "text"},
    ],
}


def test_end_to_end_encrypted_chats_are_read(desk: Desk, tmp_path: Path) -> None:
    """Their layout has other names for all, and right texts."""
    files = {f"{ZOE}_12.json": ENCRYPTED, "media/1f0e.jpeg": b"\xff\xd8"}
    desk.ingest(write(tmp_path / "x", files))
    assert desk.rows("thread", "author_raw", "text", "kind") == [
        (ZOE, "Ana Kelemen", "só isto", "text"),
        (ZOE, ZOE, None, "deleted"),
        (ZOE, ZOE, None, "media"),
    ]
    row = read("messenger", tmp_path / "x")[0]
    assert [each["missing"] for each in row["media"]] == [False, True]
    assert row["reactions"][0]["author"] == "Ana Kelemen"


def test_all_encrypted_chats_are_read_however_many(tmp_path: Path) -> None:
    """A file for each, all in one folder, where a download of another kind has what are no chats."""
    files = {f"messages/Friend {n}_{n}.json": {**ENCRYPTED, "threadName": f"Friend {n}_{n}"} for n in range(530)}
    assert len({row["thread"] for row in read("messenger", write(tmp_path / "x", files))}) == 530


FIRST_INSTAGRAM = [
    {
        "participants": ["ana.k", "bo_q"],
        "conversation": [
            {
                "sender": "bo_q",
                "created_at": "2019-05-01T10:02:00.000001+00:00",
                "media_owner": "gardeners",
                "media_share_caption": "Tulips",
                "media_share_url": "https://www.instagram.com/p/1/",
            },
            {
                "sender": "ana.k",
                "created_at": "2019-05-01T10:01:00+00:00",
                "text": "olá",
                "likes": [{"username": "bo_q", "date": "2019-05-01T10:01:30+00:00"}],
            },
            {"sender": "bo_q", "created_at": "2019-05-01T10:00:00+00:00", "media": "https://cdn.example/1.jpg"},
        ],
    }
]


def test_the_first_layout_of_instagram_is_read(desk: Desk, tmp_path: Path) -> None:
    """All chats in one file; a chat is who is in it."""
    path = write(tmp_path / "messages.json", FIRST_INSTAGRAM)
    desk.ingest(path)
    assert desk.rows("thread", "author_raw", "text", "kind") == [
        ("ana.k, bo_q", "bo_q", None, "media"),
        ("ana.k, bo_q", "ana.k", "olá", "text"),
        ("ana.k, bo_q", "bo_q", "Tulips\nhttps://www.instagram.com/p/1/", "text"),
    ]
    rows = read("instagram", path)
    assert [(each["emoji"], each["author"]) for each in rows[1]["reactions"]] == [("❤", "bo_q")]
    assert rows[2]["forwarded_from"] == "gardeners"


def test_the_oldest_downloads_give_seconds(tmp_path: Path) -> None:
    """They count as the same time."""
    message = {"sender_name": "Ana", "timestamp": 1_400_000_000, "content": "hi", "type": "Generic"}
    assert one(message, tmp_path)["ts"].isoformat() == "2014-05-13T16:53:20"


# --- which of the two ---------------------------------------------------------------------------------------------

SHARE = {"link": "https://www.instagram.com/reel/1/", "share_text": "beans", "original_content_owner": "growers"}


@pytest.mark.parametrize(
    ("content", "instagram", "messenger"),
    [
        ({"your_instagram_activity/messages/inbox/z_1/message_1.json": thread(said("a"))}, "certain", "no"),
        ({"your_facebook_activity/messages/inbox/z_1/message_1.json": thread(said("a"))}, "no", "certain"),
        ({"message_1.json": thread(said("a", share=SHARE))}, "likely", "no"),
        ({"message_1.json": thread(said("a", sticker={"uri": "messages/stickers_used/1.png"}))}, "no", "certain"),
        ({"message_1.json": thread(said("a", ip="1.1.1.1"))}, "no", "likely"),
        ({"message_1.json": thread(said("a", type="Generic"), thread_type="Regular")}, "no", "likely"),
        ({"chat.json": ENCRYPTED}, "no", "certain"),
        ({"messages.json": FIRST_INSTAGRAM}, "certain", "no"),
        ({"message_1.json": thread(said("a"), participants=[{"name": "ana.k"}, {"name": "bo_q"}])}, "likely", "no"),
        ({"message_1.json": thread(said("a"))}, "maybe", "maybe"),
        ({"x.json": {"messages": [{"id": "1", "content": "x"}]}}, "no", "no"),
        ({"x.json": {"participants": [], "messages": 3}}, "no", "no"),
    ],
)
def test_the_two_are_told_apart(tmp_path: Path, content: Any, instagram: str, messenger: str) -> None:
    """By what a download holds; where nothing tells, both may be, and the user is asked."""
    path = write(tmp_path.parent / "x" / tmp_path.name[-3:], content)
    assert (sure("instagram", path), sure("messenger", path)) == (instagram, messenger)


def test_a_folder_with_both_downloads_is_read_by_each(desk: Desk, tmp_path: Path) -> None:
    """Whoever is named reads what is theirs."""
    files = {
        "instagram-ana/your_instagram_activity/messages/inbox/z_1/message_1.json": thread(said("on instagram")),
        "facebook-ana/your_facebook_activity/messages/inbox/z_1/message_1.json": thread(said("on facebook")),
    }
    folder = write(tmp_path / "both", files)
    desk.ingest(folder, source="instagram")
    assert desk.rows("text") == [("on instagram",)]
    desk.ingest(folder, source="messenger")
    assert sorted(desk.rows("text")) == [("on facebook",), ("on instagram",)]


# --- all of them --------------------------------------------------------------------------------------------------


@pytest.mark.slow  # several whole commands
def test_no_name_gets_out_after_privacy(desk: Desk, tmp_path: Path) -> None:
    """Neither of who writes nor of who only reacts, is a member, was added, or owns what was shared."""
    messages = [
        said(f"{ZOE} and Bo Quarrel went to see growers", reactions=[{"reaction": "x", "actor": "Cyprian Vale"}]),
        said("Ana Kelemen added Bo Quarrel to the group.", second=1, type="Subscribe", users=[{"name": "Bo Quarrel"}]),
        said("ask Cyprian Vale", second=2, share=SHARE),
    ]
    desk.run(write(tmp_path / "message_1.json", thread(*messages)))
    assert leaked(desk) == set()


@pytest.mark.slow  # several whole commands
def test_reading_twice_or_in_part_doubles_nothing(desk: Desk, tmp_path: Path) -> None:
    """The same, an overlapping and an older download add only what is new, also of messages of one millisecond."""
    messages = [*(said(f"number {second}", second=second) for second in range(6)), said("twin", ZOE, 5)]
    for number, each in enumerate((messages[2:], messages, messages[:4], messages)):
        desk.ingest(write(tmp_path / str(number) / "message_1.json", thread(*each)), source="messenger")
    assert [text for (text,) in desk.rows("text")] == [*(f"number {second}" for second in range(6)), "twin"]


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_later_download_says_what_became_of_a_message(desk: Desk, tmp_path: Path, order: tuple[int, ...]) -> None:
    """Reactions, edits and what was unsent, in whatever order the two are read."""
    before = [said("liked"), said("frist", second=1), said("oops", second=2)]
    reaction = {"reaction": wrong("❤"), "actor": wrong(ZOE)}
    after = [{**before[0], "reactions": [reaction]}, said("first", second=1), said(None, second=2, is_unsent=True)]
    downloads = [thread(*before), thread(*after, said("later", second=9))]
    files = [write(tmp_path / f"{n}" / "message_1.json", each) for n, each in enumerate(downloads)]
    desk.ingest(*(files[n] for n in order), source="messenger")
    assert desk.rows("text", "kind") == [("liked", "text"), ("first", "text"), (None, "deleted"), ("later", "text")]
    assert "❤" in desk.rows("reactions")[0][0]


def test_downloads_beside_each_other_double_nothing(desk: Desk, tmp_path: Path) -> None:
    """A folder with two downloads has a message once, as the later one of them says it."""
    place = "messages/inbox/zoe_10203040506070/message_1.json"
    unsent = {"sender_name": "Ana Kelemen", "timestamp_ms": said("", second=1)["timestamp_ms"], "is_unsent": True}
    downloads = {
        f"facebook-2021/{place}": thread(said("two", second=1), said("one")),
        f"facebook-2024/{place}": thread(said("three", second=2), unsent, said("one")),
    }
    for name, content in downloads.items():
        write(tmp_path / "both" / name, content)
    desk.ingest(tmp_path / "both")
    assert desk.rows("text", "kind") == [("one", "text"), (None, "deleted"), ("three", "text")]


def test_two_parts_of_a_thread_share_a_millisecond(desk: Desk, tmp_path: Path) -> None:
    """A thread is cut anywhere: what was sent first is read first, and nothing is lost."""
    parts = {
        "z_1/message_2.json": thread(said("a"), said("b", ZOE)),
        "z_1/message_1.json": thread(said("c"), said("d")),
    }
    desk.ingest(write(tmp_path / "x", parts), source="messenger")
    assert [text for (text,) in desk.rows("text")] == ["a", "b", "c", "d"]


def test_stamps_of_a_file_in_no_order_lose_nothing(desk: Desk, tmp_path: Path) -> None:
    """One stamp may come again much later."""
    messages = [said(str(number), second=number % 3) for number in range(9)]
    desk.ingest(write(tmp_path / "message_1.json", {**thread(), "messages": messages}), source="messenger")
    assert sorted(text for (text,) in desk.rows("text")) == [str(number) for number in range(9)]


_WHOLE = json.dumps(
    thread(
        said("hello", reactions=[{"reaction": "x", "actor": "y"}]),
        said("Ana called you.", second=1, type="Call", call_duration=3),
        said("", second=2, share=SHARE, photos=[{"uri": "a.jpg"}]),
    )
)


def _damage(data: st.DataObject, text: str) -> str:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    patch = data.draw(st.sampled_from(["", "null", '"x"', "[]", "{}", "1e999", "-1", "\x00", "\\ud800", '"', "}", "]"]))
    return text[:start] + patch + text[end:]


@given(data=st.data())
def test_damage_gives_rows_or_an_error_of_ours(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any piece of a thread replaced by another."""
    survives("messenger", write(tmp_path_factory.mktemp("x") / "x.json", _damage(data, _WHOLE)))


@pytest.mark.slow  # the one before, longer
@settings(max_examples=150)
@given(data=st.data())
def test_much_damage_gives_rows_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """As above, and of the other layouts."""
    source, text = data.draw(
        st.sampled_from(
            [("messenger", _WHOLE), ("messenger", json.dumps(ENCRYPTED)), ("instagram", json.dumps(FIRST_INSTAGRAM))]
        )
    )
    survives(source, write(tmp_path_factory.mktemp("x") / "x.json", _damage(data, text)))


@pytest.mark.parametrize(
    "change",
    [
        {"sender_name": None},
        {"sender_name": 5},
        {"timestamp_ms": "1700000000000"},
        {"content": {"a": 1}},
        {"content": "\ud800"},
        {"photos": None},
        {"photos": [None, {"uri": None}, {"uri": 5}]},
        {"reactions": {"a": 1}},
        {"reactions": [{"reaction": None, "actor": None, "timestamp": "x"}]},
        {"share": []},
        {"share": {"link": "https://maps.example/?q=999.5,999.5"}},
        {"call_duration": "long"},
        {"call_duration": -1},
        {"users": [{}, None], "type": "Subscribe"},
        {"is_unsent": "yes"},
    ],
)
def test_a_value_of_another_type_harms_nothing_else(tmp_path: Path, change: dict[str, Any]) -> None:
    """Layouts differ, and files are edited: the message is there all the same."""
    text = json.dumps(thread({**said("hello"), **change}))
    assert len(read("messenger", write(tmp_path / "message_1.json", text))) == 1


def test_errors_quote_nothing(tmp_path: Path) -> None:
    """No text or name stands in an error."""
    text = json.dumps(thread(*(said("zanzibarically", second=second) for second in range(9))))
    with pytest.raises(EgregoraError) as caught:
        read("messenger", write(tmp_path / "message_1.json", text[: len(text) // 2]))
    assert "zanzibarically" not in str(caught.value)
    assert "Kelemen" not in str(caught.value)


@given(st.lists(st.sampled_from([1, 2, 3, None, "x"]), max_size=12), st.lists(st.integers(0, 12), max_size=4))
def test_messages_of_one_moment_are_in_order_wherever_a_piece_ends(moments: list[object], cuts: list[int]) -> None:
    """Those that share a moment are turned where the file runs backwards, as if it was read in one piece."""
    items = [{"timestamp_ms": moment, "n": number} for number, moment in enumerate(moments)]
    places = [0, *sorted(min(cut, len(items)) for cut in cuts), len(items)]
    parts = [items[start:end] for start, end in pairwise(places) if start < end]
    whole = [item for piece in in_reading_order([items] if items else []) for item in piece]
    assert [item for piece in in_reading_order(parts) for item in piece] == whole
    runs = [[item["n"] for item in run] for _, run in groupby(whole, key=lambda item: item["timestamp_ms"])]
    assert all(run in (sorted(run), sorted(run, reverse=True)) for run in runs)
    assert sorted(n for run in runs for n in run) == [*range(len(items))]
