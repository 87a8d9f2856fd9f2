"""Ranking by pairwise comparison, as a plugin: this module only registers, and imports nothing heavy."""

from collections.abc import Sequence

from egregora_core.plugin import CommandSpec, SettingsSpec, StageSpec, TableSpec, hookimpl

__version__ = "0.1.0"

EGREGORA_API = 1


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_elo.settings:RankingSettings", section="ranking")


@hookimpl
def register_tables() -> Sequence[TableSpec]:
    return [
        TableSpec("elo_history", schema="egregora_elo.tables:ELO_HISTORY"),
        TableSpec("elo_ratings", schema="egregora_elo.tables:ELO_RATINGS"),
    ]


@hookimpl
def register_stages() -> Sequence[StageSpec]:
    return [
        StageSpec(
            name="elo_ranks",
            step="curation",
            version="1",
            function="egregora_elo.stage:elo_ranks",
            reads=("elo_ratings",),
        )
    ]


@hookimpl
def register_commands() -> Sequence[CommandSpec]:
    return [
        CommandSpec("elo", target="egregora_elo.commands:app", help="Rank documents by pairwise comparison."),
        CommandSpec("init-elo", target="egregora_elo.commands:init_elo", help="Create the tables of the ranking."),
    ]
