"""The example notebook: it runs, and prints what stands in it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples/notebook.ipynb"
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""

pytestmark = pytest.mark.slow  # a kernel of its own, and ibis in it


def printed(path: Path) -> list[Any]:
    """Return what each cell printed, as text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return [output.get("data", {}).get("text/plain", output) for output in outputs]


def test_the_notebook_runs_and_prints_what_it_shows(tmp_path: Path) -> None:
    """In an empty directory, from its first cell to its last."""
    again = tmp_path / "again.ipynb"
    command = [sys.executable, "-W", "ignore", "-c", RUN, str(NOTEBOOK), str(again)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    assert printed(again) == printed(NOTEBOOK)
