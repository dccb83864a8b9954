"""Small logs, made call by call. Times are seconds."""

from __future__ import annotations

from itertools import count

from router.core.catalog import SECOND
from simulator.call_log import CallLog, RecordedCall

_lines = count(2)


def answered(
    agent: str, at: int, talk: int, *, waited: int = 0, kind: str = "sales", tier: str = ""
) -> RecordedCall:
    """A call that ``agent`` answered ``at`` a moment, after a wait."""
    return RecordedCall(
        line=next(_lines),
        id="",
        customer="",
        tier=tier,
        type=kind,
        arrived_at=(at - waited) * SECOND,
        queued_at=(at - waited) * SECOND,
        waited=waited * SECOND,
        outcome="answered",
        answered_at=at * SECOND,
        talk=talk * SECOND,
        agent=agent,
    )


def abandoned(queued: int, waited: int, *, kind: str = "sales", tier: str = "") -> RecordedCall:
    return RecordedCall(
        line=next(_lines),
        id="",
        customer="",
        tier=tier,
        type=kind,
        arrived_at=queued * SECOND,
        queued_at=queued * SECOND,
        waited=waited * SECOND,
        outcome="abandoned",
    )


def in_order(*calls: RecordedCall) -> list[RecordedCall]:
    return sorted(calls, key=lambda call: (call.queued_at, call.line))


def log(*calls: RecordedCall, credit: dict[str, int] | None = None) -> CallLog:
    ordered = tuple(in_order(*calls))
    return CallLog(
        name="", mapping="", clock="", calls=ordered, rows=len(ordered), credits=credit or {}
    )
