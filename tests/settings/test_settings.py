"""Settings: later wins, unknown keys are errors with a cure, and the quick reading agrees with the whole one."""

import json
from pathlib import Path

import pytest
from egregora_core.errors import SettingsError
from egregora_core.plugins import App
from egregora_core.settings import json_schema, load_settings
from egregora_core.workspace import read_early
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def app() -> App:
    return App(discover=False)


def test_later_wins_and_explain_says_where_from(tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults, the file, the environment, options: each overrides the one before, and is named."""
    (tmp_path / "egregora.toml").write_text("[windows]\nsize = 5\n[privacy]\nmask_urls = true\n[summary]\ntags = 2\n")
    monkeypatch.setenv("EGREGORA_SUMMARY__TAGS", "3")
    monkeypatch.setenv("EGREGORA_WINDOWS__SIZE", "6")

    loaded = load_settings(tmp_path, app, {"windows.size": 7, "workspace.tenant": None})
    origins = {key: (value, origin) for key, value, origin in loaded.explain()}

    assert origins["windows.size"] == (7, "command line")
    assert origins["summary.tags"] == (3, "EGREGORA_SUMMARY__TAGS")
    assert origins["privacy.mask_urls"] == (True, str(tmp_path / "egregora.toml"))
    assert origins["workspace.tenant"] == ("default", "default")


def test_pyproject_holds_settings_too_but_not_both(tmp_path: Path, app: App) -> None:
    """`[tool.egregora]` is read like egregora.toml; two places for one truth are refused."""
    (tmp_path / "pyproject.toml").write_text('[tool.egregora.workspace]\ntenant = "other"\n')

    assert load_settings(tmp_path, app).workspace.tenant == "other"
    assert read_early(tmp_path).tenant == "other"

    (tmp_path / "egregora.toml").write_text("")
    with pytest.raises(SettingsError, match="keep one of them"):
        load_settings(tmp_path, app)


def test_all_problems_are_reported_at_once_with_file_and_key(tmp_path: Path, app: App) -> None:
    """Nobody mends settings one error at a time."""
    (tmp_path / "egregora.toml").write_text("[windows]\nsiez = 3\n[privacy]\nmask_urls = 'perhaps'\n")

    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, app)

    first, second = str(caught.value).splitlines()
    assert first.startswith(str(tmp_path / "egregora.toml"))
    assert "[windows] siez; did you mean 'size'?" in first
    assert "[privacy] mask_urls" in second


def test_the_section_of_a_plugin_that_is_not_installed_is_a_warning(tmp_path: Path, app: App) -> None:
    """A shared file may configure what this machine has not installed."""
    (tmp_path / "egregora.toml").write_text("[ranking]\nenabled = true\n")

    loaded = load_settings(tmp_path, app)

    assert len(loaded.warnings) == 1
    assert "[ranking]" in loaded.warnings[0]


def test_the_schema_has_the_sections_of_plugins(app: App) -> None:
    """Editors check plugin sections as they check core's."""
    properties = json_schema(app)["properties"]

    assert {"workspace", "windows", "privacy", "summary", "markdown"} <= properties.keys()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tenant=st.from_regex("[a-z0-9][a-z0-9_.-]{0,12}", fullmatch=True),
    timeout=st.floats(0, 1000),
    disabled=st.lists(st.from_regex("[a-z-]{1,8}", fullmatch=True), max_size=3),
    strict=st.booleans(),
    by_environment=st.booleans(),
)
def test_the_quick_reading_parses_as_pydantic_settings_does(
    tenant: str,
    timeout: float,
    disabled: list[str],
    strict: bool,  # noqa: FBT001 - drawn
    by_environment: bool,  # noqa: FBT001 - drawn
    tmp_path: Path,
    app: App,
) -> None:
    """What is read early, with tomllib alone, is what is read later with everything."""
    import json

    file = tmp_path / "egregora.toml"
    with pytest.MonkeyPatch.context() as patch:
        if by_environment:
            file.write_text("")
            patch.setenv("EGREGORA_WORKSPACE__TENANT", tenant)
            patch.setenv("EGREGORA_DATABASE__LOCK_TIMEOUT", repr(timeout))
            patch.setenv("EGREGORA_PLUGINS__DISABLED", json.dumps(disabled))
            patch.setenv("EGREGORA_PLUGINS__STRICT", str(strict).lower())
        else:
            file.write_text(
                f"[workspace]\ntenant = {json.dumps(tenant)}\n[database]\nlock_timeout = {timeout!r}\n"
                f"[plugins]\ndisabled = {json.dumps(disabled)}\nstrict = {str(strict).lower()}\n"
            )
        early = read_early(tmp_path)
        whole = load_settings(tmp_path, app)

    assert early.tenant == whole.workspace.tenant == tenant
    assert early.lock_timeout == whole.database.lock_timeout == timeout
    assert tuple(early.disabled) == tuple(dict.fromkeys(whole.plugins.disabled)) == tuple(dict.fromkeys(disabled))
    assert early.strict == whole.plugins.strict == strict
    assert early.database == whole.database_path


