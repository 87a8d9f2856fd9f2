"""A writer and a publisher."""

from collections.abc import Iterator, Mapping
from typing import Any

from egregora_core.plugin import Document, PublishedFile, Unit


def count(unit: Unit) -> Iterator[Document]:
    """Write one document a window: how many messages it has."""
    day = unit.window_start.date().isoformat()
    slug = f"count-{day}-{str(unit.thread_id)[:8]}-{unit.key[-6:]}"
    yield Document("count", slug, f"Count of {day}", f"{unit.messages.num_rows} messages\n")


def publish_titles(documents: Iterator[Mapping[str, Any]]) -> Iterator[PublishedFile]:
    yield PublishedFile("titles.txt", "".join(f"{document['title']}\n" for document in documents))
