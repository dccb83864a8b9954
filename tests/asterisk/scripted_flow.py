"""A flow of a few prompts, one after the other: whatever is answered leads to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from router.core.commands import AdvanceFlow, FlowEnd, IntoQueue
from router.core.model import ContactState
from router.ports import (
    CommandSink,
    FlowPrompt,
    FlowRunner,
    FlowStarter,
    Outcome,
    PromptLine,
    Through,
)
from router.replica import Replica

FLOW: Final = "scripted"
ENDED: Final = b"ended"


class ScriptedFlow(FlowRunner, FlowStarter):
    """It ends with ``leads_to``, and ``words`` before that. ``answers`` are in their order: what
    was keyed, ``None`` for silence, ``...`` for a prompt that was heard. ``outcome`` is the
    router's to the last turn.
    """

    def __init__(
        self,
        *prompts: FlowPrompt,
        leads_to: FlowEnd | None = None,
        words: Sequence[PromptLine] = (),
    ) -> None:
        self.answers: list[object] = []
        self.outcome: Outcome | None = None
        self._prompts = prompts
        self._leads_to = leads_to or IntoQueue(queue="care")
        self._words = tuple(words)

    def serve(self, sink: CommandSink, replica: Replica) -> None:
        self._sink = sink
        self._replica = replica

    async def begin(self, contact: str, through: Through) -> None:
        await self._advance(contact, 0)

    def prompt(self, contact: str) -> FlowPrompt | None:
        live = self._replica.state.contacts.get(contact)
        if live is None or live.state is not ContactState.IN_FLOW or not live.flow_turn:
            return None
        prompt = self._prompts[live.flow_turn - 1]
        return msgspec.structs.replace(prompt, turn=live.flow_turn)

    def last_words(self, session: bytes) -> tuple[PromptLine, ...]:
        return self._words if session == ENDED else ()

    async def answer(self, contact: str, turn: int, text: str) -> None:
        await self._told(contact, turn, text)

    async def silence(self, contact: str, turn: int) -> None:
        await self._told(contact, turn, None)

    async def heard(self, contact: str, turn: int) -> None:
        await self._told(contact, turn, ...)

    async def go_on(self, contact: str) -> None:
        """What was waited for is there."""
        await self._advance(contact, self._replica.state.contacts[contact].flow_turn)

    async def _told(self, contact: str, turn: int, what: object) -> None:
        live = self._replica.state.contacts.get(contact)
        if live is not None and live.flow_turn == turn:
            self.answers.append(what)
            await self._advance(contact, turn)

    async def _advance(self, contact: str, turn: int) -> None:
        last = turn == len(self._prompts)
        self.outcome = await self._sink.submit(
            AdvanceFlow(
                id=f"{contact}/flow/{turn + 1}",
                by="flow",
                contact=contact,
                turn=turn + 1,
                node=f"scripted/1/{turn + 1}",
                session=ENDED if last else b"under way",
                leads_to=self._leads_to if last else None,
            )
        )
