"""Small runs in a few words: who comes when, who works when, and what became of them.

Times are seconds from ``START``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from router.core.catalog import Catalog, OverflowRule, Profile, Queue
from router.core.durations import SECOND
from simulator.contacts import SimulatedContact
from simulator.distributions import NEVER, Constant
from simulator.ledger import Ledger
from simulator.runner import Run, Setup
from simulator.staff import Behaviour, Member, Pause, Shift
from tests.unit.router.core.centre import agent, catalog, queue

START = 1_772_438_400 * SECOND
LONG = 10_000  # seconds: nobody looks at what comes later


def call(name: str, at: float, handling: float = 100, **given: Any) -> SimulatedContact:
    """``patience`` and ``wrap_up`` in seconds, too."""
    patience = given.pop("patience", None)
    return SimulatedContact(
        id=name,
        at=START + round(at * SECOND),
        stream="s",
        handling=round(handling * SECOND),
        patience=NEVER if patience is None else round(patience * SECOND),
        wrap_up=round(given.pop("wrap_up", 0) * SECOND),
        **{"channel": "voice", "queue": "q", **given},
    )


def works(
    name: str, *shifts: tuple[float, float], breaks: Sequence[tuple[float, float]] = (), **how: Any
) -> Member:
    """Always, unless ``shifts`` are given; ``breaks`` are in the first of them. Of ``how``,
    ``accepts_after`` and ``returns_after`` are seconds.
    """
    for key in ("accepts_after", "returns_after"):
        if key in how:
            how[key] = Constant(value=round(how[key] * SECOND))
    times = [(at(begins), at(ends)) for begins, ends in shifts or [(0, LONG)]]
    pauses = tuple(Pause(begins=at(away), ends=at(back)) for away, back in breaks)
    return Member(
        agent=name,
        shifts=tuple(
            Shift(begins=begins, ends=ends, pauses=() if number else pauses)
            for number, (begins, ends) in enumerate(times)
        ),
        behaviour=Behaviour(**how),
    )


def at(seconds: float) -> int:
    return START + round(seconds * SECOND)


def made(
    contacts: Sequence[SimulatedContact],
    *staff: Member,
    lasts: float = LONG,
    seed: int = 1,
    lines: int | None = None,
    centre: Catalog | None = None,
    rules: Queue | Profile | None = None,
) -> Ledger:
    """The accounts of a run, in a centre of everybody of ``staff`` with one queue ``q``."""
    parts = [agent(one.agent) for one in staff]
    setup = Setup(
        catalog=centre or catalog(rules or queue(), *parts),
        contacts=contacts,
        staff=staff,
        begins=START,
        ends=at(lasts),
        lines=lines,
    )
    return Run(setup, seed=seed).run()


def told(ledger: Ledger) -> dict[str, tuple[str, str, float]]:
    """Contact: how it ended, by whom it was answered, and how long it waited in seconds."""
    return {one.contact.id: (one.result, one.agent, one.waited / SECOND) for one in ledger.outcomes}


def ended(ledger: Ledger) -> dict[str, float]:
    """Contact: when it was over, seconds; without those that were not."""
    return {
        one.contact.id: (one.ended_at - START) / SECOND for one in ledger.outcomes if one.ended_at
    }


def overflow(when: str, to: Any, at: float = 0) -> OverflowRule:
    return OverflowRule(when=when, to=to, at=round(at * SECOND))  # type: ignore[arg-type]
