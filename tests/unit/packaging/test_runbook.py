"""What the runbook quotes is what the program says: sentences, metrics, alerts."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.unit.packaging.test_deploy import ROOT, metrics, rules

PAGE = (ROOT / "docs" / "runbook.md").read_text()
OF_OTHERS = ("appendfsync", "python -m", "HMGET", "redis-cli", "CONFIG SET", "certificate verify")
PACKAGES = ("router", "server", "crm", "cti_adapters", "config", "reporting")
ALERTS = {rule["alert"] for rule in rules()}


@cache
def said() -> str:
    """Every text in the program, where pieces that are filled in divide a sentence."""
    texts = []
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            constants = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
            texts += [text for text in constants if isinstance(text, str)]
    return "\n".join(texts)


def quotes() -> list[str]:
    found = re.findall(r"`([^`]+)`", PAGE)
    return sorted({q for q in found if " " in q and q[0].isalpha() and not q.startswith(OF_OTHERS)})


def pieces(quote: str) -> list[str]:
    """One sentence may be said within another: ``this node ends: …``."""
    split = re.split(r"…|\((?:OOM|READONLY|MISCONF|entry)| 0 of 1 | --config |: |\. ", quote)
    return [piece for part in split if len(piece := part.strip(" .;,)")) > 4]


@pytest.mark.parametrize("quote", quotes())
def test_what_is_quoted_is_said(quote: str) -> None:
    if re.match(r"(GET|up) ", quote):
        return
    for piece in pieces(quote):
        assert piece in said(), piece


@pytest.mark.parametrize("name", sorted(set(re.findall(r"patchbay_\w+", PAGE))))
def test_metrics_that_are_named_are_there(name: str) -> None:
    assert name in metrics()


def test_alerts_that_are_named_are_there_and_none_is_left_out() -> None:
    assert set(re.findall(r"\*\*(Patchbay\w+)\*\*", PAGE)) <= ALERTS
    elsewhere = {r["alert"] for r in rules() if "runbook.md" not in r["annotations"]["runbook"]}
    assert {name for name in ALERTS - elsewhere if f"**{name}**" not in PAGE} == set()


@pytest.mark.parametrize("page", ["cluster.md", "runbook.md", "scale.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert (ROOT / "docs" / Path(target)).exists(), target
