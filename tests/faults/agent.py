"""The agent of a service under test, who goes on after each of its ends as if there was none."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod

from router.core.commands import Accept, Command, SetReady, SignIn
from router.core.model import AgentState, Contact
from server.bootstrap import Patchbay

LOOKS_EVERY = 0.03  # seconds


class Agent(ABC):
    """Accepts everything, and asks again for whatever was not confirmed, by the same ids."""

    def __init__(self, patchbay: Patchbay, agent: str) -> None:
        """``agent``: the id."""
        self.patchbay = patchbay
        self.id = agent
        self._numbers = 0

    @abstractmethod
    async def look_after(self, contact: Contact) -> None:
        """Do what is to be done about it; also when it is none of the agent's any more."""

    async def work(self) -> None:
        while True:
            await self._be_ready()
            state = self.patchbay.replica.state
            for offer in list(state.offers.values()):
                await self.do(Accept(id=f"accept/{offer.id}", offer=offer.id))
            for contact in list(state.contacts.values()):
                await self.look_after(contact)
            await asyncio.sleep(LOOKS_EVERY)

    async def do(self, command: Command) -> None:
        await self.patchbay.sink.submit(command)

    async def _be_ready(self) -> None:
        self._numbers += 1
        agent = self.patchbay.replica.state.agents[self.id]
        if agent.state is AgentState.SIGNED_OUT:
            await self.do(SignIn(id=f"in/{os.getpid()}/{self._numbers}", agent=self.id))
        if agent.state is not AgentState.READY:
            await self.do(SetReady(id=f"ready/{os.getpid()}/{self._numbers}", agent=self.id))
