"""The voice channel of real calls: any number of telephone systems behind one adapter."""

from __future__ import annotations

from collections.abc import Sequence

from cti_adapters.asterisk.pbx import Pbx
from cti_adapters.asterisk.reachability import Reachability
from cti_adapters.asterisk.settings import CHANNEL
from router.core.events import Entry
from router.ports import ChannelAdapter, CommandSink


class AsteriskChannel(ChannelAdapter):
    name = CHANNEL

    def __init__(self, pbxs: Sequence[Pbx], reachability: Reachability, sink: CommandSink) -> None:
        self.pbxs = pbxs
        self._reachability = reachability
        self._sink = sink

    async def start(self) -> None:
        """A telephone system that is out of reach is connected to when it comes back."""
        for command in self._reachability.forgotten():
            await self._sink.submit(command)
        for pbx in self.pbxs:
            await pbx.start()

    async def handle(self, entry: Entry) -> None:
        for pbx in self.pbxs:
            pbx.follow(entry)

    async def stop(self) -> None:
        for pbx in self.pbxs:
            await pbx.stop()
