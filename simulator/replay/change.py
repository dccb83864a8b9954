"""What a replay may do differently from the recorded centre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

from config.problems import suggest
from router.core import commands as c
from router.core.catalog import Catalog
from router.core.strategies import STRATEGIES
from simulator.replay.people import agent_of
from simulator.staff import Member


class ChangeError(ValueError):
    """A change that cannot be made; the text says what to write instead."""


class CentreChange(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing set is no change. ``credits``: head start by tier, microseconds, in place of the
    recorded; ``strategy`` for every queue; ``everyone_does`` gives every agent every type;
    ``without`` and ``extra``: agents who stay away, and agents who are there whenever the agent
    they are copied from is; ``handling`` is a factor on the length of every conversation.
    """

    credits: dict[str, int] = {}
    strategy: str = ""
    everyone_does: bool = False
    without: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    handling: float = 1.0
    catalog: Catalog | None = None

    @property
    def redefines_skills(self) -> bool:
        """Whether skills are other than the recorded ones, and stay so through the day."""
        return self.everyone_does or self.catalog is not None


def resolved(change: CentreChange, agents: Collection[str], tiers: Collection[str]) -> CentreChange:
    """With names of agents as ids, however they were written. Raises ``ChangeError`` for agents
    who never worked here, for credits that no caller of ``tiers`` would get, and when nobody is
    left.
    """
    for tier in change.credits:
        if tier not in tiers:
            how = suggest(tier, tiers, otherwise=f"there are {_few(tiers) or 'no tiers'}")
            raise ChangeError(f"No caller is of tier {tier!r}: {how}.")
    without = tuple(_known(name, agents) for name in change.without)
    extra = tuple(_known(name, agents) for name in change.extra)
    if agents and not any(_is_in(change.catalog, one) for one in agents if one not in without):
        raise ChangeError(
            f"Nobody would be at work: leave somebody whom the recording knows ({_few(agents)})."
        )
    return msgspec.structs.replace(change, without=without, extra=extra)


def changed_catalog(catalog: Catalog, change: CentreChange) -> Catalog:
    """Raises ``ChangeError`` for a strategy that does not exist."""
    if change.catalog is not None:
        catalog = change.catalog
    replace = msgspec.structs.replace
    if change.credits:
        tiers = {**catalog.credits.tiers, **change.credits}
        catalog = replace(catalog, credits=replace(catalog.credits, tiers=tiers))
    if change.strategy:
        if change.strategy not in STRATEGIES:
            raise ChangeError(f"There is no strategy {change.strategy!r}: {', '.join(STRATEGIES)}.")
        queues = {
            name: replace(queue, strategy=change.strategy) for name, queue in catalog.queues.items()
        }
        catalog = replace(catalog, queues=queues)
    if change.everyone_does:
        catalog = _generalists(catalog)
    for agent, twin in _twins(change):
        if agent in catalog.agents:
            catalog = _with_copy(catalog, agent, twin)
    return catalog


def changed_staff(staff: Iterable[Member], change: CentreChange) -> tuple[Member, ...]:
    """Who is not in another catalog does not come, and who is in it alone has no hours."""
    known = {member.agent: member for member in staff if _is_in(change.catalog, member.agent)}
    copies = [
        msgspec.structs.replace(known[agent], agent=twin)
        for agent, twin in _twins(change)
        if agent in known
    ]
    stay = [member for agent, member in known.items() if agent not in change.without]
    return (*stay, *copies)


def changed_supervision(
    supervision: Iterable[tuple[int, c.Command]], change: CentreChange
) -> tuple[tuple[int, c.Command], ...]:
    """Whoever is there twice is lent the same skills twice."""
    found = list(supervision)
    for agent, twin in _twins(change):
        found += [
            (at, msgspec.structs.replace(command, agent=twin))
            for at, command in found
            if isinstance(command, c.LendSkills) and command.agent == agent
        ]
    return tuple(found)


def _twins(change: CentreChange) -> list[tuple[str, str]]:
    """Whom to copy, and the id of the copy: with a plus, which no id of a catalog has."""
    times: Counter[str] = Counter()
    found = []
    for agent in change.extra:
        times[agent] += 1
        found.append((agent, f"{agent}+{times[agent]}"))
    return found


def _known(name: str, agents: Collection[str]) -> str:
    """The id meant: as it is, or as the log writes it."""
    for candidate in (name, agent_of(name)):
        if candidate in agents:
            return candidate
    how = suggest(name, agents, otherwise=f"name one of {_few(agents)}")
    raise ChangeError(f"Nobody called {name!r} works here: {how}.")


def _few(names: Collection[str], most: int = 8) -> str:
    listed = sorted(names)
    return ", ".join(listed[:most]) + (" …" if len(listed) > most else "")


def _is_in(catalog: Catalog | None, agent: str) -> bool:
    return catalog is None or agent in catalog.agents


def _with_copy(catalog: Catalog, agent: str, name: str) -> Catalog:
    twin = msgspec.structs.replace(catalog.agents[agent], id=name, name=name)
    return msgspec.structs.replace(catalog, agents={**catalog.agents, name: twin})


def _generalists(catalog: Catalog) -> Catalog:
    """Every agent has every skill, at the best level anybody has it."""
    best: dict[str, int] = {}
    for agent in catalog.agents.values():
        for skill, level in agent.traits.skills:
            best[skill] = max(level, best.get(skill, 0))
    skills = tuple(sorted(best.items()))
    agents = {
        name: msgspec.structs.replace(
            agent, traits=msgspec.structs.replace(agent.traits, skills=skills)
        )
        for name, agent in catalog.agents.items()
    }
    return msgspec.structs.replace(catalog, agents=agents)
