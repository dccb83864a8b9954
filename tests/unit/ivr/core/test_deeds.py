"""``ivr.core.deeds``: what nodes do that ask the customer nothing."""

import msgspec
import pytest

from ivr.core.deeds import share_drawn
from ivr.core.facts import Customer
from ivr.core.nodes import (
    Announcement,
    HangUp,
    SetValues,
    Split,
    Stage,
    ToQueue,
    TransferOut,
    Voicemail,
)
from ivr.core.session import (
    Announced,
    ConnectTo,
    FindCustomer,
    Finished,
    Identified,
    Line,
    LookedUp,
    Queued,
    TakeMessage,
)
from ivr.core.values import MAX_ATTRIBUTES
from router.core.durations import MINUTE, SECOND
from router.core.requirements import ANYONE, SkillAtLeast, Step
from tests.unit.ivr.core.callers import (
    LOOK_UP,
    MENU,
    WHO,
    Caller,
    flow,
    prompt,
)


def test_a_split_is_the_same_for_the_same_contact_and_fair_to_all():
    split = Split(shares={"a": 30, "b": 70}, exits={"a": "help", "b": "bye"})
    ways = [Caller(flow(split=split), contact=f"k{n}").walked[0][1] for n in range(1_000)]
    assert ways == [Caller(flow(split=split), contact=f"k{n}").walked[0][1] for n in range(1_000)]
    assert 250 < ways.count("a") < 350


def test_the_order_in_which_shares_are_written_changes_nothing():
    split = Split(shares={"a": 30, "b": 70}, exits={"a": "help", "b": "bye"})
    turned = msgspec.structs.replace(split, shares={"b": 70, "a": 30})
    for number in range(50):
        one, other = (Caller(flow(split=s), contact=f"k{number}") for s in (split, turned))
        assert one.walked == other.walked


def test_a_share_of_nothing_gets_nobody():
    split = Split(shares={"a": 0, "b": 100}, exits={"a": "help", "b": "bye"})
    assert {Caller(flow(split=split), contact=f"k{n}").walked[0][1] for n in range(500)} == {"b"}


def test_each_split_draws_for_itself():
    drawn = [(share_drawn(f"k{n}", "f", "a"), share_drawn(f"k{n}", "f", "b")) for n in range(200)]
    assert sum(one == other for one, other in drawn) < 10


# -- customers and systems ------------------------------------------------------------------------


def test_looking_for_the_customer_is_left_to_the_caller():
    assert Caller(flow(who=WHO)).asked == FindCustomer(
        by_address=True, wanted="+15550100", within=2 * SECOND
    )


@pytest.mark.parametrize(("count", "way"), [(0, "not_found"), (1, "found"), (2, "several")])
def test_only_one_is_certain(count, way):
    caller = Caller(flow(who=WHO))
    people = tuple(Customer(id=f"c{n}") for n in range(count))
    caller.does(Identified(turn=caller.session.turn, customers=people))
    assert caller.walked[0] == ("who", way)
    assert caller.session.customer == (people[0] if count == 1 else None)


def test_of_an_answer_only_what_is_asked_for_is_taken():
    caller = Caller(flow(ask=LOOK_UP))
    lies = {"balance_due": "12\x00\n3" + "9" * 5_000, "tier": "gold", "admin": "yes"}
    caller.does(LookedUp(turn=caller.session.turn, result="found", answer=lies))
    assert list(caller.session.attributes) == ["balance"]
    assert len(caller.session.attributes["balance"]) == 2_000
    assert caller.session.attributes["balance"].startswith("12 39")


def test_a_look_up_that_hangs_has_failed():
    caller = Caller(flow(ask=LOOK_UP))
    caller.is_silent()
    assert caller.walked[0] == ("ask", "failed")


def test_what_is_found_by_a_failed_look_up_is_not_taken():
    caller = Caller(flow(ask=LOOK_UP))
    caller.does(LookedUp(turn=caller.session.turn, result="failed", answer={"balance_due": "1"}))
    assert caller.session.attributes == {}


# -- writing down ---------------------------------------------------------------------------------


def test_values_are_set_for_routing():
    steps = (Stage(ask=SkillAtLeast(skill="english"), lasts=5 * SECOND), Stage())
    values = SetValues(
        attributes={"note": "from {address}"},
        language="zh",
        credit=-30 * SECOND,
        steps=steps,
        preferred=("ann", "{nobody}", "ann"),
        exits={"next": "help"},
    )
    caller = Caller(flow(values=values))
    session = caller.session
    assert session.for_routing == {"note": "from +15550100", "language": "zh"}
    assert (session.boost, session.preferred) == (-30 * SECOND, ("ann",))
    demanded = (
        Step(condition=SkillAtLeast(skill="english"), lasts=5 * SECOND),
        Step(condition=ANYONE),
    )
    assert session.steps == demanded
    assert session.outcome == Queued(queue="support", steps=demanded)


def test_a_contact_has_no_more_attributes_than_it_may():
    many = SetValues(attributes={f"a{n}": "x" for n in range(100)}, exits={"next": "help"})
    attributes = {f"given{n}": "x" for n in range(100)}
    session = Caller(flow(many=many), attributes=attributes).session
    assert list(session.attributes) == [f"given{n}" for n in range(MAX_ATTRIBUTES)]


def test_the_language_is_the_callers_when_the_flow_speaks_it():
    languages = {"zh-CN": "zh", "ZH": "zh", "fr": "en", "": "en"}
    for asked, spoken in languages.items():
        assert Caller(flow(menu=MENU), language=asked).session.language == spoken
    chinese = Customer(id="c", language="zh")
    assert Caller(flow(menu=MENU), customer=chinese).session.language == "zh"


# -- ends -----------------------------------------------------------------------------------------


def test_a_queue_takes_its_own_steps_and_options():
    waiting = (
        Announcement(say=prompt("Please wait, {address}"), after=9 * SECOND, every=MINUTE),
        Announcement(say={}),
    )
    words = Line(text="Please wait, +15550100", language="en")
    told = Announced(say=words, after=9 * SECOND, every=MINUTE)
    queue = ToQueue(
        queue="support",
        steps=(Stage(),),
        announcements=waiting,
        offer_callback=True,
        say=prompt("Hi"),
    )
    assert Caller(flow(queue=queue)).outcome == Queued(
        queue="support",
        steps=(Step(),),
        announced=(told,),
        offer_callback=True,
        say=(Line(text="Hi", language="en"),),
    )


@pytest.mark.parametrize(
    ("node", "outcome"),
    [
        (Voicemail(box="office"), TakeMessage(box="office")),
        (TransferOut(number="+15550199"), ConnectTo(number="+15550199")),
        (HangUp(), Finished()),
    ],
)
def test_other_ends(node, outcome):
    assert Caller(flow(end=node)).outcome == outcome
