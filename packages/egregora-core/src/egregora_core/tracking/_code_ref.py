"""What a stage computes, as a hash: the same for the same computation, whatever its comments and blank lines.

An ibis stage is the SQL that it compiles to, so an edited helper, constant or other module shows wherever it is. Plain
Python is its syntax tree and that of all it references in its own top-level package, read without importing anything,
and the data files beside a module that it names.
"""

import ast
import hashlib
import importlib.util
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from egregora_core.errors import StageError
from egregora_core.storage import sql_tree

_DATA_FILE = re.compile(r"[\w-]+\.(?:csv|json|toml|txt)")
_MEMTABLE = re.compile(r"ibis_(?:\w+_)?memtable_\w+")


# --- ibis expressions ---------------------------------------------------------------------------------------------


def expression_code_ref(expression: Any, *, where: str) -> str:
    """Return the hash of an ibis expression: its SQL made canonical, its in-memory tables, the source of its UDFs.

    Raises StageError for a volatile expression (`now()`, `random()`): its result could never stand.
    """
    import ibis.expr.operations as ops
    from ibis.common.graph import Graph

    graph = Graph.from_bfs(expression.op())
    volatile = (ops.Impure, ops.TimestampNow, ops.DateNow)
    udfs = (ops.ScalarUDF, ops.AggUDF)  # impure to ibis, since it cannot tell; their source can
    for node in graph:
        unseeded = isinstance(node, ops.Sample) and node.seed is None
        if unseeded or (isinstance(node, volatile) and not isinstance(node, udfs)):
            raise StageError(
                f"{where}: {type(node).__name__} gives another result each time, so no result of this stage could "
                "stand; derive the value from the data or from a setting"
            )
    memtables = {node.name: _memtable_content(node) for node in graph if isinstance(node, ops.InMemoryTable)}
    functions = {
        type(node).__name__.upper(): source for node in graph if isinstance(node, udfs) if (source := _udf_source(node))
    }
    sql, names = _canonical_sql(expression, functions)
    parts = sorted(f"{names.get(name, name)}={content}" for name, content in (memtables | functions).items())
    return digest("sql", sql, *parts)


