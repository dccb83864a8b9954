"""What a flow may know of the centre at one moment, read from the router's state."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from ivr.core.facts import Customer, LocalTime, Opening, QueueState
from ivr.core.library import Facts, Library
from ivr.core.nodes import Flow
from router.core.checks import can_be_dialled
from router.core.durations import SECOND
from router.core.estimates import estimate_arrival
from router.core.model import Contact, CustomerRef
from router.core.state import State
from router.quotes import serving


class Moment(Facts):
    """For one contact, at ``at``; ``zone`` is where the centre's clock hangs."""

    def __init__(
        self, state: State, library: Library, contact: Contact, zone: tzinfo, at: int
    ) -> None:
        self._state = state
        self._library = library
        self._contact = contact
        self._zone = zone
        self._at = at

    def flow(self, flow: str, version: int) -> Flow | None:
        return self._library.flow(flow, version)

    def version(self, flow: str, alias: str) -> int | None:
        return self._library.version(flow, alias)

    def hours(self, hours: str) -> Opening | None:
        known = self._state.catalog.hours.get(hours)
        if known is None:
            return None
        if known.is_open(self._at):
            return "open"
        return "holiday" if known.is_holiday(self._at) else "closed"

    def queue(self, queue: str) -> QueueState | None:
        rules = self._state.catalog.queues.get(queue)
        if rules is None:
            return None
        estimate = estimate_arrival(self._state, queue, self._at, self._contact.channel)
        return QueueState(
            staffed=serving(self._state, queue) > 0,
            length=self._state.index.length(queue),
            wait=estimate.low if estimate is not None else None,
            calls_back=rules.callback is not None,
        )

    def clock(self) -> LocalTime:
        now = datetime.fromtimestamp(self._at // SECOND, UTC).astimezone(self._zone)
        return LocalTime(weekday=now.isoweekday(), minute=now.hour * 60 + now.minute)

    def said(self) -> tuple[str, ...]:
        return tuple(one.text for one in self._contact.messages if one.author == "customer")

    def may_call(self, number: str) -> bool:
        """What the contact's own channel says of its own number; any other is judged as dialled."""
        if number == self._contact.address and not self._contact.dialable:
            return False
        return can_be_dialled(number)


def customer_of(known: CustomerRef | None) -> Customer | None:
    if known is None:
        return None
    return Customer(id=known.id, name=known.name, tier=known.tier, value=known.value)
