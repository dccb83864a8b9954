"""Requests of the branch: on its own disk before they count as made, and told until answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from router.branch.messages import LARGEST_UP, Answer, Request, id_of, read_request, write
from router.branch.outbox import Outbox, OutboxFull, Waiting
from router.branch.store import BranchFolderUnusable, BranchStore
from router.core.events import Rejected
from router.ports import Accepted, Clock, JournalUnavailable, Outcome

log = logging.getLogger(__name__)


class Asking:
    """``open`` it. Of what changes in the ``outbox`` it tells ``on_news``; ``warn`` gets a sentence
    for the operator.
    """

    def __init__(
        self,
        store: BranchStore,
        clock: Clock,
        *,
        on_news: Callable[[], None],
        warn: Callable[[str], None],
    ) -> None:
        self.outbox = Outbox()
        self._store = store
        self._clock = clock
        self._on_news = on_news
        self._warn = warn
        self._making: dict[str, asyncio.Future[int]] = {}  # by id, on its way to the disk
        self._answers: dict[int, asyncio.Future[Outcome]] = {}  # that are waited for, by number

    def open(self) -> None:
        """Take up what is on the disk. Raises ``BranchFolderUnusable``."""
        waiting, next_number = self._store.requests()
        self.outbox = Outbox(waiting, next_number=next_number)

    async def put(self, request: Request) -> int:
        """Its number, when it is on the disk. The same again has the number it had.

        Raises ``JournalUnavailable``.
        """
        id_ = id_of(request)
        if (making := self._making.get(id_)) is not None:
            return await asyncio.shield(making)
        if (known := self.outbox.number_of(id_)) is not None:
            return known
        making = self._making[id_] = asyncio.ensure_future(self._make(request))
        making.add_done_callback(lambda _: self._making.pop(id_, None))
        return await asyncio.shield(making)

    async def ask(self, request: Request) -> Outcome:
        """The centre's answer, however long that takes. Raises ``JournalUnavailable``."""
        number = await self.put(request)
        answer = self._answers.get(number)
        if answer is None:
            answer = self._answers[number] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(answer)

    async def _make(self, request: Request) -> int:
        written = write(request)
        if len(written) > LARGEST_UP // 2 or read_request(written) is None:
            log.error("a request of the telephone channel is left out: it does not fit")
            raise JournalUnavailable("The centre could not read this request.")
        try:
            self.outbox.check_room()
            now = self._clock.now()
            one = Waiting(number=self.outbox.take_number(), request=request, since=now)
            await self._store.keep(one.number, request, now)
        except (OutboxFull, BranchFolderUnusable) as problem:
            self._warn(str(problem))
            raise JournalUnavailable(str(problem)) from problem
        self.outbox.add(one)
        self._on_news()
        return one.number

    def answered(self, said: Answer) -> None:
        one = self.outbox.answered(said.number)
        if one is None:
            return
        self._store.forget(said.number)
        self._on_news()
        outcome: Outcome = Accepted(position=said.position)
        if said.code:
            outcome = Rejected(code=said.code, reason=said.reason)
            log.info("the centre refused %s: %s", one.id, said.reason)
        waiting = self._answers.pop(said.number, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)
