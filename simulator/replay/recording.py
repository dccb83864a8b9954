"""What is known of a recorded centre, once for all replays of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from router.core import commands as c
from router.core.catalog import Catalog
from router.core.durations import DAY
from simulator.call_log import Asked, CallLog, JournalRecord, RecordedCall
from simulator.patience import Patience, estimate_patience
from simulator.replay.centre import infer_catalog
from simulator.replay.people import everybody_daily, skills_of, skills_through_the_day, staff_of
from simulator.replay.recorded import queue_of, replayed
from simulator.staff import Member
from simulator.staffing import infer_staffing

MAX_DAYS = 3_660
"""From the first call to the last; a log of ten years is a log with wrong years in it."""


class Staffed(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about the people. ``spells`` of work; of ``judged`` calls taken while others
    waited, ``in_order`` were those that skills and credits say come first; ``unnamed`` calls were
    answered by nobody known. ``source`` says where it comes from: the calls of the ``log``, a
    ``journal`` that has it exactly, or a ``catalog`` whose people work whenever there are calls.
    """

    source: str
    agents: int
    spells: int
    judged: int = 0
    in_order: int = 0
    unnamed: int = 0


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """``centre`` is the catalog the recorded centre had; where it is inferred its agents have
    every skill they had at any time, and ``supervision`` gives and takes them through the day.

    ``wrap_up`` has the known ones by line, microseconds; for others ``wrap_ups`` are drawn from.
    ``asked`` is by line how a contact came in, where that is known exactly.
    """

    log: CallLog
    calls: tuple[RecordedCall, ...]
    patience: Patience
    centre: Catalog
    staff: tuple[Member, ...]
    people: Staffed
    supervision: tuple[tuple[int, c.Command], ...] = ()
    wrap_up: dict[int, int] = {}
    wrap_ups: tuple[int, ...] = (0,)
    asked: dict[int, Asked] = {}

    def queue(self, call: RecordedCall) -> str:
        known = self.asked.get(call.line)
        return queue_of(call.type) if known is None else known.queue


class NothingToReplay(ValueError):
    """The log has not got what a replay needs; the text says what and what to do."""


def study(log: CallLog, seed: int, people: Catalog | None = None) -> Recording:
    """Infer who worked when and how patient callers were. Where no call says who answered it,
    the agents of ``people`` all work whenever there are calls. Raises ``NothingToReplay``.
    """
    calls = _calls(log)
    if not any(call.agent for call in calls):
        return _with_people(log, calls, people)
    staffing = infer_staffing(log, generator(seed, 1))
    spells = staffing.spells
    return Recording(
        log=log,
        calls=calls,
        patience=estimate_patience(log.calls),
        centre=infer_catalog((call.type for call in calls), skills_of(spells), log.credits),
        staff=tuple(staff_of(spells)),
        supervision=tuple(skills_through_the_day(spells)),
        wrap_up=staffing.wrap_up,
        wrap_ups=staffing.wrap_ups,
        people=Staffed(
            source="log",
            agents=len(staffing.agents),
            spells=len(spells),
            judged=staffing.order.judged,
            in_order=staffing.order.in_order,
            unnamed=staffing.unnamed,
        ),
    )


def study_journal(record: JournalRecord) -> Recording:
    """Nothing about the people has to be inferred. Raises ``NothingToReplay``."""
    return Recording(
        log=record.log,
        calls=_calls(record.log),
        patience=estimate_patience(_on_the_line(record)),
        centre=record.catalog,
        staff=record.staff,
        supervision=record.supervision,
        wrap_up=record.wrap_up,
        wrap_ups=tuple(record.wrap_up.values()) or (0,),
        asked=record.asked,
        people=Staffed(
            source="journal",
            agents=len(record.staff),
            spells=sum(len(one.shifts) for one in record.staff),
        ),
    )


def generator(seed: int, purpose: int) -> np.random.Generator:
    """Each purpose has luck of its own, whatever the others draw."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose,)))


def _calls(log: CallLog) -> tuple[RecordedCall, ...]:
    calls = tuple(replayed(log))
    if not calls:
        raise NothingToReplay(f"{log.name} has no call that was answered or abandoned.")
    days = (calls[-1].queued_at - calls[0].queued_at) // DAY
    if days > MAX_DAYS:
        raise NothingToReplay(
            f"{log.name} goes over {days:,} days, and a replay over {MAX_DAYS:,} at most:"
            " take out the rows whose dates are wrong, or split it."
        )
    return calls


def _with_people(
    log: CallLog, calls: tuple[RecordedCall, ...], people: Catalog | None
) -> Recording:
    if people is None:
        raise NothingToReplay(
            f"{log.name} does not say who answered its calls, so that nobody can be put to work:"
            " map a column to agent, or name a catalog with people (--catalog)."
        )
    require_queues(people, {call.type: queue_of(call.type) for call in calls})
    staff = tuple(everybody_daily(people, calls))
    return Recording(
        log=log,
        calls=calls,
        patience=estimate_patience(log.calls),
        centre=people,
        staff=staff,
        people=Staffed(
            source="catalog", agents=len(staff), spells=sum(len(one.shifts) for one in staff)
        ),
    )


def require_queues(catalog: Catalog, wanted: Mapping[str, str]) -> None:
    """``wanted`` has the queue of each type of call. Raises ``NothingToReplay``."""
    lacking = sorted(kind for kind, queue in wanted.items() if queue not in catalog.queues)
    if lacking:
        names = _some(f"{wanted[kind]} (for {kind or 'calls without a type'})" for kind in lacking)
        raise NothingToReplay(f"The catalog has no queue {names}: its queues must be those called.")


def _some(names: Iterable[str], most: int = 5) -> str:
    listed = list(names)
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more} more" if more > 0 else "")


def _on_the_line(record: JournalRecord) -> list[RecordedCall]:
    """Whoever was promised a callback waited without being on the line: that took no patience."""
    promised = {line for line, asked in record.asked.items() if asked.promised}
    return [call for call in record.log.calls if call.line not in promised]
