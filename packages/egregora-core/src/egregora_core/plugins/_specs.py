"""What a plugin hands to the host: plain descriptions whose `"package.module:attr"` strings are imported on first use.

Importing this module costs nothing heavy, so a plugin's registration module can import it at its top.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from decimal import Decimal

    from egregora_core.privacy import NameWords

Step = Literal["ingestion", "privacy", "enrichment", "generation", "curation", "publication"]
STEPS: tuple[Step, ...] = ("ingestion", "privacy", "enrichment", "generation", "curation", "publication")
"""The six steps, in the order they always run."""

# --- what is registered -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SourceSpec:
    """A chat platform.

    `recognise(export: Export) -> Recognised` says how surely an export is one of its own and why, reading little of it;
    `read(export: Export, options: ReadOptions, **settings) -> Reading` reads it. Its keyword arguments are fields of
    the plugin's settings section, as those of stages are.
    """

    name: str
    recognise: str
    read: str
    title: str = ""
    """The platform's name, for people."""
    accepts: str = ""
    """What is to be given: "result.json, or the folder that it is in". `egregora plugins info` tells it, to
    which the error points where nobody reads a file."""


@dataclass(frozen=True)
class StageSpec:
    """A function `Table -> Table` (ibis) in step privacy, enrichment (messages) or curation (documents).

    `by` declares what an output row depends on beside `reads`: its input `row` alone (`row_wise=True` says the same),
    all rows of its `thread`, or all of its `author`. Rows so that only new ones are processed, and all three so that a
    cluster may work on parts; a stage that declares none runs on one machine alone. `reads` names tables of
    the plugin's own: each arrives as a keyword argument of that name, an ibis table of the tenant's rows where it has a
    column `tenant_id`, and a change of it runs the stage again.
    """

    name: str
    step: Step
    version: str
    function: str
    row_wise: bool = False
    reads: tuple[str, ...] = ()
    by: Literal["row", "thread", "author"] | None = None

    def __post_init__(self) -> None:
        """Let both spellings of a row-wise stage say the same."""
        if self.row_wise and self.by is None:
            object.__setattr__(self, "by", "row")
        object.__setattr__(self, "row_wise", self.by == "row")


@dataclass(frozen=True)
class WriterSpec:
    """A function `(unit: Unit, **settings) -> Iterable[Document | Spent | Kept]`, called once per unit that needs work.

    It gets the settings of its plugin's section that it names, or with `**settings` all of them.
    It raises UnitRefusedError where trying again would change nothing, and WritingStoppedError where no further unit
    can be written for now; whatever else it raises fails the unit, and the next run tries that one again. Where the
    plugin's section has a setting `concurrency`, so many units are written at once, in threads.
    """

    name: str
    unit: Literal["window", "author"]
    version: str
    function: str
    body: Literal["markdown", "text"] = "markdown"
    """What the bodies of its documents are: Markdown, in which links lead only where the unit's messages do and HTML is
    text; or plain text, which is shown as it is. A document that names somebody fails its unit."""
    runtime: tuple[str, ...] = ()
    """Settings that cannot change the text, such as a time limit: a change of one writes nothing anew."""
    files: Mapping[str, str] = field(default_factory=dict)
    """By a keyword argument of the function: a text of the plugin's package that it gets, as `"package:path"`. A file
    `PLUGIN/path` in the workspace stands in for it. What they hold is part of what documents depend on."""
    estimate: str = ""
    """Names a function `(units: Sequence[UnitSize], **settings) -> Spent`: what it will take to write them."""
    keeps: str = ""
    """A table of the plugin, as `kept_table` declares it, for what the writer yields as `Kept`. Its function gets what
    is kept of a unit as keyword `kept`, text by key."""
    instead_of: str = ""
    """Another writer of the same kind of unit, whose documents of the units that this one wrote are left out; both
    stand beside each other where the plugin's section has a setting `beside` that is true."""
    wanted: str = ""
    """Names a setting of the plugin, true or false: whether the writer takes part. Always, where it names none."""
    sends_to: str = ""
    """Names a function `(**settings) -> str`: where messages go off this machine, such as a host, empty if they do not.
    Somebody is asked once, and each run says it."""


@dataclass(frozen=True)
class PublisherSpec:
    """A function `(documents: Iterator[Mapping[str, Any]], **settings) -> Iterable[PublishedFile]`.

    Documents come ordered by kind, thread, window start and slug. The host writes the files, under the
    `directory` that the plugin's section names. A function that names an argument `messages` gets the tenant's
    messages as the last message stage left them, never a name in them: an ibis table of IR v1 with two more columns,
    `timezone` (IANA, of the chat's pages) and `local_ts` (the clock time there). A change of them runs it again.
    One that names an argument `site` gets a `Site`.
    """

    name: str
    version: str
    function: str
    start: str = ""
    """The file that a reader opens first, such as `index.html`; told at the end of a run."""
    attachments: str = ""
    """Names a setting of the plugin, true or false: whether attachments are kept when an export is read. The function
    gets those of all messages as a list of `Attachment`, in an argument `attachments`; none where it is false."""


