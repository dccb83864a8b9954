"""What a replay found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final

import msgspec

from simulator.comparison import Change
from simulator.replay.replay import CHANGED, OTHERS, Replay
from simulator.summary import EVERYBODY
from simulator.wording import FIGURES, change_text

TOLD: Final = ("mean_wait", "abandonment", "service_level")
WITHIN: Final = 0.1
"""How near simulated figures must come to the recorded ones, as a share of those."""

UNKNOWN_TIER: Final = "unknown"


class Misfit(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that the simulation missed by ``off``, as a share of the recorded one."""

    group: str
    figure: str
    off: float


def tiers_of(found: Replay) -> list[str]:
    """The most valued first, whoever's tier is unknown last."""
    names = [
        name.removeprefix("tier ") for name in found.fidelity.changes if name.startswith("tier ")
    ]
    return sorted(names, key=lambda one: (one == UNKNOWN_TIER, -found.credits.get(one, 0), one))


def types_of(found: Replay) -> list[str]:
    """Those with most calls first."""
    names = [name for name in found.fidelity.changes if name.startswith("type ")]
    names.sort(key=lambda name: (-found.fidelity.calls.get(name, 0), name))
    return [name.removeprefix("type ") for name in names]


def hours_of(found: Replay) -> list[str]:
    return sorted(
        name.removeprefix("hour ") for name in found.fidelity.changes if name.startswith("hour ")
    )


def sections_of(found: Replay) -> list[tuple[str, list[tuple[str, str]]]]:
    """A heading, and what each row under it is called with its group; what has one row says
    nothing new.
    """
    tiers, types = tiers_of(found), types_of(found)
    return [
        ("", [("all calls", EVERYBODY)]),
        *([("By tier", [(one, f"tier {one}") for one in tiers])] if len(tiers) > 1 else []),
        *([("By type", [(one, f"type {one}") for one in types])] if len(types) > 1 else []),
        ("By hour", [(f"{hour}:00", f"hour {hour}") for hour in hours_of(found)]),
    ]


def effect_sentences(found: Replay) -> list[str]:
    """One for each figure: ``Mean wait: valued customers −41 s ± 6, others +3 s ± 2``."""
    if found.effect is None:
        return []
    effect = found.effect.changes
    groups = [(name, group) for name, group in _told_of(found) if group in effect]
    return [
        f"{_capital(FIGURES[figure].label)}: "
        + ", ".join(f"{name} {_effect(figure, effect[group][figure])}" for name, group in groups)
        + "."
        for figure in TOLD
    ]


def _told_of(found: Replay) -> list[tuple[str, str]]:
    if found.tiers_changed:
        names = " and ".join(found.tiers_changed)
        return [(f"{names} customers", CHANGED), ("others", OTHERS)]
    tiers = tiers_of(found)
    parts = [(f"{tier} customers", f"tier {tier}") for tier in tiers] if len(tiers) > 1 else []
    return [*parts, ("everybody", EVERYBODY)]


def _effect(figure: str, change: Change) -> str:
    text = change_text(figure, change.difference)
    by_chance = isfinite(change.difference.half_width) and change.difference.contains(0)
    return f"{text} (could be chance)" if by_chance and change.difference.half_width else text


def misfits(found: Replay) -> list[Misfit]:
    """Of all, of each tier and of each type: mean waits and abandonment further off than
    ``WITHIN``, the worst of the largest groups first.
    """
    groups = [name for name in found.fidelity.changes if not name.startswith("hour ")]
    groups.sort(key=lambda name: -found.fidelity.calls.get(name, 0))
    return [
        Misfit(group=group, figure=figure, off=off)
        for group in groups
        for figure, off in _off(found, group)
        if abs(off) > WITHIN
    ]


def _off(found: Replay, group: str) -> Iterator[tuple[str, float]]:
    for figure in ("mean_wait", "abandonment"):
        change = found.fidelity.changes[group][figure]
        if change.before and isfinite(change.before) and isfinite(change.after):
            yield figure, change.after / change.before - 1


def fidelity_sentence(found: Replay) -> str:
    """How near the simulation comes by tier, and where it does not."""
    off = misfits(found)
    if not off:
        return (
            f"Simulated waits and abandonment are within {WITHIN:.0%} of the recorded ones for"
            " every tier and type."
        )
    by_tier = not any(one.group == EVERYBODY or one.group.startswith("tier ") for one in off)
    near = (
        f"Simulated waits and abandonment are within {WITHIN:.0%} of the recorded ones for all"
        " calls and for every tier. "
    )
    said = ", ".join(_misfit(found, one) for one in off)
    return f"{near if by_tier else ''}Further off than {WITHIN:.0%}: {said}."


def tier_sentence(found: Replay) -> str:
    """Empty where the log says what everybody's tier is."""
    written = found.log.tier_without_wait
    if not written:
        return ""
    return (
        f"Whoever does not wait stands in the log as {written}; here simulated calls are labelled"
        " alike, below a change callers are told by their true tier."
    )


def _misfit(found: Replay, one: Misfit) -> str:
    sign = "−" if one.off < 0 else "+"
    group = "all calls" if one.group == EVERYBODY else one.group
    calls = found.fidelity.calls.get(one.group, 0)
    return f"{group} ({calls:,} calls) {FIGURES[one.figure].label} {sign}{abs(one.off):.0%}"


def source_sentences(found: Replay) -> Sequence[str]:
    """What is known about the people, and where from."""
    people = found.people
    who = "1 agent" if people.agents == 1 else f"{people.agents:,} agents"
    spells = "1 spell" if people.spells == 1 else f"{people.spells:,} spells"
    if people.source == "journal":
        return [f"{who} with {spells} of work, exactly as they signed in and out."]
    if people.source == "catalog":
        when = "from the first call of a day until the last is over"
        return [f"The log does not say who answered: {who} of the catalog work {when}."]
    said = [f"{who} with {spells} of work, inferred from the calls they took."]
    if people.judged:
        share = people.in_order / people.judged
        said.append(
            f"Of {people.judged:,} calls taken while others waited, {share:.0%} were next in the"
            " order that skills and credits give."
        )
    if people.unnamed:
        said.append(f"{people.unnamed:,} calls were answered by nobody known.")
    return said


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
