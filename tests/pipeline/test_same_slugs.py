"""Writers that want one slug: whose it is follows from what there is, and nobody's result changes by another's."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import desk
import duckdb
import pytest
from egregora_core.plugin import Document, Unit, WriterSpec, hookimpl

CHAT = "30/01/2024, 18:00 - Ana: hello\n30/01/2024, 18:01 - Bo: good evening\n"


def write(unit: Unit) -> Iterator[Document]:
    yield Document("post", "same", "Same", unit.key)


def _plugin(*names: str) -> ModuleType:
    module = ModuleType("wanting")
    module.EGREGORA_API = 1  # type: ignore[attr-defined]
    specs = [WriterSpec(name, "window", "1", f"{__name__}:write") for name in names]
    module.register_writers = hookimpl(lambda: specs)  # type: ignore[attr-defined]
    return module


def _slugs(at: desk.Desk) -> list[tuple[str, str]]:
    return at.query("SELECT writer, slug FROM documents WHERE title = 'Same' ORDER BY 1")


@pytest.mark.slow  # several whole commands
def test_who_loses_a_slug_has_still_written_what_it_did(tmp_path: Path) -> None:
    """The first by name has it though it writes last; when another program has been at the file, all still stands."""
    chat = tmp_path / "WhatsApp Chat with Ana.txt"
    chat.write_text(CHAT, encoding="utf-8")
    at = desk.Desk(tmp_path / "w", timezone="UTC")
    at.plugins = (_plugin("zeta"),)
    at.run(chat)
    assert _slugs(at) == [("zeta", "same")]
    at.plugins = (_plugin("zeta", "alpha"),)
    at.run()
    (alpha, slug), (zeta, numbered) = _slugs(at)
    assert (alpha, slug, zeta) == ("alpha", "same", "zeta")
    assert numbered.startswith("same-")

    with duckdb.connect(str(at.path / ".egregora" / "egregora.duckdb")) as connection:
        connection.execute("CREATE TABLE somebody_elses AS SELECT 1 AS a")
    at.run()
    written = {line.stage: line.text for line in at.lines if line.step == "generation"}
    assert "stands" in written["zeta"], written
    assert "stands" in written["alpha"], written
