"""The host: which plugins there are, what each contributes, and what is wrong with the ones that are broken.

Every plugin is imported, checked and asked alone: one that fails becomes a status, and the others never notice.
Nothing is loaded at import, and there is no global: an `App` is the host of one process or one test.
"""

import importlib
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import pluggy

from egregora_core import hookspecs
from egregora_core.early import unknown_key
from egregora_core.errors import PluginError, UsageError
from egregora_core.hookspecs import EGREGORA_API
from egregora_core.specs import (
    STEPS,
    CommandSpec,
    PublisherSpec,
    SettingsSpec,
    SourceSpec,
    StageSpec,
    TableSpec,
    WriterSpec,
)

if TYPE_CHECKING:
    from egregora_core.runs import Run

GROUP = "egregora"
"""The entry-point group."""

BUILT_IN = {
    "markdown": "egregora_core.builtin.markdown",
    "privacy": "egregora_core.builtin.privacy",
    "summary": "egregora_core.builtin.summary",
    "whatsapp": "egregora_core.builtin.whatsapp",
}
"""Plugin modules that come with core, by id."""

ESSENTIAL = "privacy"
"""The plugin that no host is built without: after it nothing sees a name, so without it everything would."""

CORE_SECTIONS = ("workspace", "database", "pipeline", "windows", "authors", "plugins")
CORE_COMMANDS = (
    "run", "ingest", "validate", "demo", "query", "export", "forget", "runs", "plugins", "config", "schema"
)  # fmt: skip
"""What plugins cannot take: their sections and commands have other names."""

Status = Literal["ok", "disabled", "failed"]
S = TypeVar("S")

_REGISTERED: dict[str, type] = {
    "register_sources": SourceSpec,
    "register_stages": StageSpec,
    "register_writers": WriterSpec,
    "register_publishers": PublisherSpec,
    "register_tables": TableSpec,
    "register_settings": SettingsSpec,
    "register_commands": CommandSpec,
}
_OBSERVERS = ("run_started", "run_finished")


@dataclass(frozen=True)
class Plugin:
    """One plugin: what it is, and how it fares. `phase` is where it failed, `cause` how."""

    id: str
    distribution: str
    version: str
    status: Status = "ok"
    phase: str | None = None
    cause: str | None = None
    hooks: tuple[str, ...] = ()
    contributes: tuple[str, ...] = ()

    @property
    def built_in(self) -> bool:
        return self.distribution == "egregora-core"

    @property
    def remedy(self) -> str:
        """The command that gets a failed plugin out of the way."""
        return f"egregora --disable {self.id} …, or pip uninstall {self.distribution}"

    def __str__(self) -> str:
        if self.status == "failed":
            return (
                f"plugin {self.id!r} ({self.distribution} {self.version}) failed at {self.phase}: {self.cause}; "
                f"without it: {self.remedy}"
            )
        return f"plugin {self.id!r} ({self.distribution} {self.version}): {self.status}"


@dataclass(frozen=True)
class Provided(Generic[S]):
    """Something that a plugin contributes, with the plugin's id."""

    plugin: str
    spec: S


@dataclass
class _Candidate:
    id: str
    distribution: str
    version: str
    load: Callable[[], Any]
    built_in: bool = False


