"""The recorded centre, built up again for the production core: calls, people and rules.

What the recording knows is taken as it is; what it does not know (the patience of those who were
answered, the tier of those who did not wait, how long some wrap-ups took) is drawn from what it
shows. Equal seeds draw alike whatever is changed, so that two replays see the same customers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from router.core.durations import HOUR
from router.core.model import CustomerRef
from simulator.call_log import Asked, RecordedCall, complete_tiers, served_tiers
from simulator.contacts import SimulatedContact
from simulator.distributions import NEVER
from simulator.replay.change import (
    CentreChange,
    changed_catalog,
    changed_staff,
    changed_supervision,
    resolved,
)
from simulator.replay.recorded import CHANNEL, queue_of
from simulator.replay.recording import Recording, generator, require_queues
from simulator.runner import Setup
from simulator.staff import Member

_AFTERWARDS = 2 * HOUR  # for conversations that go on after the last call came


def build(recording: Recording, seed: int, change: CentreChange | None = None) -> Setup:
    """Raises ``ChangeError`` for a change that cannot be made, and ``NothingToReplay`` for a
    catalog without the queues that were called.
    """
    agents = [member.agent for member in recording.staff]
    tiers = {call.tier for call in recording.calls if call.tier}
    change = resolved(change or CentreChange(), agents, tiers)
    catalog = changed_catalog(recording.centre, change)
    if change.catalog is not None:
        require_queues(catalog, {call.type: recording.queue(call) for call in recording.calls})
    staff = changed_staff(recording.staff, change)
    contacts = _contacts(recording, seed, change.handling)
    supervision = () if change.redefines_skills else recording.supervision
    begins, ends = _horizon(contacts, staff, [at for at, _ in supervision])
    return Setup(
        catalog=catalog,
        contacts=contacts,
        staff=staff,
        begins=begins,
        ends=ends,
        supervision=changed_supervision(supervision, change),
    )


def _horizon(
    contacts: Sequence[SimulatedContact], staff: Sequence[Member], supervised: Sequence[int]
) -> tuple[int, int]:
    shifts = [shift for member in staff for shift in member.shifts]
    begins = min([contacts[0].at, *supervised, *(shift.begins for shift in shifts)])
    ends = max([contacts[-1].at, *(shift.ends for shift in shifts)])
    return begins, ends + _AFTERWARDS


def _contacts(recording: Recording, seed: int, pace: float) -> list[SimulatedContact]:
    calls = recording.calls
    tiers = _tiers(recording, seed)
    served_as = served_tiers(recording.log, tiers, generator(seed, 6))
    patience = recording.patience.beyond(calls, tiers, generator(seed, 3)).tolist()
    talks = _talks(calls, generator(seed, 4).random(len(calls)).tolist())
    wrap_ups = _wrap_ups(recording, generator(seed, 5).random(len(calls)).tolist())
    each = zip(calls, tiers, served_as, patience, talks, wrap_ups, strict=True)
    found = []
    for call, tier, credited, waits, talk, writes in each:
        asked = recording.asked.get(call.line) or _asked(call, credited)
        found.append(
            SimulatedContact(
                id=str(call.line),
                at=call.queued_at,
                stream=call.type,
                channel=asked.channel,
                queue=asked.queue,
                patience=NEVER if asked.promised else waits,
                handling=round(talk * pace),
                wrap_up=writes,
                tier=tier,
                customer=asked.customer,
                steps=asked.steps,
                attributes=asked.attributes,
            )
        )
    return found


def _tiers(recording: Recording, seed: int) -> list[str]:
    """One for each call that is replayed; all of the log count for what is drawn."""
    asked = {call.line for call in recording.calls}
    drawn = complete_tiers(recording.log, generator(seed, 2))
    every = zip(recording.log.calls, drawn, strict=True)
    return [tier for call, tier in every if call.line in asked]


def _asked(call: RecordedCall, credited: str) -> Asked:
    customer = CustomerRef(id=call.customer or f"caller-{call.line}", tier=credited)
    return Asked(channel=CHANNEL, queue=queue_of(call.type), customer=customer)


def _talks(calls: Sequence[RecordedCall], luck: Sequence[float]) -> Iterator[int]:
    """As recorded; who abandoned would have talked as long as somebody else of the type."""
    known: defaultdict[str, list[int]] = defaultdict(list)
    for call in calls:
        if call.outcome == "answered":
            known[call.type].append(call.talk)
    everybody = [talk for talks in known.values() for talk in talks] or [0]
    for call, one in zip(calls, luck, strict=True):
        answered = call.outcome == "answered"
        yield call.talk if answered else _pick(known.get(call.type) or everybody, one)


def _wrap_ups(recording: Recording, luck: Sequence[float]) -> Iterator[int]:
    known: Mapping[int, int] = recording.wrap_up
    for call, one in zip(recording.calls, luck, strict=True):
        yield known[call.line] if call.line in known else _pick(recording.wrap_ups, one)


def _pick(values: Sequence[int], luck: float) -> int:
    return values[int(luck * len(values))]
