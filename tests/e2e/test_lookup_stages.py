"""Stages that look things up: in a Python function, in a table that they bring along."""

from pathlib import Path

import pytest
from support import egregora, install_plugin

PLUGIN = """
EGREGORA_API = 1

from egregora_core.plugin import hookimpl
from egregora_core.plugin import StageSpec


@hookimpl
def register_stages():
    return [StageSpec("lookup", "enrichment", "1", "egregora_lookup_stage:lookup", row_wise={row_wise})]
"""

STAGE = """
import ibis
import pyarrow as pa

SHOUTED = {"hello": "HELLO"}


@ibis.udf.scalar.python
def shout(text: str) -> str:
    return SHOUTED.get(text, text)


def lookup(data):
    answers = ibis.memtable(pa.table({"asked": ["how are you?"], "answer": ["fine"]}))
    joined = data.left_join(answers, data.text == answers.asked)
    return joined.select(**{
        name: ibis.coalesce(joined.answer, shout(data.text)) if name == "text" else data[name] for name in data.columns
    })
"""

CHAT = "".join(
    f"14/03/2024, 10:0{minute} - Ana: {text}\n" for minute, text in enumerate(("hello", "how are you?", "bye"))
)


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize("row_wise", [False, True])
def test_a_stage_may_use_a_python_function_and_a_table_of_its_own(tmp_path: Path, row_wise: bool) -> None:  # noqa: FBT001 - a parameter
    """Both are known to the engine when the stage's SQL runs, and the result stands the next time."""
    site = tmp_path / "site-packages"
    modules = {"egregora_lookup": PLUGIN.format(row_wise=row_wise), "egregora_lookup_stage": STAGE}
    install_plugin(site, "egregora-lookup", modules)
    work = tmp_path / "work"
    work.mkdir()
    chat = work / "WhatsApp Chat with Ana.txt"
    chat.write_text(CHAT, encoding="utf-8")

    def told(*arguments: str) -> str:
        done = egregora(*arguments, cwd=work, site=site, code=0)
        return done.stdout + done.stderr

    told("run", chat.name, "--timezone", "UTC")

    assert told("query", "--csv", "select text from stage_lookup order by ts").split("\n")[1:4] == [
        "HELLO",
        "fine",
        "bye",
    ]
    assert "lookup" in (again := told("run"))
    assert "stands" in next(x for x in again.splitlines() if "lookup" in x)
    chat.write_text(CHAT + "14/03/2024, 10:09 - Ana: hello\n", encoding="utf-8")
    told("run", chat.name)
    assert "HELLO" in told("query", "--csv", "select text from stage_lookup order by ts desc limit 1")
