"""Who could serve whom: the index behind every decision.

Agents with the same traits, profile and weight form a *group*; contacts that wait in the same
queue on the same channel with the same demands form a *class*. Which groups can serve a class is
worked out once and kept as a bit mask, so that a decision only looks at the groups with a free
agent, or at the classes with somebody waiting: never at agents times contacts.

The index is derived from the state and maintained by the fold; it decides nothing by itself.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Container, Iterator, Mapping, Sequence

from router.core.capacity import free_channels, takes_work
from router.core.catalog import Catalog, ProfileQueue
from router.core.groups import ContactClass, Group, Place, Where
from router.core.model import Agent, AgentState, Contact
from router.core.requirements import Condition, Traits, satisfies
from router.core.strategies import STRATEGIES
from router.core.strategies.base import Candidates, Standing

MAX_IDLE_CLASSES = 4_096
NEVER = 1 << 62  # a moment that does not come


class Index:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._groups: dict[int, Group] = {}
        self._group_of_key: dict[tuple[Traits, str, int], Group] = {}
        self._group_of_agent: dict[str, Group] = {}
        self._classes: dict[int, ContactClass] = {}
        self._class_of_key: dict[tuple[str, str, Condition], ContactClass] = {}
        self._free_numbers: list[int] = []
        self._free_group_numbers: list[int] = []
        self._standing: dict[str, list[tuple[Where, Standing]]] = {}  # free agent: their rows
        self._free: dict[str, tuple[str, ...]] = {}  # free agent: channels with room
        self._available: dict[str, int] = {}  # channel: bits of groups with a free agent
        self._staffed = 0  # bits of groups with anybody signed in
        self._waiting = 0  # bits of classes with anybody waiting
        self._ringing = 0  # bits of classes with anybody ringing who may ring at more agents
        self._rings: dict[str, tuple[ContactClass, Place]] = {}
        self._place: dict[str, tuple[ContactClass, Place]] = {}
        self._kept: dict[str, list[Place]] = {}  # agent: contacts kept for them
        self._kept_for: dict[str, tuple[tuple[str, ...], Place]] = {}
        self._lengths: dict[str, int] = {}  # queue: contacts waiting
        self._queue_of: dict[str, str] = {}  # waiting contact: its queue
        self._excluded: dict[str, dict[str, int]] = {}  # contact: who may not see it until when
        self._orders = {
            strategy.standing: strategy.key
            for name in {queue.strategy: None for queue in catalog.queues.values()}
            for strategy in (STRATEGIES[name],)
        }
        self._terms: dict[str, dict[str, ProfileQueue]] = {queue: {} for queue in catalog.queues}
        for profile in catalog.profiles.values():
            for term in profile.queues:
                self._terms[term.queue][profile.id] = term
        self._delays = {
            queue: sorted({term.delay for term in terms.values() if term.delay})
            for queue, terms in self._terms.items()
        }

    # -- agents ------------------------------------------------------------------------------

    def set_agent(self, agent: Agent, at: int) -> None:
        """Bring the agent's standing up to date after any change of state or skills."""
        self._withdraw(agent.id)
        group = self._regroup(agent)
        if group is None:
            return
        if takes_work(agent):
            group.takes_work(agent)
            self._stand(agent, group, at)
        else:
            group.takes_none(agent.id)

    def set_load(self, agent: Agent, at: int) -> None:
        """The same after a change of nothing but what they have in hand."""
        self._withdraw(agent.id)
        group = self._group_of_agent.get(agent.id)
        if group is not None and agent.id in group.taking:
            self._stand(agent, group, at)

    def set_order(self, agent: Agent, at: int) -> None:
        """The same when they have as much room as before: only their place in line may change."""
        if agent.id in self._free:
            self.set_load(agent, at)

    def _stand(self, agent: Agent, group: Group, at: int) -> None:
        limited = agent.slots or agent.unreachable
        free = free_channels(agent, group.profile) if limited else group.channels
        if not free:
            return
        places: list[tuple[Where, Standing]] = []
        for order, key in self._orders.items():
            standing: Standing = (key(agent, at), agent.id)
            for channel in free:
                where = (channel, order)
                insort(group.standing[where], standing)
                places.append((where, standing))
        for channel in free:
            self._available[channel] = self._available.get(channel, 0) | group.bit
        self._free[agent.id] = free
        self._standing[agent.id] = places

    def _withdraw(self, agent: str) -> None:
        if self._free.pop(agent, None) is None:
            return
        group = self._group_of_agent[agent]
        for where, standing in self._standing.pop(agent):
            row = group.standing[where]
            del row[bisect_left(row, standing)]
            if not row:
                self._available[where[0]] &= ~group.bit

    def _regroup(self, agent: Agent) -> Group | None:
        current = self._group_of_agent.get(agent.id)
        if agent.state is AgentState.SIGNED_OUT:
            wanted = None
        elif (
            current is not None
            and current.traits == agent.traits
            and current.profile.id == agent.definition.profile
            and current.weight == agent.definition.weight
        ):
            return current
        else:
            wanted = self._group_for(agent)
        if current is not None:
            del current.members[agent.id], self._group_of_agent[agent.id]
            current.takes_none(agent.id)
            if not current.members:
                self._staffed &= ~current.bit
                self._drop_group(current)
        if wanted is not None:
            wanted.members[agent.id] = None
            self._group_of_agent[agent.id] = wanted
            self._staffed |= wanted.bit
        return wanted

    def _group_for(self, agent: Agent) -> Group:
        key = (agent.traits, agent.definition.profile, agent.definition.weight)
        group = self._group_of_key.get(key)
        if group is None:
            number = (
                self._free_group_numbers.pop() if self._free_group_numbers else len(self._groups)
            )
            profile = self._catalog.profiles[agent.definition.profile]
            group = Group(number, agent.traits, profile, agent.definition.weight)
            group.make_rows(self._orders)
            self._groups[number] = self._group_of_key[key] = group
            for contact_class in self._classes.values():
                self._join(group, contact_class)
        return group

    def _drop_group(self, group: Group) -> None:
        del self._groups[group.number]
        del self._group_of_key[group.traits, group.profile.id, group.weight]
        self._free_group_numbers.append(group.number)
        for contact_class in self._classes.values():
            if contact_class.groups & group.bit:
                contact_class.groups &= ~group.bit
                contact_class.by_delay[contact_class.terms[group.profile.id].delay] &= ~group.bit

    def _join(self, group: Group, contact_class: ContactClass) -> None:
        term = contact_class.terms.get(group.profile.id)
        if term is None or group.profile.capacity.get(contact_class.channel, 0) < 1:
            return
        if satisfies(contact_class.condition, group.traits):
            contact_class.groups |= group.bit
            contact_class.by_delay[term.delay] = (
                contact_class.by_delay.get(term.delay, 0) | group.bit
            )
            group.classes |= contact_class.bit

    # -- contacts ----------------------------------------------------------------------------

    def class_of(self, contact: Contact) -> ContactClass:
        return self.class_for(contact.queue, contact.channel, contact.steps[contact.step].condition)

    def class_for(self, queue: str, channel: str, condition: Condition) -> ContactClass:
        """The class of such contacts, made when it is asked for first."""
        found = self._class_of_key.get((queue, channel, condition))
        if found is None:
            found = self._new_class(queue, channel, condition)
        return found

    def _new_class(self, queue: str, channel: str, condition: Condition) -> ContactClass:
        if len(self._classes) >= MAX_IDLE_CLASSES:
            self._drop_empty_classes()
        number = self._free_numbers.pop() if self._free_numbers else len(self._classes)
        rules = self._catalog.queues[queue]
        made = ContactClass(
            number,
            queue=queue,
            channel=channel,
            condition=condition,
            objective=max(rules.service_within, 1),
            order=STRATEGIES[rules.strategy].standing,
            terms=self._terms[queue],
        )
        self._classes[number] = self._class_of_key[queue, channel, condition] = made
        for group in self._groups.values():
            self._join(group, made)
        return made

    def _drop_empty_classes(self) -> None:
        empty = [one for one in self._classes.values() if not one.waiting and not one.ringing]
        dead = 0
        for one in empty:
            dead |= one.bit
            del self._classes[one.number]
            del self._class_of_key[one.queue, one.channel, one.condition]
            self._free_numbers.append(one.number)
        for group in self._groups.values():
            group.classes &= ~dead

    def add_contact(self, contact: Contact) -> None:
        """Let it wait: for its preferred agents while they come first, else in its class."""
        place: Place = (contact.waiting_since, contact.number, contact.id)
        self._queue_of[contact.id] = contact.queue
        self._lengths[contact.queue] = self._lengths.get(contact.queue, 0) + 1
        barred = barred_agents(contact)
        if barred:
            self._excluded[contact.id] = barred
        if contact.preferred_until:
            self._kept_for[contact.id] = (contact.preferred, place)
            for agent in contact.preferred:
                insort(self._kept.setdefault(agent, []), place)
            return
        contact_class = self.class_of(contact)
        insort(contact_class.waiting, place)
        self._waiting |= contact_class.bit
        self._place[contact.id] = (contact_class, place)

    def add_ringing(self, contact: Contact) -> None:
        """It rings at several agents together, and there is room for more of them."""
        place: Place = (contact.waiting_since, contact.number, contact.id)
        contact_class = self.class_of(contact)
        insort(contact_class.ringing, place)
        self._ringing |= contact_class.bit
        self._rings[contact.id] = (contact_class, place)
        self._excluded[contact.id] = barred_agents(contact)

    def _remove_ringing(self, contact: str) -> None:
        contact_class, place = self._rings.pop(contact)
        del self._excluded[contact]
        ringing = contact_class.ringing
        del ringing[bisect_left(ringing, place)]
        if not ringing:
            self._ringing &= ~contact_class.bit

    def remove_contact(self, contact: str) -> None:
        """Stop waiting or ringing; nothing happens when the contact did neither."""
        queue = self._queue_of.pop(contact, None)
        if queue is None:
            if contact in self._rings:
                self._remove_ringing(contact)
            return
        self._lengths[queue] -= 1
        self._excluded.pop(contact, None)
        kept = self._kept_for.pop(contact, None)
        if kept is not None:
            agents, place = kept
            for agent in agents:
                row = self._kept[agent]
                del row[bisect_left(row, place)]
            return
        contact_class, place = self._place.pop(contact)
        waiting = contact_class.waiting
        del waiting[bisect_left(waiting, place)]
        if not waiting:
            self._waiting &= ~contact_class.bit

    # -- questions ---------------------------------------------------------------------------

    def candidates(
        self, contact_class: ContactClass, since: int, excluded: Mapping[str, int], at: int
    ) -> Candidates | None:
        """Free agents for a contact of this class, None when there is nobody at all."""
        free = self._available.get(contact_class.channel, 0) & contact_class.groups
        if not free:
            return None
        free &= contact_class.reached_after(at - since)
        if not free:
            return None
        pools = [group.pools[contact_class.where] for group in self.each_group(free)]
        return Candidates(pools, excluded, at, contact_class.asked)

    def next_kept_for(self, agent: str, at: int) -> Sequence[str]:
        """Contacts kept for this agent, first in order first, whatever their channel."""
        kept = self._kept.get(agent)
        if not kept:
            return ()
        return [
            contact for _, _, contact in kept if self._excluded.get(contact, {}).get(agent, 0) <= at
        ]

    def next_contact(self, agent: Agent, at: int) -> tuple[str, int, int] | None:
        """(contact, band, classes compared): the contact this agent should take now, if any."""
        group = self._group_of_agent[agent.id]
        return self._first(agent, group, group.classes & self._waiting, at)

    def next_ringing(
        self, agent: Agent, at: int, passed_over: Container[str]
    ) -> tuple[str, int, int] | None:
        """The same for a contact that rings at others: the one the agent should ring for too."""
        group = self._group_of_agent[agent.id]
        bits = group.classes & self._ringing
        return self._first(agent, group, bits, at, ringing=True, passed_over=passed_over)

    def _first(
        self,
        agent: Agent,
        group: Group,
        bits: int,
        at: int,
        *,
        ringing: bool = False,
        passed_over: Container[str] = (),
    ) -> tuple[str, int, int] | None:
        free = self._free.get(agent.id)
        if not bits or free is None:
            return None
        by_objective = group.profile.order == "objective"
        best: tuple[int, float, int] | None = None
        chosen = ""
        compared = 0
        while bits:
            low = bits & -bits
            bits ^= low
            contact_class = self._classes[low.bit_length() - 1]
            if contact_class.channel not in free:
                continue
            term = contact_class.terms[group.profile.id]
            line = contact_class.ringing if ringing else contact_class.waiting
            place = self._head(line, agent.id, at, passed_over)
            if place is None or (term.delay and at - place[0] < term.delay):
                continue
            compared += 1
            urgency = (place[0] - at) / contact_class.objective if by_objective else place[0]
            rank = (term.band, urgency, place[1])
            if best is None or rank < best:
                best, chosen = rank, place[2]
        return None if best is None else (chosen, best[0], compared)

    def _head(
        self, line: list[Place], agent: str, at: int, passed_over: Container[str]
    ) -> Place | None:
        if not self._excluded:
            return line[0]
        for place in line:
            excluded = self._excluded.get(place[2])
            barred = excluded is not None and excluded.get(agent, 0) > at
            if not barred and place[2] not in passed_over:
                return place
        return None

    def staffed(self, contact: Contact) -> bool:
        """Whether anybody signed in could ever serve the contact in its present step."""
        return self.class_of(contact).groups & self._staffed != 0

    def sees(self, agent: str, contact_class: ContactClass, waited: int) -> bool:
        """Whether a signed-in agent, busy or not, meets the demands of the class and sees what has
        waited this long.
        """
        group = self._group_of_agent.get(agent)
        return group is not None and contact_class.reached_after(waited) & group.bit != 0

    def signed_in(self, agents: tuple[str, ...]) -> bool:
        return any(agent in self._group_of_agent for agent in agents)

    def stranded(self) -> Iterator[str]:
        """Waiting contacts whose present step nobody signed in could serve."""
        for contact_class in list(self._each_class(self._waiting)):
            if not contact_class.groups & self._staffed:
                yield from [place[2] for place in contact_class.waiting]

    def is_ringing(self, contact: str) -> bool:
        """Whether it rings at several together and may ring at more."""
        return contact in self._rings

    def terms(self, queue: str) -> Mapping[str, ProfileQueue]:
        """How each profile that serves ``queue`` serves it, by profile id."""
        return self._terms[queue]

    def delays(self, queue: str) -> list[int]:
        """The distinct waits after which further profiles may see contacts of ``queue``."""
        return self._delays[queue]

    def length(self, queue: str) -> int:
        """How many contacts wait in ``queue``."""
        return self._lengths.get(queue, 0)

    def groups_for(self, contact_class: ContactClass) -> Iterator[Group]:
        """Groups with anybody signed in that can serve the class."""
        return self.each_group(contact_class.groups & self._staffed)

    def groups(self) -> Iterator[Group]:
        return iter(self._groups.values())

    def waiting_classes(self) -> Iterator[ContactClass]:
        return self._each_class(self._waiting)

    def first_group(self, bits: int) -> Group:
        """One of the groups named by ``bits``, which must not be empty."""
        return self._groups[(bits & -bits).bit_length() - 1]

    def group_of(self, agent: str) -> Group | None:
        return self._group_of_agent.get(agent)

    def each_group(self, bits: int) -> Iterator[Group]:
        while bits:
            low = bits & -bits
            bits ^= low
            yield self._groups[low.bit_length() - 1]

    def _each_class(self, bits: int) -> Iterator[ContactClass]:
        while bits:
            low = bits & -bits
            bits ^= low
            yield self._classes[low.bit_length() - 1]


class IndexSetAside(Index):
    """Stands in while a long log is folded and nobody decides: it keeps nothing."""

    def set_agent(self, agent: Agent, at: int) -> None:
        """Nothing to keep."""

    def set_load(self, agent: Agent, at: int) -> None:
        """Nothing to keep."""

    def add_contact(self, contact: Contact) -> None:
        """Nothing to keep."""

    def add_ringing(self, contact: Contact) -> None:
        """Nothing to keep."""

    def remove_contact(self, contact: str) -> None:
        """Nothing to keep."""


def barred_agents(contact: Contact) -> dict[str, int]:
    """Who may not be offered the contact, and until when: also those who still write it up, and
    those at whom it rings.
    """
    if not contact.wrapping and not contact.offers:
        return contact.excluded
    return contact.excluded | dict.fromkeys((*contact.wrapping, *contact.offers), NEVER)
