"""What a user may configure: core's sections of `egregora.toml`, each setting with its type, default and meaning."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from egregora_core.errors import SettingsError
from egregora_core.messages import load_zone
from egregora_core.plugins import DateOrder
from egregora_core.workspace import DEFAULT_DATABASE, DEFAULT_LOCK_TIMEOUT, DEFAULT_TENANT, ENV_PREFIX

WindowBy = Literal["messages", "hours", "days", "bytes"]

DEFAULT_SIZES: Mapping[str, int] = {"messages": 200, "hours": 24, "days": 7, "bytes": 50_000}
"""What a window holds where only `by` is said."""

MIN_BYTES = 1_000
"""A smaller window would be a message long."""


class Section(BaseModel):
    """A section of the settings: frozen, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class WorkspaceSettings(Section):
    """The section `[workspace]`."""

    tenant: str = Field(DEFAULT_TENANT, pattern="^[a-z0-9][a-z0-9_.-]*$")
    """Whose data this is; nothing crosses from one tenant of a workspace to another."""


class DatabaseSettings(Section):
    """The section `[database]`."""

    url: str = DEFAULT_DATABASE
    """Where messages, runs and documents live: `duckdb://PATH`, relative to the workspace; or a lake that several
    machines share, `ducklake:postgres:CONNECTION`, `ducklake:sqlite:PATH` or `ducklake:PATH`, after its catalog."""

    data: str | None = None
    """Where a lake keeps its files: a directory that every machine reaches under the same path."""

    lease: float = Field(30.0, gt=0)
    """How long others wait for a process that holds a lake's tenant and no longer answers, seconds."""

    lock_timeout: float = Field(DEFAULT_LOCK_TIMEOUT, ge=0)
    """How long to wait for another process to let go of the database, seconds."""

    attach: dict[str, str] = {}
    """Other databases, to be read alone, by the name that `--table` and `--sql` know them by: a DuckDB file's path,
    `sqlite:PATH`, `postgres:CONNECTION`, `mysql:CONNECTION`, or `ducklake:` before a lake's catalog. Passwords are
    better kept where their clients look."""

    @field_validator("attach")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        if wrong := [number for number, name in enumerate(value, 1) if not name.isidentifier()]:
            raise ValueError(f"entry {wrong[0]} has a name that is none: letters, digits and _ alone")
        return value


class EngineSettings(Section):
    """The section `[engine]`: where the long work of a run is done."""

    name: str = "local"
    """`local`, this process; or an engine of a plugin, such as `spark`, which needs a lake in `[database]`."""

    remote: str | None = None
    """The address of a running service, such as `sc://HOST:15002` of Spark Connect."""

    master: str | None = None
    """The address of a cluster, such as `spark://HOST:7077`; `local[2]` is two tasks at a time on this machine."""

    options: dict[str, str] = {}
    """What else the engine is to be told, in its own words, such as `"spark.executor.memory" = "2g"`."""


class PipelineSettings(Section):
    """The section `[pipeline]`."""

    timezone: str | None = None
    """IANA time zone of exports that give none (else the one recorded for the chat, else this machine's), and of the
    dates in all documents (else each chat's own)."""

    date_order: DateOrder | None = None
    """Order of day, month and year where an export leaves it open: DMY, MDY or YMD."""

    ask_above: Decimal = Field(default=Decimal(1), ge=0, allow_inf_nan=False)
    """Above which cost, as a writer estimates it in its own currency, `run` asks before it spends anything."""

    stages: tuple[str, ...] | None = None
    """Which stages run, in this order within each step; by default all. Privacy always runs."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                load_zone(value)
            except SettingsError as error:
                raise ValueError(str(error)) from None
        return value

    @field_validator("date_order", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value


class AuthorsSettings(Section):
    """The section `[authors]`."""

    aliases: dict[str, list[str]] = {}
    """One name, and the other names of the same person: `"Bob" = ["Bob (work)", "+1 555 0100"]`."""

    @field_validator("aliases")
    @classmethod
    def _one_person_each(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        """Refuse a name that would be two persons' and a chain of names; the error tells entries by number alone."""
        places = {name: number for number, name in enumerate(value, 1)}
        owners: dict[str, int] = {}
        for name, others in value.items():
            for other in others:
                if other != name and other in places:
                    raise ValueError(
                        f"entry {places[name]} lists the name that entry {places[other]} is for; "
                        "join the two: all names of one person stand in one entry"
                    )
                if owners.setdefault(other, places[name]) != places[name]:
                    raise ValueError(
                        f"entries {owners[other]} and {places[name]} list the same name; it can be one person's only"
                    )
        return value


