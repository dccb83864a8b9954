"""What a flow may know of the centre, from the router's state."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ivr.core.facts import LocalTime
from ivr.world import Moment, customer_of
from router.core.catalog import CallbackOffer, Hours
from router.core.durations import SECOND
from router.core.model import CustomerRef, Message
from tests.unit.router.core.centre import Centre, agent, queue

MONDAY_NOON = 1_700_481_600 * SECOND  # 2023-11-20 12:00 UTC


class Shelf:
    def flow(self, flow, version):
        return None

    def version(self, flow, alias):
        return None


def moment(centre, at=MONDAY_NOON, zone="UTC"):
    contact = centre.contact("k")
    return Moment(centre.state, Shelf(), contact, ZoneInfo(zone), at)


def centre(**given):
    made = Centre(queue(callback=CallbackOffer()), queue("other"), agent("ann"), **given)
    made.arrive("k", queue="other")
    return made


def test_the_clock_is_the_one_on_the_centres_wall():
    assert moment(centre()).clock() == LocalTime(weekday=1, minute=12 * 60)
    assert moment(centre(), zone="Asia/Shanghai").clock() == LocalTime(weekday=1, minute=20 * 60)
    assert moment(centre(), zone="Pacific/Auckland").clock() == LocalTime(weekday=2, minute=60)


def test_hours_are_open_closed_a_holiday_or_unknown():
    opens = MONDAY_NOON - SECOND, MONDAY_NOON + SECOND
    off = MONDAY_NOON, MONDAY_NOON + 2 * SECOND
    office = Hours(id="office", spans=(opens,), until=MONDAY_NOON + 9 * SECOND, holidays=(off,))
    made = centre(hours={"office": office})
    assert moment(made).hours("office") == "open"
    assert moment(made, MONDAY_NOON + SECOND).hours("office") == "holiday"
    assert moment(made, MONDAY_NOON + 2 * SECOND).hours("office") == "closed"
    assert moment(made).hours("none") is None


def test_a_queue_is_staffed_by_those_who_are_ready_and_counts_who_waits():
    made = centre()
    assert moment(made).queue("none") is None
    empty = moment(made).queue("q")
    assert (empty.staffed, empty.length, empty.calls_back) == (False, 0, True)
    made.arrive("waiting")
    made.ready("ann")
    found = moment(made).queue("other")
    assert found.staffed
    assert not found.calls_back


def test_a_number_that_may_not_be_called_back_is_not_called_back():
    made = centre()
    assert moment(made).may_call("+100")
    assert not moment(made).may_call("anonymous")
    made.contact("k").dialable = False
    assert not moment(made).may_call("+100")
    assert moment(made).may_call("+200"), "another number is another question"


def test_the_customer_as_flows_see_them():
    known = customer_of(CustomerRef(id="c", name="María", tier="gold", value=7))
    assert (known.id, known.name, known.tier, known.value) == ("c", "María", "gold", 7)
    assert customer_of(None) is None


def test_what_the_customer_wrote_is_known_and_what_others_wrote_is_not():
    made = centre()
    made.contact("k").messages = [
        Message(id="1", author="customer", text="a refund", at=0),
        Message(id="2", author="agent", text="yes", at=1, agent="ann"),
        Message(id="3", author="system", text="please wait", at=2),
        Message(id="4", author="customer", text="thanks", at=3),
    ]
    assert moment(made).said() == ("a refund", "thanks")
