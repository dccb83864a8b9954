"""``ivr.core.presence_checks``: who asks a mail something is warned."""

import pytest
from flow_world import World, conditions
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.core.conditions import AllOf, AnyOf, ChannelIs, CustomerKnown, Not, holds
from ivr.core.presence_checks import decided
from ivr.core.progress import Progress
from ivr.core.session import Frame, Session
from ivr.core.validation import may_publish, validate
from tests.unit.ivr.core.judging import COLLECT, KNOWN, MENU, flow

MAIL, CHAT = ChannelIs(channel="email"), ChannelIs(channel="chat")


def warned(made, *channels):
    known = replace(KNOWN, channels={"main": channels})
    problems = validate(made, known)
    assert may_publish(problems)
    return [str(one) for one in problems if "answers nothing" in one.what]


@given(conditions, st.sampled_from(["email", "chat", "voice"]))
def test_what_is_decided_by_the_channel_is_so_for_every_contact_of_it(test, channel):
    session = Session(
        contact="k",
        channel=channel,
        address="",
        safe_queue="",
        frames=(Frame(flow="main", version=1, node="n0"),),
        language="en",
    )
    known = decided(test, channel)
    assert known is None or known == holds(test, Progress(session, World(), 0))


@pytest.mark.parametrize(
    ("test", "known"),
    [
        (MAIL, True),
        (CHAT, False),
        (Not(of=MAIL), False),
        (AllOf(of=(MAIL, CustomerKnown())), None),
        (AllOf(of=(CHAT, CustomerKnown())), False),
        (AnyOf(of=(MAIL, CustomerKnown())), True),
        (AnyOf(of=(CHAT, CustomerKnown())), None),
        (AllOf(), True),
        (AnyOf(), False),
        (CustomerKnown(), None),
    ],
)
def test_a_condition_is_decided_as_far_as_the_channel_says(test, known):
    assert decided(test, "email") is known


def test_a_question_that_a_mail_comes_to_is_named_with_its_way_out():
    (told,) = warned(flow(ask=MENU), "voice", "email")
    assert "'ask': a contact by email answers nothing and leaves by 'timeout'" in told
    assert "channel: email" in told
    offer = {
        "kind": "callback",
        "queue": "support",
        "say": "?",
        "exits": {"declined": "end", "impossible": "end"},
    }
    assert "leaves by 'declined'" in warned(flow(offer=offer), "fax")[0]
    assert "email or fax" in warned(flow(ask=MENU), "fax", "email")[0]


def test_who_is_there_is_asked_without_a_word():
    assert warned(flow(ask=MENU), "voice", "chat") == []
    assert warned(flow(ask=MENU)) == []


def test_a_branch_leads_mails_past_the_questions():
    past = {
        "kind": "branch",
        "cases": [{"name": "mail", "when": {"channel": "email"}}],
        "exits": {"mail": "end", "otherwise": "ask"},
    }
    made = flow(past=past, ask=MENU)
    assert warned(made, "email", "voice") == []
    assert len(warned(made, "voicemail")) == 1


def test_only_the_way_of_silence_leads_on():
    menu = {**MENU, "exits": {"1": "more", "timeout": "end", "invalid": "more"}}
    told = warned(flow(ask=menu, more=COLLECT), "email")
    assert len(told) == 1
    assert "'ask'" in told[0]


def transferred(made, *channels):
    problems = validate(made, replace(KNOWN, channels={"main": channels}))
    assert may_publish(problems), problems
    return [str(one) for one in problems if "transferred outside" in one.what]


def test_only_calls_can_be_transferred_outside():
    out = {"kind": "transfer", "number": "+442079460000"}
    made = flow(a={"kind": "say", "say": {"en": "Hi"}, "exits": {"next": "out"}}, out=out)
    assert transferred(made, "voice") == []
    assert transferred(made) == []
    (warning,) = transferred(made, "voice", "chat", "email")
    assert "chat or email" in warning
    past = {
        "kind": "branch",
        "cases": [{"name": "call", "when": {"channel": "voice"}}],
        "exits": {"call": "out", "otherwise": "end"},
    }
    assert transferred(flow(a=past, out=out), "voice", "chat") == []
