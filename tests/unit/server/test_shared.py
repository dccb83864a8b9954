"""``server.shared``: a tenant's commands come to its engine at its rate."""

from __future__ import annotations

import asyncio

import pytest

from router.core.commands import Command, SignIn
from router.core.durations import SECOND
from router.ports import Accepted, Outcome, Overloaded
from server.shared import Shared


class StandingClock:
    def __init__(self) -> None:
        self.at = 0

    def now(self) -> int:
        return self.at


class Taking:
    """A sink that takes everything."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def submit(self, command: Command) -> Outcome:
        self.taken.append(command.id)
        return Accepted(position=1, events=())


async def test_so_many_commands_go_through_at_once_and_then_as_time_passes() -> None:
    clock, sink = StandingClock(), Taking()
    paced = Shared(commands_per_second=5).paced(sink, clock)
    for number in range(5):
        await paced.submit(SignIn(id=f"c{number}", agent="ann"))
    clock.at += SECOND
    await paced.submit(SignIn(id="later", agent="ann"))
    assert sink.taken == ["c0", "c1", "c2", "c3", "c4", "later"]


async def test_those_who_wait_go_on_together(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("server.shared.asyncio.sleep", sleep)
    paced = Shared(commands_per_second=50).paced(Taking(), StandingClock())
    for number in range(12 + 10):
        await paced.submit(SignIn(id=f"c{number}", agent="ann"))
    assert waits == [0.1] * 5 + [0.2] * 5


async def test_what_would_wait_too_long_is_refused_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("server.shared.asyncio.sleep", sleep)
    clock, sink = StandingClock(), Taking()
    paced = Shared(commands_per_second=2).paced(sink, clock)
    for number in range(7):
        await paced.submit(SignIn(id=f"c{number}", agent="ann"))
    assert waits == [0.5, 1.0]
    with pytest.raises(Overloaded, match="More than 2 commands a second"):
        await paced.submit(SignIn(id="refused", agent="ann"))
    assert "refused" not in sink.taken


async def test_nobody_overtakes_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, sink, pause = StandingClock(), Taking(), asyncio.sleep

    async def sleep(seconds: float) -> None:
        for _ in range(3):  # others come meanwhile
            await pause(0)
        clock.at += round(seconds * SECOND)

    monkeypatch.setattr("server.shared.asyncio.sleep", sleep)
    paced = Shared(commands_per_second=50).paced(sink, clock)
    names = [f"c{number}" for number in range(45)]
    await asyncio.gather(*(paced.submit(SignIn(id=name, agent="ann")) for name in names))
    assert sink.taken == names


async def test_no_more_wait_than_have_their_turn_in_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never = asyncio.Event()

    async def sleep(_: float) -> None:
        await never.wait()

    monkeypatch.setattr("server.shared.asyncio.sleep", sleep)
    paced = Shared(commands_per_second=50).paced(Taking(), StandingClock())
    many = [asyncio.ensure_future(paced.submit(SignIn(id=f"c{n}", agent="a"))) for n in range(99)]
    while not any(one.done() and one.exception() for one in many):
        await asyncio.wait(many, return_when=asyncio.FIRST_EXCEPTION)
    refused = [one for one in many if one.done() and one.exception() is not None]
    for one in many:
        one.cancel()
    await asyncio.gather(*many, return_exceptions=True)
    assert len(refused) >= 99 - 12 - 50
