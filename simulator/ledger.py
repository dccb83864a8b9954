"""What happened in a run, contact by contact and agent by agent."""

from __future__ import annotations

from typing import Literal

import msgspec

from simulator.contacts import SimulatedContact

Result = Literal["answered", "abandoned", "overflowed", "called_back", "blocked", "unfinished"]


class Outcome(msgspec.Struct, kw_only=True, gc=False):
    """One contact's end. ``waited`` is microseconds from arrival in the queue until an agent
    answered or the customer left. Who is ``called_back`` waited without being on the line and was
    reached. Who is ``blocked`` found every line taken; ``unfinished`` still
    waited when the run ended. ``ended_at`` is 0 while the conversation goes on.
    """

    contact: SimulatedContact
    result: Result
    waited: int
    agent: str = ""
    answered_at: int = 0
    ended_at: int = 0


class Workload(msgspec.Struct, kw_only=True):
    """One agent's time, microseconds: ``present`` is ready or at work, breaks not counted."""

    present: int = 0
    busy: int = 0
    handled: int = 0

    @property
    def occupancy(self) -> float | None:
        """Share of the time present spent on contacts; None for who was never there."""
        return self.busy / self.present if self.present else None


class BooksDisagree(AssertionError):
    """The run's own accounts contradict each other: a bug in the core or the simulator."""


class Ledger(msgspec.Struct, kw_only=True):
    """The accounts of one run. ``waiting_area`` is the number waiting, integrated over time
    (contacts × microseconds): counted from the events, apart from the waits of ``outcomes``.
    """

    begins: int
    ends: int
    outcomes: list[Outcome] = []
    workloads: dict[str, Workload] = {}
    arrived: int = 0
    waiting_area: int = 0
    longest_line: int = 0

    def check(self) -> None:
        """Conservation and Little's law, exactly. Raises ``BooksDisagree``."""
        if len(self.outcomes) != self.arrived:
            raise BooksDisagree(f"{self.arrived} contacts came, {len(self.outcomes)} are told of")
        if len({outcome.contact.id for outcome in self.outcomes}) != self.arrived:
            raise BooksDisagree("a contact is told of twice, and another not at all")
        waits = sum(outcome.waited for outcome in self.outcomes)
        if waits != self.waiting_area:
            raise BooksDisagree(
                f"the waits add up to {waits} µs, the line over time to {self.waiting_area} µs"
            )
