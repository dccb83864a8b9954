"""``ivr.entry``: the entry point and the choice decide, and a wrong key turns nobody away."""

import pytest
from msgspec.structs import replace

from ivr.entry import route
from router.core.catalog import Catalog, EntryPoint, Queue
from router.core.events import Rejected
from router.core.requirements import SkillAtLeast, Step
from router.ports import Arrival, Route, Through

STEPS = (Step(condition=SkillAtLeast(skill="es", level=3)),)
CATALOG = Catalog(
    queues={name: Queue(id=name, label=name) for name in ("sales", "billing")},
    entry_points={
        "line": EntryPoint(
            id="line",
            channel="voice",
            queue="sales",
            choices={"1": "billing", "2": "sales"},
            choice_labels={"2": "I want to buy"},
            steps=STEPS,
        ),
        "broken": EntryPoint(id="broken", channel="voice", queue="nowhere"),
    },
)


def arrival(entry_point="line", choice="", channel="voice"):
    return Arrival(contact="k", channel=channel, address="", entry_point=entry_point, choice=choice)


def test_a_choice_decides_the_queue_and_is_remembered():
    found = route(CATALOG, arrival(choice="1"))
    assert found == Route(queue="billing", steps=STEPS, attributes={"choice": "1"})


def test_a_choice_is_remembered_in_the_words_in_which_it_was_offered():
    found = route(CATALOG, arrival(choice="2"))
    assert isinstance(found, Route)
    assert found.attributes == {"choice": "2", "choice_label": "I want to buy"}


def test_an_arrival_that_names_its_queue_goes_there_and_past_the_flow():
    asked = replace(CATALOG.entry_points["line"], flow="main")
    catalog = replace(CATALOG, entry_points={"line": asked})
    assert route(catalog, replace(arrival(), queue="billing")) == Route(queue="billing")
    gone = route(catalog, replace(arrival(), queue="no longer there"))
    assert isinstance(gone, Through)


@pytest.mark.parametrize("choice", ["", "9", "1\n2", "x" * 10_000])
def test_no_choice_or_a_wrong_one_goes_to_the_entry_points_own_queue(choice):
    assert route(CATALOG, arrival(choice=choice)) == Route(queue="sales", steps=STEPS)


@pytest.mark.parametrize("wrong", [{"entry_point": "?"}, {"channel": "chat"}])
def test_a_wrong_way_in_is_refused_in_one_sentence(wrong):
    refusal = route(CATALOG, arrival(**wrong))
    assert isinstance(refusal, Rejected)
    assert refusal.code == "no_entry"
    assert refusal.reason.endswith(".")


def test_an_entry_point_without_a_queue_is_refused():
    assert isinstance(route(CATALOG, arrival(entry_point="broken")), Rejected)
