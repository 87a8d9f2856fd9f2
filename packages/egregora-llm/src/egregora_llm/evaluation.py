"""How good what a model wrote is, by a fixed rubric: nothing is asked of any model.

A claim is supported where the messages that it cites hold its numbers, people and names, and a third of its long words.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from egregora_llm.answers import share_of_words, unsupported
from egregora_llm.chat import Message, as_data
from egregora_llm.names import Background

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
    claimed = [attrs.get("claims", []) for _, attrs, _ in documents]
    claims = [claim for each in claimed for claim in each]
    cited = _messages(workspace, {event for claim in claims for event in claim["messages"]})
    covered = {attrs.get("unit") for writer, attrs, _ in documents if writer == WRITERS[0]}
    return Evaluation(
        len(documents),
        _windows(workspace),
        len(covered),
        len(claims),
        sum(supported(each, cited) for each in claimed),
        sum(_names_anybody(_names(workspace), text) for _, _, text in documents),
    )


def supported(claims: Sequence[Mapping[str, Any]], messages: Mapping[str, Message]) -> int:
    """Return how many claims of one document the messages hold that these claims cite, by the rubric."""
    cited = [[messages[event] for event in claim["messages"] if event in messages] for claim in claims]
    said = " ".join(claim["text"] for claim in claims)
    background = Background.of([message for each in cited for message in each], said)
    return sum(
        bool(each)
        and not unsupported(claim["text"], each, background)
        and share_of_words(claim["text"], each) >= _ENOUGH
        for claim, each in zip(claims, cited, strict=True)
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
