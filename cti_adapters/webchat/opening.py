"""Whether a chat can begin now, or a question is left in a form instead. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from router.core.catalog import Catalog, EntryPoint
from router.core.model import Agent, AgentState

CHANNEL = "chat"

FormWhen = Literal["never", "closed", "unstaffed"]  # unstaffed: also when it is closed


def queue_of(entry: EntryPoint, choice: str) -> str:
    return entry.choices.get(choice, entry.queue)


def staffed_queues(catalog: Catalog, agents: Iterable[Agent]) -> frozenset[str]:
    """Queues whose chats somebody who is signed in takes."""
    profiles = {one.definition.profile for one in agents if one.state is not AgentState.SIGNED_OUT}
    found = (catalog.profiles[name] for name in profiles if name in catalog.profiles)
    taking = (profile for profile in found if profile.capacity.get(CHANNEL, 0) > 0)
    return frozenset(served.queue for profile in taking for served in profile.queues)


def is_open(catalog: Catalog, queue: str, at: int, when: FormWhen, staffed: frozenset[str]) -> bool:
    """``at`` in microseconds UTC; ``staffed`` are the queues that ``staffed_queues`` names."""
    if when == "never" or queue not in catalog.queues:
        return True
    hours = catalog.hours.get(catalog.queues[queue].hours)
    if hours is not None and not hours.is_open(at):
        return False
    return when == "closed" or queue in staffed
