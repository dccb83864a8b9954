"""The stays of a contact, event by event. Times are microseconds."""

from __future__ import annotations

from typing import Any

from router.core import events as e
from router.core.catalog import Catalog, Queue, ToMessage
from router.core.model import Callback, CustomerRef
from router.core.requirements import Step
from simulator.call_log.journal_contacts import Contacts

STEPS = (Step(),)


class Story:
    """Tells ``contacts`` events with the sequence numbers left out."""

    def __init__(self) -> None:
        self.contacts = Contacts()

    def tell(self, at: int, kind: type[e.ContactEvent], **given: Any) -> None:
        self.contacts.hear(kind(**{"contact": "k", "sequence": 1, **given}), at)

    def arrives(self, at: int = 0, **given: Any) -> None:
        self.tell(at, e.ContactArrived, **{"channel": "voice", "direction": "inbound", **given})

    def joins(self, at: int, queue: str = "q", reason: str = "arrival", **given: Any) -> None:
        self.tell(
            at,
            e.Enqueued,
            **{"queue": queue, "steps": STEPS, "step_until": 0, "waiting_since": at, **given},
            credit=(),
            waited=0,
            reason=reason,
        )

    def accepted(self, at: int, agent: str = "ann") -> None:
        self.tell(at, e.OfferAccepted, offer="o", agent=agent, waited=0, waited_in_queue=0)

    def released(self, at: int, agent: str = "ann", wrap_until: int = 0) -> None:
        self.tell(at, e.AgentReleased, agent=agent, wrap_until=wrap_until)

    def stays(self) -> list[tuple[str, str, int, int, str]]:
        return [
            (one.type, one.outcome, one.queued_at, one.waited, one.agent)
            for one in self.contacts.calls
        ]


def test_an_answered_contact_with_its_wrap_up():
    story = Story()
    story.arrives()
    story.tell(1, e.CustomerIdentified, customer=CustomerRef(id="c", tier="gold"))
    story.joins(2)
    story.accepted(12)
    story.tell(50, e.ContactEnded, ended_by="customer")
    story.released(50, wrap_until=99)
    story.tell(70, e.WrapUpFinished, agent="ann")
    story.tell(70, e.Completed)
    (call,) = story.contacts.calls
    assert (call.queued_at, call.waited, call.talk) == (2, 10, 38)
    assert (call.customer, call.tier, call.outcome) == ("c", "gold", "answered")
    assert story.contacts.wrap_up == {call.line: 20}


def test_who_hung_up_in_the_queue_and_who_before_it():
    story = Story()
    story.arrives()
    story.joins(5)
    story.tell(25, e.Abandoned, waited=25)
    story.arrives(30)
    story.tell(40, e.Abandoned, waited=10)
    assert [one.outcome for one in story.contacts.calls] == ["abandoned", "left"]
    assert story.contacts.calls[0].waited == 20


def test_a_transfer_begins_another_stay():
    story = Story()
    story.arrives()
    story.joins(0)
    story.accepted(10)
    story.released(30)
    story.joins(30, "other", "transfer")
    story.accepted(45, "bob")
    story.released(60, "bob")
    story.tell(60, e.Completed)
    assert story.stays() == [
        ("q", "answered", 0, 10, "ann"),
        ("other", "answered", 30, 15, "bob"),
    ]


def test_a_rule_that_sends_a_contact_on_does_not_end_its_stay():
    story = Story()
    story.arrives()
    story.joins(0)
    story.joins(30, "other", "overflow")
    story.accepted(50)
    story.released(60)
    assert story.stays() == [("q", "answered", 0, 50, "ann")]


def test_a_conversation_given_back_waits_again():
    story = Story()
    story.arrives()
    story.joins(0)
    story.tell(5, e.Returned, reason="missed", waiting_since=0)
    story.accepted(10)
    story.tell(20, e.Returned, reason="requeued", waiting_since=0)
    story.accepted(40, "bob")
    story.released(50, "bob")
    assert story.stays() == [("q", "answered", 0, 10, "ann"), ("q", "answered", 20, 20, "bob")]


def test_a_rule_that_ends_it_and_a_promise():
    story = Story()
    story.arrives()
    story.joins(0)
    story.tell(9, e.Overflowed, to=ToMessage(text="Sorry"), cause="wait", queue="q")
    story.arrives(10)
    story.joins(10)
    story.tell(15, e.CallbackPromised, callback=Callback(address="1", promised_at=15))
    story.accepted(80)
    story.released(90)
    assert [one[1] for one in story.stays()] == ["overflowed", "answered"]
    asked = story.contacts.asked_of(Catalog())
    assert [one.promised for one in asked.values()] == [False, True]


def test_consultations_and_outgoing_calls_are_set_aside():
    story = Story()
    story.arrives(parent="other")
    story.joins(0, reason="consult")
    story.accepted(5)
    assert not story.contacts.is_queued("k")
    story.released(9)
    story.tell(9, e.Completed)
    assert (story.contacts.calls, story.contacts.aside) == ([], 1)


def test_steps_of_the_queue_are_left_to_the_queue():
    story = Story()
    for at, steps in ((0, STEPS), (10, (Step(), Step()))):
        story.arrives(at)
        story.joins(at, steps=steps)
        story.tell(at + 5, e.Abandoned, waited=5)
    catalog = Catalog(queues={"q": Queue(id="q", label="q", steps=STEPS)})
    assert [len(one.steps) for one in story.contacts.asked_of(catalog).values()] == [0, 2]


def test_at_the_end_who_waits_is_counted_and_who_talks_has_talked_until_then():
    story = Story()
    story.arrives()
    story.joins(0)
    story.accepted(10)
    story.tell(20, e.ContactArrived, contact="l", channel="voice", direction="inbound")
    story.joins(20, contact="l")
    story.contacts.close(100)
    assert (story.contacts.cut_short, story.contacts.still_here) == (1, 1)
    assert [one.talk for one in story.contacts.calls] == [90]
