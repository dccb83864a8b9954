"""What the columns of a call log mean. ``docs/replay.md`` tells how to write one.

A mapping names columns; a name stands for the first of its alternatives that the header has,
upper and lower case alike. What a log does not have stays out; ``read_log`` says what it misses.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from router.core.catalog import SECOND
from simulator.call_log.model import LogError, Outcome

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Names = Annotated[tuple[Name, ...], Meta(max_length=20)]
Word = Annotated[str, Meta(max_length=100)]
Share = Annotated[float, Meta(ge=0, le=1)]
Credit = Annotated[float, Meta(ge=-86_400, le=86_400)]  # seconds
Words = Annotated[dict[Word, Word], Meta(max_length=1_000)]


class _Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Columns(_Source, frozen=True, kw_only=True):
    """Alternative names of the column that holds each thing.

    ``id`` differs: all its columns that exist are joined. ``queued_at`` is when the caller joined
    a queue; where that cell is empty, ``asked_at`` (the end of self-service) counts, and then
    ``arrived_at``. Of ``waited`` and ``answered_at`` one is enough, and of ``talk`` and
    ``ended_at``: the other follows from it.
    """

    arrived_at: Names
    asked_at: Names = ()
    queued_at: Names = ()
    answered_at: Names = ()
    ended_at: Names = ()
    waited: Names = ()
    talk: Names = ()
    outcome: Names = ()
    id: Names = ()
    customer: Names = ()
    tier: Names = ()
    type: Names = ()
    agent: Names = ()
    date: Names = ()


class Mapping(_Source, frozen=True, kw_only=True):
    """How to read one kind of call log.

    ``delimiter``: empty, the header decides between tab, semicolon, comma and bar.
    ``times``: ``iso`` timestamps; ``clock``, times of day on the day in the column ``date``, or
    past midnight when that is nearer to the time before them (and 0:00:00 where nobody waited or
    talked means nothing); ``unix`` seconds since 1970.
    ``empty``: cells that say nothing. ``no_customer`` and ``no_agent``: names of nobody.
    ``outcomes``, ``tiers`` and ``types`` translate words. A tier or type that is not there stays as
    it is, an outcome that is not there is a problem; where the log says nothing about the outcome,
    a call with a moment of answer or a conversation was answered and any other abandoned.
    ``without_queue`` is what an abandoned call becomes that neither waited nor joined a queue.
    ``tier_without_wait`` is the tier written for callers who did not wait and are not identified,
    whatever they were; ``credits`` the head start of tiers in seconds, where the centre gave one.
    ``served_as``: by tier the shares of callers who were served as if they were of another one.
    """

    name: Name
    columns: Columns
    delimiter: Literal["", "\t", ";", ",", "|"] = ""
    times: Literal["iso", "clock", "unix"] = "iso"
    empty: Annotated[tuple[Word, ...], Meta(max_length=50)] = ("", "-", "NULL", "null", "None")
    no_customer: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    no_agent: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    outcomes: Annotated[dict[Word, Outcome], Meta(max_length=1_000)] = {}
    tiers: Words = {}
    types: Words = {}
    without_queue: Outcome = "abandoned"
    tier_without_wait: Word = ""
    credits: Annotated[dict[Word, Credit], Meta(max_length=1_000)] = {}
    served_as: Annotated[dict[Word, dict[Word, Share]], Meta(max_length=1_000)] = {}

    def __post_init__(self) -> None:
        for tier, others in self.served_as.items():
            if sum(others.values()) > 1:
                raise ValueError(f"the shares of served_as for {tier} are more than 1")

    def credits_in_microseconds(self) -> dict[str, int]:
        return {tier: round(credit * SECOND) for tier, credit in self.credits.items()}


ONE_ROW_PER_CALL: Final = Mapping(
    name="one row per call",
    columns=Columns(
        arrived_at=("arrived_at", "arrival", "start_time", "started_at"),
        queued_at=("queued_at", "queue_entry", "enqueued_at"),
        answered_at=("answered_at", "answer_time", "service_start"),
        ended_at=("ended_at", "end_time", "completed_at"),
        waited=("waited", "wait", "wait_seconds", "queue_seconds"),
        talk=("talk", "talk_seconds", "handle_seconds", "service_seconds"),
        outcome=("outcome", "result", "disposition"),
        id=("id", "call_id", "contact_id"),
        customer=("customer", "customer_id"),
        tier=("tier", "priority", "segment"),
        type=("type", "skill", "queue"),
        agent=("agent", "agent_id", "server"),
    ),
    outcomes={
        "answered": "answered",
        "completed": "answered",
        "served": "answered",
        "abandoned": "abandoned",
        "hangup": "abandoned",
        "left": "left",
        "ignored": "ignored",
    },
)

ANONYMOUS_BANK: Final = Mapping(
    name="anonymous bank",
    delimiter="\t",
    times="clock",
    columns=Columns(
        date=("date",),
        arrived_at=("vru_entry",),
        asked_at=("vru_exit",),
        queued_at=("q_start",),
        waited=("q_time",),
        answered_at=("ser_start",),
        talk=("ser_time",),
        outcome=("outcome",),
        id=("vru+line", "call_id"),
        customer=("customer_id",),
        tier=("priority",),
        type=("type",),
        agent=("server",),
    ),
    outcomes={"AGENT": "answered", "HANG": "abandoned", "PHANTOM": "ignored"},
    tiers={"0": "unidentified", "1": "regular", "2": "valued"},
    no_customer=("0",),
    no_agent=("NO_SERVER",),
    without_queue="left",
    tier_without_wait="unidentified",
    credits={"regular": 90, "valued": 180},
    served_as={"valued": {"regular": 0.22}, "regular": {"valued": 0.05}},
)
"""Call-by-call data of a bank, 1999 (Guedj and Mandelbaum, Technion; Brown et al., JASA 100:36).

Valued customers stand 90 s before regular ones, and regular ones 90 s before callers whom the
bank had not identified: the order in which the log shows them served has no other explanation.
Of two valued customers of one type who waited at once the later was served first in 17 % of the
cases, as long as they came within 90 s of each other, and never beyond: a part of them, f with
f (1 - f) = 0.17, had only the credit of regular customers.
"""

BUILT_IN: Final = (ANONYMOUS_BANK, ONE_ROW_PER_CALL)


def convert_mapping(document: object) -> Mapping:
    """A mapping from plain data, as a YAML or JSON file gives it. Raises ``LogError``.

    Numbers may be text, as they are where a reader of YAML leaves all scalars as written.
    """
    try:
        return msgspec.convert(document, Mapping, strict=False)
    except msgspec.ValidationError as error:
        raise LogError(f"The mapping is not right: {error}.") from error
