"""What the timeline keeps of a contact."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from crm import fold
from crm.fold import MAX_LINES, MAX_THREAD, OpenContact
from crm.limits import MAX_NOTE
from router.core import events as e
from router.core.catalog import ToMessage
from router.core.model import CustomerRef, Message


def _arrived(**fields: Any) -> OpenContact | None:
    given = {"channel": "chat", "direction": "inbound", "address": "ann@example.com"} | fields
    return fold.opened(e.ContactArrived(contact="c1", sequence=1, **given), 100)


def _contact(*happened: tuple[int, e.ContactEvent]) -> OpenContact:
    contact = _arrived()
    assert contact is not None
    for at, event in happened:
        fold.apply(contact, event, at)
    return contact


def _of(kind: type[Any], **fields: Any) -> Any:
    return kind(contact="c1", sequence=2, **fields)


def _line(text: str, number: int = 1) -> e.MessagePosted:
    message = Message(id=f"m{number}", author="customer", text=text, at=5)
    return e.MessagePosted(contact="c1", sequence=2, message=message)


def test_talks_between_colleagues_are_nobodys_history() -> None:
    assert _arrived(parent="c0") is None
    assert _arrived(direction="internal") is None


def test_the_last_queue_agent_customer_and_disposition_count() -> None:
    contact = _contact(
        (110, _of(e.CustomerIdentified, customer=CustomerRef(id="k1"))),
        (
            120,
            _of(
                e.Enqueued, queue="a", steps=(), step_until=0, waiting_since=0, credit=(), waited=0
            ),
        ),
        (130, _of(e.OfferAccepted, offer="o", agent="ann", waited=0, waited_in_queue=0)),
        (140, _of(e.AgentReleased, agent="ann", wrap_until=200)),
        (
            140,
            _of(
                e.Enqueued, queue="b", steps=(), step_until=0, waiting_since=0, credit=(), waited=0
            ),
        ),
        (150, _of(e.WrapUpFinished, agent="ann", disposition="Passed on", note="to billing")),
        (160, _of(e.AgentJoined, agent="eve", role="participant", consult="x")),
        (160, _of(e.OfferAccepted, offer="p", agent="ben", waited=0, waited_in_queue=0)),
        (170, _of(e.CustomerIdentified, customer=CustomerRef(id="k2"))),
        (180, _of(e.ContactEnded, ended_by="customer")),
        (180, _of(e.AgentReleased, agent="ben", wrap_until=300)),
        (180, _of(e.Completed)),
    )
    assert contact.is_ended
    assert not contact.is_finished
    fold.apply(contact, _of(e.WrapUpFinished, agent="ben", disposition="", note="refunded"), 250)
    assert contact.is_finished
    ended = contact.ended()
    assert (ended.queue, ended.agent, ended.customer) == ("b", "ben", "k2")
    assert (ended.arrived_at, ended.ended_at, ended.outcome) == (100, 180, "handled")
    assert (ended.disposition, ended.summary) == ("Passed on", "to billing\nrefunded")


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (_of(e.Abandoned, waited=1), "abandoned"),
        (_of(e.Overflowed, to=ToMessage(text="x"), cause="closed", queue="q"), "overflowed"),
        (_of(e.TransferredOut, address="+1", agent="ann"), "transferred"),
        (_of(e.Completed, reason="callback_failed"), "callback_failed"),
    ],
)
def test_every_end_has_its_outcome(event: e.ContactEvent, outcome: str) -> None:
    contact = _contact((200, event))
    assert contact.is_finished
    assert (contact.outcome, contact.ended_at) == (outcome, 200)


def test_identification_can_be_taken_back() -> None:
    known = _of(e.CustomerIdentified, customer=CustomerRef(id="k1"))
    assert _contact((1, known), (2, _of(e.CustomerIdentified, customer=None))).customer == ""


def test_a_thread_is_kept_in_order_and_made_safe() -> None:
    contact = _contact((5, _line("hello\0")), (6, _line("<b>你好</b>", 2)))
    assert [line.text for line in contact.ended().transcript] == ["hello", "<b>你好</b>"]


def test_an_endless_thread_is_cut_and_says_so() -> None:
    many = _contact(*((n, _line("x", n)) for n in range(MAX_LINES + 50)))
    assert len(many.messages) == MAX_LINES + 1
    assert "longer than is kept" in many.messages[-1].text
    large = _contact(*((n, _line("x" * 50_000, n)) for n in range(9)))
    assert sum(len(line.text) for line in large.messages) <= MAX_THREAD + 100
    assert "longer than is kept" in large.messages[-1].text


def test_long_notes_fit_the_timeline() -> None:
    notes = ((n, _of(e.WrapUpFinished, agent="ann", note="n" * 3_000)) for n in range(5))
    assert len(_contact(*notes).ended().summary) == MAX_NOTE


def test_what_the_timeline_does_not_keep_changes_nothing() -> None:
    contact = _contact()
    assert not fold.apply(contact, _of(e.Held), 5)


def test_an_open_contact_survives_storage() -> None:
    contact = _contact((5, _line("hello")), (6, _of(e.AgentReleased, agent="a", wrap_until=9)))
    encoded = msgspec.msgpack.encode(contact)
    assert msgspec.msgpack.decode(encoded, type=OpenContact) == contact
