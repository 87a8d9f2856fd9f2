"""What `vl-convert` draws: scripts for the pages and pictures, made in a process that ends with its answer.

The engine in it would keep its memory to the end of this process. It takes a second to start, and who needs the scripts
has a new report or another version, and needs every picture as well: they are made together.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from egregora_core.plugin import StageError

from egregora_report.charts import charts

_SCRIPTS: dict[str, Any] = {}
"""They depend on the version alone, so a process asks once for them, whatever number of reports it makes."""


class Drawing:
    """The scripts of a report and its pictures, which are given as specifications of Vega-Lite's."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self.asked = asked
        self._pictures: dict[str, dict[str, str]] = {}

    @property
    def runtime(self) -> str:
        """The script that draws charts: Vega as `vl-convert` carries it, kept to itself."""
        return str(self._scripts["runtime"])

    @property
    def charts(self) -> Any:
        """Each chart by its name, as a specification of Vega's."""
        return self._scripts["charts"]

    def svg(self, name: str) -> str:
        return self._picture(name)["svg"]

    def png(self, name: str) -> bytes:
        return base64.b64decode(self._picture(name)["png"])

    @property
    def _scripts(self) -> Mapping[str, Any]:
        if not _SCRIPTS:
            made = _made({"charts": charts(), "pictures": self.asked})
            _SCRIPTS.update(made["scripts"])
            self._pictures = made["pictures"]
        return _SCRIPTS

    def _picture(self, name: str) -> Mapping[str, str]:
        if name not in self._pictures:
            self._pictures |= _made({"pictures": {name: self.asked[name]}})["pictures"]
        return self._pictures[name]


def made_with() -> str:
    """Name the version that all depends on."""
    return f"vl-convert {version('vl-convert-python')}"


def _made(asked: Mapping[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "egregora_report.drawing"],
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise StageError(f"the charts cannot be made: {done.stderr.strip().rpartition(chr(10))[2]}")
    return dict(json.loads(done.stdout))


def _answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scripts": _scripts(asked["charts"]) if "charts" in asked else {},
        "pictures": {name: _picture(each) for name, each in asked["pictures"].items()},
    }


def _scripts(asked: Mapping[str, Any]) -> dict[str, Any]:
    import vl_convert

    def vega(chart: Any) -> Any:
        made = vl_convert.vegalite_to_vega(chart)
        return {key: value for key, value in made.items() if key != "background"}

    return {
        "runtime": f"(()=>{{{_carried()}\n}})();\n",
        "charts": {name: vega(chart) for name, chart in asked.items()},
    }


def _carried() -> str:
    """Return Vega as one script, made once for each version: that takes seconds, and nobody's chats are in it.

    It is kept where Python keeps this module compiled, which is as much to be trusted as the module is.
    """
    import vl_convert

    kept = Path(cache_from_source(__file__)).with_name(f"vega-{version('vl-convert-python')}.js")
    with suppress(OSError):
        return kept.read_bytes().decode()
    made = vl_convert.javascript_bundle(snippet=None)  # type: ignore[arg-type]  # its signature allows None, the libraries alone; its stub does not
    if not sys.dont_write_bytecode:
        half = kept.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # where packages are installed for all, not everybody may write
            kept.parent.mkdir(parents=True, exist_ok=True)
            half.write_bytes(made.encode())
            half.replace(kept)
    return made


def _picture(specification: Any) -> dict[str, str]:
    import vl_convert

    return {
        "svg": vl_convert.vegalite_to_svg(specification),
        "png": base64.b64encode(vl_convert.vegalite_to_png(specification)).decode(),
    }


if __name__ == "__main__":
    sys.stdout.buffer.write(json.dumps(_answer(json.loads(sys.stdin.buffer.read()))).encode())
