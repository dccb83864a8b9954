"""From the door to the queue: arrival, flow, identity, messages, leaving, callbacks."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from router.core import commands as c
from router.core import events as e
from router.core.catalog import MINUTE, SECOND, CallbackOffer
from router.core.checks import MAX_ATTRIBUTES, MAX_BOOST, MAX_ID, MAX_MESSAGES, MAX_STEPS, MAX_TEXT
from router.core.model import ContactState
from router.core.requirements import MAX_LEAVES, AllOf, Step
from tests.unit.router.core.centre import GOLD, Centre, agent, kinds, offers_of, only, queue, skill

CALLBACK = CallbackOffer(after=0, attempts=3, retry_after=10 * MINUTE)


def small() -> Centre:
    return Centre(agent("ann"), agent("ben"), queue(callback=CALLBACK))


# -- the door ---------------------------------------------------------------------------------


def test_a_contact_goes_from_the_door_through_a_flow_into_a_queue():
    centre = small()
    centre.do(c.Arrive(id="", contact="k", channel="chat", address="me", entry_point="site"))
    assert centre.contact("k").state is ContactState.ARRIVING
    centre.do(c.EnterFlow(id="", contact="k", flow="main"))
    assert (centre.contact("k").state, centre.contact("k").flow) == (ContactState.IN_FLOW, "main")
    centre.do(c.Enqueue(id="", contact="k", queue="q"))
    assert centre.contact("k").state is ContactState.QUEUED
    assert [event.sequence for entry in centre.log[1:] for event in entry.events] == [1, 2, 3]


def test_who_knows_the_matter_comes_first_in_whatever_queue_it_goes_to():
    centre = small()
    for contact, given in (("k", None), ("l", 9 * SECOND)):
        arrive = c.Arrive(id="", contact=contact, channel="email", preferred=("ben", "nobody"))
        centre.do(arrive if given is None else replace(arrive, preferred_for=given))
        centre.do(c.EnterFlow(id="", contact=contact, flow="main"))
    usual, told = (
        only(centre.do(c.Enqueue(id="", contact=contact, queue="q")), e.Enqueued)
        for contact in ("k", "l")
    )
    assert usual.preferred == told.preferred == ("ben",)
    assert told.preferred_until - centre.at == 9 * SECOND
    assert usual.preferred_until - centre.at == centre.core.state.catalog.queues["q"].preferred_for
    too_long = c.Arrive(id="", contact="m", channel="email", preferred_for=-1)
    assert centre.refused(too_long) == "invalid"


def test_one_id_is_one_contact_while_it_lives():
    centre = small()
    arrive = c.Arrive(id="", contact="k", channel="voice")
    centre.do(arrive)
    assert centre.refused(arrive) == "duplicate"
    centre.do(c.Abandon(id="", contact="k"))
    assert kinds(centre.do(arrive)) == ["ContactArrived"]


@pytest.mark.parametrize(
    "bad",
    [
        {"contact": ""},
        {"contact": "k" * (MAX_ID + 1)},
        {"channel": ""},
        {"channel": "v" * (MAX_ID + 1)},
        {"address": "a" * 2_001},
        {"attributes": {str(n): "" for n in range(MAX_ATTRIBUTES + 1)}},
        {"attributes": {"": "x"}},
        {"attributes": {"n" * (MAX_ID + 1): "x"}},
        {"attributes": {"n": "x" * 2_001}},
    ],
)
def test_an_arrival_is_bounded(bad: dict[str, object]):
    fields = {"contact": "k", "channel": "voice", **bad}
    assert small().refused(c.Arrive(id="", **fields)) == "invalid"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"queue": "nowhere"}, "unknown_queue"),
        ({"boost": MAX_BOOST + 1}, "invalid"),
        ({"boost": -MAX_BOOST - 1}, "invalid"),
        ({"steps": (Step(),) * (MAX_STEPS + 1)}, "invalid"),
        ({"steps": (Step(condition=AllOf(of=(skill("x"),) * (MAX_LEAVES + 1))),)}, "invalid"),
        ({"steps": (Step(condition=skill("x", 11)),)}, "invalid"),
        ({"attributes": {"": ""}}, "invalid"),
        ({"contact": "stranger"}, "unknown_contact"),
    ],
)
def test_what_a_contact_asks_for_is_bounded(bad: dict[str, object], code: str):
    centre = small()
    centre.do(c.Arrive(id="", contact="k", channel="voice"))
    fields = {"contact": "k", "queue": "q", **bad}
    assert centre.refused(c.Enqueue(id="", **fields)) == code


def test_a_contact_is_enqueued_once_and_flows_come_before():
    centre = small()
    centre.arrive("k")
    assert centre.refused(c.Enqueue(id="", contact="k", queue="q")) == "wrong_state"
    assert centre.refused(c.EnterFlow(id="", contact="k", flow="main")) == "wrong_state"


def test_an_identification_can_be_taken_back_at_any_time():
    centre = small()
    centre.do(c.Arrive(id="", contact="k", channel="voice"))
    centre.do(c.IdentifyCustomer(id="", contact="k", customer=GOLD))
    assert centre.contact("k").customer == GOLD
    centre.do(c.IdentifyCustomer(id="", contact="k", customer=None))
    assert centre.contact("k").customer is None


# -- editing ----------------------------------------------------------------------------------


def test_attributes_can_be_edited_at_any_time_and_demands_only_while_waiting():
    centre = small()
    centre.ready("ann")
    centre.talk("k")
    centre.do(c.EditContact(id="", contact="k", attributes={"topic": "x"}))
    assert centre.contact("k").attributes["topic"] == "x"
    edit = c.EditContact(id="", contact="k", steps=(Step(),))
    assert centre.refused(edit) == "wrong_state"
    assert centre.refused(c.EditContact(id="", contact="k", preferred=("ann",))) == "wrong_state"


def test_an_edit_is_taken_whole_or_not_at_all():
    centre = small()
    centre.arrive("k")
    edit = c.EditContact(
        id="", contact="k", attributes={"a": "b"}, steps=(Step(condition=skill("x", 99)),)
    )
    assert centre.refused(edit) == "invalid"


def test_attributes_do_not_grow_past_the_limit_by_edits():
    centre = small()
    centre.do(
        c.Arrive(
            id="",
            contact="k",
            channel="voice",
            attributes={str(n): "" for n in range(MAX_ATTRIBUTES)},
        )
    )
    more = c.EditContact(id="", contact="k", attributes={"one more": ""})
    assert centre.refused(more) == "invalid"
    centre.do(c.EditContact(id="", contact="k", attributes={"0": "new"}))


# -- messages ---------------------------------------------------------------------------------


def say(text: str = "hello", message: str = "m1", **given: object) -> c.PostMessage:
    return c.PostMessage(
        id="", contact="k", message=message, text=text, **{"author": "customer", **given}
    )


def test_messages_are_kept_in_order_with_their_time():
    centre = small()
    centre.arrive("k", "chat")
    centre.do(say("one", "m1"))
    centre.wait(2)
    centre.do(say("two", "m2", author="agent", agent="ann"))
    said = centre.contact("k").messages
    assert [(one.text, one.author, one.agent) for one in said] == [
        ("one", "customer", ""),
        ("two", "agent", "ann"),
    ]
    assert said[1].at - said[0].at == 2 * SECOND


def test_the_thread_is_open_from_the_door_until_the_contact_is_over():
    centre = small()
    centre.do(c.Arrive(id="", contact="k", channel="chat"))
    centre.do(say())
    centre.do(c.Abandon(id="", contact="k"))
    assert centre.refused(say()) == "unknown_contact"


@pytest.mark.parametrize(
    "bad", [say(""), say(" \n"), say("x" * (MAX_TEXT + 1)), say(message="m" * (MAX_ID + 1))]
)
def test_a_message_has_some_text_and_not_too_much(bad: c.PostMessage):
    centre = small()
    centre.arrive("k", "chat")
    assert centre.refused(bad) == "invalid"


def test_a_conversation_holds_so_many_messages():
    centre = small()
    centre.arrive("k", "chat")
    centre.contact("k").messages.extend([None] * (MAX_MESSAGES - 1))  # type: ignore[list-item]
    centre.do(say())
    assert centre.core.handle(say(), centre.at).code == "too_many"


# -- abandoning -------------------------------------------------------------------------------


def waited(events: list[e.Event]) -> int:
    return only(events, e.Abandoned).waited


def test_a_customer_may_leave_at_every_step_before_an_answer():
    for state in ("arriving", "in_flow", "queued", "offered", "callback_promised"):
        centre = small()
        centre.do(c.Arrive(id="", contact="k", channel="voice"))
        if state == "in_flow":
            centre.do(c.EnterFlow(id="", contact="k", flow="f"))
        elif state != "arriving":
            centre.do(c.Enqueue(id="", contact="k", queue="q"))
        if state == "offered":
            centre.ready("ann")
        elif state == "callback_promised":
            centre.do(c.PromiseCallback(id="", contact="k", address="+1"))
        assert centre.contact("k").state == state
        centre.wait(3)
        assert waited(centre.do(c.Abandon(id="", contact="k"))) >= 3 * SECOND
        assert "k" not in centre.state.contacts
        assert centre.line() == []


def test_leaving_while_it_rings_frees_everybody_it_rang_at():
    centre = Centre(queue(strategy="ring_all"), agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.arrive("next")
    happened = centre.do(c.Abandon(id="", contact="k"))
    reasons = [one.reason for one in happened if isinstance(one, e.OfferRescinded)]
    assert reasons == ["abandoned", "abandoned"]
    assert {who for _, who in offers_of(happened)} == {"ann", "ben"}


def test_leaving_after_a_transfer_is_leaving_the_new_queue():
    centre = Centre(agent("ann"), queue(wrap_up=MINUTE), queue("r"))
    centre.ready("ann")
    centre.talk("k")
    centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
    left = only(centre.do(c.Abandon(id="", contact="k")), e.Abandoned)
    assert left.queue == "r"
    assert "k" in centre.state.contacts, "ann still writes it up"
    centre.do(c.FinishWrapUp(id="", contact="k", agent="ann"))
    assert "k" not in centre.state.contacts


@pytest.mark.parametrize("hold", [False, True])
def test_who_is_with_an_agent_cannot_abandon(hold: bool):
    centre = small()
    centre.ready("ann")
    centre.talk("k")
    if hold:
        centre.do(c.Hold(id="", contact="k"))
    assert centre.refused(c.Abandon(id="", contact="k")) == "wrong_state"


# -- callbacks --------------------------------------------------------------------------------


def promised(centre: Centre, contact: str = "k") -> None:
    centre.do(c.PromiseCallback(id="", contact=contact, address="+34600"))


def test_a_promised_callback_keeps_its_place_and_is_not_overtaken():
    centre = small()
    centre.arrive("first")
    centre.wait(5)
    centre.arrive("second")
    centre.wait(5)
    promised(centre, "first")
    centre.arrive("third", boost=SECOND)
    assert centre.line() == ["first", "second", "third"]
    centre.ready("ann")
    assert centre.ringing("first") == ["ann"], "offered to an agent before anybody is dialled"
    assert centre.contact("first").state is ContactState.OFFERED


def test_a_customer_who_is_reached_is_handled_like_any_other():
    centre = small()
    centre.arrive("k")
    promised(centre)
    centre.ready("ann")
    centre.accept("k")
    assert kinds(centre.end("k")) == ["ContactEnded", "AgentReleased", "Completed"]


def test_a_customer_who_is_not_reached_is_tried_again_later_in_the_old_place():
    centre = small()
    centre.arrive("k")
    centre.wait(60)
    promised(centre)
    place = centre.contact("k").waiting_since
    centre.ready("ann")
    centre.accept("k")
    happened = centre.do(c.FailCallback(id="", contact="k"))
    resumed = only(happened, e.CallbackResumed)
    assert (resumed.callback.attempts, resumed.reason) == (1, "no_answer")
    assert centre.agent("ann").slots == {}, "free at once, nothing to write up"
    assert centre.contact("k").state is ContactState.CALLBACK_PROMISED
    centre.arrive("other")
    assert centre.ringing("other") == ["ann"], "a callback that pauses holds up nobody"
    centre.accept("other")
    centre.ready("ben")
    assert centre.ringing("k") == []
    happened = centre.wait(10 * 60)
    assert only(happened, e.CallbackDue)
    assert centre.ringing("k") == ["ben"]
    assert centre.contact("k").waiting_since == place


def test_a_callback_that_comes_back_stands_where_it_stood():
    centre = small()
    centre.arrive("k")
    promised(centre)
    centre.ready("ann")
    centre.accept("k")
    centre.arrive("later")
    centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    centre.do(c.FailCallback(id="", contact="k"))
    centre.wait(10 * 60)
    assert centre.line() == ["k", "later"]
    centre.do(c.SetReady(id="", agent="ann"))
    assert centre.ringing("k") == ["ann"]


def test_a_callback_is_given_up_after_its_attempts():
    centre = small()
    centre.arrive("k")
    promised(centre)
    centre.ready("ann")
    for attempt in (1, 2, 3):
        centre.accept("k")
        happened = centre.do(c.FailCallback(id="", contact="k"))
        if attempt < 3:
            centre.wait(10 * 60)
    assert only(happened, e.Completed).reason == "callback_failed"
    assert "k" not in centre.state.contacts


def test_an_agent_who_does_not_take_it_is_no_failed_attempt():
    centre = small()
    centre.arrive("k")
    promised(centre)
    centre.ready("ann", "ben")
    happened = centre.reject("k")
    resumed = only(happened, e.CallbackResumed)
    assert (resumed.callback.attempts, resumed.reason) == (0, "rejected")
    assert centre.ringing("k") == ["ben"]
    happened = centre.wait(20)
    assert only(happened, e.CallbackResumed).reason == "missed"
    assert centre.contact("k").callback.attempts == 0


def test_who_gives_a_callback_back_is_not_offered_it_at_once():
    centre = small()
    centre.arrive("k")
    promised(centre)
    centre.ready("ann")
    centre.accept("k")
    centre.do(c.FailConnection(id="", contact="k"))
    assert centre.contact("k").state is ContactState.CALLBACK_PROMISED
    assert centre.ringing("k") == []
    assert offers_of(centre.wait(30)) == [("k", "ann")]


@pytest.mark.parametrize("how", ["requeue", "to_queue", "to_agent"])
def test_once_reached_nothing_is_promised_any_more(how: str):
    centre = Centre(agent("ann"), agent("ben"), queue(callback=CALLBACK), queue("r"))
    centre.arrive("k")
    promised(centre)
    centre.ready("ann")
    centre.accept("k")
    centre.ready("ben")
    match how:
        case "requeue":
            centre.do(c.Requeue(id="", contact="k"))
        case "to_queue":
            centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
        case "to_agent":
            centre.do(c.TransferToAgent(id="", contact="k", agent="ben"))
    assert centre.contact("k").callback is None
    assert centre.ringing("k") == ["ben"]
    assert only(centre.reject("k"), e.Returned)
    assert centre.contact("k").state is ContactState.QUEUED


def test_a_supervisor_may_move_a_callback_and_it_stays_promised():
    centre = Centre(agent("ann"), queue(callback=CALLBACK), queue("r"))
    centre.arrive("k")
    promised(centre)
    centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
    assert centre.contact("k").state is ContactState.CALLBACK_PROMISED
    centre.ready("ann")
    assert centre.ringing("k") == ["ann"]


def test_a_callback_is_promised_only_as_the_queue_offers_it():
    centre = Centre(agent("ann"), queue(), queue("r", callback=CallbackOffer(after=MINUTE)))
    promise = c.PromiseCallback(id="", contact="k", address="+1")
    centre.arrive("k")
    assert centre.refused(promise) == "no_callback"
    centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
    centre.wait(59)
    assert centre.refused(promise) == "too_early"
    centre.wait(1)
    assert kinds(centre.do(promise)) == ["CallbackPromised"]
    assert centre.refused(promise) == "wrong_state"


@pytest.mark.parametrize(
    "address",
    ["", "+", "1" * 21, "mei@example.com", "Mei", "+1\n", "1;2", "+44 1632", "++1", "١٢٣"],
)
def test_a_callback_needs_a_number(address: str):
    centre = small()
    centre.arrive("k")
    assert centre.refused(c.PromiseCallback(id="", contact="k", address=address)) == "invalid"


def test_only_a_callback_in_hand_can_fail():
    centre = small()
    centre.arrive("k")
    fail = c.FailCallback(id="", contact="k")
    assert centre.refused(fail) == "wrong_state"
    promised(centre)
    assert centre.refused(fail) == "wrong_state"
    centre.ready("ann")
    assert centre.refused(fail) == "wrong_state"
    centre.accept("k")
    centre.do(c.Hold(id="", contact="k"))
    assert centre.refused(fail) == "wrong_state"
