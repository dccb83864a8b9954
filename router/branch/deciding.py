"""Requests of one branch at the centre: judged, done once, and answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final

import msgspec

from router.branch.judging import refusal
from router.branch.messages import Answer, Arrived, Commanded, Item, Replied, Request
from router.branch.parts import CentreParts
from router.branch.serving import Session
from router.core.events import Rejected
from router.insisting import submit_surely
from router.ports import (
    Accepted,
    Arrival,
    EngineStopped,
    JournalUnavailable,
    Outcome,
    Overloaded,
)
from router.tasks import Tasks

CHANNEL: Final = "voice"  # whose commands they are
TRIES_AGAIN: Final = 0.2  # seconds

log = logging.getLogger(__name__)

Say = Callable[[Session, Answer], None]


class Deciding:
    """``take`` each request, of whichever session; what is decided is said with ``say``."""

    def __init__(
        self, parts: CentreParts, systems: Collection[str], tasks: Tasks, say: Say
    ) -> None:
        self._parts = parts
        self._systems = systems
        self._tasks = tasks
        self._say = say
        self._under_way: dict[int, asyncio.Task[Outcome]] = {}

    def take(self, session: Session, item: Item) -> None:
        match session.take(item.number):
            case Answer() as known:
                self._say(session, known)
            case "decide":
                self._tasks.start(self._decide(session, item))
            case _:
                return

    async def _decide(self, session: Session, item: Item) -> None:
        """One that was being decided when its session ended is not asked for twice at once."""
        task = self._under_way.get(item.number)
        if task is None:
            task = self._tasks.start(self._outcome(item.request))
            self._under_way[item.number] = task
            task.add_done_callback(lambda _: self._under_way.pop(item.number, None))
        try:
            outcome = await asyncio.shield(task)
        except BaseException as problem:
            session.given_up(item.number)
            if isinstance(problem, EngineStopped):
                return
            raise
        answer = _answer(session.number, item.number, outcome)
        session.decided(answer)
        self._say(session, answer)

    async def _outcome(self, request: Request) -> Outcome:
        """Raises ``EngineStopped``."""
        parts = self._parts
        refused = refusal(request, self._systems, parts.replica.state)
        if refused is not None:
            log.warning("a branch may not do this: %s", refused.reason)
            return refused
        match request:
            case Arrived():
                return await self._received(_arrival(request))
            case Commanded(command=command):
                return await submit_surely(parts.sink, msgspec.structs.replace(command, by=CHANNEL))
            case Replied():
                await self._reply(request)
                return Accepted(position=parts.replica.position)

    async def _received(self, arrival: Arrival) -> Outcome:
        while True:
            try:
                return await self._parts.intake.receive(arrival)
            except EngineStopped:
                raise
            except (Overloaded, JournalUnavailable):
                await asyncio.sleep(TRIES_AGAIN)

    async def _reply(self, reply: Replied) -> None:
        flows = self._parts.flows
        match reply.outcome:
            case "answered":
                await flows.answer(reply.contact, reply.turn, reply.text)
            case "silence":
                await flows.silence(reply.contact, reply.turn)
            case "heard":
                await flows.heard(reply.contact, reply.turn)


def _arrival(request: Arrived) -> Arrival:
    return Arrival(
        contact=request.contact,
        channel=request.channel,
        address=request.address,
        entry_point=request.entry_point,
        attributes=request.attributes,
        dialable=request.dialable,
        present=request.present,
    )


def _answer(session: int, number: int, outcome: Outcome) -> Answer:
    if isinstance(outcome, Rejected):
        return Answer(session=session, number=number, code=outcome.code, reason=outcome.reason)
    return Answer(session=session, number=number, position=outcome.position)
