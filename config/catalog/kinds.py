"""How each ``kind`` of the document model is read from its node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from config.catalog.openings import (
    ALL_DAY,
    Openings,
    join_spans,
    parse_date,
    parse_holidays,
    parse_span,
    parse_weekdays,
    parse_zone,
)
from config.catalog.reader import BROKEN, Broken, KindReader, Reader
from config.catalog.replies import parse_language, parse_reply
from config.catalog.values import parse_amount, parse_integer, parse_share
from config.durations import parse_duration
from config.problems import Path
from config.yaml_nodes import Mapping, Node, Scalar, Sequence
from router.core.requirements import (
    ANYONE,
    MAX_DEPTH,
    AllOf,
    AnyOf,
    AttributeIs,
    Condition,
    Not,
    SiteIs,
    SkillAtLeast,
    TeamIs,
    problem_with,
)

CONDITION_WORDS: Final = ("all", "any", "not", "team", "site", "attributes")


def _text_kind(parse: Callable[[str], object]) -> KindReader:
    return lambda reader, node, path: reader.text_as(parse, node, path)


def _checked_text(parse: Callable[[str], object]) -> KindReader:
    """Checked by ``parse`` and kept as written."""

    def read(text: str) -> str:
        parse(text)
        return text

    return _text_kind(read)


def _read_openings(reader: Reader, node: Node, path: Path) -> Openings | Broken:
    if isinstance(node, Sequence):
        spans = [
            reader.text_as(parse_span, item, (*path, index))
            for index, item in enumerate(node.items)
        ]
        whole = [span for span in spans if not isinstance(span, Broken)]
        if len(whole) < len(spans):
            return BROKEN
        try:
            return join_spans(whole)
        except ValueError as error:
            return reader.problem(node, path, "these openings cannot be used", str(error))
    return reader.text_as(_openings, node, path)


def _openings(text: str) -> Openings:
    match text:
        case "open":
            return Openings(spans=(ALL_DAY,))
        case "closed":
            return Openings()
        case _:
            return Openings(spans=(parse_span(text),))


def _read_override(reader: Reader, node: Node, path: Path) -> Openings | Broken:
    if isinstance(node, Scalar) and node.text == "usual":
        return Openings(usual=True)
    return _read_openings(reader, node, path)


def _read_condition(reader: Reader, node: Node, path: Path) -> Condition | Broken:
    condition = _condition(reader, node, path, depth=1)
    if isinstance(condition, Broken):
        return BROKEN
    if problem := problem_with(condition):
        return reader.problem(node, path, "this demand is too large", problem)
    return condition


def _condition(reader: Reader, node: Node, path: Path, depth: int) -> Condition | Broken:
    """A mapping asks for all its lines; a word alone is a skill at any level, or ``anyone``."""
    if depth > MAX_DEPTH:
        fix = f"conditions may be nested {MAX_DEPTH} deep at most"
        return reader.problem(node, path, "this demand is nested too deep", fix)
    if isinstance(node, Scalar) and node.text == "anyone":
        return ANYONE
    if isinstance(node, Scalar) and not node.is_null:
        reader.refer("skill", node.text, node, path)
        return SkillAtLeast(skill=node.text)
    if not isinstance(node, Mapping):
        fix = "write {skill: level}, {all: […]}, {any: […]}, {not: …}, {team: …} or 'anyone'"
        return reader.problem(node, path, "a demand cannot be read here", fix)
    parts = [
        _part(reader, key, value, (*path, name), depth)
        for name, (key, value) in node.entries.items()
    ]
    return _joined(parts, AllOf)


def _joined(parts: list[Condition | Broken], group: type[AllOf | AnyOf]) -> Condition | Broken:
    whole = tuple(part for part in parts if not isinstance(part, Broken))
    if len(whole) < len(parts):
        return BROKEN
    return whole[0] if len(whole) == 1 else group(of=whole)


def _part(reader: Reader, key: Scalar, value: Node, path: Path, depth: int) -> Condition | Broken:
    match key.text:
        case "all":
            return _group(reader, value, path, depth, AllOf)
        case "any":
            return _group(reader, value, path, depth, AnyOf)
        case "not":
            part = _condition(reader, value, path, depth + 1)
            return BROKEN if isinstance(part, Broken) else Not(of=part)
        case "team":
            name = reader.text_as(_name, value, path)
            return BROKEN if isinstance(name, Broken) else TeamIs(team=name)
        case "site":
            name = reader.text_as(_name, value, path)
            return BROKEN if isinstance(name, Broken) else SiteIs(site=name)
        case "attributes":
            return _attributes(reader, value, path)
        case skill:
            reader.refer("skill", skill, key, path)
            level = reader.text_as(_level, value, path)
            return BROKEN if isinstance(level, Broken) else SkillAtLeast(skill=skill, level=level)


def _group(
    reader: Reader, node: Node, path: Path, depth: int, group: type[AllOf | AnyOf]
) -> Condition | Broken:
    if not isinstance(node, Sequence) or not node.items:
        return reader.problem(node, path, "a list of demands is missing", "write [{…}, {…}]")
    parts = [
        _condition(reader, item, (*path, index), depth + 1) for index, item in enumerate(node.items)
    ]
    return _joined(parts, group)


def _attributes(reader: Reader, node: Node, path: Path) -> Condition | Broken:
    if not isinstance(node, Mapping) or not node.entries:
        return reader.problem(node, path, "attributes are missing", "write {name: value}")
    parts: list[Condition | Broken] = []
    for name, (_, value) in node.entries.items():
        text = reader.text_as(_name, value, (*path, name))
        parts.append(text if isinstance(text, Broken) else AttributeIs(name=name, value=text))
    return _joined(parts, AllOf)


def _name(text: str) -> str:
    if len(text) > 80:
        raise ValueError("write 80 characters at most")
    return text


def _level(text: str) -> int:
    level = parse_integer(text)
    if not 1 <= level <= 10:
        raise ValueError("write a level from 1 to 10")
    return level


KINDS: Final[dict[str, KindReader]] = {
    "duration": _text_kind(parse_duration),
    "share": _text_kind(parse_share),
    "amount": _text_kind(parse_amount),
    "zone": _text_kind(parse_zone),
    "holidays": _checked_text(parse_holidays),
    "weekdays": _checked_text(parse_weekdays),
    "date": _checked_text(parse_date),
    "openings": _read_openings,
    "override": _read_override,
    "condition": _read_condition,
    "reply_text": _text_kind(parse_reply),
    "language": _text_kind(parse_language),
}
