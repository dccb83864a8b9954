"""``router.branch.outbox``: in order for each contact, sent until answered, bounded."""

from __future__ import annotations

import pytest

from router.branch import outbox as module
from router.branch.messages import Commanded
from router.branch.outbox import AT_ONCE, OLD, SENT_AGAIN, Outbox, OutboxFull, Waiting
from router.core import commands as c
from router.core.durations import SECOND


def about(contact, outbox, since=0):
    number = outbox.take_number()
    command = c.Hold(id=f"{contact}/{number}", contact=contact)
    outbox.add(Waiting(number=number, request=Commanded(command=command), since=since))
    return number


def numbers(waiting):
    return [one.number for one in waiting]


def test_of_one_contact_one_request_is_under_way():
    outbox = Outbox()
    first, second = about("lee:1", outbox), about("lee:1", outbox)
    other = about("lee:2", outbox)
    assert numbers(outbox.due(1)) == [first, other]
    assert outbox.due(2) == []
    outbox.answered(first)
    assert numbers(outbox.due(3)) == [second]


def test_what_is_not_answered_is_sent_again_after_a_while():
    outbox = Outbox()
    number = about("lee:1", outbox)
    assert numbers(outbox.due(1)) == [number]
    assert outbox.due(SENT_AGAIN) == []
    assert numbers(outbox.due(1 + SENT_AGAIN)) == [number]


def test_with_a_new_session_everything_unanswered_is_sent_again_in_its_order():
    outbox = Outbox()
    made = [about(f"lee:{one % 5}", outbox) for one in range(20)]
    outbox.due(1)
    outbox.begin()
    sent = []
    while found := numbers(outbox.due(2)):
        sent += found
        for one in found:
            outbox.answered(one)
    assert sorted(sent) == made
    assert sent == sorted(sent)


def test_no_more_are_under_way_than_the_centre_takes():
    outbox = Outbox()
    made = [about(f"lee:{one}", outbox) for one in range(AT_ONCE + 10)]
    assert numbers(outbox.due(1)) == made[:AT_ONCE]
    outbox.answered(made[0])
    assert numbers(outbox.due(2)) == [made[AT_ONCE]]


def test_an_answer_counts_once():
    outbox = Outbox()
    number = about("lee:1", outbox)
    assert outbox.answered(number) is not None
    assert outbox.answered(number) is None
    assert len(outbox) == 0


def test_the_floor_is_below_everything_without_an_answer_and_what_is_being_made():
    outbox = Outbox(next_number=5)
    assert outbox.floor == 5
    being_made = outbox.take_number()
    assert outbox.floor == being_made
    later = about("lee:2", outbox)
    assert outbox.floor == later
    outbox.answered(later)
    assert outbox.floor == later + 1


def test_what_was_kept_is_taken_up_in_its_order():
    outbox = Outbox()
    made = [about("lee:1", outbox), about("lee:1", outbox)]
    kept = [one for number in made if (one := outbox.answered(number))]
    again = Outbox(kept, next_number=made[-1] + 1)
    assert numbers(again.due(1)) == made[:1]
    assert again.take_number() == made[-1] + 1


def test_a_full_outbox_takes_nothing_and_says_what_to_do(monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    outbox = Outbox()
    about("lee:1", outbox)
    about("lee:2", outbox)
    with pytest.raises(OutboxFull, match="broker"):
        outbox.check_room()
    assert "2 requests wait" in outbox.problem(0)


def test_a_request_that_waits_for_long_is_a_problem():
    outbox = Outbox()
    about("lee:1", outbox, since=SECOND)
    assert outbox.problem(SECOND + OLD - 1) == ""
    assert "5 minutes" in outbox.problem(SECOND + OLD)
