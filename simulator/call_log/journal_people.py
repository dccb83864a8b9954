"""The people of a journal: shifts, pauses, offers they missed, skills they were lent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from router.core import commands as c
from router.core import events as e
from router.core.catalog import Catalog
from simulator.distributions import Constant, Distribution, Empirical
from simulator.staff import Behaviour, Member, Pause, Shift

_MISSED: Final = "missed_offer"
_KEPT: Final = 10_000  # times of one agent that are drawn from


class _Person(msgspec.Struct, kw_only=True):
    shifts: list[tuple[int, int]] = []
    away: list[tuple[int, int]] = []
    here_since: int | None = None
    away_since: int | None = None
    missed_since: int | None = None
    elsewhere: dict[str, int] = {}  # contact: since when
    offered: int = 0
    missed: int = 0
    answers: list[int] = []  # from ring to answer
    returns: list[int] = []  # from a missed offer to ready


class People:
    """Hears the events of agents, and of contacts what agents do with them, in order.

    Work that is no call of the replay (a consultation, an outgoing call) is time away.
    """

    def __init__(self) -> None:
        self._people: defaultdict[str, _Person] = defaultdict(_Person)
        self._rings: dict[str, int] = {}  # offer: since when
        self._lent: list[tuple[int, e.SkillsLent]] = []

    def hear(self, event: e.AgentEvent, at: int) -> None:
        person = self._people[event.agent]
        match event:
            case e.AgentSignedIn():
                person.here_since = person.away_since = at
            case e.AgentReady():
                _comes_back(person, at)
            case e.AgentNotReady(reason=reason) if reason == _MISSED:
                person.missed_since = at
            case e.AgentNotReady():
                if person.away_since is None:
                    person.away_since = at
            case e.AgentSignedOut():
                _goes_home(person, at)
            case e.SkillsLent():
                self._lent.append((at, event))
            case _:
                pass

    def hear_of_contact(self, event: e.ContactEvent, at: int, *, at_work: bool) -> None:
        """``at_work``: the contact is one that will be replayed."""
        match event:
            case e.Offered():
                self._people[event.agent].offered += 1
                if not event.auto_accept:
                    self._rings[event.offer] = at
            case e.OfferAccepted():
                self._accepted(event, at, at_work=at_work)
            case e.OfferTimedOut():
                self._rings.pop(event.offer, None)
                self._people[event.agent].missed += 1
            case e.OfferRejected() | e.OfferRescinded():
                self._rings.pop(event.offer, None)
            case e.AgentJoined():
                self._people[event.agent].elsewhere.setdefault(event.contact, at)
            case e.AgentReleased() if not event.wrap_until:
                self._put_down(event.agent, event.contact, at)
            case e.WrapUpFinished():
                self._put_down(event.agent, event.contact, at)
            case _:
                pass

    def _accepted(self, event: e.OfferAccepted, at: int, *, at_work: bool) -> None:
        person = self._people[event.agent]
        rang = self._rings.pop(event.offer, None)
        if rang is not None and len(person.answers) < _KEPT:
            person.answers.append(at - rang)
        if not at_work:
            person.elsewhere[event.contact] = at

    def _put_down(self, agent: str, contact: str, at: int) -> None:
        person = self._people[agent]
        since = person.elsewhere.pop(contact, None)
        if since is not None:
            person.away.append((since, at))

    def members(self, ends: int, catalog: Catalog) -> Iterator[Member]:
        """Everybody who was ever at work, in the order of the catalog; who still is leaves at
        ``ends``.
        """
        for agent in catalog.agents:
            person = self._people.get(agent)
            if person is None:
                continue
            for contact in list(person.elsewhere):
                self._put_down(agent, contact, ends)
            if person.here_since is not None:
                _goes_home(person, ends)
            shifts = tuple(_shifts(person))
            if shifts:
                yield Member(agent=agent, shifts=shifts, behaviour=_behaviour(person))

    def lent(self, catalog: Catalog) -> Iterator[tuple[int, c.Command]]:
        """As whoever leads the shift lent skills; those the catalog has no more are left out."""
        for at, event in self._lent:
            if event.agent in catalog.agents:
                own = dict(catalog.agents[event.agent].traits.skills)
                now = dict(event.traits.skills)
                skills = {s: now.get(s, 0) for s in sorted({*own, *now}) if s in catalog.skills}
                yield at, c.LendSkills(id="", agent=event.agent, skills=skills, until=event.until)


def _comes_back(person: _Person, at: int) -> None:
    if person.missed_since is not None:
        person.returns.append(at - person.missed_since)
        person.missed_since = None
    if person.away_since is not None:
        person.away.append((person.away_since, at))
        person.away_since = None


def _goes_home(person: _Person, at: int) -> None:
    if person.away_since is not None:
        person.away.append((person.away_since, at))
    if person.here_since is not None:
        person.shifts.append((person.here_since, at))
    person.here_since = person.away_since = person.missed_since = None


def _shifts(person: _Person) -> Iterator[Shift]:
    away = _merged(person.away)
    for begins, ends in person.shifts:
        pauses = tuple(
            Pause(begins=max(since, begins), ends=min(until, ends))
            for since, until in away
            if max(since, begins) < min(until, ends)
        )
        if ends > begins:
            yield Shift(begins=begins, ends=ends, pauses=pauses)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, and none within or next to another."""
    found: list[tuple[int, int]] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _behaviour(person: _Person) -> Behaviour:
    """Ringing is answered, missed and come back from as it was."""
    usual = Behaviour()
    return Behaviour(
        accepts_after=_times(person.answers, usual.accepts_after),
        misses=person.missed / person.offered if person.offered else 0.0,
        returns_after=_times(person.returns, usual.returns_after),
    )


def _times(seen: list[int], otherwise: Distribution) -> Distribution:
    if not seen:
        return otherwise
    return Constant(value=seen[0]) if len(set(seen)) == 1 else Empirical(values=tuple(seen))
