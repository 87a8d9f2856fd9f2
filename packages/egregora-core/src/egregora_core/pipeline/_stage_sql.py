"""A stage over its input as one SELECT: its expression is compiled once, and never evaluated twice.

SQL text is the natural form here: the same text runs in the process of a task.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from egregora_core.pipeline._arguments import NAMES
from egregora_core.pipeline._step_output import Relation
from egregora_core.plugins import StageSpec
from egregora_core.privacy import KnownName
from egregora_core.storage import PROVENANCE, Database, compiled, ibis_table
from egregora_core.tracking import Run


@dataclass(frozen=True)
class StageCall:
    """One stage about to be run over `source`. `settings` are the fields of its section that it names."""

    spec: StageSpec
    function: Callable[[], Callable[..., Any]]
    """Imports the function: not called where the result stands."""
    section: str
    settings: Mapping[str, Any]
    source: Relation
    names: Callable[[], list[KnownName]] | None = None
    reads: Mapping[str, str] = field(default_factory=dict)
    """Tables of the plugin's own that the stage reads, each as the SELECT of the rows that it may see."""

    @property
    def table(self) -> str:
        return f"stage_{self.spec.name}"


def expression_of(
    db: Database, tenant: str, call: StageCall, names: list[KnownName] | None, since: str | None = None
) -> Any:
    """Call the stage's function with the input's rows, those after run `since` alone, and all that it asks for."""
    import ibis

    data = ibis_table(db, call.source.table)
    data = data.filter(data.tenant_id == tenant)
    if since is not None:
        data = data.filter(data.created_by_run > ibis.uuid(since))
    arguments = dict(call.settings)
    if names is not None:
        arguments[NAMES] = names
    for name in call.reads:
        table = ibis_table(db, name)
        arguments[name] = table.filter(table.tenant_id == tenant) if "tenant_id" in table.columns else table
    return call.function()(data, **arguments)


def select_of(db: Database, expression: Any, call: StageCall, run: Run) -> str:
    """Return the SELECT that makes the output's rows, with this run as their origin.

    It runs while `expression` is held: what is in memory is forgotten with it.
    """
    if not stands_alone(expression, call):
        db.ibis().to_pyarrow(expression.limit(0))  # makes known to the engine what the SQL only names
    columns = ", ".join(name for name in call.source.schema.names if name not in PROVENANCE)
    return (
        f"SELECT {columns}, TIMESTAMPTZ '{run.started_at}' AS created_at, '{run.run_id}'::UUID AS created_by_run "
        f"FROM ({compiled(expression)})"
    )


def stands_alone(expression: Any, call: StageCall) -> bool:
    """Tell whether the SQL of an expression is all of it, wherever there are the tables that its stage is given.

    It has no Python functions, no tables in memory, and none that the stage itself had the engine read or keep.
    """
    import ibis.expr.operations as ops

    from egregora_core.tracking import is_built_in

    given = {call.source.table, *call.reads}
    return all(
        node.name in given
        if isinstance(node, ops.DatabaseTable)
        else isinstance(node, ops.ScalarUDF) and is_built_in(node)
        for node in expression.op().find((ops.InMemoryTable, ops.ScalarUDF, ops.DatabaseTable, ops.SQLQueryResult))
    )
