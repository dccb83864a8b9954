"""How each ``kind`` of the scenario's document is read: the catalog's kinds, and its own."""

from __future__ import annotations

from typing import Final

import msgspec

from config.catalog.kinds import KINDS as CATALOG_KINDS
from config.catalog.openings import ALL_DAY, Span, format_span
from config.catalog.reader import BROKEN, Broken, KindReader, Reader
from config.catalog.values import parse_decimal, parse_share
from config.durations import parse_duration
from config.problems import Path
from config.yaml_nodes import Mapping, Node, Sequence
from router.core.catalog import SECOND
from simulator.scenario.clock import overlapping, parse_clock_span, parse_starts
from simulator.scenario.distribution import read_distribution, read_patience

MAX_RATE: Final = 1_000_000  # contacts per hour
MAX_SPANS: Final = 96  # a day in quarters of an hour


class HourlyRate(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts per hour in a span of every day."""

    span: Span
    per_hour: float


def parse_rate(text: str) -> float:
    rate = parse_decimal(text)
    if not 0 <= rate <= MAX_RATE:
        raise ValueError(f"write contacts per hour, from 0 to {MAX_RATE:,}")
    return rate


def parse_half_width(text: str) -> float:
    """``2s`` as 2.0 (seconds) and ``1%`` as 0.01: how far off a figure may be, to either side."""
    try:
        width = parse_share(text) if is_share(text) else parse_duration(text) / SECOND
    except ValueError:
        raise ValueError("write a duration (2s) or a share (1%)") from None
    if not width:
        raise ValueError("write more than 0: no number of runs makes a figure exact")
    return width


def is_share(text: str) -> bool:
    return text.endswith("%") or text.replace(".", "", 1).isdigit()


def _checked_half_width(text: str) -> str:
    """Kept as written: the figure it belongs to says which unit it must have."""
    parse_half_width(text)
    return text


def _read_rates(reader: Reader, node: Node, path: Path) -> tuple[HourlyRate, ...] | Broken:
    """A number for the whole day, or one for each of several spans."""
    if not isinstance(node, Mapping):
        rate = reader.text_as(parse_rate, node, path)
        return BROKEN if isinstance(rate, Broken) else (HourlyRate(span=ALL_DAY, per_hour=rate),)
    rates = []
    for name, (key, value) in node.entries.items():
        span = reader.text_as(parse_clock_span, key, (*path, name))
        rate = reader.text_as(parse_rate, value, (*path, name))
        if not isinstance(span, Broken) and not isinstance(rate, Broken):
            rates.append(HourlyRate(span=span, per_hour=rate))
    if len(rates) < len(node.entries):
        return BROKEN
    return tuple(rates) if _apart(reader, [one.span for one in rates], node, path) else BROKEN


def _read_spans(reader: Reader, node: Node, path: Path) -> tuple[Span, ...] | Broken:
    """One span of the day or a list of them."""
    if not isinstance(node, Sequence):
        span = reader.text_as(parse_clock_span, node, path)
        return BROKEN if isinstance(span, Broken) else (span,)
    read = [
        reader.text_as(parse_clock_span, item, (*path, index))
        for index, item in enumerate(node.items)
    ]
    spans = [span for span in read if not isinstance(span, Broken)]
    if len(spans) < len(read):
        return BROKEN
    return tuple(spans) if _apart(reader, spans, node, path) else BROKEN


def _apart(reader: Reader, spans: list[Span], node: Node, path: Path) -> bool:
    if len(spans) > MAX_SPANS:
        reader.problem(node, path, f"there are {len(spans)} spans", f"keep to {MAX_SPANS} a day")
        return False
    if both := overlapping(spans):
        names = " and ".join(format_span(span) for span in both)
        reader.problem(node, path, f"{names} overlap", "let one end where the other begins")
        return False
    return True


KINDS: Final[dict[str, KindReader]] = {
    **CATALOG_KINDS,
    "distribution": read_distribution,
    "patience": read_patience,
    "rates": _read_rates,
    "spans": _read_spans,
    "starts": lambda reader, node, path: reader.text_as(parse_starts, node, path),
    "half_width": lambda reader, node, path: reader.text_as(_checked_half_width, node, path),
}
