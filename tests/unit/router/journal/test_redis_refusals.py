"""A copy of a command gets the answer that it would have got."""

from __future__ import annotations

from router.core.events import Rejected
from router.journal.redis_refusals import REMEMBERED, Refusals, milliseconds, record, told

NO = Rejected(code="wrong_state", reason="It is not there.")
OTHER = Rejected(code="unknown_agent", reason="Nobody has that name.")


def test_who_had_asked_before_gets_the_same_and_who_asks_after_does_not() -> None:
    refusals = Refusals()
    refusals.add(1_000, {"in-1": NO})
    assert refusals.of("in-1", 999) == NO
    assert refusals.of("in-1", 1_000) == NO
    assert refusals.of("in-1", 1_001) is None
    assert refusals.of("in-2", 999) is None


def test_the_latest_refusal_of_an_id_counts() -> None:
    refusals = Refusals()
    refusals.add(1_000, {"in-1": NO})
    refusals.add(2_000, {"in-1": OTHER})
    assert refusals.of("in-1", 1_500) == OTHER


def test_the_next_writer_knows_what_stands_in_redis_but_what_it_cannot_read() -> None:
    refusals = Refusals()
    refusals.restore(
        [
            ("1000-0", {b"i": b"in-1", b"r": record(NO)}),
            ("1001-3", {b"i": b"in-2", b"r": b"\xff"}),
            ("1002-0", {}),
        ]
    )
    assert refusals.of("in-1", 1_000) == NO
    assert refusals.of("in-2", 1_000) is None


def test_what_is_remembered_is_bounded_and_the_oldest_go() -> None:
    refusals = Refusals()
    for number in range(REMEMBERED + 1):
        refusals.add(1_000 + number, {f"in-{number}": NO})
    assert refusals.of("in-0", 0) is None
    assert refusals.of("in-1", 0) == NO


def test_scripts_are_told_how_many_there_are_and_then_each() -> None:
    assert told({}) == (0,)
    assert told({"in-1": NO}) == (1, "in-1", record(NO))


def test_an_id_of_a_stream_says_when() -> None:
    assert milliseconds("1790000000123-7") == 1_790_000_000_123
    assert milliseconds("rubbish") == milliseconds("") == milliseconds("9" * 30) == 0
