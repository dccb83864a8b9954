"""From cells to calls."""

from __future__ import annotations

import pytest

from router.core.catalog import HOUR, MINUTE, SECOND
from router.core.durations import DAY
from simulator.call_log.clocks import Clocks
from simulator.call_log.header import places
from simulator.call_log.mapping import ANONYMOUS_BANK, ONE_ROW_PER_CALL, Mapping
from simulator.call_log.model import RecordedCall
from simulator.call_log.rows import BadRow, RowReader
from tests.unit.simulator.call_log.headers import BANK

PLAIN = [
    "id",
    "arrived_at",
    "queued_at",
    "answered_at",
    "ended_at",
    "outcome",
    "tier",
    "type",
    "agent",
]
MONDAY = Clocks().day("990201")


class Reading:
    """Reads rows of one kind and keeps what was noted."""

    def __init__(self, mapping: Mapping, header: list[str]) -> None:
        self._reader = RowReader(mapping, places(mapping.columns, header), len(header))
        self.notes: list[str] = []

    def __call__(self, row: str, separator: str = " ") -> RecordedCall:
        found = self.maybe(row, separator)
        assert found is not None
        return found

    def maybe(self, row: str, separator: str = " ") -> RecordedCall | None:
        return self._reader.read(7, row.split(separator), lambda what, _: self.notes.append(what))


@pytest.fixture
def bank() -> Reading:
    return Reading(ANONYMOUS_BANK, BANK)


@pytest.fixture
def plain() -> Reading:
    return Reading(ONE_ROW_PER_CALL, PLAIN)


def test_a_valued_caller_of_the_bank_who_waited(bank: Reading) -> None:
    call = bank(
        "AA0101 34540 48178511 2 PS 990201 8:19:42 8:19:47 5 8:19:47 8:20:21 34"
        " AGENT 8:20:20 8:22:04 104 MICHAL"
    )
    queued = MONDAY + 8 * HOUR + 19 * MINUTE + 47 * SECOND
    assert call == RecordedCall(
        line=7,
        id="AA0101-34540",
        customer="48178511",
        tier="valued",
        type="PS",
        arrived_at=queued - 5 * SECOND,
        queued_at=queued,
        waited=34 * SECOND,
        outcome="answered",
        answered_at=queued + 33 * SECOND,
        talk=104 * SECOND,
        agent="MICHAL",
    )
    assert call.wait_ends == call.answered_at
    assert call.talk_ends == call.answered_at + 104 * SECOND
    assert bank.notes == []


def test_who_did_not_wait_asked_at_the_end_of_self_service_and_has_no_known_tier(
    bank: Reading,
) -> None:
    call = bank(
        "AA0101 34537 0 0 PS 990201 7:31:45 7:31:55 10 0:00:00 0:00:00 0"
        " AGENT 7:31:54 7:31:59 5 NO_SERVER"
    )
    assert call.queued_at == MONDAY + 7 * HOUR + 31 * MINUTE + 55 * SECOND
    assert (call.waited, call.customer, call.agent) == (0, "", "")
    assert (call.tier, call.tier_known) == ("unidentified", False)


def test_who_hung_up_without_joining_the_queue_left(bank: Reading) -> None:
    rest = "0 HANG 0:00:00 0:00:00 0 NO_SERVER"
    left = bank(f"A 1 0 0 NW 990205 8:26:00 8:26:10 10 0:00:00 0:00:00 {rest}")
    joined = bank(f"A 1 0 0 NW 990205 8:26:00 8:26:10 10 8:26:10 8:26:10 {rest}")
    assert (left.outcome, joined.outcome) == ("left", "abandoned")


def test_phantoms_are_ignored(bank: Reading) -> None:
    row = "A 1 9 2 PS 990201 8:00:00 8:00:05 5 8:00:05 8:00:35 30 PHANTOM 8:00:30 8:01:00 30 X"
    assert bank.maybe(row) is None


def test_times_pass_midnight(bank: Reading) -> None:
    waits = bank(
        "A 1 9 1 PS 990210 23:59:56 23:59:56 0 0:00:02 0:00:29 27 AGENT 0:00:29 0:00:58 29 BENSION"
    )
    midnight = MONDAY + 10 * DAY
    assert waits.queued_at == midnight + 2 * SECOND
    assert waits.answered_at == midnight + 29 * SECOND
    at_once = bank(
        "A 1 0 0 PS 990211 23:59:39 23:59:39 0 0:00:00 0:00:00 0 AGENT 0:00:09 0:00:29 20 BENSION"
    )
    assert at_once.queued_at == midnight + DAY - 21 * SECOND
    assert at_once.answered_at == midnight + DAY + 9 * SECOND


def test_service_at_midnight_is_service(bank: Reading) -> None:
    call = bank(
        "A 1 0 0 PS 990201 23:59:50 23:59:59 9 0:00:00 0:00:00 0 AGENT 0:00:00 0:01:00 60 X"
    )
    assert call.answered_at == MONDAY + DAY


