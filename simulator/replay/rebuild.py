"""The recorded centre, built up again for the production core: calls, people and rules.

What the log knows is taken as it is; what it does not know (the patience of those who were
answered, the tier of those who did not wait, how long some wrap-ups took) is drawn from what it
shows. Equal seeds draw alike whatever is changed, so that two replays see the same customers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from router.core import commands as c
from router.core.catalog import Catalog
from router.core.durations import HOUR
from router.core.model import CustomerRef
from simulator.call_log import CallLog, RecordedCall, complete_tiers, served_tiers
from simulator.contacts import SimulatedContact
from simulator.patience import Patience, estimate_patience
from simulator.replay.centre import infer_catalog
from simulator.replay.change import CentreChange, changed_catalog, changed_staff
from simulator.replay.recorded import CHANNEL, queue_of, replayed
from simulator.runner import Setup
from simulator.staff import Member, Shift
from simulator.staffing import Spell, Staffing, infer_staffing

_AFTERWARDS = 2 * HOUR  # for conversations that go on after the last call came


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A log with what was inferred from it, once for all replays of it. ``centre`` is the catalog
    the recorded centre would have had; its agents have every skill they had at any time.
    """

    log: CallLog
    calls: tuple[RecordedCall, ...]
    staffing: Staffing
    patience: Patience
    centre: Catalog


class NothingToReplay(ValueError):
    """No call of the log asked for an agent."""


def study(log: CallLog, seed: int) -> Recording:
    """Infer who worked when and how patient callers were. Raises ``NothingToReplay``."""
    calls = tuple(replayed(log))
    if not calls:
        raise NothingToReplay(f"{log.name} has no call that was answered or abandoned.")
    staffing = infer_staffing(log, _rng(seed, 1))
    return Recording(
        log=log,
        calls=calls,
        staffing=staffing,
        patience=estimate_patience(log.calls),
        centre=_centre(log, calls, staffing.spells),
    )


def _centre(log: CallLog, calls: Iterable[RecordedCall], spells: Iterable[Spell]) -> Catalog:
    served: defaultdict[str, set[str]] = defaultdict(set)
    for spell in spells:
        served[agent_of(spell.agent)].update(spell.types)
    return infer_catalog((call.type for call in calls), served, log.credits)


def build(recording: Recording, seed: int, change: CentreChange | None = None) -> Setup:
    """Raises ``ChangeError`` for a change that cannot be made."""
    change = change or CentreChange()
    catalog = changed_catalog(recording.centre, change)
    spells = recording.staffing.spells
    contacts = _contacts(recording, seed, change.handling)
    return Setup(
        catalog=catalog,
        contacts=contacts,
        staff=changed_staff(tuple(_staff(spells)), change),
        begins=min(contacts[0].at, *(spell.begins for spell in spells)),
        ends=max(contacts[-1].at, *(spell.ends for spell in spells)) + _AFTERWARDS,
        supervision=() if change.redefines_skills else tuple(_skills_through_the_day(spells)),
    )


def agent_of(name: str) -> str:
    """The agent's id: the recorded name as ids are written."""
    return queue_of(name)


def _rng(seed: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose,)))


def _contacts(recording: Recording, seed: int, pace: float) -> list[SimulatedContact]:
    calls = recording.calls
    asked = {call.line for call in calls}
    drawn = complete_tiers(recording.log, _rng(seed, 2))
    tiers = [
        tier for call, tier in zip(recording.log.calls, drawn, strict=True) if call.line in asked
    ]
    served_as = served_tiers(recording.log, tiers, _rng(seed, 6))
    patience = recording.patience.beyond(calls, tiers, _rng(seed, 3)).tolist()
    talks = _talks(calls, _rng(seed, 4))
    wrap_ups = _wrap_ups(calls, recording.staffing, _rng(seed, 5))
    return [
        SimulatedContact(
            id=str(call.line),
            at=call.queued_at,
            stream=call.type,
            channel=CHANNEL,
            queue=queue_of(call.type),
            patience=waits,
            handling=round(talk * pace),
            wrap_up=writes,
            tier=tier,
            customer=CustomerRef(id=call.customer or f"caller-{call.line}", tier=credited),
        )
        for call, tier, credited, waits, talk, writes in zip(
            calls, tiers, served_as, patience, talks, wrap_ups, strict=True
        )
    ]


def _talks(calls: Sequence[RecordedCall], rng: np.random.Generator) -> list[int]:
    """As recorded; who abandoned would have talked as long as somebody else of the type."""
    known: defaultdict[str, list[int]] = defaultdict(list)
    for call in calls:
        if call.outcome == "answered":
            known[call.type].append(call.talk)
    everybody = [talk for talks in known.values() for talk in talks] or [0]
    luck = rng.random(len(calls)).tolist()
    return [
        call.talk if call.outcome == "answered" else _pick(known.get(call.type) or everybody, one)
        for call, one in zip(calls, luck, strict=True)
    ]


def _wrap_ups(
    calls: Sequence[RecordedCall], staffing: Staffing, rng: np.random.Generator
) -> list[int]:
    luck = rng.random(len(calls)).tolist()
    known = staffing.wrap_up
    return [
        known[call.line] if call.line in known else _pick(staffing.wrap_ups, one)
        for call, one in zip(calls, luck, strict=True)
    ]


def _pick(values: Sequence[int], luck: float) -> int:
    return values[int(luck * len(values))]


# -- people -----------------------------------------------------------------------------------


def _staff(spells: Iterable[Spell]) -> Iterable[Member]:
    """One shift from each arrival to the next absence; a change of skills does not end it."""
    for agent, own in _by_agent(spells).items():
        shifts: list[Shift] = []
        for spell in own:
            if shifts and shifts[-1].ends >= spell.begins:
                begins = shifts.pop().begins
                shifts.append(Shift(begins=begins, ends=spell.ends))
            else:
                shifts.append(Shift(begins=spell.begins, ends=spell.ends))
        yield Member(agent=agent, shifts=tuple(shifts))


def _skills_through_the_day(spells: Iterable[Spell]) -> Iterable[tuple[int, c.Command]]:
    """What whoever leads the shift did: give and take skills, agent by agent."""
    for agent, own in _by_agent(spells).items():
        every = sorted({queue_of(kind) for spell in own for kind in spell.types})
        for spell in own:
            now = {queue_of(kind) for kind in spell.types}
            skills = {skill: int(skill in now) for skill in every}
            yield spell.begins, c.LendSkills(id="", agent=agent, skills=skills)


def _by_agent(spells: Iterable[Spell]) -> Mapping[str, list[Spell]]:
    found: defaultdict[str, list[Spell]] = defaultdict(list)
    for spell in spells:
        found[agent_of(spell.agent)].append(spell)
    return found
