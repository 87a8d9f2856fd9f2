"""Tests of what a source says that it supports: answers, edits, reactions, people and chats with ids, and so on."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path

import pytest

from egregora_devtools.conformance._source_base import Told, shown, what
from egregora_devtools.conformance._source_exports import Benches
from egregora_devtools.conformance._source_written import KeepsWhatIsWritten
from egregora_devtools.conformance.bench import Bench, Row
from egregora_devtools.conformance.conversation import everything, older_and_newer
from egregora_devtools.conformance.samples import MEMBERS, PEOPLE, Message

_ABOUT_SOMEBODY = ("join", "leave", "add", "remove")


class SaysWhatItSupports(KeepsWhatIsWritten):
    """What `supports` and `events` name comes out as it went in."""

    def _asks_for(self, *features: str) -> None:
        if not self.supports.intersection(features):
            pytest.skip(f"not in `supports`: {', '.join(features)}")

    def test_kinds_are_right(self, conformance_input: Told) -> None:
        """Each message is of its kind."""
        for message, row in conformance_input.of():
            kind = row["attrs"]["kind"]
            assert kind == message.kind, f"{what(message)} is stored as of kind {kind!r}"

    def test_answers_lead_to_their_message(self, conformance_input: Told) -> None:
        """`reply_to` and `thread_root` are the message that was meant."""
        self._asks_for("reply", "thread")
        ids = {message.id: row["event_id"] for message, row in conformance_input.of()}
        for field in ("reply_to", "thread_root"):
            for message, row in conformance_input.of(attrgetter(field)):
                found = row["attrs"].get(field)
                assert found, f"{what(message)} has no {field}: give the msg_id of the message that is meant"
                assert found == ids[getattr(message, field)], f"{field} is not the msg_id of the message that is meant"

    def test_edits_are_marked(self, conformance_input: Told) -> None:
        """A message that was edited says so, and when, where the platform knows."""
        self._asks_for("edit")
        for message, row in conformance_input.of(lambda message: message.edited_at):
            assert row["attrs"].get("edited"), "an edited message is not marked: give `edited_at`, or `edited`"
            assert message.edited_at is not None
            if when := row["attrs"].get("edited_at"):
                assert shown(when, self.precision) == shown(message.edited_at, self.precision), "edited at another time"

    def test_reactions_are_there(self, conformance_input: Told) -> None:
        """Each emoji, as often as it was given."""
        self._asks_for("reaction")
        for message, row in conformance_input.of(lambda message: message.reactions):
            found, wanted = _reactions(row), sorted(Counter(each.emoji for each in message.reactions).values())
            assert found == wanted, f"reactions are there {found} times instead of {wanted}"
            nobodys = [each for each in row["attrs"]["reactions"] if not (each.get("author") or each.get("count"))]
            assert not nobodys, f"{len(nobodys)} reactions have neither an author nor a count"

    def test_mentions_and_forwards_are_there(self, conformance_input: Told) -> None:
        """Whom a message mentions, and that it was forwarded."""
        self._asks_for("mention", "forward")
        for message, row in conformance_input.of(lambda message: message.mentions and message.kind == "text"):
            found = row["attrs"].get("mentions", [])
            assert len(set(found)) == len(message.mentions), f"{len(found)} mentions instead of {len(message.mentions)}"
        for _message, row in conformance_input.of(lambda message: message.forwarded_from):
            assert row["attrs"].get("forwarded_from"), "a forwarded message is not marked: give `forwarded_from`"

    def test_media_have_their_names(self, conformance_input: Told) -> None:
        """Attached files are named, all of them."""
        self._asks_for("media", "album", "sticker")
        for message, row in conformance_input.of(lambda message: message.media):
            assert _files(row) == list(message.media), (
                f"{what(message)}: {len(message.media)} files, but not their names"
            )

    def test_data_is_there(self, conformance_input: Told) -> None:
        """Calls, polls, locations and contacts say in `data` what the platform says."""
        self._asks_for("call", "poll", "location", "contact")
        for message, row in conformance_input.of(lambda message: message.data):
            found = row["attrs"].get("data") or {}
            assert found, f"{what(message)} has no `data`: see DATA_SHAPES"
            other = [key for key, value in found.items() if value is not None and value != message.data.get(key, value)]
            assert not other, f"{what(message)} has other `data`: {', '.join(other)}"

    def test_events_say_what_happened(self, conformance_input: Told) -> None:
        """A line of the platform is nobody's, and says what happened and to whom."""
        if not self.events:
            pytest.skip("events = ()")
        for message, row in conformance_input.of(lambda message: message.event):
            found = row["attrs"].get("event")
            assert found == message.event, f"a line about {message.event!r} has the event {found!r}"
            assert row["author_raw"] == "", f"a line about {message.event!r} has an author: leave it null"
            if message.event in _ABOUT_SOMEBODY:
                assert row["attrs"].get("mentions"), f"a line about {message.event!r} does not say who: give `mentions`"

    def test_people_are_told_apart_by_their_ids(self, conformance_input: Told) -> None:
        """Two of one name stay two, and are called by their name."""
        self._asks_for("people")
        people: dict[str, set[str]] = {}
        for message, row in conformance_input.of(lambda message: message.person):
            assert row["author_raw"] == message.author, "an author has another name: tell it by `Reading.people`"
            people.setdefault(message.person, set()).add(row["author_uuid"])
        assert all(len(ids) == 1 for ids in people.values()), "one person is several: give their id as `author`"
        assert len(set.union(*people.values())) == len(people), (
            f"{len(people)} people, of whom two have one name, are {len(set.union(*people.values()))}: give the "
            "platform's ids as `author`, and `Reading.people`"
        )

    def test_people_who_never_write_are_known(self, conformance_input: Told) -> None:
        """Whoever an export names is masked in texts; so the source tells all of them."""
        self._asks_for("members")
        missing = set(MEMBERS.values()) - conformance_input.names
        assert not missing, "somebody whom the export names, but who never writes, is missing in `Reading.people`"

    def test_chats_are_told_apart_by_their_ids(self, conformance_input: Told) -> None:
        """Two of one title stay two, and are called by their titles."""
        self._asks_for("chats")
        chats: dict[str, set[str]] = {}
        for message, row in conformance_input.of():
            assert row["attrs"]["thread"] == message.title, "a chat has another title: tell it by `Reading.threads`"
            chats.setdefault(message.chat, set()).add(row["thread_id"])
        assert [len(ids) for ids in chats.values()] == [1] * len(chats), "one chat is several: give its id as `thread`"
        assert len(set.union(*chats.values())) == len(chats), (
            f"{len(chats)} chats, of which two have one title, are {len(set.union(*chats.values()))}: give the "
            "platform's ids as `thread`, and `Reading.threads`"
        )

    def test_ids_of_messages_are_the_platforms(self, benches: Benches, tmp_path: Path) -> None:
        """Messages whose text is another in the next export are the same messages, by their ids; also of twins."""
        self._asks_for("ids")
        bench, wordings = next(benches), (["one", "two"], ["another wording", "two", "three"])
        bench.ingest(*(self.written(tmp_path / str(len(bodies)), self.chat(bodies)) for bodies in wordings))
        found = len(bench.messages())
        assert found == len(self.chat(["1", "2", "3"])), f"{found} rows of 4: give the platform's ids as `msg_id`"

    def test_newer_exports_count_in_either_order(self, benches: Benches, tmp_path: Path) -> None:
        """What a later export says holds, be it ingested before or after an earlier one."""
        self._asks_for("edit", "reaction", "delete", "media", "people", "chats")
        older, newer = older_and_newer(self.platform)
        paths = [self.written(tmp_path / "older", older), self.written(tmp_path / "newer", newer)]
        for how, order in (("after", paths), ("before", paths[::-1])):
            bench = next(benches)
            bench.ingest(*order)
            self._as_in(newer, bench.messages(), f"a later export ingested {how} an earlier one")

    def _as_in(self, messages: Sequence[Message], found: Sequence[Row], when: str) -> None:
        assert len(found) == len(messages), f"{when}: {len(found)} rows instead of {len(messages)}"
        for row, message in zip(found, messages, strict=True):
            said = f"{when}: of {what(message)}, the"
            assert row["text"] == message.text, f"{said} text is not the later export's"
            assert row["attrs"]["kind"] == message.kind, f"{said} kind is not the later export's"
            assert row["author_raw"] == message.author, f"{said} author has not the later export's name"
            assert bool(row["attrs"].get("edited")) == bool(message.edited_at), f"{said} mark of edits is wrong"
            wanted = sorted(Counter(each.emoji for each in message.reactions).values())
            assert _reactions(row) == wanted, f"{said} reactions are not the later export's"
            assert _files(row) == list(message.media), f"{said} files are not the later export's"
            if "chats" in self.supports:
                assert row["attrs"]["thread"] == message.title, f"{said} chat has not the later export's title"

    def test_no_name_gets_out(self, tmp_path: Path) -> None:
        """After privacy, no column and no attribute has a name of those whom the export names."""
        names = dict.fromkeys(PEOPLE.values())
        if "members" in self.supports:
            names |= dict.fromkeys(MEMBERS.values())
        bench = Bench(tmp_path / "masked", self.app("summary", "markdown"), self.settings, self.options)
        bench.run(self.written(tmp_path, everything(self.platform, [f"ask {name} about it" for name in names])))
        rows = bench.rows("stage_privacy")
        assert rows
        for row in rows:
            for column, value in row.items():
                named = sum(name in str(value) for name in names)
                assert not named, f"column {column!r} holds a name after privacy: give all names by `Reading.people`"


def _files(row: Row) -> list[str]:
    """Return the names of a stored message's files, without where they lie."""
    media = [each for each in (row["attrs"].get("media"), *row["attrs"].get("more_media", [])) if each]
    return [(each.get("name") or "").rpartition("/")[2] for each in media]


def _reactions(row: Row) -> list[int]:
    """Return how often each emoji of a stored message was given, the rarest first."""
    counts: Counter[str] = Counter()
    for each in row["attrs"].get("reactions") or []:
        counts[each["emoji"]] += each.get("count") or 1
    return sorted(counts.values())


__all__ = ["SaysWhatItSupports"]