def _canonical_sql(expression: Any, functions: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return the SQL with IN and EXCLUDE lists sorted, and with what a process names at random numbered by appearance.

    That is in-memory tables and UDFs; which is which is returned too. What the database is called is left out: the
    same stage computes the same in a file of any name, in a lake and in a task.
    """
    from sqlglot import expressions as sge

    tree = sql_tree(expression)
    for node in tree.find_all(sge.In):
        node.set("expressions", sorted(node.expressions, key=lambda member: member.sql()))
    for star in tree.find_all(sge.Star):  # ibis keeps the columns that go in a set
        for key, left_out in star.args.items():
            if key.startswith("except") and left_out:
                star.set(key, sorted(left_out, key=lambda column: column.sql()))
    for table in tree.find_all(sge.Table):
        table.set("catalog", None)
    names: dict[str, str] = {}
    udf = "".join(rf"|\b{re.escape(name)}\b" for name in functions)
    sql = re.sub(
        _MEMTABLE.pattern + udf,
        lambda match: names.setdefault(match[0], f"made_{len(names)}"),
        tree.sql("duckdb", copy=False),
    )
    return sql, names


def _memtable_content(node: Any) -> str:
    table = node.data.to_pyarrow(node.schema)
    return digest("memtable", str(table.schema), *(str(row) for row in table.to_pylist()))


def is_built_in(node: Any) -> bool:
    """Tell whether a UDF only declares a function of the engine, whose name is in the SQL."""
    return bool(node.__input_type__.name == "BUILTIN")


def _udf_source(node: Any) -> str:
    """Return the source of a UDF that has one."""
    return "" if is_built_in(node) else _object_source(node.__func__)


def _object_source(function: Callable[..., Any], seen: frozenset[Any] = frozenset()) -> str:
    """Return the code of a function and of the globals and closure it uses, where they are functions or values."""
    function = inspect.unwrap(function)
    parts = [ast.dump(_without_docstrings(ast.parse(textwrap.dedent(inspect.getsource(function)))))]
    used = {name: function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__}
    used |= inspect.getclosurevars(function).nonlocals
    for name, value in sorted(used.items()):
        if inspect.isfunction(value) and value not in seen | {function}:
            parts.append(f"{name}={_object_source(value, seen | {function})}")
        elif isinstance(value, (str, int, float, bool, tuple, list, dict)):
            parts.append(f"{name}={value!r}")
        elif isinstance(value, (set, frozenset)):  # whose order differs from process to process
            parts.append(f"{name}={sorted(map(repr, value))}")
    return digest("function", *parts)


def _names(code: CodeType) -> set[str]:
    """Return the global names that a function uses, in the functions and comprehensions inside it as well."""
    return set(code.co_names).union(*(_names(inner) for inner in code.co_consts if isinstance(inner, CodeType)))


# --- plain Python -------------------------------------------------------------------------------------------------


def python_code_ref(target: str, version: str = "") -> str:
    """Return the hash of `"package.module:attr"`, of what it references in its own package, and of its version."""
    module, _, attribute = target.partition(":")
    found: dict[tuple[str, str], str] = {}
    _collect(module, attribute, module.partition(".")[0], found)
    return digest("python", target, version, *(f"{key}={code}" for key, code in sorted(found.items())))


def _collect(module: str, name: str, package: str, found: dict[tuple[str, str], str]) -> None:
    """Add the definition of `name` in `module`, and what it references, to `found`."""
    if (module, name) in found:
        return
    if (file := _data_file(module, name)) is not None:
        found[module, name] = hashlib.sha256(file.read_bytes()).hexdigest()
        return
    definitions, imports = _module(module)
    if name in imports:
        origin, symbol = imports[name]
        if _is_own(origin, package):
            _collect(origin, symbol, package, found)
        if name not in definitions:
            return
    found[module, name], uses = _written(module, name, package, _stamp(module))
    for origin, symbol in uses:
        _collect(origin, symbol, package, found)


@cache
def _written(module: str, name: str, package: str, _changed: object) -> tuple[str, list[tuple[str, str]]]:
    """Return a definition's syntax tree as text, and (module, name) of what it uses in its own package."""
    definitions, imports = _module(module)
    nodes = definitions.get(name, [])
    used = (each for node in nodes for each in _references(node, module, definitions, imports))
    own = [(origin, symbol) for origin, symbol in dict.fromkeys(used) if _is_own(origin, package)]
    return "\n".join(ast.dump(node) for node in nodes), own


def _stamp(module: str) -> object:
    """Return what changes when a module's source does, or the place where modules are looked up."""
    path = _path(module)
    return path, path and path.stat().st_mtime_ns, tuple(sys.path)


def _references(
    node: ast.AST, module: str, definitions: dict[str, list[ast.stmt]], imports: dict[str, tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of what a definition uses: names of its module, imports, attributes of imported modules."""
    local = dict(imports)
    nodes = _walked(node)
    for inner in nodes:
        if isinstance(inner, (ast.Import, ast.ImportFrom)):
            local.update(_imported(inner, module))
    for inner in nodes:
        if isinstance(inner, ast.Attribute) and (chain := _chain(inner)) and chain[0] in local:
            yield from _attribute(*local[chain[0]], chain[1:], module.partition(".")[0])
        elif isinstance(inner, ast.Name) and inner.id in local and local[inner.id][1]:
            yield local[inner.id]
        elif isinstance(inner, ast.Name) and inner.id in definitions:
            yield module, inner.id
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield from _string_reference(inner.value)
            if _DATA_FILE.fullmatch(inner.value):
                yield module, inner.value


def _walked(node: ast.AST) -> list[ast.AST]:
    """Return a node and all below it in the order of `ast.walk`, which takes three times as long."""
    found = [node]
    for each in found:  # it grows meanwhile
        for value in vars(each).values():
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found.extend(item for item in value if isinstance(item, ast.AST))
    return found


def _chain(node: ast.expr) -> list[str]:
    """Return the names of `a.b.c`, empty where it does not begin with a name."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (before := _chain(node.value)):
        return [*before, node.attr]
    return []


def _attribute(origin: str, symbol: str, attributes: list[str], package: str) -> Iterator[tuple[str, str]]:
    """Yield what `name.attribute…` means, where `name` is a module or a thing imported from one."""
    if not _is_own(origin, package):
        return
    module = origin
    for name in [symbol, *attributes] if symbol else attributes:
        if _path(f"{module}.{name}") is None:
            yield module, name
            return
        module = f"{module}.{name}"


def _string_reference(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a `"package.module:attr"` string names, since specs refer that way."""
    match = re.fullmatch(r"([A-Za-z_]\w*(?:\.\w+)+):([A-Za-z_]\w*)", text)
    if match:
        yield match[1], match[2]


def _data_file(module: str, name: str) -> Path | None:
    """Return the file of data beside a module that a string in it names."""
    path = _path(module) if _DATA_FILE.fullmatch(name) else None
    return path.with_name(name) if path is not None and path.with_name(name).is_file() else None


def _is_own(module: str, package: str) -> bool:
    """Tell whether a module belongs to the package, or stands beside a module that is in no package."""
    if module.partition(".")[0] == package:
        return True
    own, other = _path(package), _path(module.partition(".")[0])
    return own is not None and other is not None and own.name != "__init__.py" and own.parent == other.parent


def _path(module: str) -> Path | None:
    """Return a module's source file. Only its top-level package is looked up: `find_spec` imports all above a name."""
    return _found(module, tuple(sys.path))


@cache
def _found(module: str, _search_path: tuple[str, ...]) -> Path | None:
    top, *names = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return None
    path = Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    for name in names:
        files = [file for folder in folders for file in (folder / name / "__init__.py", folder / f"{name}.py")]
        path = next((file for file in files if file.is_file()), None)
        folders = [folder / name for folder in folders if (folder / name).is_dir()]
    return path


def _module(module: str) -> tuple[dict[str, list[ast.stmt]], dict[str, tuple[str, str]]]:
    """Return the module's top-level definitions by name, and its imports as name → (module, symbol or '')."""
    path = _path(module)
    if path is None:
        return {}, {}
    return _parsed(module, path, path.stat().st_mtime_ns)


@cache
def _parsed(module: str, path: Path, _changed: int) -> tuple[dict[str, list[ast.stmt]], dict[str, tuple[str, str]]]:
    definitions: dict[str, list[ast.stmt]] = {}
    imports: dict[str, tuple[str, str]] = {}
    tree = _without_docstrings(ast.parse(path.read_text(encoding="utf-8")))
    for statement in _top_level(tree.body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            imports.update(_imported(statement, module))
        for name in _defined(statement):
            definitions.setdefault(name, []).append(statement)
    return definitions, imports


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            yield from _top_level(statement.body)
            yield from _top_level(getattr(statement, "orelse", []))
            for handler in getattr(statement, "handlers", []):
                yield from _top_level(handler.body)
        else:
            yield statement


def _defined(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _imported(statement: ast.Import | ast.ImportFrom, module: str) -> dict[str, tuple[str, str]]:
    if isinstance(statement, ast.Import):
        return {
            (alias.asname or alias.name.partition(".")[0]): (
                alias.name if alias.asname else alias.name.partition(".")[0],
                "",
            )
            for alias in statement.names
        }
    origin = statement.module or ""
    if statement.level:
        path = _path(module)
        parts = module.split(".")
        keep = len(parts) - statement.level + (1 if path is not None and path.name == "__init__.py" else 0)
        origin = ".".join([*parts[:keep], *([origin] if origin else [])])
    return {(alias.asname or alias.name): (origin, alias.name) for alias in statement.names}


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in _blocks(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _blocks(tree: ast.Module) -> list[ast.AST]:
    """Return all that holds statements: no definition is inside of an expression, of which most of a tree is made."""
    found: list[ast.AST] = [tree]
    for each in found:  # it grows meanwhile
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(each, name, None)
            if isinstance(inner, list):  # a lambda's body is one expression
                found.extend(inner)
    return found


def digest(*parts: str) -> str:
    """Return 128 bits that stand for the parts, in hex."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
