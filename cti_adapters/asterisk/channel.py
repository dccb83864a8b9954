"""The voice channel of real calls: any number of telephone systems behind one adapter."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from cti_adapters.asterisk.pbx import Pbx
from cti_adapters.asterisk.reachability import PhonesElsewhere, Reachability
from cti_adapters.asterisk.settings import CHANNEL
from router.core.events import Entry
from router.ports import ChannelAdapter, CommandSink, JournalUnavailable, Overloaded
from router.tasks import end

TELLS_EVERY: Final = 2.0  # seconds

log = logging.getLogger(__name__)


class AsteriskChannel(ChannelAdapter):
    name = CHANNEL

    def __init__(self, pbxs: Sequence[Pbx], reachability: Reachability, sink: CommandSink) -> None:
        self.pbxs = pbxs
        self._reachability = reachability
        self._sink = sink
        self._branches: dict[str, PhonesElsewhere] = {}
        self._news = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None

    def join_branch(self, branch: str) -> None:
        """Telephones that an adapter at ``branch`` looks after."""
        phones = self._branches[branch] = PhonesElsewhere()
        self._reachability.join(phones, lambda _agent, _at: False)

    def hear_of_phones(self, branch: str, out: Mapping[str, str] | None) -> None:
        """Who cannot be rung from ``branch``, and why; None: it is not there."""
        if (phones := self._branches.get(branch)) is not None:
            phones.note(out)
            self._news.set()

    async def _tell_for_ever(self) -> None:
        """Also without news from branches: what the router was told in vain is told again."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TELLS_EVERY):
                    await self._news.wait()
            self._news.clear()
            try:
                await self._tell_news()
            except Exception:
                log.exception("the router was not told of telephones; it is tried again")

    async def _tell_news(self) -> None:
        for agent in list(self._reachability.agents):
            news = self._reachability.news(agent)
            try:
                if news is not None:
                    await self._sink.submit(news)
            except (Overloaded, JournalUnavailable):
                log.warning("the router is busy; %s is told again", news)

    async def start(self) -> None:
        """A telephone system that is out of reach is connected to when it comes back."""
        for command in self._reachability.forgotten():
            await self._sink.submit(command)
        for pbx in self.pbxs:
            await pbx.start()
        if self._branches:
            self._telling = asyncio.create_task(self._tell_for_ever())

    def handle(self, entry: Entry) -> None:
        for pbx in self.pbxs:
            pbx.follow(entry)

    async def stop(self) -> None:
        if (telling := self._telling) is not None:
            self._telling = None
            await end(telling)
        for pbx in self.pbxs:
            await pbx.stop()
