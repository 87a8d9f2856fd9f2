"""A chat about soup, answers of a model about it, and a workspace whose model a test chooses."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import duckdb
import egregora_llm
import pyarrow as pa
from egregora_core.pipeline import run_pipeline
from egregora_core.plugin import Unit
from egregora_core.plugins import App
from egregora_core.session import Command, RunOptions, Summary
from egregora_core.settings import load_settings

CHAT = """\
01/03/2024, 10:00 - Ana Reis: Shall we hike to the old mill on Sunday?
01/03/2024, 10:05 - Bo Quist: Yes, I bring the soup
01/03/2024, 10:07 - Ana Reis: The train leaves at 8:15
02/03/2024, 09:00 - Bo Quist: It rains, the mill is closed
02/03/2024, 09:10 - Ana Reis: Then we cook the soup at home
03/03/2024, 12:00 - Bo Quist: The soup was wonderful
"""
DAYS = 3


def told(*claims: tuple[str, list[int]], title: str = "About soup") -> str:
    """Return an answer of a model."""
    return json.dumps({"title": title, "claims": [{"text": text, "messages": cited} for text, cited in claims]})


GOOD = (
    told(("Somebody asks whether to hike to the old mill.", [1]), ("The soup will be brought.", [2])),
    told(("It rains, so the soup is cooked at home.", [1, 2])),
    told(("The soup was wonderful.", [1])),
)
"""An answer for each day of the chat, of which every claim holds."""


def chat_unit(
    texts: Sequence[str] = (), *, kind: Literal["window", "author"] = "window", author: str = "Quiet Otter"
) -> Unit:
    """Return a window about soup, or one with such texts, as a writer gets it."""
    texts = texts or ("Shall we hike to the old mill?", "Yes, I bring the soup on the hike", "The train leaves at 8:15")
    start = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)
    authors = [author if number % 2 or kind == "author" else "Amber Heron" for number in range(len(texts))]
    messages = pa.table(
        {
            "event_id": [f"{number:08x}-0000-4000-8000-000000000000" for number in range(len(texts))],
            "ts": pa.array(
                [start + timedelta(minutes=number) for number in range(len(texts))], pa.timestamp("us", "UTC")
            ),
            "author_raw": authors if author else [""] * len(texts),
            "text": list(texts),
        }
    )
    whose = UUID(int=7) if kind == "author" else None
    return Unit(kind, "key", None if whose else UUID(int=1), whose, start, start, "UTC", messages)


class Desk:
    """A workspace with the plugin and one chat, cut into days; the folder may hold what a run has left there."""

    def __init__(self, root: Path, base_url: str) -> None:
        self.root = root
        self.plugins = [egregora_llm]
        self.settings: dict[str, Any] = {
            "enabled": True,
            "model": "small",
            "base_url": base_url,
            "retries": 1,
            "timeout": 10,
        }
        self.chat = root / "WhatsApp Chat with Soup.txt"
        if not self.chat.exists():
            self.chat.write_text(CHAT, encoding="utf-8")

    def write_settings(self) -> None:
        lines = [f"{name} = {json.dumps(value)}" for name, value in self.settings.items()]
        text = "[windows]\nby = 'days'\nsize = 1\n[llm]\n" + "\n".join(lines) + "\n"
        (self.root / "egregora.toml").write_text(text, encoding="utf-8")

    def app(self) -> App:
        return App(plugins=self.plugins, discover=False)

    def run(self, **options: Any) -> Summary:
        self.write_settings()
        app = self.app()
        said = RunOptions(timezone="UTC", date_order="DMY", **options)
        return run_pipeline(Command(app, load_settings(self.root, app), said), [self.chat])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.root / ".egregora/egregora.duckdb", read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def facts(self, stage: str = "llm_posts") -> dict[str, Any]:
        """Return what the newest run of a writer recorded."""
        ((attrs,),) = self.rows(f"SELECT attrs::VARCHAR FROM runs WHERE stage = '{stage}' ORDER BY run_id DESC LIMIT 1")
        found: dict[str, Any] = json.loads(attrs)
        return found

    def bodies(self, writer: str = "llm_posts") -> list[str]:
        return [
            body for (body,) in self.rows(f"SELECT body FROM documents WHERE writer = '{writer}' ORDER BY window_start")
        ]


def without_model(root: Path) -> Path:
    """Make a workspace in which the chat has gone through all six steps, and no model was asked."""
    desk = Desk(root, "http://127.0.0.1:9/v1")
    desk.settings["enabled"] = False
    desk.run()
    return root
