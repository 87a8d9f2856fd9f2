"""What a run needs of its plugins, asked before anything is opened: a needed one that does not work stops it at once.

A run needs the plugins that are named in `[plugins] required`, that provide a stage named in `[pipeline] stages` or
`--force`, or whose section says `enabled = true`. Disabling a plugin lifts the last of these and no other.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, NoReturn

from egregora_core.errors import PluginError, UsageError
from egregora_core.plugins import EVERYTHING, STEPS, App
from egregora_core.workspace import unknown_key

if TYPE_CHECKING:
    from egregora_core.settings import LoadedSettings


def check_needs(app: App, settings: "LoadedSettings", force: Collection[str] = ()) -> None:
    """Raise PluginError where a needed plugin is broken or missing, and UsageError where a name is nobody's."""
    app.require(settings.plugins.required)
    for section in settings.ownerless:
        _check_section(app, section)
    stages = {p.spec.name: p.plugin for p in app.stages}
    others = {p.spec.name: p.plugin for found in (app.sources, app.writers, app.publishers) for p in found}
    for where, names, known in (
        ("[pipeline] stages", settings.pipeline.stages or (), stages),
        ("--force", sorted(force), dict.fromkeys((EVERYTHING, *STEPS), "") | others | stages),
    ):
        for name in names:
            if name not in known:
                _refuse(app, where, name, list(known))
            if settings.enabled(known[name]) is False:
                raise UsageError(f"{where}: {name!r} is of plugin {known[name]!r}, whose section says enabled = false")


def _check_section(app: App, section: str) -> None:
    """Refuse `enabled = true` in the section of a plugin that is broken or missing, unless somebody disabled it."""
    plugin = app.plugin(section)
    if plugin is not None and plugin.status == "failed":
        raise PluginError(f"[{section}] says enabled = true, but {plugin}")
    if any(each.status == "disabled" and not each.built_in for each in app.plugins):
        return  # which sections a plugin has is not known before it is loaded: it may be one of these
    raise PluginError(
        f"[{section}] says enabled = true, but no working plugin has this section{app.broken}; "
        "install the plugin that it belongs to, or write enabled = false"
    )


def _refuse(app: App, where: str, name: str, known: list[str]) -> NoReturn:
    hint = unknown_key(name, known)
    if app.broken:
        raise PluginError(f"{where}: no working plugin has a stage {name!r}{hint}{app.broken}")
    out = ", ".join(f"{plugin.id} (by {plugin.cause})" for plugin in app.plugins if plugin.status == "disabled")
    raise UsageError(
        f"{where}: there is no stage {name!r}{hint}; {f'disabled: {out}; ' if out else ''}`egregora plugins` lists them"
    )
