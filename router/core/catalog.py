"""The catalog as the core uses it: queues, profiles, agents, hours and credits, all compiled.

Durations and times are integer microseconds. The YAML an admin writes is read and checked by
``config.catalog``, which produces this form; the core never sees YAML.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, Literal

import msgspec

from router.core.durations import HOUR as HOUR  # noqa: PLC0414 - read from here as well
from router.core.durations import MINUTE as MINUTE  # noqa: PLC0414 - read from here as well
from router.core.durations import SECOND as SECOND  # noqa: PLC0414 - read from here as well
from router.core.requirements import Step, Traits


class ToQueue(msgspec.Struct, frozen=True, kw_only=True, tag="queue"):
    queue: str


class ToVoicemail(msgspec.Struct, frozen=True, kw_only=True, tag="voicemail"):
    box: str


class ToCallback(msgspec.Struct, frozen=True, kw_only=True, tag="callback"):
    """Promise to call back: the contact keeps its place, the customer may hang up."""


class ToMessage(msgspec.Struct, frozen=True, kw_only=True, tag="message"):
    """Tell the customer something and end the contact."""

    text: str


Destination = ToQueue | ToVoicemail | ToCallback | ToMessage


class OverflowRule(msgspec.Struct, frozen=True, kw_only=True):
    """When a contact stops waiting here. The first rule that holds decides.

    ``when``: ``wait`` (waited ``at`` microseconds), ``length`` (``at`` contacts already wait),
    ``estimated_wait`` (median estimate at entry exceeds ``at`` microseconds), ``unstaffed``
    (nobody signed in could serve it, for ``at`` microseconds), ``closed`` (outside hours).
    """

    when: Literal["wait", "length", "estimated_wait", "unstaffed", "closed"]
    to: Destination
    at: int = 0


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """Spoken or shown while waiting: first after ``after``, then ``every`` (0: once).

    ``audio`` names a recording of it, which may not be there, for telephones. ``language`` is the
    one that ``text`` is in; empty: the customer's.
    """

    text: str
    after: int = 0
    every: int = 0
    audio: str = ""
    language: str = ""


class CallbackOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and how a waiting customer may ask to be called back."""

    after: int = 0  # microseconds of waiting before it is offered
    attempts: int = 3
    retry_after: int = 10 * MINUTE


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    steps: tuple[Step, ...] = (Step(),)
    strategy: str = "longest_idle"
    service_within: int = 20 * SECOND  # the service objective: answered within this …
    service_target: float = 0.8  # … for this share of contacts
    credit: int = 0  # head start of every contact here, microseconds
    offer_for: int = 20 * SECOND
    auto_accept: bool = False
    missed_offer: Literal["not_ready", "ready"] = "not_ready"  # the agent after a missed offer
    reoffer_after: int = 30 * SECOND  # before an agent who missed or rejected it sees it again
    ring_all_limit: int = 8
    wrap_up: int = 30 * SECOND  # 0: no wrap-up
    wrap_up_limit: int = 10 * MINUTE  # wrap-up with every extension
    hours: str = ""  # id of an Hours; empty is always open
    overflow: tuple[OverflowRule, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    callback: CallbackOffer | None = None
    dispositions: tuple[str, ...] = ()
    preferred_for: int = 30 * SECOND  # how long preferred agents have a contact to themselves
    objective_hours: str = ""  # id of an Hours: waiting counts to the objective in these only


class ProfileQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue in a routing profile: lower ``band`` is served first; ``delay`` is the least wait
    (credit included) before this profile sees the contact, microseconds.
    """

    queue: str
    band: int = 1
    delay: int = 0


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Which queues an agent serves and how much at once.

    ``capacity`` is contacts at a time by channel; a channel that is absent is not served.
    A channel in ``alone`` is handled with nothing beside it, except work in a channel of
    ``interruptible``. ``order`` inside a band: ``wait`` (longest wait) or ``objective`` (wait ÷
    the queue's service objective).
    """

    id: str
    label: str
    queues: tuple[ProfileQueue, ...]
    capacity: dict[str, int]
    alone: tuple[str, ...] = ("voice",)
    interruptible: tuple[str, ...] = ("email",)
    order: str = "wait"


class AgentDefinition(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    profile: str
    public_name: str = ""  # what customers are told; empty: the first word of ``name``
    traits: Traits = Traits()
    weight: int = 1  # share of offers under the ``weighted`` strategy
    order: int = 0  # place in the line under the ``linear`` strategy


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Open spans as [opens, closes) microseconds UTC, sorted and disjoint, up to ``until``.

    Time zones, holidays and overrides are resolved before the core sees them; past ``until``
    the core has no answer and treats the queue as closed, so the service keeps it far ahead.
    ``holidays`` are the days that a calendar or a date closes, as spans in the same form.
    """

    id: str
    spans: tuple[tuple[int, int], ...]
    until: int
    summary: str = ""  # the rule in words, with its time zone
    holidays: tuple[tuple[int, int], ...] = ()

    def is_open(self, at: int) -> bool:
        return _lies_in(self.spans, at)

    def is_holiday(self, at: int) -> bool:
        """Closed because of the day; where it is open all the same, it is open and nothing else."""
        return _lies_in(self.holidays, at) and not self.is_open(at)

    def open_between(self, begins: int, ends: int) -> int:
        """Microseconds open in [begins, ends); 0 when it ends before it begins."""
        index = max(bisect_right(self.spans, (begins, 1 << 62)) - 1, 0)
        total = 0
        for opens, closes in self.spans[index:]:
            if opens >= ends:
                break
            total += max(min(closes, ends) - max(opens, begins), 0)
        return total

    def open_for(self, begins: int, amount: int) -> int | None:
        """The first moment at which it was open for ``amount`` microseconds since ``begins``;
        None when no such moment is known.
        """
        index = max(bisect_right(self.spans, (begins, 1 << 62)) - 1, 0)
        for opens, closes in self.spans[index:]:
            span = closes - max(opens, begins)
            if amount <= max(span, 0):
                return max(opens, begins) + amount
            amount -= max(span, 0)
        return None

    def next_change(self, at: int) -> int | None:
        """The first moment after ``at`` when it opens or closes, None when none is known."""
        index = max(bisect_right(self.spans, (at, 1 << 62)) - 1, 0)
        for opens, closes in self.spans[index:]:
            if opens > at:
                return opens
            if closes > at:
                return closes
        return None


def _lies_in(spans: tuple[tuple[int, int], ...], at: int) -> bool:
    index = bisect_right(spans, (at, 1 << 62)) - 1
    return index >= 0 and at < spans[index][1]


class ValueCredit(msgspec.Struct, frozen=True, kw_only=True):
    """Customers worth ``at_least`` get ``credit`` microseconds of head start."""

    at_least: int
    credit: int


class Credits(msgspec.Struct, frozen=True, kw_only=True):
    tiers: dict[str, int] = {}
    values: tuple[ValueCredit, ...] = ()  # ascending; the last one reached counts


LIVE: Final = "live"  # the alias that entry points take unless they name another


class EntryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where contacts come in (a number, a mailbox, a chat form) and the queue they go to.

    ``choices`` maps what the customer picked (a menu key, a topic) to a queue instead;
    ``label`` and ``choice_labels`` are what the customer reads, never internal names. ``flow``
    (its name, and the alias of the version) is what they go through first; ``queue`` is then for
    those who cannot go on in it.
    """

    id: str
    channel: str
    queue: str
    label: str = ""
    choices: dict[str, str] = {}
    choice_labels: dict[str, str] = {}
    steps: tuple[Step, ...] = ()
    flow: str = ""
    alias: str = LIVE


class CannedReply(msgspec.Struct, frozen=True, kw_only=True):
    """Words that agents use again and again; the desk fills in the fields they have in braces.

    ``shortcut`` is what is typed for it, after a ``/``. No ``queues`` or ``channels``: all of
    them; ``language`` empty: for customers of any.
    """

    id: str
    shortcut: str
    label: str
    text: str
    queues: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    language: str = ""


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an admin may change while the centre runs; published as one event."""

    version: int = 0
    queues: dict[str, Queue] = {}
    profiles: dict[str, Profile] = {}
    agents: dict[str, AgentDefinition] = {}
    skills: dict[str, str] = {}  # id to label
    hours: dict[str, Hours] = {}
    credits: Credits = Credits()
    not_ready_reasons: tuple[str, ...] = ("break", "lunch", "training", "meeting")
    entry_points: dict[str, EntryPoint] = {}
    canned_replies: dict[str, CannedReply] = {}
    source: str = ""  # the YAML it was compiled from: what a diff and a revert go by
