"""The settings of one command, and where each value came from.

No module but this and `workspace.settings_file` reads the environment or the settings file.

Later wins: defaults, `egregora.toml`, environment `EGREGORA_<SECTION>__<KEY>`, command-line options.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pydantic_settings
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from egregora_core.errors import PluginError, SettingsError
from egregora_core.plugins import App
from egregora_core.settings._explaining import explain
from egregora_core.settings._sections import Settings
from egregora_core.workspace import ENV_PREFIX, Place, database_place, read_file, unknown_key, without_password


class _Options(PydanticBaseSettingsSource):
    """What the command line said."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic's
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(self._values)


@dataclass(frozen=True)
class LoadedSettings:
    """The effective settings of one command, and where each value came from; a section is an attribute."""

    model: Settings
    directory: Path
    warnings: tuple[str, ...]
    ownerless: tuple[str, ...]
    """Sections that say `enabled = true` and belong to no plugin that works."""
    overrides: Mapping[str, Any]
    """What the command line said, by dotted key."""
    _app: App
    _origins: Mapping[str, str]

    def __getattr__(self, section: str) -> Any:
        return getattr(self.model, section)

    @property
    def database_path(self) -> Place:
        """Where the tables are: a file, or a lake."""
        return database_place(self.directory, self.model.database.url, self.model.database.data)

    def section_of(self, plugin: str) -> tuple[str, dict[str, Any]]:
        """Return the name and the values of a plugin's section; no values where it has none."""
        name = next((p.spec.section or plugin for p in self._app.settings if p.plugin == plugin), plugin)
        model = self.section_model(plugin)
        return name, {} if model is None else model.model_dump()

    def section_model(self, plugin: str) -> Any:
        """Return a plugin's section as the model that it registered; None where it has none."""
        name = next((p.spec.section or plugin for p in self._app.settings if p.plugin == plugin), None)
        return None if name is None else getattr(self.model, name)

    def enabled(self, plugin: str) -> bool | None:
        """Return what a plugin's section says of `enabled`; None where it has no such setting."""
        value = getattr(self.section_model(plugin), "enabled", None)
        return value if isinstance(value, bool) else None

    def explain(self) -> list[tuple[str, Any, str]]:
        """Return (section.key, value, where it came from) for every key; a database's password is left out."""
        rows = []
        for section, values in self.model.model_dump(mode="json").items():
            for key, value in values.items():
                name = f"{section}.{key}"
                shown = without_password(value) if name == "database.url" else value
                rows.append((name, shown, self._origins.get(name, "default")))
        return rows


def load_settings(workspace: Path, app: App, overrides: Mapping[str, Any] | None = None) -> LoadedSettings:
    """Read all settings of a workspace; raises SettingsError with file and key path for whatever is wrong.

    `overrides` are command-line options by dotted key (`workspace.tenant`); None stands for not given.
    """
    model = _model(app)
    path, content = read_file(workspace)
    options: dict[str, dict[str, Any]] = {}
    for dotted, value in (overrides or {}).items():
        if value is not None:
            section, _, key = dotted.partition(".")
            options.setdefault(section, {})[key] = value
    known, warnings = _known_sections(content, model, path, app)
    warnings += _unknown_variables(model, app)
    ownerless = _ownerless(content, model)
    given = _with_options(model, options)
    try:
        loaded = given(**known)
    except ValidationError as error:
        raise SettingsError(explain(error, path, model)) from None
    except pydantic_settings.SettingsError as error:
        raise SettingsError(f"environment: {error}") from None
    return LoadedSettings(
        loaded, workspace, warnings, ownerless, overrides or {}, app, _origins(loaded, known, options, path)
    )


def json_schema(app: App) -> dict[str, Any]:
    """Return the JSON Schema of egregora.toml, plugin sections included."""
    return _model(app).model_json_schema()


def describe_section(app: App, plugin: str) -> list[dict[str, Any]]:
    """Return each setting of a plugin: dotted key, type, default and help; empty where it has no section."""
    model = _model(app)
    name = next((p.spec.section or plugin for p in app.settings if p.plugin == plugin), None)
    if name is None:
        return []
    section: type[BaseModel] = model.model_fields[name].annotation  # type: ignore[assignment]  # `_section` made it
    defaults = section().model_dump(mode="json")
    return [
        {
            "key": f"{name}.{key}",
            "type": _spell(field.annotation),
            "default": defaults[key],
            "help": " ".join((field.description or "").split()),
        }
        for key, field in section.model_fields.items()
    ]


def _spell(annotation: Any) -> str:
    plain = isinstance(annotation, type) and not get_args(annotation)
    return annotation.__name__ if plain else str(annotation).replace("typing.", "").replace("NoneType", "None")


