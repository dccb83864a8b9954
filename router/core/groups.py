"""Agents who are the same to every requirement, and contacts that ask for the same.

The matching index keeps both, as rows in order and as bits of each other; they decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from router.core.catalog import Profile, ProfileQueue
from router.core.model import Agent
from router.core.requirements import Condition, Traits, skills_named
from router.core.strategies.base import Pool, Standing

Place = tuple[int, int, str]
"""(waiting_since, arrival number, contact id): a contact's place in the order."""

Where = tuple[str, str]
"""(channel, order): in which row of free agents a standing is."""


class Group:
    """Signed-in agents who are the same to every requirement."""

    __slots__ = (
        "bit",
        "channels",
        "classes",
        "members",
        "number",
        "pools",
        "profile",
        "standing",
        "taking",
        "traits",
        "unreachable",
        "weight",
    )

    def __init__(self, number: int, traits: Traits, profile: Profile, weight: int) -> None:
        self.number = number
        self.bit = 1 << number
        self.traits = traits
        self.profile = profile
        self.weight = weight
        self.members: dict[str, None] = {}
        self.taking: dict[str, None] = {}  # members who take work, busy or not
        self.unreachable: dict[str, dict[str, None]] = {}  # channel: those who cannot be reached
        self.classes = 0  # bits of the classes its agents can serve
        self.channels = tuple(channel for channel, most in profile.capacity.items() if most > 0)
        self.standing: dict[Where, list[Standing]] = {}  # rows of free agents
        self.pools: dict[Where, Pool] = {}  # the same rows as strategies see them

    def takes_work(self, agent: Agent) -> None:
        """The member is given contacts, on the channels where they can be reached."""
        self.taking[agent.id] = None
        if self.unreachable or agent.unreachable:
            self._forget_unreachable(agent.id)
            for channel in agent.unreachable:
                self.unreachable.setdefault(channel, {})[agent.id] = None

    def takes_none(self, agent: str) -> None:
        """The member is given nothing more, or is none any more."""
        self.taking.pop(agent, None)
        if self.unreachable:
            self._forget_unreachable(agent)

    def taking_on(self, channel: str) -> int:
        """How many members take work and can be reached on ``channel``."""
        return len(self.taking) - len(self.unreachable.get(channel, ()))

    def _forget_unreachable(self, agent: str) -> None:
        for channel, members in list(self.unreachable.items()):
            members.pop(agent, None)
            if not members:
                del self.unreachable[channel]

    def make_rows(self, orders: Iterable[str]) -> None:
        """One for each channel of the profile and each order that a strategy goes by."""
        for channel in self.channels:
            for order in orders:
                row: list[Standing] = []
                self.standing[channel, order] = row
                self.pools[channel, order] = Pool(self.traits, self.weight, row)


class ContactClass:
    """Contacts that ask for the same on the same channel in the same queue."""

    __slots__ = (
        "asked",
        "bit",
        "by_delay",
        "channel",
        "condition",
        "groups",
        "number",
        "objective",
        "queue",
        "ringing",
        "terms",
        "waiting",
        "where",
    )

    def __init__(
        self,
        number: int,
        *,
        queue: str,
        channel: str,
        condition: Condition,
        objective: int,
        order: str,
        terms: Mapping[str, ProfileQueue],
    ) -> None:
        self.number = number
        self.bit = 1 << number
        self.queue = queue
        self.channel = channel
        self.condition = condition
        self.objective = objective
        self.where: Where = (channel, order)  # the rows of agents its queue's strategy looks at
        self.terms = terms  # profile id: how that profile serves the queue
        self.asked = skills_named(condition)
        self.waiting: list[Place] = []
        self.ringing: list[Place] = []  # offered to several together, with room for more
        self.groups = 0  # bits of the groups that can serve it
        self.by_delay: dict[int, int] = {}  # the profile's delay: bits of those groups

    def reached_after(self, waited: int) -> int:
        """Bits of the groups that may see a contact which has waited this long."""
        reached = 0
        for delay, groups in self.by_delay.items():
            if not delay or waited >= delay:
                reached |= groups
        return reached
