"""Small centres to simulate: one queue, agents who are always there, customers at a steady rate."""

from __future__ import annotations

from typing import Any

from router.core.catalog import HOUR, MINUTE, AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from simulator.contacts import Rate, SimulatedContact, Stream
from simulator.distributions import Exponential
from simulator.ledger import Outcome, Result
from simulator.scenario import Plan, Scenario
from simulator.staff import Member, Shift

MONDAY = 1_772_438_400_000_000  # 2026-03-02 08:00 UTC


def centre(
    *,
    agents: int = 4,
    per_hour: float = 60,
    hours: float = 1,
    plan: Plan | None = None,
    queue: dict[str, Any] | None = None,
    stream: dict[str, Any] | None = None,
    **scenario: Any,
) -> Scenario:
    """M/M/n of 3 minute calls, unless told otherwise; patience 2 minutes."""
    ends = MONDAY + round(hours * HOUR)
    names = [f"agent-{n}" for n in range(agents)]
    catalog = Catalog(
        queues={"help": Queue(**{"id": "help", "label": "Help", "wrap_up": 0, **(queue or {})})},
        profiles={
            "all": Profile(
                id="all", label="All", queues=(ProfileQueue(queue="help"),), capacity={"voice": 1}
            )
        },
        agents={name: AgentDefinition(id=name, name=name.title(), profile="all") for name in names},
    )
    calls: dict[str, Any] = {
        "name": "calls",
        "channel": "voice",
        "queue": "help",
        "rates": (Rate(begins=MONDAY, ends=ends, per_hour=per_hour),) if per_hour else (),
        "handling": Exponential(average=3 * MINUTE),
        "patience": Exponential(average=2 * MINUTE),
    }
    members = tuple(Member(agent=name, shifts=(Shift(begins=MONDAY, ends=ends),)) for name in names)
    return Scenario(
        **{
            "name": "A small centre",
            "catalog": catalog,
            "begins": MONDAY,
            "ends": ends,
            "streams": (Stream(**{**calls, **(stream or {})}),),
            "staff": members,
            "plan": plan or Plan(at_most=4),
            **scenario,
        }
    )


def outcome(
    result: Result, waited: int = 0, *, talked: int | None = None, **contact: Any
) -> Outcome:
    """Of somebody who came on Monday at eight; ``waited`` and ``talked`` are microseconds."""
    one = SimulatedContact(
        **{
            "id": "1",
            "at": MONDAY,
            "stream": "calls",
            "channel": "voice",
            "queue": "help",
            "patience": 0,
            "handling": 0,
            **contact,
        }
    )
    answered_at = one.at + waited if result == "answered" else 0
    ended_at = 0 if talked is None else answered_at + talked
    return Outcome(
        contact=one, result=result, waited=waited, answered_at=answered_at, ended_at=ended_at
    )
