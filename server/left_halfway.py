"""What a node of a cluster left halfway when it died: finished by the one that looks after all.

Where there is one process, its next start does that. Among several nobody starts: contacts that
stand at the door, and flows whose question to another system nobody asks any more, are noticed
because nothing has moved between two looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from ivr.runner import FlowSessions
from router.core.model import ContactState
from router.intake import Intake
from router.replica import Replica

EVERY: Final = 10.0  # seconds: longer than any question to another system takes

log = structlog.get_logger(__name__)


class LeftHalfway:
    """Keep ``run`` running at every node; it acts while this one is ``in_charge``."""

    def __init__(
        self, intake: Intake, flows: FlowSessions, replica: Replica, in_charge: Callable[[], bool]
    ) -> None:
        self._intake = intake
        self._flows = flows
        self._replica = replica
        self._in_charge = in_charge
        self._seen: dict[str, int] = {}  # contacts before their queue, and the turn they were at

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                if self._in_charge():
                    await self.look()
            except Exception as error:
                log.exception("nothing_was_finished", exc_info=error)

    async def look(self) -> None:
        """Go on with what stands where it stood at the last look."""
        now = {
            contact.id: contact.flow_turn
            for contact in self._replica.state.contacts.values()
            if contact.state in {ContactState.ARRIVING, ContactState.IN_FLOW}
        }
        still = {contact for contact, turn in now.items() if self._seen.get(contact) == turn}
        self._seen = now
        if still:
            await self._intake.recover(still)
            self._flows.start(still)
