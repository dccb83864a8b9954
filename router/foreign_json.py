"""JSON of other systems: read strictly, and of it only what was agreed, as bounded plain texts."""

from __future__ import annotations

import json
from typing import Any, Final

from router.text import lines, one_line

Pointer = tuple[str, ...]
"""Where a value stands in a JSON document: keys and positions, from the outside in."""

NOTHING: Final = object()
"""What stands where there is no such place."""


class Unreadable(Exception):
    """It is not what was agreed; the text says why, with nothing of its content."""


class Number(str):
    """A number as it was written: none is too large, and none is rounded."""

    __slots__ = ()


def read_json(body: bytes, what: str) -> object:
    """The document; ``what`` names it in complaints. Raises ``Unreadable``."""
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_Once(what),
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_number,
        )
    except UnicodeDecodeError:
        raise Unreadable(f"{what} is not UTF-8") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{what} is not JSON that can be read") from None


class _Once:
    """Of two values for one key nobody knows which is meant."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Unreadable(f"{self._what} gives a key twice")
        return found


def _no_number(_word: str) -> object:
    raise ValueError


def value_at(document: object, place: Pointer) -> object:
    """What stands at ``place``, null included; ``NOTHING`` when there is no such place."""
    for step in place:
        match document:
            case dict() if step in document:
                document = document[step]
            case list() if _is_position(step) and int(step) < len(document):
                document = document[int(step)]
            case _:
                return NOTHING
    return document


def _is_position(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) <= 6


def text_of(value: object, longest: int, what: str, *, several_lines: bool = False) -> str:
    """A single value as a plain text of ``longest`` characters at most, empty for none. Raises
    ``Unreadable``; ``what`` names the document.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Number():
            if len(value) > longest:
                raise Unreadable(f"{what} has a number that is too long")
            return str(value)
        case str():
            plain = lines if several_lines else one_line
            return plain(value[: 4 * longest])[:longest]
        case _ if value is NOTHING:
            return ""
        case _:
            raise Unreadable(f"{what} has several values where one was agreed")
