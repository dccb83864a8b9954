"""What a contact asks of an agent, read by the judge itself.

Written from ``docs/catalog.md``, apart from the functions the core has for the same: a judge who
asked those would repeat their mistakes.
"""

from __future__ import annotations

from router.core.requirements import (
    AllOf,
    AnyOf,
    AttributeIs,
    Condition,
    Not,
    SiteIs,
    SkillAtLeast,
    TeamIs,
    Traits,
)


def meets(condition: Condition, traits: Traits) -> bool:
    """Whether somebody with ``traits`` meets ``condition``."""
    match condition:
        case SkillAtLeast():
            return dict(traits.skills).get(condition.skill, 0) >= condition.level
        case TeamIs():
            return traits.team == condition.team
        case SiteIs():
            return traits.site == condition.site
        case AttributeIs():
            return dict(traits.attributes).get(condition.name) == condition.value
        case AllOf():
            return False not in [meets(part, traits) for part in condition.of]
        case AnyOf():
            return True in [meets(part, traits) for part in condition.of]
        case Not():
            return not meets(condition.of, traits)


def failed_parts(condition: Condition, traits: Traits) -> list[Condition]:
    """The smallest parts that keep ``traits`` out; none when they meet the condition.

    A ``not`` that fails is a part by itself: nothing inside it failed.
    """
    if meets(condition, traits):
        return []
    if isinstance(condition, AllOf | AnyOf) and condition.of:
        return [failed for part in condition.of for failed in failed_parts(part, traits)]
    return [condition]


def skills_asked(condition: Condition) -> set[str]:
    """Every skill the condition names, wherever it stands in it."""
    match condition:
        case SkillAtLeast():
            return {condition.skill}
        case AllOf() | AnyOf():
            return {skill for part in condition.of for skill in skills_asked(part)}
        case Not():
            return skills_asked(condition.of)
        case TeamIs() | SiteIs() | AttributeIs():
            return set()


def in_words(condition: Condition) -> str:
    """As people are told it, e.g. ``spanish >= 3 and (team = billing or team = sales)``."""
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
            return " and ".join(map(_inside, condition.of)) if condition.of else "anyone"
        case AnyOf():
            return " or ".join(map(_inside, condition.of)) if condition.of else "nobody"
        case Not():
            return "not " + _inside(condition.of)


def _inside(condition: Condition) -> str:
    if isinstance(condition, AllOf | AnyOf) and len(condition.of) > 1:
        return f"({in_words(condition)})"
    return in_words(condition)
