"""Values as YAML text, in the way an admin would write them: small things on one line."""

from __future__ import annotations

import json
import re
from typing import Final

from config.yaml_places import NULLS, Plain

WIDTH: Final = 88
STEP: Final = 2

# What needs no quotes anywhere. Less than YAML allows: a reader should not have to wonder.
_BARE = re.compile(r"[^\W_](?:(?:[\w ./%()+'!;$@-]|:(?=\w))*[\w./%()+'!;$@-])?")


def scalar(value: str | None) -> str:
    if value is None:
        return "null"
    if value not in NULLS and _BARE.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def in_flow(value: Plain) -> str:
    """On one line: ``{spanish: 4, billing: 3}``."""
    match value:
        case dict():
            lines = (f"{scalar(key)}: {in_flow(one)}" for key, one in value.items())
            return "{" + ", ".join(lines) + "}"
        case list():
            return "[" + ", ".join(map(in_flow, value)) + "]"
        case _:
            return scalar(value)


def in_block(value: Plain, indent: int, *, compact: bool) -> str:
    """Lines that stand ``indent`` deep, without the indentation of the first one.

    With ``compact`` what is inside and fits stands on one line.
    """
    pad = "\n" + " " * indent
    match value:
        case dict():
            return pad.join(
                f"{scalar(key)}:{after_colon(one, indent, compact=compact)}"
                for key, one in value.items()
            )
        case list():
            return pad.join(f"- {in_item(one, indent, compact=compact)}" for one in value)
        case _:
            return scalar(value)


def in_item(value: Plain, indent: int, *, compact: bool) -> str:
    """What follows the dash of an item whose dash stands at ``indent``."""
    if _stays_on_line(value, indent + STEP, compact=compact):
        return in_flow(value)
    return in_block(value, indent + STEP, compact=compact)


def after_colon(value: Plain, indent: int, *, compact: bool) -> str:
    """What follows the colon of a key that stands at ``indent``."""
    if value is None:
        return ""
    if _stays_on_line(value, indent + STEP, compact=compact):
        return f" {in_flow(value)}"
    inner = indent + STEP
    return "\n" + " " * inner + in_block(value, inner, compact=True)


def _stays_on_line(value: Plain, indent: int, *, compact: bool) -> bool:
    if not value or not isinstance(value, dict | list):
        return True
    return compact and len(in_flow(value)) + indent + STEP <= WIDTH
