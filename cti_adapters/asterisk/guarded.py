"""What would be dialled outside is judged before the router decides it: a transfer is final."""

from __future__ import annotations

from collections.abc import Sequence

from cti_adapters.asterisk.outbound import Outbound, Refused, allowed
from cti_adapters.asterisk.settings import PbxSettings
from router.core.commands import (
    AdvanceFlow,
    Command,
    IntoQueue,
    OutTo,
    PromiseCallback,
    TransferOut,
)
from router.core.events import Rejected
from router.ports import Clock, CommandSink, Outcome


class GuardedSink(CommandSink):
    """Refuses transfers and callbacks to numbers that a call's telephone system may not dial,
    whether a person or a flow asks for them.
    """

    def __init__(self, sink: CommandSink, pbxs: Sequence[PbxSettings], clock: Clock) -> None:
        self._sink = sink
        self._pbxs = {pbx.id: pbx for pbx in pbxs}
        self._outbound = {pbx.id: Outbound(pbx.outbound) for pbx in pbxs}
        self._clock = clock

    async def submit(self, command: Command) -> Outcome:
        match command:
            case TransferOut(contact=contact, address=address, by=agent):
                problem = self._problem(contact, address, agent)
            case PromiseCallback(contact=contact, address=address):
                problem = self._problem(contact, address)
            case AdvanceFlow(contact=contact, leads_to=OutTo(address=address)):
                problem = self._problem(contact, address)
            case AdvanceFlow(contact=contact, leads_to=IntoQueue(call_back=address)) if address:
                problem = self._problem(contact, address)
            case _:
                problem = None
        return problem or await self._sink.submit(command)

    def _problem(self, contact: str, address: str, agent: str | None = None) -> Rejected | None:
        """``agent``: who dials, and is counted for it."""
        pbx = self._pbxs.get(contact.partition(":")[0])
        if pbx is None:
            return None
        if not pbx.trunk:
            reason = "No calls go outside from here: ask your administrator for a trunk."
            return Rejected(code="not_allowed", reason=reason)
        if agent is not None:
            found = self._outbound[pbx.id].permit(address, agent, self._clock.now())
        else:
            found = allowed(address, pbx.outbound)
        if isinstance(found, Refused):
            return Rejected(code="not_allowed", reason=found.reason)
        return None
