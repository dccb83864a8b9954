"""Estimated waits held against what happened, ours beside those of other products.

``EstimateJudge`` watches a run. Whenever a contact has to wait it notes every formula's answer at
that moment, and when an agent takes the contact, how long it really was. Whoever leaves before that
would have waited longer, nobody knows how long. So they are in no error; but they leave the more
often the longer the wait would be, and a share of the others alone would flatter every promise. In
shares they count as cut short, by Kaplan and Meier's estimate of wait ÷ promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import Final

import msgspec
import numpy as np

from router.core import events as e
from router.core.durations import SECOND
from router.core.estimates import Estimate, estimate
from router.core.groups import ContactClass
from router.core.state import WAITING, State
from simulator.judging.peers import FORMULAS, Memory
from simulator.patience import kaplan_meier
from simulator.runner import Run

OURS: Final = "Patchbay"
_GROWTH: Final = SECOND  # an estimate that grows by less has not grown
_WATCHED: Final = 50  # contacts whose estimates are followed at a time


class Accuracy(msgspec.Struct, frozen=True, kw_only=True):
    """How good one formula was for contacts that an agent took; seconds. ``bias`` is positive for
    promises that are too long. ``answers`` counts contacts it had an answer for.
    """

    formula: str
    answers: int
    median_error: float
    mean_error: float
    bias: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``contacts`` were told an estimate and taken by an agent, ``gave_up`` left before that.
    ``covered`` is the share of all of them whose wait until an agent was, or would have been, no
    longer than the 90th percentile they were told; ``below_median`` than the median. ``grown``
    counts, of ``looks`` at estimates of waiting contacts, those that had grown although nothing
    got worse.
    """

    contacts: int
    gave_up: int
    accuracies: tuple[Accuracy, ...]
    covered: float | None
    below_median: float | None
    looks: int
    grown: int


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    median: int  # ours, microseconds
    high: int  # our 90th percentile
    others: dict[str, float | None]


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A promise and what became of it, microseconds."""

    told: _Told
    waited: int
    answered: bool


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """What an estimate rests on: it may grow when one of these gets worse, else not. ``wait`` is
    the lowest since one did, so that many small steps are found as well as a large one.
    """

    position: int
    agents: int
    service: int
    wait: int  # the median still to come


class EstimateJudge:
    """An observer of one run."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._told: dict[str, _Told] = {}
        self._watched: dict[str, _Look] = {}
        self._kept: list[_Kept] = []
        self.looks = 0
        self.grown = 0

    def __call__(self, run: Run, events: Sequence[e.Event]) -> None:
        state = run.core.state
        for event in events:
            match event:
                case e.Enqueued(reason="arrival"):
                    self._ask(state, event.contact, run.at)
                case e.OfferAccepted():
                    self._waited(event.contact, run.at, answered=True)
                    queue = state.contacts[event.contact].queue
                    self._memory.answered(queue, event.agent, event.waited_in_queue)
                case e.Abandoned() | e.Overflowed():
                    self._waited(event.contact, run.at, answered=False)
                case _:
                    pass
        if events:
            self._look_again(state, run.at)

    def _ask(self, state: State, contact_id: str, at: int) -> None:
        contact = state.contacts.get(contact_id)
        if contact is None or contact.state not in WAITING:
            return
        ours = estimate(state, contact_id, at)
        if ours is None or ours.low is None or ours.high is None:
            return
        found = self._memory.situation(state, contact)
        others = {name: formula(found) for name, formula in FORMULAS.items()}
        self._told[contact_id] = _Told(at=at, median=ours.low, high=ours.high, others=others)
        if len(self._watched) < _WATCHED:
            self._watched[contact_id] = _look(state, contact_id, ours)

    def _waited(self, contact: str, at: int, *, answered: bool) -> None:
        self._watched.pop(contact, None)
        told = self._told.pop(contact, None)
        if told is not None:
            self._kept.append(_Kept(told=told, waited=at - told.at, answered=answered))

    def _look_again(self, state: State, at: int) -> None:
        for contact_id, before in self._watched.items():
            now = estimate(state, contact_id, at)
            if now is None or now.low is None:
                continue
            look = _look(state, contact_id, now)
            self.looks += 1
            grew = look.wait > before.wait + _GROWTH
            if _is_worse(look, before):
                self._watched[contact_id] = look
                continue
            self.grown += grew
            lowest = look.wait if grew else min(look.wait, before.wait)
            self._watched[contact_id] = msgspec.structs.replace(look, wait=lowest)

    def verdict(self) -> Verdict:
        kept = self._kept
        taken = [one for one in kept if one.answered]
        ours = _accuracy(OURS, [(one.told.median, one.waited) for one in taken])
        others = (
            _accuracy(name, [(one.told.others[name], one.waited) for one in taken])
            for name in FORMULAS
        )
        return Verdict(
            contacts=len(taken),
            gave_up=len(kept) - len(taken),
            accuracies=(ours, *others),
            covered=_share_within([one.told.high for one in kept], kept),
            below_median=_share_within([one.told.median for one in kept], kept),
            looks=self.looks,
            grown=self.grown,
        )


def _is_worse(now: _Look, before: _Look) -> bool:
    return (
        now.position > before.position or now.agents < before.agents or now.service > before.service
    )


def _look(state: State, contact_id: str, told: Estimate) -> _Look:
    contact = state.contacts[contact_id]
    mine: ContactClass = state.index.class_of(contact)
    agents = sum(group.taking_on(mine.channel) for group in state.index.groups_for(mine))
    seen = state.service.get(f"{contact.queue} {contact.channel}")
    return _Look(
        position=told.position,
        agents=agents,
        service=0 if seen is None else seen.mean,
        wait=told.low or 0,
    )


def _accuracy(name: str, pairs: Sequence[tuple[float | None, int]]) -> Accuracy:
    """Of promised and real waits, microseconds."""
    errors = [(told - waited) / SECOND for told, waited in pairs if told is not None]
    sizes = [abs(error) for error in errors]
    return Accuracy(
        formula=name,
        answers=len(errors),
        median_error=median(sizes) if sizes else 0.0,
        mean_error=fmean(sizes) if sizes else 0.0,
        bias=fmean(errors) if errors else 0.0,
    )


def _share_within(promises: Sequence[int], kept: Sequence[_Kept]) -> float | None:
    """The share whose wait for an agent is no longer than promised; None without any."""
    if not kept:
        return None
    waits = np.array([one.waited for one in kept])
    part = waits / np.maximum(promises, 1)  # a promise of nothing is broken by any wait
    return 1 - float(kaplan_meier(part, [one.answered for one in kept]).at(1.0))
