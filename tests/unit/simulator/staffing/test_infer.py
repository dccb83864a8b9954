"""Staffing inferred from logs: small ones whose truth is known, and the bank's."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from router.core.catalog import HOUR, MINUTE, SECOND
from router.core.durations import DAY
from simulator.call_log import CallLog
from simulator.staffing.infer import Spell, Staffing, infer_staffing
from tests.unit.simulator.staffing.recorded import abandoned, answered, log


def staffing(found: CallLog) -> Staffing:
    return infer_staffing(found, np.random.default_rng(1))


def seconds(spells: tuple[Spell, ...]) -> list[tuple[str, float, float]]:
    return [(s.agent, s.begins / SECOND, s.ends / SECOND) for s in spells]


def test_an_agent_who_takes_call_after_call_is_there_from_the_first_to_the_last() -> None:
    calls = [answered("ann", at, 95, waited=30) for at in range(0, 2_000, 100)]
    found = staffing(log(*calls))
    assert seconds(found.spells) == [("ann", 0, 1_995)]
    assert found.wrap_up[calls[0].line] == 5 * SECOND
    assert found.wrap_ups == (5 * SECOND,) * 19


def test_who_takes_nobody_while_somebody_waits_is_away() -> None:
    before = [answered("ann", at, 95, waited=30) for at in range(0, 1_000, 100)]
    after = [answered("ann", at, 95, waited=30) for at in range(1_600, 2_000, 100)]
    found = staffing(log(*before, *after))
    assert seconds(found.spells) == [("ann", 0, 995), ("ann", 1_600, 1_995)]


def test_who_idles_while_nobody_waits_is_there() -> None:
    calls = [answered("ann", at, 60) for at in range(0, 9_000, 900)]
    busy = [answered("bob", at, 95, waited=30) for at in range(20_000, 30_000, 100)]
    found = staffing(log(*calls, *busy))
    assert seconds(found.spells)[0] == ("ann", 0, 8_160)


def test_a_change_of_skills_begins_a_new_spell_without_a_gap() -> None:
    kinds = ["sales", "help", "help", "sales"] * 8 + ["sales"] * 40
    calls = [answered("ann", 100 * i, 95, waited=30, kind=k) for i, k in enumerate(kinds)]
    both, one = staffing(log(*calls)).spells
    assert (both.types, one.types) == (("help", "sales"), ("sales",))
    assert both.ends == one.begins


def test_calls_answered_by_nobody_known_are_counted_and_staff_nobody() -> None:
    found = staffing(log(answered("", 10, 5), answered("ann", 20, 5), abandoned(0, 5)))
    assert (found.agents, found.unnamed) == (("ann",), 1)


def test_a_log_without_agents_or_without_calls_has_no_staff() -> None:
    for empty in (log(), log(answered("", 10, 5)), log(abandoned(1, 5))):
        found = staffing(empty)
        assert (found.agents, found.spells, found.wrap_ups) == ((), (), (0,))


def test_equal_seeds_give_equal_staffing(bank_log: CallLog) -> None:
    assert staffing(bank_log) == staffing(bank_log)


def test_at_the_bank_spells_do_not_overlap_and_hold_the_calls_that_were_taken(
    bank_log: CallLog,
) -> None:
    found = staffing(bank_log)
    assert len(found.agents) == 24
    spells: defaultdict[str, list[Spell]] = defaultdict(list)
    for spell in found.spells:
        assert spell.begins < spell.ends
        assert not spells[spell.agent] or spells[spell.agent][-1].ends <= spell.begins
        spells[spell.agent].append(spell)
    taken = [call for call in bank_log.calls if call.agent]
    held = sum(
        any(
            s.begins <= call.answered_at <= s.ends and call.type in s.types
            for s in spells[call.agent]
        )
        for call in taken
    )
    assert held / len(taken) > 0.995


def test_at_the_bank_as_many_are_at_work_as_the_office_hours_suggest(bank_log: CallLog) -> None:
    found = staffing(bank_log)
    first = min(spell.begins for spell in found.spells) // DAY * DAY

    def present(day: int, hour: int) -> float:
        begins = first + day * DAY + hour * HOUR
        within = [min(s.ends, begins + HOUR) - max(s.begins, begins) for s in found.spells]
        return sum(time for time in within if time > 0) / HOUR

    assert 5 < present(0, 10) < 8  # Monday morning
    assert 2 < present(0, 23) < 5
    assert present(4, 15) == present(5, 12) == 0  # Friday afternoon, Saturday noon
    assert 3 < present(5, 21) < 5
    assert 900 < sum(s.ends - s.begins for s in found.spells) / HOUR < 1_100


def test_at_the_bank_most_wrap_up_is_a_few_seconds(bank_log: CallLog) -> None:
    found = staffing(bank_log)
    assert 4 * SECOND <= np.median(found.wrap_ups) <= 6 * SECOND
    assert max(found.wrap_ups) <= 5 * MINUTE
    assert found.unnamed == 272
