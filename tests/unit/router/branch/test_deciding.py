"""``router.branch.deciding``: no request waits for ever."""

from __future__ import annotations

import asyncio

from router.branch.deciding import Deciding
from router.branch.messages import Answer, Commanded, Item
from router.branch.parts import CentreParts
from router.branch.serving import Session
from router.clock import ManualClock
from router.core import commands as c
from router.core.state import State
from router.ports import Accepted, NoFlows
from router.replica import Replica
from router.tasks import Tasks

ABANDON = Commanded(command=c.Abandon(id="lee:1/left/1", contact="lee:1"))
ITEM = Item(session=5, number=1, request=ABANDON)


class Sink:
    """Fails once, as nobody foresaw, and works from then on."""

    def __init__(self):
        self.failed = False

    async def submit(self, _command):
        if not self.failed:
            self.failed = True
            raise ZeroDivisionError
        return Accepted(position=7)


async def test_a_request_whose_decision_failed_is_decided_when_it_comes_again():
    systems = frozenset({"lee"})
    parts = CentreParts(
        branches={"leeds": systems},
        replica=Replica(State()),
        follow=None,
        sink=Sink(),
        intake=None,
        flows=NoFlows(),
        clock=ManualClock(0),
        on_phones=None,
    )
    said, failed = [], []
    tasks = Tasks(lambda task: failed.append(type(task.exception())))
    deciding = Deciding(parts, systems, tasks, lambda _session, answer: said.append(answer))
    session = Session(5, 0, 1, 0)

    async def take():
        deciding.take(session, ITEM)
        for _ in range(10):
            await asyncio.sleep(0)

    await take()
    assert said == []
    assert set(failed) == {ZeroDivisionError}
    await take()
    assert said == [Answer(session=5, number=1, position=7)]
