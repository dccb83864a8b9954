"""The short run of the fault test; the long one is ``python -m tests.faults.kill9``."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from tests.faults import checker
from tests.faults.kill9 import run


async def test_eight_kills_under_load_lose_nothing_and_give_nothing_twice(tmp_path: Path) -> None:
    report = await run(kills=8, seed=20, folder=tmp_path)
    assert report.problems == []
    assert report.drained
    assert report.contacts > 100
    assert report.resent > 0


def test_the_checker_knows_nothing_of_the_router() -> None:
    tree = ast.parse(Path(checker.__file__).read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _names(node)
    }
    assert imported <= sys.stdlib_module_names | {"msgspec"}


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names]
