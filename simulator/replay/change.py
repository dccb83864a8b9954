"""What a replay may do differently from the recorded centre."""

from __future__ import annotations

import msgspec

from router.core.catalog import Catalog
from router.core.strategies import STRATEGIES
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


def changed_catalog(catalog: Catalog, change: CentreChange) -> Catalog:
    """Raises ``ChangeError`` for names the centre does not know."""
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
    for agent in change.extra:
        catalog = _with_copy(catalog, _known(catalog, agent))
    return catalog


def changed_staff(staff: tuple[Member, ...], change: CentreChange) -> tuple[Member, ...]:
    known = {member.agent: member for member in staff}
    for agent in change.without:
        if agent not in known:
            raise ChangeError(f"Nobody called {agent!r} works here: {', '.join(known)}.")
    copies = tuple(
        msgspec.structs.replace(known[agent], agent=copy_of(agent))
        for agent in change.extra
        if agent in known
    )
    return tuple(one for one in (*staff, *copies) if one.agent not in change.without)


def copy_of(agent: str) -> str:
    return f"{agent}_2"


def _known(catalog: Catalog, agent: str) -> str:
    if agent not in catalog.agents:
        raise ChangeError(f"Nobody called {agent!r} works here: {', '.join(catalog.agents)}.")
    return agent


def _with_copy(catalog: Catalog, agent: str) -> Catalog:
    name = copy_of(agent)
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
