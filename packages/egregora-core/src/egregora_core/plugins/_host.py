"""The host: which plugins there are, what each contributes, and what is wrong with the ones that are broken.

Every plugin is imported, checked and asked alone: one that fails becomes a status, and the others never notice.
Nothing is loaded at import, and there is no global: an `App` is the host of one process or one test.
"""

import importlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from egregora_core.errors import PluginError, UsageError
from egregora_core.interrupts import watch_interrupts
from egregora_core.plugins._checks import TARGETS
from egregora_core.plugins._discovery import BUILT_IN, Candidate, built_in, given, installed, short_name
from egregora_core.plugins._loading import CORE_COMMANDS, CORE_SECTIONS, EVERYTHING, Loader, Plugin, words
from egregora_core.plugins._specs import (
    STEPS,
    CommandSpec,
    EngineSpec,
    PublisherSpec,
    SettingsSpec,
    SourceSpec,
    StageSpec,
    TableSpec,
    WriterSpec,
)
from egregora_core.workspace import unknown_key

if TYPE_CHECKING:
    from egregora_core.tracking import Run

ESSENTIAL = "privacy"
"""The plugin that no host is built without: after it nothing sees a name, so without it everything would."""

S = TypeVar("S")


@dataclass(frozen=True)
class Provided(Generic[S]):
    """Something that a plugin contributes, with the plugin's id."""

    plugin: str
    spec: S


