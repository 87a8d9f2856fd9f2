"""How good what a model wrote is, by a fixed rubric: nothing is asked of any model.

A claim is supported where the messages that it cites hold its numbers, people and names, and a third of its long words.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from egregora_llm.answers import share_of_words, unsupported, writes_nouns_so
from egregora_llm.chat import Message, as_data

if TYPE_CHECKING:
    from egregora_core.plugin.commands import PluginWorkspace

WRITERS = ("llm_posts", "llm_profiles")
_ENOUGH = 1 / 3
_SHORTEST = 3


@dataclass(frozen=True)
class Evaluation:
    """What the rubric found."""

    documents: int
    windows: int | None
    """Windows that there were in the last run; None where nothing ran."""
    windows_covered: int
    claims: int
    claims_supported: int
    names_leaked: int
    """Documents that hold a name of somebody, as an export has it."""

    def facts(self) -> dict[str, Any]:
        share = None if not self.claims else round(self.claims_supported / self.claims, 3)
        covered = None if not self.windows else round(self.windows_covered / self.windows, 3)
        return {
            "documents": self.documents,
            "windows": self.windows,
            "windows covered": covered,
            "claims": self.claims,
            "claims supported": share,
            "names leaked": self.names_leaked,
        }


def evaluate(workspace: "PluginWorkspace") -> Evaluation:
    """Look at all that the model's writers made in an open workspace."""
    rows = workspace.connection.execute(
        "SELECT writer, attrs::VARCHAR, title, body FROM documents WHERE tenant_id = ? AND writer IN (?, ?)",
        [workspace.tenant, *WRITERS],
    ).fetchall()
    documents = [(writer, json.loads(attrs or "{}"), f"{title}\n{body}") for writer, attrs, title, body in rows]
    claims = [claim for _, attrs, _ in documents for claim in attrs.get("claims", ())]
    cited = _messages(workspace, {event for claim in claims for event in claim["messages"]})
    covered = {attrs.get("unit") for writer, attrs, _ in documents if writer == WRITERS[0]}
    return Evaluation(
        len(documents),
        _windows(workspace),
        len(covered),
        len(claims),
        sum(is_supported(claim, cited) for claim in claims),
        sum(_names_anybody(_names(workspace), text) for _, _, text in documents),
    )


def is_supported(claim: Mapping[str, Any], messages: Mapping[str, Message]) -> bool:
    """Tell whether the messages that a claim cites hold it, by the rubric."""
    cited = [messages[event] for event in claim["messages"] if event in messages]
    if not cited:
        return False
    capitals = writes_nouns_so(messages.values())
    return (
        not unsupported(claim["text"], cited, list(messages.values()), capitals=capitals)
        and share_of_words(claim["text"], cited) >= _ENOUGH
    )


def _messages(workspace: "PluginWorkspace", events: set[str]) -> dict[str, Message]:
    if not events:
        return {}
    table = workspace.messages()
    rows = table.filter(table.event_id.cast("string").isin(sorted(events))).select(
        event_id=table.event_id.cast("string"), ts=table.ts, author_raw=table.author_raw, text=table.text
    )
    return {
        row["event_id"]: Message(
            0, row["event_id"], row["ts"].astimezone(UTC), as_data(row["author_raw"] or ""), as_data(row["text"] or "")
        )
        for row in rows.to_pyarrow().to_pylist()
    }


def _windows(workspace: "PluginWorkspace") -> int | None:
    found = workspace.connection.execute(
        "SELECT (attrs->>'num_windows')::BIGINT FROM runs WHERE tenant_id = ? AND stage = ? "
        "AND (attrs->>'num_windows') IS NOT NULL ORDER BY run_id DESC LIMIT 1",
        [workspace.tenant, WRITERS[0]],
    ).fetchone()
    return None if found is None else int(found[0])


def _names(workspace: "PluginWorkspace") -> Sequence[str]:
    found = workspace.connection.execute(
        "SELECT DISTINCT author_raw FROM ir_messages WHERE tenant_id = ? AND length(author_raw) >= ?",
        [workspace.tenant, _SHORTEST],
    ).fetchall()
    return [name for (name,) in found]


def _names_anybody(names: Sequence[str], text: str) -> bool:
    if not names:
        return False
    whole = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.search(rf"(?<!\w)(?:{whole})(?!\w)", text, re.IGNORECASE) is not None
