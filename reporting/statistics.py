"""Interval statistics: a fold over the log that counts what happened, per queue and per agent.

Nothing is ever set, only counted, so a counter equals a fold of the log by construction. The fold
looks at events alone, never at the routing state.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from reporting.figures import SHORT_ABANDON, AgentFigures, QueueFigures
from router.core import events as e
from router.core.durations import DAY, MINUTE, SECOND
from router.core.model import AgentState

INTERVAL = 5 * MINUTE
KEPT_DAYS = 2
DEFAULT_WITHIN = 20 * SECOND

_SOURCES = {"transfer": "transferred_in", "overflow": "overflowed_in", "returned": "given_back"}


class Stay(msgspec.Struct, kw_only=True):
    """A contact that waits in a queue, unanswered."""

    queue: str
    since: int


class Contact(msgspec.Struct, kw_only=True):
    """What must be remembered of a live contact to count its next event."""

    queue: str = ""
    stay: Stay | None = None
    callback: bool = False  # promised, and not yet reached
    in_hand: bool = False
    internal: bool = False
    over: bool = False
    shares: dict[str, int] = {}  # agent to when they took it


class Presence(msgspec.Struct, kw_only=True):
    """What an agent is doing, counted up to ``since``."""

    state: str = AgentState.SIGNED_OUT.value
    reason: str = ""
    since: int = 0
    shares: int = 0


class Figures(msgspec.Struct, kw_only=True):
    """Everything the fold knows; what a snapshot holds."""

    position: int = 0
    day: int = 0  # when the day the ``today`` figures are of began
    next_day: int = 0
    zone: str = ""
    within: dict[str, int] = {}  # queue to its service objective
    contacts: dict[str, Contact] = {}
    agents: dict[str, Presence] = {}
    today: dict[str, QueueFigures] = {}
    agents_today: dict[str, AgentFigures] = {}
    intervals: dict[int, dict[str, QueueFigures]] = {}  # by start, then queue
    waiting: dict[str, int] = {}
    version: int = 1


class Statistics:
    """``zone`` (IANA name) says when a day begins."""

    def __init__(self, zone: str = "UTC", figures: Figures | None = None) -> None:
        self._zone = ZoneInfo(zone)
        self._f = figures if figures is not None else Figures(zone=zone)

    @property
    def position(self) -> int:
        """The last entry counted."""
        return self._f.position

    @property
    def zone(self) -> str:
        return self._zone.key

    def handle(self, entry: e.Entry) -> None:
        """Count ``entry``; one that was counted already is ignored."""
        if entry.position <= self._f.position:
            return
        self._f.position = entry.position
        if entry.at >= self._f.next_day:
            self._begin_day(entry.at)
        for event in entry.events:
            if isinstance(event, e.ContactEvent):
                self._contact_event(event, entry.at)
            elif isinstance(event, e.AgentEvent):
                self._agent_event(event, entry.at)
            elif isinstance(event, e.CatalogPublished):
                queues = event.catalog.queues.values()
                self._f.within = {queue.id: queue.service_within for queue in queues}

    # -- asking -------------------------------------------------------------------------------

    def today(self, queue: str, at: int) -> QueueFigures:
        """The queue since midnight before ``at``; not to be changed."""
        figures = self._f.today.get(queue) if self._is_today(at) else None
        return figures or QueueFigures()

    def agent_today(self, agent: str, at: int) -> AgentFigures:
        """The agent since midnight, time up to ``at`` included."""
        figures, midnight = AgentFigures(), self._f.day
        if not self._is_today(at):
            midnight = day_bounds(at, self._zone)[0]
        elif agent in self._f.agents_today:
            known = self._f.agents_today[agent]
            figures = msgspec.structs.replace(known, not_ready=dict(known.not_ready))
        presence = self._f.agents.get(agent)
        if presence is not None:
            _spend(figures, presence, at - max(presence.since, midnight))
        return figures

    def recent(self, queue: str, at: int, span: int = 30 * MINUTE) -> QueueFigures:
        """The last ``span`` microseconds, to the interval: the one under way counts as one."""
        total = QueueFigures()
        for start in _starts(at, span):
            figures = self._f.intervals.get(start, {}).get(queue)
            if figures is not None:
                total.add(figures)
        return total

    def interval(self, queue: str, start: int) -> QueueFigures | None:
        """The interval that began at ``start``; None when nothing happened in it."""
        return self._f.intervals.get(start, {}).get(queue)

    def trend(self, queue: str, at: int, spans: int = 12) -> tuple[int, ...]:
        """The most contacts waiting at once in each of the last intervals, oldest first."""
        level = self._waiting_before(queue, _start(at) - (spans - 1) * INTERVAL)
        most = []
        for start in _starts(at, spans * INTERVAL):
            figures = self._f.intervals.get(start, {}).get(queue)
            most.append(figures.most_waiting if figures else level)
            level = figures.waiting if figures else level
        return tuple(most)

    def waiting(self, queue: str) -> int:
        """Contacts waiting in the queue by this fold's own count."""
        return self._f.waiting.get(queue, 0)

    # -- keeping ------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(self._f)

    @classmethod
    def restore(cls, body: bytes, zone: str = "UTC") -> Statistics:
        """Go on from a snapshot. Raises ``ValueError`` when it cannot be used: fold the log."""
        try:
            figures = msgspec.msgpack.decode(body, type=Figures)
        except msgspec.MsgspecError as problem:
            raise ValueError("the statistics snapshot cannot be read") from problem
        if figures.version != Figures().version or figures.zone != zone:
            raise ValueError("the statistics snapshot was made by another version or time zone")
        return cls(zone, figures)

    # -- days and intervals -------------------------------------------------------------------

    def _is_today(self, at: int) -> bool:
        return self._f.day <= at < self._f.next_day

    def _begin_day(self, at: int) -> None:
        for agent, presence in self._f.agents.items():
            self._count_time(agent, presence, at)
        self._f.day, self._f.next_day = day_bounds(at, self._zone)
        self._f.today = {}
        self._f.agents_today = {}
        oldest = self._f.day - (KEPT_DAYS - 1) * DAY
        self._f.intervals = {s: q for s, q in self._f.intervals.items() if s >= oldest}
        for presence in self._f.agents.values():
            presence.since = max(presence.since, self._f.day)

    def _both(self, queue: str, at: int) -> Iterator[QueueFigures]:
        """The figures that an event in ``queue`` counts in: the day's and the interval's."""
        for spans in (self._f.today, self._f.intervals.setdefault(_start(at), {})):
            figures = spans.get(queue)
            if figures is None:
                level = self._f.waiting.get(queue, 0)
                figures = spans[queue] = QueueFigures(most_waiting=level, waiting=level)
            yield figures

    def _count(self, queue: str, at: int, *names: str) -> None:
        if queue:
            for figures in self._both(queue, at):
                for name in names:
                    setattr(figures, name, getattr(figures, name) + 1)

    def _waiting_before(self, queue: str, start: int) -> int:
        """How many waited when ``start`` began, from the last interval known before it."""
        before = [s for s, queues in self._f.intervals.items() if s < start and queue in queues]
        if before:
            return self._f.intervals[max(before)][queue].waiting
        known = any(queue in queues for queues in self._f.intervals.values())
        return 0 if known else self._f.waiting.get(queue, 0)

    # -- contacts -----------------------------------------------------------------------------

    def _contact_event(self, event: e.ContactEvent, at: int) -> None:
        contact = self._f.contacts.get(event.contact)
        if contact is None:
            contact = self._f.contacts[event.contact] = Contact()
        match event:
            case e.ContactArrived():
                contact.internal = event.direction == "internal"
            case e.Enqueued():
                self._enqueued(contact, event, at)
            case e.CallbackPromised():
                self._leave(contact, at, "callbacks")
                contact.callback = True
            case e.CallbackResumed():
                contact.in_hand = False
            case e.Returned():
                contact.in_hand = contact.callback = False
                if contact.stay is None:
                    self._enter(contact, contact.queue, "returned", at)
            case e.Abandoned():
                self._abandoned(contact, at)
            case e.Overflowed():
                self._leave(contact, at, "overflowed")
            case e.TransferredOut():
                self._count(contact.queue, at, "transferred_out")
            case e.Offered() | e.OfferAccepted() | e.OfferRejected() | e.OfferTimedOut():
                self._offer_event(contact, event, at)
            case e.AgentReleased() | e.WrapUpFinished() | e.AgentJoined():
                self._share_event(contact, event, at)
            case _:
                pass
        if isinstance(event, e.Terminal):
            self._leave(contact, at, "ended")
            contact.over = True
        if contact.over and not contact.shares:
            del self._f.contacts[event.contact]

    def _enqueued(self, contact: Contact, event: e.Enqueued, at: int) -> None:
        if event.reason == "transfer" and contact.stay is None and contact.queue:
            self._count(contact.queue, at, "transferred_out")
        self._leave(contact, at, "overflowed" if event.reason == "overflow" else "moved")
        contact.queue = event.queue
        if contact.in_hand:  # an agent gave it on, so that the customer was reached
            contact.in_hand = contact.callback = False
        self._enter(contact, event.queue, event.reason, at)

    def _enter(self, contact: Contact, queue: str, source: str, at: int) -> None:
        if contact.internal or contact.callback or not queue:
            return
        contact.stay = Stay(queue=queue, since=at)
        names = (_SOURCES[source],) if source in _SOURCES else ()
        self._count(queue, at, "offered", *names)
        self._level(queue, at, 1)

    def _leave(self, contact: Contact, at: int, outcome: str) -> Stay | None:
        """End the stay, if there is one, with its one outcome."""
        stay, contact.stay = contact.stay, None
        if stay is not None:
            self._count(stay.queue, at, outcome)
            self._level(stay.queue, at, -1)
        return stay

    def _level(self, queue: str, at: int, change: int) -> None:
        level = self._f.waiting.get(queue, 0) + change
        # Created with the level before the change: it was waiting in this span, too.
        for figures in self._both(queue, at):
            figures.waiting = level
            figures.most_waiting = max(figures.most_waiting, level)
        self._f.waiting[queue] = level

    def _abandoned(self, contact: Contact, at: int) -> None:
        stay = self._leave(contact, at, "abandoned")
        if stay is None:
            return
        wait = at - stay.since
        if wait <= SHORT_ABANDON:
            self._count(stay.queue, at, "abandoned_short")
        for figures in self._both(stay.queue, at):
            figures.abandon_waits.add(wait)

    # -- offers and shares --------------------------------------------------------------------

    def _offer_event(
        self,
        contact: Contact,
        event: e.Offered | e.OfferAccepted | e.OfferRejected | e.OfferTimedOut,
        at: int,
    ) -> None:
        agent = self._f.agents_today.setdefault(event.agent, AgentFigures())
        queue = "" if contact.internal else contact.queue
        match event:
            case e.Offered():
                agent.offered += 1
                self._count(queue, at, "offers")
            case e.OfferRejected():
                agent.rejected += 1
                self._count(queue, at, "offers_rejected")
            case e.OfferTimedOut():
                agent.missed += 1
                self._count(queue, at, "offers_missed")
            case e.OfferAccepted():
                agent.handled += 1
                self._answered(contact, at)
                contact.in_hand = True
                self._take_share(contact, event.agent, at)

    def _answered(self, contact: Contact, at: int) -> None:
        stay = self._leave(contact, at, "answered")
        if stay is None:
            if contact.callback:
                self._count(contact.queue, at, "callbacks_answered")
            return
        wait = at - stay.since
        if wait <= self._f.within.get(stay.queue, DEFAULT_WITHIN):
            self._count(stay.queue, at, "answered_within")
        for figures in self._both(stay.queue, at):
            figures.waits.add(wait)

    def _share_event(
        self,
        contact: Contact,
        event: e.AgentReleased | e.WrapUpFinished | e.AgentJoined,
        at: int,
    ) -> None:
        match event:
            case e.AgentJoined():
                consult = self._f.contacts.get(event.consult)
                if consult is not None:
                    self._end_share(consult, event.agent, at)
                self._take_share(contact, event.agent, at)
            case e.AgentReleased() if event.wrap_until:
                pass  # the share goes on until it is written up
            case _:
                self._end_share(contact, event.agent, at)

    def _take_share(self, contact: Contact, agent: str, at: int) -> None:
        contact.shares[agent] = at
        self._busier(agent, at, 1)

    def _end_share(self, contact: Contact, agent: str, at: int) -> None:
        taken = contact.shares.pop(agent, None)
        if taken is None:
            return
        self._busier(agent, at, -1)
        self._f.agents_today.setdefault(agent, AgentFigures()).handling.add(at - taken)
        if contact.queue and not contact.internal:
            for figures in self._both(contact.queue, at):
                figures.handling.add(at - taken)

    # -- agents -------------------------------------------------------------------------------

    def _agent_event(self, event: e.AgentEvent, at: int) -> None:
        match event:
            case e.AgentSignedIn():
                self._becomes(event.agent, AgentState.NOT_READY, "signed_in", at)
            case e.AgentReady():
                self._becomes(event.agent, AgentState.READY, "", at)
            case e.AgentNotReady():
                self._becomes(event.agent, AgentState.NOT_READY, event.reason, at)
            case e.AgentSignedOut():
                self._becomes(event.agent, AgentState.SIGNED_OUT, "", at)
            case _:
                pass

    def _becomes(self, agent: str, state: AgentState, reason: str, at: int) -> None:
        presence = self._presence(agent, at)
        presence.state, presence.reason = state.value, reason

    def _busier(self, agent: str, at: int, change: int) -> None:
        self._presence(agent, at).shares += change

    def _presence(self, agent: str, at: int) -> Presence:
        """The agent's presence, with the time up to ``at`` counted for what they did so far."""
        presence = self._f.agents.setdefault(agent, Presence(since=at))
        self._count_time(agent, presence, at)
        presence.since = at
        return presence

    def _count_time(self, agent: str, presence: Presence, at: int) -> None:
        until = min(at, self._f.next_day) if self._f.next_day else at
        if until > presence.since:
            figures = self._f.agents_today.setdefault(agent, AgentFigures())
            _spend(figures, presence, until - presence.since)
            presence.since = until


