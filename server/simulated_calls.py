"""Starting one simulated call on request, where there is a simulated telephone system."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cti_adapters.simulated.pbx import SimulatedPbx
from router.core.events import Rejected
from router.ports import ChannelAdapter
from server.errors import rejected

StartCall = Callable[[str | None, str | None, str | None], Awaitable[str]]


def caller_of(adapter: ChannelAdapter | None) -> StartCall | None:
    """How to start a call, or None where there is no such thing.

    What is returned takes entry point, address and choice (each None: left to chance), answers the
    contact's id and raises ``ApiError`` when it was refused.
    """
    if not isinstance(adapter, SimulatedPbx):
        return None

    async def start(entry_point: str | None, address: str | None, choice: str | None) -> str:
        placed = await adapter.place_call(address or "", entry_point or "", choice)
        if isinstance(placed, Rejected):
            raise rejected(placed)
        return placed

    return start
