"""Guessing passwords: what is limited, and for whom."""

from __future__ import annotations

import pytest

from router.clock import ManualClock
from router.core.durations import MINUTE
from server.errors import ApiError
from server.sign_in import SignIn

PER_MINUTE = 10


class Nobody:
    """Accounts without a user."""

    async def credentials(self, user: str) -> None:
        return None


class Never:
    """Passwords that never fit."""

    def verify(self, stored: str | None, password: str) -> bool:
        return False


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_000 * MINUTE)


@pytest.fixture
def sign_in(clock) -> SignIn:
    return SignIn(Nobody(), Never(), clock, per_minute=PER_MINUTE)


async def refusal(sign_in: SignIn, user: str, address: str) -> int:
    with pytest.raises(ApiError) as refused:
        await sign_in.sign_in(user, "guess", address)
    return refused.value.status


async def guesses_until_limited(sign_in: SignIn, users, addresses) -> int:
    for count, (user, address) in enumerate(zip(users, addresses, strict=False)):
        if await refusal(sign_in, user, address) == 429:
            return count
    raise AssertionError("never limited")


def users():
    return (f"user{n}" for n in range(1_000))


async def test_one_address_gets_its_burst_whatever_users_it_names(sign_in):
    assert await guesses_until_limited(sign_in, users(), ["192.0.2.1"] * 1_000) == 3 * PER_MINUTE


async def test_the_addresses_of_one_ipv6_network_count_as_one(sign_in):
    addresses = (f"2001:db8::{n:x}" for n in range(1_000))
    assert await guesses_until_limited(sign_in, users(), addresses) == 3 * PER_MINUTE


async def test_an_ipv4_address_cannot_be_written_in_two_ways(sign_in):
    addresses = ["192.0.2.1", "::ffff:192.0.2.1"] * 500
    assert await guesses_until_limited(sign_in, users(), addresses) == 3 * PER_MINUTE


async def test_one_user_is_guessed_slowly_even_from_many_addresses(sign_in):
    addresses = (f"192.0.{n // 250}.{n % 250}" for n in range(1_000))
    assert await guesses_until_limited(sign_in, ["ann"] * 1_000, addresses) == 50


async def test_waiting_lets_one_try_again(sign_in, clock):
    await guesses_until_limited(sign_in, users(), ["192.0.2.1"] * 1_000)
    clock.advance(MINUTE)
    assert await refusal(sign_in, "ann", "192.0.2.1") == 401
