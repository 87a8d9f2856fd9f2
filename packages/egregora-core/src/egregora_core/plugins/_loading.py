"""Loading one plugin, alone: imported, checked, registered and asked; whatever goes wrong is its status.

pluggy calls a hook on all plugins, and one that raises costs the results of the others: here each is called by itself.
"""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import Any, Literal

import pluggy

from egregora_core.errors import PluginError
from egregora_core.plugins import hookspecs
from egregora_core.plugins._checks import REGISTERED, check_api, check_hooks, check_specs, claimed_name, noun, specs_of
from egregora_core.plugins._discovery import GIVEN, Candidate
from egregora_core.plugins._specs import STEPS

CORE_SECTIONS = ("workspace", "database", "engine", "pipeline", "windows", "authors", "people", "chats", "plugins")
CORE_COMMANDS = (
    "run", "ingest", "validate", "demo", "query", "export", "forget", "migrate", "open", "runs", "plugins", "config",
    "schema",
)  # fmt: skip
EVERYTHING = "all"
"""The name that `--force` takes for every stage."""

_PARTS = ("source", "stage", "writer", "publisher")
_TAKEN: dict[tuple[str, str], str] = {
    **{("settings", section): "core" for section in CORE_SECTIONS},
    **{("command", command): "core" for command in CORE_COMMANDS},
    ("engine", "local"): "core",
    # `--force` takes these for more than one part; `privacy` is core's own stage in the step of that name.
    **{(part, name): "core" for part in _PARTS for name in (EVERYTHING, *STEPS) if name != "privacy"},
    ("stage", "generation_units"): "core",  # the table stage_generation_units is generation's own
}
"""What plugins cannot take, by kind and name."""

Status = Literal["ok", "disabled", "failed"]


@dataclass(frozen=True)
class Plugin:
    """One plugin: what it is, and how it fares.

    `phase` is where a failed one failed; `cause` says why it failed, or what disabled it. What a plugin that was not
    loaded contributes is not known.
    """

    id: str
    distribution: str
    version: str
    status: Status = "ok"
    phase: str | None = None
    cause: str | None = None
    api: Any = None
    hooks: tuple[str, ...] = ()
    contributes: tuple[str, ...] = ()

    @property
    def built_in(self) -> bool:
        return self.distribution == "egregora-core"

    @property
    def remedy(self) -> str:
        """How to go on without a failed plugin."""
        from egregora_core.plugins._installing import in_uv_tool, uninstall_command

        if self.distribution == GIVEN or in_uv_tool():  # what removes it there names all others: doctor prints it
            return f"egregora --disable {self.id} …"
        return f"egregora --disable {self.id} …, or {uninstall_command(self.distribution)}"

    def __str__(self) -> str:
        named = f"plugin {self.id!r} ({self.distribution} {self.version})"
        if self.status == "failed":
            return f"{named} failed at {self.phase}: {self.cause}; without it: {self.remedy}"
        return f"{named}: {self.status}{f' by {self.cause}' if self.cause else ''}"


class Loader:
    """Loads plugins one after the other; what an earlier one has taken, a later one cannot have."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager("egregora")
        self._manager.add_hookspecs(hookspecs)
        self._taken = dict(_TAKEN)

    def call(self, hook: str, plugin_id: str, **arguments: Any) -> Sequence[Any]:
        """Call a hook of one plugin; return what pluggy does, a list without None."""
        others = [p for name, p in self._manager.list_name_plugin() if name != plugin_id and p is not None]
        results: Sequence[Any] = self._manager.subset_hook_caller(hook, remove_plugins=others)(**arguments)
        return results

    def load(self, candidate: Candidate, plugin: Plugin) -> tuple[Plugin, list[Any]]:
        """Import, check, register and ask one plugin; whatever goes wrong is its status, and then it has no specs."""
        phase = "import"
        try:
            with redirect_stdout(sys.stderr):  # stdout belongs to the command, which may print JSON
                module = candidate.load()
                phase = "API check"
                plugin = replace(plugin, api=getattr(module, "EGREGORA_API", None))
                check_api(module)
                phase = "hooks"
                plugin = replace(plugin, hooks=check_hooks(module))
                phase = "registration"
                self._manager.register(module, name=candidate.id)
                specs = self._ask(candidate, plugin.hooks)
            names = tuple(f"{noun(spec)} {claimed_name(spec, plugin.id)}" for spec in specs)
            plugin = replace(plugin, contributes=names)
            self._claim(specs, plugin)
        except BaseException as error:  # noqa: BLE001 - a plugin may even call sys.exit() while it is imported
            if self._manager.has_plugin(candidate.id):
                self._manager.unregister(name=candidate.id)
            return replace(plugin, status="failed", phase=phase, cause=words(error)), []
        return plugin, specs

    def _ask(self, candidate: Candidate, hooks: Sequence[str]) -> list[Any]:
        specs: list[Any] = []
        for hook in REGISTERED:
            if hook in hooks:
                specs += specs_of(hook, self.call(hook, candidate.id))
        check_specs(specs, candidate.id)
        return specs

    def _claim(self, specs: Sequence[Any], plugin: Plugin) -> None:
        """Take the names of a plugin's specs, all or none; raises PluginError for one that another plugin has."""
        claims: dict[tuple[str, str], str] = {}
        for spec in specs:
            claim = (noun(spec), claimed_name(spec, plugin.id))
            if holder := self._taken.get(claim) or claims.get(claim):
                raise PluginError(f"{claim[0]} {claim[1]!r} is already provided by {holder}")
            claims[claim] = f"{plugin.id!r} ({plugin.distribution} {plugin.version})"
        self._taken.update(claims)


def words(error: BaseException) -> str:
    """Return what is wrong on one line: our own errors in their words, others with their type."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - even an error's text may be broken
        text = ""
    if isinstance(error, PluginError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
