"""``router.branch.centre``: no session without a log."""

from __future__ import annotations

import asyncio

import msgspec

from router.branch.centre import BranchCentre
from router.branch.messages import Again, Bye, Have, Hello, Welcome, read_down, up_topic, write
from router.branch.parts import BranchFigures, CentreParts
from router.clock import ManualClock
from router.core.durations import SECOND
from router.core.state import State
from router.edge.settings import EdgeSettings
from router.ports import JournalUnavailable, NoFlows
from router.replica import Replica


async def failing(_after):
    raise JournalUnavailable("the disk is gone")
    yield


async def silent(_after):
    await asyncio.Event().wait()
    yield


class Heard:
    """A centre without a broker or a log. ``said`` is what it said to the branch."""

    def __init__(self, follow=failing):
        self.said = []
        parts = CentreParts(
            branches={"leeds": frozenset({"lee"})},
            replica=Replica(State()),
            follow=follow,
            sink=None,
            intake=None,
            flows=NoFlows(),
            clock=ManualClock(100 * SECOND),
            on_phones=lambda *_: None,
        )
        self.centre = BranchCentre(EdgeSettings(host="nowhere", port=1883), parts)
        self.centre._link.say = lambda _topic, payload: self.said.append(read_down(payload))

    async def hear(self, message):
        await self.centre._hear(up_topic("main", "leeds"), write(message))
        for _ in range(10):
            await asyncio.sleep(0)


HELLO = Hello(session=5, position=0, at=0, floor=1)


async def test_a_branch_that_cannot_be_told_the_log_is_asked_to_begin_anew(caplog):
    heard = Heard()
    try:
        await heard.hear(HELLO)
        assert heard.centre.away() == ["leeds"]
        assert "cannot be told" in caplog.text
        await heard.hear(Have(session=5, position=0, floor=1))
        assert heard.said[-1] == Again()
    finally:
        await heard.centre.stop()


async def test_figures_of_a_branch_are_what_it_said_last_while_it_is_there():
    heard = Heard(silent)
    away = BranchFigures(name="leeds", connected=False)
    try:
        assert heard.centre.figures() == [away]
        await heard.hear(HELLO)
        assert heard.centre.figures() == [BranchFigures(name="leeds", connected=True)]
        await heard.hear(Have(session=5, position=0, floor=1, waiting=7, oldest=SECOND, calls=3))
        (figures,) = heard.centre.figures()
        assert (figures.waiting, figures.oldest, figures.calls) == (7, SECOND, 3)
        await heard.hear(Have(session=4, position=0, floor=1, waiting=9))  # a copy from before
        assert heard.centre.figures() == [figures]
        await heard.hear(Bye(session=5))
        assert heard.centre.figures() == [away]
    finally:
        await heard.centre.stop()


async def test_a_centre_that_began_anew_is_not_held_up_by_a_copy_of_an_old_hello():
    heard = Heard(silent)
    try:
        await heard.hear(HELLO)  # of long ago: the branch is in session 7
        await heard.hear(Have(session=7, position=0, floor=1))
        assert heard.said[-1] == Again()
        await heard.hear(msgspec.structs.replace(HELLO, session=8))
        assert Welcome(session=8, position=0) in heard.said
        said = list(heard.said)
        await heard.hear(HELLO)
        await heard.hear(Have(session=7, position=0, floor=1))
        assert heard.said == said, "both are copies from before"
    finally:
        await heard.centre.stop()
