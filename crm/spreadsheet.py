"""Cells a spreadsheet would run as a formula, made harmless on the way out. Pure.

A name such as ``=HYPERLINK(…)`` is text here and stays text; an export puts an apostrophe before
it, which spreadsheets take as "this is text", and an import takes the apostrophe off again.
"""

from __future__ import annotations

import re
from typing import Final

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBERS: Final = re.compile(r"[+-]?[0-9]+(;[+-]?[0-9]+)*")


def to_cell(text: str) -> str:
    """``text`` so that no spreadsheet computes it; phone numbers stay as they are."""
    risky = text.lstrip("'").startswith(_STARTS_FORMULA) and not _NUMBERS.fullmatch(text)
    return f"'{text}" if risky else text


def from_cell(cell: str) -> str:
    """What ``to_cell`` was given."""
    return cell[1:] if cell[:1] == "'" and to_cell(cell[1:]) == cell else cell
