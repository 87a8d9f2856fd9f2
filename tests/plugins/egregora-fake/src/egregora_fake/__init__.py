"""A third party's plugin that uses every hook. Until `[fake] enabled = true` a run is as if it were not installed."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.plugin import (
    CommandSpec,
    EngineSpec,
    PublisherSpec,
    SettingsSpec,
    SourceSpec,
    StageSpec,
    TableSpec,
    WriterSpec,
    hookimpl,
)

if TYPE_CHECKING:
    from egregora_core.plugin import Run

EGREGORA_API = 1


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [SourceSpec("fake", recognise="egregora_fake.source:recognise", read="egregora_fake.source:read")]


@hookimpl
def register_stages() -> Sequence[StageSpec]:
    return [
        StageSpec(
            "fake_words",
            step="enrichment",
            version="1",
            function="egregora_fake.stages:replace_words",
            row_wise=True,
            reads=("fake_words",),
        ),
        StageSpec("fake_titles", step="curation", version="1", function="egregora_fake.stages:sign_titles"),
    ]


@hookimpl
def register_writers() -> Sequence[WriterSpec]:
    return [WriterSpec("fake_counts", unit="window", version="1", function="egregora_fake.documents:count")]


@hookimpl
def register_publishers() -> Sequence[PublisherSpec]:
    return [PublisherSpec("fake_titles", version="1", function="egregora_fake.documents:publish_titles")]


@hookimpl
def register_engines() -> Sequence[EngineSpec]:
    return [EngineSpec("fake", connect="egregora_fake.engine:connect")]


@hookimpl
def register_tables() -> Sequence[TableSpec]:
    return [TableSpec("fake_words", schema="egregora_fake.stages:WORDS", key=("tenant_id", "word"))]


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec("egregora_fake.settings:FakeSettings")


@hookimpl
def register_commands() -> Sequence[CommandSpec]:
    return [CommandSpec("fake", target="egregora_fake.commands:app", help="Words that the fake plugin replaces.")]


@hookimpl
def run_started(run: "Run") -> None:
    _note("started", run)


@hookimpl
def run_finished(run: "Run") -> None:
    _note(run.status, run)


def _note(what: str, run: "Run") -> None:
    """Write one line a run into the file that FAKE_LOG names."""
    if path := os.environ.get("FAKE_LOG"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{run.step}/{run.stage} {what}\n")
