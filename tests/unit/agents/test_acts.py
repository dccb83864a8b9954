"""Who may ask what, and which command it becomes."""

from __future__ import annotations

import msgspec
import pytest

from agents import messages as m
from agents.acts import Unreadable, command_for, read
from router.core import commands as c
from router.core.events import Rejected


@pytest.fixture
def talking(centre):
    """Ann talks with k1, Ben is ready with nothing in hand."""
    centre.ready("ann")
    centre.arrive("k1")
    centre.say(c.Accept, offer="k1.1", by="ann")
    centre.ready("ben")
    return centre


CONTACT_ACTS = [
    m.Say(id="x", contact="k1", text="hi"),
    m.HoldContact(id="x", contact="k1"),
    m.RetrieveContact(id="x", contact="k1"),
    m.EndContactNow(id="x", contact="k1"),
    m.RequeueContact(id="x", contact="k1"),
    m.TransferContact(id="x", contact="k1", queue="support"),
    m.ConsultColleague(id="x", contact="k1", agent="chi"),
    m.CompleteConsultedTransfer(id="x", contact="k1"),
    m.StartConference(id="x", contact="k1"),
    m.CancelConsultation(id="x", contact="k1"),
    m.LeaveContact(id="x", contact="k1"),
    m.ExtendWrap(id="x", contact="k1", extend_by=1),
    m.FinishWrap(id="x", contact="k1"),
    m.CallbackUnreached(id="x", contact="k1"),
]


@pytest.mark.parametrize("act", CONTACT_ACTS, ids=lambda act: type(act).__name__)
async def test_an_agent_may_only_touch_contacts_of_their_own(talking, act):
    mine = command_for(act, "ann", talking.state)
    assert isinstance(mine, c.CommandBase)
    assert mine.id == "desk:ann:x"
    assert mine.by == "ann"
    others = command_for(act, "ben", talking.state)
    assert isinstance(others, Rejected)
    assert others.code == "not_yours"


async def test_an_offer_can_only_be_answered_by_whom_it_was_made_to(centre):
    centre.ready("ann")
    centre.arrive("k1")
    for act in (m.AcceptOffer(id="x", offer="k1.1"), m.RejectOffer(id="x", offer="k1.1")):
        assert isinstance(command_for(act, "ann", centre.state), c.Accept | c.Reject)
        refused = command_for(act, "ben", centre.state)
        assert isinstance(refused, Rejected)
        assert refused.code == "offer_gone"


async def test_an_offer_is_no_share_in_the_contact(centre):
    centre.ready("ann")
    centre.arrive("k1")
    refused = command_for(m.Say(id="x", contact="k1", text="hi"), "ann", centre.state)
    assert isinstance(refused, Rejected)


async def test_a_participant_may_talk_and_leave_but_not_end_the_contact(talking):
    talking.say(c.Consult, contact="k1", consult="q1", agent="ben", by="ann")
    talking.say(c.Accept, offer="q1.1", by="ben")
    talking.say(c.Conference, contact="k1", by="ann")
    say = command_for(m.Say(id="x", contact="k1", text="hi"), "ben", talking.state)
    assert isinstance(say, c.PostMessage)
    end = command_for(m.EndContactNow(id="x", contact="k1"), "ben", talking.state)
    assert isinstance(end, Rejected)
    assert end.code == "not_holder"


async def test_whoever_writes_a_contact_up_no_longer_speaks_to_the_customer(talking):
    talking.say(c.TransferToAgent, contact="k1", agent="ben", by="ann")
    refused = command_for(m.Say(id="x", contact="k1", text="hi"), "ann", talking.state)
    assert isinstance(refused, Rejected)
    assert refused.code == "not_talking"
    note = command_for(m.FinishWrap(id="x", contact="k1"), "ann", talking.state)
    assert isinstance(note, c.FinishWrapUp)


@pytest.mark.parametrize(
    "target", [{}, {"queue": "support", "agent": "ben"}, {"agent": "ben", "address": "+34"}]
)
async def test_a_transfer_has_exactly_one_target(talking, target):
    act = m.TransferContact(id="x", contact="k1", **target)
    refused = command_for(act, "ann", talking.state)
    assert isinstance(refused, Rejected)
    assert refused.code == "bad_target"


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ({"queue": "support"}, c.TransferToQueue),
        ({"agent": "ben"}, c.TransferToAgent),
        ({"address": "+34600000000"}, c.TransferOut),
    ],
)
async def test_the_target_says_which_transfer_it_is(talking, target, kind):
    act = m.TransferContact(id="x", contact="k1", **target)
    assert isinstance(command_for(act, "ann", talking.state), kind)


async def test_a_consultation_sent_again_is_the_same_consultation(talking):
    act = m.ConsultColleague(id="x", contact="k1", agent="ben")
    one, two = (command_for(act, "ann", talking.state) for _ in range(2))
    other = command_for(msgspec.structs.replace(act, id="y"), "ann", talking.state)
    assert isinstance(one, c.Consult)
    assert isinstance(other, c.Consult)
    assert one == two
    assert one.consult != other.consult


async def test_what_is_said_is_made_plain_text(talking):
    act = m.Say(id="x", contact="k1", text="a\u202eb\x07c\r\nd")
    command = command_for(act, "ann", talking.state)
    assert isinstance(command, c.PostMessage)
    assert command.text == "abc\nd"


HOSTILE = {
    "no json": b"{",
    "not an object": b"[]",
    "unknown type": b'{"type":"drop_table","id":"1"}',
    "no type": b'{"id":"1"}',
    "missing field": b'{"type":"accept_offer","id":"1"}',
    "object for a string": b'{"type":"accept_offer","id":"1","offer":{"$ne":1}}',
    "string for a number": b'{"type":"extend_wrap","id":"1","contact":"k","extend_by":"9"}',
    "number past 64 bits": b'{"type":"extend_wrap","id":"1","contact":"k","extend_by":1e400}',
    "unknown field": b'{"type":"go_ready","id":"1","agent":"ben"}',
    "empty id": b'{"type":"go_ready","id":""}',
    "not utf-8": b'{"type":"go_ready","id":"\xff"}',
    "lone surrogate": rb'{"type":"say","id":"1","contact":"k","text":"\ud800"}',
    "surrogate in a text frame": '{"type":"go_ready","id":"\ud800"}',
    "nul": b'{"type":"say","id":"1","contact":"k","text":"a\\u0000b"}',
    "long id": b'{"type":"go_ready","id":"' + b"x" * 129 + b'"}',
    "long text": b'{"type":"say","id":"1","contact":"k","text":"' + b"x" * 4_001 + b'"}',
    "huge": b'{"type":"say","id":"1","contact":"k","text":"' + b"x" * 70_000 + b'"}',
    "deep": b'{"type":"go_ready","id":' + b"[" * 30_000,
    "deep unknown": b'{"x":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_001,
    "nothing": b"",
}


@pytest.mark.parametrize("frame", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_message_is_named_and_never_raises(frame):
    unreadable = read(frame)
    assert isinstance(unreadable, Unreadable)
    assert unreadable.problem.code in {"malformed", "too_long", "too_large", "bad_text"}
    assert unreadable.problem.reason.endswith((".", "id."))


def test_the_id_of_a_bad_message_is_answered_when_it_can_be_read():
    unreadable = read(b'{"type":"accept_offer","id":"abc","offer":7}')
    assert isinstance(unreadable, Unreadable)
    assert unreadable.to == "abc"