def _with_options(model: type[Settings], options: Mapping[str, Any]) -> type[Settings]:
    """Return the model with one more source, before all others: the command line."""
    if not options:
        return model

    class Given(model):  # type: ignore[misc, valid-type]  # a model made at run time
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], **sources: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            others: tuple[PydanticBaseSettingsSource, ...] = super().settings_customise_sources(settings_cls, **sources)
            return (_Options(settings_cls, options), *others)

    return Given


def _model(app: App) -> type[Settings]:
    """Return the settings model with the sections of plugins; one whose model is broken fails alone."""
    sections: dict[str, type[BaseModel]] = {}
    for provided in app.settings:
        try:
            section = _section(app.resolve(provided.spec.model), provided.spec.model)
            section()
            sections[provided.spec.section or provided.plugin] = section
        except Exception as error:  # noqa: BLE001 - a validator of somebody else's raises what it likes
            app.fail(provided.plugin, "settings", error)
    return _with_sections(tuple(sections.items()))


@cache
def _with_sections(sections: tuple[tuple[str, type[BaseModel]], ...]) -> type[Settings]:
    """Return the model with these sections; it is made once, since that takes longer than to read them."""
    fields: dict[str, Any] = {name: (section, section()) for name, section in sections}
    return create_model("Settings", __base__=Settings, **fields) if fields else Settings


def _section(model: Any, target: str) -> type[BaseModel]:
    """Return a plugin's settings model as one that refuses unknown keys, whatever it says of them itself."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise PluginError(f"{target!r} is a {type(model).__name__}, expected a pydantic model")
    if bare := [name for name, field in model.model_fields.items() if field.is_required()]:
        raise PluginError(f"{target!r}: {', '.join(bare)} has no default, and each setting needs one")
    return model if model.model_config.get("extra") == "forbid" else _refusing(model)


@cache
def _refusing(model: type[BaseModel]) -> type[BaseModel]:
    config = ConfigDict(extra="forbid")
    return type(model.__name__, (model,), {"model_config": config, "__module__": model.__module__})


def _known_sections(
    content: Mapping[str, Any], model: type[Settings], path: Path | None, app: App
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Drop sections of plugins that are not installed, with a warning each; a misspelt one is an error."""
    known, warnings = {}, []
    for name, value in content.items():
        if name in model.model_fields:
            known[name] = value
        elif _left_out(app, name):
            continue
        elif hint := unknown_key(name, dict(model.model_fields)):
            raise SettingsError(f"{path}: unknown section [{name}]{hint}")
        else:
            warnings.append(f"{path}: no installed plugin has a section [{name}]; it is ignored")
    return known, tuple(warnings)


def _left_out(app: App, section: str) -> bool:
    """Tell whether a section is that of a plugin that is disabled, or broken, which was said already."""
    plugin = app.plugin(section)
    return plugin is not None and plugin.status != "ok"


def _ownerless(content: Mapping[str, Any], model: type[Settings]) -> tuple[str, ...]:
    """Return the sections that say `enabled = true`, in the file or the environment, and that no plugin has."""
    enabled = {name: value.get("enabled") for name, value in content.items() if isinstance(value, dict)}
    for variable, value in os.environ.items():
        section, nested, key = variable.upper().removeprefix(ENV_PREFIX).partition("__")
        if variable.upper().startswith(ENV_PREFIX) and nested and key == "ENABLED":
            enabled[section.lower()] = value.lower() in {"true", "1", "yes", "on", "t", "y"}
    return tuple(sorted(name for name, value in enabled.items() if value is True and name not in model.model_fields))


def _unknown_variables(model: type[Settings], app: App) -> tuple[str, ...]:
    """Do for variables of the environment what `_known_sections` does for the file."""
    warnings = []
    for variable in sorted(os.environ):
        section, nested, _ = variable.upper().removeprefix(ENV_PREFIX).partition("__")
        if not variable.upper().startswith(ENV_PREFIX) or not nested or section.lower() in model.model_fields:
            continue
        if _left_out(app, section):
            continue
        if hint := unknown_key(section.lower(), dict(model.model_fields)):
            raise SettingsError(f"{variable}: unknown section [{section.lower()}]{hint}")
        warnings.append(f"{variable}: no installed plugin has a section [{section.lower()}]; it is ignored")
    return tuple(warnings)


def _origins(
    loaded: Settings, content: Mapping[str, Any], options: Mapping[str, Mapping[str, Any]], path: Path | None
) -> dict[str, str]:
    origins = {}
    given = sorted(map(str.upper, os.environ))
    for section, values in loaded.model_dump().items():
        for key in values:
            variable = f"{ENV_PREFIX}{section}__{key}".upper()
            if key in options.get(section, {}):
                origins[f"{section}.{key}"] = "command line"
            elif found := [name for name in given if name == variable or name.startswith(f"{variable}__")]:
                origins[f"{section}.{key}"] = ", ".join(found)
            elif key in content.get(section, {}):
                origins[f"{section}.{key}"] = str(path)
    return origins
