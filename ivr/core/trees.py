"""Conditions as they are written: ``{tier: gold, any: [{known: true}, {open: office}]}``.

A mapping holds when all its lines do. The two trees, of a flow's conditions and of what is asked
of an agent, share ``all``, ``any`` and ``not`` and differ in their leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from config.problems import excerpt, suggest
from ivr.core import conditions as c
from ivr.core.words import MAX_PHRASE, MAX_PHRASES, has_words
from ivr.core.written import (
    read_duration,
    read_time,
    write_duration,
    write_time,
)
from router.core import requirements as r
from router.core.requirements import MAX_DEPTH, AttributeIs

MAX_WORD: Final = MAX_PHRASE
CONDITION_WORDS: Final = (
    "attributes",
    "at_least",
    "has",
    "tier",
    "value",
    "known",
    "language",
    "channel",
    "open",
    "staffed",
    "length",
    "wait",
    "time",
    "says",
    "subject",
    "text",
    "sender",
    "contains",
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """``leaves`` reads one line and raises ValueError; ``line`` writes one leaf."""

    all_of: type[Any]
    any_of: type[Any]
    negated: type[Any]
    leaves: Callable[[str, object], list[Any]]
    line: Callable[[Any], tuple[str, object]]
    always: str = ""  # the word for the empty ``all``
    alone: Callable[[str], Any] | None = None  # what a word alone means
    problem: Callable[[Any], str | None] = lambda _: None


def read_tree(grammar: Grammar, value: object) -> Any:  # noqa: ANN401 - the grammar's own types
    """Raises ValueError with one sentence."""
    tree = _read(grammar, value, 1)
    problem = grammar.problem(tree)
    if problem:
        raise ValueError(problem)
    return tree


def _read(grammar: Grammar, value: object, depth: int) -> Any:  # noqa: ANN401
    if depth > MAX_DEPTH:
        raise ValueError(f"conditions may be nested {MAX_DEPTH} deep at most")
    if isinstance(value, str) and grammar.always and value == grammar.always:
        return grammar.all_of()
    if isinstance(value, str) and grammar.alone is not None and value:
        return grammar.alone(value)
    if not isinstance(value, Mapping) or not value:
        raise ValueError("write a condition: {word: …}, {all: […]}, {any: […]} or {not: …}")
    parts = [part for key, one in value.items() for part in _line(grammar, str(key), one, depth)]
    return parts[0] if len(parts) == 1 else grammar.all_of(of=tuple(parts))


def _line(grammar: Grammar, key: str, value: object, depth: int) -> list[Any]:
    match key:
        case "all" | "any":
            group = grammar.all_of if key == "all" else grammar.any_of
            if not isinstance(value, list | tuple) or len(value) > r.MAX_LEAVES:
                raise ValueError(f"write '{key}: [{{…}}, {{…}}]', {r.MAX_LEAVES} at most")
            return [group(of=tuple(_read(grammar, one, depth + 1) for one in value))]
        case "not":
            return [grammar.negated(of=_read(grammar, value, depth + 1))]
        case _:
            return grammar.leaves(key, value)


def write_tree(grammar: Grammar, tree: Any) -> object:  # noqa: ANN401
    """What ``read_tree`` reads as the same tree."""
    if isinstance(tree, grammar.all_of):
        parts: tuple[Any, ...] = tree.of
        if not parts and grammar.always:
            return grammar.always
        return _merged(grammar, parts) or {"all": [write_tree(grammar, one) for one in parts]}
    if isinstance(tree, grammar.any_of):
        return {"any": [write_tree(grammar, one) for one in tree.of]}
    if isinstance(tree, grammar.negated):
        return {"not": write_tree(grammar, tree.of)}
    key, value = grammar.line(tree)
    return {key: value}


def _merged(grammar: Grammar, parts: tuple[Any, ...]) -> dict[str, object] | None:
    """Leaves as lines of one mapping, where reading them gives the same order."""
    groups = (grammar.all_of, grammar.any_of, grammar.negated)
    lines: dict[str, object] = {}
    for part in parts:
        if isinstance(part, groups):
            return None
        key, value = grammar.line(part)
        last = next(reversed(lines), None)
        inside = lines.get(key)
        if key not in lines:
            lines[key] = value
        elif key == last and isinstance(inside, dict) and isinstance(value, dict):
            if inside.keys() & value.keys():
                return None
            lines[key] = {**inside, **value}
        else:
            return None
    return lines if len(parts) > 1 else None


# -- leaves of a flow's conditions ------------------------------------------------------------


def _condition_leaves(key: str, value: object) -> list[Any]:
    match key:
        case "attributes":
            return [AttributeIs(name=n, value=_word(v)) for n, v in _lines(key, value)]
        case "at_least":
            return [c.AttributeAtLeast(name=n, at_least=_integer(v)) for n, v in _lines(key, value)]
        case "has":
            return [c.AttributeKnown(name=_word(value))]
        case "tier":
            return [c.TierIs(tier=_word(value))]
        case "value":
            return [c.ValueAtLeast(at_least=_integer(value))]
        case "known":
            return [c.CustomerKnown(known=_boolean(value))]
        case "language":
            return [c.LanguageIs(language=_word(value))]
        case "channel":
            return [c.ChannelIs(channel=_word(value))]
        case "open":
            return [c.HoursOpen(hours=_word(value))]
        case "staffed":
            return [c.QueueStaffed(queue=_word(value))]
        case "length":
            return [
                c.QueueLengthAtLeast(queue=n, at_least=_integer(v)) for n, v in _lines(key, value)
            ]
        case "wait":
            return [
                c.QueueWaitAtLeast(queue=n, at_least=read_duration(v))
                for n, v in _lines(key, value)
            ]
        case "time":
            begins, ends, days = read_time(value)
            return [c.TimeIs(begins=begins, ends=ends, days=days)]
        case "says":
            return [c.Says(phrases=_phrases(value))]
        case "subject" | "text" | "sender":
            return [c.Says(phrases=_phrases(value), where=key)]
        case "contains":
            return [c.AttributeSays(name=n, phrases=_phrases(v)) for n, v in _lines(key, value)]
        case _:
            known = ("all", "any", "not", *CONDITION_WORDS)
            otherwise = f"use one of: {', '.join(known)}"
            what = f"'{excerpt(key)}' is no condition"
            raise ValueError(f"{what}; {suggest(key, known, otherwise=otherwise)}")


def _condition_line(leaf: c.Leaf) -> tuple[str, object]:
    match leaf:
        case AttributeIs():
            return "attributes", {leaf.name: leaf.value}
        case c.AttributeAtLeast():
            return "at_least", {leaf.name: leaf.at_least}
        case c.AttributeKnown():
            return "has", leaf.name
        case c.TierIs():
            return "tier", leaf.tier
        case c.ValueAtLeast():
            return "value", leaf.at_least
        case c.CustomerKnown():
            return "known", leaf.known
        case c.LanguageIs():
            return "language", leaf.language
        case c.ChannelIs():
            return "channel", leaf.channel
        case c.HoursOpen():
            return "open", leaf.hours
        case c.QueueStaffed():
            return "staffed", leaf.queue
        case c.QueueLengthAtLeast():
            return "length", {leaf.queue: leaf.at_least}
        case c.QueueWaitAtLeast():
            return "wait", {leaf.queue: write_duration(leaf.at_least)}
        case c.TimeIs():
            return "time", write_time(leaf.begins, leaf.ends, leaf.days)
        case c.Says():
            return "says" if leaf.where == "anywhere" else leaf.where, list(leaf.phrases)
        case c.AttributeSays():
            return "contains", {leaf.name: list(leaf.phrases)}


# -- leaves of what is asked of an agent ------------------------------------------------------


def _demand_leaves(key: str, value: object) -> list[Any]:
    match key:
        case "team":
            return [r.TeamIs(team=_word(value))]
        case "site":
            return [r.SiteIs(site=_word(value))]
        case "attributes":
            return [AttributeIs(name=n, value=_word(v)) for n, v in _lines(key, value)]
        case skill:
            return [r.SkillAtLeast(skill=_word(skill), level=_integer(value))]


def _demand_line(leaf: object) -> tuple[str, object]:
    match leaf:
        case r.TeamIs():
            return "team", leaf.team
        case r.SiteIs():
            return "site", leaf.site
        case AttributeIs():
            return "attributes", {leaf.name: leaf.value}
        case r.SkillAtLeast():
            return leaf.skill, leaf.level
        case _:
            raise TypeError(f"{leaf!r} is not a leaf")


CONDITION: Final = Grammar(
    all_of=c.AllOf,
    any_of=c.AnyOf,
    negated=c.Not,
    leaves=_condition_leaves,
    line=_condition_line,
    problem=c.problem_with,
)
DEMAND: Final = Grammar(
    all_of=r.AllOf,
    any_of=r.AnyOf,
    negated=r.Not,
    leaves=_demand_leaves,
    line=_demand_line,
    always="anyone",
    alone=lambda word: r.SkillAtLeast(skill=_word(word)),
    problem=r.problem_with,
)


# -- values -----------------------------------------------------------------------------------


def _lines(key: str, value: object) -> list[tuple[str, object]]:
    if not isinstance(value, Mapping) or not value or len(value) > r.MAX_LEAVES:
        raise ValueError(f"write '{key}: {{name: …}}'")
    return [(_word(name), one) for name, one in value.items()]


def _word(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("write one word")  # noqa: TRY004 - the reader reports both alike
    if not 0 < len(str(value)) <= MAX_WORD:
        raise ValueError(f"write 1 to {MAX_WORD} characters")
    return str(value)


def _phrases(value: object) -> tuple[str, ...]:
    """One phrase, or a list of them, each with a letter or a digit to be looked for."""
    listed = value if isinstance(value, list | tuple) else [value]
    if not 0 < len(listed) <= MAX_PHRASES:
        raise ValueError(f"write 1 to {MAX_PHRASES} words or phrases")
    phrases = tuple(_word(one).strip() for one in listed)
    if not all(has_words(one) for one in phrases):
        raise ValueError("write words: letters or digits")
    return phrases


def _integer(value: object) -> int:
    number = c.whole_number(str(value)) if isinstance(value, str | int) else None
    if number is None or isinstance(value, bool):
        raise ValueError("write a whole number")
    return number


def _boolean(value: object) -> bool:
    if value not in (True, False, "true", "false"):
        raise ValueError("write true or false")
    return value in (True, "true")
