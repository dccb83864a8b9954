"""Prometheus metrics: counted from entries, measured at the engine, read from the state.

Base units, the prefix ``patchbay_``, and no label that names a person, a number or an agent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reporting.staff import doing
from router.core import events as e
from router.core.durations import SECOND
from router.core.model import Agent, AgentState, Contact
from router.core.state import State
from router.ports import Clock
from router.replica import Replica
from router.waiting import WaitingLines

WAIT_BUCKETS: Final = (1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600)
LATENCY_BUCKETS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0
)  # fmt: skip
ANSWER_BUCKETS: Final = (0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60)
MAX_CODES = 64  # distinct codes of rejections that get a time series of their own


class Known(msgspec.Struct):
    """What a later event's labels need of a contact."""

    channel: str
    queue: str = ""
    queued_at: int = 0
    offers: dict[str, int] = {}  # agent to when it was offered


class Metrics:
    """``handle`` every entry; ``rejected`` and ``committed`` are told by those who know.

    Counters begin at 0 with the process, as Prometheus expects. ``inbox``, ``desks`` and
    ``boards`` are asked when the metrics are read.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        replica: Replica,
        clock: Clock,
        *,
        inbox: Callable[[], int] = lambda: 0,
        desks: Callable[[], int] = lambda: 0,
        boards: Callable[[], int] = lambda: 0,
    ) -> None:
        self._replica = replica
        self._clock = clock
        self._contacts = {
            contact.id: _known(contact) for contact in replica.state.contacts.values()
        }
        self._lines = WaitingLines(replica.state)
        self._codes: set[str] = set()
        self._declare(registry)
        registry.register(_Readings(replica, self._lines, inbox, desks, boards))

    def _declare(self, registry: CollectorRegistry) -> None:
        self._arrived = Counter(
            "patchbay_contacts_arrived", "Contacts that arrived.", ["channel"], registry=registry
        )
        self._finished = Counter(
            "patchbay_contacts_finished",
            "Contacts that are over, by how they ended.",
            ["channel", "queue", "outcome"],
            registry=registry,
        )
        self._wait = Histogram(
            "patchbay_wait_seconds",
            "Time in the queue until it was answered or abandoned.",
            ["channel", "queue", "outcome"],
            buckets=WAIT_BUCKETS,
            registry=registry,
        )
        self._offers = Counter(
            "patchbay_offers",
            "Offers to agents, by what became of them.",
            ["queue", "outcome"],
            registry=registry,
        )
        self._answer = Histogram(
            "patchbay_offer_answer_seconds",
            "Time from an offer to its acceptance.",
            ["queue"],
            buckets=ANSWER_BUCKETS,
            registry=registry,
        )
        self._latency = Histogram(
            "patchbay_offer_latency_seconds",
            "Time from the decision to offer until the offer was durable and handed to desks.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self._rejected = Counter(
            "patchbay_commands_rejected",
            "Commands refused, by reason.",
            ["code"],
            registry=registry,
        )
        self._commit = Histogram(
            "patchbay_journal_commit_seconds",
            "Time one journal commit took.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self._batch = Gauge(
            "patchbay_journal_commit_entries", "Entries in the last commit.", registry=registry
        )

    # -- what is told -------------------------------------------------------------------------

    def rejected(self, code: str) -> None:
        """A command was refused."""
        if code not in self._codes and len(self._codes) >= MAX_CODES:
            code = "other"
        self._codes.add(code)
        self._rejected.labels(code).inc()

    def committed(self, duration: int, entries: int) -> None:
        """The journal stored ``entries`` entries in ``duration`` microseconds."""
        self._commit.observe(duration / SECOND)
        self._batch.set(entries)

    def handle(self, entry: e.Entry) -> None:
        """Count ``entry``. The replica must have it already."""
        self._lines.follow(entry, self._replica.state)
        for event in entry.events:
            if isinstance(event, e.ContactEvent):
                self._contact_event(event, entry.at)

    def _contact_event(self, event: e.ContactEvent, at: int) -> None:
        if isinstance(event, e.ContactArrived):
            self._contacts[event.contact] = Known(channel=event.channel)
            self._arrived.labels(event.channel).inc()
            return
        known = self._contacts.get(event.contact)
        if known is None:
            return
        match event:
            case e.Enqueued():
                known.queue, known.queued_at = event.queue, at
            case e.Offered():
                known.offers[event.agent] = at
                self._offers.labels(known.queue, "made").inc()
                self._latency.observe(max(self._clock.now() - at, 0) / SECOND)
            case e.OfferAccepted() | e.OfferRejected() | e.OfferTimedOut() | e.OfferRescinded():
                self._offer_over(known, event, at)
            case e.Abandoned() | e.Overflowed() | e.TransferredOut() | e.Completed():
                self._over(known, event, at)
            case _:
                pass

    def _offer_over(
        self,
        known: Known,
        event: e.OfferAccepted | e.OfferRejected | e.OfferTimedOut | e.OfferRescinded,
        at: int,
    ) -> None:
        offered_at = known.offers.pop(event.agent, None)
        self._offers.labels(known.queue, _OFFER_OUTCOMES[type(event)]).inc()
        if isinstance(event, e.OfferAccepted):
            waited = event.waited_in_queue / SECOND
            self._wait.labels(known.channel, known.queue, "answered").observe(waited)
            if offered_at is not None:
                self._answer.labels(known.queue).observe((at - offered_at) / SECOND)

    def _over(self, known: Known, event: e.Terminal, at: int) -> None:
        if isinstance(event, e.Abandoned) and known.queue:
            waited = (at - known.queued_at) / SECOND
            self._wait.labels(known.channel, known.queue, "abandoned").observe(waited)
        self._finished.labels(known.channel, known.queue, _outcome(event)).inc()
        del self._contacts[event.contact]


_OFFER_OUTCOMES: Final[dict[type, str]] = {
    e.OfferAccepted: "accepted",
    e.OfferRejected: "rejected",
    e.OfferTimedOut: "missed",
    e.OfferRescinded: "rescinded",
}


def _outcome(event: e.Terminal) -> str:
    match event:
        case e.Abandoned():
            return "abandoned"
        case e.Overflowed():
            return "overflowed"
        case e.TransferredOut():
            return "transferred"
        case e.Completed():
            return event.reason


def _known(contact: Contact) -> Known:
    return Known(channel=contact.channel, queue=contact.queue, queued_at=contact.queued_at)


class _Readings(Collector):
    """What is so at the moment the metrics are read."""

    def __init__(
        self,
        replica: Replica,
        lines: WaitingLines,
        inbox: Callable[[], int],
        desks: Callable[[], int],
        boards: Callable[[], int],
    ) -> None:
        self._replica = replica
        self._lines = lines
        self._inbox = inbox
        self._desks = desks
        self._boards = boards

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not read the state."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        state = self._replica.state
        yield _gauge("patchbay_journal_position", "Entries in the journal.", state.position)
        yield _gauge(
            "patchbay_engine_inbox_commands", "Commands waiting to be decided.", self._inbox()
        )
        yield _gauge("patchbay_desks_connected", "Desk pages connected.", self._desks())
        yield _gauge("patchbay_boards_connected", "Board pages connected.", self._boards())
        waiting = GaugeMetricFamily(
            "patchbay_contacts_waiting", "Contacts nobody has answered yet.", labels=["queue"]
        )
        for queue in state.catalog.queues:
            waiting.add_metric([queue], self._lines.count(queue))
        yield waiting
        yield _agents(state)


def _agents(state: State) -> GaugeMetricFamily:
    counts = dict.fromkeys(("signed_out", "ready", "busy", "wrapping", "not_ready"), 0)
    for agent in state.agents.values():
        counts[_activity(agent)] += 1
    family = GaugeMetricFamily("patchbay_agents", "Agents, by what they do.", labels=["state"])
    for name, count in counts.items():
        family.add_metric([name], count)
    return family


def _activity(agent: Agent) -> str:
    return doing(agent) or AgentState.SIGNED_OUT.value


def _gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, value=value)