def _spend(figures: AgentFigures, presence: Presence, time_spent: int) -> None:
    """Count time for what the agent is doing; signed out and idle counts as nothing."""
    if time_spent <= 0:
        return
    if presence.shares > 0:
        figures.busy += time_spent
    elif presence.state == AgentState.READY.value:
        figures.idle += time_spent
    elif presence.state == AgentState.NOT_READY.value:
        reason = presence.reason
        figures.not_ready[reason] = figures.not_ready.get(reason, 0) + time_spent


def day_bounds(at: int, zone: ZoneInfo) -> tuple[int, int]:
    """When the day ``at`` falls in begins and ends in ``zone``; 23 to 25 hours apart."""
    day = datetime.fromtimestamp(at // SECOND, zone).date()
    return _midnight(day.isoformat(), zone), _midnight((day + timedelta(days=1)).isoformat(), zone)


def _midnight(day: str, zone: ZoneInfo) -> int:
    moment = datetime.combine(datetime.fromisoformat(day).date(), time.min, zone)
    return int(moment.timestamp()) * SECOND


def _start(at: int) -> int:
    return at - at % INTERVAL


def _starts(at: int, span: int) -> range:
    """The starts of the intervals that make up the last ``span``, the one under way included."""
    return range(_start(at) - span + INTERVAL, _start(at) + INTERVAL, INTERVAL)
