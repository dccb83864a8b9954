"""The centre's end of all branches: the log out to each, requests of each in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from router.branch.deciding import Deciding
from router.branch.feeding import Feed
from router.branch.link import Link
from router.branch.messages import (
    PROTOCOL,
    Again,
    Alive,
    Answer,
    Bye,
    Down,
    Have,
    Hello,
    Item,
    Phones,
    Unfit,
    Welcome,
    branch_of,
    down_topic,
    read_number,
    read_up,
    up_topic,
    write,
)
from router.branch.parts import BranchFigures, CentreParts
from router.branch.serving import Session
from router.core.events import SCHEMA
from router.edge.settings import EdgeSettings
from router.ports import EngineStopped
from router.tasks import Tasks

LOOKS_EVERY: Final = 1.0  # seconds, whether a branch has fallen silent
OLD_BRANCH: Final = "The centre runs another version of Patchbay: install the same one here."

log = logging.getLogger(__name__)

Tell = Callable[[bytes], None]


class _Branch:
    """One branch: what there is of it while it is connected, and what is being decided for it."""

    def __init__(
        self, name: str, systems: frozenset[str], parts: CentreParts, tasks: Tasks, tell: Tell
    ) -> None:
        self.name = name
        self.systems = systems
        self.session: Session | None = None
        self.said: Have | None = None  # in this session, last
        self.feed: Feed | None = None
        self.feeding: asyncio.Task[None] | None = None
        self.deciding = Deciding(parts, systems, tasks, self._answer)
        self.tell = tell

    def say(self, message: Down) -> None:
        self.tell(write(message))

    def _answer(self, session: Session, answer: Answer) -> None:
        if self.session is session:
            self.say(answer)


class BranchCentre:
    """``start`` it where the router decides, ``stop`` it there."""

    def __init__(self, settings: EdgeSettings, parts: CentreParts) -> None:
        self._parts = parts
        self._tenant = settings.tenant
        self._tasks = Tasks(_failed)
        self._branches = {
            name: _Branch(name, systems, parts, self._tasks, partial(self._tell, name))
            for name, systems in parts.branches.items()
        }
        self._warned: set[str] = set()
        self._link = Link(
            settings,
            f"patchbay-{settings.tenant}-{settings.node}-branches",
            up_topic(settings.tenant, "+"),
            parts.clock,
            hear=self._hear,
            on_up=lambda: None,
            on_down=self._cut,
            still_writes=parts.still_writes,
        )

    @property
    def connected(self) -> bool:
        return self._link.connected

    def away(self) -> list[str]:
        """Branches that are not connected now."""
        return [name for name, one in self._branches.items() if one.session is None]

    def figures(self) -> list[BranchFigures]:
        """Of every branch, as it said last."""
        return [self._figures(branch) for branch in self._branches.values()]

    def _figures(self, branch: _Branch) -> BranchFigures:
        session, said = branch.session, branch.said
        if session is None:
            return BranchFigures(name=branch.name, connected=False)
        return BranchFigures(
            name=branch.name,
            connected=True,
            behind=max(self._parts.replica.position - session.has, 0),
            waiting=said.waiting if said else 0,
            oldest=said.oldest if said else 0,
            calls=said.calls if said else 0,
        )

    def problems(self) -> list[str]:
        """A sentence for each branch that is not there."""
        return [
            f"The branch {name} is not connected: its calls wait there, and what agents are"
            " offered of them cannot ring."
            for name in self.away()
        ]

    async def start(self) -> None:
        """Return at once, whether the broker is there or not."""
        self._tasks.start(self._link.run())
        self._tasks.start(self._watch())

    async def stop(self) -> None:
        await self._tasks.close()

    def _cut(self) -> None:
        for branch in self._branches.values():
            self._leave(branch)

    def _leave(self, branch: _Branch) -> None:
        if branch.session is None:
            return
        log.warning("the branch %s is away", branch.name)
        branch.session = branch.said = None
        if branch.feeding is not None:
            branch.feeding.cancel()
        self._parts.on_phones(branch.name, False, {})  # noqa: FBT003

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            now = self._parts.clock.now()
            for branch in self._branches.values():
                if branch.session is not None and not branch.session.alive(now):
                    self._leave(branch)

    # -- what branches say --------------------------------------------------------------------

    async def _hear(self, topic: str, payload: bytes) -> None:
        name = branch_of(topic, self._tenant)
        branch = self._branches.get(name)
        if branch is None:
            self._turn_away(name, topic)
            return
        message = read_up(payload)
        now = self._parts.clock.now()
        session = branch.session
        match message:
            case None:
                self._unreadable(branch, payload)
            case Hello():
                self._welcome(branch, message, now)
            case Bye(session=number):
                if session is not None and session.number == number:
                    self._leave(branch)
            case _ if session is None:
                branch.say(Again())
            case _ if session.number > message.session:
                return  # a copy from before
            case _ if session.number < message.session:
                branch.say(Again())  # what this centre took for its hello was a copy from before
            case Have(position=position, floor=floor):
                session.have(position, floor, now)
                branch.said = message
                if branch.feed is not None:
                    branch.feed.go_on()
                branch.say(Alive(session=session.number, position=session.sent))
            case Item():
                session.heard(now)
                branch.deciding.take(session, message)
            case Phones(known=known, out=out):
                session.heard(now)
                self._parts.on_phones(branch.name, known, out)

    def _turn_away(self, name: str, topic: str) -> None:
        if topic not in self._warned and len(self._warned) < 100:
            self._warned.add(topic)
            log.warning("nobody knows the branch on %r: name it in a telephone system", topic[:100])
        if name:
            reason = f"The centre knows no telephone system of the branch {name}."
            self._tell(name, write(Unfit(reason=reason)))

    def _tell(self, name: str, payload: bytes) -> None:
        self._link.say(down_topic(self._tenant, name), payload)

    def _unreadable(self, branch: _Branch, payload: bytes) -> None:
        """A request must be answered all the same, or all of its contact would wait behind it."""
        log.warning("a message of the branch %s cannot be read", branch.name)
        numbers = read_number(payload)
        session = branch.session
        if numbers is not None and session is not None and numbers.session == session.number:
            reason = "The centre cannot read this: bring both to one version."
            refused = Answer(
                session=session.number, number=numbers.number, code="malformed", reason=reason
            )
            branch.say(refused)

    def _welcome(self, branch: _Branch, hello: Hello, now: int) -> None:
        if hello.protocol != PROTOCOL or hello.schema < SCHEMA:
            branch.say(Unfit(reason=OLD_BRANCH))
            return
        if branch.session is not None and hello.session <= branch.session.number:
            return
        if branch.session is None:
            log.info("the branch %s is here, with the log up to %d", branch.name, hello.position)
        elif branch.feeding is not None:
            branch.feeding.cancel()
        session = Session(hello.session, hello.position, hello.floor, now)
        branch.session, branch.said = session, None
        position = self._parts.replica.position
        branch.say(Welcome(session=session.number, position=position))
        branch.feed = Feed(self._parts, session, branch.systems, branch.tell)
        branch.feeding = self._tasks.start(self._feed(branch, session, branch.feed, hello))

    async def _feed(self, branch: _Branch, session: Session, feed: Feed, hello: Hello) -> None:
        """A session without a log ends: the branch hears so with its next sign of life, and begins
        another.
        """
        try:
            await feed.run(hello)
        except EngineStopped:
            return
        except Exception:
            log.exception("the log cannot be told to the branch %s", branch.name)
            if branch.session is session:
                self._leave(branch)


def _failed(task: asyncio.Task[Any]) -> None:
    problem = task.exception()
    if not isinstance(problem, EngineStopped):
        log.error("the centre's end of a branch failed", exc_info=problem)
