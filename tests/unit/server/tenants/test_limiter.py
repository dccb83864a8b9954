"""``server.tenants.limiter``: a tenant has what it was given, and no more."""

from __future__ import annotations

from itertools import pairwise

from config.tenants import Limits
from router.core.durations import MILLISECOND, SECOND
from server.tenants.limiter import LONGEST_WAIT, PATIENCE, Limiter, Refusal

FEW = Limits(
    requests_per_second=10,
    requests_at_once=30,
    sockets=2,
    sockets_per_second=10,
    messages_per_second=100,
)


def test_a_flood_of_requests_gets_its_rate_and_no_more() -> None:
    limiter, turns = Limiter(FEW, 0), []
    for at in range(0, 10 * SECOND, MILLISECOND):
        wait = limiter.request(at)
        if not isinstance(wait, Refusal):
            turns.append(at + wait)
            limiter.request_ended()
    assert len(turns) == 4 + 100 + 19
    assert all(later - sooner >= SECOND // 10 for sooner, later in pairwise(turns[4:]))
    assert limiter.refused["too_many_requests"] == 10_000 - len(turns)


def test_a_page_and_what_belongs_to_it_come_in_without_a_refusal() -> None:
    limiter = Limiter(Limits(), 0)
    waits = [limiter.request(0) for _ in range(50)]
    assert not [one for one in waits if isinstance(one, Refusal)]


def test_nobody_waits_longer_than_patience_lasts() -> None:
    limiter = Limiter(FEW, 0)
    waits = [one for _ in range(25) if not isinstance(one := limiter.request(0), Refusal)]
    assert waits[:4] == [0] * 4
    assert max(waits) == PATIENCE
    refusal = limiter.request(0)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 429


def test_only_so_many_requests_are_answered_at_once() -> None:
    limiter = Limiter(Limits(requests_at_once=3), 0)
    assert [limiter.request(0) for _ in range(3)] == [0] * 3
    refusal = limiter.request(0)
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.code) == (503, "too_much_at_once")
    limiter.request_ended()
    assert limiter.request(0) == 0


def test_only_so_many_sockets_are_open() -> None:
    limiter = Limiter(FEW, 0)
    assert [limiter.socket(0), limiter.socket(0)] == [0, 0]
    refusal = limiter.socket(0)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "too_many_sockets"
    limiter.socket_ended()
    assert limiter.socket(0) == 0


def test_messages_wait_for_their_turn_in_order() -> None:
    limiter = Limiter(FEW, 0)
    waits = [limiter.message(0) for _ in range(28)]
    assert waits[:25] == [0] * 25
    assert waits[25:] == [10 * MILLISECOND, 20 * MILLISECOND, 30 * MILLISECOND]


def test_no_message_waits_for_ever() -> None:
    limiter = Limiter(FEW, 0)
    assert max(limiter.message(0) for _ in range(10_000)) == LONGEST_WAIT
