"""What agents do with a contact in hand: hold, end, give back, transfer, write it up."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import MINUTE, SECOND
from router.core.model import Author, ContactState, SlotState
from tests.unit.router.core.centre import (
    Centre,
    agent,
    kinds,
    offers_of,
    only,
    profile,
    queue,
    skill,
    steps,
)


def talking(*parts, contact: str = "k") -> Centre:
    """Ann talks with ``k``; ben is ready."""
    centre = Centre(*(parts or (queue(), queue("r"))), agent("ann"), agent("ben"))
    centre.ready("ann", "ben")
    centre.talk(contact)
    return centre


# -- hold and end -----------------------------------------------------------------------------


def test_holding_and_retrieving_goes_back_and_forth():
    centre = talking()
    centre.do(c.Hold(id="", contact="k"))
    assert centre.contact("k").state is ContactState.HELD
    assert centre.agent("ann").slots["k"].state is SlotState.HELD
    assert centre.refused(c.Hold(id="", contact="k")) == "wrong_state"
    centre.do(c.Retrieve(id="", contact="k"))
    assert centre.agent("ann").slots["k"].state is SlotState.ACTIVE
    assert centre.refused(c.Retrieve(id="", contact="k")) == "wrong_state"


@pytest.mark.parametrize("held", [False, True])
def test_ending_releases_the_agent_also_from_hold(held: bool):
    centre = talking()
    if held:
        centre.do(c.Hold(id="", contact="k"))
    happened = centre.end("k", "customer")
    assert kinds(happened) == ["ContactEnded", "AgentReleased", "Completed"]
    assert only(happened, e.ContactEnded).ended_by == "customer"
    assert centre.agent("ann").slots == {}
    assert "k" not in centre.state.contacts


def wrote(centre: Centre, line: str, author: Author = "customer") -> None:
    speaker = "ann" if author == "agent" else ""
    centre.do(
        c.PostMessage(id="", contact="k", message=line, author=author, text="hm", agent=speaker)
    )


def test_a_contact_is_not_ended_over_what_its_customer_has_just_written():
    centre = talking()
    wrote(centre, "m1")
    wrote(centre, "m2", "agent")
    wrote(centre, "m3")
    for seen in ("", "m1", "m2", "never"):
        assert centre.refused(c.EndContact(id="", contact="k", seen=seen)) == "unread_message"
    assert kinds(centre.do(c.EndContact(id="", contact="k", seen="m3")))[0] == "ContactEnded"


@pytest.mark.parametrize("seen", [None, "", "m1"])
def test_what_colleagues_write_holds_up_nobody_who_ends(seen: str | None):
    centre = talking()
    wrote(centre, "m1", "agent")
    wrote(centre, "m2", "system")
    centre.do(c.EndContact(id="", contact="k", seen=seen))
    assert "k" not in centre.state.contacts


def test_a_customer_who_ends_it_is_not_held_up_by_their_own_words():
    centre = talking()
    wrote(centre, "m1")
    centre.do(c.EndContact(id="", contact="k", ended_by="customer"))
    assert "k" not in centre.state.contacts


@pytest.mark.parametrize("command", [c.EndContact, c.Hold, c.Requeue, c.Retrieve])
def test_what_needs_an_agent_is_refused_while_waiting(command: type[c.CommandBase]):
    centre = Centre(agent("ann"))
    centre.arrive("k")
    assert centre.refused(command(id="", contact="k")) == "wrong_state"


# -- wrap-up ----------------------------------------------------------------------------------

WRAPS = {"wrap_up": 30 * SECOND, "wrap_up_limit": 50 * SECOND}


def test_a_contact_is_over_when_it_is_written_up():
    centre = talking(queue(**WRAPS))
    happened = centre.end("k")
    assert kinds(happened) == ["ContactEnded", "AgentReleased"]
    assert centre.contact("k").state is ContactState.WRAPPING
    done = c.FinishWrapUp(id="", contact="k", agent="ann", disposition="paid", note="thanks")
    happened = centre.do(done)
    finished = only(happened, e.WrapUpFinished)
    assert (finished.disposition, finished.note, finished.reason) == ("paid", "thanks", "done")
    assert only(happened, e.Completed).reason == "handled"
    assert centre.refused(done) == "wrong_state"


def test_wrap_up_ends_by_itself():
    centre = talking(queue(**WRAPS))
    centre.end("k")
    assert centre.wait(29.9) == []
    happened = centre.wait(0.2)
    assert only(happened, e.WrapUpFinished).reason == "elapsed"
    assert centre.agent("ann").slots == {}


def test_wrap_up_can_be_extended_up_to_its_limit():
    centre = talking(queue(**WRAPS))
    centre.end("k")
    more = c.ExtendWrapUp(id="", contact="k", agent="ann", extend_by=15 * SECOND)
    centre.do(more)
    assert centre.wait(44) == []
    extended = only(centre.do(more), e.WrapUpExtended)
    assert extended.wrap_until == centre.at + 6 * SECOND, "50 s in all"
    assert centre.refused(more) == "limit"
    assert kinds(centre.wait(6)) == ["WrapUpFinished", "Completed"]


@pytest.mark.parametrize("extend_by", [0, -10 * SECOND])
def test_wrap_up_is_not_shortened_by_extending(extend_by: int):
    centre = talking(queue(**WRAPS))
    centre.end("k")
    command = c.ExtendWrapUp(id="", contact="k", agent="ann", extend_by=extend_by)
    assert centre.refused(command) == "limit"


def test_what_is_written_is_bounded():
    centre = talking(queue(**WRAPS))
    centre.end("k")
    for bad in ({"note": "x" * 20_001}, {"disposition": "x" * 201}):
        finish = c.FinishWrapUp(id="", contact="k", agent="ann", **bad)
        assert centre.refused(finish) == "invalid"


def test_without_wrap_up_time_there_is_none():
    centre = talking(queue(wrap_up=0))
    assert only(centre.end("k"), e.AgentReleased).wrap_until == 0


# -- giving back ------------------------------------------------------------------------------


def test_giving_back_keeps_the_place_and_asks_somebody_else():
    centre = Centre(agent("ann"), queue(**WRAPS))
    centre.ready("ann")
    centre.arrive("k")
    centre.wait(7)
    place = centre.contact("k").waiting_since
    centre.accept("k")
    centre.wait(120)
    centre.arrive("later")
    centre.do(c.Requeue(id="", contact="k"))
    assert centre.contact("k").waiting_since == place
    assert centre.line() == ["k"], "ann is offered the other one"
    assert centre.ringing("later") == ["ann"]


def test_giving_back_has_nothing_to_write_up():
    centre = talking(queue(**WRAPS))
    released = only(centre.do(c.Requeue(id="", contact="k")), e.AgentReleased)
    assert released.wrap_until == 0
    assert centre.ringing("k") == ["ben"]


def test_who_gave_it_back_is_offered_it_again_only_after_a_while():
    centre = talking(queue(reoffer_after=30 * SECOND))
    centre.do(c.SignOut(id="", agent="ben"))
    centre.do(c.Requeue(id="", contact="k"))
    assert offers_of(centre.wait(29.9)) == []
    assert offers_of(centre.wait(0.2)) == [("k", "ann")]


def test_the_step_goes_on_where_it_was():
    demands = steps((skill("es"), 20), skill("x"))
    centre = Centre(
        queue(steps=demands), agent("ann", skills={"es": 1}), agent("ben", skills={"x": 1})
    )
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.accept("k")
    centre.wait(60)
    happened = centre.do(c.Requeue(id="", contact="k")) + centre.wait(0)
    assert only(happened, e.StepEntered).reason == "elapsed"
    assert centre.ringing("k") == ["ben"]


# -- blind transfer ---------------------------------------------------------------------------


def test_a_blind_transfer_frees_the_agent_with_wrap_up_and_waits_in_the_new_queue():
    centre = talking(queue(**WRAPS), queue("r"))
    happened = centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
    assert kinds(happened) == ["AgentReleased", "Enqueued", "Offered"]
    assert centre.contact("k").wrapping == ("ann",)
    assert offers_of(happened) == [("k", "ben")]
    centre.accept("k")
    centre.end("k")
    assert centre.agent("ann").slots["k"].state is SlotState.WRAPPING
    centre.wait(60)
    assert "k" not in centre.state.contacts


def test_who_transferred_it_is_not_offered_it_at_once_nor_while_writing_up():
    centre = talking(queue(**WRAPS, reoffer_after=5 * SECOND), queue("r", reoffer_after=SECOND))
    centre.do(c.SignOut(id="", agent="ben"))
    centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
    assert offers_of(centre.wait(29)) == []
    assert offers_of(centre.wait(2)) == [("k", "ann")]


def test_a_transfer_may_leave_the_time_waited_behind():
    centre = Centre(agent("ann"), queue(), queue("r"))
    centre.arrive("k")
    centre.wait(30)
    centre.ready("ann")
    centre.accept("k")
    command = c.TransferToQueue(id="", contact="k", queue="r", keep_wait=False)
    moved = only(centre.do(command), e.Enqueued)
    assert (moved.waited, moved.waiting_since) == (0, centre.at)


def test_a_transfer_may_bring_demands():
    demands = steps(skill("es"))
    centre = talking()
    command = c.TransferToQueue(id="", contact="k", queue="r", steps=demands)
    assert only(centre.do(command), e.Enqueued).steps == demands


def test_a_supervisor_may_move_a_waiting_contact_with_its_wait():
    centre = Centre(agent("ann"), queue(), queue("r"))
    centre.arrive("k")
    centre.wait(30)
    moved = only(centre.do(c.TransferToQueue(id="", contact="k", queue="r")), e.Enqueued)
    assert moved.waited == 30 * SECOND


def test_moving_a_ringing_contact_takes_the_offer_back():
    centre = Centre(agent("ann"), profile(queues=("q",)), queue(), queue("r"))
    centre.ready("ann")
    centre.arrive("k")
    happened = centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
    assert only(happened, e.OfferRescinded).reason == "reassigned"
    assert centre.line("r") == ["k"]
    assert centre.agent("ann").slots == {}


def test_moving_a_contact_does_not_show_it_again_to_who_rejected_it():
    centre = Centre(agent("ann"), queue(), queue("r"))
    centre.ready("ann")
    centre.arrive("k")
    centre.reject("k")
    happened = centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
    assert offers_of(happened) == []


def test_a_transfer_to_one_agent_is_theirs_alone_for_a_while():
    centre = Centre(agent("ann"), agent("ben"), agent("chi"), queue(preferred_for=30 * SECOND))
    centre.ready("ann", "ben", "chi")
    centre.talk("k")
    centre.talk("busy")
    assert centre.contact("busy").agent == "ben"
    centre.wait(1)
    happened = centre.do(c.TransferToAgent(id="", contact="k", agent="ben"))
    assert offers_of(happened) == []
    assert offers_of(centre.wait(29)) == []
    assert offers_of(centre.wait(2)) == [("k", "chi")]


def test_a_named_agent_needs_neither_skill_nor_queue_and_the_offer_says_so():
    centre = Centre(
        queue(steps=steps(skill("es"))),
        profile(),
        profile("other", queues=()),
        agent("ann", skills={"es": 1}),
        agent("ben", "other"),
    )
    centre.ready("ann", "ben")
    centre.talk("k")
    offered = only(centre.do(c.TransferToAgent(id="", contact="k", agent="ben")), e.Offered)
    assert (offered.agent, offered.why.reason) == ("ben", "named")


@pytest.mark.parametrize("how", ["reject", "miss", "leave"])
def test_a_named_agent_who_does_not_take_it_opens_it_to_everybody(how: str):
    centre = Centre(agent("ann"), agent("ben"), agent("chi"))
    centre.ready("ann", "ben", "chi")
    centre.talk("k")
    centre.do(c.TransferToAgent(id="", contact="k", agent="chi"))
    match how:
        case "reject":
            happened = centre.reject("k")
        case "miss":
            happened = centre.wait(20)
        case "leave":
            happened = centre.do(c.SignOut(id="", agent="chi"))
    assert only(happened, e.PreferenceEnded)
    assert offers_of(happened) == [("k", "ben")]


def test_a_named_agent_without_the_channel_is_not_waited_for():
    centre = Centre(
        profile(),
        profile("mail", capacity={"email": 1}),
        agent("ann"),
        agent("ben", "mail"),
        agent("chi"),
    )
    centre.ready("ann", "ben", "chi")
    centre.talk("k")
    happened = centre.do(c.TransferToAgent(id="", contact="k", agent="ben"))
    assert offers_of(happened) == [("k", "chi")]


def test_a_transfer_to_an_agent_may_fall_back_to_another_queue():
    centre = Centre(agent("ann"), agent("ben"), queue(), queue("r", steps=steps(skill("es"))))
    centre.ready("ann", "ben")
    centre.talk("k")
    moved = only(
        centre.do(c.TransferToAgent(id="", contact="k", agent="ben", queue="r")), e.Enqueued
    )
    assert (moved.queue, moved.steps) == ("r", steps(skill("es")))


def test_a_transfer_to_an_agent_in_the_same_queue_keeps_its_demands():
    centre = talking(queue())
    demands = steps(skill("es"))
    centre.arrive("m", steps=demands, preferred=("ben",))
    centre.accept("m")
    moved = only(centre.do(c.TransferToAgent(id="", contact="k", agent="ben")), e.Enqueued)
    assert moved.steps == queue().steps
    moved = only(centre.do(c.TransferToAgent(id="", contact="m", agent="ann")), e.Enqueued)
    assert moved.steps == demands


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.TransferToAgent(id="", contact="k", agent="ann"), "invalid"),
        (c.TransferToAgent(id="", contact="k", agent="nobody"), "unknown_agent"),
        (c.TransferToAgent(id="", contact="k", agent="chi"), "signed_out"),
        (c.TransferToAgent(id="", contact="k", agent="ben", queue="none"), "unknown_queue"),
        (c.TransferToQueue(id="", contact="k", queue="none"), "unknown_queue"),
        (c.TransferOut(id="", contact="k", address=""), "invalid"),
        (c.TransferOut(id="", contact="k", address="1" * 129), "invalid"),
        (c.TransferOut(id="", contact="none", address="1"), "unknown_contact"),
    ],
)
def test_a_transfer_needs_somewhere_to_go(command: c.Command, code: str):
    centre = Centre(agent("ann"), agent("ben"), agent("chi"))
    centre.ready("ann", "ben")
    centre.talk("k")
    assert centre.refused(command) == code


def test_a_transfer_outside_ends_the_contact_here_and_is_written_up():
    centre = talking(queue(**WRAPS))
    centre.do(c.Hold(id="", contact="k"))
    happened = centre.do(c.TransferOut(id="", contact="k", address="+1"))
    assert kinds(happened) == ["AgentReleased", "TransferredOut"]
    assert centre.contact("k").state is ContactState.TRANSFERRED
    centre.wait(30)
    assert "k" not in centre.state.contacts


def test_handling_time_counts_for_the_queue_where_the_work_was_done():
    """Wrap-up that ends after a transfer is not work of the new queue."""
    centre = talking(queue(**WRAPS), queue("r"))
    centre.wait(60)
    centre.do(c.TransferToQueue(id="", contact="k", queue="r"))
    centre.wait(30)
    seen = centre.state.service
    assert set(seen) == {"q voice"}
    assert seen["q voice"].mean == 90 * SECOND


def test_all_of_a_minute_of_talk_and_wrap_up_is_handling_time():
    centre = talking(queue(wrap_up=MINUTE))
    centre.wait(60)
    centre.end("k")
    centre.wait(60)
    assert centre.state.service["q voice"].mean == 2 * MINUTE
