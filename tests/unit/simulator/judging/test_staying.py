"""How long a contact stays as it waits: steps, claims of preferred agents, overflow rules."""

from __future__ import annotations

import pytest

from router.core.catalog import (
    HOUR,
    MINUTE,
    SECOND,
    Hours,
    OverflowRule,
    ToCallback,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from router.core.model import AgentState, Callback
from simulator.judging.staying import (
    able,
    claim_stands,
    closing_time,
    coming_overflows,
    leaves_its_queue,
    rules_that_apply,
    step_is_hopeless,
)
from tests.unit.simulator.judging.hall import (
    NOW,
    agent,
    caller,
    catalog,
    hall,
    person,
    profile,
    queue,
    skill,
    steps,
)

SORRY = ToMessage(text="sorry")
LATER = NOW + 10 * SECOND


def rule(when, at=0, to=SORRY) -> OverflowRule:
    return OverflowRule(when=when, at=at, to=to)


def waiting(*rules: OverflowRule, hours: Hours | None = None, **given):
    """(state, contact): one who waits since ten seconds where ``rules`` hold."""
    opening = {"hours": {"h": hours}} if hours else {}
    ruled = queue(overflow=rules, hours="h" if hours else "")
    state = hall(caller("k", **given), made=catalog(ruled, queue("r"), **opening))
    return state, state.contacts["k"]


# -- steps ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "hopeless"),
    [
        ({}, True),
        ({"skills": {"es": 1}}, False),
    ],
)
def test_a_step_is_hopeless_when_nobody_signed_in_meets_it(given, hopeless):
    ann = person(agent("ann", **given), state=AgentState.NOT_READY)
    state = hall(ann, caller("k", steps=steps((skill("es"), 30), skill("tax"))))
    assert step_is_hopeless(state, state.contacts["k"]) is hopeless


def test_who_is_signed_out_is_no_hope():
    out = person(agent("ann", skills={"es": 1}), state=AgentState.SIGNED_OUT)
    state = hall(out, caller("k", steps=steps((skill("es"), 30), skill("tax"))))
    assert step_is_hopeless(state, state.contacts["k"])


def test_the_last_step_is_never_skipped():
    state = hall(caller("k", steps=steps((skill("x"), 30), skill("y")), step=1))
    assert not step_is_hopeless(state, state.contacts["k"])


def test_able_is_who_serves_queue_and_channel_and_meets_the_demands():
    made = catalog(
        queue(),
        queue("r"),
        profile(),
        profile("others", queues=("r",)),
        profile("mails", capacity={"email": 1, "voice": 0}),
        agent("ann"),
        agent("ben", "others"),
        agent("chi", "mails"),
    )
    people = [person(one) for one in made.agents.values()]
    state = hall(*people, caller("k"), made=made)
    contact = state.contacts["k"]
    assert [one.id for one in able(state, contact, contact.steps[0].condition)] == ["ann"]


# -- claims -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ann", "contact", "stands"),
    [
        ({}, {}, True),
        ({"state": AgentState.NOT_READY}, {}, True),
        ({"state": AgentState.SIGNED_OUT}, {}, False),
        ({}, {"excluded": {"ann": LATER - 1}}, True),
        ({}, {"excluded": {"ann": LATER}}, False),
        ({}, {"channel": "fax"}, False),
        ({}, {"preferred_until": NOW}, False),
        ({}, {"preferred": ("ben",)}, False),
    ],
)
def test_a_claim_stands_while_one_of_them_may_come_in_time(ann, contact, stands):
    given = {"preferred": ("ann",), "preferred_until": LATER} | contact
    state = hall(person("ann", **ann), caller("k", **given))
    assert claim_stands(state, state.contacts["k"], NOW) is stands


# -- overflow ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "at", "given", "leaves"),
    [
        ("wait", 10 * SECOND, {}, True),
        ("wait", 11 * SECOND, {}, False),
        ("wait", 10 * SECOND, {"in_hand": SECOND}, False),
        ("unstaffed", 5 * SECOND, {"unstaffed_since": NOW - 5 * SECOND}, True),
        ("unstaffed", 0, {}, False),
        ("length", 0, {}, False),
        ("estimated_wait", 0, {}, False),
        ("closed", 0, {}, False),
        ("wait", 0, {"parent": "asked about"}, False),
        ("wait", 0, {"callback": Callback(address="+1", promised_at=0)}, False),
        ("wait", 0, {"named": "ann", "preferred_until": LATER}, False),
        ("wait", 0, {"preferred": ("ann",), "preferred_until": LATER}, True),
    ],
)
def test_a_contact_leaves_when_a_rule_holds(when, at, given, leaves):
    state, contact = waiting(rule(when, at), **given)
    assert leaves_its_queue(state, contact, NOW) is leaves


def test_closed_is_outside_the_spans_and_at_their_end():
    hours = Hours(id="h", spans=((NOW - HOUR, NOW), (NOW + HOUR, NOW + 2 * HOUR)), until=NOW + HOUR)
    state, contact = waiting(rule("closed"), hours=hours)
    assert [leaves_its_queue(state, contact, at) for at in (NOW - 1, NOW, NOW + HOUR)] == [
        False,
        True,
        False,
    ]
    assert [closing_time(state, "q", at) for at in (NOW - 1, NOW)] == [NOW, None]
    assert closing_time(state, "r", NOW) is None


@pytest.mark.parametrize(
    ("to", "given", "applies"),
    [
        (ToQueue(queue="r"), {}, True),
        (ToQueue(queue="r"), {"overflowed": ("r",)}, False),
        (ToQueue(queue="q"), {}, False),
        (ToQueue(queue="gone"), {}, False),
        (ToCallback(), {"address": "+34600"}, True),
        (ToCallback(), {"address": "ann@example.org"}, False),
        (ToCallback(), {}, False),
        (ToCallback(), {"address": "+34600", "dialable": False}, False),
        (ToCallback(), {"address": "+34600", "present": False}, False),
        (SORRY, {}, True),
        (SORRY, {"present": False}, False),
        (ToVoicemail(box="v"), {}, True),
        (ToVoicemail(box="v"), {"present": False}, False),
        (ToQueue(queue="r"), {"present": False}, True),
    ],
)
def test_a_rule_needs_somewhere_to_send_the_contact(to, given, applies):
    state, contact = waiting(rule("wait", to=to), **given)
    assert bool(rules_that_apply(state, contact)) is applies


def test_what_is_coming_is_told_with_its_moment():
    hours = Hours(id="h", spans=((NOW - HOUR, NOW + HOUR),), until=NOW + HOUR)
    state, contact = waiting(
        rule("wait", MINUTE),
        rule("wait", 5 * SECOND),
        rule("unstaffed", MINUTE),
        rule("closed"),
        rule("length", 3),
        hours=hours,
        unstaffed_since=NOW - SECOND,
    )
    assert list(coming_overflows(state, contact, NOW)) == [
        (NOW + 50 * SECOND, "wait"),
        (NOW + 59 * SECOND, "unstaffed"),
        (NOW + HOUR, "closed"),
    ]


def test_for_what_was_given_to_one_agent_nothing_comes_before_it_is_the_queues():
    state, contact = waiting(rule("wait", 5 * SECOND), named="ann", preferred_until=LATER)
    assert list(coming_overflows(state, contact, NOW)) == [(LATER, "wait")]