class App:
    """A host with its plugins: built-in ones, `plugins` (modules or objects), and with `discover` the installed ones.

    No plugin's failure raises here unless `strict`; see `plugins` for statuses. Raises UsageError where `disabled`
    names a plugin that does not exist or privacy, and PluginError where privacy itself is broken.
    """

    def __init__(
        self,
        plugins: Sequence[object] = (),
        *,
        discover: bool = True,
        disabled: Collection[str] = (),
        strict: bool = False,
    ) -> None:
        self._manager = pluggy.PluginManager("egregora")
        self._manager.add_hookspecs(hookspecs)
        self._specs: list[tuple[str, Any]] = []
        self._reported: set[str] = set()
        self._taken = {("settings", section): "core" for section in CORE_SECTIONS}
        self._taken |= {("command", command): "core" for command in CORE_COMMANDS}
        candidates = [*_built_in(), *_given(plugins), *(_installed() if discover else ())]
        self._refuse_unknown(disabled, candidates)
        self.plugins: tuple[Plugin, ...] = tuple(self._add(candidates, frozenset(disabled)))
        self.warnings: list[str] = [str(plugin) for plugin in self.plugins if plugin.status == "failed"]
        essential = next(plugin for plugin in self.plugins if plugin.id == ESSENTIAL)
        if essential.status != "ok":
            raise PluginError(f"nothing runs without privacy: {essential}")
        if strict and self.warnings:
            raise PluginError("; ".join(self.warnings))

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
    def tables(self) -> list[Provided[TableSpec]]:
        return self._of(TableSpec)

    @property
    def settings(self) -> list[Provided[SettingsSpec]]:
        return self._of(SettingsSpec)

    @property
    def commands(self) -> list[Provided[CommandSpec]]:
        return self._of(CommandSpec)

    def resolve(self, target: str) -> Any:
        """Import what a `"package.module:attr"` string names; raises PluginError, saying which plugin asked for it."""
        module, _, attribute = target.partition(":")
        owner = next((id_ for id_, spec in self._specs if target in vars(spec).values()), None)
        try:
            return getattr(importlib.import_module(module), attribute)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            plugin = next((plugin for plugin in self.plugins if plugin.id == owner), None)
            whose = f" of {plugin.distribution} {plugin.version}" if plugin else ""
            raise PluginError(f"{target!r}{whose} cannot be imported ({type(error).__name__}: {error})") from error

    def require(self, wanted: Iterable[str]) -> None:
        """Raise PluginError unless every requirement (`egregora-elo>=0.2`, or an id) is installed and works."""
        from packaging.requirements import InvalidRequirement, Requirement

        for text in wanted:
            try:
                requirement = Requirement(text)
            except InvalidRequirement as error:
                raise UsageError(f"[plugins] required: {text!r} is no requirement ({error})") from None
            found = next((p for p in self.plugins if requirement.name in {p.distribution, p.id}), None)
            if found is None:
                raise PluginError(f"plugin {text!r} is required but not installed: pip install {text!r}")
            if found.status != "ok":
                raise PluginError(f"required {found}")
            if not requirement.specifier.contains(found.version, prereleases=True):
                raise PluginError(f"{text!r} is required, {found.version} is installed: pip install -U {text!r}")

    def notify(self, hook: str, run: "Run") -> None:
        """Tell every observer, each alone: one that raises is warned of once and disturbs nobody."""
        for plugin in self.plugins:
            if plugin.status != "ok" or hook not in plugin.hooks:
                continue
            try:
                self._caller(hook, plugin.id)(run=run)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - an observer may even exit and must not break a run
                if plugin.id not in self._reported:
                    self._reported.add(plugin.id)
                    self.warnings.append(
                        f"plugin {plugin.id!r} raised {type(error).__name__} in {hook}; the run goes on"
                    )

    # --- loading --------------------------------------------------------------------------------------------------

    def _of(self, kind: type[S]) -> list[Provided[S]]:
        return [Provided(id_, spec) for id_, spec in self._specs if isinstance(spec, kind)]

    def _caller(self, hook: str, plugin_id: str) -> Any:
        others = [p for name, p in self._manager.list_name_plugin() if name != plugin_id and p is not None]
        return self._manager.subset_hook_caller(hook, remove_plugins=others)

    def _refuse_unknown(self, disabled: Collection[str], candidates: Sequence[_Candidate]) -> None:
        known = [candidate.id for candidate in candidates]
        for name in disabled:
            if name not in known:
                names = ", ".join(sorted({*known} - {ESSENTIAL}))
                raise UsageError(
                    f"no plugin to disable is called {name!r}{unknown_key(name, known)}; there are {names}"
                )
            if name == ESSENTIAL:
                raise UsageError(f"plugin {name!r} cannot be disabled: without it, documents would hold real names")

    def _add(self, candidates: Sequence[_Candidate], disabled: Collection[str]) -> Iterator[Plugin]:
        """Load candidates in order: built-in ones by id, then the others by id."""
        ordered = sorted(candidates, key=lambda candidate: (not candidate.built_in, candidate.id))
        for candidate in ordered:
            plugin = Plugin(candidate.id, candidate.distribution, candidate.version)
            twins = [other for other in ordered if other.id == candidate.id]
            if candidate.id in disabled:
                yield replace(plugin, status="disabled")
            elif len(twins) > 1 and not candidate.built_in:
                who = " and ".join(f"{twin.distribution} {twin.version}" for twin in twins)
                yield replace(plugin, status="failed", phase="discovery", cause=f"two plugins have this name: {who}")
            else:
                yield self._load(candidate, plugin)

    def _load(self, candidate: _Candidate, plugin: Plugin) -> Plugin:
        """Import, check, register and ask one plugin; whatever goes wrong is its status."""
        phase = "import"
        try:
            module = candidate.load()
            phase = "API check"
            _check_api(module)
            phase = "hooks"
            hooks = _check_hooks(module)
            self._manager.register(module, name=candidate.id)
            phase = "registration"
            specs = self._ask(candidate, hooks)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may even call sys.exit() while it is imported
            if self._manager.has_plugin(candidate.id):
                self._manager.unregister(name=candidate.id)
            cause = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
            return replace(plugin, status="failed", phase=phase, cause=cause)
        self._specs += [(candidate.id, spec) for spec in specs]
        contributes = tuple(f"{_noun(spec)} {getattr(spec, 'name', candidate.id)}" for spec in specs)
        return replace(plugin, hooks=hooks, contributes=contributes)

    def _ask(self, candidate: _Candidate, hooks: Sequence[str]) -> list[Any]:
        specs: list[Any] = []
        for hook, kind in _REGISTERED.items():
            if hook in hooks:
                for result in self._caller(hook, candidate.id)():
                    specs += _typed(hook, kind, result)
        claims: dict[tuple[str, str], str] = {}
        for spec in specs:
            claim = (_noun(spec), _claimed_name(spec, candidate.id))
            if holder := self._taken.get(claim) or claims.get(claim):
                raise PluginError(f"{claim[0]} {claim[1]!r} is already provided by {holder}")
            claims[claim] = f"{candidate.id!r} ({candidate.distribution} {candidate.version})"
        self._taken.update(claims)
        return specs


