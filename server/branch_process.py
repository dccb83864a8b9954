"""A telephone channel alone at a branch: the parts of that process, set going and ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cti_adapters.asterisk.ami.client import AmiClient
from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.asterisk.pbx import ManagerOf, Pbx
from cti_adapters.asterisk.reachability import Reported
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.registry import AdapterContext, at_branch
from ivr.translation import decoded, lines_of
from router.branch.site import BranchSite
from router.branch.store import BranchStore
from router.clock import SystemClock
from router.core.events import Entry
from router.edge.settings import EdgeSettings
from router.ports import Clock, PromptLine

HEALTH_EVERY: Final = 30.0  # seconds between two lines about how it is

log = logging.getLogger(__name__)


class BranchRefused(Exception):
    """The files do not make a branch; the text is a sentence for the operator."""


def branch_of(settings: EdgeSettings) -> str:
    """The branch's name, which is its user's: at a broker of several tenants TENANT.NAME."""
    return settings.username.removeprefix(f"{settings.tenant}.")


def own_systems(settings: EdgeSettings, pbxs: Sequence[PbxSettings]) -> tuple[PbxSettings, ...]:
    """Those of ``pbxs`` that this branch looks after. Raises ``BranchRefused``."""
    name = branch_of(settings)
    if not name:
        raise BranchRefused("The MQTT settings have no username: write the branch's name there.")
    own = tuple(pbx for pbx in pbxs if pbx.branch == name)
    if not own:
        raise BranchRefused(
            f"No telephone system is of the branch {name}: write 'branch: {name}' into it, here"
            " and at the centre."
        )
    without = next((pbx.id for pbx in own if not pbx.ami.secret), "")
    if without:
        raise BranchRefused(
            f"The secret of the telephone system {without} is not known here: set the variable, or"
            " make the file, that its settings name."
        )
    return own


class BranchProcess:
    """``run`` it until it is cancelled. ``folder`` is the branch's own."""

    def __init__(
        self,
        settings: EdgeSettings,
        pbxs: Sequence[PbxSettings],
        folder: Path,
        *,
        clock: Clock | None = None,
        manager_of: ManagerOf = AmiClient,
    ) -> None:
        self._clock = clock or SystemClock()
        self._pbxs = tuple(pbxs)
        self._manager_of = manager_of
        self.site = BranchSite(
            branch_of(settings),
            settings,
            BranchStore(folder),
            self._clock,
            last_words=last_words,
        )
        self.site.calls = lambda: self.calls
        self.channel: AsteriskChannel | None = None
        self._beginning = asyncio.Lock()

    async def run(self) -> None:
        """Raises ``BranchFolderUnusable``."""
        site = self.site
        site.open()
        if site.waiting:
            log.info("%d requests of before wait for the centre", site.waiting)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(site.run())
                group.create_task(self._serve())
                group.create_task(self._tell_health())
        finally:
            await self._end_channel()
            await site.close()

    async def _serve(self) -> None:
        """Calls are looked after from when there is a log to go by."""
        await self.site.ready.wait()
        self.site.copy.on_entry = self._follow
        self.site.copy.on_anew = self._begin_channel
        await self._begin_channel()
        log.info("the branch is ready: %s", self.health())

    async def _follow(self, entry: Entry) -> None:
        if self.channel is not None:
            self.channel.handle(entry)

    async def _begin_channel(self) -> None:
        """Also in the place of one that has lost the thread: it takes up what calls there are."""
        async with self._beginning:
            await self._end_channel()
            await self._start_channel()

    async def _start_channel(self) -> None:
        site = self.site
        reachability = Reported(site.replica, self._clock)
        site.begin_phones(lambda: reachability.known)
        context = AdapterContext(
            sink=site,
            intake=site,
            replica=site.replica,
            clock=self._clock,
            pbxs=self._pbxs,
            flows=site,
            manager_of=self._manager_of,
        )
        channel = at_branch(context, reachability)
        self.channel = channel
        await channel.start()

    async def _end_channel(self) -> None:
        channel, self.channel = self.channel, None
        if channel is not None:
            await channel.stop()

    async def _tell_health(self) -> None:
        while True:
            await asyncio.sleep(HEALTH_EVERY)
            tell = log.info if self.healthy else log.warning
            tell("branch: %s", self.health())

    @property
    def healthy(self) -> bool:
        return not self.site.problem and not any(one.problem for one in self._systems)

    @property
    def _systems(self) -> Sequence[Pbx]:
        return () if self.channel is None else self.channel.pbxs

    @property
    def calls(self) -> int:
        """That are up."""
        return sum(len(pbx) for pbx in self._systems)

    def health(self) -> str:
        """One line for the log."""
        problems = [self.site.problem, *(pbx.problem for pbx in self._systems)]
        said = " ".join(one for one in problems if one) or "All is well."
        position, waiting = self.site.replica.position, self.site.waiting
        return f"{self.calls} calls, {waiting} requests wait, entry {position}. {said}"


def last_words(session: bytes) -> tuple[PromptLine, ...]:
    """What a flow says as it ends: it stands in what the flow remembers."""
    found = decoded(session)
    outcome = found.outcome if found is not None else None
    return lines_of(outcome.say) if outcome is not None else ()
