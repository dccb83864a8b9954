"""Asking a colleague: consult, warm transfer, conference."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import SECOND
from router.core.model import ContactState, SlotState
from tests.unit.router.core.centre import Centre, agent, kinds, offers_of, only, profile, queue


def talking(**rules) -> Centre:
    """Ann talks with ``k``; ben, chi and dora are ready."""
    names = ("ann", "ben", "chi", "dora")
    centre = Centre(queue(**rules), *(agent(name) for name in names))
    centre.ready(*names)
    centre.talk("k")
    return centre


def ask(centre: Centre, who: str = "ben", consult: str = "ask") -> list[e.Event]:
    return centre.do(c.Consult(id="", contact="k", consult=consult, agent=who))


def asked(**rules) -> Centre:
    """Ann has ben on the line about ``k``."""
    centre = talking(**rules)
    ask(centre)
    centre.accept("ask")
    return centre


# -- consulting -------------------------------------------------------------------------------


def test_the_customer_holds_while_a_colleague_is_asked():
    centre = talking()
    happened = ask(centre)
    assert kinds(happened) == ["Held", "ConsultStarted", "ContactArrived", "Enqueued", "Offered"]
    arrived = only(happened, e.ContactArrived)
    assert (arrived.direction, arrived.parent, arrived.channel) == ("internal", "k", "voice")
    assert only(happened, e.Offered).why.reason == "named"
    assert centre.contact("k").state is ContactState.HELD
    assert centre.contact("k").consult == "ask"


def test_a_queue_can_be_asked_and_never_rings_at_who_is_on_the_contact():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.talk("k")
    centre.do(c.SetNotReady(id="", agent="ben", reason="break"))
    centre.do(c.Consult(id="", contact="k", consult="ask", queue="q"))
    centre.wait(3_600)
    assert centre.ringing("ask") == []
    centre.do(c.SetReady(id="", agent="ben"))
    assert centre.ringing("ask") == ["ben"]


def test_a_consultation_comes_before_contacts_that_wait():
    centre = Centre(agent("ann"), agent("ben"))
    centre.ready("ann")
    centre.arrive("k")
    centre.accept("k")
    centre.wait(60)
    centre.arrive("waiting")
    centre.wait(20)
    centre.do(c.Consult(id="", contact="k", consult="ask", queue="q"))
    centre.ready("ben")
    assert centre.ringing("ask") == ["ben"]


@pytest.mark.parametrize("how", ["reject", "miss", "leave", "never free"])
def test_a_colleague_who_does_not_answer_ends_the_consultation(how: str):
    centre = talking()
    if how == "never free":
        centre.talk("busy")
    ask(centre)
    match how:
        case "reject":
            happened = centre.reject("ask")
        case "leave":
            happened = centre.do(c.SignOut(id="", agent="ben"))
        case _:
            happened = centre.wait(20)
    assert only(happened, e.ConsultEnded).reason == "refused"
    assert offers_of(happened) == [], "nobody else is asked"
    assert "ask" not in centre.state.contacts
    assert (centre.contact("k").state, centre.contact("k").consult) == (ContactState.HELD, "")


def test_a_colleagues_phone_rings_out_however_late_it_began():
    centre = talking(offer_for=20 * SECOND)
    centre.talk("busy")
    ask(centre)
    centre.wait(15)
    centre.end("busy")
    assert centre.ringing("ask") == ["ben"]
    centre.wait(19)
    assert centre.ringing("ask") == ["ben"]
    assert only(centre.wait(1), e.ConsultEnded).reason == "refused"


def test_a_colleague_whose_profile_has_no_such_channel_cannot_be_asked_in_it():
    centre = Centre(
        profile(), profile("mail", capacity={"email": 1}), agent("ann"), agent("ben", "mail")
    )
    centre.ready("ann", "ben")
    centre.talk("k")
    assert only(ask(centre), e.ConsultEnded).reason == "refused"


def test_cancelling_a_consultation_that_rings_or_talks_frees_the_colleague():
    for answered in (False, True):
        centre = talking(wrap_up=30 * SECOND)
        ask(centre)
        if answered:
            centre.accept("ask")
        happened = centre.do(c.CancelConsult(id="", contact="k"))
        assert only(happened, e.ConsultEnded).reason == "cancelled"
        assert only(happened, e.Completed).reason == "consult_ended"
        assert centre.agent("ben").slots == {}, "nothing to write up"
        assert centre.refused(c.CancelConsult(id="", contact="k")) == "wrong_state"


def test_the_colleague_may_end_it_and_the_customer_holds_on():
    centre = asked()
    happened = centre.end("ask")
    assert only(happened, e.ConsultEnded).reason == "ended"
    assert centre.contact("k").state is ContactState.HELD


def test_abandoning_a_consultation_is_cancelling_it():
    centre = talking()
    ask(centre)
    assert only(centre.do(c.Abandon(id="", contact="ask")), e.ConsultEnded).reason == "cancelled"


def test_a_customer_who_hangs_up_ends_the_consultation_too():
    centre = asked()
    happened = centre.end("k", "customer")
    assert only(happened, e.ConsultEnded).reason == "ended"
    assert set(centre.state.contacts) == set()
    assert centre.agent("ben").slots == centre.agent("ann").slots == {}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "invalid"),
        ({"agent": "ben", "queue": "q"}, "invalid"),
        ({"agent": "ann"}, "invalid"),
        ({"agent": "nobody"}, "unknown_agent"),
        ({"queue": "nowhere"}, "unknown_queue"),
        ({"agent": "ben", "consult": ""}, "invalid"),
        ({"agent": "ben", "consult": "k"}, "invalid"),
        ({"agent": "ben", "consult": "x" * 129}, "invalid"),
        ({"agent": "ben", "contact": "none"}, "unknown_contact"),
    ],
)
def test_a_consultation_asks_one_colleague_or_one_queue(fields: dict[str, str], code: str):
    centre = talking()
    assert centre.refused(c.Consult(id="", **{"contact": "k", "consult": "ask", **fields})) == code


def test_one_consultation_at_a_time_and_none_about_a_consultation():
    centre = asked()
    again = c.Consult(id="", contact="k", consult="more", agent="chi")
    assert centre.refused(again) == "wrong_state"
    about = c.Consult(id="", contact="ask", consult="more", agent="chi")
    assert centre.refused(about) == "wrong_state"


def test_who_still_writes_the_contact_up_is_not_asked_about_it():
    centre = talking(wrap_up=30 * SECOND)
    centre.do(c.TransferToAgent(id="", contact="k", agent="ben"))
    centre.accept("k")
    command = c.Consult(id="", contact="k", consult="ask", agent="ann")
    assert centre.refused(command) == "wrong_state"


@pytest.mark.parametrize(
    "command",
    [
        c.Requeue(id="", contact="k"),
        c.TransferToQueue(id="", contact="k", queue="q"),
        c.TransferToAgent(id="", contact="k", agent="chi"),
        c.TransferOut(id="", contact="k", address="+1"),
        c.Reassign(id="", contact="k", agent="chi"),
        c.FailConnection(id="", contact="k"),
        c.Requeue(id="", contact="ask"),
        c.TransferToQueue(id="", contact="ask", queue="q"),
        c.Reassign(id="", contact="ask", agent="chi"),
        c.Pull(id="", contact="ask", agent="chi"),
        c.FailConnection(id="", contact="ask"),
        c.PromiseCallback(id="", contact="ask", address="+1"),
    ],
)
def test_a_contact_with_a_consultation_stays_where_it_is(command: c.Command):
    assert asked().refused(command) == "wrong_state"


# -- warm transfer ----------------------------------------------------------------------------


def test_a_warm_transfer_gives_the_customer_to_the_colleague():
    centre = asked(wrap_up=30 * SECOND)
    happened = centre.do(c.CompleteTransfer(id="", contact="k"))
    assert kinds(happened) == ["AgentReleased", "AgentJoined", "ConsultEnded", "Completed"]
    assert only(happened, e.ConsultEnded).reason == "transferred"
    assert only(happened, e.Completed).reason == "merged"
    contact = centre.contact("k")
    assert (contact.agent, contact.state) == ("ben", ContactState.CONNECTED)
    assert centre.agent("ben").slots["k"].state is SlotState.ACTIVE
    assert centre.agent("ann").slots["k"].state is SlotState.WRAPPING
    assert "ask" not in centre.state.contacts


def test_it_takes_a_colleague_who_has_answered():
    centre = talking()
    assert centre.refused(c.CompleteTransfer(id="", contact="k")) == "wrong_state"
    ask(centre)
    assert centre.refused(c.CompleteTransfer(id="", contact="k")) == "wrong_state"
    assert centre.refused(c.Conference(id="", contact="k")) == "wrong_state"


def test_what_waits_for_the_freed_agent_comes_at_once():
    centre = asked()
    for name in ("chi", "dora"):
        centre.do(c.SetNotReady(id="", agent=name, reason="break"))
    centre.arrive("next")
    assert offers_of(centre.do(c.CompleteTransfer(id="", contact="k"))) == [("next", "ann")]


# -- conference -------------------------------------------------------------------------------


def conference(**rules) -> Centre:
    centre = asked(**rules)
    centre.do(c.Conference(id="", contact="k"))
    return centre


def test_a_conference_brings_all_three_together():
    centre = conference()
    contact = centre.contact("k")
    assert (contact.agent, contact.participants) == ("ann", ("ben",))
    assert contact.state is ContactState.CONNECTED
    assert {centre.agent(name).slots["k"].state for name in ("ann", "ben")} == {SlotState.ACTIVE}


def test_hold_holds_for_everybody_on_it():
    centre = conference()
    centre.do(c.Hold(id="", contact="k"))
    assert {centre.agent(name).slots["k"].state for name in ("ann", "ben")} == {SlotState.HELD}
    centre.do(c.Retrieve(id="", contact="k"))
    assert {centre.agent(name).slots["k"].state for name in ("ann", "ben")} == {SlotState.ACTIVE}


def test_when_the_holder_leaves_the_next_becomes_the_holder():
    centre = conference(wrap_up=30 * SECOND)
    happened = centre.do(c.LeaveConference(id="", contact="k", agent="ann"))
    assert kinds(happened) == ["AgentReleased", "HolderChanged"]
    contact = centre.contact("k")
    assert (contact.agent, contact.participants, contact.wrapping) == ("ben", (), ("ann",))
    assert contact.state is ContactState.CONNECTED


def test_when_a_participant_leaves_the_holder_stays():
    centre = conference()
    happened = centre.do(c.LeaveConference(id="", contact="k", agent="ben"))
    assert kinds(happened) == ["AgentReleased"]
    assert (centre.contact("k").agent, centre.contact("k").participants) == ("ann", ())


def test_more_than_one_colleague_may_join():
    centre = conference()
    ask(centre, "chi", "ask2")
    centre.accept("ask2")
    assert centre.refused(c.CompleteTransfer(id="", contact="k")) == "wrong_state"
    leave = c.LeaveConference(id="", contact="k", agent="ann")
    assert centre.refused(leave) == "wrong_state", "the consultation comes first"
    centre.do(c.Conference(id="", contact="k"))
    assert centre.contact("k").participants == ("ben", "chi")
    centre.do(c.LeaveConference(id="", contact="k", agent="ann"))
    assert (centre.contact("k").agent, centre.contact("k").participants) == ("ben", ("chi",))


def test_a_participant_may_leave_while_the_holder_asks_somebody_else():
    centre = conference()
    ask(centre, "chi", "ask2")
    centre.accept("ask2")
    happened = centre.do(c.LeaveConference(id="", contact="k", agent="ben"))
    assert kinds(happened) == ["AgentReleased"]
    assert centre.agent("ben").slots == {}
    centre.do(c.CompleteTransfer(id="", contact="k"))
    assert (centre.contact("k").agent, centre.contact("k").participants) == ("chi", ())


def test_ending_a_conference_frees_everybody_and_is_over_when_all_have_written_it_up():
    centre = conference(wrap_up=30 * SECOND)
    happened = centre.end("k")
    assert [one.agent for one in happened if isinstance(one, e.AgentReleased)] == ["ann", "ben"]
    assert kinds(centre.do(c.FinishWrapUp(id="", contact="k", agent="ann"))) == ["WrapUpFinished"]
    assert centre.contact("k").state is ContactState.WRAPPING
    happened = centre.do(c.FinishWrapUp(id="", contact="k", agent="ben"))
    assert kinds(happened) == ["WrapUpFinished", "Completed"]


@pytest.mark.parametrize("who", ["chi", "nobody"])
def test_only_who_is_in_a_conference_can_leave_it(who: str):
    leave = c.LeaveConference(id="", contact="k", agent=who)
    assert conference().refused(leave) == "wrong_state"
    assert talking().refused(c.LeaveConference(id="", contact="k", agent="ann")) == "wrong_state"


@pytest.mark.parametrize(
    "command",
    [
        c.Requeue(id="", contact="k"),
        c.TransferToQueue(id="", contact="k", queue="q"),
        c.TransferToAgent(id="", contact="k", agent="chi"),
        c.TransferOut(id="", contact="k", address="+1"),
        c.Reassign(id="", contact="k", agent="chi"),
        c.FailConnection(id="", contact="k"),
    ],
)
def test_nobody_takes_the_customer_away_from_a_conference(command: c.Command):
    assert conference().refused(command) == "wrong_state"
