"""What is known of a recorded centre, and what is refused."""

from __future__ import annotations

import pytest

from router.core.catalog import MINUTE, SECOND, AgentDefinition, Catalog, Queue
from simulator.call_log import CallLog
from simulator.replay.rebuild import build
from simulator.replay.recording import NothingToReplay, study
from tests.unit.simulator.replay.logs import DAY, recorded
from tests.unit.simulator.staffing.recorded import abandoned, answered, log


def test_people_and_rules_are_inferred_from_the_calls():
    recording = study(recorded(), 1)
    assert set(recording.centre.queues) == {"sales", "help"}
    assert recording.centre.credits.tiers == {"gold": MINUTE}
    assert {member.agent for member in recording.staff} == {"ann", "bob"}
    assert recording.people.source == "log"


def test_equal_seeds_see_equal_customers_and_others_do_not():
    recording = study(recorded(), 1)
    assert build(recording, 1).contacts == build(recording, 1).contacts
    assert build(recording, 1).contacts != build(recording, 2).contacts


def test_who_abandoned_had_exactly_that_patience_and_others_more_than_they_waited():
    recording = study(recorded(), 1)
    contacts = {contact.id: contact for contact in build(recording, 1).contacts}
    for call in recording.calls:
        patience = contacts[str(call.line)].patience
        if call.outcome == "abandoned":
            assert patience == call.waited
        else:
            assert patience >= call.waited


def test_a_log_without_agents_says_so_in_a_sentence():
    with pytest.raises(NothingToReplay, match=r"does not say who answered.*--catalog"):
        study(recorded(agents=False), 1)


def test_a_catalog_can_give_the_people_if_it_has_the_queues():
    agents = {"cleo": AgentDefinition(id="cleo", name="Cleo", profile="p")}
    queues = {name: Queue(id=name, label=name) for name in ("sales", "help")}
    recording = study(recorded(agents=False), 1, Catalog(queues=queues, agents=agents))
    assert (recording.people.source, recording.people.agents) == ("catalog", 1)
    with pytest.raises(NothingToReplay, match=r"no queue help \(for help\)"):
        study(recorded(agents=False), 1, Catalog(queues={"sales": queues["sales"]}, agents=agents))


def test_a_log_of_a_hundred_years_is_refused():
    calls = (answered("ann", 0, 10), answered("ann", 40_000 * DAY // SECOND, 10))
    with pytest.raises(NothingToReplay, match="goes over 40,000 days"):
        study(log(*calls), 1)


def test_a_log_without_any_call_for_an_agent_is_refused():
    empty = CallLog(name="empty.csv", mapping="", clock="", calls=(), rows=0)
    with pytest.raises(NothingToReplay, match=r"empty\.csv has no call"):
        study(empty, 1)
    with pytest.raises(NothingToReplay, match="does not say who answered"):
        study(log(abandoned(0, 10)), 1)
