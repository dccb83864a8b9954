"""Every action gets one answer: its own."""

from __future__ import annotations

import pytest

from cti_adapters.asterisk.ami.codec import Message, ProtocolError
from cti_adapters.asterisk.ami.pending import (
    NEVER,
    Answered,
    Pending,
    PendingActions,
    Reply,
    Unanswered,
)


def response(mark: str, *headers: tuple[str, str], name: str = "Success") -> Message:
    return Message((("Response", name), ("ActionID", mark), *headers))


def entry(mark: str, name: str, *headers: tuple[str, str]) -> Message:
    return Message((("Event", name), ("ActionID", mark), *headers))


def pending(token: str, *, at: int = 0, listing: bool = False) -> Pending[str]:
    return Pending(action="A", token=token, listing=listing, timeout=10, deadline=at + 10)


@pytest.fixture
def actions() -> PendingActions[str]:
    return PendingActions(most=3, most_entries=4)


def begin(actions: PendingActions[str], mark: str = "1") -> Message:
    """A list has begun."""
    actions.add(mark, pending(f"token {mark}", listing=True))
    start = response(mark, ("EventList", "start"))
    assert actions.respond(start, 0) is None
    return start


def test_answers_are_matched_by_their_id_in_any_order(actions: PendingActions[str]) -> None:
    actions.add("1", pending("first"))
    actions.add("2", pending("second"))
    late, early = response("2"), response("1", name="Error")
    assert actions.respond(late, 0) == Answered("second", Reply("A", late, []))
    assert actions.respond(early, 0) == Answered("first", Reply("A", early, []))
    assert len(actions) == 0


@pytest.mark.parametrize("mark", ["", "9", "1"])
def test_an_answer_to_nothing_or_the_second_one_is_ignored(
    actions: PendingActions[str], mark: str
) -> None:
    actions.add("1", pending("first"))
    actions.respond(response("1"), 0)
    assert actions.respond(response(mark), 0) is None


def test_a_list_is_answered_when_it_is_complete(actions: PendingActions[str]) -> None:
    start = begin(actions)
    entries = [entry("1", "Item", ("N", str(n))) for n in range(3)]
    for each in entries:
        assert actions.is_entry(each)
        assert actions.enter(each, 0) is None
    end = entry("1", "ItemsComplete", ("EventList", "Complete"))
    assert actions.enter(end, 0) == Answered("token 1", Reply("A", start, entries))
    assert not actions.is_entry(end)


def test_two_lists_do_not_mix(actions: PendingActions[str]) -> None:
    begin(actions, "1")
    begin(actions, "2")
    actions.enter(entry("2", "Item"), 0)
    [answer] = [actions.enter(entry(mark, "End", ("EventList", "Complete")), 0) for mark in ("1",)]
    assert answer is not None
    assert answer.reply.entries == []


def test_a_refused_list_is_answered_at_once(actions: PendingActions[str]) -> None:
    actions.add("1", pending("first", listing=True))
    refused = response("1", name="Error")
    assert actions.respond(refused, 0) == Answered("first", Reply("A", refused, []))


def test_a_list_without_a_beginning_is_empty(actions: PendingActions[str]) -> None:
    actions.add("1", pending("first", listing=True))
    answer = actions.respond(response("1"), 0)
    assert answer is not None
    assert answer.reply.entries == []


def test_events_with_the_id_of_a_plain_action_are_events(actions: PendingActions[str]) -> None:
    actions.add("1", pending("first"))
    assert not actions.is_entry(entry("1", "OriginateResponse"))


def test_a_list_of_a_plain_action_is_not_gathered(actions: PendingActions[str]) -> None:
    actions.add("1", pending("first"))
    assert actions.respond(response("1", ("EventList", "start")), 0) is not None
    assert not actions.is_entry(entry("1", "Item"))


def test_who_waits_too_long_is_told_once(actions: PendingActions[str]) -> None:
    actions.add("1", pending("first", at=0))
    actions.add("2", pending("second", at=5))
    assert actions.deadline == 10
    assert actions.expire(9) == []
    assert actions.expire(10) == [Unanswered("first", "A")]
    assert actions.deadline == 15
    assert actions.tokens() == ["second"]
    assert actions.expire(15) == [Unanswered("second", "A")]
    assert actions.deadline == NEVER
    assert actions.expire(99) == []


def test_an_answer_that_comes_too_late_reaches_nobody(actions: PendingActions[str]) -> None:
    actions.add("1", pending("first"))
    actions.expire(10)
    assert actions.respond(response("1"), 11) is None
    assert len(actions) == 0


def test_a_list_that_comes_too_late_does_not_pass_for_events(
    actions: PendingActions[str],
) -> None:
    actions.add("1", pending("first", listing=True))
    actions.expire(10)
    assert actions.respond(response("1", ("EventList", "start")), 11) is None
    late = entry("1", "Item")
    assert actions.is_entry(late)
    assert actions.enter(late, 11) is None
    assert actions.enter(entry("1", "End", ("EventList", "Complete")), 11) is None
    assert len(actions) == 0


def test_every_entry_gives_a_list_more_time(actions: PendingActions[str]) -> None:
    begin(actions)
    actions.enter(entry("1", "Item"), 8)
    assert actions.expire(10) == []
    assert actions.deadline == 18
    assert actions.expire(18) == [Unanswered("token 1", "A")]


def test_there_is_a_bound_to_actions(actions: PendingActions[str]) -> None:
    for n in range(3):
        actions.add(str(n), pending("x"))
    with pytest.raises(ProtocolError, match="leaves 3 actions unanswered"):
        actions.add("4", pending("x"))


def test_there_is_a_bound_to_the_entries_of_all_lists(actions: PendingActions[str]) -> None:
    begin(actions, "1")
    begin(actions, "2")
    for mark in "1122":
        actions.enter(entry(mark, "Item"), 0)
    with pytest.raises(ProtocolError, match="over 4 entries"):
        actions.enter(entry("1", "Item"), 0)


def test_entries_of_finished_lists_do_not_count(actions: PendingActions[str]) -> None:
    for mark in "1234":
        begin(actions, mark)
        for _ in range(4):
            actions.enter(entry(mark, "Item"), 0)
        actions.enter(entry(mark, "End", ("EventList", "Complete")), 0)


def test_an_entry_that_is_not_believed_keeps_its_list_alive(actions: PendingActions[str]) -> None:
    start = begin(actions)
    actions.leave_out(entry("1", "Item"), 8)
    assert actions.expire(17) == []
    end = entry("1", "ItemsComplete", ("EventList", "Complete"))
    assert actions.enter(end, 17) == Answered("token 1", Reply("A", start, []))


def test_only_the_last_entry_is_taken_back(actions: PendingActions[str]) -> None:
    start = begin(actions)
    entries = [entry("1", "Item", ("N", str(n))) for n in range(4)]
    for each in entries[:3]:
        actions.enter(each, 0)
    actions.take_back(entries[0])
    actions.take_back(entries[2])
    actions.take_back(entry("9", "Item"))
    actions.enter(entries[3], 0)
    assert actions.enter(entry("1", "Item", ("N", "4")), 0) is None  # four, as there may be
    actions.take_back(entry("1", "Item"))
    end = entry("1", "ItemsComplete", ("EventList", "Complete"))
    answered = actions.enter(end, 0)
    assert answered is not None
    assert answered.reply.response is start
    assert [each.get("N") for each in answered.reply.entries] == ["0", "1", "3", "4"]
