"""How many passed each node of a flow today, and where callers hung up."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from reporting.flow_figures import FlowFigures, NodeFigures
from router.core import events as e
from router.core.catalog import ToMessage
from router.core.durations import DAY, HOUR, SECOND
from router.core.model import Contact, ContactState, Passed
from router.core.state import State

NOON = 1_700_481_600 * SECOND


class Log:
    def __init__(self):
        self.figures = FlowFigures(ZoneInfo("Europe/London"))
        self.at = NOON
        self.position = 0

    def say(self, *events):
        self.position += 1
        entry = e.Entry(position=self.position, at=self.at, cause="", by="", events=events)
        self.figures.handle(entry)

    def step(self, contact, node, *passed, turn=1):
        self.say(
            e.FlowAdvanced(
                contact=contact,
                sequence=turn,
                turn=turn,
                node=f"main/1/{node}",
                passed=tuple(passed),
                session=b"",
            )
        )

    def of(self, **contacts):
        state = State()
        for number, (name, node) in enumerate(contacts.items()):
            state.contacts[name] = Contact(
                id=name,
                number=number,
                channel="voice",
                direction="inbound",
                arrived_at=0,
                state=ContactState.IN_FLOW,
                flow_node=f"main/1/{node}",
            )
        return self.figures.of("main", state)


def passed(node, **given):
    return Passed(node=f"main/1/{node}", exit="next", **given)


def test_nodes_that_were_passed_and_where_somebody_stands():
    log = Log()
    log.step("k", "menu", passed("hello"))
    log.step("j", "menu", passed("hello"))
    found = log.of(k="menu", j="menu")
    assert found == {
        "1/hello": NodeFigures(passed=2),
        "1/menu": NodeFigures(now=2),
    }


def test_who_is_asked_again_has_not_passed():
    log = Log()
    log.step("k", "menu", passed("menu", again=True))
    assert log.of() == {}


def test_who_hangs_up_is_counted_where_they_stood_and_only_in_a_flow():
    log = Log()
    log.step("k", "menu")
    log.say(e.Abandoned(contact="k", sequence=2, waited=1))
    log.step("j", "menu")
    log.say(e.Overflowed(contact="j", sequence=2, to=ToMessage(text=""), cause="flow", queue=""))
    log.say(e.Abandoned(contact="j", sequence=3, waited=1))
    log.say(e.Abandoned(contact="nobody", sequence=3, waited=1))
    assert log.of() == {"1/menu": NodeFigures(left=1)}


def test_other_flows_are_told_apart():
    log = Log()
    log.step("k", "menu", passed("hello"))
    assert log.figures.of("mai", State()) == {}


def test_a_new_day_begins_with_nothing():
    log = Log()
    log.step("k", "menu", passed("hello"))
    log.at += 11 * HOUR
    log.step("k", "queue", passed("menu"), turn=2)
    assert log.of()["1/hello"].passed == 1
    log.at += DAY
    log.say()
    assert log.of() == {}
