"""The engine: the one room that opens a database file and knows which engine reads it.

Owns connections, transactions, tables made as their schemas say, fingerprints, and what a full disk or a damaged file
is called. Promises that a file which cannot be opened stays as it was.
May import `workspace`. Everybody else speaks ibis, Arrow, or SQL through `Database`, and has what SQL reads only for a
while as `temporary_table` and `arrow_view`.
"""

from typing import TYPE_CHECKING

from egregora_core.storage._attached import attached, table_query, write_parquet
from egregora_core.storage._commits import again, commit
from egregora_core.storage._compaction import compact_catalog, compact_database, compact_lake
from egregora_core.storage._compiling import compiled, ibis_table, sql_tree
from egregora_core.storage._database import Database, another, column_names, file_stamp, transaction
from egregora_core.storage._extensions import load_extension
from egregora_core.storage._failures import explained, lacks_memory, of_the_disk, unless_engine_fails
from egregora_core.storage._fingerprint import Measure, combined, fingerprint_relation, measure_relation
from egregora_core.storage._lake import lake_exists, open_lake
from egregora_core.storage._lake_tables import Change, LakeTable, change_since, lake_table
from egregora_core.storage._leases import Lease, at_work
from egregora_core.storage._little_memory import in_bounded_memory, in_little_memory
from egregora_core.storage._opening import engine_path, open_file
from egregora_core.storage._processors import take_processors
from egregora_core.storage._questions import count_statements, reading_alone
from egregora_core.storage._schema import PROVENANCE, Column, TableSchema
from egregora_core.storage._scratch import open_scratch, scan_failed
from egregora_core.storage._spreadsheet import harmless, harmless_sql, is_formula, is_formula_sql
from egregora_core.storage._sql import bind, literal, quoted
from egregora_core.storage._temporary import arrow_view, temporary_table

if TYPE_CHECKING:
    from egregora_core.storage._database import Connection  # noqa: TC004 - a type, and a name of this face all the same

__all__ = [
    "PROVENANCE",
    "Change",
    "Column",
    "Connection",
    "Database",
    "LakeTable",
    "Lease",
    "Measure",
    "TableSchema",
    "again",
    "another",
    "arrow_view",
    "at_work",
    "attached",
    "bind",
    "change_since",
    "column_names",
    "combined",
    "commit",
    "compact_catalog",
    "compact_database",
    "compact_lake",
    "compiled",
    "count_statements",
    "engine_path",
    "explained",
    "file_stamp",
    "fingerprint_relation",
    "harmless",
    "harmless_sql",
    "ibis_table",
    "in_bounded_memory",
    "in_little_memory",
    "is_formula",
    "is_formula_sql",
    "lacks_memory",
    "lake_exists",
    "lake_table",
    "literal",
    "load_extension",
    "measure_relation",
    "of_the_disk",
    "open_file",
    "open_lake",
    "open_scratch",
    "quoted",
    "reading_alone",
    "scan_failed",
    "sql_tree",
    "table_query",
    "take_processors",
    "temporary_table",
    "transaction",
    "unless_engine_fails",
    "write_parquet",
]
