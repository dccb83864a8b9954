"""What would be dialled outside is judged before the router decides it: a transfer is final."""

from __future__ import annotations

from collections.abc import Sequence

from cti_adapters.asterisk.outbound import Outbound, Refused, allowed
from cti_adapters.asterisk.settings import PbxSettings
from router.core.commands import Command, PromiseCallback, TransferOut
from router.core.events import Rejected
from router.ports import Clock, CommandSink, Outcome


class GuardedSink(CommandSink):
    """Refuses transfers and callbacks to numbers that a call's telephone system may not dial."""

    def __init__(self, sink: CommandSink, pbxs: Sequence[PbxSettings], clock: Clock) -> None:
        self._sink = sink
        self._pbxs = {pbx.id: pbx for pbx in pbxs}
        self._outbound = {pbx.id: Outbound(pbx.outbound) for pbx in pbxs}
        self._clock = clock

    async def submit(self, command: Command) -> Outcome:
        if isinstance(command, TransferOut | PromiseCallback):
            problem = self._problem(command)
            if problem is not None:
                return problem
        return await self._sink.submit(command)

    def _problem(self, command: TransferOut | PromiseCallback) -> Rejected | None:
        pbx = self._pbxs.get(command.contact.partition(":")[0])
        if pbx is None:
            return None
        if not pbx.trunk:
            reason = "No calls go outside from here: ask your administrator for a trunk."
            return Rejected(code="not_allowed", reason=reason)
        if isinstance(command, TransferOut):
            found = self._outbound[pbx.id].permit(command.address, command.by, self._clock.now())
        else:
            found = allowed(command.address, pbx.outbound)
        if isinstance(found, Refused):
            return Rejected(code="not_allowed", reason=found.reason)
        return None
