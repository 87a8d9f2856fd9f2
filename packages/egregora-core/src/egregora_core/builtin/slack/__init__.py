"""Slack's exports: of a workspace or an Enterprise organisation, of slackdump, or the messages of one channel and day.

Owns the way from these to messages: `_layout` (which channel does a file belong to?), `_message` and `_words` (what
does it say?). Promises that channels and people are known by Slack's ids wherever the export has them.
"""

from collections.abc import Sequence

from egregora_core.plugin import SourceSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [
        SourceSpec(
            name="slack",
            recognise="egregora_core.builtin.slack._source:recognise",
            read="egregora_core.builtin.slack._source:read",
            title="Slack",
            accepts="a workspace's export (zip or folder), a dump of slackdump, or one day of a channel",
        )
    ]
