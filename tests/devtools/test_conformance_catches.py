"""The kit catches what it says it catches: for each of its tests, a plugin that is broken in that way fails it.

The plugins are those of the template, which pass (see test_new_plugin.py), each with one edit. Sources that are broken,
and what is tested of any plugin, are in test_source_mutants.py.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from egregora_devtools.conformance import (
    Conformance,
    PublisherConformance,
    StageConformance,
    WriterConformance,
)
from egregora_devtools.new_plugin import make_plugin

pytest_plugins = ["pytester"]

SUITES: dict[str, type[Conformance]] = {
    "stage": StageConformance,
    "writer": WriterConformance,
    "publisher": PublisherConformance,
}
RANDOM = "__import__('random').random()"
COUNTER = ('    """Yield the document', '    _SEEN.append(1)\n    """Yield the document')
SEEN = ("\n\ndef write", "\n_SEEN: list[object] = []\n\n\ndef write")
REPLACED = "text=data.text.replace(word, by)"


@dataclass(frozen=True)
class Broken:
    """An edit of the template's plugin, the test that must fail, and what the failure must say."""

    kind: str
    test: str
    says: str
    edits: tuple[tuple[str, str], ...]


def broken(kind: str, test: str, says: str, *edits: tuple[str, str]) -> Broken:
    return Broken(kind, f"test_{test}", says, edits)


BROKEN = [
    broken("stage", "result_is_valid", "'media_url' is missing", ("@validate_stage\n", ""), ("by))", 'by)).drop("media_url")')),
    broken("stage", "result_is_deterministic", "assert [", (REPLACED, "text=data.text + __import__('ibis').random().cast('string')")),
    broken("stage", "result_stands", "another result each time", (REPLACED, "text=data.text + __import__('ibis').random().cast('string')")),
    broken("stage", "result_stands", "settings = ", ('    word: str = "lol"', '    enabled: bool = False\n    word: str = "lol"')),
    broken("stage", "order_of_rows_is_nothing", "assert [", (REPLACED, "text=data.text + __import__('ibis').row_number().cast('string')")),
    broken("stage", "no_row_is_lost", "assert [", ("return data", "return data.filter(data.text != 'plain')")),
    broken("stage", "only_what_is_declared_changes", "not in `changes`: media_type", (REPLACED, f"{REPLACED}, media_type=data.source")),
    broken("stage", "rows_are_independent", "depends on other rows", (REPLACED, "text=data.text + data.event_id.count().over().cast('string')")),
    broken("stage", "growing_chat_gives_what_a_fresh_one_gives", "assert [", (REPLACED, "text=data.text + data.event_id.count().over().cast('string')")),
    broken("stage", "stage_stays_in_the_engine", "fetches rows while it is called", ("    return data", "    assert data.count().to_pyarrow()\n    return data")),
    broken("stage", "empty_input_is_fine", "ZeroDivisionError", ("    return data", "    assert 1 / data.count().to_pyarrow().as_py()\n    return data")),
    broken("stage", "hostile_input_gives_typed_errors", "ConversionException", (REPLACED, "text=data.text.cast('int64').cast('string')")),
    broken("writer", "documents_are_valid", "its kind must be", ('Document("', 'Document("A ')),
    broken("writer", "slugs_are_unique", "of several documents", ("-{unit.key[-8:]}", ""), ("-{day}", "")),
    broken("writer", "pipeline_writes", "'degraded' == 'completed'", ("    day =", "    assert unit.window_start.day % 2\n    day =")),
    broken("writer", "documents_are_deterministic", "assert [", ("Who wrote, from {day}", f"{{{RANDOM}}}")),
    broken("writer", "documents_are_the_same_in_every_process", "sort what comes out of a set", ("sorted(authors.items())", "set(authors.items())")),
    broken("writer", "documents_do_not_depend_on_batches", "in batches", ('unit.messages["author_raw"]', 'next(unit.batches("author_raw"))["author_raw"]')),
    broken("writer", "units_are_independent", "assert [", SEEN, COUNTER, ("Who wrote, from {day}", "{len(_SEEN)}")),
    broken("writer", "ids_are_stable_as_the_chat_grows", "assert [", SEEN, COUNTER, ("{unit.key[-8:]}", "{len(_SEEN)}")),
    broken("writer", "result_stands", "unchanged, but written again", ("    day =", "    assert unit.window_start.day % 2\n    day =")),
    broken("writer", "every_unit_is_written", "units have no document", ("    day =", "    if len(lines) < 9:\n        return\n    day =")),
    broken("writer", "host_lets_documents_through", "names somebody in its title", ("Who wrote, from {day}", "Ana Kelemen wrote, from {day}")),
    broken("writer", "host_lets_documents_through", "1 links lead where no message", ('"\\n".join([*lines, ""])', '"\\n".join([*lines, "https://example.org/x"])')),
    broken("writer", "hostile_units_give_typed_errors", "AttributeError", ("    day =", '    unit.messages["attrs"].to_pylist()[0].strip()\n    day =')),
    broken("writer", "memory_is_bounded", "bytes are kept", SEEN, ("    day =", "    _SEEN.append(bytes(10_000))\n    day =")),
    broken("publisher", "files_are_valid", "StageError", ('path = f"{', 'path = f"../{')),
    broken("publisher", "pipeline_publishes", "AssertionError", ("        path =", "        assert document['kind'] != 'profile'\n        path =")),
    broken("publisher", "files_are_deterministic", "assert [", ("from typing import Any\n", "from random import random\nfrom typing import Any\n"), ("{document['title']}\\n\\n", "{random()}\\n\\n")),
    broken("publisher", "files_are_the_same_in_every_process", "sort what comes out of a set", ('"".join(listed)', '"".join(set(listed))')),
    broken("publisher", "nothing_is_lost", "in no file: day-0003", ("        path =", "        if document['slug'].endswith('3'):\n            continue\n        path =")),
    broken("publisher", "bodies_are_kept", "not as they were written", ("{document['body']}\"", "{document['body']}\".replace('<', '&lt;')")),
    broken("publisher", "paths_are_stable_as_documents_are_added", "got another path", ("{document['slug']}", "{len(listed)}")),
    broken("publisher", "no_documents_are_fine", "IndexError", ('    yield PublishedFile("contents', '    assert listed[0]\n    yield PublishedFile("contents')),
    broken("publisher", "hostile_documents_give_typed_errors", "TypeError", ("        path =", "        assert __import__('json').loads(document['attrs'])\n        path =")),
    broken("publisher", "memory_is_bounded", "yield file by file", ("in documents:", "in list(documents):")),
]  # fmt: skip