_LONGEST_NAME = 80


def _one_line_each(names: dict[str, str]) -> dict[str, str]:
    """Refuse what is no name to be shown; the error tells entries by number alone."""
    for number, shown in enumerate(names.values(), 1):
        if not shown.strip() or len(shown) > _LONGEST_NAME or not shown.isprintable():
            raise ValueError(f"entry {number} is no name to show: give one line of 1 to {_LONGEST_NAME} characters")
    return names


class PeopleSettings(Section):
    """The section `[people]`: who is shown on the pages by name. Nobody is, unless it says so."""

    names: dict[str, str] = {}
    """Who is shown by a name of your choice, on the pages and nowhere else: `"Ana Silva" = "Ana"`. On the left stands
    the name as the export has it, an id or a pseudonym."""

    all: bool = False
    """Show everybody on the pages, and nowhere else, by the name in the export: for a group that reads its own."""

    _lines = field_validator("names")(_one_line_each)


class ChatsSettings(Section):
    """The section `[chats]`."""

    titles: dict[str, str] = {}
    """What a chat is called on the pages: `"Family" = "All of us"`. On the left stands its title as the export has it,
    an id or a pseudonym; a chat that is not listed has its pseudonym there."""

    _lines = field_validator("titles")(_one_line_each)


class PluginsSettings(Section):
    """The section `[plugins]`."""

    disabled: tuple[str, ...] = ()
    """Names of plugins that are not loaded."""

    required: tuple[str, ...] = ()
    """Plugins without which nothing runs, as `egregora-elo` or `egregora-elo>=0.2`."""

    strict: bool = False
    """Whether any broken plugin is fatal."""


class WindowSettings(Section):
    """Section `[windows]`: how a thread is cut into the units that posts are written from."""

    by: WindowBy = "days"
    """What a window is measured in. Days and hours are those of the chat's time zone (or of `[pipeline] timezone`);
    weeks begin on Monday.
    """
    size: int = Field(default=DEFAULT_SIZES["days"], ge=1)
    """How many of them; without it 200 messages, 24 hours, 7 days or 50000 bytes (a message is never split).
    """
    overlap: int = Field(default=0, ge=0)
    """How many of them a window repeats from the end of the one before, as context."""

    @model_validator(mode="before")
    @classmethod
    def _fill_size(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("size") is None:
            return {**data, "size": DEFAULT_SIZES.get(str(data.get("by", "days")), DEFAULT_SIZES["days"])}
        return data

    @model_validator(mode="after")
    def _check(self) -> "WindowSettings":
        if self.overlap >= self.size:
            raise ValueError(f"overlap ({self.overlap}) must be smaller than size ({self.size})")
        if self.by == "bytes" and self.size - self.overlap < MIN_BYTES:
            raise ValueError(f"size less overlap must be at least {MIN_BYTES} bytes")
        return self


class Settings(BaseSettings):
    """All sections of core. `load_settings` adds those of the plugins."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    workspace: WorkspaceSettings = WorkspaceSettings()  # type: ignore[call-arg]  # Field defaults
    database: DatabaseSettings = DatabaseSettings()  # type: ignore[call-arg]  # Field defaults
    engine: EngineSettings = EngineSettings()
    pipeline: PipelineSettings = PipelineSettings()
    windows: WindowSettings = WindowSettings()
    authors: AuthorsSettings = AuthorsSettings()
    people: PeopleSettings = PeopleSettings()
    chats: ChatsSettings = ChatsSettings()
    plugins: PluginsSettings = PluginsSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - as pydantic calls it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment say more than the file, whose values this is made of."""
        return env_settings, init_settings