def test_a_section_that_only_the_environment_misspells_is_an_error(
    tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable counts as a line of the file does: a near miss is an error, another plugin's a warning."""
    monkeypatch.setenv("EGREGORA_RANKING__ENABLED", "true")
    assert "EGREGORA_RANKING__ENABLED" in load_settings(tmp_path, app).warnings[0]

    monkeypatch.setenv("EGREGORA_PIPELIN__TIMEZONE", "UTC")
    with pytest.raises(SettingsError, match=r"EGREGORA_PIPELIN__TIMEZONE.*did you mean 'pipeline'"):
        load_settings(tmp_path, app)


def test_the_quick_reading_takes_variables_in_any_case(
    tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pydantic-settings does, and the two never differ."""
    monkeypatch.setenv("egregora_workspace__tenant", "lower")

    assert read_early(tmp_path).tenant == load_settings(tmp_path, app).workspace.tenant == "lower"


@pytest.mark.parametrize(
    "word", ["true", "T", "yes", "y", "ON", "1", "false", "f", "No", "n", "off", "0", "perhaps", ""]
)
def test_both_readings_agree_on_what_is_true(
    word: str, tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one refuses, the other refuses."""
    monkeypatch.setenv("EGREGORA_PLUGINS__STRICT", word)
    found: list[bool | None] = []
    for read in (lambda: read_early(tmp_path).strict, lambda: load_settings(tmp_path, app).plugins.strict):
        try:
            found.append(read())
        except SettingsError:
            found.append(None)

    assert found[0] == found[1]


def test_a_list_in_a_variable_is_shown_how_to_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare name is what everybody tries first."""
    monkeypatch.setenv("EGREGORA_PLUGINS__DISABLED", "elo")

    with pytest.raises(SettingsError, match=r'EGREGORA_PLUGINS__DISABLED .* such as \["name"\]'):
        read_early(tmp_path)


@pytest.mark.parametrize("content", ["tool = 1\n", "[project]\nname = 'x'\n", "[tool]\nother = 1\n"])
def test_somebody_elses_pyproject_is_no_settings_file(content: str, tmp_path: Path, app: App) -> None:
    """Only `[tool.egregora]` counts."""
    (tmp_path / "pyproject.toml").write_text(content)

    assert load_settings(tmp_path, app).workspace.tenant == read_early(tmp_path).tenant == "default"


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path, app: App) -> None:
    """Notepad writes one."""
    (tmp_path / "egregora.toml").write_text("[workspace]\ntenant = 'bom'\n", encoding="utf-8-sig")

    assert load_settings(tmp_path, app).workspace.tenant == read_early(tmp_path).tenant == "bom"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[pipeline]\nstages = 'privacy'", '[pipeline] stages: expected a list such as ["name"]'),
        ("[pipeline]\nstages = ['privacy', 3]", '[pipeline] stages, item 2: expected text in quotes such as "name"'),
        ("[privacy]\nmask_urls = 'perhaps'", "[privacy] mask_urls: expected true or false"),
        ("[windows]\nsize = 'many'", "[windows] size: expected a whole number such as 7"),
        ("[windows]\nsize = 1.5", "[windows] size: expected a whole number such as 7"),
        ("[windows]\nsize = 0", "[windows] size: expected at least 1"),
        ("[database]\nlock_timeout = 'long'", "[database] lock_timeout: expected a number such as 0.5"),
        ("[database]\nurl = 7", '[database] url: expected text in quotes such as "name"'),
        ("[windows]\nby = 'dayz'", "did you mean 'days'?"),
        ("[pipeline]\ndate_order = 'DYM'", "[pipeline] date_order: expected 'DMY', 'MDY' or 'YMD'"),
        ("windows = 7", "[windows]: expected a table"),
    ],
)
def test_what_is_wrong_with_a_value_is_said_in_plain_words(content: str, said: str, tmp_path: Path, app: App) -> None:
    """Whoever writes a settings file need not know what a tuple is."""
    (tmp_path / "egregora.toml").write_text(content + "\n")

    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, app)
    assert said in str(caught.value)
    assert "Input should be" not in str(caught.value)


@pytest.mark.parametrize(
    ("aliases", "said"),
    [
        ({"Ana": ["Ann"], "Bo": ["Ann"]}, "entries 1 and 2 list the same name"),
        ({"Ana": ["Ann"], "Ann": ["Anna"]}, "entry 1 lists the name that entry 2 is for"),
        ({"Ann": ["Anna"], "Ana": ["Ann"]}, "entry 2 lists the name that entry 1 is for"),
        ({"Ana": "Ann"}, 'expected a list such as ["name"]'),
        ({"Ana": [3]}, 'item 1: expected text in quotes such as "name"'),
    ],
)
def test_a_name_is_one_persons(aliases: dict[str, object], said: str, tmp_path: Path, app: App) -> None:
    """Who would be two persons, or another's other name's name, is refused; and the error names nobody."""
    entries = "".join(f"{name} = {json.dumps(others)}\n" for name, others in aliases.items())
    (tmp_path / "egregora.toml").write_text("[authors.aliases]\n" + entries)

    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, app)
    assert said in str(caught.value)
    assert "An" not in str(caught.value).replace(str(tmp_path), "")


def test_several_names_of_one_person_are_fine(tmp_path: Path, app: App) -> None:
    """Also the own name among them, or one of them twice."""
    (tmp_path / "egregora.toml").write_text('[authors.aliases]\nAna = ["Ann", "Ann", "Ana"]\nBo = []\n')

    assert load_settings(tmp_path, app).authors.aliases == {"Ana": ["Ann", "Ann", "Ana"], "Bo": []}
