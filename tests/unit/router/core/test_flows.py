"""A contact in its flow: every turn has one effect, the last leads on; versions and aliases."""

from __future__ import annotations

import pytest

from router.core import commands as c
from router.core import events as e
from router.core.catalog import (
    SECOND,
    Announcement,
    CallbackOffer,
    OverflowRule,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from router.core.flows import MAX_ALIASES, MAX_SESSION
from router.core.model import ContactState, FlowVersions, Passed
from tests.unit.router.core.centre import Centre, agent, kinds, only, queue, skill, steps


def in_flow(**rules) -> Centre:
    centre = Centre(queue(**rules), agent("ann"))
    centre.do(c.Arrive(id="", contact="k", channel="voice", address="+100"))
    centre.do(c.EnterFlow(id="", contact="k", flow="main"))
    return centre


def advance(turn: int = 1, **given) -> c.AdvanceFlow:
    fields = {"node": "main/1/menu", "session": b"remembered"} | given
    return c.AdvanceFlow(id="", contact="k", turn=turn, **fields)


def ends(leads_to: c.FlowEnd, turn: int = 1) -> c.AdvanceFlow:
    return advance(turn, leads_to=leads_to)


# -- turns ------------------------------------------------------------------------------------


def test_a_turn_is_remembered_with_where_the_contact_stands():
    centre = in_flow()
    passed = (Passed(node="main/1/hello", exit="next"),)
    happened = centre.do(advance(passed=passed))
    assert only(happened, e.FlowAdvanced).passed == passed
    contact = centre.contact("k")
    assert (contact.flow_turn, contact.flow_node) == (1, "main/1/menu")
    assert contact.flow_session == b"remembered"
    assert contact.state is ContactState.IN_FLOW


def test_a_turn_that_was_taken_already_has_no_second_effect():
    centre = in_flow()
    centre.do(advance(1))
    assert centre.refused(advance(1, session=b"other")) == "stale"
    assert centre.refused(advance(3)) == "stale"
    centre.do(advance(2))


@pytest.mark.parametrize(
    "given",
    [
        {"session": bytes(MAX_SESSION + 1)},
        {"passed": (Passed(node="n"),) * 1_001},
        {"node": "n" * 1_000},
    ],
    ids=["session", "path", "node"],
)
def test_a_turn_that_remembers_too_much_is_refused(given):
    assert in_flow().refused(advance(**given)) == "invalid"


def test_a_contact_that_is_in_no_flow_takes_no_turn():
    centre = Centre(queue(), agent("ann"))
    centre.arrive("k")
    assert centre.refused(advance()) == "wrong_state"


def test_who_hangs_up_in_the_flow_has_left_and_is_not_counted_in_any_queue():
    centre = in_flow()
    centre.do(advance())
    assert only(centre.do(c.Abandon(id="", contact="k")), e.Abandoned).queue == ""
    assert "k" not in centre.state.contacts


# -- where it leads ---------------------------------------------------------------------------


def test_a_flow_leads_into_a_queue_with_what_it_found_out_in_the_same_entry():
    centre = in_flow()
    asks = steps(skill("es"))
    end = c.IntoQueue(queue="q", steps=asks, boost=30 * SECOND, attributes={"topic": "card"})
    assert kinds(centre.do(ends(end)))[:2] == ["FlowAdvanced", "Enqueued"]
    contact = centre.contact("k")
    assert (contact.queue, contact.steps, contact.attributes) == ("q", asks, {"topic": "card"})
    assert contact.waiting_since == contact.queued_at - 30 * SECOND
    assert contact.flow_session == b"", "it is needed no more"
    assert contact.flow_node == "main/1/menu", "where it left the flow stays known"


def test_a_flow_leads_straight_to_a_free_agent():
    centre = in_flow()
    centre.ready("ann")
    centre.do(ends(c.IntoQueue(queue="q")))
    assert centre.ringing("k") == ["ann"]


def test_preferred_agents_of_a_flow_come_first():
    centre = Centre(queue(), agent("ann"), agent("ben"))
    centre.do(c.Arrive(id="", contact="k", channel="voice", address="+100"))
    centre.do(c.EnterFlow(id="", contact="k", flow="main"))
    centre.ready("ann", "ben")
    centre.do(ends(c.IntoQueue(queue="q", preferred=("ben", "nobody"))))
    assert centre.ringing("k") == ["ben"]


def test_a_callback_that_a_flow_promised_needs_no_waiting_first():
    centre = in_flow(callback=CallbackOffer(after=60 * SECOND))
    happened = centre.do(ends(c.IntoQueue(queue="q", call_back="+442079460001")))
    promised = only(happened, e.CallbackPromised)
    assert (promised.callback.address, promised.cause) == ("+442079460001", "flow")
    assert centre.contact("k").state is ContactState.CALLBACK_PROMISED


THANKS = Announcement(text="Thank you.", after=30 * SECOND, language="en")


def test_who_comes_out_of_a_flow_may_have_announcements_and_an_offer_of_its_own():
    centre = in_flow(callback=CallbackOffer())
    centre.do(ends(c.IntoQueue(queue="q", announcements=(THANKS,), offer_callback=False)))
    contact = centre.contact("k")
    assert (contact.announcements, contact.offer_callback) == ((THANKS,), False)
    promise = c.PromiseCallback(id="", contact="k", address="+100")
    assert centre.refused(promise) == "no_callback"


def test_a_flow_may_offer_a_callback_where_the_queue_does_not():
    centre = in_flow()
    centre.do(ends(c.IntoQueue(queue="q", offer_callback=True)))
    happened = centre.do(c.PromiseCallback(id="", contact="k", address="+100"))
    only(happened, e.CallbackPromised)


def test_what_a_flow_gave_it_to_hear_does_not_follow_a_contact_into_another_queue():
    rule = OverflowRule(when="wait", at=30 * SECOND, to=ToQueue(queue="other"))
    centre = Centre(queue(overflow=(rule,)), queue("other"), agent("ann"))
    centre.do(c.Arrive(id="", contact="k", channel="voice", address="+100"))
    centre.do(c.EnterFlow(id="", contact="k", flow="main"))
    centre.do(ends(c.IntoQueue(queue="q", announcements=(THANKS,), offer_callback=True)))
    centre.wait(31)
    contact = centre.contact("k")
    assert (contact.queue, contact.announcements, contact.offer_callback) == ("other", None, None)


def test_the_queues_rules_hold_for_who_comes_out_of_a_flow():
    rule = OverflowRule(when="length", at=0, to=ToMessage(text="Full."))
    happened = in_flow(overflow=(rule,)).do(ends(c.IntoQueue(queue="q")))
    assert only(happened, e.Overflowed).cause == "length"


@pytest.mark.parametrize(
    ("end", "to"),
    [
        (c.IntoVoicemail(box="box"), ToVoicemail(box="box")),
        (c.SaidGoodbye(text="Bye."), ToMessage(text="Bye.")),
    ],
    ids=["voicemail", "goodbye"],
)
def test_a_flow_ends_a_contact_that_needs_no_agent(end, to):
    centre = in_flow()
    over = only(centre.do(ends(end)), e.Overflowed)
    assert (over.to, over.cause, over.queue) == (to, "flow", "")
    assert "k" not in centre.state.contacts


def test_a_flow_transfers_outside():
    centre = in_flow()
    gone = only(centre.do(ends(c.OutTo(address="+442079460002"))), e.TransferredOut)
    assert (gone.address, gone.agent) == ("+442079460002", "")
    assert "k" not in centre.state.contacts


@pytest.mark.parametrize(
    "end",
    [
        c.IntoQueue(queue="nowhere"),
        c.IntoQueue(queue="q", call_back="anonymous"),
        c.IntoQueue(queue="q", boost=10**15),
        c.IntoQueue(queue="q", attributes={"k": "v" * 10_000}),
        c.IntoQueue(queue="q", announcements=(THANKS,) * 21),
        c.IntoQueue(queue="q", announcements=(Announcement(text=""),)),
        c.IntoQueue(queue="q", announcements=(Announcement(text="x" * 2_001),)),
        c.IntoQueue(queue="q", announcements=(Announcement(text="x", audio="x" * 200),)),
        c.IntoQueue(queue="q", announcements=(Announcement(text="x", after=-1),)),
        c.IntoQueue(queue="q", announcements=(Announcement(text="x", every=1),)),
        c.IntoQueue(queue="q", announcements=(Announcement(text="x", every=1 << 60),)),
        c.OutTo(address=""),
    ],
)
def test_a_flow_that_leads_nowhere_is_refused_and_its_turn_not_taken(end):
    centre = in_flow()
    assert centre.refused(ends(end))
    assert centre.contact("k").flow_turn == 0


# -- versions ---------------------------------------------------------------------------------


def publish(replaces: int, flow: str = "main", **given) -> c.PublishFlow:
    return c.PublishFlow(id="", flow=flow, source="{}", replaces=replaces, **given)


def point(version: int, replaces: int, alias: str = "live") -> c.PointAlias:
    return c.PointAlias(id="", flow="main", alias=alias, version=version, replaces=replaces)


def test_versions_are_numbered_and_aliases_point_to_them():
    centre = Centre(queue())
    assert only(centre.do(publish(0, note="first")), e.FlowPublished).version == 1
    centre.do(point(1, 0))
    centre.do(publish(1))
    assert centre.state.flows == {"main": FlowVersions(newest=2, aliases={"live": 1})}
    centre.do(point(2, 1))
    centre.do(point(1, 2))
    assert centre.state.flows["main"].aliases == {"live": 1}, "and back again"
    assert centre.do(point(1, 1)) == []


def test_two_who_publish_at_once_do_not_overwrite_each_other():
    centre = Centre(queue())
    centre.do(publish(0))
    assert centre.refused(publish(0)) == "conflict"
    centre.do(point(1, 0))
    assert centre.refused(point(1, 0)) == "conflict"


@pytest.mark.parametrize("flow", ["", "Main", "a b", "../x", "x" * 65])
def test_a_flow_has_a_plain_name(flow):
    assert Centre(queue()).refused(publish(0, flow)) == "invalid"


def test_an_alias_points_to_a_version_that_is_there():
    centre = Centre(queue())
    assert centre.refused(point(1, 0)) == "unknown_version"
    centre.do(publish(0))
    assert centre.refused(point(2, 0)) == "unknown_version"
    assert centre.refused(point(0, 0)) == "unknown_version"
    assert centre.refused(point(1, 0, alias="Live!")) == "invalid"


def test_aliases_are_bounded():
    centre = Centre(queue())
    centre.do(publish(0))
    for number in range(MAX_ALIASES):
        centre.do(point(1, 0, alias=f"a{number}"))
    assert centre.refused(point(1, 0, alias="one-more")) == "too_many"


def test_a_snapshot_knows_the_flows():
    centre = Centre(queue())
    centre.do(publish(0))
    centre.do(point(1, 0))
    restored = type(centre.state).restore(centre.state.snapshot())
    assert restored.flows == centre.state.flows
