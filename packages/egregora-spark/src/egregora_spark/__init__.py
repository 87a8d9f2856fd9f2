"""Spark as an engine, as a plugin: this module only registers, and imports nothing heavy."""

from collections.abc import Sequence

from egregora_core.plugin import EngineSpec, hookimpl

__version__ = "0.1.0"

EGREGORA_API = 1


@hookimpl
def register_engines() -> Sequence[EngineSpec]:
    return [EngineSpec("spark", connect="egregora_spark.cluster:connect")]
