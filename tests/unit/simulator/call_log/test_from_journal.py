"""A journal read back is the run that wrote it."""

from __future__ import annotations

import pytest

from router.core import events as e
from simulator.call_log import LogError, read_journal
from simulator.call_log.from_journal import CUT_SHORT
from tests.unit.simulator.call_log.journals import busy_centre, journal_of


def test_every_contact_is_in_it_with_its_wait_conversation_and_agent():
    setup = busy_centre()
    entries, ledger = journal_of(setup)
    record = read_journal(entries, "journal")
    ended = [one for one in ledger.outcomes if one.result != "unfinished"]
    assert len(record.log.calls) == len(ended)
    by_id = {call.id: call for call in record.log.calls}
    for outcome in ended:
        call = by_id[outcome.contact.id]
        assert (call.outcome, call.waited) == (outcome.result, outcome.waited)
        assert call.agent == outcome.agent
        if outcome.result == "answered" and outcome.ended_at:
            assert call.talk == outcome.ended_at - outcome.answered_at
        assert call.tier == outcome.contact.tier


def test_it_knows_the_catalog_the_shifts_and_the_wrap_ups():
    setup = busy_centre()
    record = read_journal(journal_of(setup)[0], "journal")
    assert record.catalog == setup.catalog
    assert record.publications == 1
    assert [one.agent for one in record.staff] == [one.agent for one in setup.staff]
    assert [one.shifts for one in record.staff] == [one.shifts for one in setup.staff]
    asked = record.asked
    assert {one.queue for one in asked.values()} == {"help"}
    assert all(one.steps == () for one in asked.values())
    by_id = {contact.id: contact for contact in setup.contacts}
    lines = {call.line: call.id for call in record.log.calls}
    exact = [record.wrap_up[line] == by_id[lines[line]].wrap_up for line in record.wrap_up]
    assert sum(exact) / len(exact) > 0.95  # some were cut off as their agent left


def test_what_still_went_on_is_counted():
    record = read_journal(journal_of(busy_centre(hours=1))[0], "journal")
    assert record.log.problem_counts[CUT_SHORT] > 0
    assert record.log.rows == len(record.log.calls) + record.log.ignored


def test_a_journal_without_a_catalog_routes_nothing():
    with pytest.raises(LogError, match="no catalog"):
        read_journal([], "journal")


def test_progress_tells_entries():
    told: list[int] = []
    entry = journal_of(busy_centre(hours=1))[0][0]
    empty = e.Entry(position=2, at=entry.at, cause="", by="", events=())
    read_journal([entry, *[empty] * 40_000], "journal", progress=told.append)
    assert told == [20_000, 40_000]
