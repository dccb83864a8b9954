"""Starting one simulated call on request, where there is a simulated telephone system."""

from __future__ import annotations

from typing import Protocol

from cti_adapters.simulated.pbx import SimulatedPbx
from router.core.events import Rejected
from router.ports import ChannelAdapter
from server.errors import rejected


class StartCall(Protocol):
    """Starts a call; what is empty, and a choice of None, is left to chance."""

    async def __call__(
        self, *, address: str, entry_point: str, choice: str | None, agent: str
    ) -> str:
        """The contact's id. With ``agent`` a customer of theirs calls about what they can help
        with. Raises ``ApiError`` when the call was refused.
        """


def caller_of(adapter: ChannelAdapter | None) -> StartCall | None:
    """How to start a call, or None where there is no such thing."""
    if not isinstance(adapter, SimulatedPbx):
        return None

    async def start(*, address: str, entry_point: str, choice: str | None, agent: str) -> str:
        placed = await adapter.place_call(address, entry_point, choice, agent=agent)
        if isinstance(placed, Rejected):
            raise rejected(placed)
        return placed

    return start
