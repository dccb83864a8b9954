"""What axe finds on a page that keeps people out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")

# Only what is wrong leaves the page: all that axe found in order takes seconds to hand over.
_JUDGE = """async (place) => {
  const found = await axe.run(place || document, { resultTypes: ['violations'] });
  return found.violations.map(({ id, impact, nodes }) => ({
    rule: id,
    impact: impact,
    places: nodes.map(({ target }) => target.join(' ')),
    fix: nodes[0].failureSummary,
  }));
}"""


class Barrier(msgspec.Struct, frozen=True, kw_only=True):
    """A broken rule, and the selectors of what breaks it."""

    rule: str
    impact: str
    places: list[str]
    fix: str


def require_axe() -> Path:
    """The script; the test is skipped without it."""
    if not AXE.is_file():
        pytest.skip("needs axe-core: run `npm ci` in web/")
    return AXE


def bring_axe(context: BrowserContext) -> None:
    """Onto every page of it: the pages' own policy lets no script in later."""
    context.add_init_script(path=require_axe())


def barriers(page: Page, place: str = "") -> list[Barrier]:
    """All of the page, or of what the selector ``place`` names."""
    found: list[Any] = page.evaluate(_JUDGE, place)
    return [msgspec.convert(one, Barrier) for one in found]


def serious(page: Page, place: str = "") -> list[Barrier]:
    """Those that keep somebody out."""
    return [one for one in barriers(page, place) if one.impact in SERIOUS]
