"""Whether messages may leave this machine: somebody is asked once for each place, and each run says it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from egregora_core.errors import UsageError
from egregora_core.pipeline._arguments import named_arguments
from egregora_core.plugins import App
from egregora_core.workspace import Workspace


def place_of(app: App, target: str, settings: Mapping[str, Any]) -> str:
    """Return where a plugin sends messages, as its own function `target` says; empty where they do not leave."""
    function = app.resolve(target)
    return str(function(**named_arguments(function, settings)))


def agree_to_send(
    workspace: Workspace,
    place: str,
    what: str,
    *,
    agreed: Collection[str] = (),
    ask: Callable[[str], bool] | None = None,
) -> None:
    """Make sure that somebody agreed to send messages to a place; raises UsageError where nobody does."""
    if not place or place in workspace.agreed_places():
        return
    if place not in agreed:
        said = f"{what} sends messages (names in them are replaced by pseudonyms) off this machine, to {place}"
        if ask is None:
            raise UsageError(f"{said}; say `--send-to {place}` once to agree to that; nothing was sent")
        if not ask(f"{said}. Agree to that, now and from now on?"):
            raise UsageError(f"nothing was sent to {place}; name a model on this machine, or turn the plugin off")
    workspace.agree_to(place)
