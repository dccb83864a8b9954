"""What a contact asks of an agent: a closed tree of conditions, relaxed step by step.

The tree is data, never an expression language: it is checked when it is read, costs nothing at
dispatch (the matcher interns it) and can always say which leaf failed for whom.
"""

from __future__ import annotations

import msgspec

MAX_DEPTH = 8
MAX_LEAVES = 64


class Traits(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """What an agent can do and where they belong; hashable, so that equal agents share a group."""

    skills: tuple[tuple[str, int], ...] = ()  # (skill id, level 1-10), sorted by id
    team: str = ""
    site: str = ""
    attributes: tuple[tuple[str, str], ...] = ()  # sorted by name

    def level(self, skill: str) -> int:
        """Level 1-10 of ``skill``, 0 when the agent does not have it."""
        for name, level in self.skills:
            if name == skill:
                return level
        return 0


class SkillAtLeast(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, tag="skill"):
    skill: str
    level: int = 1


class TeamIs(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, tag="team"):
    team: str


class SiteIs(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, tag="site"):
    site: str


class AttributeIs(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, tag="attribute"):
    name: str
    value: str


class AllOf(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, tag="all"):
    """True when every part is; the empty ``AllOf`` asks for nothing."""

    of: tuple[Condition, ...] = ()


class AnyOf(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, tag="any"):
    """True when at least one part is; the empty ``AnyOf`` is never true."""

    of: tuple[Condition, ...] = ()


class Not(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True, tag="not"):
    of: Condition


Condition = SkillAtLeast | TeamIs | SiteIs | AttributeIs | AllOf | AnyOf | Not

ANYONE = AllOf()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a contact's demands. ``lasts`` is in microseconds; None lasts until served."""

    condition: Condition = ANYONE
    lasts: int | None = None


def step_end(steps: tuple[Step, ...], step: int, at: int) -> int:
    """When ``step``, entered at ``at``, ends by itself; 0 for never (the last step never ends)."""
    lasts = steps[step].lasts
    return 0 if lasts is None or step + 1 >= len(steps) else at + max(lasts, 1)


def satisfies(condition: Condition, traits: Traits) -> bool:
    """Whether an agent with ``traits`` meets ``condition``."""
    match condition:
        case SkillAtLeast():
            return traits.level(condition.skill) >= condition.level
        case TeamIs():
            return traits.team == condition.team
        case SiteIs():
            return traits.site == condition.site
        case AttributeIs():
            return (condition.name, condition.value) in traits.attributes
        case AllOf():
            return all(satisfies(part, traits) for part in condition.of)
        case AnyOf():
            return any(satisfies(part, traits) for part in condition.of)
        case Not():
            return not satisfies(condition.of, traits)


def failed_leaves(condition: Condition, traits: Traits) -> tuple[Condition, ...]:
    """The smallest parts of ``condition`` that keep ``traits`` out; empty when it is satisfied.

    A failed ``not`` is itself the leaf: nothing inside it failed, its holding is the obstacle.
    """
    if satisfies(condition, traits):
        return ()
    match condition:
        case AllOf() | AnyOf():
            if not condition.of:
                return (condition,)
            return tuple(leaf for part in condition.of for leaf in failed_leaves(part, traits))
        case _:
            return (condition,)


def describe(condition: Condition) -> str:
    """The condition in a few words, e.g. ``spanish >= 3 and team = billing``."""
    match condition:
        case SkillAtLeast():
            return f"{condition.skill} >= {condition.level}"
        case TeamIs():
            return f"team = {condition.team}"
        case SiteIs():
            return f"site = {condition.site}"
        case AttributeIs():
            return f"{condition.name} = {condition.value}"
        case AllOf():
            return " and ".join(_grouped(part) for part in condition.of) or "anyone"
        case AnyOf():
            return " or ".join(_grouped(part) for part in condition.of) or "nobody"
        case Not():
            return f"not {_grouped(condition.of)}"


def _grouped(condition: Condition) -> str:
    text = describe(condition)
    compound = isinstance(condition, AllOf | AnyOf) and len(condition.of) > 1
    return f"({text})" if compound else text


def skills_named(condition: Condition) -> frozenset[str]:
    """Every skill the condition mentions; what a catalog check must find defined."""
    match condition:
        case SkillAtLeast():
            return frozenset({condition.skill})
        case AllOf() | AnyOf():
            return frozenset().union(*(skills_named(part) for part in condition.of))
        case Not():
            return skills_named(condition.of)
        case TeamIs() | SiteIs() | AttributeIs():
            return frozenset()


def problem_with(condition: Condition) -> str | None:
    """Why ``condition`` is refused (too deep, too large, a level outside 1-10), or None."""
    depth, leaves = _size(condition)
    if depth > MAX_DEPTH:
        return f"conditions may be nested {MAX_DEPTH} deep at most"
    if leaves > MAX_LEAVES:
        return f"a condition may have {MAX_LEAVES} tests at most"
    return _bad_level(condition)


def _size(condition: Condition, depth: int = 1) -> tuple[int, int]:
    if depth > MAX_DEPTH:
        return depth, 0
    match condition:
        case AllOf() | AnyOf():
            sizes = [_size(part, depth + 1) for part in condition.of]
            return max((d for d, _ in sizes), default=depth), sum(n for _, n in sizes)
        case Not():
            return _size(condition.of, depth + 1)
        case _:
            return depth, 1


def _bad_level(condition: Condition) -> str | None:
    match condition:
        case SkillAtLeast():
            if not 1 <= condition.level <= 10:
                return f"the level of skill {condition.skill!r} must be between 1 and 10"
            return None
        case AllOf() | AnyOf():
            return next((p for part in condition.of if (p := _bad_level(part))), None)
        case Not():
            return _bad_level(condition.of)
        case _:
            return None
