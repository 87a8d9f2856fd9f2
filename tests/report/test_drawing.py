"""What `vl-convert` makes for the report, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def _answer(compiled: Path) -> Any:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(
        [sys.executable, "-m", "egregora_report.drawing"],
        input='{"charts": {}, "pictures": {}}',
        capture_output=True,
        check=True,
        encoding="utf-8",
        env=environment,
    )
    return json.loads(done.stdout)


@pytest.mark.slow  # to make the script takes seconds
def test_the_script_that_draws_charts_is_made_once_for_all_workspaces(tmp_path: Path) -> None:
    """It is kept with what Python compiled, and what is kept is used as it is."""
    made = _answer(tmp_path)["scripts"]["runtime"]
    (kept,) = tmp_path.rglob("vega-*.js")
    assert made == f"(()=>{{{kept.read_text(encoding='utf-8')}\n}})();\n"

    kept.write_text("kept();", encoding="utf-8")

    assert _answer(tmp_path)["scripts"]["runtime"] == "(()=>{kept();\n})();\n"
