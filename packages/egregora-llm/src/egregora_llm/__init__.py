"""Posts, profiles and judgements by language models, as a plugin: this module only registers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from egregora_core.plugin import CommandSpec, SettingsSpec, TableSpec, WriterSpec, hookimpl

if TYPE_CHECKING:
    from egregora_core.plugin import Run

__version__ = "0.1.0"

EGREGORA_API = 1

_RUNTIME = (
    "posts",
    "profiles",
    "base_url",
    "attempts",
    "timeout",
    "retries",
    "stop_after",
    "budget_requests",
    "budget_tokens",
    "budget_cost",
    "price_in",
    "price_out",
    "currency",
    "kappa",
)
"""Settings that cannot change a text: which there are, where the model runs, how long it may take, what it may cost."""


@hookimpl
def register_settings() -> SettingsSpec:
    return SettingsSpec(model="egregora_llm.settings:LlmSettings")


@hookimpl
def register_tables() -> Sequence[TableSpec]:
    return [TableSpec("llm_answers", schema="egregora_llm.tables:LLM_ANSWERS")]


@hookimpl
def register_writers() -> Sequence[WriterSpec]:
    return [
        WriterSpec(
            name="llm_posts",
            unit="window",
            version="1",
            function="egregora_llm.writers:write_post",
            runtime=_RUNTIME,
            files={"prompt": "egregora_llm:prompts/post.md", "merging": "egregora_llm:prompts/merge.md"},
            estimate="egregora_llm.estimates:estimate_posts",
            keeps="llm_answers",
            instead_of="posts",
            wanted="posts",
            sends_to="egregora_llm.places:sends_to",
        ),
        WriterSpec(
            name="llm_profiles",
            unit="author",
            version="1",
            function="egregora_llm.writers:write_profile",
            runtime=_RUNTIME,
            files={"prompt": "egregora_llm:prompts/profile.md", "merging": "egregora_llm:prompts/merge.md"},
            estimate="egregora_llm.estimates:estimate_profiles",
            keeps="llm_answers",
            instead_of="profiles",
            wanted="profiles",
            sends_to="egregora_llm.places:sends_to",
        ),
    ]


@hookimpl
def register_commands() -> Sequence[CommandSpec]:
    return [CommandSpec("llm", target="egregora_llm.commands:app", help="Language models as writers and judges.")]


@hookimpl
def run_started(run: "Run") -> None:
    from egregora_llm.spending import stage_begins

    stage_begins(run.step, run.stage)


@hookimpl
def run_finished(run: "Run") -> None:
    if run.status == "interrupted":
        from egregora_llm.spending import end_run

        end_run()
