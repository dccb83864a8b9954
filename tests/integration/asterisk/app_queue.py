"""What the cases of app_queue are told with, on an Asterisk in memory."""

from __future__ import annotations

import msgspec

from router.core import commands as c
from router.core import events as e
from router.core.catalog import AgentDefinition, EntryPoint
from router.core.durations import SECOND
from router.core.requirements import Traits
from tests.asterisk.centre import Centre


def rung(centre: Centre) -> list[str]:
    """Whose telephones rang, in order."""
    return [event.agent for event in centre.said if isinstance(event, e.Offered)]


async def handled_by(centre: Centre, line: str = "line") -> str:
    """Somebody calls, and hangs up again: who answered; empty when nobody rang."""
    caller = await centre.call(dialled=line)
    agent = next((name for name in ("ann", "ben", "chi") if centre.asterisk.rings(name)), "")
    if agent:
        await centre.answer(agent)
    await centre.hang_up(caller)
    return agent


async def writes_on(centre: Centre, agent: str) -> None:
    """Twice as long as the queue foresees."""
    (contact,) = centre.agent(agent).slots
    await centre.act(c.ExtendWrapUp, contact=contact, agent=agent, extend_by=10 * SECOND)


async def refusal(centre: Centre, kind: type[c.Command], **fields: object) -> str:
    outcome = await centre.ask(kind, **fields)
    assert isinstance(outcome, e.Rejected)
    return outcome.code


async def publish(
    centre: Centre,
    names: tuple[str, ...] = ("ann", "ben", "chi"),
    wrap_up: int = 0,
    **levels: int,
) -> None:
    """A catalog with these agents, their level of the skill vip, and a second line."""
    old = centre.replica.state.catalog
    agents = {
        name: AgentDefinition(
            id=name,
            name=name.title(),
            profile="all",
            traits=Traits(skills=(("vip", levels[name]),) if name in levels else ()),
        )
        for name in names
    }
    shop = EntryPoint(id="shop", channel="voice", queue="sales")
    catalog = msgspec.structs.replace(
        old,
        version=old.version + 1,
        agents=agents,
        skills={"vip": "Important customers", "tax": "Taxes"},
        queues={key: msgspec.structs.replace(q, wrap_up=wrap_up) for key, q in old.queues.items()},
        entry_points={**old.entry_points, "shop": shop},
    )
    await centre.act(c.PublishCatalog, catalog=catalog, replaces=old.version)
