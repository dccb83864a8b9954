"""Texts with places for parameters: read once, filled in one pass, never read again for places.

Whoever fills one says how a value is written where it stands (percent-encoded, or as it is).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, assert_never

import msgspec

_NAME: Final = r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*"
_PART: Final = re.compile(rf"\{{\{{|\}}\}}|\{{({_NAME})\}}|[{{}}]")


class Slot(msgspec.Struct, frozen=True):
    """Where a parameter's value goes."""

    name: str


Template = tuple[str | Slot, ...]


class Fixed(msgspec.Struct, frozen=True):
    """A value of a body that is no text."""

    value: bool | int | float | None


Body = Template | Fixed | dict[str, "Body"] | list["Body"]
"""A JSON body: its texts are templates."""


def parse_template(text: str) -> Template:
    """``ACC-{account}``; ``{{`` and ``}}`` are braces. Raises ``ValueError``, one sentence."""
    parts: list[str | Slot] = []
    end = 0
    for match in _PART.finditer(text):
        if match[0] in "{}":
            raise ValueError("write a parameter as {account}, and a brace itself as {{ or }}")
        parts += [text[end : match.start()], Slot(match[1]) if match[1] else match[0][0]]
        end = match.end()
    return tuple(part for part in (*parts, text[end:]) if part != "")


def slots(template: Template) -> Iterator[str]:
    """The names of the parameters, in their order."""
    return (part.name for part in template if isinstance(part, Slot))


def fill(
    template: Template, values: Mapping[str, str], write: Callable[[str], str] = lambda text: text
) -> str:
    """``write`` is applied to literal parts and values alike; what is not given is empty."""
    return "".join(
        write(values.get(part.name, "") if isinstance(part, Slot) else part) for part in template
    )


def is_whole(template: Template, values: Mapping[str, str]) -> bool:
    """Whether everything that it names is given."""
    return all(name in values for name in slots(template))


def written(body: Body, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """``body`` filled with ``values``; a text that names one that is not given is left out."""
    match body:
        case Fixed(value):
            return value
        case tuple():
            return fill(body, values)
        case dict():
            return {key: written(one, values) for key, one in body.items() if _stays(one, values)}
        case list():
            return [written(one, values) for one in body if _stays(one, values)]
        case _:
            assert_never(body)


def _stays(body: Body, values: Mapping[str, str]) -> bool:
    return not isinstance(body, tuple) or is_whole(body, values)


def body_slots(body: Body) -> Iterator[str]:
    """The names of the parameters in ``body``."""
    match body:
        case Fixed():
            pass
        case tuple():
            yield from slots(body)
        case dict():
            for one in body.values():
                yield from body_slots(one)
        case list():
            for one in body:
                yield from body_slots(one)
        case _:
            assert_never(body)