def _noun(spec: Any) -> str:
    return type(spec).__name__.removesuffix("Spec").lower()


def _claimed_name(spec: Any, plugin_id: str) -> str:
    """Return the name that no other spec of its kind may have."""
    if isinstance(spec, SettingsSpec):
        return spec.section or plugin_id
    name = str(spec.name)
    if isinstance(spec, TableSpec) and not name.startswith(f"{plugin_id}_"):
        raise PluginError(f"table {name!r} must be called {plugin_id}_<noun>")
    return name


def _typed(hook: str, kind: type, result: Any) -> list[Any]:
    specs = [result] if hook == "register_settings" else list(result)
    for spec in specs:
        if not isinstance(spec, kind):
            raise PluginError(f"{hook} returned a {type(spec).__name__}, expected {kind.__name__}")
    return specs


def _check_api(module: Any) -> None:
    stated = getattr(module, "EGREGORA_API", None)
    if stated != EGREGORA_API:
        said = "states no EGREGORA_API" if stated is None else f"is written for API {stated!r}"
        raise PluginError(f"it {said}, this Egregora has API {EGREGORA_API}; look for a release of it that fits")


def _check_hooks(module: Any) -> tuple[str, ...]:
    """Return the hooks that a plugin implements; raises PluginError for one that does not exist or cannot be called."""
    known = {name: function for name, function in vars(hookspecs).items() if hasattr(function, "egregora_spec")}
    found = []
    for name, function in inspect.getmembers_static(module):
        if not hasattr(function, "egregora_impl"):
            continue
        if name not in known:
            raise PluginError(f"there is no hook {name!r}{unknown_key(name, list(known))}")
        _check_arguments(name, function, known[name])
        found.append(name)
    return tuple(sorted(found))


def _check_arguments(name: str, function: Callable[..., Any], spec: Callable[..., Any]) -> None:
    allowed = list(inspect.signature(spec).parameters)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in allowed and parameter.name != "self":
            raise PluginError(f"hook {name!r} has no argument {parameter.name!r}{unknown_key(parameter.name, allowed)}")
        if parameter.default is not parameter.empty or parameter.kind is parameter.KEYWORD_ONLY:
            raise PluginError(f"hook {name!r}: argument {parameter.name!r} must be plain: no default, not keyword-only")


def _built_in() -> Iterator[_Candidate]:
    from egregora_core import __version__

    for id_, module in BUILT_IN.items():
        yield _Candidate(id_, "egregora-core", __version__, partial(importlib.import_module, module), built_in=True)


def _given(plugins: Sequence[object]) -> Iterator[_Candidate]:
    for plugin in plugins:
        name = str(getattr(plugin, "__name__", type(plugin).__name__)).rpartition(".")[2]
        yield _Candidate(name, "(given)", "0", partial(_itself, plugin))


def _itself(plugin: object) -> object:
    return plugin


def _installed() -> Iterator[_Candidate]:
    """Yield the installed plugins, a distribution that is visible twice once."""
    from importlib.metadata import entry_points

    seen = set()
    for entry in entry_points(group=GROUP):
        distribution = entry.dist.name if entry.dist else "unknown"
        if (entry.name, distribution) in seen:
            continue
        seen.add((entry.name, distribution))
        yield _Candidate(entry.name, distribution, entry.dist.version if entry.dist else "0", entry.load)