class App:
    """A host with its plugins: built-in ones, `plugins` (modules or objects), and with `discover` the installed ones.

    `disabled` names plugins, by id or distribution, that are not even imported; a mapping gives with each who says so.
    `only_built_in` disables all others. No plugin's failure raises here unless `strict`; see `plugins` for statuses.
    Raises UsageError where `disabled` names a plugin that does not exist or privacy, and PluginError where privacy
    itself is broken.
    """

    def __init__(
        self,
        plugins: Sequence[object] = (),
        *,
        discover: bool = True,
        disabled: Collection[str] | Mapping[str, str] = (),
        only_built_in: bool = False,
        strict: bool = False,
    ) -> None:
        self.maker: Callable[[], App] | None = None
        """Makes an equal host in another process; None where plugins were handed over, which this process alone has."""
        if not plugins:
            self.maker = partial(App, discover=discover, disabled=disabled, only_built_in=only_built_in, strict=strict)
        self._loader = Loader()
        self._specs: list[tuple[str, Any]] = []
        self._reported: set[str] = set()
        self.strict = strict
        found, self.hidden = installed() if discover else ([], [])
        candidates = [*built_in(), *given(plugins), *found]
        reasons = _reasons(disabled, candidates)
        if only_built_in:
            reasons = {c.id: "--no-plugins" for c in candidates if not c.built_in} | reasons
        with watch_interrupts() as interrupted:
            self.plugins: tuple[Plugin, ...] = tuple(self._add(candidates, reasons, interrupted))
        self.warnings: list[str] = [str(plugin) for plugin in self.plugins if plugin.status == "failed"]
        essential = self.plugin(ESSENTIAL)
        if essential is None or essential.status != "ok":
            raise PluginError(f"nothing runs without privacy: {essential}")
        if strict and self.warnings:
            raise PluginError("\n".join(self.warnings))

    def plugin(self, id_: str) -> Plugin | None:
        """Return the plugin of this id, or of this distribution; a built-in one before another of its name."""
        wanted = short_name(id_)
        return next((plugin for plugin in self.plugins if plugin.id == wanted), None)

    @property
    def broken(self) -> str:
        """`; not working: …` for an error that a broken plugin may be the reason of; empty where none is broken."""
        failed = [str(plugin) for plugin in self.plugins if plugin.status == "failed"]
        return f"; not working: {'; '.join(failed)}" if failed else ""

    # --- what is contributed --------------------------------------------------------------------------------------

    @property
    def sources(self) -> list[Provided[SourceSpec]]:
        return self._of(SourceSpec)

    @property
    def stages(self) -> list[Provided[StageSpec]]:
        """Stages by step, then built-in ones first, then by plugin id."""
        return sorted(self._of(StageSpec), key=lambda provided: STEPS.index(provided.spec.step))

    @property
    def writers(self) -> list[Provided[WriterSpec]]:
        return self._of(WriterSpec)

    @property
    def publishers(self) -> list[Provided[PublisherSpec]]:
        return self._of(PublisherSpec)

    @property
    def engines(self) -> list[Provided[EngineSpec]]:
        return self._of(EngineSpec)

    @property
    def tables(self) -> list[Provided[TableSpec]]:
        return self._of(TableSpec)

    @property
    def settings(self) -> list[Provided[SettingsSpec]]:
        return self._of(SettingsSpec)

    @property
    def commands(self) -> list[Provided[CommandSpec]]:
        return self._of(CommandSpec)

    def targets(self, id_: str) -> list[str]:
        """Return what a plugin named for later: every `"package.module:attr"` of its specs."""
        return [
            value
            for owner, spec in self._specs
            for name, value in vars(spec).items()
            if owner == id_ and name in TARGETS
        ]

    def resolve(self, target: str) -> Any:
        """Import what a `"package.module:attr"` string names; raises PluginError, saying which plugin asked for it."""
        module, _, attribute = target.partition(":")
        with watch_interrupts() as interrupted:
            try:
                return getattr(importlib.import_module(module), attribute)
            except BaseException as error:
                if interrupted():
                    raise
                owner = next((id_ for id_, spec in self._specs if target in vars(spec).values()), None)
                plugin = None if owner is None else self.plugin(owner)
                whose = f" of {plugin.distribution} {plugin.version}" if plugin else ""
                remedy = f"; without it: {plugin.remedy}" if plugin else ""
                raise PluginError(f"{target!r}{whose} cannot be imported ({words(error)}){remedy}") from error

    def require(self, wanted: Iterable[str]) -> None:
        """Raise PluginError unless every requirement (`egregora-elo>=0.2`, or an id) is installed and works."""
        from packaging.requirements import InvalidRequirement, Requirement

        from egregora_core.plugins._installing import install_command

        others = {plugin.distribution for plugin in self.plugins if not plugin.built_in}
        for text in wanted:
            try:
                requirement = Requirement(text)
            except InvalidRequirement as error:
                raise UsageError(f"[plugins] required: {text!r} is no requirement ({error})") from None
            names = (requirement.name, short_name(requirement.name))
            found = next((p for p in self.plugins if p.distribution == names[0] or p.id == names[1]), None)
            if found is None:
                raise PluginError(
                    f"plugin {text!r} is required but not installed: {install_command(text, plugins=others)}"
                )
            if found.status != "ok":
                raise PluginError(f"required {found}")
            if not requirement.specifier.contains(found.version, prereleases=True):
                fitting = f"{found.distribution}{requirement.specifier}"
                command = install_command(fitting, upgrade=True, plugins=others)
                raise PluginError(f"{text!r} is required, {found.version} is installed: {command}")

    def notify(self, hook: str, run: "Run") -> None:
        """Tell every observer, each alone: one that raises is warned of once and disturbs nobody."""
        for plugin in self.plugins:
            if plugin.status != "ok" or hook not in plugin.hooks:
                continue
            with watch_interrupts() as interrupted:
                try:
                    self._loader.call(hook, plugin.id, run=run)
                except BaseException as error:
                    if interrupted():
                        raise
                    self.report(plugin.id, hook, error)

    def report(self, id_: str, where: str, error: BaseException) -> None:
        """Warn once of a plugin that raised where the run can go on without it."""
        plugin = self.plugin(id_)
        if plugin is None or id_ in self._reported:
            return
        self._reported.add(id_)
        what = words(error) if isinstance(error, PluginError) else type(error).__name__  # its text may quote a message
        self.warnings.append(
            f"plugin {id_!r} ({plugin.distribution} {plugin.version}) failed at {where}: {what}; the run goes on; "
            f"without it: {plugin.remedy}"
        )

    def fail(self, id_: str, phase: str, error: BaseException) -> None:
        """Take a plugin that turned out broken after registration out of the host; raises PluginError if `strict`."""
        self.plugins = tuple(
            replace(p, status="failed", phase=phase, cause=words(error.__cause__ or error))
            if p.id == id_ and p.status == "ok"
            else p
            for p in self.plugins
        )
        self._specs = [(owner, spec) for owner, spec in self._specs if owner != id_]
        self.warnings.append(str(self.plugin(id_)))
        if self.strict or id_ in BUILT_IN:
            raise PluginError(self.warnings[-1]) from error

    # --- loading --------------------------------------------------------------------------------------------------

    def _of(self, kind: type[S]) -> list[Provided[S]]:
        return [Provided(id_, spec) for id_, spec in self._specs if isinstance(spec, kind)]

    def _add(
        self, candidates: Sequence[Candidate], disabled: Mapping[str, str], interrupted: Callable[[], int]
    ) -> Iterator[Plugin]:
        """Load candidates in order: built-in ones by id, then the others by id."""
        ordered = sorted(candidates, key=lambda each: (not each.built_in, each.id, each.distribution))
        for candidate in ordered:
            plugin = Plugin(candidate.id, candidate.distribution, candidate.version)
            same_id = [other for other in ordered if other.id == candidate.id]
            if candidate.id in disabled:
                yield replace(plugin, status="disabled", cause=disabled[candidate.id])
            elif len(same_id) > 1 and not candidate.built_in:
                who = " and ".join(f"{one.distribution} {one.version}" for one in same_id)
                yield replace(plugin, status="failed", phase="discovery", cause=f"two plugins have this name: {who}")
            elif candidate.problem:
                yield replace(plugin, status="failed", phase="discovery", cause=candidate.problem)
            else:
                plugin, specs = self._loader.load(candidate, plugin)
                self._specs += [(plugin.id, spec) for spec in specs]
                if interrupted():
                    raise KeyboardInterrupt
                yield plugin


def _reasons(disabled: Collection[str] | Mapping[str, str], candidates: Sequence[Candidate]) -> dict[str, str]:
    """Return who disables which plugin, by id; raises UsageError for a name that no plugin has, and for privacy."""
    known = [candidate.id for candidate in candidates]
    reasons = {}
    for name in disabled:
        id_ = short_name(name)
        by = disabled[name] if isinstance(disabled, Mapping) else ""
        if id_ not in known:
            names = ", ".join(sorted({*known} - {ESSENTIAL}))
            where = f"{by}: " if by else ""
            raise UsageError(
                f"{where}no plugin to disable is called {name!r}{unknown_key(id_, known)}; there are {names}"
            )
        if id_ == ESSENTIAL:
            raise UsageError(f"plugin {name!r} cannot be disabled: without it, documents would hold real names")
        reasons[id_] = by
    return reasons


__all__ = ["BUILT_IN", "CORE_COMMANDS", "CORE_SECTIONS", "EVERYTHING", "App", "Plugin", "Provided"]
