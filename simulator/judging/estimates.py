"""Estimated waits held against what happened, ours beside those of other products.

``EstimateJudge`` watches a run. Whenever a contact has to wait it notes every formula's answer at
that moment, and when an agent takes the contact, how long it really was. Whoever abandoned would
have waited longer than they did: they say nothing about errors and are left out, everywhere alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean, median
from typing import Final

import msgspec

from router.core import events as e
from router.core.durations import SECOND
from router.core.estimates import Estimate, estimate
from router.core.matching import ContactClass
from router.core.state import WAITING, State
from simulator.judging.peers import FORMULAS, Memory
from simulator.runner import Run

OURS: Final = "Patchbay"
_GROWTH: Final = SECOND  # an estimate that grows by less has not grown
_WATCHED: Final = 50  # contacts whose estimates are followed at a time


class Accuracy(msgspec.Struct, frozen=True, kw_only=True):
    """How good one formula was; seconds. ``bias`` is positive for promises that are too long.
    ``answers`` counts contacts it had an answer for.
    """

    formula: str
    answers: int
    median_error: float
    mean_error: float
    bias: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``covered`` is the share of contacts that waited no longer than the 90th percentile they
    were told; ``below_median`` of those that waited no longer than the median. ``grown`` counts,
    of ``looks`` at estimates of waiting contacts, those that had grown although nothing got worse.
    """

    contacts: int
    accuracies: tuple[Accuracy, ...]
    covered: float | None
    below_median: float | None
    looks: int
    grown: int


class _Told(msgspec.Struct, kw_only=True):
    at: int
    ours: Estimate
    others: dict[str, float | None]


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """What an estimate rests on: it may grow when one of these gets worse, else not."""

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
        self._waits: list[float] = []
        self._answers: defaultdict[str, list[float | None]] = defaultdict(list)
        self._highs: list[float] = []
        self.looks = 0
        self.grown = 0

    def __call__(self, run: Run, events: Sequence[e.Event]) -> None:
        state = run.core.state
        for event in events:
            match event:
                case e.Enqueued(reason="arrival"):
                    self._ask(state, event.contact, run.at)
                case e.OfferAccepted():
                    self._answered(state, event, run.at)
                case e.Abandoned() | e.Overflowed():
                    self._forget(event.contact)
                case _:
                    pass
        if events:
            self._look_again(state, run.at)

    def _ask(self, state: State, contact_id: str, at: int) -> None:
        contact = state.contacts.get(contact_id)
        if contact is None or contact.state not in WAITING:
            return
        ours = estimate(state, contact_id, at)
        if ours is None or ours.low is None:
            return
        found = self._memory.situation(state, contact)
        others = {name: formula(found) for name, formula in FORMULAS.items()}
        self._told[contact_id] = _Told(at=at, ours=ours, others=others)
        if len(self._watched) < _WATCHED:
            self._watched[contact_id] = _look(state, contact_id, ours)

    def _answered(self, state: State, event: e.OfferAccepted, at: int) -> None:
        contact = state.contacts[event.contact]
        told = self._told.get(event.contact)
        if told is not None and told.ours.low is not None and told.ours.high is not None:
            waited = at - told.at
            self._waits.append(waited / SECOND)
            self._highs.append(told.ours.high / SECOND)
            self._answers[OURS].append(told.ours.low / SECOND)
            for name, answer in told.others.items():
                self._answers[name].append(None if answer is None else answer / SECOND)
        self._memory.answered(contact.queue, event.agent, event.waited_in_queue)
        self._forget(event.contact)

    def _forget(self, contact: str) -> None:
        self._told.pop(contact, None)
        self._watched.pop(contact, None)

    def _look_again(self, state: State, at: int) -> None:
        for contact_id, before in self._watched.items():
            now = estimate(state, contact_id, at)
            if now is None or now.low is None:
                continue
            look = _look(state, contact_id, now)
            self.looks += 1
            self.grown += (
                look.wait > before.wait + _GROWTH
                and look.position <= before.position
                and look.agents >= before.agents
                and look.service <= before.service
            )
            self._watched[contact_id] = look

    def verdict(self) -> Verdict:
        waits = self._waits
        pairs = {
            name: [(told, waited) for told, waited in zip(answers, waits, strict=True)]
            for name, answers in self._answers.items()
        }
        lows = self._answers[OURS]
        return Verdict(
            contacts=len(waits),
            accuracies=tuple(_accuracy(name, some) for name, some in pairs.items()),
            covered=_share(self._highs, waits),
            below_median=_share(lows, waits),
            looks=self.looks,
            grown=self.grown,
        )


def _look(state: State, contact_id: str, told: Estimate) -> _Look:
    contact = state.contacts[contact_id]
    mine: ContactClass = state.index.class_of(contact)
    agents = sum(len(group.taking) for group in state.index.groups_for(mine))
    seen = state.service.get(f"{contact.queue} {contact.channel}")
    return _Look(
        position=told.position,
        agents=agents,
        service=0 if seen is None else seen.mean,
        wait=told.low or 0,
    )


def _accuracy(name: str, pairs: Sequence[tuple[float | None, float]]) -> Accuracy:
    errors = [told - waited for told, waited in pairs if told is not None]
    sizes = [abs(error) for error in errors]
    return Accuracy(
        formula=name,
        answers=len(errors),
        median_error=median(sizes) if sizes else 0.0,
        mean_error=fmean(sizes) if sizes else 0.0,
        bias=fmean(errors) if errors else 0.0,
    )


def _share(told: Sequence[float | None], waits: Sequence[float]) -> float | None:
    kept = [waited <= bound for bound, waited in zip(told, waits, strict=True) if bound is not None]
    return fmean(kept) if kept else None
