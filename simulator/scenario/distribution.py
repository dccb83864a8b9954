"""How a duration that chance decides is written: ``20s``, ``{exponential: 3m}``, ``never``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from config.catalog.document import Duration, Source
from config.catalog.reader import BROKEN, Broken, Reader
from config.durations import parse_duration
from config.problems import Path, suggest
from config.yaml_nodes import Mapping, Node, Scalar, Sequence
from simulator.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Never,
    Uniform,
)

MAX_VARIATION: Final = 10


class LognormalSource(Source, frozen=True, kw_only=True):
    mean: Duration
    variation: Annotated[float, Meta(ge=0, le=MAX_VARIATION)] = 1.0


class UniformSource(Source, frozen=True, kw_only=True):
    low: Duration = msgspec.field(name="from")
    high: Duration = msgspec.field(name="to")


def read_distribution(reader: Reader, node: Node, path: Path) -> Distribution | Broken:
    """A duration alone is always the same; a mapping names one of ``FORMS``."""
    if isinstance(node, Scalar) and node.text == "never":
        return reader.problem(
            node, path, "this cannot be 'never'", "only patience may be; write a duration"
        )
    if not isinstance(node, Mapping):
        value = reader.text_as(parse_duration, node, path)
        return BROKEN if isinstance(value, Broken) else Constant(value=value)
    names = ", ".join(FORMS)
    if len(node.entries) != 1:
        return reader.problem(node, path, "one distribution is expected", f"write one of: {names}")
    ((name, (key, inside)),) = node.entries.items()
    if name not in FORMS:
        fix = suggest(name, FORMS, otherwise=f"write one of: {names}")
        return reader.problem(key, (*path, name), "there is no such distribution", fix)
    return FORMS[name](reader, inside, (*path, name))


def read_patience(reader: Reader, node: Node, path: Path) -> Distribution | Broken:
    """A distribution, or ``never``: a customer who waits for ever."""
    if isinstance(node, Scalar) and node.text == "never":
        return Never()
    return read_distribution(reader, node, path)


def _exponential(reader: Reader, node: Node, path: Path) -> Distribution | Broken:
    mean = reader.text_as(parse_duration, node, path)
    return BROKEN if isinstance(mean, Broken) else Exponential(average=mean)


def _lognormal(reader: Reader, node: Node, path: Path) -> Distribution | Broken:
    source = reader.read(LognormalSource, node, path)
    if source is None:
        return BROKEN
    if not source.mean:
        return reader.problem(
            node, path, "a lognormal mean of 0 is impossible", "write more, or '0' alone"
        )
    return Lognormal(average=source.mean, variation=source.variation)


def _uniform(reader: Reader, node: Node, path: Path) -> Distribution | Broken:
    source = reader.read(UniformSource, node, path)
    if source is None:
        return BROKEN
    if source.low > source.high:
        return reader.problem(node, path, "'from' is longer than 'to'", "exchange the two")
    return Uniform(low=source.low, high=source.high)


def _empirical(reader: Reader, node: Node, path: Path) -> Distribution | Broken:
    if not isinstance(node, Sequence) or not node.items:
        return reader.problem(node, path, "a list of durations is missing", "write [10s, 25s]")
    values = [
        reader.text_as(parse_duration, item, (*path, index))
        for index, item in enumerate(node.items)
    ]
    whole = tuple(value for value in values if not isinstance(value, Broken))
    return Empirical(values=whole) if len(whole) == len(values) else BROKEN


FORMS: Final[dict[str, Callable[[Reader, Node, Path], Distribution | Broken]]] = {
    "exponential": _exponential,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "empirical": _empirical,
}
