"""Measure sources that read JSON against DuckDB's own `read_json` of the same file, in CPU seconds and memory.

    uv run --group bench python benchmarks/json_sources.py [--megabytes 100] [telegram slack …]

A row per platform. Each way reads in a process of its own, three times, in turns; the best time counts, without imports.
`source` is what a source and the host make of the file: checked Arrow tables of all columns. `read_json` finds the columns
out by itself, as a user would call it; `typed` is told all that the source reads. Memory is the process's at its peak.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_WORDS = "some words about nothing, "
_START = 1_714_557_600
_TIMES = 3


def telegram(path: Path, megabytes: int) -> None:
    """Write one chat as Telegram Desktop does, entities and indentation included."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n "name": "Bench",\n "type": "private_supergroup",\n "id": 1,\n "messages": [\n')
        for number in _until(file, megabytes):
            lines = json.dumps(_telegram_message(number), ensure_ascii=False, indent=1).split("\n")
            file.write((",\n" if number else "") + "\n".join(f"  {line}" for line in lines))
        file.write("\n ]\n}")


def _telegram_message(number: int) -> dict[str, Any]:
    words, link = _WORDS * (number % 9), {"type": "link", "text": "https://example.org/x"}
    linked = number % 8 == 2
    message: dict[str, Any] = {
        "id": number,
        "type": "message",
        "date": "2024-05-01T10:00:00",
        "date_unixtime": str(_START + number),
        "from": f"Person {number % 12}",
        "from_id": f"user{number % 12}",
    }
    if number % 10 == 0:
        message |= {"edited": "2024-05-01T10:00:00", "edited_unixtime": str(_START + number + 1)}
    if number % 5 == 0:
        message["reply_to_message_id"] = number - 1
    if number % 6 == 1:
        message |= {"photo": "photos/photo_1@01-05-2024.jpg", "photo_file_size": 12345, "width": 800, "height": 600}
    message["text"] = [words, link] if linked else words
    message["text_entities"] = [{"type": "plain", "text": words}] * bool(words) + [link] * linked
    if number % 7 == 0:
        who = {"from": "Person 3", "from_id": "user3", "date": "2024-05-01T10:00:00"}
        message["reactions"] = [{"type": "emoji", "count": 2, "emoji": "\U0001f44d", "recent": [who]}]
    return message


def slack(path: Path, megabytes: int) -> None:
    """Write one channel as Slack does, rich text included."""
    with path.open("w", encoding="utf-8") as file:
        file.write("[\n")
        for number in _until(file, megabytes):
            file.write((",\n" if number else "") + json.dumps(_slack_message(number), indent=4))
        file.write("\n]")


def _slack_message(number: int) -> dict[str, Any]:
    words, user = _WORDS * (1 + number % 9), f"U{number % 12:08}"
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    message: dict[str, Any] = {
        "client_msg_id": f"{number:032x}",
        "type": "message",
        "text": words + ("<@U00000003> &amp; <https://example.org/x|here>" if number % 8 == 0 else ""),
        "user": user,
        "ts": f"{_START + number}.000100",
        "blocks": [{"type": "rich_text", "block_id": "a1b2", "elements": [section]}],
        "team": "T00000001",
        "user_profile": {"real_name": f"Person {number % 12}", "display_name": "", "name": user, "team": "T00000001"},
    }
    if number % 5 == 0:
        message |= {"thread_ts": f"{_START + number - 1}.000100", "parent_user_id": "U00000001"}
    if number % 6 == 1:
        message["files"] = [
            {"id": "F1", "name": "a.png", "mimetype": "image/png", "size": 12345, "url_private": "https://x"}
        ]
    if number % 7 == 0:
        message["reactions"] = [{"name": "heart", "users": ["U00000003"], "count": 2}]
    if number % 10 == 0:
        message["edited"] = {"user": user, "ts": f"{_START + number + 1}.000000"}
    return message


def matrix(path: Path, megabytes: int) -> None:
    """Write one room as Element does."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n    "room_name": "Bench",\n    "room_creator": "Person 1",\n    "messages": [\n')
        for number in _until(file, megabytes):
            file.write((",\n" if number else "") + json.dumps(_matrix_event(number), indent=4))
        file.write("\n]}")


def _matrix_event(number: int) -> dict[str, Any]:
    target = {"event_id": f"${number - 1:043}"}
    event: dict[str, Any] = {
        "type": "m.room.message",
        "sender": f"@person{number % 12}:example.org",
        "content": {"msgtype": "m.text", "body": _WORDS * (1 + number % 9), "m.mentions": {}},
        "origin_server_ts": (_START + number) * 1000,
        "unsigned": {"membership": "join", "age": 1234567},
        "event_id": f"${number:043}",
        "room_id": "!bench:example.org",
    }
    if number % 5 == 0:
        event["content"]["m.relates_to"] = {"m.in_reply_to": target}
    if number % 6 == 1:
        info = {"mimetype": "image/png", "size": 12345, "w": 800, "h": 600}
        event["content"] = {"msgtype": "m.image", "body": "a.png", "url": "mxc://example.org/a", "info": info}
    if number % 7 == 0:
        reaction = {"m.relates_to": {"rel_type": "m.annotation", "key": "\U0001f44d", **target}}
        event |= {"type": "m.reaction", "content": reaction}
    return event


def google_chat(path: Path, megabytes: int) -> None:
    """Write one chat as Takeout does."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n  "messages": [')
        for number in _until(file, megabytes):
            file.write(("," if number else "") + json.dumps(_google_message(number), indent=2))
        file.write("]\n}")


