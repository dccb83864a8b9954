"""Brings customers who write to what their flows ask: says it in the thread, counts silence.

What it says stands in the thread under the turn's name, so it may begin anew at any moment: after
a restart, after an engine that was busy. Each contact has at most one task here, while its flow
goes on; a flow that waits for its customer costs none. Silence counts from when the prompt came up
in this process: while the service is away nobody can answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from cti_adapters.texting import prompts
from router.core.checks import MAX_MESSAGES
from router.core.commands import PostMessage
from router.core.events import FlowAdvanced, Rejected
from router.ports import (
    Clock,
    CommandSink,
    FlowPrompt,
    FlowRunner,
    JournalUnavailable,
    Overloaded,
    PromptLine,
)
from router.replica import Replica
from router.tasks import end

MOST_LINES: Final = MAX_MESSAGES // 2  # the other half of a thread is for people

log = logging.getLogger(__name__)


class Stage(Protocol):
    """What a channel says of its contacts in flows, and shows of them."""

    name: str

    def in_flow(self, contact: str) -> bool: ...

    def opening(self, contact: str) -> bool:
        """Whether what the customer came with is still on its way: it stands first."""

    def said(self, prompt: FlowPrompt) -> list[str]:
        """The lines of ``prompt`` in the thread."""

    def show(self, contact: str, prompt: FlowPrompt, lines: Sequence[str]) -> None:
        """What may be answered now; ``lines`` are the messages that have to be shown before."""


class _Asked(msgspec.Struct):
    """What the customer was brought to: ``lines`` are the ids of what was said."""

    prompt: FlowPrompt
    lines: tuple[str, ...]
    silent_at: int


class Prompter:
    def __init__(
        self,
        stage: Stage,
        sink: CommandSink,
        flows: FlowRunner,
        replica: Replica,
        clock: Clock,
    ) -> None:
        self._stage = stage
        self._sink = sink
        self._flows = flows
        self._replica = replica
        self._clock = clock
        self._asked: dict[str, _Asked] = {}
        self._last_words: dict[str, tuple[int, tuple[PromptLine, ...]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()  # something happened while its task was under way
        self._unfinished: set[str] = set()

    def advanced(self, event: FlowAdvanced) -> str:
        """The flow took a turn. Its last words, empty unless it ended: they are told before the
        event that ends the flow.
        """
        last = self._flows.last_words(event.session)
        if last:
            self._last_words[event.contact] = (event.turn, last)
        self.soon(event.contact)
        return "\n".join(prompts.said(last))

    def soon(self, contact: str) -> None:
        """See how the flow of ``contact`` goes on."""
        if contact in self._tasks:
            self._again.add(contact)
        else:
            self._tasks[contact] = asyncio.create_task(self._follow(contact))

    def look(self, contact: str) -> None:
        """Show what may be answered."""
        asked = self._asked.get(contact)
        if asked is not None:
            self._stage.show(contact, asked.prompt, asked.lines)

    def go_on(self, at: int) -> None:
        """Take up what could not be finished, and count silence."""
        due, self._unfinished = self._unfinished, set()
        silent = [contact for contact, asked in self._asked.items() if at >= asked.silent_at]
        for contact in (*due, *silent):
            self.soon(contact)

    def forget(self, contact: str) -> None:
        """The flow, or the contact, is over."""
        self._asked.pop(contact, None)
        self._unfinished.discard(contact)

    async def stop(self) -> None:
        await end(*self._tasks.values())
        self._tasks.clear()

    # -- one contact --------------------------------------------------------------------------

    async def _follow(self, contact: str) -> None:
        try:
            await self._go_on(contact)
            while contact in self._again:
                self._again.discard(contact)
                await self._go_on(contact)
        except (Overloaded, JournalUnavailable):
            self._unfinished.add(contact)
        except Exception:
            log.exception("the flow of a contact could not go on; it is tried again")
            self._unfinished.add(contact)
        finally:
            self._again.discard(contact)
            self._tasks.pop(contact, None)

    async def _go_on(self, contact: str) -> None:
        """Up to where the flow waits for the customer, or for something else, or is over."""
        await self._say_last_words(contact)
        before = None
        while (prompt := self._prompt(contact)) is not None and prompt.turn != before:
            before = prompt.turn
            await self._bring(contact, prompt)

    def _prompt(self, contact: str) -> FlowPrompt | None:
        if not self._stage.in_flow(contact):
            self.forget(contact)
            return None
        if self._stage.opening(contact):
            return None
        prompt = self._flows.prompt(contact)
        if prompt is None:
            self._unfinished.add(contact)  # on its way into the flow, or out of it
        return prompt

    async def _bring(self, contact: str, prompt: FlowPrompt) -> None:
        asked = self._asked.get(contact)
        if asked is None or asked.prompt.turn != prompt.turn:
            lines = await self._say(contact, prompt)
            silent_at = self._clock.now() + prompts.patience(prompt)
            asked = self._asked[contact] = _Asked(prompt, lines, silent_at)
        if prompt.kind == "play":
            await self._flows.heard(contact, prompt.turn)
        elif self._clock.now() >= asked.silent_at:
            asked.silent_at = self._clock.now() + prompts.patience(prompt)
            if prompts.asks(prompt):
                await self._flows.silence(contact, prompt.turn)
        self.look(contact)

    async def _say(self, contact: str, prompt: FlowPrompt) -> tuple[str, ...]:
        texts = self._stage.said(prompt)
        ids = [prompts.line_id(prompt.turn, number) for number in range(len(texts))]
        return await self._post(contact, ids, texts)

    async def _say_last_words(self, contact: str) -> None:
        """Into the thread of who goes on to a queue; what has ended closes with them."""
        turn, last = self._last_words.get(contact, (0, ()))
        texts = prompts.said(last)
        ids = [prompts.last_line_id(turn, number) for number in range(len(texts))]
        await self._post(contact, ids, texts)
        self._last_words.pop(contact, None)

    async def _post(
        self, contact: str, ids: Sequence[str], texts: Sequence[str]
    ) -> tuple[str, ...]:
        """The ids of the lines that are in the thread now."""
        posted = []
        for line, text in zip(ids, texts, strict=True):
            live = self._replica.state.contacts.get(contact)
            if live is None:
                break
            known = any(message.id == line for message in live.messages)
            if known or await self._posted(contact, line, text, len(live.messages)):
                posted.append(line)
        return tuple(posted)

    async def _posted(self, contact: str, line: str, text: str, length: int) -> bool:
        if length >= MOST_LINES:
            return False
        command = PostMessage(
            id=f"{contact}/{self._stage.name}/{line}",
            by=self._stage.name,
            contact=contact,
            message=line,
            author="system",
            text=text,
        )
        return not isinstance(await self._sink.submit(command), Rejected)
