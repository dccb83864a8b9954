"""A run, its journal, and the replay of that agree."""

from __future__ import annotations

import msgspec
import pytest

from simulator.call_log import read_journal
from simulator.replay import CentreChange, build, replay, study_journal
from simulator.runner import Run
from simulator.staff import Member
from tests.unit.simulator.call_log.journals import busy_centre, journal_of


def test_a_replayed_journal_has_the_figures_of_the_run_that_wrote_it():
    record = read_journal(journal_of(busy_centre(hours=8))[0], "journal")
    found = replay(study_journal(record), change=CentreChange(credits={"gold": 0}))
    everybody = found.fidelity.changes["all"]
    for figure in ("mean_wait", "abandonment", "service_level"):
        assert everybody[figure].after == pytest.approx(everybody[figure].before, rel=0.1)
    assert found.people.source == "journal"
    assert found.effect is not None
    assert found.effect.changes["tier gold"]["mean_wait"].difference.mean > 0


def test_without_rings_that_differ_it_is_the_same_to_the_moment():
    """Nothing is drawn then but the patience of those who were answered."""
    setup = busy_centre(hours=4)
    staff = tuple(Member(agent=one.agent, shifts=one.shifts) for one in setup.staff)
    entries, ledger = journal_of(msgspec.structs.replace(setup, staff=staff))
    recording = study_journal(read_journal(entries, "journal"))
    again = Run(build(recording, 1)).run()
    known = {call.id: str(call.line) for call in recording.calls}
    waits = {one.contact.id: one.waited for one in again.outcomes}
    ended = [one for one in ledger.outcomes if one.result != "unfinished"]
    same = [waits[known[one.contact.id]] == one.waited for one in ended]
    assert sum(same) / len(same) > 0.99
