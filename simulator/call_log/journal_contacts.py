"""The contacts of a journal, stay by stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from router.core import events as e
from router.core.catalog import Catalog
from router.core.model import CustomerRef
from router.core.requirements import Step
from simulator.call_log.model import Ending, RecordedCall

INBOUND: Final = "inbound"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How a contact came into its queue. Without ``steps`` of its own the queue's hold;
    ``promised`` a callback, it hangs up no more.
    """

    channel: str
    queue: str
    customer: CustomerRef | None = None
    steps: tuple[Step, ...] = ()
    attributes: dict[str, str] = {}
    promised: bool = False


class _Stay(msgspec.Struct, kw_only=True):
    line: int
    queued_at: int
    asked: Asked
    answered_at: int = 0
    agent: str = ""
    over: bool = False


class _Live(msgspec.Struct, kw_only=True):
    id: str
    channel: str
    arrived_at: int
    attributes: dict[str, str]
    aside: bool
    customer: CustomerRef | None = None
    stay: _Stay | None = None


class Contacts:
    """Hears the events of contacts in order. ``calls`` are those that are over, ``aside`` counts
    contacts that never came in to a queue from outside.
    """

    def __init__(self) -> None:
        self.calls: list[RecordedCall] = []
        self.wrap_up: dict[int, int] = {}
        self.aside = self.still_here = self.cut_short = 0
        self._asked: dict[int, Asked] = {}
        self._live: dict[str, _Live] = {}
        self._writing: dict[tuple[str, str], tuple[int, int]] = {}  # contact, agent: line, since
        self._lines = 0

    def hear(self, event: e.ContactEvent, at: int) -> None:
        hear = _HEARD.get(type(event))
        if hear is not None:
            hear(self, event, at)

    def is_queued(self, contact: str) -> bool:
        """Whether it came in from outside: what agents do with it is in the replay."""
        live = self._live.get(contact)
        return live is not None and not live.aside

    def close(self, at: int) -> None:
        """The journal ends."""
        for live in self._live.values():
            stay = live.stay
            if stay is None or stay.over:
                continue
            if stay.answered_at:
                self.cut_short += 1
                self._end(live, stay, "answered", at)
            else:
                self.still_here += 1
        self._live.clear()

    def asked_of(self, catalog: Catalog) -> dict[int, Asked]:
        """By line; steps that are those of the queue are left to the queue."""
        queues = catalog.queues
        return {
            line: msgspec.structs.replace(asked, steps=())
            if asked.queue in queues and asked.steps == queues[asked.queue].steps
            else asked
            for line, asked in self._asked.items()
        }

    # -- what happens ------------------------------------------------------------------------

    def _arrived(self, event: e.ContactArrived, at: int) -> None:
        aside = bool(event.parent) or event.direction != INBOUND
        self.aside += aside
        self._live[event.contact] = _Live(
            id=event.contact,
            channel=event.channel,
            arrived_at=at,
            attributes=event.attributes,
            aside=aside,
        )

    def _identified(self, event: e.CustomerIdentified, _at: int) -> None:
        live = self._live[event.contact]
        live.customer = event.customer

    def _enqueued(self, event: e.Enqueued, at: int) -> None:
        live = self._live[event.contact]
        stay = live.stay
        if live.aside or (stay is not None and not stay.answered_at):
            return  # a rule sent it on: it goes on waiting, and will be sent on in the replay too
        self._leave(live, at)
        self._join(live, event.queue, event.steps, at)

    def _join(self, live: _Live, queue: str, steps: tuple[Step, ...], at: int) -> None:
        self._lines += 1
        asked = Asked(
            channel=live.channel,
            queue=queue,
            customer=live.customer,
            steps=steps,
            attributes=live.attributes,
        )
        live.stay = _Stay(line=self._lines, queued_at=at, asked=asked)

    def _accepted(self, event: e.OfferAccepted, at: int) -> None:
        stay = self._live[event.contact].stay
        if stay is not None and not stay.answered_at:
            stay.answered_at, stay.agent = at, event.agent

    def _returned(self, event: e.ContactEvent, at: int) -> None:
        live = self._live[event.contact]
        stay = live.stay
        if stay is not None and stay.answered_at:
            self._leave(live, at)
            self._join(live, stay.asked.queue, stay.asked.steps, at)

    def _promised(self, event: e.CallbackPromised, _at: int) -> None:
        stay = self._live[event.contact].stay
        if stay is not None:
            stay.asked = msgspec.structs.replace(stay.asked, promised=True)

    def _released(self, event: e.AgentReleased, at: int) -> None:
        live = self._live[event.contact]
        stay = live.stay
        if stay is None or stay.agent != event.agent or stay.over:
            return
        self._leave(live, at)
        if event.wrap_until:
            self._writing[event.contact, event.agent] = stay.line, at
        else:
            self.wrap_up[stay.line] = 0

    def _written(self, event: e.WrapUpFinished, at: int) -> None:
        found = self._writing.pop((event.contact, event.agent), None)
        if found is not None:
            line, since = found
            self.wrap_up[line] = at - since

    def _gone(self, event: e.ContactEvent, at: int) -> None:
        live = self._live.pop(event.contact)
        stay = live.stay
        if stay is None:
            if not live.aside:
                self._left(live, at)
        elif stay.answered_at:
            self._leave(live, at)
        elif not stay.over:
            outcome: Ending = "overflowed" if isinstance(event, e.Overflowed) else "abandoned"
            self._end(live, stay, outcome, at)

    # -- a call is over ----------------------------------------------------------------------

    def _leave(self, live: _Live, at: int) -> None:
        """The conversation of the present stay is over, if there is one."""
        stay = live.stay
        if stay is not None and stay.answered_at and not stay.over:
            self._end(live, stay, "answered", at)

    def _left(self, live: _Live, at: int) -> None:
        self._lines += 1
        asked = Asked(channel=live.channel, queue="")
        self._end(live, _Stay(line=self._lines, queued_at=at, asked=asked), "left", at)

    def _end(self, live: _Live, stay: _Stay, outcome: Ending, at: int) -> None:
        stay.over = True
        customer = stay.asked.customer
        if outcome != "left":
            self._asked[stay.line] = stay.asked
        self.calls.append(
            RecordedCall(
                line=stay.line,
                id=live.id,
                customer="" if customer is None else customer.id,
                tier="" if customer is None else customer.tier,
                type=stay.asked.queue,
                arrived_at=live.arrived_at,
                queued_at=stay.queued_at,
                waited=(stay.answered_at or at) - stay.queued_at,
                outcome=outcome,
                answered_at=stay.answered_at,
                talk=at - stay.answered_at if stay.answered_at else 0,
                agent=stay.agent,
            )
        )


_HEARD: Final[dict[type[e.EventBase], Callable[[Contacts, Any, int], None]]] = {
    e.ContactArrived: Contacts._arrived,  # noqa: SLF001 - the table is part of the class
    e.CustomerIdentified: Contacts._identified,  # noqa: SLF001
    e.Enqueued: Contacts._enqueued,  # noqa: SLF001
    e.OfferAccepted: Contacts._accepted,  # noqa: SLF001
    e.Returned: Contacts._returned,  # noqa: SLF001
    e.CallbackPromised: Contacts._promised,  # noqa: SLF001
    e.CallbackResumed: Contacts._returned,  # noqa: SLF001
    e.AgentReleased: Contacts._released,  # noqa: SLF001
    e.WrapUpFinished: Contacts._written,  # noqa: SLF001
    e.Abandoned: Contacts._gone,  # noqa: SLF001
    e.Overflowed: Contacts._gone,  # noqa: SLF001
    e.TransferredOut: Contacts._gone,  # noqa: SLF001
    e.Completed: Contacts._gone,  # noqa: SLF001
}
