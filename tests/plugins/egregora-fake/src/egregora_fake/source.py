"""Files `*.fake`, one message a line: seconds since 1970, author and text, between tabs."""

from pathlib import Path

from egregora_core.plugin import Reading, ReadOptions


def recognise(path: Path) -> float:
    return 0.9 if path.suffix == ".fake" else 0.0


def read(path: Path, options: ReadOptions) -> Reading:
    import pyarrow as pa

    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    table = pa.table(
        {
            "ts": pa.array([int(seconds) * 1_000_000 for seconds, _, _ in rows], pa.timestamp("us")),
            "author": [author for _, author, _ in rows],
            "text": [text for _, _, text in rows],
            "kind": ["text"] * len(rows),
        }
    )
    return Reading(iter([table]), options.thread or path.stem, zoned=True, platform_ids=False)
