"""What a contact that waits is told and offered, as its flow or its queue has it."""

from __future__ import annotations

import msgspec
import pytest

from router.core.catalog import Announcement, CallbackOffer, Queue
from router.core.durations import MINUTE, SECOND
from router.core.events import Enqueued
from router.core.model import Contact, ContactState
from router.core.turn import Refusal
from router.core.while_waiting import (
    MAX_ANNOUNCEMENTS,
    announcements_of,
    callback_offer,
    check_announcements,
)

THANKS = Announcement(text="Thank you.")
OFFER = CallbackOffer(after=MINUTE)
CARE = Queue(id="care", label="Care", announcements=(THANKS,), callback=OFFER)
SHY = Queue(id="shy", label="Shy")


def contact(**given) -> Contact:
    fields = {"id": "k", "number": 1, "channel": "voice", "direction": "inbound", "arrived_at": 1}
    return Contact(**fields, **given)


def test_without_its_own_a_contact_is_told_and_offered_what_the_queue_has():
    assert announcements_of(contact(), CARE) == (THANKS,)
    assert callback_offer(contact(), CARE) == OFFER
    assert announcements_of(contact(), SHY) == ()
    assert callback_offer(contact(), SHY) is None


def test_its_own_stand_in_for_the_queues_also_when_they_are_none():
    own = Announcement(text="Nearly there.")
    assert announcements_of(contact(announcements=(own,)), CARE) == (own,)
    assert announcements_of(contact(announcements=()), CARE) == ()


@pytest.mark.parametrize(
    ("queue", "offers", "offer"),
    [(CARE, False, None), (CARE, True, OFFER), (SHY, True, CallbackOffer()), (SHY, False, None)],
)
def test_its_own_offer_follows_the_rules_of_the_queue_where_it_has_some(queue, offers, offer):
    assert callback_offer(contact(offer_callback=offers), queue) == offer


def test_announcements_are_bounded():
    check_announcements(None)
    check_announcements((THANKS, Announcement(text="", audio="thanks", every=5 * SECOND)))
    check_announcements((THANKS,) * MAX_ANNOUNCEMENTS)
    with pytest.raises(Refusal):
        check_announcements((THANKS,) * (MAX_ANNOUNCEMENTS + 1))


def test_a_journal_and_a_snapshot_from_before_are_readable():
    event = {
        "contact": "k",
        "sequence": 2,
        "queue": "care",
        "steps": [],
        "step_until": 0,
        "waiting_since": 0,
        "credit": [],
        "waited": 0,
    }
    old = msgspec.msgpack.encode({"type": Enqueued.__struct_config__.tag, **event})
    assert msgspec.msgpack.decode(old, type=Enqueued).announcements is None
    written = msgspec.msgpack.encode(contact(state=ContactState.QUEUED, queue="care"))
    fields = msgspec.msgpack.decode(written)
    del fields["announcements"], fields["offer_callback"]
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(fields), type=Contact)
    assert (read.announcements, read.offer_callback) == (None, None)
