"""A command that somebody waits behind is submitted until the router takes it."""

import pytest

from router.core.commands import Abandon
from router.insisting import FIRST_PAUSE, LONGEST_PAUSE, submit_surely
from router.ports import Accepted, EngineStopped, JournalUnavailable, Overloaded

LEFT = Abandon(id="left", contact="k")
TAKEN = Accepted(position=1)


class Router:
    """Answers one after the other; ``pauses`` is how long was waited in between."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.pauses = []

    async def submit(self, command):
        assert command == LEFT
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def insist(self):
        async def pause(seconds):
            self.pauses.append(seconds)

        return await submit_surely(self, LEFT, pause)


async def test_a_busy_router_and_a_full_disk_are_waited_for():
    router = Router(Overloaded("later"), JournalUnavailable("full"), TAKEN)
    assert await router.insist() == TAKEN
    assert router.pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE]


async def test_pauses_grow_to_a_longest_one():
    router = Router(*[Overloaded("later")] * 12, TAKEN)
    await router.insist()
    assert router.pauses[-1] == LONGEST_PAUSE
    assert router.pauses == sorted(router.pauses)


async def test_an_engine_that_has_stopped_takes_nothing_any_more():
    router = Router(EngineStopped("over"))
    with pytest.raises(EngineStopped):
        await router.insist()
    assert router.pauses == []
