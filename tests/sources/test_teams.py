"""Teams and Skype: the personal export, and messages of Microsoft Graph."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from egregora_sources import teams
from egregora_sources.teams._html import _Parser, plain
from hypothesis import given, settings
from hypothesis import strategies as st
from more_platforms import Read, Shelf, put
from mutations import damaged, odd_values, read_or_refused, run_or_refused, several


def said(n: int, kind: str, content: str, sender: str = "8:live:ana", name: str = "Ana Kelemen", **more: Any) -> Any:
    return {
        "id": str(1600000000000 + n * 1000),
        "displayName": name,
        "originalarrivaltime": f"2020-09-13T12:26:{40 + n:02}.5Z",
        "messagetype": kind,
        "version": 1600000000000,
        "content": content,
        "conversationid": "19:abc@thread.skype",
        "from": sender,
        "properties": more or None,
        "amsreferences": None,
    }


MESSAGES = [
    said(1, "RichText", 'hello &amp; <b>zanzibar</b> <a href="http://a.example">http://a.example</a>\nnext'),
    said(
        2,
        "RichText",
        '<quote author="ana" messageid="1600000001000"><legacyquote>[1] Ana: </legacyquote>hello</quote>I agree',
        "8:bo",
        "Bo Quarrel",
    ),
    said(
        3,
        "RichText/UriObject",
        '<URIObject type="Picture.1" uri="https://s.example/0">To view it, go to: <a href="x">x</a>'
        '<OriginalName v="a.jpg"/><FileSize v="1234"/></URIObject>',
    ),
    said(
        4,
        "Event/Call",
        '<partlist type="ended"><part identity="8:bo"><name>Bo</name><duration>125.4</duration></part></partlist>',
    ),
    said(5, "Event/Call", '<partlist type="missed"><part identity="8:bo"><name>Bo</name></part></partlist>'),
    said(
        6,
        "ThreadActivity/AddMember",
        "<addmember><initiator>8:live:ana</initiator><target>8:cy</target><target>8:dee</target></addmember>",
    ),
    said(
        7,
        "ThreadActivity/DeleteMember",
        "<deletemember><initiator>8:cy</initiator><target>8:cy</target></deletemember>",
    ),
    said(8, "ThreadActivity/TopicUpdate", "<topicupdate><initiator>8:bo</initiator><value>Yard</value></topicupdate>"),
    said(
        9,
        "RichText/Location",
        '<location latitude="52520008" longitude="13404954"><a href="https://m.example">Berlin</a></location>',
    ),
    said(10, "RichText/Contacts", '<contacts><c t="p" s="+15550100" f="Eve Z"/></contacts>'),
    said(11, "RichText", "gone", deletetime="1600000009999"),
    said(
        12,
        "RichText",
        'edited<e_m ts="1" a="ana" t="61"></e_m>',
        edittime="1600000013000",
        emotions=[{"key": "like", "users": [{"mri": "8:bo", "time": 1600000014000}]}],
    ),
    said(
        13,
        "RichText/Html",
        '<div>\n<blockquote itemtype="http://schema.skype.com/Reply" itemid="1600000001000"><p>hello</p></blockquote>'
        '\n<p>hi <span itemtype="http://schema.skype.com/Mention" itemid="0">Bo</span></p>\n<p>two&nbsp;'
        "lines</p></div>",
        mentions=json.dumps([{"itemid": "0", "mri": "8:bo", "displayName": "Bo Quarrel"}]),
    ),
    said(14, "Text", "a < b & <i>c</i>"),
    said(15, "RichText/Unheard", "<x>kept</x>"),
]
PERSONAL = {
    "userId": "8:live:ana",
    "exportDate": "2021-01-01T10:00",
    "conversations": [
        {
            "id": "19:abc@thread.skype",
            "displayName": "Plaza",
            "version": 1,
            "properties": {"conversationblocked": False},
            "threadProperties": {"membercount": 3, "members": '["8:live:ana","8:quentin.lurker"]'},
            "MessageList": MESSAGES[::-1],
        }
    ],
}


def test_messages_of_the_personal_export_are_read(tmp_path: Path) -> None:
    """HTML becomes text; replies, files, calls, places, contacts, deletions and edits become what they are."""
    read = Read(teams, put(tmp_path, "messages.json", json.dumps(PERSONAL)))
    assert read.recognised.sure == "certain"
    rows = read.rows[::-1]
    assert [(row["kind"], row["event"], row["text"]) for row in rows] == [
        ("text", None, "hello & zanzibar http://a.example\nnext"),
        ("text", None, "I agree"),
        ("media", None, None),
        ("call", None, None),
        ("call", None, None),
        ("system", "add", None),
        ("system", "leave", None),
        ("system", "rename", "Yard"),
        ("location", None, None),
        ("contact", None, None),
        ("deleted", None, None),
        ("text", None, "edited"),
        ("text", None, "hi Bo\ntwo lines"),
        ("text", None, "a < b & <i>c</i>"),
        ("text", None, "kept"),
    ]
    assert rows[0]["ts"] == "2020-09-13 12:26:41"
    assert rows[1]["reply_to"] == rows[12]["reply_to"] == "1600000001000"
    assert rows[2]["media"] == [
        {"name": "a.jpg", "url": "https://s.example/0", "type": "image/jpeg", "size": 1234, "missing": None}
    ]
    assert [json.loads(rows[place]["data"]) for place in (3, 4, 8, 9)] == [
        {"missed": False, "seconds": 125},
        {"missed": True},
        {"latitude": 52.520008, "longitude": 13.404954, "name": "Berlin"},
        {"name": "Eve Z", "phones": ["+15550100"]},
    ]
    assert rows[5]["mentions"] == ["8:cy", "8:dee"]
    assert f"{rows[11]['edited_at']:%H:%M:%S}" == "12:26:53"
    assert [(one["emoji"], one["author"]) for one in rows[11]["reactions"]] == [("👍", "8:bo")]
    assert rows[12]["mentions"] == ["8:bo"]


def test_the_tar_that_skype_makes_is_read(tmp_path: Path) -> None:
    """Beside media, whose content does not matter."""
    folder = put(tmp_path, "export/messages.json", json.dumps(PERSONAL))
    put(tmp_path, "export/media/0-1-a.jpg", b"x")
    with tarfile.open(tmp_path / "8_live_ana_export.tar", "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.add(path, path.relative_to(folder))
    assert Read(teams, tmp_path / "8_live_ana_export.tar").rows == Read(teams, folder).rows


def test_conversations_and_people_have_names(tmp_path: Path) -> None:
    """Members who never write are people, called by what their id says."""
    read = Read(teams, put(tmp_path, "messages.json", json.dumps(PERSONAL)))
    assert (read.threads["19:abc@thread.skype"].title, read.threads["19:abc@thread.skype"].kind) == ("Plaza", "group")
    assert read.people["8:live:ana"].names == ["Ana Kelemen", "ana"]
    assert read.people["8:quentin.lurker"].names == ["quentin.lurker"]


def by(id_: str, name: str | None) -> dict[str, Any]:
    return {"application": None, "device": None, "user": {"id": id_, "displayName": name}}


GRAPH: list[dict[str, Any]] = [
    {
        "id": "1616",
        "replyToId": None,
        "etag": "1616",
        "messageType": "message",
        "createdDateTime": "2021-03-28T03:22:18.123Z",
        "lastEditedDateTime": "2021-03-28T03:30:00Z",
        "deletedDateTime": None,
        "subject": "Plan",
        "chatId": "19:x",
        "from": by("u1", "Ana Kelemen"),
        "body": {"contentType": "html", "content": '<p>Hello <at id="0">Bo</at></p><attachment id="a1"></attachment>'},
        "attachments": [{"id": "a1", "contentType": "reference", "contentUrl": "https://s.example/x", "name": "x.pdf"}],
        "mentions": [{"id": 0, "mentionText": "Bo", "mentioned": by("u2", "Bo Quarrel")}],
        "reactions": [{"reactionType": "like", "createdDateTime": "2021-03-28T03:23:18Z", "user": by("u2", None)}],
        "replies": [
            {
                "id": "1617",
                "replyToId": "1616",
                "createdDateTime": "2021-03-28T03:25:00Z",
                "from": by("u2", "Bo Quarrel"),
                "body": {"contentType": "text", "content": "<ok> & so"},
            }
        ],
    },
    {
        "id": "1618",
        "messageType": "systemEventMessage",
        "createdDateTime": "2021-03-28T04:22:18Z",
        "chatId": "19:x",
        "from": None,
        "body": {"contentType": "html", "content": "<systemEventMessage/>"},
        "eventDetail": {
            "@odata.type": "#microsoft.graph.membersAddedEventMessageDetail",
            "members": [{"id": "u3", "displayName": "Cy"}],
            "initiator": by("u1", None),
        },
    },
    {
        "id": "1619",
        "messageType": "message",
        "createdDateTime": "2021-03-28T05:00:00Z",
        "deletedDateTime": "2021-03-28T06:00:00Z",
        "chatId": "19:x",
        "from": by("u2", None),
        "body": {"content": ""},
    },
]


@pytest.mark.parametrize(
    "shape", [GRAPH, {"@odata.context": "x", "value": GRAPH}, {"messages": GRAPH}, {"Messages": GRAPH}]
)
def test_messages_of_graph_are_read(tmp_path: Path, shape: Any) -> None:
    """In an array, or in the answer to a request; replies that were expanded in a message are messages."""
    read = Read(teams, put(tmp_path, "chat.json", json.dumps(shape)))
    assert read.recognised.sure == "certain"
    first, reply, event, gone = read.rows
    assert (first["text"], first["kind"], first["mentions"]) == ("Plan\nHello Bo", "media", ["u2"])
    assert f"{first['edited_at']:%H:%M}" == "03:30"
    assert first["reactions"][0]["emoji"] == "👍"
    assert (reply["text"], reply["reply_to"], reply["author"]) == ("<ok> & so", "1616", "u2")
    assert (event["event"], event["mentions"], event["author"]) == ("add", ["u3"], None)
    assert (gone["kind"], gone["author"]) == ("deleted", "u2")
    assert read.people["u2"].names == ["Bo Quarrel"]


@pytest.mark.parametrize("around", ["messages", "Messages", "value"])
def test_one_message_by_itself_is_read(tmp_path: Path, around: str) -> None:
    """As an answer to a request for one has it: no list around it."""
    found = Read(teams, put(tmp_path, "m.json", json.dumps({around: GRAPH[0]})))
    assert found.rows[0]["msg_id"] == GRAPH[0]["id"]


@pytest.mark.parametrize("around", ["messages", "Messages", ""])
def test_messages_as_the_web_app_gets_them_are_read(tmp_path: Path, around: str) -> None:
    """Those of the personal export, whose chat only they name; who wrote is the end of a link."""
    message = {
        "id": "1619863200000",
        "clientmessageid": "1",
        "composetime": "2021-05-01T10:00:00.0000000Z",
        "originalarrivaltime": "2021-05-01T10:00:00.0000000Z",
        "content": "<div>hello</div>",
        "conversationid": "19:abc@thread.tacv2",
        "from": "https://teams.example/v1/users/ME/contacts/8:orgid:111",
        "imdisplayname": "Ana",
        "messagetype": "RichText/Html",
        "properties": {},
    }
    read = Read(teams, put(tmp_path, "messages.json", json.dumps({around: [message]} if around else [message])))
    (row,) = read.rows
    assert (read.recognised.sure, row["ts"], row["text"]) == ("certain", "2021-05-01 10:00:00", "hello")
    assert (row["thread"], row["author"]) == ("19:abc@thread.tacv2", "8:orgid:111")
    assert read.people["8:orgid:111"].names[0] == "Ana"


def test_all_pages_of_a_long_chat_are_read(tmp_path: Path) -> None:
    """Scripts write a file for each page that they got; a folder has as many as it takes."""
    for n in range(130):
        put(tmp_path, f"chat/messages-{n:05}.json", json.dumps([{**GRAPH[0], "id": f"m{n}"}]))
    assert {f"m{n}" for n in range(130)} <= {row["msg_id"] for row in Read(teams, tmp_path / "chat").rows}


@pytest.mark.slow  # several whole commands
def test_no_name_gets_out(tmp_path: Path) -> None:
    """Neither of who writes, nor of who is only a member."""
    told = json.loads(json.dumps(PERSONAL))
    told["conversations"][0]["MessageList"].append(said(20, "RichText", "ask quentin.lurker or Bo Quarrel"))
    shelf = Shelf(tmp_path)
    shelf.run(put(tmp_path, "messages.json", json.dumps(told)))
    found = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s"))
    assert not [name for name in ("Kelemen", "Quarrel", "lurker", "5550100", "Plaza") if name in found]


def test_the_same_twice_adds_nothing(tmp_path: Path) -> None:
    """A later export updates what was edited."""
    later = json.loads(json.dumps(PERSONAL)) | {"exportDate": "2022-01-01T10:00"}
    later["conversations"][0]["MessageList"][-1]["content"] = "other words"
    shelf = Shelf(tmp_path)
    shelf.ingest(put(tmp_path, "a.json", json.dumps(PERSONAL)), put(tmp_path, "b.json", json.dumps(later)))
    assert len(shelf.messages()) == len(MESSAGES)
    assert shelf.messages()[0][2] == "other words"


@given(export=odd_values(PERSONAL))
def test_odd_values_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, export: Any) -> None:
    """No value, wherever it stands, gives another error than ours."""
    path = tmp_path_factory.mktemp("odd") / "messages.json"
    path.write_text(json.dumps(export))
    read_or_refused(teams, path)


@given(messages=odd_values(GRAPH))
def test_odd_values_of_graph_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, messages: Any) -> None:
    """The same for messages of Graph."""
    path = tmp_path_factory.mktemp("odd") / "graph.json"
    path.write_text(json.dumps(messages))
    read_or_refused(teams, path)


@given(content=damaged(json.dumps(PERSONAL).encode()))
def test_damaged_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Truncated, overwritten, in another encoding."""
    path = tmp_path_factory.mktemp("damaged") / "messages.json"
    path.write_bytes(content)
    read_or_refused(teams, path)


@pytest.mark.slow  # each example is a whole run of the app
@settings(max_examples=2)
@given(exports=several(st.one_of(odd_values(PERSONAL), odd_values(GRAPH))))
def test_odd_values_go_through_a_run_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, exports: list[Any]
) -> None:
    """Whatever is let through can be stored, masked and published."""
    run_or_refused(teams, tmp_path_factory.mktemp("run"), "messages.json", (json.dumps(each) for each in exports))


@given(
    st.lists(
        st.sampled_from(
            ["<b>", "</b>", "<I>", "</strong>", "&amp;", "&am", "p;", " ", "  ", "\n", "\r\n", "x", "<", "&"]
        )
    ).map("".join),
    st.booleans(),
)
def test_tags_of_looks_are_passed_over_as_a_parser_does(html: str, spaces: bool) -> None:  # noqa: FBT001 - given by hypothesis
    """The quick way says what the long way says, wherever it takes a text."""
    parser = _Parser(spaces=spaces)
    parser.feed(html)
    parser.close()
    text = plain(html, spaces=spaces)
    if text is not None and ("<" in html or "&" in html):
        assert text == parser.done().text
