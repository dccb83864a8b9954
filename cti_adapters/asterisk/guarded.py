"""What would be dialled outside is judged before the router decides it: a transfer is final."""

from __future__ import annotations

from collections.abc import Sequence

from cti_adapters.asterisk.outbound import RateCaps, Refused, allowed
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
from router.ports import (
    Accepted,
    Clock,
    CommandSink,
    JournalUnavailable,
    Outcome,
    Overloaded,
)

MOST_REMEMBERED = 1_000  # transfers; the router remembers many more commands


class GuardedSink(CommandSink):
    """Refuses transfers and callbacks to numbers that a call's telephone system may not dial,
    whether a person or a flow asks for them.
    """

    def __init__(self, sink: CommandSink, pbxs: Sequence[PbxSettings], clock: Clock) -> None:
        self._sink = sink
        self._pbxs = {pbx.id: pbx for pbx in pbxs}
        self._agents = {pbx.id: RateCaps(pbx.outbound.per_agent, pbx.outbound.per) for pbx in pbxs}
        self._flows = {
            pbx.id: RateCaps(pbx.outbound.per_flow, pbx.outbound.per, "This flow has")
            for pbx in pbxs
        }
        self._clock = clock
        self._counted: dict[str, None] = {}  # ids of transfers, oldest first

    async def submit(self, command: Command) -> Outcome:
        match command:
            case TransferOut(contact=contact, address=address):
                caps = self._agents.get(_pbx_of(contact))
                return self._problem(contact, address) or await self._transfer(
                    command, caps, command.by
                )
            case AdvanceFlow(contact=contact, leads_to=OutTo(address=address)):
                caps = self._flows.get(_pbx_of(contact))
                return self._problem(contact, address) or await self._transfer(
                    command, caps, command.node.partition("/")[0]
                )
            case (
                PromiseCallback(contact=contact, address=address)
                | AdvanceFlow(contact=contact, leads_to=IntoQueue(call_back=address))
            ) if address:
                return self._problem(contact, address) or await self._sink.submit(command)
            case _:
                return await self._sink.submit(command)

    def _problem(self, contact: str, address: str) -> Rejected | None:
        """Why the number is not dialled for this contact."""
        pbx = self._pbxs.get(_pbx_of(contact))
        if pbx is None:
            return None
        if not pbx.trunk:
            reason = "No calls go outside from here: ask your administrator for a trunk."
            return _not_allowed(reason)
        found = allowed(address, pbx.outbound)
        return _not_allowed(found.reason) if isinstance(found, Refused) else None

    async def _transfer(self, command: Command, caps: RateCaps | None, who: str) -> Outcome:
        """Counted once, and only if it is decided: what the router refuses is not dialled, and
        what it is asked for again is not dialled again.
        """
        if caps is None or command.id in self._counted:
            return await self._sink.submit(command)
        refused = caps.take(who, self._clock.now())
        if refused is not None:
            return _not_allowed(refused.reason)
        try:
            outcome = await self._sink.submit(command)
        except (Overloaded, JournalUnavailable):
            caps.give_back(who)
            raise
        if isinstance(outcome, Accepted) and outcome.events:
            self._remember(command.id)
        else:
            caps.give_back(who)
        return outcome

    def _remember(self, command: str) -> None:
        if command:  # without an id every one is another
            self._counted[command] = None
        if len(self._counted) > MOST_REMEMBERED:
            del self._counted[next(iter(self._counted))]


def _pbx_of(contact: str) -> str:
    return contact.partition(":")[0]


def _not_allowed(reason: str) -> Rejected:
    return Rejected(code="not_allowed", reason=reason)
