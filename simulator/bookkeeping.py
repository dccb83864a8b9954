"""Keeps the accounts of a run while it goes on."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.contacts import SimulatedContact
from simulator.ledger import Ledger, Outcome, Result, Workload


class Bookkeeper:
    """``at`` is the moment of what is being told, and never goes back. The time of agents and the
    longest line count from ``measured_from`` on.
    """

    def __init__(self, begins: int, ends: int, measured_from: int = 0) -> None:
        self._measured_from = measured_from
        self.ledger = Ledger(begins=begins, ends=ends, outcomes=[], workloads={})
        self._waiting = 0
        self._changed = begins
        self._in_hand: dict[str, int] = {}  # agent: contacts
        self._busy_since: dict[str, int] = {}
        self._ready: set[str] = set()
        self._here_since: dict[str, int] = {}  # ready, or with something in hand

    # -- contacts ----------------------------------------------------------------------------

    def arrived(self, at: int) -> None:
        self.ledger.arrived += 1
        self._line_changes(1, at)

    def blocked(self, contact: SimulatedContact, at: int) -> None:
        """Every line was taken: the contact never came in."""
        self.ledger.arrived += 1
        self.ledger.outcomes.append(
            Outcome(contact=contact, result="blocked", waited=0, ended_at=at)
        )

    def answered(
        self,
        contact: SimulatedContact,
        agent: str,
        waited: int,
        at: int,
        *,
        called_back: bool = False,
    ) -> Outcome:
        result: Result = "called_back" if called_back else "answered"
        outcome = Outcome(
            contact=contact, result=result, waited=waited, agent=agent, answered_at=at
        )
        self.ledger.outcomes.append(outcome)
        self._line_changes(-1, at)
        in_hand = self._in_hand.get(agent, 0)
        if not in_hand:
            self._busy_since[agent] = at
            self._here_since.setdefault(agent, at)
        self._in_hand[agent] = in_hand + 1
        self._workload(agent).handled += 1
        return outcome

    def left(self, contact: SimulatedContact, result: Result, at: int) -> None:
        """Without having been answered."""
        self.ledger.outcomes.append(
            Outcome(contact=contact, result=result, waited=at - contact.at, ended_at=at)
        )
        self._line_changes(-1, at)

    def _line_changes(self, by: int, at: int) -> None:
        ledger = self.ledger
        if at > self._changed:  # who is answered at once has been in no line
            ledger.waiting_area += self._waiting * (at - self._changed)
            if at > self._measured_from:
                ledger.longest_line = max(ledger.longest_line, self._waiting)
            self._changed = at
        self._waiting += by

    # -- agents ------------------------------------------------------------------------------

    def comes(self, agent: str, at: int) -> None:
        self._ready.add(agent)
        self._here_since.setdefault(agent, at)

    def leaves(self, agent: str, at: int) -> None:
        """Who misses a chat while others go on is not ready, and still at work on those."""
        self._ready.discard(agent)
        if not self._in_hand.get(agent):
            self._goes(agent, at)

    def _goes(self, agent: str, at: int) -> None:
        since = self._here_since.pop(agent, None)
        if since is not None:
            self._workload(agent).present += self._measured(since, at)

    def put_down(self, agent: str, at: int) -> None:
        """One contact less in the agent's hands."""
        self._in_hand[agent] -= 1
        if not self._in_hand[agent]:
            self._workload(agent).busy += self._measured(self._busy_since[agent], at)
            if agent not in self._ready:
                self._goes(agent, at)

    def _measured(self, since: int, until: int) -> int:
        return max(until - max(since, self._measured_from), 0)

    def _workload(self, agent: str) -> Workload:
        known = self.ledger.workloads.get(agent)
        if known is None:
            known = self.ledger.workloads[agent] = Workload()
        return known

    # -- the end -----------------------------------------------------------------------------

    def close(self, still_here: Iterable[SimulatedContact]) -> Ledger:
        """The run is over. Raises ``BooksDisagree`` when the accounts contradict each other."""
        ends = self.ledger.ends
        self._line_changes(0, ends)
        for contact in list(still_here):
            self.left(contact, "unfinished", ends)
        for agent, in_hand in self._in_hand.items():
            if in_hand:
                self._workload(agent).busy += self._measured(self._busy_since[agent], ends)
        for agent in list(self._here_since):
            self._goes(agent, ends)
        self.ledger.check()
        return self.ledger
