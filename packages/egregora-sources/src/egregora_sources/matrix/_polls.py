"""Polls, whose votes are events of their own: they are counted before the poll is a row."""

import json
from dataclasses import dataclass, field
from typing import Any

from egregora_core.plugin.json_values import dict_of, text_of

from egregora_sources.matrix._content import extensible, relation
from egregora_sources.matrix._values import texts

_MOST = 10_000
"""Polls whose votes are awaited; those beyond are rows without votes."""
_START = ("m.poll.start", "org.matrix.msc3381.poll.start")
_VOTE = ("m.poll.response", "org.matrix.msc3381.poll.response")
_END = ("m.poll.end", "org.matrix.msc3381.poll.end")


@dataclass
class _Poll:
    row: dict[str, Any]
    question: str | None
    answers: dict[str, str]
    votes: dict[str, list[str]] = field(default_factory=dict)
    """By who voted: the last choice of each counts."""
    closed: bool = False

    def counted(self) -> dict[str, Any]:
        chosen = [answer for answers in self.votes.values() for answer in dict.fromkeys(answers)]
        options = [{"text": said, "votes": chosen.count(id_)} for id_, said in self.answers.items()]
        data: dict[str, Any] = {"question": self.question, "options": options, "closed": self.closed}
        return {**self.row, "data": json.dumps({key: value for key, value in data.items() if value is not None})}


class Polls:
    """The polls of an export that are not rows yet."""

    def __init__(self) -> None:
        self._polls: dict[tuple[str, str], _Poll] = {}
        self.lost = 0
        """Votes and ends of polls that the export does not hold."""

    def take(self, event: dict[str, Any], row: dict[str, Any]) -> dict[str, Any] | None:
        """Take an event of a poll; return a row where there is one at once."""
        kind, content = str(event.get("type")), dict_of(event.get("content"))
        if kind in _START:
            return self._start(content, row)
        poll = self._polls.get((row["thread"], text_of(relation(content).get("event_id")) or ""))
        if poll is None:
            self.lost += 1
        elif kind in _END:
            poll.closed = True
        else:
            poll.votes[row["author"] or ""] = _chosen(content)
        return None

    def _start(self, content: dict[str, Any], row: dict[str, Any]) -> dict[str, Any] | None:
        inner = next((dict_of(content[key]) for key in ("m.poll", *_START) if key in content), {})
        question = extensible(dict_of(inner.get("question"))) or text_of(dict_of(inner.get("question")).get("body"))
        answers = inner.get("answers")
        found = [dict_of(answer) for answer in (answers if isinstance(answers, list) else [])]
        named = {str(each.get("m.id") or each.get("id") or place): each for place, each in enumerate(found)}
        said = {id_: extensible(each) or text_of(each.get("body")) or "" for id_, each in named.items()}
        poll = _Poll({**row, "kind": "poll", "text": question or extensible(content)}, question, said)
        if row["msg_id"] is None or len(self._polls) >= _MOST:
            return poll.counted()
        self._polls[row["thread"], row["msg_id"]] = poll
        return None

    def rest(self) -> list[dict[str, Any]]:
        """Return the rows of all polls that were awaiting votes."""
        return [poll.counted() for poll in self._polls.values()]


def _chosen(content: dict[str, Any]) -> list[str]:
    if selections := texts(content.get("m.selections")):
        return selections
    return next((texts(dict_of(content[key]).get("answers")) for key in _VOTE if key in content), [])


def is_poll(kind: str) -> bool:
    """Tell whether an event is about a poll."""
    return kind in {*_START, *_VOTE, *_END}