def _google_message(number: int) -> dict[str, Any]:
    who = {"name": f"Person {number % 12}", "email": f"p{number % 12}@example.org", "user_type": "Human"}
    time_ = f"{number % 12 + 1}:{number // 60 % 60:02}:{number % 60:02} PM UTC"
    message: dict[str, Any] = {
        "creator": who,
        "created_date": f"Friday, May {number % 28 + 1}, 2024 at {time_}",
        "text": _WORDS * (1 + number % 9),
        "topic_id": f"t{number}",
        "message_id": f"AAAA/t{number}/t{number}",
    }
    if number % 6 == 1:
        message["attached_files"] = [{"original_name": "a.png", "export_name": "File-a.png"}]
    if number % 7 == 0:
        message["reactions"] = [{"emoji": {"unicode": "\U0001f44d"}, "reactor_emails": ["p3@example.org"]}]
    return message


def hangouts(path: Path, megabytes: int) -> None:
    """Write one conversation as Takeout does."""
    about = {"id": {"id": "C"}, "type": "GROUP", "participant_data": [{"id": _gaia(3), "fallback_name": "Person 3"}]}
    head = json.dumps({"conversation_id": {"id": "C"}, "conversation": about}, indent=2)
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"conversations": [{{"conversation": {head}, "events": [')
        for number in _until(file, megabytes):
            file.write(("," if number else "") + json.dumps(_hangouts_event(number), indent=2))
        file.write("]}]}")


def _gaia(number: int) -> dict[str, str]:
    return {"gaia_id": f"{10**20 + number}", "chat_id": f"{10**20 + number}"}


def _hangouts_event(number: int) -> dict[str, Any]:
    return {
        "conversation_id": {"id": "C"},
        "sender_id": _gaia(number % 12),
        "timestamp": str((_START + number) * 10**6),
        "self_event_state": {"user_id": _gaia(1), "notification_level": "RING"},
        "chat_message": {"message_content": {"segment": [{"type": "TEXT", "text": _WORDS * (1 + number % 9)}]}},
        "event_id": f"e{number}",
        "advances_sort_timestamp": True,
        "event_otr": "ON_THE_RECORD",
        "delivery_medium": {"medium_type": "BABEL_MEDIUM"},
        "event_type": "REGULAR_CHAT_MESSAGE",
    }


def _until(file: Any, megabytes: int) -> Iterator[int]:
    number = 0
    while file.tell() < megabytes << 20:
        yield number
        number += 1


_TELEGRAM = """columns = {name: 'VARCHAR', type: 'VARCHAR', id: 'BIGINT', messages: 'STRUCT(id BIGINT, type VARCHAR,
    date VARCHAR, date_unixtime VARCHAR, edited VARCHAR, edited_unixtime VARCHAR, "from" VARCHAR, from_id VARCHAR,
    reply_to_message_id BIGINT, photo VARCHAR, photo_file_size BIGINT, text JSON,
    text_entities STRUCT(type VARCHAR, text VARCHAR)[], reactions STRUCT(type VARCHAR, "count" INTEGER, emoji VARCHAR,
    recent STRUCT("from" VARCHAR, from_id VARCHAR, date VARCHAR)[])[])[]'}"""
_SLACK = """columns = {type: 'VARCHAR', subtype: 'VARCHAR', text: 'VARCHAR', "user": 'VARCHAR', ts: 'VARCHAR',
    thread_ts: 'VARCHAR', blocks: 'JSON', user_profile: 'STRUCT(real_name VARCHAR, display_name VARCHAR, name VARCHAR)',
    files: 'STRUCT(id VARCHAR, name VARCHAR, mimetype VARCHAR, size BIGINT, url_private VARCHAR)[]',
    reactions: 'STRUCT(name VARCHAR, users VARCHAR[], "count" INTEGER)[]', edited: 'STRUCT("user" VARCHAR, ts VARCHAR)'}"""
_MATRIX = """columns = {messages: 'STRUCT(type VARCHAR, sender VARCHAR, state_key VARCHAR, origin_server_ts BIGINT,
    event_id VARCHAR, room_id VARCHAR, unsigned JSON, content STRUCT(msgtype VARCHAR, body VARCHAR, url VARCHAR,
    formatted_body VARCHAR, info STRUCT(mimetype VARCHAR, size BIGINT), "m.relates_to" JSON, "m.mentions" JSON))[]'}"""
_GOOGLE_CHAT = """columns = {messages: 'STRUCT(creator STRUCT(name VARCHAR, email VARCHAR, user_type VARCHAR),
    created_date VARCHAR, "text" VARCHAR, topic_id VARCHAR, message_id VARCHAR,
    attached_files STRUCT(original_name VARCHAR, export_name VARCHAR)[],
    reactions STRUCT(emoji STRUCT(unicode VARCHAR), reactor_emails VARCHAR[])[])[]'}"""
_HANGOUTS = """columns = {conversations: 'STRUCT(events STRUCT(conversation_id STRUCT(id VARCHAR),
    sender_id STRUCT(gaia_id VARCHAR), "timestamp" VARCHAR, event_id VARCHAR, event_type VARCHAR,
    chat_message STRUCT(message_content STRUCT(segment STRUCT("type" VARCHAR, "text" VARCHAR)[])))[])[]'}"""
_IN_EVENTS = (
    "SELECT unnest(event) FROM (SELECT unnest(c.events) AS event FROM (SELECT unnest(conversations) AS c FROM {}))"
)
_IN_MESSAGES = "SELECT unnest(message) FROM (SELECT unnest(messages) AS message FROM {})"

PLATFORMS: dict[str, tuple[Callable[[Path, int], None], str, str, str]] = {
    "telegram": (telegram, "result.json", _TELEGRAM, _IN_MESSAGES),
    "matrix": (matrix, "export.json", _MATRIX, _IN_MESSAGES),
    "slack": (slack, "2024-05-01.json", _SLACK, "FROM {}"),
    "google_chat": (google_chat, "messages.json", _GOOGLE_CHAT, _IN_MESSAGES),
    "hangouts": (hangouts, "Hangouts.json", _HANGOUTS, _IN_EVENTS),
}
"""By platform: what writes an export, the file's name, the columns that the source reads, and the way to its messages."""
WAYS = ("source", "read_json", "typed")


def source(path: Path) -> tuple[float, int]:
    import pyarrow as pa
    from egregora_core.exports import Export
    from egregora_core.ingestion import choose_source, tables
    from egregora_core.plugins import App, ReadOptions

    pa.array([""])
    app = App()  # platforms of egregora-sources, too
    start = time.process_time()
    with Export(path) as export:
        spec = choose_source(app, export).spec
        reading = app.resolve(spec.read)(export, ReadOptions())
        count = sum(table.num_rows for table in tables(spec.name, reading))
    return time.process_time() - start, count


def read_json(path: Path, columns: str, query: str) -> tuple[float, int]:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SELECT 1")
    options = f"{columns}, " if columns else ""
    start = time.process_time()
    read = f"read_json('{path}', {options}maximum_object_size = 2000000000)"
    connection.execute(f"CREATE TABLE m AS {query.format(read)}")
    count = connection.execute("SELECT count(*) FROM m").fetchall()[0][0]
    return time.process_time() - start, int(count)


def _one(platform: str, way: str, path: Path) -> None:
    import resource

    _, _, columns, query = PLATFORMS[platform]
    seconds, count = source(path) if way == "source" else read_json(path, columns if way == "typed" else "", query)
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, count)


def measured(platform: str, path: Path) -> dict[str, tuple[float, int, int]]:
    """Return CPU seconds, peak memory in MB and the count of each way, of the best of its processes."""
    found: dict[str, list[tuple[float, int, int]]] = {way: [] for way in WAYS}
    for _ in range(_TIMES):
        for way in WAYS:
            command = [sys.executable, __file__, "--way", way, "--path", str(path), platform]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds, peak, count = done.stdout.split()
            found[way].append((float(seconds), int(peak), int(count)))
    return {way: min(times) for way, times in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("platforms", nargs="*", default=[*PLATFORMS])
    given = parser.parse_args()
    if given.way:
        _one(given.platforms[0], given.way, given.path)
        return
    for platform in given.platforms:
        write, name, _, _ = PLATFORMS[platform]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            write(path, given.megabytes)
            found = measured(platform, path)
        floor = found["read_json"][0]
        for way, (seconds, peak, count) in found.items():
            print(
                f"{platform:<10} {way:<10}{seconds:7.2f} s CPU {seconds / floor:6.2f} of read_json {peak:6,} MB {count:9,} messages"
            )


if __name__ == "__main__":
    main()
