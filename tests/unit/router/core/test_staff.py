"""Agents' states: in, ready, paused, out, lost, out of reach, forced; skills that are lent."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import MINUTE, SECOND, CallbackOffer
from router.core.model import AgentState, ContactState, SlotState
from tests.unit.router.core.centre import (
    START,
    Centre,
    agent,
    kinds,
    offers_of,
    only,
    queue,
    skill,
    steps,
)


def small(**rules) -> Centre:
    return Centre(queue(**rules), agent("ann", skills={"es": 2}, team="north"), agent("ben"))


def state(centre: Centre, name: str = "ann") -> tuple[str, str]:
    return centre.agent(name).state.value, centre.agent(name).reason


# -- in, ready, paused, out -------------------------------------------------------------------


def test_coming_in_is_not_being_ready():
    centre = small()
    centre.arrive("k")
    centre.do(c.SignIn(id="", agent="ann"))
    assert state(centre) == ("not_ready", "signed_in")
    assert centre.ringing("k") == []
    centre.do(c.SetReady(id="", agent="ann"))
    assert centre.ringing("k") == ["ann"]


def test_saying_twice_what_is_so_is_no_event():
    centre = small()
    centre.ready("ann")
    assert centre.do(c.SignIn(id="", agent="ann")) == []
    assert centre.do(c.SetReady(id="", agent="ann")) == []
    centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    assert centre.do(c.SetNotReady(id="", agent="ann", reason="lunch")) == []
    centre.do(c.SignOut(id="", agent="ann"))
    assert centre.do(c.SignOut(id="", agent="ann")) == []


def test_a_pause_has_a_reason_that_can_be_changed():
    centre = small()
    centre.ready("ann")
    centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    assert state(centre) == ("not_ready", "lunch")
    centre.do(c.SetNotReady(id="", agent="ann", reason="training"))
    assert state(centre) == ("not_ready", "training")


@pytest.mark.parametrize("reason", ["", "x" * 101])
def test_a_reason_is_some_words(reason: str):
    centre = small()
    centre.ready("ann")
    assert centre.refused(c.SetNotReady(id="", agent="ann", reason=reason)) == "invalid"


@pytest.mark.parametrize(
    "command",
    [c.SetReady(id="", agent="ann"), c.SetNotReady(id="", agent="ann", reason="break")],
)
def test_who_is_not_signed_in_has_no_state_to_change(command: c.Command):
    assert small().refused(command) == "signed_out"


@pytest.mark.parametrize("command", [c.SignIn, c.SignOut, c.SetReady, c.LoseAgent])
def test_an_agent_of_the_catalog_is_meant(command: type[c.CommandBase]):
    assert small().refused(command(id="", agent="nobody")) == "unknown_agent"


def test_going_out_with_nothing_in_hand_takes_the_offers_back():
    centre = small()
    centre.ready("ann", "ben")
    centre.arrive("k")
    happened = centre.do(c.SetNotReady(id="", agent="ann", reason="break"))
    assert kinds(happened) == ["AgentNotReady", "OfferRescinded", "Returned", "Offered"]
    assert only(happened, e.OfferRescinded).reason == "agent_lost"
    assert centre.ringing("k") == ["ben"]


# -- requested next state ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "after"),
    [
        (c.SetNotReady(id="", agent="ann", reason="lunch"), ("not_ready", "lunch")),
        (c.SignOut(id="", agent="ann"), ("signed_out", "")),
    ],
)
def test_a_requested_state_applies_when_the_last_contact_in_hand_ends(
    command: c.Command, after: tuple[str, str]
):
    centre = small(wrap_up=30 * SECOND)
    centre.ready("ann")
    centre.talk("chat1", "chat")
    centre.talk("chat2", "chat")
    assert only(centre.do(command), e.NextStateSet).state == after[0]
    assert state(centre)[0] == "ready"
    centre.end("chat1")
    centre.end("chat2")
    centre.do(c.FinishWrapUp(id="", contact="chat1", agent="ann"))
    assert state(centre)[0] == "ready", "the second is not written up yet"
    centre.wait(30)
    assert state(centre) == after
    assert centre.agent("ann").next_state is None


def test_nothing_more_is_offered_once_another_state_is_requested():
    centre = small()
    centre.ready("ann")
    centre.talk("chat1", "chat")
    centre.arrive("chat2", "chat")
    assert centre.ringing("chat2") == ["ann"]
    happened = centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    assert kinds(happened) == ["NextStateSet", "OfferRescinded", "Returned"]
    centre.arrive("chat3", "chat")
    assert centre.ringing("chat3") == []


def test_a_request_can_be_taken_back_and_work_comes_again():
    centre = small()
    centre.ready("ann")
    centre.talk("chat1", "chat")
    centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    centre.arrive("chat2", "chat")
    happened = centre.do(c.SetReady(id="", agent="ann"))
    assert only(happened, e.NextStateSet).state is None
    assert offers_of(happened) == [("chat2", "ann")]


def test_signing_out_during_a_pause_waits_for_the_contact_in_hand():
    centre = small()
    centre.ready("ann")
    centre.talk("k")
    centre.do(c.ForceState(id="", agent="ann", state="not_ready"))
    centre.do(c.SignOut(id="", agent="ann"))
    assert state(centre)[0] == "not_ready"
    centre.end("k")
    assert state(centre)[0] == "signed_out"


# -- lost -------------------------------------------------------------------------------------


def test_a_lost_desk_takes_nothing_more_and_keeps_what_is_in_hand():
    centre = small()
    centre.ready("ann")
    centre.talk("chat1", "chat")
    centre.arrive("chat2", "chat")
    centre.ready("ben")
    happened = centre.do(c.LoseAgent(id="", agent="ann"))
    assert offers_of(happened) == [("chat2", "ben")]
    assert state(centre) == ("not_ready", "desk_lost")
    assert centre.contact("chat1").agent == "ann"


def test_losing_the_desk_does_not_undo_that_the_agent_wanted_to_go():
    centre = small()
    centre.ready("ann")
    centre.talk("k")
    centre.do(c.SignOut(id="", agent="ann"))
    centre.do(c.LoseAgent(id="", agent="ann"))
    centre.end("k", "customer")
    assert state(centre)[0] == "signed_out"


def test_losing_a_desk_that_takes_nothing_is_no_event():
    centre = small()
    assert centre.do(c.LoseAgent(id="", agent="ann")) == []
    centre.ready("ann")
    centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    assert centre.do(c.LoseAgent(id="", agent="ann")) == []
    assert state(centre) == ("not_ready", "lunch")


# -- out of reach -----------------------------------------------------------------------------


def reach(name: str = "ann", channel: str = "voice", why: str = "") -> c.SetReachable:
    """Out of reach for a reason, or back."""
    return c.SetReachable(id="", agent=name, channel=channel, reachable=not why, reason=why)


GONE = "phone not registered"


def test_who_cannot_be_reached_by_telephone_still_gets_chats():
    centre = small()
    centre.ready("ann")
    (event,) = centre.do(reach(why=GONE))
    assert event == e.ReachabilityChanged(
        agent="ann", channel="voice", reachable=False, reason=GONE
    )
    centre.arrive("call")
    centre.arrive("chat", "chat")
    assert (centre.ringing("call"), centre.ringing("chat")) == ([], ["ann"])
    assert state(centre) == ("ready", "")


def test_the_first_in_line_is_offered_at_once_to_who_can_be_reached_again():
    centre = small()
    centre.ready("ann")
    centre.do(reach(why=GONE))
    centre.arrive("k1")
    centre.arrive("k2")
    assert offers_of(centre.do(reach())) == [("k1", "ann")]


def test_who_can_be_reached_again_rings_along():
    centre = small(strategy="ring_all")
    centre.ready("ann", "ben")
    centre.do(reach(why=GONE))
    centre.arrive("k")
    assert centre.ringing("k") == ["ben"]
    centre.do(reach())
    assert centre.ringing("k") == ["ben", "ann"]


def test_what_rings_goes_back_to_its_place_and_at_once_to_the_next():
    centre = small()
    centre.ready("ann", "ben")
    centre.arrive("k")
    centre.wait(5)
    place = centre.contact("k").waiting_since
    happened = centre.do(reach(why=GONE))
    assert kinds(happened) == ["ReachabilityChanged", "OfferRescinded", "Returned", "Offered"]
    assert only(happened, e.OfferRescinded).reason == "unreachable"
    assert only(happened, e.Returned).reason == "unreachable"
    assert centre.ringing("k") == ["ben"]
    assert centre.contact("k").waiting_since == place
    assert centre.contact("k").excluded == {}
    assert (state(centre), centre.agent("ann").missed) == (("ready", ""), 0)


def test_what_rang_may_ring_again_as_soon_as_they_can_be_reached():
    centre = small()
    centre.ready("ann")
    centre.arrive("k")
    centre.do(reach(why=GONE))
    assert centre.line() == ["k"]
    assert offers_of(centre.do(reach())) == [("k", "ann")]


def test_another_rings_in_place_of_one_of_several():
    centre = small(strategy="ring_all", ring_all_limit=1)
    centre.ready("ann", "ben")
    centre.arrive("k")
    assert centre.ringing("k") == ["ann"]
    centre.do(reach(why=GONE))
    assert centre.ringing("k") == ["ben"]


def test_only_offers_of_the_channel_go_back_and_what_is_in_hand_stays():
    centre = small()
    centre.ready("ann")
    centre.talk("mail", "email")
    centre.arrive("chat", "chat")
    assert kinds(centre.do(reach(why=GONE))) == ["ReachabilityChanged"]
    assert centre.ringing("chat") == ["ann"]
    centre.do(reach(channel="email", why="mailbox closed"))
    assert centre.contact("mail").agent == "ann"
    centre.end("mail")


def test_with_the_call_gone_the_chat_that_waited_beside_it_comes():
    centre = small()
    centre.ready("ann")
    centre.arrive("call")
    centre.arrive("chat", "chat")
    assert offers_of(centre.do(reach(why=GONE))) == [("chat", "ann")]


def test_a_promised_callback_goes_back_to_being_promised():
    centre = small(callback=CallbackOffer())
    centre.arrive("k")
    centre.do(c.PromiseCallback(id="", contact="k", address="+1"))
    centre.ready("ann")
    happened = centre.do(reach(why=GONE))
    assert only(happened, e.CallbackResumed).reason == "unreachable"
    assert centre.contact("k").callback.attempts == 0
    assert offers_of(centre.do(reach())) == [("k", "ann")]


def test_a_contact_kept_for_somebody_waits_for_their_telephone():
    centre = small(preferred_for=30 * SECOND)
    centre.ready("ann", "ben")
    centre.do(reach(why=GONE))
    centre.arrive("k", preferred=("ann",))
    assert centre.ringing("k") == []
    centre.wait(30)
    assert centre.ringing("k") == ["ben"]


def test_a_telephone_that_comes_and_goes_changes_nobodys_turn():
    centre = small()
    centre.ready("ann", "ben")
    idle = centre.agent("ann").idle_since
    centre.wait(60)
    centre.do(reach(why=GONE))
    centre.do(reach())
    assert centre.agent("ann").idle_since == idle
    centre.arrive("k")
    assert centre.ringing("k") == ["ann"], "idle for longer"


def test_saying_twice_that_somebody_can_be_reached_or_not_is_no_event():
    centre = small()
    assert centre.do(reach()) == []
    centre.do(reach(why=GONE))
    assert centre.do(reach(why=GONE)) == []
    assert kinds(centre.do(reach(why="busy with a private call"))) == ["ReachabilityChanged"]
    centre.do(reach())
    assert centre.do(reach()) == []
    assert centre.agent("ann").unreachable == {}


def test_a_telephone_is_there_or_not_whoever_is_signed_in():
    centre = small()
    centre.do(reach(why=GONE))
    centre.ready("ann")
    centre.do(c.SignOut(id="", agent="ann"))
    centre.ready("ann")
    assert centre.agent("ann").unreachable == {"voice": GONE}


def test_what_said_no_reason_counts_as_well():
    centre = small()
    silent = c.SetReachable(id="", agent="ann", channel="voice", reachable=False)
    assert kinds(centre.do(silent)) == ["ReachabilityChanged"]
    assert centre.do(silent) == []
    assert centre.agent("ann").unreachable == {"voice": ""}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (reach("nobody", why=GONE), "unknown_agent"),
        (reach(channel="", why=GONE), "invalid"),
        (reach(channel="v" * 33, why=GONE), "invalid"),
        (reach(channel="Voice\n", why=GONE), "invalid"),
        (reach(channel="voice\n"), "invalid"),
        (reach(why="x" * 101), "invalid"),
        (reach(why="two\nlines"), "invalid"),
        (reach(why="\x00"), "invalid"),
    ],
    ids=[
        "no agent",
        "no channel",
        "long channel",
        "no channel name",
        "line after the channel",
        "long reason",
        "two lines",
        "nul",
    ],
)
def test_what_is_said_of_a_telephone_is_checked(command: c.SetReachable, code: str):
    assert small().refused(command) == code


def test_nobody_is_unreachable_on_endless_channels():
    centre = small()
    for number in range(20):
        centre.do(reach(channel=f"line{number}", why=GONE))
    assert centre.refused(reach(channel="voice", why=GONE)) == "limit"
    centre.do(reach(channel="line0", why="cut"))
    centre.do(reach(channel="line0"))
    centre.do(reach(channel="voice", why=GONE))


# -- forced -----------------------------------------------------------------------------------


def test_a_supervisor_sets_a_state_now_whatever_is_in_hand():
    centre = small()
    centre.ready("ann")
    centre.talk("k")
    centre.do(c.ForceState(id="", agent="ann", state="not_ready", reason="talk to me"))
    assert state(centre) == ("not_ready", "talk to me")
    assert centre.contact("k").agent == "ann"


def test_forcing_somebody_out_ends_wrap_up_and_not_the_conversation():
    centre = small(wrap_up=30 * SECOND)
    centre.ready("ann")
    centre.talk("chat1", "chat")
    centre.talk("chat2", "chat")
    centre.end("chat1")
    happened = centre.do(c.ForceState(id="", agent="ann", state="signed_out"))
    assert only(happened, e.WrapUpFinished).reason == "forced"
    assert centre.agent("ann").slots["chat2"].state is SlotState.ACTIVE
    assert centre.contact("chat2").state is ContactState.CONNECTED
    assert kinds(centre.end("chat2"))[0] == "ContactEnded"


def test_forcing_ready_gives_work_at_once_and_undoes_a_requested_state():
    centre = small()
    centre.do(c.SignIn(id="", agent="ann"))
    centre.arrive("chat1", "chat")
    assert offers_of(centre.do(c.ForceState(id="", agent="ann", state="ready"))) == [
        ("chat1", "ann")
    ]
    centre.accept("chat1")
    centre.do(c.SetNotReady(id="", agent="ann", reason="lunch"))
    centre.do(c.ForceState(id="", agent="ann", state="ready"))
    assert centre.agent("ann").next_state is None
    assert centre.do(c.ForceState(id="", agent="ann", state="ready")) == []


def test_only_out_can_be_forced_on_who_is_not_in():
    centre = small()
    assert centre.do(c.ForceState(id="", agent="ann", state="signed_out")) == []
    for wanted in ("ready", "not_ready"):
        assert centre.refused(c.ForceState(id="", agent="ann", state=wanted)) == "signed_out"


# -- lent skills ------------------------------------------------------------------------------

ES = steps(skill("es", 5))


def test_a_lent_skill_reaches_contacts_that_wait_already_and_goes_back_in_time():
    centre = small(steps=ES)
    centre.ready("ann")
    centre.arrive("k")
    centre.do(c.LendSkills(id="", agent="ann", skills={"es": 7}, until=centre.at + MINUTE))
    assert centre.ringing("k") == ["ann"]
    assert centre.agent("ann").traits.team == "north"
    assert centre.wait(19) == []
    happened = centre.wait(42)
    assert only(happened, e.SkillsLent).traits == centre.agent("ann").definition.traits
    assert centre.agent("ann").traits_until == 0


def test_a_skill_taken_away_is_offered_nothing_that_needs_it():
    centre = small(steps=steps(skill("es")))
    centre.ready("ann")
    centre.do(c.LendSkills(id="", agent="ann", skills={"es": 0}))
    centre.arrive("k")
    assert centre.ringing("k") == []


def test_lending_replaces_what_was_lent_before():
    centre = Centre(queue(), agent("ann", skills={"es": 2}), skills=("tax",))
    centre.do(c.LendSkills(id="", agent="ann", skills={"tax": 5}))
    centre.do(c.LendSkills(id="", agent="ann", skills={"es": 3}))
    assert centre.agent("ann").traits.skills == (("es", 3),)
    assert centre.do(c.LendSkills(id="", agent="ann", skills={"es": 3})) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"skills": {"unknown": 3}}, "unknown_skill"),
        ({"skills": {"es": 11}}, "invalid"),
        ({"skills": {"es": -1}}, "invalid"),
        ({"skills": {"es": 5}, "until": START}, "invalid"),
        ({"skills": {}, "agent": "nobody"}, "unknown_agent"),
    ],
)
def test_what_is_lent_exists_and_ends_later(fields: dict[str, object], code: str):
    assert small().refused(c.LendSkills(id="", **{"agent": "ann", **fields})) == code


# -- figures ----------------------------------------------------------------------------------


def test_figures_count_from_signing_in():
    centre = small(missed_offer="ready", reoffer_after=SECOND)
    centre.ready("ann")
    centre.talk("k1")
    centre.wait(60)
    centre.end("k1")
    centre.arrive("k2")
    centre.wait(20)
    ann = centre.agent("ann")
    assert (ann.handled, ann.offered, ann.missed, ann.busy_total) == (1, 2, 1, MINUTE)
    centre.do(c.Abandon(id="", contact="k2"))
    centre.do(c.SignOut(id="", agent="ann"))
    centre.do(c.SignIn(id="", agent="ann"))
    assert (ann.handled, ann.offered, ann.missed, ann.busy_total) == (0, 0, 0, 0)


def test_time_with_several_contacts_counts_once():
    centre = small(wrap_up=10 * SECOND)
    centre.ready("ann")
    centre.talk("chat1", "chat")
    centre.wait(30)
    centre.talk("chat2", "chat")
    centre.wait(30)
    centre.end("chat1")
    centre.end("chat2")
    centre.wait(30)
    assert centre.agent("ann").busy_total == 70 * SECOND
    assert centre.agent("ann").busy_since == 0


def test_ringing_is_not_being_busy():
    centre = small()
    centre.ready("ann")
    centre.arrive("k")
    centre.wait(15)
    centre.do(c.Abandon(id="", contact="k"))
    assert centre.agent("ann").busy_total == 0
    assert centre.agent("ann").state is AgentState.READY
