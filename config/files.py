"""Files that people name: read in bounded time, and what keeps one from being read is told."""

from __future__ import annotations

import stat
from pathlib import Path

from config.problems import ProblemList
from config.yaml_nodes import MAX_BYTES, Spot


def read_file(path: Path, problems: ProblemList) -> bytes | None:
    """What is in ``path``, a byte more than is allowed at most; None when it cannot be read."""
    try:
        return _read_bounded(path)
    except OSError as error:
        reason = error.strerror or "it is not a file"
        problems.add(Spot(1, 1), (), f"the file cannot be read: {reason}", "check its name")
        return None


def _read_bounded(path: Path) -> bytes:
    """Devices and pipes would never end and are refused."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("not a regular file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
