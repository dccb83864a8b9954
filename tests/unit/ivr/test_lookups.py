"""What a flow asks of others is answered in bounded time, and no secret comes back with it."""

from __future__ import annotations

import asyncio

import pytest

from ivr.core.session import AskSystem, FindCustomer, LookedUp
from ivr.core.values import MASK
from ivr.lookups import FAILED, LookUps, NoConnectors
from router.core.durations import MILLISECOND

ASKED = AskSystem(
    connector="bank", parameters={"from": "+1"}, secrets={"code": "pin"}, within=10 * MILLISECOND
)


class Bank:
    def __init__(self, **answer):
        self.answer, self.asked = answer, None

    async def ask(self, connector, parameters):
        self.asked = parameters
        return LookedUp(turn=0, result="found", answer=self.answer)


class Hanging:
    """A system, or a directory, that never answers."""

    async def ask(self, connector, parameters):
        await asyncio.Event().wait()

    async def identify(self, channel, address):
        await asyncio.Event().wait()


class Failing:
    async def ask(self, connector, parameters):
        raise RuntimeError

    async def identify(self, channel, address):
        raise RuntimeError


async def test_a_system_is_asked_with_the_parameters_and_the_secrets():
    bank = Bank(balance="12")
    found = await LookUps(None, bank).answer(ASKED, {"pin": "4711"})
    assert bank.asked == {"from": "+1", "code": "4711"}
    assert found.answer == {"balance": "12"}


async def test_a_secret_that_is_repeated_in_the_answer_is_masked():
    bank = Bank(told="your PIN 4711, 4711!", order="5471122", code="4711")
    found = await LookUps(None, bank).answer(ASKED, {"pin": "4711"})
    masked = {"told": f"your PIN {MASK}, {MASK}!", "order": "5471122", "code": MASK}
    assert found.answer == masked


async def test_without_its_secret_nobody_is_asked():
    bank = Bank()
    assert await LookUps(None, bank).answer(ASKED, {}) == FAILED
    assert bank.asked is None


@pytest.mark.parametrize("system", [NoConnectors(), Hanging(), Failing()])
async def test_a_system_that_is_not_there_or_hangs_or_fails_is_a_failure(system):
    assert await LookUps(None, system).answer(ASKED, {"pin": "4711"}) == FAILED


@pytest.mark.parametrize("directory", [Hanging(), Failing()])
async def test_a_directory_that_hangs_or_fails_knows_nobody(directory):
    class Someone:
        channel = "voice"

    wanted = FindCustomer(by_address=True, wanted="+1", within=MILLISECOND)
    assert await LookUps(directory, NoConnectors()).customers(Someone(), wanted) == ()
