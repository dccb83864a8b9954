"""Journals of simulated centres, and short ones event by event."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from router.core import events as e
from router.core.catalog import MINUTE, SECOND, Credits
from simulator.contacts import draw_contacts
from simulator.distributions import Exponential
from simulator.ledger import Ledger
from simulator.runner import Run, Setup
from simulator.staff import Behaviour, Member
from tests.unit.simulator.centres import centre


class Scribe:
    """An observer that writes the journal an engine would write."""

    def __init__(self) -> None:
        self.entries: list[e.Entry] = []

    def __call__(self, run: Run, events: Sequence[e.Event]) -> None:
        position = len(self.entries) + 1
        self.entries.append(
            e.Entry(position=position, at=run.at, cause="", by="", events=tuple(events))
        )


def journal_of(setup: Setup) -> tuple[list[e.Entry], Ledger]:
    scribe = Scribe()
    ledger = Run(setup, seed=1, observers=(scribe,)).run()
    return scribe.entries, ledger


def busy_centre(*, hours: float = 4) -> Setup:
    """Six people who ring and sometimes miss an offer; gold customers have a minute's credit."""
    scenario = centre(
        agents=6,
        per_hour=120,
        hours=hours,
        queue={"wrap_up": 30 * SECOND},
        stream={"wrap_up": Exponential(average=20 * SECOND), "tiers": {"gold": 0.2}},
    )
    behaviour = Behaviour(accepts_after=Exponential(average=4 * SECOND), misses=0.02)
    worth = Credits(tiers={"gold": MINUTE})
    return Setup(
        catalog=msgspec.structs.replace(scenario.catalog, credits=worth),
        contacts=draw_contacts(scenario.streams, 1),
        staff=tuple(
            Member(agent=one.agent, shifts=one.shifts, behaviour=behaviour)
            for one in scenario.staff
        ),
        begins=scenario.begins,
        ends=scenario.ends,
    )
