"""The core is pure: it imports values and arithmetic, nothing that acts or asks the time."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import router.core

ALLOWED = {
    "__future__",
    "bisect",
    "collections",
    "enum",
    "heapq",
    "itertools",
    "math",
    "msgspec",
    "re",
    "typing",
}
ROOT = Path(router.core.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))


def impurities(source: str) -> list[str]:
    """Everything ``source`` imports that a pure module may not."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                names = [alias.name for alias in node.names]
            case ast.ImportFrom():
                names = [node.module or "."]
            case ast.Call(func=ast.Name(id="open" | "__import__" | "print" | "input" as name)):
                names = [name]
            case _:
                continue
        found += [
            name
            for name in names
            if name.split(".")[0] not in ALLOWED
            and name != "router.core"
            and not name.startswith("router.core.")
        ]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_core_module_imports_nothing_that_acts(path: Path):
    assert impurities(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "import time",
        "from random import choice",
        "import logging",
        "from os import path",
        "import router.engine",
        "from router import ports",
        "def f():\n    import socket",
        "open('x')",
    ],
)
def test_the_purity_check_bites(source: str):
    assert impurities(source)
