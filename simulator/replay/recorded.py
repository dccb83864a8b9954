"""A call log as outcomes: so that the same figures are made of what was recorded and simulated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from unicodedata import combining, normalize

from simulator.call_log import Asked, CallLog, RecordedCall
from simulator.contacts import SimulatedContact
from simulator.ledger import Outcome, Result

CHANNEL = "voice"


def replayed(log: CallLog) -> list[RecordedCall]:
    """The calls that asked for an agent: whoever left before that never reached the router."""
    return [call for call in log.calls if call.outcome in {"answered", "abandoned", "overflowed"}]


def recorded_outcomes(calls: Iterable[RecordedCall], asked: Mapping[int, Asked]) -> list[Outcome]:
    """What the log says became of them; ``asked`` is by line how they came in, where known."""
    return [_outcome(call, asked.get(call.line)) for call in calls]


def _outcome(call: RecordedCall, asked: Asked | None) -> Outcome:
    contact = SimulatedContact(
        id=str(call.line),
        at=call.queued_at,
        stream=call.type,
        channel=CHANNEL if asked is None else asked.channel,
        queue=queue_of(call.type) if asked is None else asked.queue,
        patience=call.waited,
        handling=call.talk,
        tier=call.tier,
    )
    if call.outcome != "answered":
        result: Result = "overflowed" if call.outcome == "overflowed" else "abandoned"
        gone = call.queued_at + call.waited
        return Outcome(contact=contact, result=result, waited=call.waited, ended_at=gone)
    answered_at = call.answered_at or call.queued_at + call.waited
    return Outcome(
        contact=contact,
        result="called_back" if asked is not None and asked.promised else "answered",
        waited=call.waited,
        agent=call.agent,
        answered_at=answered_at,
        ended_at=answered_at + call.talk,
    )


def queue_of(kind: str) -> str:
    """The id of the queue that calls of this type wait in: the type in the letters ids have.

    Accents go, and a letter of another script becomes its number, so that names stay apart.
    """
    plain = normalize("NFKD", kind).lower()
    kept = "".join(_letter(c) for c in plain if not combining(c))
    return kept.lstrip("_.-")[:64] or "calls"


def _letter(c: str) -> str:
    if c.isascii():
        return c if c.isalnum() or c in "_.-" else "_"
    return f"u{ord(c):x}" if c.isalnum() else "_"
