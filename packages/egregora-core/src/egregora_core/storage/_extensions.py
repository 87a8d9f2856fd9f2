"""The engine's extensions that a lake needs, found where a wheel or the engine's own installer has put them.

Nothing is ever fetched. What is loaded the engine checks itself: it refuses a file that its makers have not signed.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.errors import WorkspaceError
from egregora_core.storage._sql import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def load_extension(connection: "DuckDBPyConnection", name: str) -> None:
    """Load one of the engine's extensions; raises WorkspaceError with what to type where it is not there."""
    import duckdb

    wheel = _from_wheel(name)
    try:
        connection.execute(f"LOAD {literal(str(wheel))}" if wheel else f"LOAD {name}")
    except duckdb.Error as error:
        raise WorkspaceError(
            f"a lake needs DuckDB's extension {name} for DuckDB {duckdb.__version__}, which is not here: "
            '`pip install "egregora-core[lake]"` brings it, with the DuckDB that it fits; or, with a network, '
            f"`python -c \"import duckdb; duckdb.sql('INSTALL {name}')\"`"
        ) from error


def _from_wheel(name: str) -> Path | None:
    import duckdb

    found = find_spec(f"duckdb_extension_{name}")
    for place in (found.submodule_search_locations or ()) if found else ():
        file = Path(place, "extensions", f"v{duckdb.__version__}", f"{name}.duckdb_extension")
        if file.is_file():
            return file
    return None
