"""JSON of other programs as plain values, within bounds: nothing in it is large, deep, said twice,
or no text. Pure.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

LARGEST: Final = 64 * 1024  # bytes
DEEPEST: Final = 24  # lists and objects in each other
LARGEST_NUMBER: Final = 2**53  # from there on not every program tells whole numbers apart
_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Malformed(Exception):
    """It is not what was agreed; the text is a sentence that says what to do."""


def read_object(payload: bytes) -> dict[str, Any]:
    """The JSON object in ``payload``, of whose values only the size is known: ``check_plain`` them.
    Raises ``Malformed``.
    """
    if len(payload) > LARGEST:
        raise Malformed(f"A command has {LARGEST:,} bytes at most: send less.")
    try:
        found = json.loads(
            payload.decode(), object_pairs_hook=_each_once, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise Malformed("This is no JSON in UTF-8: send a CloudEvent.") from None
    if not isinstance(found, dict):
        raise Malformed("This is no JSON object: send a CloudEvent.")
    return found


def check_plain(found: dict[str, Any]) -> None:
    """Raises ``Malformed``."""
    _check(found, DEEPEST)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A key is given twice: give it once.")
    return found


def _no_number(_word: str) -> object:
    raise ValueError


def _check(value: object, deeper: int) -> None:
    if not deeper:
        raise Malformed(f"It is nested too deep: {DEEPEST} levels at most.")
    match value:
        case dict():
            for key, one in value.items():
                _check(key, deeper)
                _check(one, deeper - 1)
        case list():
            for one in value:
                _check(one, deeper - 1)
        case str() if _UNSEEN.search(value):
            raise Malformed("A text has control characters or half of one: leave them out.")
        case int() | float() if not -LARGEST_NUMBER < value < LARGEST_NUMBER:
            raise Malformed("A number is too large: write times and durations in microseconds.")
        case _:
            return
