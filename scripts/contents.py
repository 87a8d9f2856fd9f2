"""Check what is in wheels and sdists: the typed marker and the licence are, tests and leftovers are not."""

import sys
import tarfile
import zipfile
from pathlib import Path

_UNWANTED = ("/tests/", "__pycache__", ".pyc", ".duckdb", ".egregora/")


def problems(path: Path) -> list[str]:
    """Say what is wrong with one distribution."""
    if path.suffix == ".whl":
        names = zipfile.ZipFile(path).namelist()
    else:
        with tarfile.open(path) as archive:
            names = archive.getnames()
    module = path.name.partition("-")[0]
    found = [
        f"{path.name}: no {wanted}"
        for wanted in (f"{module}/py.typed", "LICENSE", f"{module}/__init__.py")
        if not any(name.endswith(wanted) for name in names)
    ]
    ours = [name for name in names if "/template/" not in name]  # the template's tests belong to its packages
    return found + [f"{path.name}: {name}" for name in ours for part in _UNWANTED if part in f"/{name}"]


if __name__ == "__main__":
    checked = [Path(name) for name in sys.argv[1:] if name.endswith((".whl", ".tar.gz"))]
    wrong = [problem for path in checked for problem in problems(path)]
    sys.stdout.write("".join(f"{line}\n" for line in wrong) or f"ok: contents of {len(checked)} distributions\n")
    sys.exit(bool(wrong))