def test_each_test_of_the_kit_has_a_plugin_that_fails_it() -> None:
    """No invariant is without a fixture that breaks it; those of any plugin are shown on sources."""
    shared = {name for name in vars(Conformance) if name.startswith("test_")}
    wanted = {(kind, name) for kind, suite in SUITES.items() for name in dir(suite) if name.startswith("test_")}
    wanted -= {(kind, name) for kind in SUITES for name in shared}

    assert {(case.kind, case.test) for case in BROKEN} == wanted


@pytest.mark.slow  # a session of fifty plugins, some of them in processes of their own
def test_broken_plugins_fail(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each broken plugin fails the test that is about what is broken, and the failure says so."""
    nodes: dict[str, Broken] = {}
    sources: list[str] = []
    for number, case in enumerate(BROKEN):
        name = f"{case.kind}{number}"
        package = make_plugin(name, case.kind, pytester.path)
        sources.append(str(package / "src"))
        file = package / "tests/test_conformance.py"
        for old, new in case.edits:
            _edit([*package.rglob("*.py")], old, new)
        file = file.rename(file.with_name(f"test_{name}.py"))
        nodes[f"{file.relative_to(pytester.path)}::Test{case.kind.capitalize()}::{case.test}"] = case

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sources))
    result = pytester.path / "result.xml"
    options = ("-p", "no:cacheprovider", "--import-mode=importlib", f"--junitxml={result}")
    pytester.runpytest_subprocess(f"--rootdir={pytester.path}", *options, *nodes)
    failures = {}
    for test in ET.parse(result).iter("testcase"):  # noqa: S314 - what pytest has just written
        module, _, suite = test.get("classname", "").rpartition(".")
        name = test.get("name", "").partition("[")[0]
        failures[f"{module.replace('.', '/')}.py::{suite}::{name}"] = "".join(
            failure.text or "" for failure in test.iter("failure")
        )

    unexpected = {
        node: failures.get(node, "not run")[-1500:]
        for node, case in nodes.items()
        if case.says not in failures.get(node, "")
    }
    assert not unexpected, "\n\n".join(f"{node}: {text}" for node, text in unexpected.items())


def _edit(files: list[Path], old: str, new: str) -> None:
    """Replace a text that stands in exactly one of the files."""
    (file,) = [file for file in files if old in file.read_text(encoding="utf-8")]
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
