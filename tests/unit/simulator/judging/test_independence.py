"""The brute-force judge shares no code with what it judges, and never asks the matching index."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import simulator.judging
from simulator.judging.decisions import Judge

ROOT = Path(simulator.judging.__file__).parent
JUDGES = ("chooser", "conditions", "decisions", "explanations", "said", "staying")
ENTITIES = {"catalog", "events", "model", "requirements", "state"}
OWN = {f"simulator.judging.{name}" for name in JUDGES}


def borrowed(source: str) -> list[str]:
    """Everything ``source`` takes from the core that decides or explains anything."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith("router"):
                found += _from(module, [alias.name for alias in node.names])
            case ast.ImportFrom(module=str(module)) if module.startswith("simulator"):
                whole = {f"{module}.{alias.name}" for alias in node.names} | {module}
                found += [] if whole & OWN else [module]
            case ast.Import():
                found += [a.name for a in node.names if a.name.startswith(("router", "simulator"))]
            case ast.Attribute(value=ast.Attribute(attr="state") | ast.Name(id="state"), attr=attr):
                found += [attr] if attr in {"index", "place", "reindex", "waiting"} else []
    return found


def _from(module: str, names: list[str]) -> list[str]:
    """Modules of entities may be used; of what they define, constants and classes only."""
    if module == "router.core":
        return [name for name in names if name not in ENTITIES]
    known = module.removeprefix("router.core.") in ENTITIES
    return [name for name in names if name[0].islower()] if known else [module]


@pytest.mark.parametrize("name", JUDGES)
def test_a_judge_borrows_nothing(name):
    assert borrowed((ROOT / f"{name}.py").read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "from router.core.matching import Index",
        "from router.core import seeking",
        "from router.core.requirements import satisfies",
        "from router.core.state import held_back",
        "from simulator.judging.estimates import Anything",
        "import router.core.explain",
        "state.index.next_contact(agent, at)",
        "self.state.waiting('q')",
    ],
)
def test_borrowing_is_seen(source):
    assert borrowed(source) != []


def test_the_state_a_judge_follows_in_has_no_index():
    """So that nothing could be asked of it by accident."""
    judge = Judge()
    assert type(judge.state.index).__name__ == "IndexSetAside"