def test_an_answered_call_without_conversation_keeps_its_agent(bank: Reading) -> None:
    call = bank("A 1 9 2 PS 990201 8:00:00 8:00:06 6 8:00:06 8:00:19 13 AGENT 0:00:00 0:00:00 0 X")
    assert (call.outcome, call.talk, call.agent) == ("answered", 0, "X")
    assert call.answered_at == call.queued_at + call.waited


def test_a_clock_that_runs_backwards_is_noted_and_lived_with(bank: Reading) -> None:
    call = bank(
        "A 1 9 2 PS 990207 9:48:14 9:47:17 -57 9:47:17 9:50:11 174 AGENT 9:50:11 9:51:28 77 KAZAV"
    )
    assert call.arrived_at == call.queued_at
    assert bank.notes == ["the wait begins before the call arrives"]


def test_early_service_is_noted_beyond_two_seconds(bank: Reading) -> None:
    row = "A 1 9 2 PS 990201 8:00:00 8:00:05 5 8:00:05 8:00:35 30 AGENT 8:00:{} 8:02:00 90 X"
    bank(row.format(33))
    assert bank.notes == []
    call = bank(row.format(20))
    assert bank.notes == ["the service begins before the wait is over"]
    assert call.waited == 30 * SECOND
    assert call.wait_ends == call.answered_at


def test_timestamps_give_wait_and_conversation(plain: Reading) -> None:
    call = plain(
        "c1,1999-02-01T08:00:00,,1999-02-01T08:01:00,1999-02-01T08:05:00,Answered,gold,sales,ann",
        ",",
    )
    assert (call.waited, call.talk) == (MINUTE, 4 * MINUTE)
    assert call.queued_at == call.arrived_at
    assert (call.tier, call.type, call.agent) == ("gold", "sales", "ann")


def test_without_a_word_about_the_outcome_an_answer_decides(plain: Reading) -> None:
    assert (
        plain("1,1999-02-01T08:00:00,,1999-02-01T08:01:00,1999-02-01T08:05:00,,,,", ",").outcome
        == "answered"
    )
    gone = plain("1,1999-02-01T08:00:00,,,1999-02-01T08:05:00,,,,", ",")
    assert (gone.outcome, gone.waited, gone.talk) == ("abandoned", 5 * MINUTE, 0)


def test_a_conversation_is_an_answer_where_nothing_else_is_said() -> None:
    short = Reading(ONE_ROW_PER_CALL, ["arrived_at", "waited", "talk", "agent"])
    answered, gone = short("1999-02-01T08:00:00 34 104 ann"), short("1999-02-01T08:00:00 34 0 ")
    assert (answered.outcome, answered.agent) == ("answered", "ann")
    assert answered.talk_ends - answered.queued_at == (34 + 104) * SECOND
    assert gone.outcome == "abandoned"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,1999-02-01T08:00:00", "fewer columns"),
        ("1,1999-02-01T08:00:00,,,1999-02-01T08:05:00,,,,,x", "more columns"),
        ("1,soon,,,,,,,", "not an ISO 8601"),
        ("1,,,,,,,,", "arrival is missing"),
        ("1,1999-02-01T08:00:00,,,,,,,", "neither the wait"),
        ("1,1999-02-01T08:00:00,,1999-02-01T08:01:00,,answered,,,", "neither the conversation"),
        ("1,1999-02-01T08:00:00,,,1999-02-01T07:05:00,,,,", "wait lasts less than nothing"),
        ("1,1999-02-01T08:00:00,,,1999-02-03T08:05:00,,,,", "wait lasts longer than 24"),
        ("1,1999-02-01T08:00:00,1999-02-03T08:05:00,,1999-02-03T08:05:00,,,,", "self-service"),
        (
            "1,1999-02-01T08:00:00,,1999-02-01T08:01:00,1999-02-01T08:00:30,,,,",
            "conversation lasts less",
        ),
        ("1,1899-02-01T08:00:00,,,1999-02-03T08:05:00,,,,", "1970 to 2100"),
        ("1,1999-02-01T08:00:00,,,1999-02-01T08:05:00,VANISHED,,,", "outcome is a word"),
    ],
)
def test_what_cannot_be_a_call_is_refused_with_a_reason(
    plain: Reading, row: str, reason: str
) -> None:
    with pytest.raises(BadRow, match=reason):
        plain(row, ",")


def test_words_from_outside_are_made_plain(plain: Reading) -> None:
    call = plain(
        f"1,1999-02-01T08:00:00,,,1999-02-01T08:05:00,,\x1b[31mgold\u202e,{'x' * 1000},", ","
    )
    assert call.tier == "[31mgold"
    assert len(call.type) == 100


def test_empty_cells_beyond_the_header_do_no_harm(plain: Reading) -> None:
    assert plain("1,1999-02-01T08:00:00,,,1999-02-01T08:05:00,,,,,,", ",").waited == 5 * MINUTE
