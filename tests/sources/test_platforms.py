"""egregora-sources registers platforms by strings; each is a module of its own."""

import subprocess
import sys

import egregora_sources
from egregora_core.plugins import App


def test_every_entry_names_a_module_that_works() -> None:
    """What the registration names can be imported, and tells people what the platform is called and wants."""
    app = App(plugins=[egregora_sources], discover=False)
    for target in app.targets("sources"):
        assert callable(app.resolve(target))
    for platform in egregora_sources.PLATFORMS:
        assert platform.title
        assert platform.accepts


def test_entries_stand_in_order_once() -> None:
    """A platform is found by its name: names are unique, and in alphabetical order."""
    names = [platform.name for platform in egregora_sources.PLATFORMS]
    assert names == sorted(set(names))


def test_registration_is_light() -> None:
    """A start of the command pays for no platform: registering imports none of them, nor Arrow."""
    heavy = "[name for name in sys.modules if name == 'pyarrow' or name.startswith('egregora_sources.')]"
    code = f"import sys, egregora_sources; print({heavy})"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "[]\n"