def _no_name(_words: Iterable[str]) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True)
class Site:
    """What the host knows of the files that a publisher makes. `Site()` is one where nobody has a name, for tests."""

    id: str = "00000000-0000-0000-0000-000000000000"
    """A UUID of this tenant's pages, the same in each run."""
    shown_names: Mapping[str, str] = field(default_factory=dict)
    """By pseudonym, the names of people that stand in documents and messages instead; where there are any, pages should
    say that they show real names."""
    name_words: "NameWords" = _no_name
    """Returns those of some words that are of a person's name, in any case or spelling. Privacy leaves some in texts,
    where they may be ordinary words; what a page shows large by itself, as titles and lists of words, should have none.
    """


@dataclass(frozen=True)
class Attachment:
    """A photo, voice message or other file of a message, as it came: nothing in it was looked at or changed."""

    event_id: str
    """Its message's."""
    place: int
    """0, 1, … of the message's attachments."""
    path: Path
    """Where it is kept. The ending is that of the export; the rest of the name says nothing."""


@dataclass(frozen=True)
class EngineSpec:
    """A cluster that does the long work of a run, which `[engine] name` chooses.

    `connect(settings)` gets the section `[engine]` and returns a context manager of a function
    `(job: str, parts: Sequence[str]) -> Iterable[str]`: it calls `egregora_core.plugin.run_task(job, part)` for each
    part, on whatever machine, and returns the answers. A task that raises may be tried again, there or elsewhere.
    """

    name: str
    connect: str


@dataclass(frozen=True)
class TableSpec:
    """A table of the plugin, named `<plugin>_<noun>`; `schema` is `"module:attr"` of a `TableSchema` or ibis schema."""

    name: str
    schema: str
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class SettingsSpec:
    """The plugin's settings section: a pydantic model. `section` is the plugin's short name unless given."""

    model: str
    section: str | None = None


@dataclass(frozen=True)
class CommandSpec:
    """A command or group under `egregora`: `target` is a `typer.Typer` or a plain function.

    `help` is one sentence. The global options (`egregora --help` lists them) are the host's wherever they stand; of
    them a command gets the workspace, by an option `--workspace` such as `egregora_core.plugin.commands.WorkspaceDir`.
    """

    name: str
    target: str
    help: str


# --- what writers and publishers see ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Document:
    """One document of a writer. `slug` is unique among the unit's documents of that kind; `attrs` is JSON-able."""

    kind: str
    slug: str
    title: str
    body: str
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Spent:
    """What a writer used for a unit, yielded beside its documents; counted also where the unit fails afterwards."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """Such as `requests`, `tokens_in`, `tokens_out`, `retries`."""
    cost: "Decimal | None" = None
    """None where nobody knows; zero where it is free."""
    currency: str = ""
    """ISO 4217, such as USD; empty without a cost."""


@dataclass(frozen=True)
class Kept:
    """What a writer wants to find again, such as an answer that was paid for, yielded beside its documents.

    It is kept also where the unit fails afterwards, and until the unit is written of other messages without yielding
    it again; it is forgotten with each of the unit's messages.
    """

    key: str
    value: str


@dataclass(frozen=True)
class UnitSize:
    """How large a unit is that would be written."""

    key: str
    messages: int
    bytes: int
    """Of their texts, in UTF-8."""


@dataclass(frozen=True)
class PublishedFile:
    """One file of a publisher: a relative POSIX path and its content.

    `made_of` stands for all data that the content depends on; code and settings are the host's to know. A function as
    content is not called where the file is there as it was written of the same.
    """

    path: str
    content: str | bytes | Callable[[], str | bytes]
    made_of: str = ""

    def read(self) -> bytes:
        """Return the content, made now if it is not made yet."""
        content = self.content() if callable(self.content) else self.content
        return content.encode() if isinstance(content, str) else content


def is_inside(path: str) -> bool:
    """Tell whether a relative path stays below the directory it is joined to."""
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts


__all__ = [
    "STEPS",
    "CommandSpec",
    "Document",
    "EngineSpec",
    "Kept",
    "PublishedFile",
    "PublisherSpec",
    "SettingsSpec",
    "Site",
    "SourceSpec",
    "Spent",
    "StageSpec",
    "Step",
    "TableSpec",
    "UnitSize",
    "WriterSpec",
    "is_inside",
]
